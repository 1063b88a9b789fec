// StrictLine: the reader of single lines of `history.jsonl` that knows all of the format and says what is wrong with
// the rest; the parsing is simdjson's. Five times slower than OperationScanner, which leaves to it what it does not
// know.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "checkers/history/history_io.h"
#include "checkers/history/operation.h"

namespace tidemark::checkers {

class StrictLine {
 public:
  explicit StrictLine(std::string file);
  ~StrictLine();
  StrictLine(const StrictLine&) = delete;
  StrictLine& operator=(const StrictLine&) = delete;

  /// Lines are without their newline and have kScanAhead readable bytes behind them. Both throw HistoryError.
  /// The first line: header() comes before operation(). Lives as long as the StrictLine.
  const HistoryHeader& header(std::string_view line);
  /// A line by itself: whether operations may follow each other like this, Sequence knows.
  void operation(std::string_view line, std::uint64_t number, Operation& operation);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tidemark::checkers
