// ReplicaLeader: the storage relay beside a replica, in its process. Owns the replica's files, its WAL writer and its
// SQLite; the Durable Object reads through database().
//
//   booting --image installed--> registering --accepted--> live
//      ^------- refused, lost ---------'   ^                | connection lost, or it went silent: register again after
//                                          '----------------' what is here. Refused then, or the disk failed: the
//                                                             process restarts and boots
//
// A leader of the same epoch goes on after the newest entry here; one of another epoch after the visible one, and the
// hidden entries that are not of its log are dropped. Messages of any other epoch than the registered one are ignored.
//
// Boot: the newest snapshot and the segments after it from cold storage, then Register after the position reached; the
// leader sends what is missing and everything from then on. Entries are written to the replica's WAL when they come and
// stay hidden. A confirm names (epoch, bookmark with digest); it counts once exactly that entry is here, chained, and
// is published after the publish delay, in order. See ARCHITECTURE section 3 and docs/sqlite_replica.md.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/protocol/messages.h"
#include "model/protocol/relay.h"
#include "model/sqlite/checkpoint.h"
#include "model/sqlite/database.h"
#include "model/sqlite/wal_writer.h"
#include "model/srs/bookmark_waiters.h"
#include "model/srs/cold_reader.h"
#include "model/srs/relay_setup.h"
#include "sim/core/connection.h"
#include "sim/core/distribution.h"
#include "sim/core/member_timer.h"

namespace tidemark::model::srs {

class ReplicaLeader final : public ReplicaRelay, private sim::Receiver {
 public:
  /// The leader is where setup.locator says, or, without one, the process `primary`. Nothing happens before start().
  ReplicaLeader(const RelaySetup& setup, std::uint32_t primary, const sqlite::DatabaseSettings& settings);
  ~ReplicaLeader() override;
  ReplicaLeader(const ReplicaLeader&) = delete;
  ReplicaLeader& operator=(const ReplicaLeader&) = delete;

  /// Begins to boot. Once, while the process runs.
  void start();

  /// Origin until booted.
  const Bookmark& visible() const override { return visible_; }
  sim::Task<bool> until_visible(Bookmark bookmark, sim::Instant deadline) override;

  /// Booted and registered once: database() may be used.
  bool ready() const { return database_ != nullptr; }
  sim::Task<void> until_ready();
  void give_up_copy() override { give_up("a read failed"); }
  sqlite::Database& database() { return *database_; }
  sqlite::Vfs& vfs() { return *vfs_; }

  /// Newest entry written, hidden or not.
  const Bookmark& received() const { return received_; }
  std::uint32_t boots() const { return boots_; }
  /// A checkpoint begins although the WAL is short. False when one is under way, or the copy is not ready.
  bool checkpoint_now();
  std::uint64_t checkpoints() const { return checkpoints_; }
  /// Why the last boot failed; empty when it did not.
  const std::string& problem() const { return problem_; }

 private:
  /// A confirm on its way to be published.
  struct Publish {
    Bookmark target;
    sim::Instant flushed;
    sim::Instant arrived;
    sim::Duration delay;
    std::vector<Confirm::Newly> newly;
    bool complete = false;  // target is here: due is set
    sim::Instant due;
  };
  /// Of an entry without a lag sample yet. A sample needs both: what a confirm tells and the publication.
  struct Arrival {
    Bookmark bookmark;
    sim::Instant at;
    std::optional<sim::Instant> shown;
    bool told = false;  // what follows is known
    sim::Instant confirmed;
    sim::Instant flushed;
    sim::Instant confirm_arrived;
  };

  // Boot.
  sim::Task<void> boot();
  bool install(const ColdImage& image);
  bool open_database();
  void retry_later();
  void retry();
  void connect();
  void on_open(sim::Connection& connection) override;
  void on_message(sim::Connection& connection, const sim::PayloadRef& message) override;
  void on_close(sim::Connection& connection, sim::CloseReason reason) override;
  void on_registered(const Registered& answer);
  bool rewind(const Bookmark& after);
  /// The copy cannot be trusted any more: the process restarts and boots.
  void give_up(std::string reason);
  void check_leader();
  bool look_for_gap();
  // The log.
  /// Bug F20: what was sent before the newest question, to an earlier incarnation or by an earlier leader counts as
  /// well.
  bool takes_late() const { return setup_.bugs.has(Bug::kF20); }
  void on_append(const Append& message);
  bool store(const EntryRef& entry);
  void on_confirm(boost::intrusive_ptr<const Confirm> confirm);
  void confirm_by_number(const Confirm& confirm);
  // Publishing.
  void queue_publish(Publish publish);
  void complete_publishes();
  void publish_due();
  void show_up_to(const Bookmark& target);
  void note_told(const Publish& publish);
  void report_lag();
  const Bookmark& reached() const;
  sim::Task<void> checkpoint();

  const RelaySetup setup_;
  const std::uint32_t primary_;
  const sqlite::DatabaseSettings settings_;
  const sim::DurationDistribution publish_delay_;
  sim::RandomStream& publish_random_;
  sim::Duration clock_error_;
  // The connection.
  std::unique_ptr<sim::Connection> connection_;
  bool registered_ = false;
  std::uint64_t asked_ = 0;           // number of the newest Register
  bool asking_ = false;               // it is not answered yet
  std::uint32_t leader_process_ = 0;  // whom connection_ goes to
  std::uint32_t epoch_ = 0;           // of the leader that received_ came from
  Bookmark registered_confirmed_;     // as the leader said when it accepted
  sim::MemberTimer<ReplicaLeader> retry_timer_;
  sim::Duration retry_pause_;
  sim::MemberTimer<ReplicaLeader> silence_timer_;  // looks after the connection while there is one
  /// Of look_for_gap(): the newest entry here at the last one, and since when that lacks something confirmed.
  Bookmark looked_at_;
  std::optional<sim::Instant> stuck_since_;
  sim::Duration patience_;
  std::uint32_t boots_ = 0;
  std::string problem_;
  // The copy. Destroyed in the opposite order.
  std::unique_ptr<sqlite::Vfs> vfs_;
  std::unique_ptr<sqlite::WalWriter> writer_;
  std::unique_ptr<sqlite::Database> database_;
  std::unique_ptr<sqlite::Checkpointer> checkpointer_;
  bool checkpointing_ = false;
  std::uint64_t checkpoints_ = 0;
  sim::WaitQueue ready_;
  // The log.
  Bookmark received_;
  Bookmark visible_;
  Bookmark booted_at_;
  std::deque<EntryRef> hidden_;   // after visible_, in order
  std::deque<Arrival> arrivals_;  // in order
  /// Confirms that overtook the answer to Register on their way; the newest kMostEarly.
  std::deque<boost::intrusive_ptr<const Confirm>> early_;
  std::deque<Publish> publishes_;  // in order
  sim::Instant last_due_;
  sim::MemberTimer<ReplicaLeader> publish_timer_;
  BookmarkWaiters<bool> waiters_;
};

}  // namespace tidemark::model::srs
