// Network: connections between the processes of one run (implements sim/core/connection.h).
//
// A message is delivered at max(delivery of the one before it, start + serialisation + base + jitter + slow path +
// loss), start = when the sender's line is free. Every delivery is one event: EventKind::kDeliver of the receiving
// process, tag = payload digest mixed with the connection's id.
//
// Handshake: SYN one way (a process that is stopped or does not listen refuses: kRefused one way later), on_accept
// there, on_open one more way later; so 1 round trip. A paused process completes handshakes and accepts when it
// resumes.
//
// Endings. close(): all that was sent is delivered, then the peer sees kPeerClosed. Crash, or an open end destroyed:
// the peer sees kReset one way later; messages due after that are lost, those due before are delivered. When the path
// is blocked then, or silence() was called, the peer sees nothing until NetworkOptions::half_open_detection.
//
// Streams: "net/<A>-><B>" (names of the processes) with "jitter" and "loss"; "net/<IAD>-><FRA>" (metros) with
// "slow_path"; "net/<a>~<b>" (data centres) with "metro". Another process changes no draw of these.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/core/connection.h"
#include "sim/core/process.h"
#include "sim/net/faults.h"
#include "sim/net/latency.h"
#include "sim/net/observer.h"
#include "sim/net/options.h"
#include "sim/net/site.h"

namespace tidemark::sim {

namespace detail {
class NetworkCore;
}

/// Numbers connections from 1 in the order of connect().
using ConnectionId = std::uint64_t;

class Network {
 public:
  /// `options.problem()` must be empty (assert). The references must outlive the network.
  Network(Scheduler& scheduler, StreamRegistry& streams, const SiteTable& sites, const NetworkOptions& options,
          const MeasuredRoundTrips& measured);
  /// With the shipped sites and round trips.
  Network(Scheduler& scheduler, StreamRegistry& streams, const NetworkOptions& options);
  /// Runs shut_down(). Ends that are still owned by somebody are dead then, and may be destroyed later.
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  /// Puts a process on the network, once, for all its incarnations. The Transport lives as long as the network; a crash
  /// ends its listening and its connections. Both `process` and the network stay at their addresses.
  Transport& attach(Process& process, SiteId site);
  SiteId site_of(std::uint32_t process) const;
  const SiteTable& sites() const;
  RoundTripTable& round_trips();
  const NetworkOptions& options() const;

  /// Kills every connection without callbacks and forgets the processes. Call it before the first attached process is
  /// destroyed, if the network is not destroyed first.
  void shut_down();

  // Faults. Process arguments are Process::id() of attached processes.

  /// Everything that strikes for a time, counts what it changed, or needs chance. Below are the plain hooks.
  NetworkFaults& faults();

  struct ConnectionInfo {
    ConnectionId id;
    std::uint32_t connector;
    std::uint32_t acceptor;
  };
  /// Connections that have an end that is not dead, in the order of their ids.
  std::vector<ConnectionInfo> connections() const;
  /// The id of an end made by this network; 0 when it is dead.
  static ConnectionId id_of(const Connection& connection);

  /// Both ends see kReset at once (as an event of this instant); all in flight is lost (what has arrived
  /// at a paused process is not). No effect on a dead connection.
  void reset(ConnectionId connection);
  /// All connections between the two, in order.
  void reset_between(std::uint32_t a, std::uint32_t b);
  /// The stream is dead but nobody says so: what is in flight or sent later vanishes. The end at process `aware` sees
  /// kReset at once (0: no end does); the others see it after half_open_detection.
  void half_open(ConnectionId connection, std::uint32_t aware = 0);
  /// While silent, a process that crashes or drops a connection sends no reset, and when stopped refuses nothing, as
  /// when its machine lost power: peers see kReset after half_open_detection, connectors see kTimeout.
  void silence(std::uint32_t process, bool silent);

  /// Nothing new passes from one to the other (one direction) until unblock; what is on the wire still arrives, unless
  /// it is taken back (InFlight).
  /// Messages wait and go out, in order, at unblock; if that takes longer than half_open_detection their sender sees
  /// kReset. Handshakes are retried until connect_timeout. Calls nest: each block needs its unblock.
  void block(std::uint32_t from, std::uint32_t to, InFlight in_flight = InFlight::kDeliver);
  void unblock(std::uint32_t from, std::uint32_t to);
  bool blocked(std::uint32_t from, std::uint32_t to) const;

  /// Not owned; called in the order of adding. Not from within an observer.
  void add_observer(NetworkObserver* observer);
  void remove_observer(NetworkObserver* observer);

 private:
  std::unique_ptr<detail::NetworkCore> core_;
};

}  // namespace tidemark::sim
