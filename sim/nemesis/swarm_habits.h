// What the swarm has to know about a kind so that its faults meet what they can change: some kinds act only on what is
// rare in a run (an upload to the object store, a boot that reads it, a new connection, a change of a file's name).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/nemesis/fault_kinds.h"

namespace tidemark::sim {

/// A fault that makes happen what another one acts on, for instance a kill whose restart reads from the object store.
struct SwarmCompanion {
  FaultKind kind = FaultKind::kP1;
  /// Selector for when the first fault hits no node (cold storage, links); empty: no companion then. Else it is the
  /// same nodes that are hit, as far as this kind can.
  std::string otherwise;
};

struct SwarmHabit {
  std::int64_t longer = 1;  // factor on the mean duration
  /// One of these comes with the fault, with the chance `together` (percent).
  std::vector<SwarmCompanion> companions;
  std::uint64_t together = 0;
  bool late = false;  // the companion begins in the third quarter of the interval, else in the first
};

const SwarmHabit& swarm_habit(FaultKind kind);

}  // namespace tidemark::sim
