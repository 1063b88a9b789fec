// Swarm: what of a scenario is drawn from the seed of a run besides its faults: topology, workload, knobs.
//
// Each choice has a stream of its own ("swarm/<what>", "draw"), so adding one changes no other. What is drawn is an
// ordinary scenario: its resolved file with the same seed gives the same run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/scenario.h"

namespace tidemark::scenarios {

/// A knob of B2: a key that is tiny, as written, or huge in a run.
struct SwarmKnob {
  const char* table;
  const char* name;
  const char* tiny;
  const char* huge;
};
const std::vector<SwarmKnob>& swarm_knobs();

/// The scenario of this run. What was drawn is switched off in its [swarm]; `swarm.faults` stays, since plans are drawn
/// later (draw_plan). A [[fault]] that is a mode of the run takes effect here: P14 permutes ties, B2 draws the knobs.
/// Returns an equal scenario when nothing is to be drawn.
Scenario draw_scenario(const Scenario& scenario, std::uint64_t seed);

/// How many knobs are not at their default: what B2 reports as its effect.
std::uint64_t knobs_off_default(const Scenario& scenario);

}  // namespace tidemark::scenarios
