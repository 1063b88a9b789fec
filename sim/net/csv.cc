#include "sim/net/csv.h"

#include <algorithm>

#include "base/assert.h"

namespace tidemark::sim {
namespace {

constexpr std::size_t kMaxWholeDigits = 9;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

CsvReader::CsvReader(std::string_view text, std::string_view header)
    : rest_(text), columns_(static_cast<std::size_t>(std::count(header.begin(), header.end(), ',')) + 1) {
  std::string_view line;
  if (!take_line(line)) {
    if (!failed()) fail("the header is missing");
  } else if (line != header) {
    fail("expected the header \"" + std::string(header) + "\"");
  }
}

bool CsvReader::take_line(std::string_view& line) {
  if (failed() || rest_.empty()) return false;
  ++line_;
  const std::size_t end = rest_.find('\n');
  if (end == std::string_view::npos) return fail("the last line has no end");
  line = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  if (line.empty()) return fail("blank line");
  if (line.find_first_of("\"\r\t") != std::string_view::npos)
    return fail("quotes, tabs and carriage returns are not allowed");
  return true;
}

bool CsvReader::next() {
  std::string_view line;
  if (!take_line(line)) return false;
  row_.clear();
  for (std::size_t from = 0;;) {
    const std::size_t comma = line.find(',', from);
    row_.push_back(line.substr(from, comma - from));
    if (comma == std::string_view::npos) break;
    from = comma + 1;
  }
  if (row_.size() == columns_) return true;
  return fail("expected " + std::to_string(columns_) + " columns, found " + std::to_string(row_.size()));
}

bool CsvReader::fail(std::string_view message) {
  TIDEMARK_ASSERT(!message.empty());
  if (problem_.empty()) problem_ = "line " + std::to_string(line_) + ": " + std::string(message);
  rest_ = {};
  return false;
}

std::optional<std::int64_t> parse_decimal(std::string_view text, int decimals) {
  TIDEMARK_ASSERT(decimals >= 0 && decimals <= 9);
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() || whole.size() > kMaxWholeDigits || !std::all_of(whole.begin(), whole.end(), is_digit)) return {};
  if (point != std::string_view::npos && fraction.empty()) return {};
  if (fraction.size() > static_cast<std::size_t>(decimals) || !std::all_of(fraction.begin(), fraction.end(), is_digit))
    return {};
  std::int64_t value = 0;
  for (const char c : whole) value = value * 10 + (c - '0');
  for (std::size_t i = 0; i < static_cast<std::size_t>(decimals); ++i)
    value = value * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
  return negative ? -value : value;
}

}  // namespace tidemark::sim
