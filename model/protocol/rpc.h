// Requests and answers over a connection, matched by id.
//
// RpcClient is the asking side towards one process: it opens a connection when a call needs one, keeps it, and shares
// it between calls. When the connection ends, every call that is pending on it ends without an answer, in the order in
// which the calls were made; the next call opens a new one. RpcServer is the answering side: it accepts, hands every
// message to its handler with the number of the connection, and sends answers back if that connection still lives.
#pragma once

#include <coroutine>
#include <cstdint>
#include <map>
#include <memory>

#include "sim/core/connection.h"
#include "sim/core/process.h"
#include "sim/core/timer.h"

namespace tidemark::model {

/// The end of a call. `message` is nullptr when there is no answer.
struct RpcAnswer {
  sim::PayloadRef message;
  /// Without an answer: the peer cannot have seen the request (the connection never opened).
  bool never_sent = false;
};

class RpcClient;

/// Awaitable of one call. The request leaves when it is awaited. Destroying the waiting frame forgets the call.
class [[nodiscard]] RpcCall {
 public:
  RpcCall(RpcClient& client, std::uint64_t id, sim::PayloadRef request);
  ~RpcCall();
  RpcCall(const RpcCall&) = delete;
  RpcCall& operator=(const RpcCall&) = delete;
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle);
  RpcAnswer await_resume() { return std::move(answer_); }

 private:
  friend class RpcClient;
  static void fire(sim::Timer& timer) { reinterpret_cast<RpcCall&>(timer).handle_.resume(); }
  sim::Timer timer_;  // first member, see fire()
  RpcClient& client_;
  const std::uint64_t id_;
  sim::PayloadRef request_;
  RpcAnswer answer_;
  RpcCall* next_ = nullptr;
  RpcCall* prev_ = nullptr;
  bool linked_ = false;
  std::coroutine_handle<> handle_;
};

class RpcClient final : public sim::Receiver {
 public:
  /// Both must outlive the client; `peer` is a Process::id().
  RpcClient(sim::Process& process, sim::Transport& network, std::uint32_t peer);
  ~RpcClient() override;
  RpcClient(const RpcClient&) = delete;
  RpcClient& operator=(const RpcClient&) = delete;

  /// For the request's id field: 1, 2, 3, ... over all connections.
  std::uint64_t next_id() { return ++last_id_; }
  /// `request` carries `id`. Resolves with the answer, as part of the event that delivers it, or when the connection
  /// ended.
  RpcCall call(std::uint64_t id, sim::PayloadRef request) { return RpcCall(*this, id, std::move(request)); }
  /// Ends the connection in order; pending calls end without an answer.
  void hang_up();
  std::uint32_t peer() const { return peer_; }
  std::size_t pending() const { return pending_; }

 private:
  friend class RpcCall;
  void start(RpcCall& call);
  void unlink(RpcCall& call);
  void fail_all(bool never_sent);
  void on_open(sim::Connection& connection) override;
  void on_message(sim::Connection& connection, const sim::PayloadRef& message) override;
  void on_close(sim::Connection& connection, sim::CloseReason reason) override;

  sim::Process& process_;
  sim::Transport& network_;
  const std::uint32_t peer_;
  std::unique_ptr<sim::Connection> connection_;
  bool opened_ = false;  // the handshake of connection_ is done
  std::uint64_t last_id_ = 0;
  RpcCall* first_ = nullptr;  // oldest call first
  RpcCall* last_ = nullptr;
  std::size_t pending_ = 0;
};

/// Number of an accepted connection, from 1 in the order of accepting.
using RpcPeer = std::uint64_t;

class RpcHandler {
 public:
  virtual ~RpcHandler() = default;
  /// Called in the event of the delivery; usually spawns a task that ends in RpcServer::reply.
  virtual void on_request(RpcPeer from, const sim::PayloadRef& message) = 0;
  /// The connection is gone; nothing can be sent over it any more.
  virtual void on_gone(RpcPeer) {}
};

class RpcServer final : public sim::Acceptor, public sim::Receiver {
 public:
  /// `handler` must outlive the server. Give it to Transport::listen, or hand it connections with adopt().
  explicit RpcServer(RpcHandler& handler) : handler_(handler) {}
  RpcServer(const RpcServer&) = delete;
  RpcServer& operator=(const RpcServer&) = delete;

  /// Takes a connection that somebody else accepted and whose first message turned out to be a request.
  void adopt(std::unique_ptr<sim::Connection> connection, const sim::PayloadRef& first);
  void on_accept(std::unique_ptr<sim::Connection> connection) override;

  /// An answer, or whatever else is to be said over that connection. Dropped when it is gone.
  void reply(RpcPeer to, sim::PayloadRef message);
  std::size_t connections() const { return connections_.size(); }

 private:
  void on_message(sim::Connection& connection, const sim::PayloadRef& message) override;
  void on_close(sim::Connection& connection, sim::CloseReason reason) override;

  RpcHandler& handler_;
  RpcPeer last_ = 0;
  std::map<RpcPeer, std::unique_ptr<sim::Connection>> connections_;
};

}  // namespace tidemark::model
