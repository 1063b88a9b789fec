// PrimaryStorage: the primary's SQLite with the capture of what it commits and its checkpoints.
//
// SQL runs in no virtual time; the Durable Object charges its cost and then says submit_pending(): only then do the
// captured transactions get their places in the log. So the instant of a commit is the end of its cost.
//
// The disk of a primary is not trusted over a restart: what lies there is removed, and the files are made anew from the
// image that a takeover found. A write, a sync or a read that the disk fails makes the copy useless (failed()): what
// SQLite did since is nowhere else, so the leader has to give up and the host to start anew.
//
// Checkpoints: when more than checkpoint_frames frames are in the WAL, as soon as all that was committed by then is
// confirmed; never past the newest confirmed frame. One at a time.
#pragma once

#include <deque>
#include <memory>
#include <string>
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
  /// Removes `<database name>.sqlite` and its WAL, makes them anew with `pages` (page i + 1 = pages[i]; none: a new,
  /// empty database) and opens them. Look at failed() then; only a copy that has not failed may be used.
  /// Bug B8: files that are there stay.
  PrimaryStorage(const RelaySetup& setup, const sqlite::DatabaseSettings& settings,
                 std::vector<sim::BufferRef> pages = {});
  ~PrimaryStorage() override;
  PrimaryStorage(const PrimaryStorage&) = delete;
  PrimaryStorage& operator=(const PrimaryStorage&) = delete;

  /// The image now, page by page: after all that SQLite has committed.
  std::vector<sim::BufferRef> image();
  /// Where transactions go. Not owned; before the first write, once.
  void set_relay(PrimaryRelay& relay);

  sqlite::Database& database() { return *database_; }
  sqlite::Vfs& vfs() { return vfs_; }

  /// The disk failed: nothing that the database says counts any more. Sticky. Bug D10: only the first open counts.
  bool failed() const;
  /// Why it could not be opened.
  const std::string& problem() const { return problem_; }

  /// Has SQLite committed something that is not submitted yet?
  bool has_pending() const { return !pending_.empty(); }
  /// Gives what is pending to the leader. Returns the bookmark of the newest transaction as the leader told it; without
  /// anything pending the newest in the log.
  Bookmark submit_pending();

  /// Back pressure for long runs of writes without a pause: resolves at once, unless the WAL has grown to four times
  /// checkpoint_frames; then after the next checkpoint.
  sim::Task<void> until_room();

  /// No checkpoint is under way: the storage may be destroyed.
  sim::Task<void> until_quiet();

  /// A checkpoint begins although the WAL is short. False when one is under way, or the copy has failed.
  bool checkpoint_now();
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

  void open(const sqlite::DatabaseSettings& settings, const std::vector<sim::BufferRef>& pages);
  void watch();
  void on_write_unlock() override;
  void on_commit(CommittedTransaction transaction, sqlite::WalPosition end) override;
  void note_confirmed();
  std::uint32_t wal_frames() const { return capture_->position().frame; }
  sim::Task<void> until_durable(sim::Instant instant);
  sim::Task<void> checkpoint();

  const RelaySetup setup_;
  const bool kept_;  // bug B8: the files of an earlier life stay
  sqlite::Vfs vfs_;
  std::string problem_;
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
