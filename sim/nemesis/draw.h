// Generators of faults: what a scenario asks for, and the plan that is drawn from it before the run.
//
// draw_plan is a pure function of (spec, topology, seed of the registry): each generator draws from a stream of its own
// ("faults/<number>", "draw"; the swarm: "faults/swarm", "draw"), so that adding one changes no other. What a generator
// draws beyond the budget is made shorter, drawn again, or left out; what a person wrote at an exact time or on a
// trigger stays as it is, and the caller refuses the plan if the budget does (FaultBudget::check).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/random.h"
#include "sim/nemesis/budget.h"
#include "sim/nemesis/fault.h"

namespace tidemark::sim {

/// One entry of a scenario. Either one instance (`start`), or a random process (`every` > 0): the gaps between its
/// instances are exponential with that mean, durations exponential with the mean `duration`.
struct FaultRequest {
  FaultKind kind = FaultKind::kN1;
  std::vector<std::string> targets;  // selectors; drawn anew for each instance
  FaultStart start;
  Duration every;  // zero: one instance
  Duration duration = Duration::seconds(1);
  std::vector<FaultParameter> parameters;  // the others have their defaults
  std::uint32_t most = 1000;               // instances of a random process
  /// Of the one instance, for a plan that is written down: Fault::id names its random stream. 0 = by its place in time,
  /// among the numbers that are not given.
  std::uint64_t id = 0;
};

/// Swarm: which kinds, targets, times and parameters there are is drawn as well. Kinds that act on something rare last
/// longer and bring a fault that makes it happen (swarm_habits.h); `most` holds for all of them together.
struct SwarmRequest {
  std::vector<FaultKind> kinds;  // empty: all that can be injected
  /// Part of the kinds that are in play in one run (swarm testing: what is absent matters as much).
  /// Companions come from all kinds that were asked for.
  std::int64_t kinds_in_play = 500'000;
  std::uint32_t least = 1;  // instances
  std::uint32_t most = 12;
  Duration duration = Duration::seconds(2);  // mean
  std::int64_t on_triggers = 150'000;        // part of the instances that begin on a trigger
  std::int64_t odd_parameters = 500'000;     // part of the parameters that are not at their default
  std::vector<std::string> takeover_phases;  // for triggers
};

struct FaultSpec {
  std::vector<FaultRequest> requests;
  std::optional<SwarmRequest> swarm;
  Duration phase;  // length of the fault phase
  bool beyond_budget = false;
  BudgetOptions budget;
};

struct DrawnPlan {
  FaultPlan plan;
  /// Empty, or why a request cannot be drawn at all (unknown target, wrong role): "request 2: ...".
  std::string problem;
  std::uint32_t left_out = 0;  // instances that found no room in the budget
  std::uint32_t shortened = 0;
};

DrawnPlan draw(const FaultSpec& spec, const Topology& topology, StreamRegistry& streams);
/// The plan of draw(), for callers that have checked that the spec can be drawn (asserts).
FaultPlan draw_plan(const FaultSpec& spec, const Topology& topology, StreamRegistry& streams);

/// The selectors among which the swarm draws for a kind; empty when this topology has nothing that it can hit.
std::vector<std::string> swarm_targets(FaultKind kind, const Topology& topology);

}  // namespace tidemark::sim
