// Numbers as reports show them.
#pragma once

#include <cmath>
#include <cstdint>

namespace tidemark::reports {

/// `value`, or plain zero when that is what it would be rounded to: "-0.0" says nothing.
inline double without_minus_zero(double value, int decimals) {
  return std::abs(value) * std::pow(10.0, decimals) < 0.5 ? 0.0 : value;
}

/// Milliseconds of a duration in nanoseconds.
inline double ms(std::int64_t ns) {
  return static_cast<double>(ns) / 1e6;
}

}  // namespace tidemark::reports
