#include "checkers/history/operation_scanner.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "checkers/history/scan_bytes.h"

namespace tidemark::checkers {

namespace {

constexpr unsigned kMostMicroOps = 10000;
constexpr unsigned kNoHex = 1U << 16;
// A line whose order of keys is another one counts kChange, one with the same 1 the other way.
constexpr unsigned kChange = 4;
constexpr unsigned kUnsteady = 8;

unsigned hex(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? static_cast<unsigned>(lower - 'a') + 10 : kNoHex;
}

/// The four digits of \uXXXX; kNoHex or more when they are none. Does not look behind the first that is none.
unsigned code_unit(const char* digits) {
  unsigned code = 0;
  for (int i = 0; i < 4 && code < kNoHex; ++i) {
    const unsigned digit = hex(digits[i]);
    code = digit == kNoHex ? kNoHex : code * 16 + digit;
  }
  return code;
}

void put_utf8(unsigned code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

char plain_escape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

}  // namespace

void ScannedText::copy_to(std::string& out) const {
  if (!escaped) {
    out.assign(raw);
    return;
  }
  out.clear();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\') {
      out += raw[i];
    } else if (raw[++i] == 'u') {
      put_utf8(code_unit(raw.data() + i + 1), out);
      i += 4;
    } else {
      out += plain_escape(raw[i]);
    }
  }
}

inline void OperationScanner::skip_space() {
  while (*at_ == ' ' || *at_ == '\t' || *at_ == '\r') ++at_;
}

inline bool OperationScanner::eat(char c) {
  if (*at_ != c) {
    skip_space();
    if (*at_ != c) return false;
  }
  ++at_;
  return true;
}

/// Here, without white space before it.
template <std::size_t N>
inline bool OperationScanner::literal(const char (&text)[N]) {
  static_assert(N <= kScanAhead);
  if (!same_bytes<N - 1>(at_, text)) return false;
  at_ += N - 1;
  return true;
}

template <std::size_t N>
inline bool OperationScanner::word(const char (&text)[N]) {
  if (*at_ <= ' ') skip_space();
  return literal(text);
}

/// After its opening quote; `text` has the closing one.
template <std::size_t N>
inline bool OperationScanner::name(const char (&text)[N], Key key) {
  if (!literal(text) || (seen_ >> key & 1U) != 0) return false;
  seen_ |= 1U << key;
  if (key != line_keys::kError) order_ = order_ << 4 | key;  // g++ 12 fails on the short name here
  return eat(':');
}

bool OperationScanner::integer(std::int64_t& number) {
  if (*at_ <= ' ') skip_space();
  const char* behind = scan_integer(at_, number);
  if (behind == nullptr) return false;
  at_ = behind;
  return true;
}

/// From 0 to `high`.
template <typename Number>
inline bool OperationScanner::integer(Number& number, std::int64_t high) {
  std::int64_t read = 0;
  if (!integer(read) || read < 0 || read > high) return false;
  number = static_cast<Number>(read);
  return true;
}

bool OperationScanner::string(ScannedText& text) {
  if (!eat('"')) return false;
  const char* first = at_;
  text.escaped = false;
  for (;;) {
    at_ = next_stop<stops_of_text>(at_);  // the newline is one
    if (*at_ == '"') break;
    if (*at_ == '\\') {
      if (!escape()) return false;
      text.escaped = true;
    } else {
      if (static_cast<signed char>(*at_) >= 0) return false;
      non_ascii_ = true;
      while (static_cast<signed char>(*at_) < 0) ++at_;
    }
  }
  text.raw = {first, static_cast<std::size_t>(at_ - first)};
  ++at_;
  return true;
}

/// Every escape but \u0000, which no text of a history has, and halves of pairs of UTF-16.
bool OperationScanner::escape() {
  if (at_[1] != 'u') {
    const bool known = at_[1] != '\0' && std::strchr("\"\\/bfnrt", at_[1]) != nullptr;
    at_ += 2;
    return known;
  }
  const unsigned code = code_unit(at_ + 2);
  at_ += 6;
  return code != 0 && code < kNoHex && (code < 0xd800 || code > 0xdfff);
}

bool OperationScanner::text(std::string& out) {
  ScannedText read;
  if (!string(read)) return false;
  read.copy_to(out);
  return true;
}

bool OperationScanner::truth(bool& value) {
  if (word("true")) {
    value = true;
    return true;
  }
  value = false;
  return literal("false");
}

bool OperationScanner::type(Outcome& outcome) {
  if (!eat('"')) return false;
  if (literal("ok\"")) {
    outcome = Outcome::kOk;
  } else if (literal("info\"")) {
    outcome = Outcome::kInfo;
  } else if (literal("fail\"")) {
    outcome = Outcome::kFail;
  } else {
    return false;
  }
  return true;
}

const char* OperationScanner::scan(const char* at, MicroOpSink& sink, ScannedLine& line) {
  at_ = at;
  seen_ = 0;
  order_ = 0;
  non_ascii_ = insert_known_ = result_open_ = false;
  line.error.raw = {};
  line.error.escaped = false;
  bool fine = eat('{') && (unsteady_ < kUnsteady ? fields(sink, line) : any_order(sink, line)) && complete(line);
  if (fine) skip_space();
  fine = fine && *at_ == '\n';
  if (fine && non_ascii_) fine = simdjson::validate_utf8(at, static_cast<std::size_t>(at_ - at));
  if (fine) {
    note_order();
    return at_;
  }
  table_ends_.clear();  // the sink may not have got that table
  return nullptr;
}

bool OperationScanner::fields(MicroOpSink& sink, ScannedLine& line) {
  for (;;) {
    if (!eat('"') || !field(sink, line)) return false;
    if (!eat(',')) break;
  }
  return eat('}');
}

/// Mostly every line has the order of the one before, and the processor guesses it.
void OperationScanner::note_order() {
  if (order_ != last_order_) {
    last_order_ = order_;
    unsteady_ = std::min(unsteady_ + kChange, 2 * kUnsteady);
  } else if (unsteady_ > 0) {
    --unsteady_;
  }
}

bool OperationScanner::field(MicroOpSink& sink, ScannedLine& line) {
  switch (*at_) {
    case 'i':
      if (at_[2] == 'd') return name("index\"", kIndex) && integer(line.index, line_keys::kMostTime);
      return name("invoke_ns\"", kInvoke) && integer(line.invoke_ns, line_keys::kMostTime);
    case 's':
      if (at_[2] == 's') return name("session\"", kSession) && integer(line.session, UINT32_MAX);
      if (at_[10] == 'r') return name("served_by_region\"", kRegion) && string(line.served_by_region);
      return name("served_by_primary\"", kPrimary) && truth(line.served_by_primary);
    case 'p':
      return name("process\"", kProcess) && integer(line.process, UINT32_MAX);
    case 't':
      return name("type\"", kType) && type(line.outcome);
    case 'f':
      return name("f\"", kF) && string(line.f);
    case 'v':
      return name("value\"", kValue) && value(sink, line);
    case 'c':
      return name("complete_ns\"", kComplete) && integer(line.complete_ns, line_keys::kMostTime);
    case 'b':
      if (at_[9] == 'i') return name("bookmark_in\"", kBookmarkIn) && string(line.bookmark_in);
      return name("bookmark_out\"", kBookmarkOut) && string(line.bookmark_out);
    case 'e':
      return name("error\"", kError) && string(line.error);
    default:
      return false;
  }
}

/// The rules of StrictLine about a line as a whole.
bool OperationScanner::complete(const ScannedLine& line) const {
  const bool ok = line.outcome == Outcome::kOk;
  if (seen_ != (ok ? line_keys::kRequired : line_keys::kRequired | 1U << kError)) return false;
  return line.session == value_of_ && (ok ? !result_open_ : !insert_known_);
}

/// The sink must know the session first.
bool OperationScanner::value(MicroOpSink& sink, const ScannedLine& line) {
  value_of_ = line.session;
  if ((seen_ >> kSession & 1U) == 0 && !session_ahead(value_of_)) return false;
  sink.begin(value_of_);
  return micro_ops(sink);
}

/// What the key says that stands behind. Refused where the word stands for something else before it.
bool OperationScanner::session_ahead(std::uint32_t& session) {
  const char* here = at_;
  for (at_ = next_stop<stops_of_session>(at_); !literal("\"session\""); at_ = next_stop<stops_of_session>(at_ + 1))
    if (*at_ == '\n') return false;
  const bool fine = eat(':') && integer(session, UINT32_MAX);
  at_ = here;
  return fine;
}

bool OperationScanner::micro_ops(MicroOpSink& sink) {
  if (!eat('[')) return false;
  if (eat(']')) return true;
  for (unsigned count = 0; count < kMostMicroOps; ++count) {
    if (!eat('[')) return false;
    const bool fine = model_ == ModelKind::kAppend     ? list_op(sink)
                      : model_ == ModelKind::kRegister ? register_op(sink)
                                                       : orders_op(sink);
    if (!fine || !eat(']')) return false;
    if (!eat(',')) return eat(']');
  }
  return false;
}

/// Here and below: from behind the opening bracket up to the closing one.
bool OperationScanner::list_op(MicroOpSink& sink) {
  std::int64_t key = 0;
  std::int64_t element = 0;
  if (word("\"append\"")) {
    if (!eat(',') || !integer(key) || !eat(',') || !integer(element)) return false;
    sink.append(key, element);
    return true;
  }
  if (!literal("\"r\"") || !eat(',') || !integer(key) || !eat(',')) return false;
  if (eat('[')) {
    if (!elements()) return false;
    sink.read_list(key, elements_);
    return true;
  }
  result_open_ = true;
  if (!word("null")) return false;
  sink.unknown_list(key);
  return true;
}

/// With the closing bracket of the list.
bool OperationScanner::elements() {
  elements_.clear();
  if (eat(']')) return true;
  for (;;) {
    std::int64_t element = 0;
    const char* behind = scan_integer(at_, element);
    if (behind == nullptr) {
      if (!integer(element)) return false;  // white space before it
    } else {
      at_ = behind;
    }
    elements_.push_back(element);
    if (*at_ == ',') {
      ++at_;
    } else if (!eat(',')) {
      return eat(']');
    }
  }
}

bool OperationScanner::register_op(MicroOpSink& sink) {
  std::int64_t key = 0;
  std::int64_t value = 0;
  std::int64_t version = -1;
  const bool write = word("\"w\"");
  if (!write && !literal("\"r\"")) return false;
  if (!eat(',') || !integer(key) || !eat(',')) return false;
  const bool known = write || !word("null");
  if (known && !integer(value)) return false;
  if (!eat(',')) return false;
  if (!word("null") && !integer(version, line_keys::kMostTime)) return false;
  result_open_ = result_open_ || !known;
  if (write) {
    sink.write(key, value, version);
  } else if (known) {
    sink.read(key, value, version);
  } else {
    sink.unknown_read(key, version);
  }
  return true;
}

bool OperationScanner::orders_op(MicroOpSink& sink) {
  if (word("\"insert\"")) return eat(',') && insert_op(sink);
  if (literal("\"reset\"")) {
    sink.reset();
    return true;
  }
  if (!literal("\"list\"") || !eat(',')) return false;
  if (eat('[')) {
    std::size_t same = 0;
    if (!rows(same)) return false;
    sink.list(rows_, same);
    return true;
  }
  result_open_ = true;
  if (!word("null")) return false;
  sink.unknown_rows();
  return true;
}

bool OperationScanner::insert_op(MicroOpSink& sink) {
  if (!eat('{') || !insert_row() || !eat('}') || !eat(',')) return false;
  if (word("null")) {
    result_open_ = true;
    sink.insert(inserted_, MicroOpSink::Inserted::kUnknown);
    return true;
  }
  bool inserted = false;
  if (!truth(inserted)) return false;
  insert_known_ = true;
  sink.insert(inserted_, inserted ? MicroOpSink::Inserted::kYes : MicroOpSink::Inserted::kNo);
  return true;
}

bool OperationScanner::insert_row() {
  unsigned seen = 0;
  do {
    unsigned bit = 0;
    if (!eat('"')) return false;
    if (literal("customerId\"")) {
      bit = 1;
      if (!eat(':') || !text(inserted_.customer)) return false;
    } else if (literal("orderId\"")) {
      bit = 2;
      if (!eat(':') || !text(inserted_.order)) return false;
    } else {
      bit = 4;
      if (!literal("quantity\"") || !eat(':') || !integer(inserted_.quantity)) return false;
    }
    if ((seen & bit) != 0) return false;
    seen |= bit;
  } while (eat(','));
  return seen == 7;
}

bool OperationScanner::row(OrderRow& row) {
  return eat('[') && text(row.customer) && eat(',') && text(row.order) && eat(',') && integer(row.quantity) && eat(']');
}

/// With the closing bracket of the table, into rows_. The newline is a byte that no table has: the text of the last one
/// cannot be the same beyond it.
bool OperationScanner::rows(std::size_t& same) {
  const char* first = at_;
  const std::size_t bytes = common_prefix(first, table_.data(), table_.size());
  same = table_ends_.size();
  while (same > 0 && table_ends_[same - 1] > bytes) --same;
  table_ends_.resize(same);
  if (same > 0) at_ = first + table_ends_.back();
  bool more = same == 0 ? !eat(']') : eat(',');
  std::size_t count = same;
  if (!more && same > 0 && !eat(']')) return false;
  while (more) {
    if (count == rows_.size()) rows_.emplace_back();
    if (!row(rows_[count])) return false;
    ++count;
    table_ends_.push_back(static_cast<std::size_t>(at_ - first));
    more = eat(',');
    if (!more && !eat(']')) return false;
  }
  rows_.resize(count);
  table_.resize(bytes);
  table_.append(first + bytes, at_);
  return true;
}

}  // namespace tidemark::checkers
