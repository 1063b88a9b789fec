// Checkpointer: moves frames from the WAL into the database file with stock SQLite's PASSIVE checkpoint, never past a
// limit, and lets the WAL start again afterwards.
//
// SQLite believes that a sync is over when the call returns; in the simulated world it takes time. A checkpoint is safe
// against power loss only if the WAL is durable before the database file is touched and the database file is durable
// before the WAL is used again. So it has three steps and the owner waits between them:
//
//   prepare()          WAL sync started       wait until the returned instant
//   backfill(..)       pages copied           wait until the returned instant
//   finish()           WAL may start again
//
// run(..) does all three at once, for tests and for worlds without power loss.
//
// The limit is held the way any SQLite client would hold it: a read mark at that frame under its read lock. On the
// primary the mark also keeps SQLite's writer from restarting the WAL until finish().
#pragma once

#include <cstdint>

#include "model/sqlite/database.h"
#include "model/sqlite/vfs.h"
#include "model/sqlite/wal_capture.h"
#include "model/sqlite/wal_writer.h"
#include "model/types/bugs.h"
#include "sim/core/time.h"

namespace tidemark::model::sqlite {

struct CheckpointReport {
  bool ran = false;           // false: no read mark free, the copy is busy or broken, or nothing to do
  int code = 0;               // SQLite's result code
  std::uint32_t limit = 0;    // frame that it must not pass
  std::uint32_t visible = 0;  // frame of the wal-index header
  std::uint32_t backfilled_before = 0;
  std::uint32_t backfilled = 0;  // frames in the database file now
  sim::Instant durable;          // when the database file is durable (zero when no sync was needed)
  bool complete() const { return backfilled == visible; }
};

class Checkpointer {
 public:
  /// On the primary. `capture` tells which WAL is the present one. `bugs`: D1, D5 and F14 are planted here.
  Checkpointer(Database& primary, const WalCapture& capture, BugSet bugs = {});
  /// On a replica: stops at the visible frame and at the oldest reader by itself; finish() restarts the WAL by
  /// `writer`.
  Checkpointer(Database& replica, WalWriter& writer, BugSet bugs = {});
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  /// Starts the sync of the WAL; returns when it will be durable. What is in the WAL now (visible, on a replica) is the
  /// most that backfill() will copy.
  sim::Instant prepare();
  /// On the primary: copies up to `confirmed`, the place of the newest confirmed transaction as WalCapture reported it.
  /// A place in an earlier WAL means that nothing of the present one is confirmed: nothing is copied.
  CheckpointReport backfill(WalPosition confirmed);
  /// On a replica.
  CheckpointReport backfill();
  /// Gives the mark back. True when the WAL of a replica was restarted (a primary's restarts by itself at its next
  /// write).
  bool finish();

  CheckpointReport run(WalPosition confirmed);
  CheckpointReport run(bool* restarted = nullptr);

 private:
  CheckpointReport copy_up_to(std::uint32_t limit);
  sim::BufferRef page_to_pass_over(std::uint32_t first_frame);
  bool pin(std::uint32_t frame);
  void unpin();

  Database& database_;
  Vfs& vfs_;
  WalWriter* const writer_;
  const WalCapture* const capture_;
  const BugSet bugs_;
  LockHolder locks_;
  int pinned_slot_ = -1;
  std::uint32_t prepared_frame_ = 0;
  Salts prepared_salts_;
  bool prepared_ = false;
  std::uint64_t passed_place_ = 0;  // for bug D5 only
};

}  // namespace tidemark::model::sqlite
