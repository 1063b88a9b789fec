// BookmarkKey: a bookmark in a form that compares fast and exactly like its text.
//
// Canonical bookmarks (8-8-8-32 lower-case hex) become integers; any other text is kept as it is. Order = byte order of
// the texts, as the promise of the product says ("string comparison").
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/digest.h"

namespace tidemark::checkers {

class BookmarkKey {
 public:
  BookmarkKey() = default;
  explicit BookmarkKey(std::string_view text);

  bool empty() const { return !canonical_ && other_.empty(); }
  bool canonical() const { return canonical_; }
  /// Canonical only: (epoch << 32) | sequence, and the digest of the log prefix.
  std::uint64_t position() const { return position_; }
  Digest128 digest() const { return digest_; }
  std::string text() const;

  friend bool operator==(const BookmarkKey& a, const BookmarkKey& b) { return compare(a, b) == 0; }
  friend bool operator<(const BookmarkKey& a, const BookmarkKey& b) { return compare(a, b) < 0; }

 private:
  static int compare(const BookmarkKey& a, const BookmarkKey& b);

  std::uint64_t position_ = 0;
  std::uint64_t day_ = 0;
  Digest128 digest_;
  bool canonical_ = false;
  std::string other_;
};

}  // namespace tidemark::checkers
