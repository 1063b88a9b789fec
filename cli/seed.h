// The forms in which a seed may be given on the command line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::cli {

/// "42", "0x2a", or a git commit of 40 hex digits, whose last 64 bits count. False with a cause in `error`.
bool parse_seed(std::string_view text, std::uint64_t& seed, std::string& error);

/// "A..B", both included, A <= B.
bool parse_seed_range(std::string_view text, std::uint64_t& first, std::uint64_t& last, std::string& error);

}  // namespace tidemark::cli
