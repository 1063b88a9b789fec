// BlockFile: the content of one simulated file, without time: a written image, a durable image, and what lies between.
//
// The written image is BlockContent when the layout has a body, else a Rope. The durable image is not stored: it is the
// written image with the records of the undo log put back. A sync is begun and completed by the caller (sim/disk/disk.h
// knows when); syncs of one file complete in the order in which they began. A completed sync makes durable exactly the
// writes that were made before it began.
//
// Faults (sim/disk/disk_faults.h) add a third state between written and durable: bytes that count as clean though they
// were never stored ("lost"). No sync makes them durable; writing to their 4 KiB page again makes them ordinary
// un-synced bytes of that write. So a lost byte is always newer than every un-synced record of the same page.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sim/core/file.h"
#include "sim/disk/block_content.h"
#include "sim/disk/rope.h"
#include "sim/disk/survivors.h"
#include "sim/disk/undo_log.h"

namespace tidemark::sim {

/// The unit of a page cache.
inline constexpr std::uint64_t kCachePageBytes = 4096;

class BlockFile {
 public:
  /// `last_write` numbers the writes of all files of one disk, so that "the first n writes survive" means something
  /// across files; it must outlive the file. A layout with header > kInlineBytes is a defect.
  BlockFile(FileLayout layout, std::uint64_t& last_write);

  std::uint64_t size() const { return size_; }
  FileLayout layout() const { return layout_; }

  // --- The written image. ---

  std::size_t read(std::uint64_t offset, std::span<std::byte> into) const;
  void write(std::uint64_t offset, std::span<const std::byte> bytes);
  /// Shares the buffer where it covers a body exactly; in a plain file always.
  void write_shared(std::uint64_t offset, BufferRef buffer);
  /// As File::body. The last body of a file that ends inside it is returned as long as it is; nullptr in a plain file.
  BufferRef body(std::uint64_t index) const;
  void truncate(std::uint64_t size);
  /// Bytes before `offset` read as zeros from now on, in both images, and their memory is free. Offsets stay valid.
  /// Not a write: it is neither synced nor undone.
  void discard_before(std::uint64_t offset);
  /// Keeps the bytes of both images and the pending syncs; shares what is cut in the same place.
  void set_layout(FileLayout layout);

  // --- The durable image. ---

  /// What is un-synced now will be durable when this sync completes.
  void begin_sync();
  /// Completes the oldest sync that has begun.
  void complete_sync();
  std::size_t pending_syncs() const { return pending_.size(); }
  /// Bytes written since the last begin_sync: what a sync that begins now has to move.
  std::uint64_t bytes_to_sync() const { return bytes_to_sync_; }

  std::uint64_t durable_size() const {
    if (lost_size_ && (undo_.empty() || undo_.records().front().sequence > lost_through_)) [[unlikely]]
      return *lost_size_;
    return undo_.empty() ? size_ : undo_.records().front().old_size;
  }
  /// As read, of the durable image. O(un-synced records).
  std::size_t read_durable(std::uint64_t offset, std::span<std::byte> into) const;

  bool has_unsynced() const { return !undo_.empty(); }
  /// Meaningful only with has_unsynced().
  UnsyncedFile unsynced(std::string_view name) const;
  /// Appends the un-synced writes, oldest first.
  void add_changes(std::string_view name, std::vector<UnsyncedChange>& changes) const;
  /// Written and durable image become what the survivors say; nullptr = nothing un-synced survives. Pending syncs are
  /// forgotten.
  void lose_power(std::string_view name, Survivors* survivors);

  // --- Faults. ---

  /// The newest sync that has begun will never be complete: its writes stay un-synced.
  void abandon_sync();
  /// What is un-synced and not part of a pending sync is lost: D6. `show_old` is asked per page, ascending: true brings
  /// the old bytes back. Returns the bytes concerned.
  std::uint64_t lose_unsynced(const std::function<bool(std::uint64_t page)>& show_old);
  /// As write (write_shared when `buffer` is set), but the bytes are lost; the length is not: D21.
  void write_lost(std::uint64_t offset, std::span<const std::byte> bytes, BufferRef buffer);
  /// Lost bytes leave the written image too.
  void evict_lost();
  bool has_lost() const { return !lost_.empty() || lost_size_.has_value(); }
  /// Un-synced bytes of the pages that [begin, end) touches are durable from now on: D29.
  void flush_pages(std::uint64_t begin, std::uint64_t end);
  /// So are all of the file.
  void flush();
  /// Offsets of [begin, end) whose bytes are the same in both images, ascending.
  std::vector<std::uint64_t> clean_bytes(std::uint64_t begin, std::uint64_t end) const;
  /// Changes both images. The bytes at the piece must be clean.
  void damage(const Piece& piece) { put(piece, nullptr); }
  /// The content as pieces without gaps of meaning: what is missing is zeros. Both images must be the same.
  std::vector<Piece> pieces() const;
  /// Replaces both images.
  void assign(std::uint64_t size, const std::vector<Piece>& content);

  /// Shrinks the record of un-synced writes (undo_log.h). Happens by itself when it is long; public for tests.
  void compact();
  /// Records of un-synced writes held: for tests of memory.
  std::size_t undo_records() const { return undo_.records().size(); }

 private:
  bool plain() const { return layout_.body == 0; }
  std::size_t clamp(std::uint64_t offset, std::size_t bytes, std::uint64_t size) const;
  void begin_write(std::uint64_t offset, std::uint64_t bytes) {
    TIDEMARK_ASSERT(bytes <= std::numeric_limits<std::uint32_t>::max());  // a Piece holds no more
    undo_.begin_write(++last_write_, size_);
    if (!lost_.empty()) [[unlikely]]
      make_dirty(offset, offset + bytes);
  }
  void make_dirty(std::uint64_t begin, std::uint64_t end);
  void stored_through(std::uint64_t cut);
  void put_back_lost(std::uint64_t limit);
  void end_write(std::uint64_t end, std::uint64_t bytes);
  void put(const Piece& piece, UndoLog* log);
  void cut_content(std::uint64_t size, UndoLog* log);
  using SectorCuts = std::vector<std::pair<std::uint64_t, std::uint64_t>>;  // sector -> cut, ascending
  struct Harm {
    std::uint64_t sector;
    SectorDamage damage;
  };
  void undo_record(const Undo& record, const SectorCuts& cuts);
  SectorCuts ask_sectors(const UnsyncedFile& file, Survivors& survivors, std::vector<Harm>& harms) const;
  std::uint64_t apply_cuts(std::uint64_t length_cut, const SectorCuts& cuts);
  struct SectorBefore {
    std::array<std::byte, kSectorBytes> durable{};  // as a lost cache would leave it
    std::array<bool, kSectorBytes> unsynced{};      // bytes with un-synced writes
  };
  SectorBefore sector_before(std::uint64_t sector) const;
  void apply_harm(const Harm& harm, const SectorBefore& before);

  std::uint64_t& last_write_;
  FileLayout layout_;
  // The written image. Bytes at or after size_ are zeros in the content.
  std::uint64_t size_ = 0;
  BlockContent blocks_;  // used when the layout has a body
  Rope rope_;            // used when it has none
  // The way back to the durable image.
  UndoLog undo_;
  std::deque<std::uint64_t> pending_;  // cuts of the syncs that have begun, oldest first
  std::uint64_t bytes_to_sync_ = 0;
  // Faults only.
  std::vector<Undo> lost_;                  // what lost bytes replaced, oldest first
  std::optional<std::uint64_t> lost_size_;  // the durable length, while a lost write changed it
  std::uint64_t lost_through_ = 0;          // the newest write when lost_size_ was set
};

}  // namespace tidemark::sim
