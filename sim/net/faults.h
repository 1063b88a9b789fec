// Faults of the network: what the nemesis may do to it (Network::faults()). Kinds N1-N29 are named after the project's
// fault list (docs/faults.md); which instances are wise is the nemesis' business, here is only what each one does.
//
// An instance is a FaultHandle: it strikes the ordered pairs of processes it names from begin to end(), counts what it
// changed, and draws from the stream that it was given and from no other. With no instance there is no draw and no
// extra event; an ended instance leaves no trace in later draws of the network's own streams. The stream must outlive
// the instance.
//
// Streams stay streams: whatever happens, one connection delivers in order and each message at most once, and loss is
// delay. Only duplicate(), record(), stale() and reorder() break this, so they take named processes, no wildcards, and
// are legal only where the receiver is meant to bear it (the storage relay; requests and responses ride TLS).
//
// Overlaps: delays add; losses combine as 1 - prod(1 - p); the least bandwidth counts; a partition wins over a clog (a
// message waits for the end of the partition, then for that of the clog); refused wins over delayed connects, never
// answered over both.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/core/distribution.h"
#include "sim/core/random.h"
#include "sim/core/time.h"

namespace tidemark::sim {

namespace detail {
class FaultTable;
}

/// One direction. 0 stands for every process, those that are attached later included; it does not match a process's
/// connection to itself.
struct Path {
  std::uint32_t from = 0;  // Process::id()
  std::uint32_t to = 0;
  friend auto operator<=>(const Path&, const Path&) = default;
};
using Paths = std::vector<Path>;

Paths one_way(const std::vector<std::uint32_t>& from, const std::vector<std::uint32_t>& to);
/// Both directions between the two groups (0 in a group: every process).
Paths both_ways(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b);
/// Everything that these processes send and receive.
Paths all_of(const std::vector<std::uint32_t>& processes);

/// Payload::type() values; empty: every type.
using PayloadTypes = std::vector<std::uint16_t>;

struct FaultHandle {
  std::uint64_t value = 0;  // counts from 1
  friend auto operator<=>(const FaultHandle&, const FaultHandle&) = default;
};

/// What happens to what is on the wire when a path is cut: kDrop takes back the messages, orderly closes and handshake
/// packets that have not arrived. On a stream they are not lost: they wait with the others and go out again (with the
/// jitter they had). A reset that is on its way arrives in both cases.
enum class InFlight : std::uint8_t { kDeliver, kDrop };

/// N1, N3, N14. Added to each message and each packet of a handshake or reset: `extra` + (factor - 1) x what the link
/// itself takes (base, jitter, slow path).
struct DelayFault {
  DurationDistribution extra = DurationDistribution::constant(Duration{});
  std::int64_t factor_per_mille = 1000;  // at least 1000
};

/// N2: as DelayFault, but only with `probability`. For Pareto tails give `extra` a Pareto distribution.
struct TailFault {
  double probability = 0.001;
  DelayFault tail{.extra = DurationDistribution::constant(Duration{}), .factor_per_mille = 100'000};
};

/// N7 without breaking a stream: each connection gets one constant extra of its own, drawn at its first message during
/// the fault, so that messages of different connections overtake each other.
struct SkewFault {
  DurationDistribution extra;
};

/// N4 (burst 1) and N5 (burst > 1: mean packets lost in a row). Packets are lost besides those of NetworkOptions and
/// other instances, and recovered as described there. Handshake packets are retried.
struct LossFault {
  double ratio = 0.1;  // 0 to 0.9
  double burst = 1.0;  // at least 1
};

/// N6. Each delivered message of `types` gets, with `probability`, `copies` copies, each due `delay` after the delivery
/// of the original.
struct DuplicateFault {
  double probability = 1.0;
  std::uint32_t copies = 1;
  DurationDistribution delay = DurationDistribution::constant(Duration{});
  PayloadTypes types = {};
  /// Where a copy may arrive: the connection of the original while both its ends are open, else the newest open one
  /// with the same connecting side between the same two processes that has carried, in either direction, a message of
  /// one of these types (empty: `types`). Without one, the copy is dropped. A paused receiver gets it when it resumes.
  PayloadTypes channel = {};
};

/// N19. Copies of what is sent while it records, the newest `most`, to be injected with replay().
struct RecordFault {
  PayloadTypes types = {};
  PayloadTypes channel = {};  // as in DuplicateFault
  std::size_t most = 1000;
};

/// N24. Remembers what is sent, the newest `most` messages; when a new connection between the two is open at both ends
/// and has carried its first message, each one remembered of older connections arrives there again with `probability`,
/// `delay` later; once.
struct StaleFault {
  double probability = 1.0;
  DurationDistribution delay = DurationDistribution::constant(Duration{});
  PayloadTypes types = {};
  PayloadTypes channel = {};  // as in DuplicateFault
  std::size_t most = 100;
};

/// N7 inside a stream: a message of `types` is overtaken, with `probability`, by 1 to `most` of those behind it that
/// are on the wire, all of `types`. No message ends up more than `most` places from where it belongs.
struct ReorderFault {
  double probability = 0.5;
  std::uint32_t most = 3;
  PayloadTypes types = {};
};

/// N9: the stream breaks inside a message of `types`: at the instant when it would arrive, both ends see kReset and it,
/// and all in flight in both directions, is lost. At most `times` times.
struct TruncateFault {
  double probability = 1.0;
  PayloadTypes types = {};
  std::uint64_t times = ~std::uint64_t{0};
};

/// N20 at random: as TruncateFault, at the instant when the message is sent.
struct ResetFault {
  double probability = 1e-5;
  PayloadTypes types = {};
  std::uint64_t times = ~std::uint64_t{0};
};

/// N15. The pair's connections share one line of this rate. When more than `queue_bytes` would wait for it, the
/// connection that sends is reset (both ends see kReset at once): a stream cannot drop. At end() the rest of the queue
/// goes out at once.
struct BandwidthFault {
  std::int64_t bits_per_second = 1'000'000;
  std::uint64_t queue_bytes = ~std::uint64_t{0};
};

/// N23. A connection keeps at most this many bytes that have not arrived (waiting or on the wire); the limit is drawn
/// uniformly in [least, most] at its first message during the fault. send() cannot block or fail, so the message that
/// exceeds it resets the connection: both ends see kReset at once, the sender with it.
struct SendBufferFault {
  std::uint64_t least_bytes = 0;
  std::uint64_t most_bytes = 1 << 20;
};

/// N22, for handshakes that begin during the fault, on the paths connector -> acceptor.
struct ConnectFault {
  enum class Answer : std::uint8_t {
    kDelayed,  // the first SYN leaves `delay` later
    kRefused,  // on_close(kRefused) after `delay`
    kNever,    // on_close(kTimeout) after NetworkOptions::connect_timeout
  };
  Answer answer = Answer::kDelayed;
  double probability = 1.0;
  DurationDistribution delay = DurationDistribution::constant(Duration{});
};

/// N21: who sees kReset at once; the others after NetworkOptions::half_open_detection. Sender and receiver are those of
/// the path that matched first.
enum class Aware : std::uint8_t { kNobody, kSender, kReceiver };

class NetworkFaults {
 public:
  explicit NetworkFaults(detail::FaultTable& table) : table_(table) {}

  // Begin an instance. The options are asserted to be in range: the nemesis checks what users write.

  FaultHandle delay(Paths paths, DelayFault fault, RandomStream& random);             // N1, N3, N14
  FaultHandle long_tail(Paths paths, TailFault fault, RandomStream& random);          // N2
  FaultHandle skew(Paths paths, SkewFault fault, RandomStream& random);               // N7, across connections
  FaultHandle loss(Paths paths, LossFault fault, RandomStream& random);               // N4, N5
  FaultHandle bandwidth(Paths paths, BandwidthFault fault);                           // N15
  FaultHandle send_buffer(Paths paths, SendBufferFault fault, RandomStream& random);  // N23
  FaultHandle connecting(Paths paths, ConnectFault fault, RandomStream& random);      // N22
  FaultHandle truncate(Paths paths, TruncateFault fault, RandomStream& random);       // N9
  FaultHandle random_resets(Paths paths, ResetFault fault, RandomStream& random);     // N20

  /// N10, N11, N12: as Network::block for every path; calls and instances nest. Effects: messages and handshake packets
  /// that met it.
  FaultHandle partition(Paths paths, InFlight in_flight = InFlight::kDeliver);
  /// N13. Nothing arrives, not even what is on the wire (except resets); handshakes wait too. Nobody gives up for it.
  /// At end() all that would have arrived meanwhile arrives at that instant, in order. Effects: counted then.
  FaultHandle clog(Paths paths);

  /// N18. A message of `types` does not arrive until it is released, and what is behind it in the stream waits. It is
  /// lost when the connection ends. end() releases all.
  FaultHandle hold(Paths paths, PayloadTypes types);
  struct Held {
    std::uint64_t connection;
    Path path;
    std::uint16_t type;
  };
  /// The first message of each stream that waits, in the order of the connections.
  std::vector<Held> held(FaultHandle hold) const;
  /// Lets that one message pass; false when it is not (any more) held.
  bool release(FaultHandle hold, const Held& which);

  // Only between named processes (asserted).

  FaultHandle duplicate(Paths paths, DuplicateFault fault, RandomStream& random);  // N6
  FaultHandle stale(Paths paths, StaleFault fault, RandomStream& random);          // N24
  FaultHandle reorder(Paths paths, ReorderFault fault, RandomStream& random);      // N7, inside a stream
  FaultHandle record(Paths paths, RecordFault fault);                              // N19
  std::size_t recorded(FaultHandle record) const;
  /// Recording goes on until this; what was recorded can be replayed until end().
  void stop_recording(FaultHandle record);
  /// Copies of recorded messages [first, first + count) arrive, in this order, as events of this instant. Those whose
  /// original is still on its way, and those without an open connection, are left out. Effects: copies that arrived.
  void replay(FaultHandle record, std::size_t first, std::size_t count);

  // At once: nothing to end (end() is harmless). Effects: connections.

  /// N20: all connections of these paths, whichever side connected.
  FaultHandle reset(const Paths& paths);
  /// N21.
  FaultHandle half_open(const Paths& paths, Aware aware);

  /// Ends this instance only; copies that have not arrived are dropped. Once (asserted), except for those above.
  void end(FaultHandle fault);
  bool active(FaultHandle fault) const;
  /// Messages or connections that it changed so far; valid after end() too.
  std::uint64_t effects(FaultHandle fault) const;

 private:
  detail::FaultTable& table_;
};

}  // namespace tidemark::sim
