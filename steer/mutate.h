// Mutation of fault plans: what a campaign tries next. A mutated plan is always one that can be carried out, within the
// budget of the scenario.
//
// What is not mutated keeps its id and with it its random streams (sim/nemesis/nemesis.h); new faults get new ids. With
// the same seed everything up to the first mutated fault is therefore as it was: a fault that is aimed at a mark of
// the run finds the protocol where the mark saw it, unless an earlier one was mutated as well.
#pragma once

#include <string>
#include <vector>

#include "sim/core/random.h"
#include "steer/collector.h"
#include "steer/ground.h"

namespace tidemark::steer {

/// A plan never grows beyond this.
inline constexpr std::size_t kMostFaults = 24;

struct Material {
  const Ground& ground;
  const std::vector<Mark>& marks;             // may be empty
  const std::vector<std::uint64_t>& weights;  // of the marks; as many
  /// The marks are of a run of this seed, so that their instants mean something. Else only what happened then does:
  /// faults wait for it to happen again.
  bool same_seed = true;
  const sim::FaultPlan* donor = nullptr;  // another plan, from which faults may be taken; may be nullptr
  unsigned least = 1;                     // changes
  std::size_t grow_to = 0;                // before them: faults are added until there are so many, if there is room
};

struct Mutated {
  sim::FaultPlan plan;
  std::string how;  // "add N4 at a mark; drop 3"; empty: nothing could be changed
};

/// Deterministic in (plan, material, stream).
Mutated mutate(const sim::FaultPlan& plan, const Material& material, sim::RandomStream& random);

}  // namespace tidemark::steer
