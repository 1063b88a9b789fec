// Quantities: numbers with units, as scenario files write them. Parsing and printing are exact inverses.
//
//   duration   "55 ms", "1.5 s", "10 min"      ns us ms s min h d        integer nanoseconds
//   size       "16 MB", "4 KiB", "512 B"       B kB MB GB KiB MiB GiB    integer bytes
//   ratio      "2 %", "0.1 %"                  %                         double, 1.0 = 100 %
//   rate       "50 /s", "3000 /min"            /s /min /h                double per second
//   bit rate   "1 Gbit/s"                      bit/s kbit/s Mbit/s Gbit/s                       integer bits per second
//   byte rate  "90 MB/s"                       B/s kB/s MB/s GB/s                               integer bytes per
//   second
//
// The blank before the unit is optional. A number is digits with at most one decimal point: no sign, no exponent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::scenarios {

enum class Unit : std::uint8_t { kDuration, kSize, kRatio, kRate, kBitRate, kByteRate };

/// "duration", "size", ...
const char* unit_name(Unit unit);
/// An example for messages: "55 ms".
const char* unit_example(Unit unit);
/// The pattern of valid texts, for the JSON Schema.
std::string unit_pattern(Unit unit);

/// Integer units (duration, size, bit rate, byte rate): false and a cause in `error` when `text` is no exact quantity.
bool parse_quantity(Unit unit, std::string_view text, std::int64_t& value, std::string& error);
/// Real units (ratio, rate).
bool parse_quantity(Unit unit, std::string_view text, double& value, std::string& error);

/// The largest unit that keeps the number a whole one, or one with few decimals. Parses back to the same value.
std::string print_quantity(Unit unit, std::int64_t value);
std::string print_quantity(Unit unit, double value);

/// A plain number: as parse_quantity without a unit.
bool parse_number(std::string_view text, double& value, std::string& error);
/// Shortest text that parses back to the same value, never with an exponent.
std::string print_number(double value);

}  // namespace tidemark::scenarios
