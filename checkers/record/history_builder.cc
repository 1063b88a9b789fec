#include <sys/mman.h>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/assert.h"
#include "base/digest.h"
#include "checkers/record/history.h"

namespace tidemark::checkers {
namespace {

struct HashValue {
  using is_avalanching = void;
  std::size_t operator()(Value value) const {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(static_cast<std::uint64_t>(value.code())) * 0x9e3779b97f4a7c15ULL;
    return static_cast<std::size_t>(product) ^ static_cast<std::size_t>(product >> 64);
  }
};

struct HashText {
  using is_avalanching = void;
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return hash_name(text); }
};

struct SameText {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const { return a == b; }
};

constexpr std::uint64_t kMostElements = (1U << 24) - 1;

}  // namespace

struct HistoryBuilder::Tables {
  boost::unordered_flat_map<Value, std::uint32_t, HashValue> keys;
  boost::unordered_flat_map<Value, std::uint32_t, HashValue> sessions;
  boost::unordered_flat_map<std::string, std::uint32_t, HashText, SameText> texts;
  bool begun = false;
  bool times = false;
  bool regions = false;
  std::size_t elements_before = 0;  // of the transaction that was begun
};

HistoryBuilder::HistoryBuilder() : tables_(std::make_unique<Tables>()) {}
HistoryBuilder::~HistoryBuilder() = default;
HistoryBuilder::HistoryBuilder(HistoryBuilder&&) noexcept = default;

namespace {

/// Tables of a large history are filled from front to back: with large pages they cost a tenth of the page faults.
template <typename Element>
void use_large_pages(std::vector<Element>& table) {
#ifdef MADV_HUGEPAGE
  constexpr std::uintptr_t kPage = std::uintptr_t{2} << 20;
  const auto begin = reinterpret_cast<std::uintptr_t>(table.data());
  const std::uintptr_t first = (begin + kPage - 1) / kPage * kPage;
  const std::uintptr_t last = (begin + table.capacity() * sizeof(Element)) / kPage * kPage;
  if (first < last) ::madvise(reinterpret_cast<char*>(table.data()) + (first - begin), last - first, MADV_HUGEPAGE);
#endif
}

}  // namespace

void HistoryBuilder::expect(std::size_t done, std::size_t all) {
  TIDEMARK_ASSERT(done > 0);
  const auto make_room = [&](auto& table) {
    const auto factor = static_cast<double>(all) / static_cast<double>(done) * 1.03;  // a little too much costs nothing
    table.reserve(static_cast<std::size_t>(static_cast<double>(table.size()) * factor) + 1024);
    use_large_pages(table);
  };
  make_room(history_.transactions_);
  make_room(history_.events_);
  make_room(history_.elements_);
  make_room(history_.times_);
  make_room(history_.regions_);
}

Value HistoryBuilder::integer(std::int64_t number) {
  return Value::fits(number) ? Value::integer(number) : text(std::to_string(number));
}

Value HistoryBuilder::text(std::string_view text) {
  const auto found = tables_->texts.find(text);
  if (found != tables_->texts.end()) return Value::text(found->second);
  const auto id = static_cast<std::uint32_t>(history_.texts_.size());
  history_.texts_.emplace_back(text);
  tables_->texts.emplace(std::string(text), id);
  return Value::text(id);
}

std::uint32_t HistoryBuilder::key(Value name) {
  const auto [place, added] = tables_->keys.try_emplace(name, history_.keys());
  if (added) history_.key_names_.push_back(name);
  return place->second;
}

std::uint32_t HistoryBuilder::session(Value name) {
  const auto [place, added] = tables_->sessions.try_emplace(name, history_.sessions());
  if (added) history_.session_names_.push_back(name);
  return place->second;
}

void HistoryBuilder::begin(std::uint32_t session) {
  TIDEMARK_ASSERT(!tables_->begun && session < history_.sessions(), "begin() after finish(), with a known session");
  tables_->begun = true;
  tables_->elements_before = history_.elements_.size();
  Txn txn;
  txn.session = session;
  txn.first_event = static_cast<std::uint32_t>(history_.events_.size());
  history_.transactions_.push_back(txn);
}

void HistoryBuilder::event(EventKind kind, std::uint32_t key, Value value, std::int64_t version) {
  TIDEMARK_ASSERT(version >= -1);
  Event event;
  event.kind = kind;
  event.key = key;
  event.value = value;
  event.other = static_cast<std::uint64_t>(version + 1);
  history_.kinds_ |= bit(kind);
  history_.events_.push_back(event);
}

void HistoryBuilder::unknown_read(EventKind kind, std::uint32_t key) {
  event(kind, key, Value{});
  history_.events_.back().known = false;
}

bool HistoryBuilder::read_elements(EventKind kind, std::uint32_t key, std::span<const Value> elements) {
  if (elements.size() > kMostElements) return false;
  event(kind, key, Value{});
  history_.events_.back().other = static_cast<std::uint64_t>(history_.elements_.size()) << 24 | elements.size();
  history_.elements_.insert(history_.elements_.end(), elements.begin(), elements.end());
  return true;
}

void HistoryBuilder::cas(std::uint32_t key, Value expected, Value value) {
  event(EventKind::kCas, key, value);
  history_.events_.back().other = history_.elements_.size();
  history_.elements_.push_back(expected);
}

void HistoryBuilder::transfer(std::uint32_t from, std::uint32_t to, Value amount) {
  event(EventKind::kTransfer, from, amount);
  history_.events_.back().other = to;
}

void HistoryBuilder::abandon() {
  TIDEMARK_ASSERT(tables_->begun, "abandon() after begin()");
  tables_->begun = false;
  history_.events_.resize(history_.transactions_.back().first_event);
  history_.elements_.resize(tables_->elements_before);
  history_.transactions_.pop_back();
}

void HistoryBuilder::finish(const End& end) {
  TIDEMARK_ASSERT(tables_->begun, "finish() after begin()");
  tables_->begun = false;
  Txn& txn = history_.transactions_.back();
  txn.event_count = static_cast<std::uint32_t>(history_.events_.size()) - txn.first_event;
  for (const Event& event : history_.events(txn)) txn.has_write = txn.has_write || event.is_write();
  txn.outcome = end.outcome;
  txn.line = end.line;
  txn.index = end.index == kNever ? static_cast<std::uint32_t>(history_.transactions_.size() - 1) : end.index;
  txn.call = end.call;
  txn.ret = end.outcome == Outcome::kInfo ? kNever : end.ret;
  history_.times_.push_back(end.times);
  history_.regions_.push_back(end.region);
  tables_->times = tables_->times || end.times.invoke_ns >= 0;
  tables_->regions = tables_->regions || end.region != kNever;
}

History HistoryBuilder::build(bool real_time) {
  TIDEMARK_ASSERT(!tables_->begun, "build() after finish()");
  if (!tables_->times) history_.times_.clear();
  if (!tables_->regions) history_.regions_.clear();
  history_.has_real_time_ = real_time;
  history_.find_chains();
  History built = std::move(history_);
  history_ = History{};
  tables_ = std::make_unique<Tables>();
  return built;
}

}  // namespace tidemark::checkers
