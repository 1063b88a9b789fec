// What a message meets on its way: the slow state of a path, the loss chain, the jitter. Private to sim/net.
#pragma once

#include <cstdint>

#include "sim/core/distribution.h"
#include "sim/core/random.h"
#include "sim/net/options.h"

namespace tidemark::sim::detail {

struct LinkFaults;

/// A loss ratio and a mean burst as a LossChain needs them.
struct LossParameters {
  LossParameters(double part, double burst);
  DurationDistribution good_run;   // packets in units of 2^-20, see packets()
  DurationDistribution burst_run;  // the same
  std::uint64_t ratio;             // fixed point: a retransmission is lost again
};

/// NetworkOptions turned once into what a message needs: integers and quantile tables.
struct NetworkParameters {
  explicit NetworkParameters(const NetworkOptions& options);

  DurationDistribution jitter;
  DurationDistribution normal_dwell;
  DurationDistribution slow_dwell;
  DurationDistribution slow_extra;
  LossParameters loss;
  std::uint64_t slow_share;        // fixed point, for chance_fixed
  std::int64_t ns_per_byte_fixed;  // x 2^32; zero: unlimited bandwidth
  bool has_jitter;
  bool has_slow_path;
  bool has_loss;

  Duration serialisation(std::uint32_t bytes) const {
    __extension__ using Wide = unsigned __int128;
    return Duration::nanoseconds(static_cast<std::int64_t>(static_cast<Wide>(ns_per_byte_fixed) * bytes >> 32));
  }
};

/// State of one directed path between metros: normal and slow visits in turn, each of exponential length, with the
/// stationary share of slow at time zero. Evolved only when asked; what it is at an instant does not depend on when
/// and how often it was asked before.
class SlowPath {
 public:
  SlowPath(const NetworkParameters& parameters, RandomStream& random);
  /// What a message that leaves at `now` gets on top; zero while the path is normal. `now` never goes back.
  Duration extra(Instant now) {
    if (now >= until_) [[unlikely]]
      advance(now);
    return extra_;
  }

 private:
  void advance(Instant now);
  void begin_visit(bool slow);
  const NetworkParameters& parameters_;
  RandomStream& random_;
  Instant until_;
  Duration extra_;
  bool slow_ = false;
};

/// Gilbert-Elliott: runs of packets that pass and runs that are lost, both of geometric length. A draw per run, not per
/// packet.
class LossChain {
 public:
  struct Outcome {
    bool any = false;   // at least one packet was lost
    bool last = false;  // the last one was
    bool all = false;   // every one was
  };
  LossChain(const LossParameters& parameters, RandomStream& random);
  /// Sends `packets` (>= 1) packets.
  Outcome send(std::uint64_t packets) {
    if (good_left_ > packets) [[likely]] {
      good_left_ -= packets;
      return {};
    }
    return send_through_burst(packets);
  }
  /// True when a retransmission is lost again. It leaves at least a round trip later, so it meets the long-run ratio,
  /// not the burst that hit the first copy.
  bool lost_again() { return random_.chance_fixed(parameters_.ratio); }

 private:
  Outcome send_through_burst(std::uint64_t packets);
  const LossParameters& parameters_;
  RandomStream& random_;
  std::uint64_t good_left_ = 0;   // packets that still pass; zero inside a burst
  std::uint64_t burst_left_ = 0;  // packets that are still lost; zero outside
};

/// One direction between two processes. All its connections share jitter stream and loss chain.
struct Link {
  Duration base;
  Duration round_trip;
  SlowPath* slow_path;           // nullptr inside a metro, or when switched off
  RandomStream* jitter;          // nullptr when switched off
  LossChain* loss;               // nullptr when switched off
  LinkFaults* faults = nullptr;  // nullptr: none strikes it, so it is not blocked either
  std::uint32_t from;
  std::uint32_t to;
  int blocks = 0;  // partitions that strike it

  bool blocked() const { return blocks > 0; }
};

}  // namespace tidemark::sim::detail
