// SrsLeader: the storage relay beside the primary, in its process. Sources: S1 and S3 of the facts on D1.
//
//   submit -> entry -> one Append to 5 followers and all replicas at once -> acks -> confirm, in order -> gate opens
//                                                                               `-> Confirm, with the flush timer
//
// It never waits between two entries (pipelining). An entry is confirmed at the instant at which `quorum` distinct
// followers hold it and everything before it durably. Confirms go out at the instants phase + k * period of the flush
// timer, and only when there is something new: an idle database schedules no events. When the leader fails, the gate
// breaks for good: what waits and what comes later gets kBroken, an unknown outcome.
//
// The entries after the last but one cold segment stay in memory, for replicas that catch up; older ones are read from
// cold storage.
#pragma once

#include <memory>
#include <vector>

#include "model/protocol/messages.h"
#include "model/protocol/relay.h"
#include "model/srs/bookmark_waiters.h"
#include "model/srs/cold_writer.h"
#include "model/srs/log_tail.h"
#include "model/srs/member_timer.h"
#include "model/srs/quorum.h"
#include "model/srs/relay_setup.h"
#include "sim/core/connection.h"

namespace tidemark::model::srs {

class FollowerLink;
class ReplicaLink;

/// Where a leader begins. Everything up to `position` is confirmed; `image` is the database there.
struct LeaderStart {
  std::uint32_t epoch = 1;
  Bookmark position;
  std::vector<sim::BufferRef> image;  // page 1 first
};

class SrsLeader final : public PrimaryRelay, private ColdWriter::Listener {
 public:
  /// `followers`: process ids, by follower index; their logs begin after start.position. Connects at once, and uploads
  /// the image as the first snapshot, from which replicas boot.
  SrsLeader(const RelaySetup& setup, LeaderStart start, const std::vector<std::uint32_t>& followers);
  ~SrsLeader() override;
  SrsLeader(const SrsLeader&) = delete;
  SrsLeader& operator=(const SrsLeader&) = delete;

  Bookmark submit(CommittedTransaction transaction) override;
  const Bookmark& committed() const override { return log_.last(); }
  const Bookmark& confirmed() const override { return confirmed_; }
  sim::Task<GateStatus> until_confirmed(Bookmark bookmark) override;

  /// Takes over a connection on which a replica leader sent `request` as the first message. Later messages on it come
  /// to the leader by themselves. Replicas that were told to boot again ask again on the same connection.
  void adopt(std::unique_ptr<sim::Connection> connection, const Register& request);

  /// Breaks the gate for good (a newer epoch exists, the machine is to be given up). Idempotent.
  void fail();
  bool broken() const { return broken_; }

  std::uint32_t epoch() const { return epoch_; }
  std::size_t retained_entries() const { return log_.size(); }
  std::size_t registered_replicas() const;
  const ColdWriter& cold() const { return cold_; }

 private:
  friend class FollowerLink;
  friend class ReplicaLink;

  // What the links report.
  void on_ack(FollowerLink& link, const Ack& ack);
  void on_register(ReplicaLink& link, const Register& request);
  void remove(ReplicaLink& link);
  /// Everything after `have`, which the log reaches, in batches.
  void send_after(sim::Connection& connection, const Bookmark& have);

  void confirm_up_to(const Bookmark& bookmark);
  enum class FlushCause { kConfirmed, kNextEntry };
  void ask_flush(FlushCause cause);
  void flush();
  void on_uploaded(const Bookmark& up_to) override;

  const RelaySetup setup_;
  const std::uint32_t epoch_;
  // The log.
  LogTail log_;
  Quorum quorum_;
  Bookmark confirmed_;
  Bookmark announced_;  // newest confirm that was sent
  bool broken_ = false;
  BookmarkWaiters<GateStatus> gate_;
  // The links. A registered replica gets every entry after the one it had.
  std::vector<std::unique_ptr<FollowerLink>> followers_;
  std::vector<std::unique_ptr<ReplicaLink>> replicas_;
  // The flush of confirms.
  MemberTimer<SrsLeader> flush_timer_;
  std::int64_t flush_phase_ns_ = 0;
  // Cold storage.
  ColdWriter cold_;
  Bookmark previous_upload_;
};

}  // namespace tidemark::model::srs
