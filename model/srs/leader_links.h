// The leader's ends of its connections: one to each follower, one from each replica. Private to the leader.
#pragma once

#include <memory>

#include "model/protocol/messages.h"
#include "model/srs/member_timer.h"
#include "sim/core/connection.h"

namespace tidemark::model::srs {

class SrsLeader;

/// To one follower. Connects, connects again after a loss, and knows from where to send:
///
///   streaming --connection lost--> waiting --first ack on the new connection--> streaming
///
/// The first connection is streaming from the start: where the logs begin is known.
class FollowerLink final : public sim::Receiver {
 public:
  FollowerLink(SrsLeader& leader, sim::Process& process, std::uint32_t index, std::uint32_t follower);
  std::uint32_t index() const { return index_; }
  bool streaming() const { return streaming_; }
  void set_streaming() { streaming_ = true; }
  sim::Connection& connection() { return *connection_; }
  /// Nothing is sent while the follower's position is unknown.
  void send(const sim::PayloadRef& message) {
    if (streaming_) connection_->send(message);
  }

 private:
  void connect();
  void on_message(sim::Connection& connection, const sim::PayloadRef& message) override;
  void on_close(sim::Connection& connection, sim::CloseReason reason) override;

  SrsLeader& leader_;
  const std::uint32_t index_;
  const std::uint32_t follower_;  // Process::id()
  std::unique_ptr<sim::Connection> connection_;
  bool streaming_ = true;
  MemberTimer<FollowerLink> retry_;
};

/// From one replica leader.
class ReplicaLink final : public sim::Receiver {
 public:
  ReplicaLink(SrsLeader& leader, std::unique_ptr<sim::Connection> connection);
  bool registered() const { return registered_; }
  void set_registered() { registered_ = true; }
  sim::Connection& connection() { return *connection_; }

 private:
  void on_message(sim::Connection& connection, const sim::PayloadRef& message) override;
  void on_close(sim::Connection& connection, sim::CloseReason reason) override;

  SrsLeader& leader_;
  std::unique_ptr<sim::Connection> connection_;
  bool registered_ = false;
};

}  // namespace tidemark::model::srs
