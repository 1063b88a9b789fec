#include "sim/core/time.h"

#include <fmt/format.h>

namespace tidemark::sim {
namespace {

struct Unit {
  std::uint64_t ns;
  const char* name;
  int digits;  // decimals that a nanosecond needs
};
constexpr Unit kUnits[] = {{1'000'000'000, "s", 9}, {1'000'000, "ms", 6}, {1'000, "us", 3}, {1, "ns", 0}};

// Works for the smallest value too.
std::uint64_t magnitude(std::int64_t n) {
  return n < 0 ? ~static_cast<std::uint64_t>(n) + 1 : static_cast<std::uint64_t>(n);
}

}  // namespace

std::string to_text(Instant instant) {
  const std::uint64_t us = magnitude(instant.ns()) / 1'000;
  return fmt::format("{}{}.{:06} s", instant.ns() < 0 ? "-" : "", us / 1'000'000, us % 1'000'000);
}

std::string to_text(Duration duration) {
  const std::uint64_t ns = magnitude(duration.ns());
  if (ns == 0) return "0 s";
  const Unit* unit = kUnits;
  while (ns < unit->ns) ++unit;
  std::string text = fmt::format("{}{}", duration.ns() < 0 ? "-" : "", ns / unit->ns);
  if (const std::uint64_t rest = ns % unit->ns; rest != 0) {
    text += fmt::format(".{:0{}}", rest, unit->digits);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + ' ' + unit->name;
}

}  // namespace tidemark::sim
