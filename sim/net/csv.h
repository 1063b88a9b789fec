// A strict reader for the CSV files of data/: exact header, exact number of columns, no quotes, no blank lines, every
// line ends in '\n'. The first problem stops it and is reported as "line 3: ...".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::sim {

class CsvReader {
 public:
  /// `text` must outlive the reader. `header` is the exact first line, without its end.
  CsvReader(std::string_view text, std::string_view header);

  /// The next row; false at the end and after a problem.
  bool next();
  const std::vector<std::string_view>& row() const { return row_; }
  /// Stops the reading with a message about the current line; always returns false.
  bool fail(std::string_view message);
  bool failed() const { return !problem_.empty(); }
  /// "line 3: expected 4 columns, found 5"; empty when all is well.
  const std::string& problem() const { return problem_; }

 private:
  bool take_line(std::string_view& line);
  std::string_view rest_;
  std::size_t columns_;
  std::size_t line_ = 0;
  std::vector<std::string_view> row_;
  std::string problem_;
};

/// "-12.345" with `decimals` = 6 is -12345000: a decimal number as an integer of 10^-decimals. Nothing when it is not
/// exactly [-]digits[.digits], has more decimals than that, or more than 9 digits before the point.
std::optional<std::int64_t> parse_decimal(std::string_view text, int decimals);

}  // namespace tidemark::sim
