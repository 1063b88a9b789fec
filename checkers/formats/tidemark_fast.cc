// The scanner for lines exactly as HistoryFormatter makes them. It decides nothing that HistoryReader decides
// otherwise: whatever it does not know, it leaves to that.
#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include <simdjson.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstring>

#include "checkers/formats/tidemark.h"
#include "checkers/formats/tidemark_sink.h"

namespace tidemark::checkers {
namespace {

constexpr std::int64_t kMostTime = std::int64_t{1} << 62;
constexpr std::ptrdiff_t kProjectAfter = 1 << 20;  // bytes
constexpr std::ptrdiff_t kCheckAtOnce = 256 << 10;
constexpr std::int64_t kFewProcesses = 1 << 16;
constexpr unsigned kMostDigits = 18;
constexpr unsigned kMostMicroOps = 10000;

std::uint64_t word_at(const char* text) {
  std::uint64_t word = 0;
  std::memcpy(&word, text, sizeof word);
  return word;
}

/// Bytes of the run of plain characters of a JSON string at its beginning, at most kRun.
#ifdef __SSE2__
constexpr std::ptrdiff_t kRun = 16;

unsigned plain_run(const char* text) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i slash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  const int special = _mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, slash)));
  return static_cast<unsigned>(__builtin_ctz(static_cast<unsigned>(special) | 0x10000U));
}
#else
constexpr std::ptrdiff_t kRun = 1;

unsigned plain_run(const char* text) {
  return static_cast<unsigned char>(*text) >= 0x20 && *text != '"' && *text != '\\' ? 1 : 0;
}
#endif

/// Eight characters at a time, of a number known to the compiler, which calls memcmp otherwise.
template <std::size_t N>
bool same(const char* a, const char* b) {
  if constexpr (N >= 8) {
    std::uint64_t difference = 0;
    for (std::size_t i = 0; i + 8 <= N; i += 8) difference |= word_at(a + i) ^ word_at(b + i);
    if constexpr (N % 8 != 0) difference |= word_at(a + N - 8) ^ word_at(b + N - 8);
    return difference == 0;
  } else {
    return std::memcmp(a, b, N) == 0;
  }
}

/// Scans one line after the other; `at` never passes the zero bytes behind the text.
class Scanner {
 public:
  Scanner(const Source& source, ModelKind model, const char* from, ReadSummary& summary)
      : sink_(model, summary), model_(model), at_(from), end_(source.end()) {}

  /// False: not a line as our writer makes it, or a wrong one.
  bool lines();
  History build() { return sink_.build(); }

 private:
  template <std::size_t N>
  bool literal(const char (&text)[N]) {
    static_assert(N <= Source::kPadding);
    if (!same<N - 1>(at_, text)) return false;
    at_ += N - 1;
    return true;
  }
  template <std::size_t N>
  bool field(const char (&name)[N], std::int64_t& number) {
    return literal(name) && integer(number);
  }
  bool integer(std::int64_t& number);
  bool string(std::string_view& text);
  bool escape();
  bool check_utf8();
  std::int64_t& free_of(std::int64_t process);
  bool line();
  bool type();
  bool in_sequence(const TidemarkSink::Tail& tail, std::int64_t process);
  bool micro_ops();
  bool list_op();
  bool elements();
  bool register_op();
  bool orders_op();
  bool row(Value& value);
  bool rows();
  bool tail(TidemarkSink::Tail& tail);

  TidemarkSink sink_;
  ModelKind model_;
  const char* at_;
  const char* end_;
  Outcome outcome_ = Outcome::kOk;
  std::vector<Value> elements_;
  // The last whole table: rows that stand at the same place in the next one need not be understood again.
  std::string_view table_;
  std::vector<std::size_t> table_ends_;
  std::vector<Value> table_rows_;
  std::int64_t last_index_ = -1;
  std::int64_t last_complete_ = 0;
  std::vector<std::int64_t> few_free_ns_;                          // by process, of small numbers
  boost::unordered_flat_map<std::int64_t, std::int64_t> free_ns_;  // of the others
  const char* checked_ = nullptr;                                  // UTF-8 up to here
};

inline bool Scanner::integer(std::int64_t& number) {
  const bool minus = *at_ == '-';
  const char* first = at_ + (minus ? 1 : 0);
  const char* at = first;
  std::uint64_t value = 0;  // of too many digits: something
  for (unsigned digit = 0; (digit = static_cast<unsigned char>(*at) - unsigned{'0'}) <= 9; ++at)
    value = value * 10 + digit;
  at_ = at;
  const auto digits = static_cast<std::size_t>(at - first);
  if (digits == 0 || digits > kMostDigits || (*first == '0' && (digits > 1 || minus))) return false;
  number = minus ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
  return true;
}

/// After the opening quote; `text` is as it is written, with its escapes.
bool Scanner::string(std::string_view& text) {
  const char* first = at_;
  for (;;) {
    unsigned run = 0;  // the padding is long enough for the last one, and its zeros end it
    do {
      run = plain_run(at_);
      at_ += run;
    } while (run == kRun);
    if (*at_ == '"') break;
    if (*at_ != '\\' || !escape()) return false;
  }
  text = {first, static_cast<std::size_t>(at_ - first)};
  ++at_;
  return true;
}

/// \" \\ and \u00XX, but for \u0000: what the writer makes.
bool Scanner::escape() {
  if (at_[1] == '"' || at_[1] == '\\') {
    at_ += 2;
    return true;
  }
  const bool lower = (at_[5] >= '0' && at_[5] <= '9') || (at_[5] >= 'a' && at_[5] <= 'f');
  if (std::memcmp(at_, "\\u00", 4) != 0 || (at_[4] != '0' && at_[4] != '1') || !lower) return false;
  if (at_[4] == '0' && at_[5] == '0') return false;
  at_ += 6;
  return true;
}

bool Scanner::type() {
  if (literal("ok\"")) {
    outcome_ = Outcome::kOk;
  } else if (literal("info\"")) {
    outcome_ = Outcome::kInfo;
  } else if (literal("fail\"")) {
    outcome_ = Outcome::kFail;
  } else {
    return false;
  }
  return true;
}

bool Scanner::lines() {
  const char* begin = at_;
  bool projected = false;
  while (at_ < end_) {
    const char* first = at_;
    if (at_ >= checked_ && !check_utf8()) return false;
    if (!projected && at_ - begin >= kProjectAfter) {
      sink_.builder().expect(static_cast<std::size_t>(at_ - begin), static_cast<std::size_t>(end_ - begin));
      projected = true;
    }
    if (sink_.operations() + 3 >= kNever || !line()) return false;
    if (static_cast<std::size_t>(at_ - first) > kMaxLineBytes) return false;
  }
  return true;
}

/// The next lines, so many that they are still at hand when they are scanned.
bool Scanner::check_utf8() {
  const char* stop = end_ - at_ > kCheckAtOnce ? at_ + kCheckAtOnce : end_;
  const void* newline = std::memchr(stop, '\n', static_cast<std::size_t>(end_ - stop));
  checked_ = newline == nullptr ? end_ : static_cast<const char*>(newline) + 1;
  return simdjson::validate_utf8(at_, static_cast<std::size_t>(checked_ - at_));
}

/// When the process has ended its last operation; -1 = it has none.
std::int64_t& Scanner::free_of(std::int64_t process) {
  if (process >= kFewProcesses) return free_ns_.try_emplace(process, -1).first->second;
  const auto slot = static_cast<std::size_t>(process);
  if (slot >= few_free_ns_.size()) few_free_ns_.resize(slot + 1, -1);
  return few_free_ns_[slot];
}

bool Scanner::line() {
  std::int64_t index = 0;
  std::int64_t session = 0;
  std::int64_t process = 0;
  std::string_view f;
  if (!field("{\"index\":", index) || !field(",\"session\":", session) || !field(",\"process\":", process))
    return false;
  if (index < 0 || session < 0 || session > UINT32_MAX || process < 0 || process > UINT32_MAX) return false;
  if (!literal(",\"type\":\"") || !type() || !literal(",\"f\":\"") || !string(f)) return false;
  if (!literal(",\"value\":[")) return false;
  sink_.begin(static_cast<std::uint32_t>(session));
  TidemarkSink::Tail told;
  if (!micro_ops() || !tail(told)) {
    sink_.builder().abandon();
    return false;
  }
  told.outcome = outcome_;
  told.index = static_cast<std::uint64_t>(index);
  if (!in_sequence(told, process)) {
    sink_.builder().abandon();
    return false;
  }
  sink_.end(told);
  return true;
}

/// The rules of HistoryReader about neighbouring lines.
bool Scanner::in_sequence(const TidemarkSink::Tail& tail, std::int64_t process) {
  const auto index = static_cast<std::int64_t>(tail.index);
  const bool fine = index > last_index_ && tail.invoke_ns >= 0 && tail.invoke_ns <= tail.complete_ns &&
                    tail.complete_ns <= kMostTime && tail.complete_ns >= last_complete_;
  if (!fine) return false;
  std::int64_t& free = free_of(process);
  if (tail.invoke_ns < free) return false;
  free = tail.complete_ns;
  last_index_ = index;
  last_complete_ = tail.complete_ns;
  return true;
}

bool Scanner::tail(TidemarkSink::Tail& tail) {
  std::string_view ignored;
  if (!field(",\"invoke_ns\":", tail.invoke_ns) || !field(",\"complete_ns\":", tail.complete_ns)) return false;
  if (!literal(",\"bookmark_in\":\"") || !string(ignored)) return false;
  if (!literal(",\"bookmark_out\":\"") || !string(ignored)) return false;
  if (!literal(",\"served_by_region\":\"") || !string(tail.region)) return false;
  if (tail.region.find('\\') != std::string_view::npos) return false;
  if (!literal(",\"served_by_primary\":true") && !literal(",\"served_by_primary\":false")) return false;
  if (outcome_ != Outcome::kOk && (!literal(",\"error\":\"") || !string(ignored))) return false;
  return literal("}\n");
}

bool Scanner::micro_ops() {
  if (literal("]")) return true;
  for (unsigned count = 0; count < kMostMicroOps; ++count) {
    const bool fine = model_ == ModelKind::kAppend     ? list_op()
                      : model_ == ModelKind::kRegister ? register_op()
                                                       : orders_op();
    if (!fine) return false;
    if (literal("]")) return true;
    if (!literal(",")) return false;
  }
  return false;
}

bool Scanner::list_op() {
  std::int64_t key = 0;
  std::int64_t element = 0;
  if (literal("[\"append\",")) {
    if (!integer(key) || !literal(",") || !integer(element) || !literal("]")) return false;
    sink_.append(key, element);
    return true;
  }
  if (!literal("[\"r\",") || !integer(key)) return false;
  if (outcome_ != Outcome::kOk) {
    if (!literal(",null]")) return false;
    sink_.unknown_list(key);
    return true;
  }
  if (!literal(",[") || !elements() || !literal("]")) return false;
  sink_.read_list(key, elements_);
  return true;
}

/// Up to the closing bracket of the list.
bool Scanner::elements() {
  elements_.clear();
  if (literal("]")) return true;
  for (;;) {
    std::int64_t element = 0;
    if (!integer(element)) return false;
    elements_.push_back(Value::integer(element));
    if (*at_ != ',') return literal("]");
    ++at_;
  }
}

bool Scanner::register_op() {
  std::int64_t key = 0;
  std::int64_t value = 0;
  std::int64_t version = 0;
  const bool write = literal("[\"w\",");
  if (!write && !literal("[\"r\",")) return false;
  if (!integer(key) || !literal(",")) return false;
  const bool known = write || outcome_ == Outcome::kOk;
  if (known ? !integer(value) : !literal("null")) return false;
  if (!literal(",null]") && (!field(",", version) || version < 0 || !literal("]"))) return false;
  if (write) {
    if (value == 0) return false;
    sink_.write(key, value);
  } else if (known) {
    sink_.read(key, value);
  } else {
    sink_.unknown_register(key);
  }
  return true;
}

bool Scanner::orders_op() {
  if (literal("[\"reset\"]")) {
    sink_.reset();
    return true;
  }
  if (literal("[\"list\",")) {
    if (outcome_ != Outcome::kOk) {
      if (!literal("null]")) return false;
      sink_.unknown_rows();
      return true;
    }
    if (!literal("[") || !rows() || !literal("]")) return false;
    sink_.list(table_rows_);
    return true;
  }
  std::string_view customer;
  std::string_view order;
  std::int64_t quantity = 0;
  if (!literal("[\"insert\",{\"customerId\":\"") || !string(customer)) return false;
  if (!literal(",\"orderId\":\"") || !string(order) || !field(",\"quantity\":", quantity)) return false;
  for (const std::string_view text : {customer, order})
    if (text.find('\\') != std::string_view::npos) return false;
  const bool ok = outcome_ == Outcome::kOk;
  if (ok && literal("},false]")) {
    sink_.found_there();
    return true;
  }
  if (ok ? !literal("},true]") : !literal("},null]")) return false;
  sink_.insert(sink_.row(customer, order, quantity));
  return true;
}

bool Scanner::row(Value& value) {
  std::string_view customer;
  std::string_view order;
  std::int64_t quantity = 0;
  if (!literal("[\"") || !string(customer) || !literal(",\"") || !string(order) || !field(",", quantity)) return false;
  for (const std::string_view text : {customer, order})
    if (text.find('\\') != std::string_view::npos) return false;
  value = sink_.row(customer, order, quantity);
  return literal("]");
}

/// The rows of a table up to its closing bracket, into table_rows_.
bool Scanner::rows() {
  const char* first = at_;
  const std::size_t limit = std::min(table_.size(), static_cast<std::size_t>(end_ - at_));
  const auto differs = std::mismatch(first, first + limit, table_.data()).first;
  const auto same = static_cast<std::size_t>(differs - first);
  std::size_t kept = table_ends_.size();
  while (kept > 0 && table_ends_[kept - 1] > same) --kept;
  table_ends_.resize(kept);
  table_rows_.resize(kept);
  if (kept > 0) at_ = first + table_ends_.back();
  bool more = kept == 0 ? *at_ != ']' : *at_ == ',';
  if (kept > 0 && more) ++at_;
  while (more) {
    Value value;
    if (!row(value)) return false;
    table_rows_.push_back(value);
    table_ends_.push_back(static_cast<std::size_t>(at_ - first));
    more = *at_ == ',';
    if (more) ++at_;
  }
  table_ = {first, static_cast<std::size_t>(at_ - first)};
  return literal("]");
}

}  // namespace

std::optional<History> read_tidemark_fast(const Source& source, ReadSummary& summary) {
  const std::string_view text = source.text();
  const std::size_t newline = text.find('\n');
  if (newline == std::string_view::npos || text.back() != '\n') return std::nullopt;
  const HistoryReader header(source.name(), text.substr(0, newline + 1));
  Scanner scanner(source, header.header().model, source.begin() + newline + 1, summary);
  if (!scanner.lines()) return std::nullopt;
  return scanner.build();
}

}  // namespace tidemark::checkers
