#include "sim/disk/rope.h"

#include <algorithm>
#include <iterator>

namespace tidemark::sim {

std::size_t Rope::first_ending_after(std::uint64_t offset) const {
  const auto found = std::partition_point(extents_.begin(), extents_.end(),
                                          [offset](const Extent& extent) { return extent.end() <= offset; });
  return static_cast<std::size_t>(found - extents_.begin());
}

void Rope::read(std::uint64_t offset, std::span<std::byte> into) const {
  const std::uint64_t end = offset + into.size();
  std::uint64_t position = offset;
  for (std::size_t i = first_ending_after(offset); i < extents_.size() && extents_[i].offset < end; ++i) {
    const Extent& extent = extents_[i];
    if (extent.offset > position) {
      std::memset(into.data() + (position - offset), 0, extent.offset - position);
      position = extent.offset;
    }
    const std::uint64_t finish = std::min(extent.end(), end);
    std::memcpy(into.data() + (position - offset), extent.buffer->data() + extent.skip + (position - extent.offset),
                finish - position);
    position = finish;
  }
  if (position < end) std::memset(into.data() + (position - offset), 0, end - position);
}

void Rope::put(const Piece& piece, UndoLog* log) {
  if (piece.length == 0) return;
  if (piece.is_zeros()) {
    replace(piece.offset, piece.end(), nullptr, log);
    return;
  }
  const bool shared = piece.buffer != nullptr;
  const Extent extent{piece.offset, piece.length, shared ? piece.skip : 0,
                      shared ? piece.buffer : Buffer::copy(piece.bytes())};
  if (extents_.empty() || extents_.back().end() <= piece.offset) {
    if (log != nullptr) log->add(Piece::zeros(piece.offset, piece.length));
    extents_.push_back(extent);
    return;
  }
  replace(piece.offset, piece.end(), &extent, log);
}

void Rope::truncate(std::uint64_t size, UndoLog* log) {
  if (extents_.empty() || extents_.back().end() <= size) return;
  replace(size, extents_.back().end(), nullptr, log);
}

void Rope::discard_before(std::uint64_t offset) {
  while (!extents_.empty() && extents_.front().end() <= offset) extents_.pop_front();
  if (extents_.empty() || extents_.front().offset >= offset) return;
  Extent& first = extents_.front();
  first = first.part(offset, first.end());
}

void Rope::replace(std::uint64_t begin, std::uint64_t end, const Extent* with, UndoLog* log) {
  TIDEMARK_ASSERT(begin < end);
  const std::size_t first = first_ending_after(begin);
  std::size_t last = first;
  std::uint64_t position = begin;
  std::array<Extent, 3> between{};  // what stays left of the range, the new extent, what stays right of it
  std::size_t kept = 0;
  Extent right{};
  for (; last < extents_.size() && extents_[last].offset < end; ++last) {
    const Extent& extent = extents_[last];
    const std::uint64_t from = std::max(extent.offset, begin);
    const std::uint64_t to = std::min(extent.end(), end);
    if (log != nullptr) {
      // A gap needs a record only if it is filled now.
      if (with != nullptr && from > position)
        log->add(Piece::zeros(position, static_cast<std::uint32_t>(from - position)));
      log->add(extent.part(from, to).piece());
    }
    position = to;
    if (extent.offset < begin) between[kept++] = extent.part(extent.offset, begin);
    if (extent.end() > end) right = extent.part(end, extent.end());
  }
  if (log != nullptr && with != nullptr && position < end)
    log->add(Piece::zeros(position, static_cast<std::uint32_t>(end - position)));
  if (with != nullptr) between[kept++] = *with;
  if (right.length != 0) between[kept++] = std::move(right);

  const auto at = [this](std::size_t index) { return extents_.begin() + static_cast<std::ptrdiff_t>(index); };
  const std::size_t reused = std::min(kept, last - first);
  std::move(between.begin(), between.begin() + static_cast<std::ptrdiff_t>(reused), at(first));
  if (reused < last - first) {
    extents_.erase(at(first + reused), at(last));
  } else if (reused < kept) {
    extents_.insert(at(last), std::make_move_iterator(between.begin() + static_cast<std::ptrdiff_t>(reused)),
                    std::make_move_iterator(between.begin() + static_cast<std::ptrdiff_t>(kept)));
  }
}

}  // namespace tidemark::sim
