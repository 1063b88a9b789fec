// Piece: a run of bytes of a file and what they are: zeros, a few bytes kept in place, or a slice of a shared buffer.
// The currency between the two ways of keeping content (BlockContent, Rope) and the undo log.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "base/assert.h"
#include "sim/core/buffer.h"

namespace tidemark::sim {

/// Bytes that a piece keeps in place, without a buffer: the header of a block is at most this long (a WAL frame header
/// is 24 bytes).
inline constexpr std::size_t kInlineBytes = 24;

struct Piece {
  std::uint64_t offset = 0;  // in the file
  std::uint32_t length = 0;
  std::uint32_t skip =
      0;  // bytes of `buffer` before the slice; kInline without a buffer means: the bytes are in `small`
  BufferRef buffer;
  std::array<std::byte, kInlineBytes> small{};

  static constexpr std::uint32_t kInline = 1;

  static Piece zeros(std::uint64_t offset, std::uint32_t length) {
    Piece piece;
    piece.offset = offset;
    piece.length = length;
    return piece;
  }
  static Piece inline_copy(std::uint64_t offset, std::span<const std::byte> bytes) {
    TIDEMARK_ASSERT(bytes.size() <= kInlineBytes);
    Piece piece = zeros(offset, static_cast<std::uint32_t>(bytes.size()));
    piece.skip = kInline;
    std::memcpy(piece.small.data(), bytes.data(), bytes.size());
    return piece;
  }
  /// A null `slice_of` means zeros.
  static Piece slice(std::uint64_t offset, std::uint32_t length, BufferRef slice_of, std::uint32_t skip) {
    Piece piece = zeros(offset, length);
    if (slice_of != nullptr) piece.skip = skip;
    piece.buffer = std::move(slice_of);
    return piece;
  }

  std::uint64_t end() const { return offset + length; }
  bool is_zeros() const { return buffer == nullptr && skip != kInline; }
  /// Empty for zeros.
  std::span<const std::byte> bytes() const {
    if (buffer != nullptr) return {buffer->data() + skip, length};
    return skip == kInline ? std::span<const std::byte>(small.data(), length) : std::span<const std::byte>{};
  }
  /// The part in [begin, finish), which must lie inside.
  Piece part(std::uint64_t begin, std::uint64_t finish) const {
    TIDEMARK_ASSERT(begin >= offset && begin <= finish && finish <= end());
    const auto from = static_cast<std::uint32_t>(begin - offset);
    const auto size = static_cast<std::uint32_t>(finish - begin);
    if (buffer != nullptr) return slice(begin, size, buffer, skip + from);
    return skip == kInline ? inline_copy(begin, bytes().subspan(from, size)) : zeros(begin, size);
  }
  /// Copies the overlap with the file's range [at, at + into.size()) into `into`.
  void copy_overlap(std::uint64_t at, std::span<std::byte> into) const;
};

inline void Piece::copy_overlap(std::uint64_t at, std::span<std::byte> into) const {
  const std::uint64_t begin = offset > at ? offset : at;
  const std::uint64_t finish = end() < at + into.size() ? end() : at + into.size();
  if (begin >= finish) return;
  std::byte* target = into.data() + (begin - at);
  if (is_zeros()) {
    std::memset(target, 0, finish - begin);
  } else {
    std::memcpy(target, bytes().data() + (begin - offset), finish - begin);
  }
}

}  // namespace tidemark::sim
