// WalWriter: the replica leader's hand in SQLite.
//
// Appends shipped transactions to the replica's own WAL file and enters them in the wal-index at once, but moves the
// wal-index header only when told to publish. Stock SQLite looks at no frame above the header's last_frame, so readers
// and checkpoints see exactly the published prefix; the rest is the hidden tail.
//
// The writer is a client of the copy like any connection: while it is open it holds the WAL write lock for good. So no
// connection can write (SQLITE_BUSY), and none can run WAL recovery, which would expose the hidden tail
// (SQLITE_PROTOCOL).
//
// Order of use: Vfs, WalWriter, open(), then Database in role kReplica. The header must be in place before the first
// connection opens the file. See docs/sqlite_replica.md.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "model/sqlite/vfs.h"
#include "model/sqlite/wal_checksum.h"
#include "model/sqlite/wal_format.h"
#include "model/sqlite/wal_index.h"
#include "model/types/bugs.h"
#include "model/types/entry.h"
#include "sim/core/file.h"

namespace tidemark::model::sqlite {

struct WalScan;

class WalWriter {
 public:
  static constexpr std::uint32_t kEverything = 0xffffffff;

  /// `bugs`: C10, F10 and F11 are planted here.
  explicit WalWriter(Vfs& vfs, BugSet bugs = {});
  /// Gives the write lock back. The hidden tail stays in the file: drop_hidden() first if anybody else will use the
  /// Vfs.
  ~WalWriter();
  WalWriter(const WalWriter&) = delete;
  WalWriter& operator=(const WalWriter&) = delete;

  struct Opened {
    std::uint32_t frames = 0;        // visible now; at most the frame asked for
    std::uint32_t transactions = 0;  // visible transactions in the WAL
    std::uint32_t pages = 0;         // database size; 0: the database file is empty, install_image() first
    /// False when the WAL ended before the frame asked for, or that frame was not a commit frame (then the last commit
    /// before it counts). The missing transactions have to come from the log again.
    bool complete = false;
  };
  /// Takes the copy over as its files are: cuts the WAL behind `confirmed_frame` (0 = nothing of it; kEverything = the
  /// last commit), writes a new header when there is no usable one, builds the wal-index and puts its header in place.
  /// No connection may be open. Costs one pass over the WAL.
  Opened open(std::uint32_t confirmed_frame);

  /// Appends one transaction (frames in WAL order, the last is the commit frame) behind everything written so far.
  /// On an error of the disk nothing changed. `database_pages` is at least 1.
  sim::IoStatus append(std::span<const EntryFrame> frames, std::uint32_t database_pages);
  sim::IoStatus append(const CommittedTransaction& transaction) {
    return append(transaction.frames, transaction.database_pages);
  }

  /// Makes the oldest `transactions` hidden ones visible, as one step for readers.
  void publish(std::uint32_t transactions = 1);

  /// Forgets the hidden transactions except the oldest `keep`: out of the hash tables and cut off the file.
  void drop_hidden(std::uint32_t keep = 0);

  /// For bug F14 only.
  void copy_hidden();

  /// Starts the WAL again from frame 1 with new salts when everything visible is in the database file and no reader
  /// needs the WAL; hidden transactions move to the new beginning and stay hidden. False = not possible now, nothing
  /// changed. Call it only once the database file is durable (Checkpointer does), else a power loss can lose what is
  /// visible.
  bool restart();

  bool is_open() const { return open_; }
  /// Sticky: not kOk after the disk failed inside restart(): open the copy again then.
  sim::IoStatus status() const { return status_; }
  std::uint32_t visible_frame() const { return header_.last_frame; }
  std::uint32_t visible_pages() const { return header_.pages; }
  std::uint32_t hidden_transactions() const { return static_cast<std::uint32_t>(hidden_.size()); }
  std::uint32_t last_frame() const { return end_.frame; }
  std::uint32_t generation() const { return generation_; }
  /// Starts a sync of the WAL file; the instant at which everything appended so far is durable.
  sim::Instant sync() { return vfs_.sync(wal_); }

 private:
  /// State of the log after a commit frame.
  struct Commit {
    std::uint32_t frame = 0;
    std::uint32_t pages = 0;
    Checksum checksum;
  };
  void start_empty(std::uint32_t sequence, const Salts& salts);
  void adopt(const WalScan& scan, const Commit& visible);
  sim::IoStatus write_frame(std::uint32_t frame, const EntryFrame& content, std::uint32_t commit_pages,
                            Checksum& state);
  bool read_hidden(std::vector<CommittedTransaction>& transactions);

  Vfs& vfs_;
  sim::File& wal_;
  const BugSet bugs_;
  WalIndex index_;
  const ChecksumStep page_step_;
  LockHolder locks_;
  IndexHeader header_;  // as published
  std::uint32_t sequence_ = 0;
  Commit published_;           // what header_ says, as a commit
  Commit end_;                 // of everything written
  std::deque<Commit> hidden_;  // commits above header_.last_frame, oldest first
  std::uint32_t generation_ = 0;
  sim::IoStatus status_ = sim::IoStatus::kOk;
  bool open_ = false;
};

/// Makes the files of a copy from the pages of an image (page i + 1 = pages[i]): a database file, no WAL, no journal.
/// The image must be in WAL mode (every database of ours is). No connection may be open.
sim::IoStatus install_image(Vfs& vfs, std::span<const sim::BufferRef> pages);

}  // namespace tidemark::model::sqlite
