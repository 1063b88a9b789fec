#include <cctype>

#include "checkers/formats/write/parts.h"

namespace tidemark::checkers {
namespace {

constexpr EventKinds kPlainOnly =
    bit(EventKind::kCas) | bit(EventKind::kAppendText) | bit(EventKind::kTransfer) | bit(EventKind::kReadBalance);
constexpr EventKinds kSingles =
    bit(EventKind::kAdd) | bit(EventKind::kReadSet) | bit(EventKind::kIncrement) | bit(EventKind::kReadCounter);
constexpr EventKinds kListsAndRegisters =
    bit(EventKind::kAppend) | bit(EventKind::kReadList) | bit(EventKind::kWrite) | bit(EventKind::kRead);

/// How the operations of a history are written.
struct Style {
  Style(const History& history, Format format);
  bool edn = true;
  bool plain = false;  // one event an operation, its function named after it; else transactions of micro-operations
  bool texts = false;  // put, append, get
  std::vector<bool> added;  // by key: something is added to it, and an increment may be called that
};

Style::Style(const History& history, Format format)
    : edn(format != Format::kJson), texts((history.kinds() & bit(EventKind::kAppendText)) != 0) {
  const EventKinds kinds = history.kinds();
  bool single = true;
  for (const Txn& txn : history.transactions()) single = single && txn.event_count <= 1;
  plain = (kinds & kPlainOnly) != 0 || ((kinds & kSingles) != 0 && (kinds & kListsAndRegisters) == 0 && single);
  added.resize(history.keys());
  for (const Event& event : history.events()) {
    if ((event.kind == EventKind::kReadCounter && event.known) || event.kind == EventKind::kAdd)
      added[event.key] = true;
  }
}

bool is_balance_read(const History& history, const Txn& txn) {
  if (txn.event_count == 0) return (history.kinds() & bit(EventKind::kReadBalance)) != 0;
  for (const Event& event : history.events(txn))
    if (event.kind != EventKind::kReadBalance || !event.known) return false;
  return true;
}

void check(const History& history, const Style& style, const Txn& txn) {
  for (const Event& event : history.events(txn))
    if (event.kind == EventKind::kClear) refuse(txn, "operation maps have no words for it: " + history.show(event));
  for (const Event& event : history.events(txn)) {
    if (!style.edn && event.kind == EventKind::kReadSet && !style.added[event.key])
      refuse(txn, "JSON cannot tell from a list a set that nobody adds to: " + history.show(event));
  }
  const bool ok = txn.outcome == Outcome::kOk;
  const Known known = ok ? reads_known(history, txn) : Known::kAll;
  if (known == Known::kSome || (known == Known::kNone && style.plain))
    refuse(txn, "it is ok, and what it read is unknown");
  if (!style.plain || is_balance_read(history, txn)) return;
  if (txn.event_count != 1) refuse(txn, "it has several operations, and others have none that a transaction can hold");
}

/// Puts values and maps together in one of the two syntaxes.
class MapWriter {
 public:
  MapWriter(const History& history, const Style& style) : history_(history), style_(style), sessions_(history) {}
  void record(const Txn& txn, std::size_t number, std::uint64_t index, bool end, std::string& out);

 private:
  void name(std::string_view key) {
    if (!first_) *out_ += style_.edn ? ", " : ",";
    first_ = false;
    *out_ += style_.edn ? ":" : "\"";
    *out_ += key;
    *out_ += style_.edn ? " " : "\":";
  }
  void word(std::string_view text) {
    *out_ += style_.edn ? ":" : "\"";
    *out_ += text;
    if (!style_.edn) *out_ += '"';
  }
  void number(std::int64_t value) { *out_ += std::to_string(value); }
  void string(std::string_view text);
  void value(Value value);
  void between() { *out_ += style_.edn ? ' ' : ','; }
  void elements(const Event& event);
  void micro(const Event& event, bool result);
  void transaction(const Txn& txn, bool result);
  void plain(const Txn& txn, bool result);
  void balances(const Txn& txn, bool result);
  void transfer(const Event& event);
  const char* function(const Event& event) const;
  static const char* only_key(const Event& event, bool texts);

  const History& history_;
  const Style& style_;
  SessionNumbers sessions_;
  std::string* out_ = nullptr;
  bool first_ = true;
};

void MapWriter::string(std::string_view text) {
  *out_ += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') *out_ += '\\';
    if (byte >= 0x20) {
      *out_ += c;
      continue;
    }
    constexpr char kHex[] = "0123456789abcdef";
    *out_ += "\\u00";
    *out_ += kHex[byte >> 4];
    *out_ += kHex[byte & 15];
  }
  *out_ += '"';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// An integer beyond what a Value holds, or a fraction, that both syntaxes write alike.
bool is_number(const std::string& text) {
  std::size_t i = text[0] == '-' ? 1 : 0;
  const std::size_t first = i;
  while (i < text.size() && is_digit(text[i])) ++i;
  if (i == first || (text[first] == '0' && i > first + 1)) return false;
  if (i == text.size()) return i - first > 18;
  if (text[i] != '.' || i + 1 == text.size()) return false;
  for (++i; i < text.size(); ++i)
    if (!is_digit(text[i])) return false;
  return true;
}

bool is_keyword(const std::string& text) {
  if (std::isalpha(static_cast<unsigned char>(text[0])) == 0) return false;
  for (const char c : text)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_' && c != '.') return false;
  return text != "nil" && text != "true" && text != "false";
}

void MapWriter::value(Value value) {
  if (value.is_nil()) {
    *out_ += style_.edn ? "nil" : "null";
  } else if (value.is_integer()) {
    number(value.number());
  } else {
    const std::string& text = history_.text(value);
    if (!text.empty() && is_number(text)) {
      *out_ += text;
    } else if (style_.edn && !style_.texts && !text.empty() && is_keyword(text)) {
      word(text);
    } else {
      string(text);
    }
  }
}

void MapWriter::elements(const Event& event) {
  const bool set = event.kind == EventKind::kReadSet && style_.edn;
  *out_ += set ? "#{" : "[";
  bool first = true;
  for (const Value element : history_.elements(event)) {
    if (!first) between();
    first = false;
    value(element);
  }
  *out_ += set ? '}' : ']';
}

void MapWriter::micro(const Event& event, bool result) {
  *out_ += '[';
  const bool increments = event.kind == EventKind::kIncrement;
  word(event.is_read()                          ? "r"
       : event.kind == EventKind::kWrite        ? "w"
       : event.kind == EventKind::kAppend       ? "append"
       : increments && !style_.added[event.key] ? "inc"
                                                : "add");
  between();
  value(history_.key_value(event.key));
  between();
  if (event.is_read() && (!result || !event.known)) {
    value(Value{});
  } else if (event.kind == EventKind::kReadList || event.kind == EventKind::kReadSet) {
    elements(event);
  } else {
    value(event.value);
  }
  *out_ += ']';
}

void MapWriter::transaction(const Txn& txn, bool result) {
  name("f");
  word("txn");
  if (result && reads_known(history_, txn) == Known::kNone) return;  // the invocation says what it did
  name("value");
  *out_ += '[';
  bool first = true;
  for (const Event& event : history_.events(txn)) {
    if (!first) between();
    first = false;
    micro(event, result);
  }
  *out_ += ']';
}

const char* MapWriter::function(const Event& event) const {
  switch (event.kind) {
    case EventKind::kAppend:
    case EventKind::kAppendText:
      return "append";
    case EventKind::kWrite:
      return style_.texts ? "put" : "write";
    case EventKind::kCas:
      return "cas";
    case EventKind::kAdd:
      return "add";
    case EventKind::kIncrement:
      return style_.added[event.key] ? "add" : "inc";
    case EventKind::kTransfer:
      return "transfer";
    default:
      return style_.texts ? "get" : "read";
  }
}

/// The key that the reader takes when none is named.
const char* MapWriter::only_key(const Event& event, bool texts) {
  switch (event.kind) {
    case EventKind::kAppend:
    case EventKind::kReadList:
      return "list";
    case EventKind::kAdd:
    case EventKind::kReadSet:
      return "set";
    case EventKind::kIncrement:
    case EventKind::kReadCounter:
      return "counter";
    default:
      return texts ? "text" : "register";
  }
}

void MapWriter::transfer(const Event& event) {
  name("value");
  *out_ += '{';
  first_ = true;
  name("from");
  value(history_.key_value(event.key));
  name("to");
  value(history_.key_value(static_cast<std::uint32_t>(event.other)));
  name("amount");
  value(event.value);
  *out_ += '}';
  first_ = false;
}

void MapWriter::balances(const Txn& txn, bool result) {
  name("f");
  word("read");
  if (!result) return;
  name("value");
  *out_ += '{';
  bool first = true;
  for (const Event& event : history_.events(txn)) {
    if (!first) *out_ += style_.edn ? ", " : ",";
    first = false;
    const Value account = history_.key_value(event.key);
    if (style_.edn) {
      value(account);
      *out_ += ' ';
    } else {
      string(account.is_integer() ? std::to_string(account.number()) : history_.text(account));
      *out_ += ':';
    }
    value(event.value);
  }
  *out_ += '}';
}

void MapWriter::plain(const Txn& txn, bool result) {
  if (is_balance_read(history_, txn)) return balances(txn, result);
  const Event& event = history_.events(txn).front();
  name("f");
  word(function(event));
  if (event.kind == EventKind::kTransfer) return transfer(event);
  const Value key = history_.key_value(event.key);
  const bool only = key.is_text() && history_.text(key) == only_key(event, style_.texts);
  if (!only) {
    name("key");
    value(key);
  }
  name("value");
  if (event.is_read() && (!result || !event.known)) {
    value(Value{});
  } else if (event.kind == EventKind::kReadList || event.kind == EventKind::kReadSet) {
    elements(event);
  } else if (event.kind == EventKind::kCas) {
    *out_ += '[';
    value(history_.expected(event));
    between();
    value(event.value);
    *out_ += ']';
  } else {
    value(event.value);
  }
}

void MapWriter::record(const Txn& txn, std::size_t place, std::uint64_t index, bool end, std::string& out) {
  out_ = &out;
  first_ = true;
  out += '{';
  name("index");
  out += std::to_string(index);
  if (!history_.times().empty()) {
    const History::Times times = history_.times()[place];
    if (times.invoke_ns >= 0) {
      name("time");
      number(end ? times.complete_ns : times.invoke_ns);
    }
  }
  name("type");
  const bool ok = txn.outcome == Outcome::kOk;
  word(!end ? "invoke" : ok ? "ok" : txn.outcome == Outcome::kFail ? "fail" : "info");
  name("process");
  number(sessions_.numbers[txn.session]);
  if (style_.plain) {
    plain(txn, end && ok);
  } else {
    transaction(txn, end && ok);
  }
  out += '}';
}

}  // namespace

std::vector<std::string> map_losses(const History& history, Format format) {
  const Style style(history, format);
  for (const Txn& txn : history.transactions()) check(history, style, txn);
  if (format == Format::kKv && !style.texts)
    throw ConversionRefused(0, "the format kv holds texts that are appended to");
  if (format != Format::kKv && style.texts && (history.kinds() & (bit(EventKind::kRead) | bit(EventKind::kWrite))) == 0)
    throw ConversionRefused(0, "texts that are appended to and never read or put look like lists: only kv can hold them");
  std::vector<std::string> losses;
  std::uint64_t together = 0;
  log_of(history, together);
  if (!history.has_real_time())
    losses.emplace_back(
        "the order of records of different sessions is made up: the history has no real time, do not judge any by the "
        "result");
  if (together > 0)
    losses.push_back(std::to_string(together) +
                     " operations began before another of their session had ended: they are "
                     "written as begun after it");
  if (!history.regions().empty()) losses.emplace_back("the regions that served are left out");
  if (SessionNumbers(history).renamed) losses.emplace_back("sessions are numbered: their names are no numbers");
  return losses;
}

void write_maps(const History& history, Format format, Output& out) {
  const Style style(history, format);
  MapWriter writer(history, style);
  std::uint64_t together = 0;
  std::uint64_t index = 0;
  if (!style.edn) out.text() += '[';
  for (const LogRecord& record : log_of(history, together)) {
    if (!style.edn && index > 0) out.text() += ",\n";
    writer.record(history.transactions()[record.txn], record.txn, index++, record.end, out.text());
    if (style.edn) out.text() += '\n';
    out.line_is_done();
  }
  if (!style.edn) out.text() += "]\n";
}

}  // namespace tidemark::checkers
