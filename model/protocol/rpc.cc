#include "model/protocol/rpc.h"

#include "base/assert.h"
#include "model/protocol/control_messages.h"
#include "model/protocol/http.h"
#include "model/protocol/messages.h"
#include "sim/core/scheduler.h"

namespace tidemark::model {
namespace {

/// The id that an answer repeats; 0 for a message that is no answer.
std::uint64_t answer_id(const sim::Payload& message) {
  switch (static_cast<MessageType>(message.type())) {
    case MessageType::kD1Response:
      return static_cast<const D1Response&>(message).id;
    case MessageType::kHttpResponse:
      return static_cast<const HttpResponse&>(message).id;
    case MessageType::kRestoreResponse:
      return static_cast<const RestoreResponse&>(message).id;
    default:
      return 0;
  }
}

}  // namespace

RpcCall::RpcCall(RpcClient& client, std::uint64_t id, sim::PayloadRef request)
    : timer_(&RpcCall::fire, sim::EventKind::kResume, &client.process_),
      client_(client),
      id_(id),
      request_(std::move(request)) {
  TIDEMARK_ASSERT(id != 0 && request_ != nullptr);
}

RpcCall::~RpcCall() {
  if (linked_) client_.unlink(*this);
}

void RpcCall::await_suspend(std::coroutine_handle<> handle) {
  handle_ = handle;
  client_.start(*this);
}

RpcClient::RpcClient(sim::Process& process, sim::Transport& network, std::uint32_t peer)
    : process_(process), network_(network), peer_(peer) {}

// Calls that are left behind belong to frames which a crash has destroyed already, or which never resume.
RpcClient::~RpcClient() {
  while (first_ != nullptr) unlink(*first_);
}

void RpcClient::start(RpcCall& call) {
  TIDEMARK_ASSERT(!call.linked_);
  if (!connection_) {
    opened_ = false;
    connection_ = network_.connect(peer_, this);
  }
  call.linked_ = true;
  call.prev_ = last_;
  (last_ != nullptr ? last_->next_ : first_) = &call;
  last_ = &call;
  ++pending_;
  connection_->send(std::move(call.request_));
}

void RpcClient::unlink(RpcCall& call) {
  TIDEMARK_ASSERT(call.linked_ && pending_ > 0);
  (call.prev_ != nullptr ? call.prev_->next_ : first_) = call.next_;
  (call.next_ != nullptr ? call.next_->prev_ : last_) = call.prev_;
  call.next_ = call.prev_ = nullptr;
  call.linked_ = false;
  --pending_;
}

void RpcClient::on_open(sim::Connection&) {
  opened_ = true;
}

// Resumes the caller right here: the delivery is an event of its own process already, one more would only cost time.
// The caller may destroy this client, so nothing is touched afterwards.
void RpcClient::on_message(sim::Connection&, const sim::PayloadRef& message) {
  const std::uint64_t id = answer_id(*message);
  RpcCall* call = first_;
  while (call != nullptr && call->id_ != id) call = call->next_;
  if (call == nullptr) return;  // the caller's frame is gone
  unlink(*call);
  call->answer_.message = message;
  call->handle_.resume();
}

void RpcClient::on_close(sim::Connection&, sim::CloseReason) {
  const bool never_sent = !opened_;
  connection_.reset();
  fail_all(never_sent);
}

void RpcClient::hang_up() {
  if (connection_) connection_->close();
  connection_.reset();
  fail_all(false);
}

void RpcClient::fail_all(bool never_sent) {
  while (first_ != nullptr) {
    RpcCall& call = *first_;
    unlink(call);
    call.answer_.never_sent = never_sent;
    process_.scheduler().arm(call.timer_, process_.scheduler().now(), call.id_);
  }
}

void RpcServer::reply(RpcPeer to, sim::PayloadRef message) {
  const auto found = connections_.find(to);
  if (found != connections_.end()) found->second->send(std::move(message));
}

void RpcServer::on_accept(std::unique_ptr<sim::Connection> connection) {
  const RpcPeer number = ++last_;
  connection->label = number;
  sim::Connection& accepted = *connection;
  connections_.emplace(number, std::move(connection));
  accepted.set_receiver(this);
}

void RpcServer::adopt(std::unique_ptr<sim::Connection> connection, const sim::PayloadRef& first) {
  sim::Connection& adopted = *connection;
  on_accept(std::move(connection));
  handler_.on_request(adopted.label, first);
}

void RpcServer::on_message(sim::Connection& connection, const sim::PayloadRef& message) {
  handler_.on_request(connection.label, message);
}

void RpcServer::on_close(sim::Connection& connection, sim::CloseReason) {
  const RpcPeer gone = connection.label;
  connections_.erase(gone);
  handler_.on_gone(gone);
}

}  // namespace tidemark::model
