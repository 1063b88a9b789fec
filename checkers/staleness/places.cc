#include "checkers/staleness/places.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace tidemark::checkers::staleness {
namespace {

struct Put {
  Value value;
  std::uint32_t event;
};

/// The events of one key, in the order of the history.
class KeyPlaces {
 public:
  KeyPlaces(const History& history, const std::vector<std::uint32_t>& owners, std::span<const std::int64_t> versions,
            std::span<const std::uint32_t> events, std::vector<std::uint32_t>& places)
      : history_(history), owners_(owners), versions_(versions), events_(events), places_(places) {}

  void run() {
    bool lists = false;
    bool sets = false;
    bool registers = false;
    for (const std::uint32_t event : events_) {
      const EventKind kind = at(event).kind;
      lists = lists || kind == EventKind::kAppend || kind == EventKind::kReadList;
      sets = sets || kind == EventKind::kAdd || kind == EventKind::kReadSet;
      registers = registers || kind == EventKind::kWrite || kind == EventKind::kRead || kind == EventKind::kCas;
      cleared_ = cleared_ || kind == EventKind::kClear;
    }
    if (lists + sets + registers != 1) return;
    if (registers) {
      cleared_ ? void() : place_registers();
    } else {
      gather_puts();
      lists ? place_lists() : place_sets();
    }
  }

 private:
  const Event& at(std::uint32_t event) const { return history_.events()[event]; }
  const Txn& owner(std::uint32_t event) const { return history_.transactions()[owners_[event]]; }
  bool is_known_read(std::uint32_t event) const {
    return at(event).is_read() && at(event).known && owner(event).outcome == Outcome::kOk;
  }

  void gather_puts() {
    for (const std::uint32_t event : events_) {
      const bool puts = at(event).kind == EventKind::kAppend || at(event).kind == EventKind::kAdd;
      if (puts && owner(event).outcome != Outcome::kFail) puts_.push_back({at(event).value, event});
    }
    std::sort(puts_.begin(), puts_.end(),
              [](const Put& a, const Put& b) { return std::tie(a.value, a.event) < std::tie(b.value, b.event); });
  }

  /// The number of the only put of this value, or kUnknown.
  std::uint32_t put_of(Value value) const {
    const auto found = std::lower_bound(puts_.begin(), puts_.end(), value,
                                        [](const Put& put, Value wanted) { return put.value < wanted; });
    if (found == puts_.end() || found->value != value) return kUnknown;
    if (found + 1 != puts_.end() && (found + 1)->value == value) return kUnknown;
    return static_cast<std::uint32_t>(found - puts_.begin());
  }

  // --- lists: the values that occur together in reads are of one life of the key, between two clearings --------------

  std::uint32_t root(std::uint32_t put) {
    while (lives_[put] != put) put = lives_[put] = lives_[lives_[put]];
    return put;
  }

  void place_lists() {
    lives_.resize(puts_.size());
    std::iota(lives_.begin(), lives_.end(), 0U);
    std::vector<std::uint32_t> reads;
    for (const std::uint32_t event : events_) {
      if (is_known_read(event)) reads.push_back(event);
    }
    for (const std::uint32_t read : reads) join(history_.elements(at(read)));
    order_lives(reads);
    for (const std::uint32_t read : reads) place_list_read(read);
  }

  void join(std::span<const Value> elements) {
    std::uint32_t first = kUnknown;
    for (const Value value : elements) {
      const std::uint32_t put = put_of(value);
      if (put == kUnknown) continue;
      if (first == kUnknown) first = root(put);
      lives_[root(put)] = first;
    }
  }

  /// Each life by its longest read; lives by the first acknowledgement in them.
  void order_lives(const std::vector<std::uint32_t>& reads) {
    std::vector<std::uint32_t> longest(puts_.size(), kUnknown);  // by root
    for (const std::uint32_t read : reads) {
      const std::uint32_t life = life_of(history_.elements(at(read)));
      if (life == kUnknown) continue;
      const bool longer =
          longest[life] == kUnknown || history_.elements(at(read)).size() > history_.elements(at(longest[life])).size();
      if (longer) longest[life] = read;
    }
    std::vector<std::pair<std::uint32_t, std::uint32_t>> lives;  // the first put in the history, root
    std::vector<std::uint32_t> first(puts_.size(), kUnknown);
    for (std::uint32_t put = 0; put < puts_.size(); ++put)
      first[root(put)] = std::min(first[root(put)], puts_[put].event);
    for (std::uint32_t put = 0; put < puts_.size(); ++put) {
      if (longest[put] != kUnknown) lives.emplace_back(first[put], put);
    }
    std::sort(lives.begin(), lives.end());
    std::uint32_t place = 0;
    for (const auto& life : lives) {
      for (const Value value : history_.elements(at(longest[life.second]))) {
        const std::uint32_t put = put_of(value);
        if (put != kUnknown) places_[puts_[put].event] = ++place;
      }
    }
    // Nobody saw them: behind everything that was read, if the key has one life.
    for (const Put& put : puts_) {
      if (places_[put.event] == kUnknown && !cleared_ && lives.size() <= 1) places_[put.event] = kBehindAll;
    }
  }

  std::uint32_t life_of(std::span<const Value> elements) {
    for (const Value value : elements) {
      const std::uint32_t put = put_of(value);
      if (put != kUnknown) return root(put);
    }
    return kUnknown;
  }

  void place_list_read(std::uint32_t read) {
    const std::span<const Value> elements = history_.elements(at(read));
    if (elements.empty()) {
      if (!cleared_) places_[read] = 0;
      return;
    }
    const std::uint32_t put = put_of(elements.back());
    if (put != kUnknown) places_[read] = places_[puts_[put].event];
    if (places_[read] == kBehindAll) places_[read] = kUnknown;  // it contradicts the longest read
  }

  // --- sets
  // -----------------------------------------------------------------------------------------------------------

  void place_sets() {
    if (cleared_) return;
    std::vector<std::uint32_t> reads;
    for (const std::uint32_t event : events_) {
      if (is_known_read(event)) reads.push_back(event);
    }
    std::stable_sort(reads.begin(), reads.end(), [this](std::uint32_t a, std::uint32_t b) {
      return history_.elements(at(a)).size() < history_.elements(at(b)).size();
    });
    std::uint32_t level = 0;
    std::size_t size = 0;
    for (const std::uint32_t read : reads) {
      const std::span<const Value> elements = history_.elements(at(read));
      if (elements.size() > size) {
        size = elements.size();
        ++level;
      }
      places_[read] = level;
      for (const Value value : elements) {
        const std::uint32_t put = put_of(value);
        if (put != kUnknown && places_[puts_[put].event] == kUnknown) places_[puts_[put].event] = level;
      }
    }
    for (const Put& put : puts_) {
      if (places_[put.event] == kUnknown) places_[put.event] = kBehindAll;
    }
  }

  // --- registers
  // ------------------------------------------------------------------------------------------------------

  void place_registers() {
    if (place_by_versions()) return;
    std::vector<Put> order = chain();
    if (order.empty()) order = of_one_session();
    std::uint32_t place = 0;
    for (const Put& write : order) places_[write.event] = ++place;
    std::sort(order.begin(), order.end(),
              [](const Put& a, const Put& b) { return std::tie(a.value, a.event) < std::tie(b.value, b.event); });
    for (const std::uint32_t event : events_) {
      if (!is_known_read(event) || (order.empty() && has_writes())) continue;
      if (at(event).value.is_nil()) {
        places_[event] = 0;
        continue;
      }
      const auto found = std::lower_bound(order.begin(), order.end(), at(event).value,
                                          [](const Put& put, Value wanted) { return put.value < wanted; });
      const bool once = found != order.end() && found->value == at(event).value &&
                        (found + 1 == order.end() || (found + 1)->value != found->value);
      if (once) places_[event] = places_[found->event];
    }
  }

  bool place_by_versions() {
    if (versions_.empty()) return false;
    bool any = false;
    for (const std::uint32_t event : events_) {
      const bool counts = at(event).is_write() ? owner(event).outcome != Outcome::kFail : is_known_read(event);
      if (!counts || versions_[event] < 0) continue;
      places_[event] = static_cast<std::uint32_t>(std::min<std::int64_t>(versions_[event], kBehindAll - 1));
      any = true;
    }
    return any;
  }

  bool has_writes() const {
    return std::any_of(events_.begin(), events_.end(), [this](std::uint32_t event) {
      return at(event).is_write() && owner(event).outcome != Outcome::kFail;
    });
  }

  /// The writes, if each was made on what the one before it left: by a transaction that read it, or by a comparison.
  std::vector<Put> chain() const {
    std::vector<std::pair<Value, Put>> links;  // what was found, what was written
    for (std::size_t i = 0; i < events_.size(); ++i) {
      const std::uint32_t event = events_[i];
      if (at(event).is_read() || owner(event).outcome == Outcome::kFail) continue;
      Value before;
      if (at(event).kind == EventKind::kCas) {
        before = history_.expected(at(event));
      } else if (i > 0 && owners_[events_[i - 1]] == owners_[event]) {
        before = at(events_[i - 1]).value;  // a read or a write of the same transaction
        if (at(events_[i - 1]).is_read() && !at(events_[i - 1]).known) return {};
      } else {
        return {};
      }
      links.emplace_back(before, Put{at(event).value, event});
    }
    const auto by_before = [](const auto& a, const auto& b) { return a.first < b.first; };
    std::sort(links.begin(), links.end(), by_before);
    const auto twice =
        std::adjacent_find(links.begin(), links.end(), [](const auto& a, const auto& b) { return a.first == b.first; });
    if (twice != links.end()) return {};
    std::vector<Put> order;
    for (Value now; order.size() < links.size(); now = order.back().value) {
      const auto next = std::lower_bound(links.begin(), links.end(), std::pair<Value, Put>{now, {}}, by_before);
      if (next == links.end() || next->first != now) return {};
      order.push_back(next->second);
    }
    return order;
  }

  std::vector<Put> of_one_session() const {
    std::vector<Put> order;
    std::uint32_t session = kUnknown;
    for (const std::uint32_t event : events_) {
      if (at(event).is_read() || owner(event).outcome == Outcome::kFail) continue;
      if (session != kUnknown && owner(event).session != session) return {};
      if (owner(event).outcome != Outcome::kOk) return {};
      session = owner(event).session;
      order.push_back({at(event).value, event});
    }
    return order;
  }

  const History& history_;
  const std::vector<std::uint32_t>& owners_;
  std::span<const std::int64_t> versions_;
  std::span<const std::uint32_t> events_;
  std::vector<std::uint32_t>& places_;
  bool cleared_ = false;
  std::vector<Put> puts_;             // by value
  std::vector<std::uint32_t> lives_;  // of each put: another one of its life
};

}  // namespace

std::vector<std::uint32_t> places_of(const History& history, std::span<const std::int64_t> versions) {
  const std::size_t count = history.events().size();
  std::vector<std::uint32_t> places(count, kUnknown);
  std::vector<std::uint32_t> owners(count);
  for (std::uint32_t i = 0; i < history.transactions().size(); ++i) {
    const Txn& txn = history.transactions()[i];
    std::fill_n(owners.begin() + txn.first_event, txn.event_count, i);
  }
  std::vector<std::uint32_t> starts(history.keys() + std::size_t{1}, 0);
  for (const Event& event : history.events()) ++starts[event.key + std::size_t{1}];
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  std::vector<std::uint32_t> by_key(count);
  std::vector<std::uint32_t> next(starts.begin(), starts.end() - 1);
  for (std::uint32_t event = 0; event < count; ++event) by_key[next[history.events()[event].key]++] = event;
  for (std::uint32_t key = 0; key < history.keys(); ++key) {
    const std::span<const std::uint32_t> events{by_key.data() + starts[key], starts[key + 1] - starts[key]};
    KeyPlaces(history, owners, versions, events, places).run();
  }
  return places;
}

}  // namespace tidemark::checkers::staleness
