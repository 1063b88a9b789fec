// BookmarkKey: a bookmark in a form that compares fast and exactly like its text.
//
// Canonical bookmarks (8-8-8-32 lower-case hex) become integers; any other text is kept as it is. Order = byte order of
// the texts, as the promise of the product says ("string comparison").
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/digest.h"

namespace tidemark::checkers {

class BookmarkKey {
 public:
  BookmarkKey() = default;
  explicit BookmarkKey(std::string_view text);
  /// Above every canonical bookmark with this position and below every later one.
  static BookmarkKey after(std::uint64_t position);

  bool empty() const { return !canonical_ && other_ == nullptr; }
  bool canonical() const { return canonical_; }
  /// Canonical only: (epoch << 32) | sequence, and the digest of the log prefix.
  std::uint64_t position() const { return position_; }
  Digest128 digest() const { return digest_; }
  std::string text() const;

  friend bool operator==(const BookmarkKey& a, const BookmarkKey& b) { return compare(a, b) == 0; }
  friend bool operator<(const BookmarkKey& a, const BookmarkKey& b) {
    if (a.canonical_ && b.canonical_ && a.position_ != b.position_) return a.position_ < b.position_;
    return compare(a, b) < 0;
  }

 private:
  static int compare(const BookmarkKey& a, const BookmarkKey& b);

  std::uint64_t position_ = 0;
  std::uint64_t day_ = 0;
  Digest128 digest_;
  bool canonical_ = false;
  std::shared_ptr<const std::string> other_;  // a text that is not canonical; rare, so the key stays small
};

}  // namespace tidemark::checkers
