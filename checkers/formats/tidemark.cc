#include "checkers/formats/tidemark.h"

#include <cstring>
#include <variant>

#include "checkers/formats/tidemark_fast.h"
#include "checkers/formats/tidemark_sink.h"
#include "checkers/history/line_reader.h"
#include "checkers/history/scan_bytes.h"
#include "checkers/history/sequence.h"
#include "checkers/history/strict_line.h"

namespace tidemark::checkers {
namespace {

static_assert(Source::kPadding >= kScanAhead);

constexpr std::size_t kProjectAfter = std::size_t{1} << 20;  // bytes
constexpr const char* kZeroWritten = "0 is written: it stands for a register never written";
constexpr std::uint64_t kMostLines = kNever - 1;

void put(TidemarkSink& sink, const std::vector<ListOp>& ops, std::vector<Value>& scratch) {
  for (const ListOp& op : ops) {
    if (op.is_append) {
      sink.append(op.key, op.element);
    } else if (!op.known) {
      sink.unknown_list(op.key);
    } else {
      scratch.clear();
      for (const std::int64_t element : op.elements) scratch.push_back(sink.builder().integer(element));
      sink.read_list(op.key, scratch);
    }
  }
}

/// False when 0 is written: it stands for the initial state.
bool put(TidemarkSink& sink, const std::vector<RegisterOp>& ops) {
  for (const RegisterOp& op : ops) {
    if (op.is_write && op.value == 0) return false;
    if (op.is_write) {
      sink.write(op.key, op.value, op.version);
    } else if (op.known) {
      sink.read(op.key, op.value, op.version);
    } else {
      sink.unknown_register(op.key);
    }
  }
  return true;
}

void put(TidemarkSink& sink, const std::vector<OrdersOp>& ops, bool ok, std::vector<Value>& scratch) {
  for (const OrdersOp& op : ops) {
    if (op.kind == OrdersOp::Kind::kReset) {
      sink.reset();
    } else if (op.kind == OrdersOp::Kind::kInsert) {
      if (ok && !op.inserted) {
        sink.found_there();
      } else {
        sink.insert(sink.row(op.row.customer, op.row.order, op.row.quantity));
      }
    } else if (op.rows == nullptr) {
      sink.unknown_rows();
    } else {
      scratch.clear();
      for (const OrderRow& row : *op.rows) scratch.push_back(sink.row(row.customer, row.order, row.quantity));
      sink.list(scratch);
    }
  }
}

/// What stands in a text line by line. Throws HistoryError.
class Lines {
 public:
  explicit Lines(const Source& source) : source_(source), at_(source.begin()) {}

  bool more() const { return at_ < source_.end(); }
  const char* at() const { return at_; }
  std::uint64_t number() const { return number_; }  // of the line taken last
  std::string_view next();
  /// A line is taken whose newline somebody knows.
  void skip(const char* newline) {
    ++number_;
    LineReader::require_line(source_.name(), number_, static_cast<std::size_t>(newline - at_), true);
    at_ = newline + 1;
  }
  [[noreturn]] void fail(std::string message) const {
    throw HistoryError(source_.name(), number_, 1, std::move(message));
  }

 private:
  const Source& source_;
  const char* at_;
  std::uint64_t number_ = 0;
};

std::string_view Lines::next() {
  const auto have = static_cast<std::size_t>(source_.end() - at_);
  const void* newline = std::memchr(at_, '\n', have);
  const std::size_t length =
      newline == nullptr ? have : static_cast<std::size_t>(static_cast<const char*>(newline) - at_);
  LineReader::require_line(source_.name(), number_ + 1, length, newline != nullptr);
  const std::string_view line(at_, length);
  ++number_;
  at_ += length + 1;
  return line;
}

/// One operation read by the strict path.
class StrictOperations {
 public:
  explicit StrictOperations(const Source& source) : line_(source.name()) {}
  ModelKind header(std::string_view line) { return line_.header(line).model; }
  /// Into the sink, up to its end.
  Sequence::Place read(std::string_view line, const Lines& lines, TidemarkSink& sink, TidemarkSink::Tail& tail);

 private:
  StrictLine line_;
  Operation operation_;
  std::vector<Value> scratch_;
};

Sequence::Place StrictOperations::read(std::string_view line, const Lines& lines, TidemarkSink& sink,
                                       TidemarkSink::Tail& tail) {
  line_.operation(line, lines.number(), operation_);
  if (!operation_.restored_to.empty()) lines.fail("Time Travel: only the model sequential of a run judges it");
  sink.begin(operation_.session);
  bool fine = true;
  if (const auto* lists = std::get_if<std::vector<ListOp>>(&operation_.value)) put(sink, *lists, scratch_);
  if (const auto* registers = std::get_if<std::vector<RegisterOp>>(&operation_.value)) fine = put(sink, *registers);
  if (const auto* orders = std::get_if<std::vector<OrdersOp>>(&operation_.value))
    put(sink, *orders, operation_.outcome == Outcome::kOk, scratch_);
  if (!fine) lines.fail(kZeroWritten);
  tail = {operation_.outcome, operation_.index, operation_.invoke_ns, operation_.complete_ns,
          operation_.served_by_region};
  return {operation_.index, operation_.process, operation_.invoke_ns, operation_.complete_ns};
}

History read_lines(const Source& source, ReadSummary& summary, bool fast, std::uint64_t& left) {
  Lines lines(source);
  if (!lines.more()) throw HistoryError(source.name(), 1, 1, "the file is empty; a history begins with a header line");
  StrictOperations strict(source);
  const ModelKind model = strict.header(lines.next());
  TidemarkSink sink(model, summary);
  FastOperations scanner(model, sink);
  Sequence sequence;
  const char* first = lines.at();
  const char* behind = source.begin() + source.text().rfind('\n') + 1;  // a line that nothing ends is for next()
  bool projected = false;
  left = 0;
  while (lines.more()) {
    const auto done = static_cast<std::size_t>(lines.at() - first);
    if (!projected && done >= kProjectAfter) {
      sink.builder().expect(done, static_cast<std::size_t>(source.end() - first));
      projected = true;
    }
    TidemarkSink::Tail tail;
    Sequence::Place place;
    const char* newline = fast && lines.at() < behind ? scanner.read(lines.at(), place, tail) : nullptr;
    if (newline != nullptr) {
      lines.skip(newline);
    } else {
      const std::string_view line = lines.next();
      place = strict.read(line, lines, sink, tail);
      ++left;
    }
    if (lines.number() > kMostLines) lines.fail("more than 4294967293 operations");
    if (!sequence.follow(place)) lines.fail(sequence.objection(place));
    sink.end(tail);
  }
  return sink.build();
}

}  // namespace

History read_tidemark(const Source& source, ReadSummary& summary) {
  std::uint64_t left = 0;
  return read_lines(source, summary, true, left);
}

History read_tidemark_strict(const Source& source, ReadSummary& summary) {
  std::uint64_t left = 0;
  return read_lines(source, summary, false, left);
}

History read_tidemark_counted(const Source& source, ReadSummary& summary, std::uint64_t& left) {
  return read_lines(source, summary, true, left);
}

}  // namespace tidemark::checkers
