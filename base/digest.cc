#include "base/digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/hex.h"

namespace tidemark {
namespace {

bool parse_half(std::string_view text, std::uint64_t& out) {
  out = 0;
  for (const char c : text) {
    std::uint64_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<std::uint64_t>(c - 'a') + 10;
    } else {
      return false;
    }
    out = out << 4 | digit;
  }
  return true;
}

}  // namespace

std::string Digest128::hex() const {
  std::string text(32, '0');
  put_hex(put_hex(text.data(), high), low);
  return text;
}

bool Digest128::parse(std::string_view text, Digest128& out) {
  return text.size() == 32 && parse_half(text.substr(0, 16), out.high) && parse_half(text.substr(16), out.low);
}

Digest128 digest_bytes(std::span<const std::byte> bytes, Digest128 previous) {
  const XXH128_hash_t hash =
      XXH3_128bits_withSeed(bytes.data(), bytes.size(), previous.high ^ (previous.low * 0x9e3779b97f4a7c15ULL));
  return mix(mix({hash.high64, hash.low64}, previous.high), previous.low);
}

Digest128 digest_text(std::string_view text, Digest128 previous) {
  return digest_bytes(std::as_bytes(std::span(text.data(), text.size())), previous);
}

std::uint64_t hash_name(std::string_view text, std::uint64_t seed) {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

}  // namespace tidemark
