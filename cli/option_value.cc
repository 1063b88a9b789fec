#include "cli/option_value.h"

#include <fmt/core.h>

#include "cli/commands.h"

namespace tidemark::cli {

std::int64_t quantity_of(const char* option, scenarios::Unit unit, const std::string& text) {
  std::int64_t value = 0;
  std::string error;
  if (!scenarios::parse_quantity(unit, text, value, error)) throw UsageError(fmt::format("{}: {}", option, error));
  if (value <= 0) throw UsageError(fmt::format("{}: must be more than nothing", option));
  return value;
}

double seconds_of(const char* option, const std::string& text) {
  return static_cast<double>(quantity_of(option, scenarios::Unit::kDuration, text)) / 1e9;
}

}  // namespace tidemark::cli
