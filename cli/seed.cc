#include "cli/seed.h"

#include <fmt/core.h>

#include <charconv>

namespace tidemark::cli {
namespace {

constexpr std::size_t kCommitDigits = 40;

bool all_of(std::string_view text, std::string_view set) {
  return !text.empty() && text.find_first_not_of(set) == std::string_view::npos;
}

bool parse_number(std::string_view digits, int base, std::uint64_t& value) {
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  return parsed.ec == std::errc{} && parsed.ptr == digits.data() + digits.size();
}

}  // namespace

bool parse_seed(std::string_view text, std::uint64_t& seed, std::string& error) {
  constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";
  const bool hex = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  bool ok = false;
  if (text.size() == kCommitDigits && all_of(text, kHexDigits)) {
    ok = parse_number(text.substr(kCommitDigits - 16), 16, seed);
  } else if (hex) {
    ok = all_of(text.substr(2), kHexDigits) && parse_number(text.substr(2), 16, seed);
  } else {
    ok = all_of(text, "0123456789") && parse_number(text, 10, seed);
  }
  if (!ok)
    error = fmt::format(
        "\"{}\" is not a seed: write a number below 2^64, 0x and hex digits, or a commit of 40 hex digits", text);
  return ok;
}

bool parse_seed_range(std::string_view text, std::uint64_t& first, std::uint64_t& last, std::string& error) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) {
    error = fmt::format("\"{}\" is not a range of seeds: write A..B, such as 1..100", text);
    return false;
  }
  if (!parse_seed(text.substr(0, dots), first, error) || !parse_seed(text.substr(dots + 2), last, error)) return false;
  if (first <= last) return true;
  error = fmt::format("\"{}\": the first seed is larger than the last", text);
  return false;
}

}  // namespace tidemark::cli
