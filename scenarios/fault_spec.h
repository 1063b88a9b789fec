// From the faults of a scenario to what the nemesis draws a plan from, and whom they can hit.
#pragma once

#include <string>
#include <vector>

#include "scenarios/scenario.h"
#include "sim/nemesis/draw.h"

namespace tidemark::scenarios {

/// What draw() gets. The swarm has no kinds that are modes of a whole run (P14, B2): draw_scenario decides those.
sim::FaultSpec fault_spec(const Scenario& scenario);

/// The kinds that SwarmOptions::kinds and without stand for. A word that means nothing goes to `unknown`.
std::vector<sim::FaultKind> swarm_kinds(const SwarmOptions& swarm, std::vector<std::string>& unknown);

/// Words that `takeover WORD` triggers may wait for.
const std::vector<std::string>& takeover_phases();

/// The processes of a run as far as the scenario decides them: their names, roles and databases, in no particular
/// order. Sites that only the run knows (standby hosts, one replica per region, followers at the nearest hosts) are
/// empty. For checking names before a run; the run's own topology is the cluster's.
sim::Topology expected_topology(const Scenario& scenario);

}  // namespace tidemark::scenarios
