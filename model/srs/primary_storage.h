// PrimaryStorage: the primary's SQLite with the capture of what it commits and its checkpoints.
//
// SQL runs in no virtual time; the Durable Object charges its cost and then says submit_pending(): only then do the
// captured transactions get their places in the log. So the instant of a commit is the end of its cost.
//
// Checkpoints: when more than checkpoint_frames frames are in the WAL, as soon as all that was committed by then is
// confirmed; never past the newest confirmed frame. One at a time.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "model/protocol/relay.h"
#include "model/sqlite/checkpoint.h"
#include "model/sqlite/database.h"
#include "model/sqlite/wal_capture.h"
#include "model/srs/relay_setup.h"
#include "sim/core/wait.h"

namespace tidemark::model::srs {

class PrimaryStorage final : private sqlite::CommitListener, private sqlite::WriteLockListener {
 public:
  /// Opens the database file `<database name>.sqlite`, or makes it. Assert: SQLite must be able to open it.
  PrimaryStorage(const RelaySetup& setup, const sqlite::DatabaseSettings& settings);
  ~PrimaryStorage() override;
  PrimaryStorage(const PrimaryStorage&) = delete;
  PrimaryStorage& operator=(const PrimaryStorage&) = delete;

  /// The image now, for LeaderStart::image. Before the first write.
  std::vector<sim::BufferRef> image();
  /// Where transactions go. Not owned; before the first write, once.
  void set_relay(PrimaryRelay& relay);

  sqlite::Database& database() { return *database_; }
  sqlite::Vfs& vfs() { return vfs_; }

  /// Has SQLite committed something that is not submitted yet?
  bool has_pending() const { return !pending_.empty(); }
  /// Gives what is pending to the leader. Returns the bookmark of the newest transaction as the leader told it; without
  /// anything pending the newest in the log.
  Bookmark submit_pending();

  /// Back pressure for long runs of writes without a pause: resolves at once, unless the WAL has grown to four times
  /// checkpoint_frames; then after the next checkpoint.
  sim::Task<void> until_room();

  std::uint64_t checkpoints() const { return checkpoints_; }

 private:
  struct Pending {
    CommittedTransaction transaction;
    sqlite::WalPosition end;
  };
  struct Placed {
    Bookmark bookmark;
    sqlite::WalPosition end;
  };

  void on_write_unlock() override;
  void on_commit(CommittedTransaction transaction, sqlite::WalPosition end) override;
  void note_confirmed();
  std::uint32_t wal_frames() const { return capture_->position().frame; }
  sim::Task<void> checkpoint();

  const RelaySetup setup_;
  sqlite::Vfs vfs_;
  std::unique_ptr<sqlite::Database> database_;
  std::unique_ptr<sqlite::WalCapture> capture_;
  sqlite::WriteLockListener* capture_hook_ = nullptr;  // capture_, called after the observer
  std::unique_ptr<sqlite::Checkpointer> checkpointer_;
  PrimaryRelay* relay_ = nullptr;
  // The WAL as the observer was told.
  std::uint32_t seen_frame_ = 0;
  sqlite::Salts seen_salts_;
  // Places in the WAL.
  std::deque<Pending> pending_;
  std::deque<Placed> unconfirmed_;
  Placed confirmed_;
  // Checkpoints.
  bool checkpointing_ = false;
  std::uint64_t checkpoints_ = 0;
  sim::WaitQueue room_;
};

}  // namespace tidemark::model::srs
