#include "model/srs/leader_links.h"

#include "model/srs/leader.h"

namespace tidemark::model::srs {
namespace {
/// Pause before a lost follower is tried again. Ours.
constexpr sim::Duration kReconnectPause = sim::Duration::milliseconds(100);
/// Without progress for so long entries are sent again: they may have come out of order, and gaps are not stored. Ours.
constexpr sim::Duration kSendAgainPause = sim::Duration::seconds(2);

FollowerTruth truth_of(const Ack& ack) {
  return {ack.epoch, ack.state, ack.generation, ack.base, ack.bookmark, false};
}
FollowerTruth truth_of(const Sealed& sealed) {
  return {sealed.epoch, sealed.state, sealed.generation, sealed.base, sealed.last, true};
}
}  // namespace

FollowerLink::FollowerLink(SrsLeader& leader, sim::Process& process, std::uint32_t slot, std::uint32_t follower)
    : leader_(leader),
      slot_(slot),
      follower_(follower),
      since_(process.scheduler().now()),
      retry_(*this, &FollowerLink::connect, process),
      look_(*this, &FollowerLink::look, process) {
  connect();
}

void FollowerLink::expect_more() {
  if (look_.armed()) return;
  looked_at = durable;
  leader_.setup_.env.process().scheduler().arm_after(look_, kSendAgainPause);
}

void FollowerLink::look() {
  leader_.look_again(*this);
}

void FollowerLink::connect() {
  connection_ = leader_.setup_.env.network().connect(follower_, this);
}

void FollowerLink::stop() {
  stopped_ = true;
  phase = Phase::kUnknown;
  retry_.cancel();
  look_.cancel();
  connection_->close();
}

void FollowerLink::on_message(sim::Connection&, const sim::PayloadRef& message) {
  if (stopped_) return;
  switch (static_cast<MessageType>(message->type())) {
    case MessageType::kAck:
      return leader_.on_truth(*this, truth_of(static_cast<const Ack&>(*message)));
    case MessageType::kSealed:
      return leader_.on_truth(*this, truth_of(static_cast<const Sealed&>(*message)));
    default:
      return;  // late, of a takeover
  }
}

void FollowerLink::on_close(sim::Connection&, sim::CloseReason) {
  phase = Phase::kUnknown;
  look_.cancel();
  if (stopped_) return;
  sim::Process& process = leader_.setup_.env.process();
  if (!out_of_reach_) since_ = process.scheduler().now();
  out_of_reach_ = true;
  process.scheduler().arm_after(retry_, kReconnectPause);
}

void FollowerLink::note_sent(sim::Instant now) {
  if (!streaming() || out_of_reach_ || waiting_) return;
  waiting_ = true;
  since_ = now;
}

void FollowerLink::note_heard(sim::Instant now, bool holds_all) {
  out_of_reach_ = false;
  waiting_ = !holds_all;
  since_ = now;
}

ReplicaLink::ReplicaLink(SrsLeader& leader, std::unique_ptr<sim::Connection> connection)
    : leader_(leader), connection_(std::move(connection)) {
  connection_->set_receiver(this);
}

void ReplicaLink::on_message(sim::Connection&, const sim::PayloadRef& message) {
  if (static_cast<MessageType>(message->type()) != MessageType::kRegister || leader_.broken()) return;
  leader_.on_register(*this, static_cast<const Register&>(*message));
}

void ReplicaLink::on_close(sim::Connection&, sim::CloseReason) {
  leader_.remove(*this);
}

}  // namespace tidemark::model::srs
