#include "sim/disk/block_file.h"

#include <algorithm>

namespace tidemark::sim {
namespace {

/// BlockContent needs a body; a plain file leaves its BlockContent unused.
FileLayout content_layout(FileLayout layout) {
  return layout.body == 0 ? FileLayout{0, 0, 1} : layout;
}

}  // namespace

BlockFile::BlockFile(FileLayout layout, std::uint64_t& last_write)
    : last_write_(last_write), layout_(layout), blocks_(content_layout(layout)) {}

std::size_t BlockFile::clamp(std::uint64_t offset, std::size_t bytes, std::uint64_t size) const {
  return offset >= size ? 0 : static_cast<std::size_t>(std::min<std::uint64_t>(bytes, size - offset));
}

std::size_t BlockFile::read(std::uint64_t offset, std::span<std::byte> into) const {
  into = into.first(clamp(offset, into.size(), size_));
  if (into.empty()) return 0;
  if (plain()) {
    rope_.read(offset, into);
  } else {
    blocks_.read(offset, into);
  }
  return into.size();
}

void BlockFile::write(std::uint64_t offset, std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  begin_write(offset, bytes.size());
  if (plain()) {
    rope_.put(Piece::slice(offset, static_cast<std::uint32_t>(bytes.size()), Buffer::copy(bytes), 0), &undo_);
  } else {
    blocks_.write(offset, bytes, &undo_);
  }
  end_write(offset + bytes.size(), bytes.size());
}

void BlockFile::write_shared(std::uint64_t offset, BufferRef buffer) {
  const std::size_t bytes = buffer->size();
  if (bytes == 0) return;
  begin_write(offset, bytes);
  if (plain()) {
    rope_.put(Piece::slice(offset, static_cast<std::uint32_t>(bytes), std::move(buffer), 0), &undo_);
  } else {
    blocks_.share(offset, std::move(buffer), &undo_);
  }
  end_write(offset + bytes, bytes);
}

void BlockFile::end_write(std::uint64_t end, std::uint64_t bytes) {
  size_ = std::max(size_, end);
  bytes_to_sync_ += bytes;
  if (undo_.wants_compaction()) [[unlikely]]
    compact();
}

void BlockFile::compact() {
  const std::vector<std::uint64_t> cuts(pending_.begin(), pending_.end());
  undo_.compact(cuts);
}

BufferRef BlockFile::body(std::uint64_t index) const {
  if (plain()) return nullptr;
  const std::uint64_t offset = blocks_.body_offset(index);
  if (offset >= size_) return nullptr;
  const std::size_t bytes = clamp(offset, layout_.body, size_);
  BufferRef kept = blocks_.body(index);
  if (kept == nullptr) return Buffer::zeros(bytes);
  return bytes == layout_.body ? kept : Buffer::copy(kept->bytes().first(bytes));
}

void BlockFile::truncate(std::uint64_t size) {
  if (size == size_) return;
  begin_write(std::min(size, size_), 0);
  if (!lost_.empty() && size < size_) make_dirty(size, size_);
  undo_.add(Piece{});  // the old size, even if no byte changes
  if (size < size_) cut_content(size, &undo_);
  size_ = size;
  end_write(size, 0);
}

void BlockFile::cut_content(std::uint64_t size, UndoLog* log) {
  if (plain()) {
    rope_.truncate(size, log);
  } else {
    blocks_.truncate(size, log);
  }
}

void BlockFile::put(const Piece& piece, UndoLog* log) {
  if (piece.length == 0) return;
  if (plain()) {
    rope_.put(piece, log);
  } else {
    blocks_.put(piece, log);
  }
}

void BlockFile::discard_before(std::uint64_t offset) {
  if (plain()) {
    rope_.discard_before(offset);
  } else {
    blocks_.discard_before(offset);
  }
  undo_.discard_before(offset);
  for (Undo& record : lost_) {
    const std::uint64_t begin = std::clamp(offset, record.old.offset, record.old.end());
    record.old = record.old.part(begin, record.old.end());
  }
}

void BlockFile::set_layout(FileLayout layout) {
  if (layout == layout_) return;
  std::vector<Piece> pieces;
  const auto collect = [&pieces](Piece piece) { pieces.push_back(std::move(piece)); };
  if (plain()) {
    rope_.visit(collect);
  } else {
    blocks_.visit(collect);
  }
  rope_ = Rope{};
  layout_ = layout;
  blocks_.reset(content_layout(layout));
  for (const Piece& piece : pieces) put(piece, nullptr);
  cut_content(size_, nullptr);  // a body that the file ends in was kept with zeros behind
}

void BlockFile::begin_sync() {
  pending_.push_back(last_write_);
  bytes_to_sync_ = 0;
}

void BlockFile::complete_sync() {
  TIDEMARK_ASSERT(!pending_.empty());
  stored_through(pending_.front());
  pending_.pop_front();
}

std::size_t BlockFile::read_durable(std::uint64_t offset, std::span<std::byte> into) const {
  into = into.first(clamp(offset, into.size(), durable_size()));
  std::fill(into.begin(), into.end(), std::byte{0});
  read(offset, into);
  for (auto record = lost_.rbegin(); record != lost_.rend(); ++record) record->old.copy_overlap(offset, into);
  const UndoLog::Records& records = undo_.records();
  for (auto record = records.rbegin(); record != records.rend(); ++record) record->old.copy_overlap(offset, into);
  return into.size();
}

UnsyncedFile BlockFile::unsynced(std::string_view name) const {
  if (undo_.empty()) return {name, size_, size_, 0, 0, 0};
  const UndoLog::Records& records = undo_.records();
  const std::uint64_t oldest = records.front().sequence;
  return {name, size_, durable_size(), oldest, records.back().sequence, std::max(oldest, undo_.exact_from())};
}

void BlockFile::add_changes(std::string_view name, std::vector<UnsyncedChange>& changes) const {
  const std::size_t first = changes.size();
  for (const Undo& record : undo_.records())
    changes.push_back({name, record.sequence, record.old.offset, record.old.end(), record.old_size, size_});
  // A write left the file as long as the next one found it.
  for (std::size_t i = changes.size(); i-- > first + 1;) {
    const UnsyncedChange& after = changes[i];
    changes[i - 1].new_size = changes[i - 1].sequence == after.sequence ? after.new_size : after.old_size;
  }
}

}  // namespace tidemark::sim
