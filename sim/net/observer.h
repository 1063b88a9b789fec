// The tap of the network: who wants to know each message and where its time went. Must not change the simulation;
// costs nothing while nobody listens.
#pragma once

#include <cstdint>

#include "sim/core/payload.h"
#include "sim/core/time.h"

namespace tidemark::sim {

/// Where the time between send and delivery of one message went. The parts add up exactly to delivered - sent.
struct DelaySplit {
  Duration base;           // one way between the two sites, without load
  Duration jitter;         // per message
  Duration slow_path;      // the path was in its slow state
  Duration serialisation;  // its own bytes on the wire
  Duration loss;           // wait for the retransmission of its own lost packets, whoever made it lose them
  Duration fault;          // injected: extra delay, a slower line, clogged or withheld (sim/net/faults.h)
  Duration queueing;  // for the handshake, an unblocked path, the sender's line, and messages before it in the stream
  Duration held;      // it had arrived, but the receiver was paused or had no Receiver set
  Duration total() const { return base + jitter + slow_path + serialisation + loss + fault + queueing + held; }
};

/// One message. `number` counts the messages of one direction of one connection from 1, so (connection, from, number)
/// is unique in a run (for a process connected to itself: plus the direction). Valid during the call only.
struct MessageView {
  std::uint64_t connection;
  std::uint64_t number;
  std::uint32_t from;  // Process::id()
  std::uint32_t to;
  const Payload& payload;
  Instant sent;  // Connection::send() was called
};

class NetworkObserver {
 public:
  virtual ~NetworkObserver() = default;
  /// Within Connection::send(), for messages that are not dropped at once.
  virtual void on_send(const MessageView&) {}
  /// Before Receiver::on_message.
  virtual void on_deliver(const MessageView&, const DelaySplit&) {}
  /// A copy of a message is about to be delivered once more, on `connection`; `number` and `sent` are the original's,
  /// and it may have been sent on another connection.
  virtual void on_copy(const MessageView&) {}
};

}  // namespace tidemark::sim
