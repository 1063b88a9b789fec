// What a fault instance can do to a message, a connection or a handshake: the hooks that each kind fills in, and the
// table of instances. Private to sim/net.
//
// A message passes the hooks in this order: admits() and sent() in Connection::send(); line(), delay() and lose() when
// it goes on the wire; withholds(), breaks(), displaces() when it would arrive; delivered() when it does.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "sim/core/payload.h"
#include "sim/net/faults.h"
#include "sim/net/link.h"

namespace tidemark::sim {
class Process;
}

namespace tidemark::sim::detail {

class Channel;
class FaultTable;
class NetworkCore;
struct Copy;
struct Envelope;
struct Side;

/// The ordered pairs that an instance strikes.
class PathSet {
 public:
  explicit PathSet(Paths paths);
  bool contains(std::uint32_t from, std::uint32_t to) const;
  bool has_wildcard() const;

 private:
  bool has(Path path) const;
  Paths paths_;  // sorted, no duplicates
  bool wild_ = false;
};

/// Payload types as bits (type % 64), as Channel keeps what it has carried. No types: all bits.
std::uint64_t type_bits(const PayloadTypes& types);
/// `type` is one of `types`, or there are none.
bool matches(const PayloadTypes& types, std::uint16_t type);

class Fault {
 public:
  /// `random`: nullptr for kinds that never draw.
  Fault(FaultTable& owner, Paths struck, RandomStream* random)
      : table(owner), paths(std::move(struck)), random_(random) {}
  virtual ~Fault() = default;
  Fault(const Fault&) = delete;
  Fault& operator=(const Fault&) = delete;

  /// The link is struck from now on, or no longer. LinkFaults of the link is up to date already.
  virtual void joins(Link&) {}
  virtual void leaves(Link&) {}

  /// False: the connection is reset instead. `from` is the side that sends.
  virtual bool admits(Channel&, Side& /*from*/, const Payload&) { return true; }
  /// `number` counts the messages of the stream from 1.
  virtual void sent(Channel&, Side& /*from*/, const PayloadRef&, std::uint64_t /*number*/) {}
  /// When its last byte leaves, if the first may leave at `start` and all take `serialisation` on a line of its own.
  virtual Instant line(const Link&, Instant start, Duration serialisation, std::uint32_t /*bytes*/) {
    return start + serialisation;
  }
  /// On top of `natural` (base, jitter, slow path). Also for the packets of handshakes and resets.
  virtual Duration delay(const Channel&, const Link&, Duration /*natural*/) { return {}; }
  virtual LossChain::Outcome lose(const Link&, std::uint64_t /*packets*/) { return {}; }
  /// Part of the packets that it loses, in 2^-64.
  virtual std::uint64_t loss_ratio() const { return 0; }
  /// A message or a handshake packet met the block, or was taken back.
  virtual void stopped(std::uint64_t /*count*/) {}
  /// Since when nothing arrives.
  virtual std::optional<Instant> clogs_since() const { return std::nullopt; }

  virtual bool withholds(Channel&, Side& /*to*/, const Envelope&) { return false; }
  virtual bool breaks(const Payload&) { return false; }
  /// How many of the messages behind it overtake it.
  virtual std::uint32_t displaces(Channel&, Side& /*to*/, const Envelope&) { return 0; }
  virtual void delivered(Channel&, Side& /*to*/, const PayloadRef&) {}

  /// For a handshake that begins: what happens to it; nothing: it is spared. `delay` is set for the answer.
  virtual std::optional<ConnectFault::Answer> connects(Duration& /*delay*/) { return std::nullopt; }

  RandomStream& random() const {
    TIDEMARK_ASSERT(random_ != nullptr);
    return *random_;
  }
  /// Draws only when it is not certain either way. Certain: all ones, as probability(1) gives.
  bool happens(std::uint64_t chance) const {
    return chance != 0 && (chance == ~std::uint64_t{0} || random().chance_fixed(chance));
  }

  FaultTable& table;
  const PathSet paths;
  std::uint64_t id = 0;
  std::uint64_t effects = 0;

 private:
  RandomStream* const random_;
};

/// The instances that strike one link, in the order of their ids. A link that none strikes has no such object, unless
/// messages that were put back are still on their way.
struct LinkFaults {
  std::vector<Fault*> active;
  /// What is due after this does not arrive.
  Instant clogged_since = Instant::max();
  // Probability that a packet is lost by one of the instances; and by them or by the link itself (fixed point).
  std::uint64_t loss = 0;
  std::uint64_t loss_with_link = 0;
  RandomStream* loss_random = nullptr;  // of the first instance that loses

  bool displaced = false;  // some messages have been put back

  bool clogged() const { return clogged_since != Instant::max(); }
};

class FaultTable {
 public:
  explicit FaultTable(NetworkCore& core);
  ~FaultTable();

  FaultHandle begin(std::unique_ptr<Fault> fault);
  /// For what struck at once and is over: a handle that only counts.
  FaultHandle struck(std::uint64_t effects);
  void end(FaultHandle handle);
  bool active(FaultHandle handle) const;
  std::uint64_t effects(FaultHandle handle) const;
  /// nullptr when it has ended.
  Fault* find(FaultHandle handle) const;

  // Network::block: instances without a handle of the caller.
  void block(Link& link, InFlight in_flight);
  void unblock(Link& link);

  // From the network.
  void link_made(Link& link);
  /// A message arrived on a link that no instance strikes, but that still has its LinkFaults.
  void settle(Link& link);
  void crashed(const Process& process);
  void shut_down();

  /// What a copy was made of.
  struct Original {
    PayloadRef payload;
    Path path;
    std::uint64_t connection;
    bool from_connector;
    std::uint64_t number;  // in its stream
    Instant sent;
  };
  /// It arrives after `delay` on the connection that is current then; `channel_bits`: DuplicateFault::channel.
  void send_copy(Fault& owner, const Original& original, std::uint64_t channel_bits, Duration delay);
  /// The side that a copy would reach now; nullptr: none.
  Side* target(const Original& original, std::uint64_t channel_bits) const;
  /// The original has neither arrived nor been lost.
  bool on_its_way(const Original& original) const;
  static Original original(Channel& channel, const Side& from, const PayloadRef& payload, std::uint64_t number);

  NetworkCore& core;

 private:
  friend struct Copy;
  struct Entry {
    std::unique_ptr<Fault> fault;  // nullptr: ended
    std::uint64_t effects = 0;     // final
  };
  Entry& entry(FaultHandle handle);
  const Entry& entry(FaultHandle handle) const;
  void refresh(Link& link);
  void drop_copies(const Fault& owner);
  void copy_waited(Copy& copy);
  void copy_arrives(Copy& copy);

  std::vector<Entry> entries_;  // by id - 1
  std::vector<Fault*> active_;  // in the order of the ids
  std::map<Path, LinkFaults> links_;
  std::map<Path, std::vector<FaultHandle>> blocks_;
  std::map<std::uint64_t, std::unique_ptr<Copy>> copies_;
  std::uint64_t next_copy_ = 1;
};

}  // namespace tidemark::sim::detail
