// FollowerNode: one durability follower. Stores the leader's entries, says when they are durable, serves nobody.
//
// Promises: it stores no gap (an entry must continue its log, digest included), it acknowledges only what a power loss
// cannot take, it refuses every message of an epoch older than the newest it has seen. Acks are cumulative. To whoever
// connects it says first what it holds, so that a leader knows from where to send again.
//
// Idle rule: an ack is repeated ack_refresh after the last one, once; while something stays unconfirmed the repeats go
// on at doubling distances.
#pragma once

#include <memory>
#include <vector>

#include "model/protocol/messages.h"
#include "model/srs/follower_log.h"
#include "model/srs/member_timer.h"
#include "model/srs/relay_setup.h"
#include "sim/core/connection.h"
#include "sim/core/process.h"

namespace tidemark::model::srs {

/// The program of a follower's process: make it in the process's factory. Listens from its construction on.
class FollowerNode final : public sim::Program,
                           public sim::Acceptor,
                           public sim::Receiver,
                           public FollowerLog::Listener {
 public:
  /// `index` counts the followers of the database from 0. `base`: the position after which an empty log begins.
  FollowerNode(const RelaySetup& setup, std::uint32_t index, const Bookmark& base = {});
  ~FollowerNode() override;

  const FollowerLog& log() const { return log_; }
  /// Newest entry that it holds and knows to be confirmed.
  const Bookmark& confirmed() const { return confirmed_; }
  /// Newest epoch it has seen; older ones are refused.
  std::uint32_t epoch() const { return epoch_; }

 private:
  void on_accept(std::unique_ptr<sim::Connection> connection) override;
  void on_message(sim::Connection& connection, const sim::PayloadRef& message) override;
  void on_close(sim::Connection& connection, sim::CloseReason reason) override;
  void on_durable() override;
  void on_disk_failure() override;

  bool accepts(std::uint32_t epoch, sim::Connection& connection);
  void append(const Append& message);
  void confirm(const Bookmark& bookmark);
  void trim(const Bookmark& up_to);
  void ack(const Bookmark& bookmark);
  void send_ack(sim::Connection& connection, const Bookmark& bookmark);
  void refresh();
  const Bookmark& stored() const { return log_.empty() ? base_ : log_.last(); }

  const RelaySetup setup_;
  const std::uint32_t index_;
  const Bookmark base_;
  FollowerLog log_;
  bool failed_ = false;  // corrupt log or failed disk: it stores and acknowledges nothing
  std::uint32_t epoch_ = 0;
  Bookmark confirmed_;
  Bookmark announced_;  // newest confirm heard; beyond confirmed_ when its entry is not here yet
  std::vector<std::unique_ptr<sim::Connection>> connections_;
  sim::Connection* leader_ = nullptr;  // where the newest epoch's messages came from
  MemberTimer<FollowerNode> refresh_timer_;
  sim::Duration refresh_distance_;
};

}  // namespace tidemark::model::srs
