// BlockContent: the content of a file that is cut into blocks by a FileLayout (sim/core/file.h): an optional prefix,
// then blocks of a small header, kept in place, and a body, kept as a reference to an immutable buffer. Access by block
// index is O(1); a page that covers a body exactly is shared, never copied. What was never written reads as zeros.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/file.h"
#include "sim/disk/piece.h"
#include "sim/disk/undo_log.h"

namespace tidemark::sim {

class BlockContent {
 public:
  /// The layout's body must not be 0, its header at most kInlineBytes.
  explicit BlockContent(FileLayout layout) { reset(layout); }

  /// Fills `into` completely.
  void read(std::uint64_t offset, std::span<std::byte> into) const;
  /// Replaces bytes; touched buffers are copied, never changed. What was there goes to `log` unless that is nullptr.
  void write(std::uint64_t offset, std::span<const std::byte> bytes, UndoLog* log);
  /// As write; the buffer is shared where it covers a body exactly.
  void share(std::uint64_t offset, BufferRef buffer, UndoLog* log);
  void put(const Piece& piece, UndoLog* log);
  /// Nothing at or after `size` is left.
  void truncate(std::uint64_t size, UndoLog* log);
  /// Bytes before `offset` become zeros; their buffers are released.
  void discard_before(std::uint64_t offset) { zero(0, offset, nullptr); }
  /// Empties it for another layout.
  void reset(FileLayout layout);
  /// The whole body of block `index`; nullptr if it is all zeros or past the last block.
  BufferRef body(std::uint64_t index) const { return index < blocks_.size() ? blocks_[index].body : nullptr; }
  std::uint64_t body_offset(std::uint64_t index) const { return layout_.prefix + index * stride_ + layout_.header; }
  /// Gives `visit` every piece that is not all zeros, in order of offset.
  template <typename Visit>
  void visit(Visit visit) const;

 private:
  struct Block {
    std::array<std::byte, kInlineBytes> header{};
    BufferRef body;
  };
  /// The unit of copy on write: the prefix, a header or a body.
  struct Part {
    enum class Kind : std::uint8_t { kPrefix, kHeader, kBody } kind;
    std::uint64_t index;  // of the block
    std::uint64_t offset;
    std::uint32_t length;
    std::uint64_t end() const { return offset + length; }
  };
  Part part_at(std::uint64_t offset) const;
  Block& block(std::uint64_t index) {
    if (index >= blocks_.size()) blocks_.resize(index + 1);
    return blocks_[index];
  }
  BufferRef& buffer_of(const Part& part) { return part.kind == Part::Kind::kPrefix ? prefix_ : block(part.index).body; }
  std::span<const std::byte> stored(const Part& part) const;
  void write_header(const Part& part, std::size_t within, std::span<const std::byte> bytes, UndoLog* log);
  void write_buffered(const Part& part, std::size_t within, std::span<const std::byte> bytes, UndoLog* log);
  void set_buffer(const Part& part, BufferRef buffer, UndoLog* log);
  void zero(std::uint64_t begin, std::uint64_t end, UndoLog* log);
  static bool all_zeros(std::span<const std::byte> bytes);

  // Constant between resets.
  FileLayout layout_;
  std::uint64_t stride_ = 0;
  // The content.
  BufferRef prefix_;  // nullptr = zeros
  std::vector<Block> blocks_;
  std::vector<std::byte> scratch_;  // where a new body is put together
};

template <typename Visit>
void BlockContent::visit(Visit visit) const {
  if (prefix_ != nullptr) visit(Piece::slice(0, layout_.prefix, prefix_, 0));
  for (std::uint64_t i = 0; i < blocks_.size(); ++i) {
    const std::span<const std::byte> header(blocks_[i].header.data(), layout_.header);
    if (!all_zeros(header)) visit(Piece::inline_copy(layout_.prefix + i * stride_, header));
    if (blocks_[i].body != nullptr) visit(Piece::slice(body_offset(i), layout_.body, blocks_[i].body, 0));
  }
}

}  // namespace tidemark::sim
