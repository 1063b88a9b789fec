// Query insights: what the statements of a run cost the database, by their shape, as D1's dashboard shows it.
//
// A shape is a statement without its values: literals and parameters become "?", blanks and comments one space, and
// what is listed more than once is listed once ("IN (?, ...)"). Durations are those of SQL alone, as the result's meta
// says them: waiting and networks are not among them. Each request counts once, where it was executed with success.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reports/confirm_lag.h"
#include "reports/sample_set.h"

namespace tidemark::reports {

enum class InsightsOrder : std::uint8_t { kTime, kReads, kCount };
/// "time", "reads", "count"; false for others.
bool parse_order(const std::string& text, InsightsOrder& order);

/// The shape of a statement. Any text has one.
std::string shape_of(std::string_view sql);

struct ShapeFigures {
  std::uint64_t count = 0;
  std::uint64_t rows_read = 0;
  std::uint64_t rows_written = 0;
  std::int64_t total_ns = 0;
  SampleSet durations;
};

struct InsightsReport {
  std::string scenario;
  std::uint64_t seed = 0;
  std::string digest;
  double virtual_seconds = 0;
  InsightsOrder order = InsightsOrder::kTime;
  std::size_t top = 10;  // shapes that are shown
  std::map<std::string, ShapeFigures, std::less<>> shapes;
  /// One statement that was executed.
  void add(std::string_view sql, std::int64_t duration_ns, std::uint64_t rows_read, std::uint64_t rows_written);

 private:
  std::map<std::string, std::string, std::less<>> known_;  // text -> shape, of short texts
};

/// Times in ms. Ends with a line break. The same report gives the same bytes.
std::string render(const InsightsReport& report, Format format);

}  // namespace tidemark::reports
