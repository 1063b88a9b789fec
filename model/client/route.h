// Route: which PoP a client is on. The routing-change process of one client, worked out when the client looks.
#pragma once

#include <cstdint>
#include <vector>

#include "model/types/options.h"
#include "sim/core/distribution.h"
#include "sim/core/random.h"
#include "sim/core/time.h"

namespace tidemark::model {

/// Workers (Process::id()) that a client can be on.
struct ReachablePops {
  std::uint32_t nearest = 0;
  std::uint32_t second = 0;          // next nearest in the same region: WiFi to mobile; = nearest when there is none
  std::vector<std::uint32_t> other;  // of other regions: a data centre is out, a flight
};

class Route {
 public:
  /// `random` is the client's stream "route"; changes begin after `start`.
  Route(const WorkloadOptions& options, ReachablePops pops, sim::RandomStream& random, sim::Instant start);

  /// The PoP at `now` (never goes back in time). A near change moves between nearest and second nearest, and from afar
  /// back to the nearest.
  std::uint32_t at(sim::Instant now);
  /// The client is at this PoP from now on, until its next change.
  void move_to(std::uint32_t worker) { current_ = worker; }

 private:
  void change();
  const ReachablePops pops_;
  sim::RandomStream& random_;
  const bool changes_;
  const sim::DurationDistribution between_;
  const std::uint64_t near_;  // fixed-point probability
  std::uint32_t current_;
  sim::Instant next_change_;
};

}  // namespace tidemark::model
