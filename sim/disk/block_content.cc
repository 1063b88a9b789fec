#include "sim/disk/block_content.h"

#include <algorithm>

namespace tidemark::sim {

void BlockContent::reset(FileLayout layout) {
  TIDEMARK_ASSERT(layout.body > 0);
  TIDEMARK_ASSERT(layout.header <= kInlineBytes);
  layout_ = layout;
  stride_ = std::uint64_t{layout.header} + layout.body;
  prefix_ = nullptr;
  blocks_.clear();
}

bool BlockContent::all_zeros(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte{0}; });
}

BlockContent::Part BlockContent::part_at(std::uint64_t offset) const {
  if (offset < layout_.prefix) return {Part::Kind::kPrefix, 0, 0, layout_.prefix};
  const std::uint64_t index = (offset - layout_.prefix) / stride_;
  const std::uint64_t begin = layout_.prefix + index * stride_;
  if (offset < begin + layout_.header) return {Part::Kind::kHeader, index, begin, layout_.header};
  return {Part::Kind::kBody, index, begin + layout_.header, layout_.body};
}

/// The bytes of a part as they are kept; empty for zeros.
std::span<const std::byte> BlockContent::stored(const Part& part) const {
  if (part.kind == Part::Kind::kPrefix) return prefix_ == nullptr ? std::span<const std::byte>{} : prefix_->bytes();
  if (part.index >= blocks_.size()) return {};
  const Block& found = blocks_[part.index];
  if (part.kind == Part::Kind::kHeader) return {found.header.data(), part.length};
  return found.body == nullptr ? std::span<const std::byte>{} : found.body->bytes();
}

void BlockContent::read(std::uint64_t offset, std::span<std::byte> into) const {
  while (!into.empty()) {
    const Part part = part_at(offset);
    const std::size_t within = offset - part.offset;
    const std::size_t count = std::min<std::size_t>(part.length - within, into.size());
    const std::span<const std::byte> bytes = stored(part);
    if (bytes.empty()) {
      std::memset(into.data(), 0, count);
    } else {
      std::memcpy(into.data(), bytes.data() + within, count);
    }
    into = into.subspan(count);
    offset += count;
  }
}

void BlockContent::write(std::uint64_t offset, std::span<const std::byte> bytes, UndoLog* log) {
  while (!bytes.empty()) {
    const Part part = part_at(offset);
    const std::size_t within = offset - part.offset;
    const std::size_t count = std::min<std::size_t>(part.length - within, bytes.size());
    if (part.kind == Part::Kind::kHeader) {
      write_header(part, within, bytes.first(count), log);
    } else {
      write_buffered(part, within, bytes.first(count), log);
    }
    bytes = bytes.subspan(count);
    offset += count;
  }
}

void BlockContent::write_header(const Part& part, std::size_t within, std::span<const std::byte> bytes, UndoLog* log) {
  std::array<std::byte, kInlineBytes>& header = block(part.index).header;
  if (log != nullptr) log->add(Piece::inline_copy(part.offset, {header.data(), part.length}));
  std::memcpy(header.data() + within, bytes.data(), bytes.size());
}

void BlockContent::write_buffered(const Part& part, std::size_t within, std::span<const std::byte> bytes,
                                  UndoLog* log) {
  if (bytes.size() == part.length) {
    set_buffer(part, Buffer::copy(bytes), log);
    return;
  }
  scratch_.resize(part.length);
  read(part.offset, scratch_);
  std::memcpy(scratch_.data() + within, bytes.data(), bytes.size());
  set_buffer(part, Buffer::copy(scratch_), log);
}

void BlockContent::set_buffer(const Part& part, BufferRef buffer, UndoLog* log) {
  BufferRef& place = buffer_of(part);
  place.swap(buffer);
  if (log != nullptr) log->add(Piece::slice(part.offset, part.length, std::move(buffer), 0));
}

void BlockContent::share(std::uint64_t offset, BufferRef buffer, UndoLog* log) {
  const Part part = part_at(offset);
  if (part.kind == Part::Kind::kBody && part.offset == offset && buffer->size() == part.length) {
    set_buffer(part, std::move(buffer), log);
  } else {
    write(offset, buffer->bytes(), log);
  }
}

void BlockContent::put(const Piece& piece, UndoLog* log) {
  if (piece.is_zeros()) {
    zero(piece.offset, piece.end(), log);
  } else if (piece.buffer != nullptr && piece.length == piece.buffer->size()) {
    share(piece.offset, piece.buffer, log);
  } else {
    write(piece.offset, piece.bytes(), log);
  }
}

void BlockContent::zero(std::uint64_t begin, std::uint64_t end, UndoLog* log) {
  end = std::min(end, layout_.prefix + blocks_.size() * stride_);  // beyond, all is zeros
  while (begin < end) {
    const Part part = part_at(begin);
    const std::size_t within = begin - part.offset;
    const std::size_t count = std::min(part.end(), end) - begin;
    begin += count;
    if (all_zeros(stored(part))) continue;
    if (part.kind == Part::Kind::kHeader) {
      const std::array<std::byte, kInlineBytes> zeros{};
      write_header(part, within, {zeros.data(), count}, log);
    } else if (count == part.length) {
      set_buffer(part, nullptr, log);
    } else {
      write_buffered(part, within, std::vector<std::byte>(count), log);
    }
  }
}

void BlockContent::truncate(std::uint64_t size, UndoLog* log) {
  const std::uint64_t end = layout_.prefix + blocks_.size() * stride_;
  if (size >= end) return;
  zero(size, end, log);
  const std::uint64_t after_prefix = size > layout_.prefix ? size - layout_.prefix : 0;
  blocks_.resize((after_prefix + stride_ - 1) / stride_);
}

}  // namespace tidemark::sim
