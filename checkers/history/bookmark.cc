#include "checkers/history/bookmark.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <tuple>

namespace tidemark::checkers {
namespace {

constexpr std::size_t kCanonicalLength = 8 + 1 + 8 + 1 + 8 + 1 + 32;

static_assert(std::endian::native == std::endian::little, "the first character must be the lowest byte");

constexpr std::uint64_t each(std::uint64_t byte) {
  return byte * 0x0101010101010101ULL;
}

// Eight lower-case hex digits at once, one per byte of a word. Sets bits of `bad` when one of them is something else.
inline std::uint64_t hex8(const char* text, std::uint64_t& bad) {
  std::uint64_t chars = 0;
  std::memcpy(&chars, text, sizeof chars);
  const std::uint64_t letter = (chars >> 6) & each(1);
  std::uint64_t nibbles = (chars & each(0x0f)) + letter * 9;
  const std::uint64_t above_nine = ((nibbles + each(6)) >> 4) & each(1);
  const std::uint64_t text_again = nibbles + each('0') + letter * ('a' - '0' - 10);
  bad |= (text_again ^ chars) | (above_nine ^ letter) | (nibbles & each(0xf0)) | (chars & each(0x80));
  nibbles = __builtin_bswap64(nibbles);
  nibbles = (nibbles | nibbles >> 4) & 0x00ff00ff00ff00ffULL;
  nibbles = (nibbles | nibbles >> 8) & 0x0000ffff0000ffffULL;
  return (nibbles | nibbles >> 16) & 0xffffffffULL;
}

int sign(std::strong_ordering order) {
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

}  // namespace

BookmarkKey::BookmarkKey(std::string_view text) {
  if (text.size() == kCanonicalLength && text[8] == '-' && text[17] == '-' && text[26] == '-') {
    std::uint64_t bad = 0;
    const char* at = text.data();
    position_ = (hex8(at, bad) << 32) | hex8(at + 9, bad);
    day_ = hex8(at + 18, bad);
    digest_.high = (hex8(at + 27, bad) << 32) | hex8(at + 35, bad);
    digest_.low = (hex8(at + 43, bad) << 32) | hex8(at + 51, bad);
    canonical_ = bad == 0;
  }
  if (!canonical_ && !text.empty()) other_ = std::make_shared<const std::string>(text);
}

BookmarkKey BookmarkKey::after(std::uint64_t position) {
  BookmarkKey key;
  key.canonical_ = true;
  key.position_ = position;
  key.day_ = ~std::uint64_t{0};
  return key;
}

std::string BookmarkKey::text() const {
  if (!canonical_) return other_ == nullptr ? std::string() : *other_;
  return fmt::format("{:08x}-{:08x}-{:08x}-{}", position_ >> 32, position_ & 0xffffffffU, day_, digest_.hex());
}

int BookmarkKey::compare(const BookmarkKey& a, const BookmarkKey& b) {
  if (a.canonical_ && b.canonical_) {
    if (a.position_ != b.position_) return a.position_ < b.position_ ? -1 : 1;
    return sign(std::tie(a.day_, a.digest_) <=> std::tie(b.day_, b.digest_));
  }
  return a.text().compare(b.text());
}

}  // namespace tidemark::checkers
