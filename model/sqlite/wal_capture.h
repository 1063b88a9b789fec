// WalCapture: yields what the primary commits, as frames.
//
// SQLite may write a frame, write it again (a page that was spilled from the cache and changed once more), abandon it
// (rollback, ROLLBACK TO), rewrite the checksums of a whole transaction at its commit, or start the WAL again from
// frame 1 with new salts. So nothing is judged by writes or by file sizes. The moment of truth is when SQLite gives the
// write lock back: the wal-index header then says up to which frame the WAL is committed, and everything of that
// transaction has been written.
//
// Library 3.40.1 has a defect there: when a page of a spilled cache was written again and ROLLBACK TO then goes back
// behind that frame, the frames that follow are committed with zero salts and checksums. They are visible, but recovery
// of the WAL would stop before them and lose a committed transaction. Capture repairs such frames (and the running
// checksum in the wal-index header) before it reports them. Users have no savepoints, so only internal code meets it.
#pragma once

#include <cstdint>

#include "model/sqlite/vfs.h"
#include "model/sqlite/wal_checksum.h"
#include "model/sqlite/wal_format.h"
#include "model/types/bugs.h"
#include "model/types/entry.h"

namespace tidemark::model::sqlite {

class CommitListener {
 public:
  virtual ~CommitListener() = default;
  /// Once per committed transaction, in order, inside SQLite's COMMIT: keep it, do not call SQLite. `end` is the place
  /// of its commit frame. Page bodies are shared with the WAL file.
  virtual void on_commit(CommittedTransaction transaction, WalPosition end) = 0;
};

/// A disk that fails its reads makes the Vfs damaged(), and capture stops: the transaction that it could not read is
/// nowhere but here, so the owner has to give the copy up.
class WalCapture final : public WriteLockListener {
 public:
  /// Watches `vfs` from its present position on (nothing already in the WAL is reported). Create it after the database
  /// was opened in WAL mode and before the first write; one per Vfs. `listener` is not owned. `bugs`: C1 and C2 are
  /// planted here.
  WalCapture(Vfs& vfs, CommitListener& listener, BugSet bugs = {});
  ~WalCapture() override;

  /// Where the newest committed transaction ends.
  WalPosition position() const { return position_; }
  std::uint64_t transactions() const { return transactions_; }
  /// Transactions whose frames had to be repaired.
  std::uint64_t repairs() const { return repairs_; }

 private:
  void on_write_unlock() override;
  /// False when the disk did not give back what SQLite has just written: the Vfs is damaged() then.
  bool collect(const IndexHeader& header, CommittedTransaction& transaction);
  void finish_repair(IndexHeader header);
  void deliver(CommittedTransaction transaction, WalPosition end);

  Vfs& vfs_;
  CommitListener& listener_;
  const BugSet bugs_;
  const ChecksumStep page_step_;
  WalPosition position_;
  Salts salts_;
  Checksum checksum_;  // state after position_
  std::uint64_t transactions_ = 0;
  std::uint64_t repairs_ = 0;
  std::uint64_t largest_size_ = 0;  // of the WAL file; for bug C1 only
  std::uint32_t most_pages_ = 0;    // of the database so far; for bug C7 only
};

}  // namespace tidemark::model::sqlite
