#include "scenarios/quantity.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <limits>
#include <span>

#include "base/assert.h"

namespace tidemark::scenarios {
namespace {

/// One unit: a quantity is number * times / divided_by of the smallest (real units: of the plain) number.
struct Scale {
  std::string_view name;
  std::int64_t times = 1;
  std::int64_t divided_by = 1;
};

// Smallest first; printing tries them from the largest.
constexpr std::array<Scale, 7> kDurations = {{{"ns", 1},
                                              {"us", 1'000},
                                              {"ms", 1'000'000},
                                              {"s", 1'000'000'000},
                                              {"min", 60'000'000'000},
                                              {"h", 3'600'000'000'000},
                                              {"d", 86'400'000'000'000}}};
constexpr std::array<Scale, 7> kSizes = {{{"B", 1},
                                          {"kB", 1'000},
                                          {"KiB", 1'024},
                                          {"MB", 1'000'000},
                                          {"MiB", 1'048'576},
                                          {"GB", 1'000'000'000},
                                          {"GiB", 1'073'741'824}}};
constexpr std::array<Scale, 4> kBitRates = {
    {{"bit/s", 1}, {"kbit/s", 1'000}, {"Mbit/s", 1'000'000}, {"Gbit/s", 1'000'000'000}}};
constexpr std::array<Scale, 4> kByteRates = {
    {{"B/s", 1}, {"kB/s", 1'000}, {"MB/s", 1'000'000}, {"GB/s", 1'000'000'000}}};
constexpr std::array<Scale, 1> kRatios = {{{"%", 1, 100}}};
constexpr std::array<Scale, 3> kRates = {{{"/s", 1}, {"/min", 1, 60}, {"/h", 1, 3600}}};

std::span<const Scale> scales(Unit unit) {
  switch (unit) {
    case Unit::kDuration:
      return kDurations;
    case Unit::kSize:
      return kSizes;
    case Unit::kBitRate:
      return kBitRates;
    case Unit::kByteRate:
      return kByteRates;
    case Unit::kRatio:
      return kRatios;
    case Unit::kRate:
      return kRates;
  }
  TIDEMARK_ASSERT(false, "no such unit");
}

std::string unit_list(Unit unit) {
  std::string list;
  for (const Scale& scale : scales(unit)) {
    if (!list.empty()) list += ' ';
    list += scale.name;
  }
  return list;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

struct Parts {
  std::string_view whole;
  std::string_view fraction;
  std::string_view unit;
};

/// Splits "1.5 ms"; false when the text does not begin with a number.
bool split(std::string_view text, Parts& parts) {
  std::size_t at = 0;
  while (at < text.size() && is_digit(text[at])) ++at;
  parts.whole = text.substr(0, at);
  parts.fraction = {};
  if (parts.whole.empty()) return false;
  if (at < text.size() && text[at] == '.') {
    const std::size_t begin = ++at;
    while (at < text.size() && is_digit(text[at])) ++at;
    parts.fraction = text.substr(begin, at - begin);
    if (parts.fraction.empty()) return false;
  }
  if (at < text.size() && text[at] == ' ') ++at;
  parts.unit = text.substr(at);
  return true;
}

/// Splits and finds the unit's row; nullptr and a cause when there is none.
const Scale* find_scale(Unit unit, std::string_view text, Parts& parts, std::string& error) {
  if (!split(text, parts)) {
    error = fmt::format("expected a {} such as \"{}\", found \"{}\"", unit_name(unit), unit_example(unit), text);
    return nullptr;
  }
  if (parts.unit.empty()) {
    error = fmt::format("\"{}\" has no unit; write a {} such as \"{}\" (units: {})", text, unit_name(unit),
                        unit_example(unit), unit_list(unit));
    return nullptr;
  }
  for (const Scale& scale : scales(unit)) {
    if (scale.name == parts.unit) return &scale;
  }
  error = fmt::format("\"{}\" is not a unit of a {} (units: {})", parts.unit, unit_name(unit), unit_list(unit));
  return nullptr;
}

__extension__ using Wide = __int128;

/// Exact value of whole.fraction * times / divided_by; false when too large, or no whole number.
bool exact(const Parts& parts, const Scale& scale, std::int64_t& value, bool& too_large) {
  constexpr Wide kMost = std::numeric_limits<std::int64_t>::max();
  Wide number = 0;
  Wide divisor = 1;
  too_large = false;
  for (const char c : parts.whole) {
    number = number * 10 + (c - '0');
    if (number > kMost) return too_large = true, false;
  }
  std::string_view fraction = parts.fraction;
  while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
  if (fraction.size() > 14) return false;
  for (const char c : fraction) {
    number = number * 10 + (c - '0');
    divisor *= 10;
  }
  if (number > kMost) return too_large = true, false;
  number *= scale.times;
  if (number % divisor != 0) return false;
  number /= divisor;
  if (number > kMost) return too_large = true, false;
  value = static_cast<std::int64_t>(number);
  return true;
}

/// The double nearest to the decimal digits * 10^exponent.
bool to_double(const Parts& parts, int exponent, double& value) {
  const std::string text =
      fmt::format("{}.{}e{}", parts.whole, parts.fraction.empty() ? "0" : parts.fraction, exponent);
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc{} && result.ptr == text.data() + text.size();
}

/// Shortest digits of value * 10^shift, without an exponent.
std::string decimal(double value, int shift) {
  TIDEMARK_ASSERT(value >= 0, "quantities are not negative");
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  const std::string text(buffer, end.ptr);
  const std::size_t mark = text.find('e');
  int exponent = 0;
  const char* digits_of_exponent = text.data() + mark + (text[mark + 1] == '+' ? 2 : 1);
  std::from_chars(digits_of_exponent, text.data() + text.size(), exponent);
  exponent += shift;
  std::string digits = text.substr(0, 1);
  if (mark > 2) digits += text.substr(2, mark - 2);
  if (digits == "0") return "0";
  // digits[0].digits[1..] * 10^exponent
  if (exponent < 0) return "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= whole) return digits + std::string(whole - digits.size(), '0');
  return digits.substr(0, whole) + "." + digits.substr(whole);
}

}  // namespace

const char* unit_name(Unit unit) {
  switch (unit) {
    case Unit::kDuration:
      return "duration";
    case Unit::kSize:
      return "size";
    case Unit::kRatio:
      return "ratio";
    case Unit::kRate:
      return "rate";
    case Unit::kBitRate:
      return "bit rate";
    case Unit::kByteRate:
      return "byte rate";
  }
  TIDEMARK_ASSERT(false, "no such unit");
}

const char* unit_example(Unit unit) {
  switch (unit) {
    case Unit::kDuration:
      return "55 ms";
    case Unit::kSize:
      return "10 MiB";
    case Unit::kRatio:
      return "2 %";
    case Unit::kRate:
      return "50 /s";
    case Unit::kBitRate:
      return "1 Gbit/s";
    case Unit::kByteRate:
      return "90 MB/s";
  }
  TIDEMARK_ASSERT(false, "no such unit");
}

std::string unit_pattern(Unit unit) {
  std::string names;
  for (const Scale& scale : scales(unit)) {
    if (!names.empty()) names += '|';
    names += scale.name;
  }
  return "^[0-9]+(\\.[0-9]+)? ?(" + names + ")$";
}

bool parse_quantity(Unit unit, std::string_view text, std::int64_t& value, std::string& error) {
  Parts parts;
  const Scale* scale = find_scale(unit, text, parts, error);
  if (scale == nullptr) return false;
  bool too_large = false;
  if (exact(parts, *scale, value, too_large)) return true;
  error = too_large ? fmt::format("\"{}\" is too large", text)
                    : fmt::format("\"{}\" is finer than 1 {}", text, scales(unit).front().name);
  return false;
}

bool parse_quantity(Unit unit, std::string_view text, double& value, std::string& error) {
  Parts parts;
  const Scale* scale = find_scale(unit, text, parts, error);
  if (scale == nullptr) return false;
  // Percent is a shift of the decimal point, so that "7 %" is the double nearest to 0.07.
  const bool percent = unit == Unit::kRatio;
  if (!to_double(parts, percent ? -2 : 0, value)) {
    error = fmt::format("\"{}\" is too large", text);
    return false;
  }
  if (!percent) value /= static_cast<double>(scale->divided_by);
  return true;
}

std::string print_quantity(Unit unit, std::int64_t value) {
  TIDEMARK_ASSERT(value >= 0, "quantities are not negative");
  const std::span<const Scale> rows = scales(unit);
  if (value == 0) return fmt::format("0 {}", unit == Unit::kDuration ? std::string_view("s") : rows.front().name);
  for (std::size_t i = rows.size(); i-- > 0;) {
    if (value % rows[i].times == 0) {
      return fmt::format("{} {}", value / rows[i].times, rows[i].name);
    }
  }
  TIDEMARK_ASSERT(false, "the smallest unit divides every value");
}

std::string print_quantity(Unit unit, double value) {
  return decimal(value, unit == Unit::kRatio ? 2 : 0) + (unit == Unit::kRatio ? " %" : " /s");
}

bool parse_number(std::string_view text, double& value, std::string& error) {
  Parts parts;
  if (split(text, parts) && parts.unit.empty() && text.back() != ' ' && to_double(parts, 0, value)) return true;
  error = fmt::format("expected a plain number such as 0.5, found \"{}\"", text);
  return false;
}

std::string print_number(double value) {
  return decimal(value, 0);
}

}  // namespace tidemark::scenarios
