// Rope: the content of a plain file as slices of shared buffers, sorted by offset. Made for logs: an append is a
// push_back, a read is a binary search. What no slice covers reads as zeros.
#pragma once

#include <cstdint>
#include <deque>
#include <span>

#include "sim/disk/piece.h"
#include "sim/disk/undo_log.h"

namespace tidemark::sim {

class Rope {
 public:
  /// Fills `into` completely.
  void read(std::uint64_t offset, std::span<std::byte> into) const;
  /// Replaces the piece's range. What was there goes to `log` unless that is nullptr.
  void put(const Piece& piece, UndoLog* log);
  /// Nothing at or after `size` is left.
  void truncate(std::uint64_t size, UndoLog* log);
  /// Nothing before `offset` is left.
  void discard_before(std::uint64_t offset);
  /// Gives `visit` every piece in order of offset; gaps are zeros.
  template <typename Visit>
  void visit(Visit visit) const {
    for (const Extent& extent : extents_) visit(extent.piece());
  }
  std::size_t extents() const { return extents_.size(); }

 private:
  struct Extent {
    std::uint64_t offset;
    std::uint32_t length;
    std::uint32_t skip;
    BufferRef buffer;
    std::uint64_t end() const { return offset + length; }
    Piece piece() const { return Piece::slice(offset, length, buffer, skip); }
    Extent part(std::uint64_t begin, std::uint64_t finish) const {
      const auto from = static_cast<std::uint32_t>(begin - offset);
      return {begin, static_cast<std::uint32_t>(finish - begin), skip + from, buffer};
    }
  };
  std::size_t first_ending_after(std::uint64_t offset) const;
  void replace(std::uint64_t begin, std::uint64_t end, const Extent* with, UndoLog* log);

  std::deque<Extent> extents_;  // disjoint, none empty
};

}  // namespace tidemark::sim
