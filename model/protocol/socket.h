// Socket: a WebSocket that comes back by itself, by the rules of partysocket (documented defaults of version 2.1), and
// the frames that travel over it, both ways and at any time.
//
//   closed --open()--> connecting --accepted--> open --lost--> waiting --delay--> connecting
//                          |                                     ^
//                          +--refused, too slow, lost------------+        any --close()--> closed
//
// What is sent while the socket is not open waits in a queue without a limit and goes out when it opens, before its
// owner is told. What is in flight when the connection is lost is lost, and nobody is told.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "model/protocol/http.h"
#include "sim/core/connection.h"
#include "sim/core/member_timer.h"
#include "sim/core/process.h"

namespace tidemark::model {

/// Client <-> worker. A text is kept as the values that applications read and write; describe() renders it.
struct SocketFrame final : sim::Payload {
  enum class Kind : std::uint8_t {
    kUpgrade,   // client: this connection is to be a socket
    kAccepted,  // worker: it is one
    kText,
  };
  explicit SocketFrame(Kind what = Kind::kText)
      : Payload(static_cast<std::uint16_t>(MessageType::kSocketFrame)), kind(what) {}
  std::uint32_t wire_bytes() const override;
  std::uint64_t digest() const override;
  std::string describe() const override;

  const Kind kind;
  std::uint32_t database = 0;
  ActionBody text;            // what is said, with its values
  ResultSetRef rows;          // and its rows; may be nullptr
  std::uint32_t session = 0;  // observers: the checkers' session of who says it; 0 = nobody's
};
using SocketFrameRef = boost::intrusive_ptr<const SocketFrame>;
SocketFrameRef accepted_frame(std::uint32_t database);

struct SocketRules {
  sim::Duration first_delay = sim::Duration::seconds(3);  // before a second attempt; before the first: none
  std::int64_t growth_percent = 130;                      // of the delay, with each attempt after it
  sim::Duration longest_delay = sim::Duration::seconds(10);
  sim::Duration connect_timeout = sim::Duration::seconds(4);
  /// A socket that was open for so long was a success: delays begin anew.
  sim::Duration least_uptime = sim::Duration::seconds(5);
};

class SocketEvents {
 public:
  virtual ~SocketEvents() = default;
  virtual void on_socket_open() = 0;
  virtual void on_socket_text(const SocketFrame& frame) = 0;
  /// It was open. Not called by close().
  virtual void on_socket_lost() = 0;
};

class Socket final : public sim::Receiver {
 public:
  /// Closed. `peer` is the worker's Process::id(). The references must outlive the socket.
  Socket(sim::Process& process, sim::Transport& network, std::uint32_t peer, std::uint32_t database, SocketRules rules,
         SocketEvents& events);
  ~Socket() override;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  /// Only while closed. Comes back until close().
  void open();
  /// In order; what is queued is forgotten. No event follows.
  void close();
  /// The network under it is gone, or is another one. No effect without a connection.
  void drop();
  void send(SocketFrameRef frame);

  bool is_open() const { return open_; }
  std::size_t queued() const { return queue_.size(); }
  /// Before the next attempt, if the present one fails.
  sim::Duration next_delay() const;

 private:
  void connect();
  void give_up();
  void succeed() { attempts_ = 0; }
  void lose();
  void on_open(sim::Connection& connection) override;
  void on_message(sim::Connection& connection, const sim::PayloadRef& message) override;
  void on_close(sim::Connection& connection, sim::CloseReason reason) override;

  sim::Process& process_;
  sim::Transport& network_;
  const std::uint32_t peer_;
  const std::uint32_t database_;
  const SocketRules rules_;
  SocketEvents& events_;
  std::unique_ptr<sim::Connection> connection_;
  bool open_ = false;
  std::uint32_t attempts_ = 0;  // since the last success
  std::deque<SocketFrameRef> queue_;
  sim::MemberTimer<Socket> retry_;
  sim::MemberTimer<Socket> connect_limit_;
  sim::MemberTimer<Socket> uptime_;
};

}  // namespace tidemark::model
