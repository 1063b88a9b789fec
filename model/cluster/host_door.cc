// HostNode: the front door, and the requests that are served, held or refused.
#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "model/cluster/host_node.h"
#include "sim/core/scheduler.h"

namespace tidemark::model {
namespace {

/// Longest wait of a request for a database that moves or sleeps. Ours.
constexpr sim::Duration kHoldTimeout = sim::Duration::seconds(10);
/// How often the host looks whether those that wait should go elsewhere.
constexpr sim::Duration kLookAtHeld = sim::Duration::milliseconds(50);

}  // namespace

void HostNode::on_accept(std::unique_ptr<sim::Connection> connection) {
  sim::Connection& accepted = *connection;
  silent_.push_back(std::move(connection));
  accepted.set_receiver(this);
}

void HostNode::on_message(sim::Connection& connection, const sim::PayloadRef& message) {
  std::unique_ptr<sim::Connection> taken = take(connection);
  switch (static_cast<MessageType>(message->type())) {
    case MessageType::kRegister:
      // A replica that comes too early or too late sees the connection end and looks again where the primary is.
      if (phase_ == LeaderPhase::kServing || phase_ == LeaderPhase::kRestoring)
        leader_->adopt(std::move(taken), static_cast<const Register&>(*message));
      return;
    case MessageType::kD1Request:
    case MessageType::kRestoreRequest:
      server_.adopt(std::move(taken), message);
      return;
    default:
      TIDEMARK_ASSERT(false, "nobody else talks to a host");
  }
}

void HostNode::on_close(sim::Connection& connection, sim::CloseReason) {
  take(connection);
}

std::unique_ptr<sim::Connection> HostNode::take(sim::Connection& connection) {
  for (auto it = silent_.begin(); it != silent_.end(); ++it) {
    if (it->get() != &connection) continue;
    std::unique_ptr<sim::Connection> taken = std::move(*it);
    silent_.erase(it);
    return taken;
  }
  TIDEMARK_ASSERT(false, "a connection that was accepted here");
  return nullptr;
}

void HostNode::on_request(RpcPeer from, const sim::PayloadRef& message) {
  if (message->type() == static_cast<std::uint16_t>(MessageType::kRestoreRequest)) {
    process().spawn(answer_restore(from, boost::static_pointer_cast<const RestoreRequest>(message)));
    return;
  }
  TIDEMARK_ASSERT(message->type() == static_cast<std::uint16_t>(MessageType::kD1Request));
  boost::intrusive_ptr<const D1Request> request = boost::static_pointer_cast<const D1Request>(message);
  last_request_ = setup_.relay.env.now();
  const bool held = setup_.relay.env.unlikely("host/hold-all", sim::BuggifyClass::kBranch);
  if (phase_ == LeaderPhase::kServing && !held) {
    process().spawn(serve(from, std::move(request)));
  } else if (may_hold()) {
    hold(from, std::move(request));
  } else {
    refuse(from, *request);
  }
}

sim::Task<void> HostNode::serve(RpcPeer from, boost::intrusive_ptr<const D1Request> request) {
  ++open_;
  boost::intrusive_ptr<D1Response> response = co_await object_->handle(std::move(request));
  server_.reply(from, std::move(response));
  if (--open_ == 0) drained_.notify_all();
}

/// Will the database be served here, or is this where the routes lead meanwhile?
bool HostNode::may_hold() const {
  switch (phase_) {
    case LeaderPhase::kBroken:
      return false;
    case LeaderPhase::kIdle:
    case LeaderPhase::kRetiring:
    case LeaderPhase::kRetired:
      return setup_.directory->primary(setup_.identity.database) == setup_.relay.env.process().id();
    default:
      return true;
  }
}

void HostNode::hold(RpcPeer from, boost::intrusive_ptr<const D1Request> request) {
  const bool refused = setup_.relay.env.unlikely("host/refuse-held", sim::BuggifyClass::kError);
  if (refused || held_.size() >= setup_.options.queue_limit) {
    refuse(from, *request);
    return;
  }
  const sim::Duration longest = std::min(kHoldTimeout, setup_.options.bookmark_wait_timeout);
  held_.push_back({from, std::move(request), setup_.relay.env.now() + longest});
  if (held_timer_.armed()) return;
  look_at_held();
}

void HostNode::look_at_held() {
  if (phase_ == LeaderPhase::kServing) {
    while (!held_.empty()) {
      Held next = std::move(held_.front());
      held_.pop_front();
      process().spawn(serve(next.peer, std::move(next.request)));
    }
  }
  if (!may_hold()) refuse_held();
  while (!held_.empty() && held_.front().deadline <= setup_.relay.env.now()) {
    refuse(held_.front().peer, *held_.front().request);
    held_.pop_front();
  }
  if (held_.empty()) {
    held_timer_.cancel();
    return;
  }
  if (phase_ == LeaderPhase::kIdle) {
    boost::intrusive_ptr<Wake> wake(new Wake);
    wake->database = setup_.identity.database;
    link_.send(std::move(wake));
  }
  process().scheduler().arm_after(held_timer_, kLookAtHeld);
}

void HostNode::refuse(RpcPeer from, const D1Request& request) {
  boost::intrusive_ptr<D1Response> response(new D1Response);
  response->id = request.id;
  response->error = "D1_ERROR: Network connection lost.";
  response->retryable = true;
  server_.reply(from, std::move(response));
  if (!request.forwarded) setup_.relay.observer.on_failure(setup_.identity.database, request.session, false, {});
}

void HostNode::refuse_held() {
  while (!held_.empty()) {
    refuse(held_.front().peer, *held_.front().request);
    held_.pop_front();
  }
}

}  // namespace tidemark::model
