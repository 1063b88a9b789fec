#include "checkers/history/history_io.h"
#include "checkers/history/line_reader.h"
#include "checkers/history/operation_filler.h"
#include "checkers/history/operation_scanner.h"
#include "checkers/history/scan_bytes.h"
#include "checkers/history/sequence.h"
#include "checkers/history/strict_line.h"

namespace tidemark::checkers {

static_assert(LineReader::kPadding >= kScanAhead);

/// Every line goes to the fast scanner; what that refuses goes to the strict one, which has the last word.
struct HistoryReader::State {
  explicit State(std::string path) : strict(path), lines(std::move(path)), header(first()), scanner(header.model) {}
  State(std::string name, std::string_view text)
      : strict(name), lines(std::move(name), text), header(first()), scanner(header.model) {}

  bool read_operation(Operation& operation);

  StrictLine strict;
  LineReader lines;
  const HistoryHeader& header;

 private:
  const HistoryHeader& first() {
    std::string_view line;
    if (!lines.next(line))
      throw HistoryError(lines.name(), 1, 1, "the file is empty; a history begins with a header line");
    return strict.header(line);
  }
  bool scan(std::string_view line, Operation& operation);

  OperationScanner scanner;
  OperationFiller filler;
  ScannedLine scanned;
  Sequence sequence;
};

bool HistoryReader::State::scan(std::string_view line, Operation& operation) {
  filler.into(operation, header.model);
  if (scanner.scan(line.data(), filler, scanned) == nullptr) return false;
  filler.finish(scanned);
  return true;
}

bool HistoryReader::State::read_operation(Operation& operation) {
  std::string_view line;
  if (!lines.next(line)) return false;
  if (!scan(line, operation)) strict.operation(line, lines.number(), operation);
  const Sequence::Place place{operation.index, operation.process, operation.invoke_ns, operation.complete_ns};
  if (!sequence.follow(place)) throw HistoryError(lines.name(), lines.number(), 1, sequence.objection(place));
  return true;
}

HistoryReader::HistoryReader(std::string path) : state_(std::make_unique<State>(std::move(path))) {}
HistoryReader::HistoryReader(std::string name, std::string_view text)
    : state_(std::make_unique<State>(std::move(name), text)) {}
HistoryReader::~HistoryReader() = default;

const HistoryHeader& HistoryReader::header() const {
  return state_->header;
}
bool HistoryReader::next(Operation& operation) {
  return state_->read_operation(operation);
}

std::vector<Operation> read_history(const std::string& path, HistoryHeader* header) {
  HistoryReader reader(path);
  if (header != nullptr) *header = reader.header();
  std::vector<Operation> history;
  while (reader.next(history.emplace_back())) {
  }
  history.pop_back();
  return history;
}

}  // namespace tidemark::checkers
