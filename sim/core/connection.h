// Connections between processes: FIFO streams of messages, as TCP gives them. Interfaces only: sim/net implements
// them; sockets could.
//
// Within one connection messages arrive in the order in which they were sent, each at most once; loss is delay. Across
// connections there is no order. A message that was in flight when the connection was reset is lost.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sim/core/payload.h"

namespace tidemark::sim {

enum class CloseReason : std::uint8_t {
  kPeerClosed,  // the other side closed in order: all it had sent was delivered
  kReset,       // the other process died, the network reset the stream: anything in flight is lost
  kRefused,     // nobody listens there
  kTimeout,     // the peer did not answer the handshake
};

class Connection;

/// Gets the events of a connection. Callbacks may send, close or destroy the connection they got.
class Receiver {
 public:
  virtual ~Receiver() = default;
  /// The handshake is done (connecting side only). What was sent before is on its way then.
  virtual void on_open(Connection&) {}
  virtual void on_message(Connection& connection, const PayloadRef& message) = 0;
  /// At most once, and never after the local side closed. The connection is dead; the owner may destroy it.
  virtual void on_close(Connection& connection, CloseReason reason) = 0;
};

/// One end. Owned by its side (unique_ptr); destroying an end that is open resets the stream.
class Connection {
 public:
  virtual ~Connection() = default;
  /// Queues the message. Before the handshake is done it waits for it; after a close it is dropped.
  virtual void send(PayloadRef message) = 0;
  /// Orderly close: what was sent is still delivered, then the peer sees kPeerClosed.
  virtual void close() = 0;
  virtual bool is_open() const = 0;
  /// Process::id() and name of the other side.
  virtual std::uint32_t peer() const = 0;
  virtual const std::string& peer_name() const = 0;
  /// Not owned. Messages that arrive while it is nullptr are kept and given in order once it is set.
  virtual void set_receiver(Receiver* receiver) = 0;
  /// For the owner's bookkeeping; not read by the network.
  std::uint64_t label = 0;
};

/// Accepts connections of a listening process.
class Acceptor {
 public:
  virtual ~Acceptor() = default;
  virtual void on_accept(std::unique_ptr<Connection> connection) = 0;
};

/// The network as one process sees it.
class Transport {
 public:
  virtual ~Transport() = default;
  /// Starts a handshake with the process `to` (its id). Returns at once; on_open or on_close(kRefused, kTimeout)
  /// follows.
  virtual std::unique_ptr<Connection> connect(std::uint32_t to, Receiver* receiver) = 0;
  /// Not owned; nullptr stops listening. A process that does not listen refuses.
  virtual void listen(Acceptor* acceptor) = 0;
};

}  // namespace tidemark::sim
