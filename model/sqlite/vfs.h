// Vfs: one database copy as SQLite sees it, on the disk of one machine.
//
// Owns the wal-index (shared memory is heap here: it dies with the process that runs the copy, as it should) and the
// lock table; the files belong to the machine's sim::FileSystem and outlive it. Registers one sqlite3_vfs with a name
// of its own. Create it before any Database on the copy, destroy it after all of them.
#pragma once

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "model/sqlite/lock_table.h"
#include "model/sqlite/wal_format.h"
#include "sim/core/file.h"
#include "sim/core/time.h"

namespace tidemark::model::sqlite {

/// What a copy takes from the world. All must be set; called only inside calls of Database.
struct Surroundings {
  std::function<std::uint64_t()> random;        // 64 bits of the copy's named stream
  std::function<std::int64_t()> unix_ms;        // virtual clock as milliseconds since 1970
  std::function<void(sim::Duration)> on_sleep;  // SQLite asked to wait (busy handlers); usually ignored
};

/// Work done on the files since the Vfs was made. The cost model charges differences.
struct IoCounters {
  std::uint64_t pages_read = 0;     // page-sized reads of database file and WAL: misses of the page caches
  std::uint64_t pages_written = 0;  // page-sized writes to either
  std::uint64_t syncs = 0;
};

/// Digests of the pages that were written to one file, by block: what a read must bring back. SQLite keeps no checksums
/// of its own for pages (its WAL has some, which only recovery looks at), and every copy of a database is built anew
/// when its process starts, so it is enough to remember them in memory.
class PageDigests {
 public:
  void note(std::uint64_t block, const sim::BufferRef& page) {
    if (block >= digests_.size()) digests_.resize(block + 1);
    digests_[block] = page->digest();
  }
  bool noted(std::uint64_t block) const { return block < digests_.size() && digests_[block] != Digest128{}; }
  /// True for a block that nobody has noted.
  bool fits(std::uint64_t block, const sim::BufferRef& page) const {
    return !noted(block) || digests_[block] == page->digest();
  }
  /// The file ends before this block now.
  void cut(std::uint64_t blocks) {
    if (blocks < digests_.size()) digests_.resize(blocks);
  }

 private:
  std::vector<Digest128> digests_;
};

/// The header of the WAL and those of its frames as they were written: capture takes page numbers and checksums from
/// them, and no digest of a page covers them. In memory, like PageDigests.
class WalHeads {
 public:
  /// Any write to the WAL; those that are no header are passed over.
  void note(std::uint64_t offset, std::span<const std::byte> bytes, std::uint32_t page_size) {
    if (offset == 0 && bytes.size() == kWalHeaderBytes) header_.assign(bytes.begin(), bytes.end());
    if (offset < kWalHeaderBytes || bytes.size() != kFrameHeaderBytes) return;
    const std::uint64_t frame = (offset - kWalHeaderBytes) / (kFrameHeaderBytes + page_size);
    if ((frame + 1) * kFrameHeaderBytes > frames_.size()) frames_.resize((frame + 1) * kFrameHeaderBytes);
    std::copy(bytes.begin(), bytes.end(), frames_.begin() + static_cast<std::ptrdiff_t>(frame * kFrameHeaderBytes));
  }
  /// The frame has this header. False for one that nobody wrote.
  bool fits(std::uint32_t frame, std::span<const std::byte> bytes) const {
    const std::uint64_t at = std::uint64_t{frame - 1} * kFrameHeaderBytes;
    return at + bytes.size() <= frames_.size() &&
           std::equal(bytes.begin(), bytes.end(), frames_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  /// Bytes of the WAL header from `offset` on.
  bool header_fits(std::size_t offset, std::span<const std::byte> bytes) const {
    return offset + bytes.size() <= header_.size() &&
           std::equal(bytes.begin(), bytes.end(), header_.begin() + static_cast<std::ptrdiff_t>(offset));
  }

 private:
  std::vector<std::byte> header_;
  std::vector<std::byte> frames_;
};

/// Told after the WAL write lock was given back: a transaction is over, committed or not. Called inside SQLite: do not
/// call SQLite from it.
class WriteLockListener {
 public:
  virtual ~WriteLockListener() = default;
  virtual void on_write_unlock() = 0;
};

class Vfs {
 public:
  /// `database` is the name of the database file on `files`; `page_size` a power of two from 512 to 65,536.
  Vfs(sim::FileSystem& files, std::string_view database, std::uint32_t page_size, Surroundings surroundings);
  ~Vfs();
  Vfs(const Vfs&) = delete;
  Vfs& operator=(const Vfs&) = delete;

  const char* vfs_name() const { return name_.c_str(); }
  const std::string& database_name() const { return database_; }
  const std::string& wal_name() const { return wal_; }
  const std::string& journal_name() const { return journal_; }
  std::uint32_t page_size() const { return page_size_; }
  sim::FileSystem& files() { return files_; }
  sim::File& database_file();
  sim::File& wal_file();

  /// Region `index` of the wal-index; made (zeroed) when there is none and `create`, else nullptr.
  std::byte* index_region(std::uint32_t index, bool create);
  std::uint32_t index_regions() const { return static_cast<std::uint32_t>(regions_.size()); }
  /// Header as a reader would take it: false when the copies differ, the checksum fails or there is none.
  bool read_index_header(IndexHeader& out) const;
  /// nullptr before the wal-index exists. Fields may be changed only while holding the lock that SQLite asks for.
  CheckpointInfo* checkpoint_info();
  const CheckpointInfo* checkpoint_info() const { return const_cast<Vfs*>(this)->checkpoint_info(); }
  void forget_index() { regions_.clear(); }

  LockTable& locks() { return locks_; }
  const IoCounters& counters() const { return counters_; }
  std::uint32_t open_connections() const { return connections_; }

  /// Latest instant at which a sync that SQLite started since the last call completes; false when there was none.
  /// SQLite itself went on at once: whoever answers for durability must wait until then.
  bool take_sync(sim::Instant& complete);
  /// Latest completion of any sync so far.
  sim::Instant latest_sync() const { return sync_complete_; }
  /// Starts a sync on behalf of Tidemark; also counted for take_sync.
  sim::Instant sync(sim::File& file);

  /// nullptr = nobody. Not owned.
  void listen(WriteLockListener* listener) { listener_ = listener; }
  /// 64 bits of the copy's random stream.
  std::uint64_t random() { return surroundings_.random(); }

  /// The machine lost power or the process died: from now on every read and write fails (SQLITE_IOERR), nothing reaches
  /// the files.
  void kill() { dead_ = true; }
  bool dead() const { return dead_; }

  /// Writes a page to its block of the database file or of the WAL (frame - 1), past SQLite, and remembers its digest.
  sim::IoStatus write_page(sim::File& file, std::uint64_t offset, std::uint64_t block, sim::BufferRef page);
  /// The page of a block as it was written, shared; shorter or nullptr at the end of the file. A read that fails or
  /// brings something else is tried once more, then the copy is damaged() and this is nullptr.
  sim::BufferRef read_page(const sim::File& file, bool wal, std::uint64_t block);
  WalHeads& wal_heads() { return wal_heads_; }
  /// Is `page` what was written to this block? True when nobody knows.
  bool as_written(bool wal, std::uint64_t block, const sim::BufferRef& page) const {
    return (wal ? wal_digests_ : database_digests_).fits(block, page);
  }
  /// The file was cut to this size.
  void note_truncate(bool wal, std::uint64_t size);
  /// A read failed, or brought other bytes than were written twice in a row, or a write or sync failed: the copy can no
  /// longer be trusted and has to be built anew. Sticky.
  bool damaged() const { return damaged_; }
  void set_damaged() { damaged_ = true; }
  /// Reads every page of the database file, and the frames of the WAL that readers may see, as read_page() does: what
  /// rotted unseen makes the copy damaged(). Returns !damaged().
  bool scrub();
  /// Does the disk hold what was written to it, as far as scrub() looks? Changes nothing; for those who judge a run.
  bool intact();

  /// A database size of the newest image: the wal-index header's, else the file's.
  std::uint32_t database_pages();

 private:
  friend struct VfsMethods;
  int outcome(sim::IoStatus status, int error);
  /// The header of the WAL, and those of its first frames.
  bool heads_as_written(std::uint32_t frames);
  sim::FileSystem& files_;
  const std::string database_;
  const std::string wal_;
  const std::string journal_;
  const std::uint32_t page_size_;
  Surroundings surroundings_;
  std::string name_;
  sqlite3_vfs vfs_{};
  LockTable locks_;
  std::vector<std::unique_ptr<std::array<std::byte, kIndexRegionBytes>>> regions_;
  IoCounters counters_;
  WriteLockListener* listener_ = nullptr;
  sim::Instant sync_complete_;
  bool sync_started_ = false;
  bool dead_ = false;
  bool damaged_ = false;
  PageDigests database_digests_;
  PageDigests wal_digests_;
  WalHeads wal_heads_;
  std::uint32_t connections_ = 0;
  // The page that was last read out of the WAL, and where SQLite put it: a checkpoint writes the same bytes to the
  // database file next, and then the page is shared instead of copied.
  const void* last_read_into_ = nullptr;
  sim::BufferRef last_read_;
};

}  // namespace tidemark::model::sqlite
