// Ground: what a plan for a run of one seed may consist of: the processes of that run, the plan that the seed draws,
// and the faults that the scenario would draw. Found out without running anything.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/scenario.h"
#include "sim/nemesis/draw.h"
#include "sim/nemesis/topology.h"

namespace tidemark::steer {

class Ground {
 public:
  /// Throws scenarios::ScenarioError when the scenario makes no cluster or no plan with this seed.
  Ground(const scenarios::Scenario& scenario, std::uint64_t seed);

  const sim::Topology& topology() const { return topology_; }
  /// What a run of the seed alone would carry out.
  const sim::FaultPlan& drawn() const { return drawn_; }
  /// One more fault as the scenario might draw it, perhaps with a companion; empty when there was no luck. Ids are not
  /// set.
  std::vector<sim::Fault> draw_fault(sim::RandomStream& random) const;
  /// The same kind with other targets and parameters, if the swarm can draw it.
  std::optional<sim::Fault> redraw(const sim::Fault& fault, sim::RandomStream& random) const;
  /// Empty when the plan can be carried out and is within the budget; else what is wrong. `blamed` gets the ids of the
  /// faults that exceed the budget together.
  std::string problem(const sim::FaultPlan& plan, std::vector<std::uint64_t>& blamed) const;

 private:
  sim::FaultSpec spec_;
  sim::Topology topology_;
  sim::FaultPlan drawn_;
};

}  // namespace tidemark::steer
