#include "model/srs/leader_links.h"

#include "base/assert.h"
#include "model/srs/leader.h"

namespace tidemark::model::srs {
namespace {
/// Pause before a lost follower is tried again. Ours.
constexpr sim::Duration kReconnectPause = sim::Duration::milliseconds(100);
}  // namespace

FollowerLink::FollowerLink(SrsLeader& leader, sim::Process& process, std::uint32_t index, std::uint32_t follower)
    : leader_(leader), index_(index), follower_(follower), retry_(*this, &FollowerLink::connect, process) {
  connect();
}

void FollowerLink::connect() {
  connection_ = leader_.setup_.env.network().connect(follower_, this);
}

void FollowerLink::on_message(sim::Connection&, const sim::PayloadRef& message) {
  TIDEMARK_ASSERT(static_cast<MessageType>(message->type()) == MessageType::kAck, "a follower sends acks only");
  leader_.on_ack(*this, static_cast<const Ack&>(*message));
}

void FollowerLink::on_close(sim::Connection&, sim::CloseReason) {
  streaming_ = false;
  sim::Process& process = leader_.setup_.env.process();
  process.scheduler().arm_after(retry_, kReconnectPause);
}

ReplicaLink::ReplicaLink(SrsLeader& leader, std::unique_ptr<sim::Connection> connection)
    : leader_(leader), connection_(std::move(connection)) {
  connection_->set_receiver(this);
}

void ReplicaLink::on_message(sim::Connection&, const sim::PayloadRef& message) {
  TIDEMARK_ASSERT(static_cast<MessageType>(message->type()) == MessageType::kRegister,
                  "a replica leader only registers");
  leader_.on_register(*this, static_cast<const Register&>(*message));
}

void ReplicaLink::on_close(sim::Connection&, sim::CloseReason) {
  leader_.remove(*this);
}

}  // namespace tidemark::model::srs
