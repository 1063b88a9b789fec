// The leader's ends of its connections: one to each follower, one from each replica. Private to the leader.
#pragma once

#include <memory>

#include "model/protocol/messages.h"
#include "sim/core/connection.h"
#include "sim/core/member_timer.h"

namespace tidemark::model::srs {

class SrsLeader;

/// What a follower says of itself, in an Ack or a Sealed.
struct FollowerTruth {
  std::uint32_t promise = 0;  // newest epoch that it obeys
  FollowerState state = FollowerState::kBlank;
  std::uint64_t generation = 0;
  Bookmark base;
  Bookmark durable;     // newest durable entry; base when the log is empty
  bool sealed = false;  // came as the answer to a Seal
};

/// To one follower. Connects, connects again after a loss.
///
///   kUnknown --hello: its log is a prefix of ours, or a Join was sent--> kStreaming
///   kUnknown --hello: a member whose newest entry is not on our log--> kSealing --promised--> kProbing or kStreaming
///   kProbing --answer to the second Seal: it could cut its log--> kStreaming, else Join--> kStreaming
///   any --connection lost--> kUnknown
///
/// kProbing is streaming from the oldest entry in memory, with a Seal behind it: the answer tells whether the follower
/// shares that entry.
class FollowerLink final : public sim::Receiver {
 public:
  enum class Phase : std::uint8_t { kUnknown, kSealing, kProbing, kStreaming };

  FollowerLink(SrsLeader& leader, sim::Process& process, std::uint32_t slot, std::uint32_t follower);
  std::uint32_t slot() const { return slot_; }
  void move_to_slot(std::uint32_t slot) { slot_ = slot; }
  std::uint32_t follower() const { return follower_; }
  sim::Connection& connection() { return *connection_; }
  /// Nothing is sent while the follower's position is unknown.
  bool streaming() const { return phase == Phase::kStreaming || phase == Phase::kProbing; }
  void send(const sim::PayloadRef& message) {
    if (streaming()) connection_->send(message);
  }
  /// For good: closes, never connects again, hears nothing any more.
  void stop();
  /// For how long has it been out of reach, or has it not answered to what was sent?
  sim::Duration silent_for(sim::Instant now) const {
    return out_of_reach_ || waiting_ ? now - since_ : sim::Duration{};
  }
  void note_sent(sim::Instant now);
  void note_heard(sim::Instant now, bool holds_all);
  /// It lacks entries: the leader looks again after a pause, once. No effect while such a look is due.
  void expect_more();

  // Owned by the leader's rules.
  Phase phase = Phase::kUnknown;
  bool member = false;           // acknowledges as a member, in this generation
  std::uint64_t generation = 0;  // of its log, as told by it or by our Join: older acks do not count
  Bookmark durable;              // newest acknowledgement that is on our log
  Bookmark looked_at;            // `durable` at the last look_again()

 private:
  void connect();
  void look();
  void on_message(sim::Connection& connection, const sim::PayloadRef& message) override;
  void on_close(sim::Connection& connection, sim::CloseReason reason) override;

  SrsLeader& leader_;
  std::uint32_t slot_;
  const std::uint32_t follower_;  // Process::id()
  std::unique_ptr<sim::Connection> connection_;
  bool stopped_ = false;
  bool out_of_reach_ = true;  // no word from it on this connection yet
  bool waiting_ = false;      // something that was sent is not acknowledged
  sim::Instant since_;        // of out_of_reach_; or the last word, or the first thing sent after it
  sim::MemberTimer<FollowerLink> retry_;
  sim::MemberTimer<FollowerLink> look_;
};

/// From one replica leader.
class ReplicaLink final : public sim::Receiver {
 public:
  ReplicaLink(SrsLeader& leader, std::unique_ptr<sim::Connection> connection);
  bool registered() const { return registered_; }
  sim::Connection& connection() { return *connection_; }
  /// Is this the newest Register that came on this connection? It is from now on, then.
  bool note_asked(const Register& request) {
    const bool newest = request.number > asked_;
    if (newest) asked_ = request.number;
    return newest;
  }
  /// From now on it gets every new entry. `replica`: Process::id().
  void set_registered(std::uint32_t replica) {
    replica_ = replica;
    registered_ = true;
  }
  void set_refused() { registered_ = false; }
  std::uint32_t replica() const { return replica_; }

 private:
  void on_message(sim::Connection& connection, const sim::PayloadRef& message) override;
  void on_close(sim::Connection& connection, sim::CloseReason reason) override;

  SrsLeader& leader_;
  std::unique_ptr<sim::Connection> connection_;
  std::uint32_t replica_ = 0;
  std::uint64_t asked_ = 0;  // number of the newest Register
  bool registered_ = false;
};

}  // namespace tidemark::model::srs
