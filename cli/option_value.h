// Values of options that are written with a unit, as in a scenario file.
#pragma once

#include <cstdint>
#include <string>

#include "scenarios/quantity.h"

namespace tidemark::cli {

/// More than nothing, in the smallest part of the unit (nanoseconds, bytes). Throws UsageError that names the option.
std::int64_t quantity_of(const char* option, scenarios::Unit unit, const std::string& text);
/// Of a duration.
double seconds_of(const char* option, const std::string& text);

}  // namespace tidemark::cli
