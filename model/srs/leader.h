// SrsLeader: the storage relay beside the primary, in its process. Sources: S1 and S3 of the facts on D1.
//
//   submit -> entry -> one Append to the followers and all replicas at once -> acks -> confirm, in order -> gate opens
//                                                                                 `-> Confirm, with the flush timer
//
// It never waits between two entries (pipelining). An entry is confirmed at the instant at which `quorum` distinct
// members hold it and everything before it durably, but the first time only through an entry of this leader's own epoch
// (Raft 5.4.2): what a takeover recovered is proved by the epoch-start entry behind it. Confirms go out at the instants
// phase + k * period of the flush timer, and only when there is something new: an idle database schedules no events.
//
// The gate breaks for good when the leader fails: a follower names a larger epoch (deposed), or the oldest unconfirmed
// entry has waited for confirm_timeout. What waits and what comes later gets kBroken, an unknown outcome.
//
// Followers: leader_followers.cc; membership: leader_members.cc; replicas and confirms: leader_fanout.cc. State
// machines and messages: docs/protocol.md.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "model/protocol/control_messages.h"
#include "model/protocol/messages.h"
#include "model/protocol/relay.h"
#include "model/srs/bookmark_waiters.h"
#include "model/srs/cold_writer.h"
#include "model/srs/leader_start.h"
#include "model/srs/log_tail.h"
#include "model/srs/quorum.h"
#include "model/srs/relay_setup.h"
#include "sim/core/connection.h"
#include "sim/core/member_timer.h"
#include "sim/core/wait.h"

namespace tidemark::model::srs {

class FollowerLink;
class ReplicaLink;
struct FollowerTruth;

/// Called from within the leader, which must not be destroyed during the call.
class LeaderListener {
 public:
  virtual ~LeaderListener() = default;
  /// The gate has broken: this leader will never confirm again.
  virtual void on_broken() {}
  /// A newcomer is complete and counts jointly: tell the control plane, again and again until reconfigured_recorded().
  virtual void on_newcomer_complete(const Reconfigured&) {}
};

class SrsLeader final : public PrimaryRelay, private ColdWriter::Listener {
 public:
  using Listener = LeaderListener;

  /// Connects at once to the followers of the appointment, and uploads the image as its first snapshot. The epoch-start
  /// entry is in the log when this returns. `listener` is not owned.
  SrsLeader(const RelaySetup& setup, const Appoint& appoint, LeaderStart start, Listener& listener);
  /// In worlds without a control plane: nobody listens.
  SrsLeader(const RelaySetup& setup, LeaderStart start, const std::vector<std::uint32_t>& followers);
  ~SrsLeader() override;
  SrsLeader(const SrsLeader&) = delete;
  SrsLeader& operator=(const SrsLeader&) = delete;

  /// Resolves with kOpen once the epoch-start entry, and with it all that was recovered, is confirmed (at once when the
  /// log is empty); with kBroken when that will never be known. Has no timeout of its own.
  sim::Task<GateStatus> start();

  Bookmark submit(CommittedTransaction transaction) override {
    return submit(std::move(transaction), EntryKind::kTransaction);
  }
  Bookmark submit(CommittedTransaction transaction, EntryKind kind);
  const Bookmark& committed() const override { return log_.last(); }
  const Bookmark& confirmed() const override { return confirmed_; }
  sim::Task<GateStatus> until_confirmed(Bookmark bookmark) override;

  /// The read lease runs until `until` of env.now(), the monotonic clock. Never shortens it.
  void set_lease(sim::Instant until);
  bool lease_runs() const;
  sim::Task<GateStatus> until_lease() override;

  void give_up_copy() override { fail(); }

  /// Takes over a connection on which a replica leader sent `request` as the first message. Later messages on it come
  /// to the leader by themselves. Replicas that were told to boot again ask again on the same connection.
  void adopt(std::unique_ptr<sim::Connection> connection, const Register& request);

  /// Membership. Anything that is not for this epoch or not the next version is ignored; the same order again repeats
  /// on_newcomer_complete() when the newcomer is complete; another process for the same version takes the place of the
  /// newcomer before.
  void reconfigure(const Reconfigure& order);
  /// The control plane has recorded `version` durably: the new set counts alone.
  void reconfigured_recorded(std::uint32_t version);
  /// What is complete and not recorded yet, to be told again.
  std::optional<std::uint32_t> unrecorded_version() const;
  std::uint32_t version() const { return version_; }
  /// Process ids by follower index.
  std::vector<std::uint32_t> follower_processes() const;
  /// Indices of followers without a connection, or with an entry on its way and no sign of life, for `age` or longer.
  std::vector<std::uint32_t> silent_followers(sim::Duration age) const;

  /// Planned hand-over: the host submits nothing more.
  void retire() { retiring_ = true; }
  /// Everything that was committed is confirmed (kOpen), or never will be known to be.
  sim::Task<GateStatus> until_drained();

  /// Breaks the gate for good (a newer epoch exists, the machine is to be given up) and closes all connections.
  /// Idempotent.
  void fail();
  bool broken() const { return broken_; }

  std::uint32_t epoch() const { return epoch_; }
  /// What is confirmed and still here, oldest first: Time Travel needs it for what is not in cold storage yet.
  std::vector<EntryRef> confirmed_tail() const;
  /// What the tail follows: everything up to it is in cold storage.
  const Bookmark& tail_start() const { return log_.start(); }
  std::size_t retained_entries() const { return log_.size(); }
  std::uint64_t retained_bytes() const { return log_.bytes(); }
  std::size_t registered_replicas() const;
  /// Followers of the set that acknowledge as members.
  std::size_t members() const;
  const ColdWriter& cold() const { return cold_; }

 private:
  friend class FollowerLink;
  friend class ReplicaLink;
  struct Newcomer;

  SrsLeader(const RelaySetup& setup, std::uint32_t version, const std::vector<std::uint32_t>& followers,
            const LeaderStart& start, Listener* listener);

  // The log.
  EntryRef append(CommittedTransaction transaction, EntryKind kind);
  void begin(const LeaderStart& start, const std::vector<std::uint32_t>& followers);
  void ship(const EntryRef& entry);

  // Followers: leader_followers.cc.
  void on_truth(FollowerLink& link, const FollowerTruth& truth);
  void settle(FollowerLink& link, const FollowerTruth& truth);
  void settle_member(FollowerLink& link, const FollowerTruth& truth);
  void seal(FollowerLink& link);
  void join(FollowerLink& link, const Bookmark& base, const Bookmark& target);
  void stream_after(FollowerLink& link, const Bookmark& have);
  void look_again(FollowerLink& link);
  void progress(FollowerLink& link, const FollowerTruth& truth);
  void count();
  void trim_tail();

  // Membership: leader_members.cc.
  void newcomer_progress(const FollowerTruth& truth);
  void put_newcomer_in_place();
  void announce_newcomer();
  void report_set();
  /// Bug A25: a newcomer counts at once and alone, whatever it holds.
  bool skips_catch_up() const { return setup_.bugs.has(Bug::kA25); }

  // Replicas and confirms: leader_fanout.cc.
  void on_register(ReplicaLink& link, const Register& request);
  void remove(ReplicaLink& link);
  /// Everything after `have`, which the log reaches, in batches.
  void send_after(sim::Connection& connection, const Bookmark& have);
  enum class FlushCause { kConfirmed, kNextEntry };
  void ask_flush(FlushCause cause);
  void flush();
  /// The newest confirm once more, for somebody who was away.
  sim::PayloadRef confirm_again() const;
  sim::PayloadRef trim_message() const;
  void on_uploaded(const Bookmark& up_to) override;

  void confirm_up_to(const Bookmark& bookmark);
  void watch_oldest();

  const RelaySetup setup_;
  Listener* const listener_;  // may be nullptr
  const std::uint32_t epoch_;
  std::uint32_t version_ = 0;
  // The log.
  LogTail log_;
  Quorum quorum_;
  Bookmark
      proof_;  // confirming begins when this is durable on a quorum; the start itself when there is nothing to prove
  Bookmark confirmed_;
  Bookmark announced_;  // newest confirm that was sent
  bool broken_ = false;
  bool retiring_ = false;
  BookmarkWaiters<GateStatus> gate_;
  sim::MemberTimer<SrsLeader> confirm_timer_;
  // The read lease.
  bool leased_ = false;
  sim::Instant lease_until_;
  sim::WaitQueue lease_;
  // The links. A registered replica gets every entry after the one it had.
  std::vector<std::unique_ptr<FollowerLink>> followers_;  // by index
  std::unique_ptr<Newcomer> newcomer_;
  std::uint32_t joins_ = 0;
  std::vector<std::unique_ptr<ReplicaLink>> replicas_;
  // The flush of confirms.
  sim::MemberTimer<SrsLeader> flush_timer_;
  std::int64_t flush_phase_ns_ = 0;
  // Cold storage.
  ColdWriter cold_;
  /// How long after its upload an entry is kept for replicas that boot. Ours: several times the time of a boot.
  static constexpr sim::Duration kKeptForBoots = sim::Duration::seconds(15);
  struct Upload {
    Bookmark up_to;
    sim::Instant at;
  };
  std::deque<Upload> uploads_;  // that are younger
  Bookmark previous_upload_;    // the newest that is not
};

}  // namespace tidemark::model::srs
