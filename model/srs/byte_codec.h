// Little-endian integers and bookmarks to and from bytes: the one encoding of logs, segments and snapshots.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "model/types/bookmark.h"

namespace tidemark::model::srs {

/// epoch, sequence, day: 4 bytes each; digest, high half first: 8 bytes each.
inline constexpr std::size_t kBookmarkBytes = 28;

class ByteWriter {
 public:
  void u32(std::uint32_t value) { integer(value, 4); }
  void u64(std::uint64_t value) { integer(value, 8); }
  void bookmark(const Bookmark& bookmark) {
    u32(bookmark.epoch);
    u32(bookmark.sequence);
    u32(bookmark.day);
    u64(bookmark.digest.high);
    u64(bookmark.digest.low);
  }
  void append(std::span<const std::byte> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  void reserve(std::size_t bytes) { bytes_.reserve(bytes); }
  void clear() { bytes_.clear(); }
  std::span<const std::byte> bytes() const { return bytes_; }
  /// What was written; the writer is empty after it.
  std::vector<std::byte> take() { return std::exchange(bytes_, {}); }

 private:
  void integer(std::uint64_t value, int width) {
    std::array<std::byte, 8> little_endian;
    for (int i = 0; i < 8; ++i) little_endian[static_cast<std::size_t>(i)] = static_cast<std::byte>(value >> (8 * i));
    append(std::span(little_endian).first(static_cast<std::size_t>(width)));
  }
  std::vector<std::byte> bytes_;
};

/// Reads past the end give zeros and make ok() false.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::uint32_t u32() { return static_cast<std::uint32_t>(integer(4)); }
  std::uint64_t u64() { return integer(8); }
  Bookmark bookmark() {
    Bookmark out;
    out.epoch = u32();
    out.sequence = u32();
    out.day = u32();
    out.digest.high = u64();
    out.digest.low = u64();
    return out;
  }
  bool ok() const { return ok_; }
  std::size_t left() const { return bytes_.size() - used_; }

 private:
  std::uint64_t integer(std::size_t width) {
    if (left() < width) {
      ok_ = false;
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value |= static_cast<std::uint64_t>(bytes_[used_ + i]) << (8 * i);
    used_ += width;
    return value;
  }
  std::span<const std::byte> bytes_;
  std::size_t used_ = 0;
  bool ok_ = true;
};

}  // namespace tidemark::model::srs
