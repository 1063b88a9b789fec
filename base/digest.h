// 128-bit digests: XXH3 of bytes, and their text form. Not cryptographic: they make divergence visible, not attacks.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tidemark {

struct Digest128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend constexpr auto operator<=>(const Digest128&, const Digest128&) = default;

  /// 32 lower-case hex digits, high half first.
  std::string hex() const;
  /// Inverse of hex(); false when `text` is not exactly 32 lower-case hex digits.
  static bool parse(std::string_view text, Digest128& out);
};

/// XXH3-128 of `bytes`, chained: `previous` seeds the hash, so equal results mean equal chains.
Digest128 digest_bytes(std::span<const std::byte> bytes, Digest128 previous = {});
Digest128 digest_text(std::string_view text, Digest128 previous = {});

/// XXH3-64 of `text`, for names (stream seeds, keys). The same on every platform.
std::uint64_t hash_name(std::string_view text, std::uint64_t seed = 0);

/// Mixes `value` into `digest` in a few nanoseconds (128-bit multiply and fold). For running digests of small records.
constexpr Digest128 mix(Digest128 digest, std::uint64_t value) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(digest.low ^ value ^ 0x9e3779b97f4a7c15ULL) * (digest.high | 1U);
  const auto product_low = static_cast<std::uint64_t>(product);
  const auto product_high = static_cast<std::uint64_t>(product >> 64);
  return {digest.high + (product_low ^ (value * 0xd6e8feb86659fd93ULL)),
          (digest.low << 23 | digest.low >> 41) ^ product_high ^ value};
}

}  // namespace tidemark
