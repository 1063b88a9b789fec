// Lower-case hex digits of fixed width, two at a time: bookmarks and digests become text at every operation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tidemark {
namespace detail {
inline constexpr std::array<std::array<char, 2>, 256> kHexPairs = [] {
  std::array<std::array<char, 2>, 256> pairs{};
  for (std::size_t byte = 0; byte < pairs.size(); ++byte)
    pairs[byte] = {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
  return pairs;
}();
}  // namespace detail

/// Writes all digits of `value`, 8 or 16 of them, highest first, and returns the place behind the last.
template <typename Number>
char* put_hex(char* to, Number value) {
  for (int shift = static_cast<int>(8 * sizeof(Number)) - 8; shift >= 0; shift -= 8) {
    const std::array<char, 2>& pair = detail::kHexPairs[static_cast<std::size_t>(value >> shift & 0xff)];
    *to++ = pair[0];
    *to++ = pair[1];
  }
  return to;
}

}  // namespace tidemark
