// A run written down: everything that its seed drew becomes part of a scenario, so that generators have nothing left to
// decide.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/run/runner.h"

namespace tidemark::shrink {

struct Recorded {
  std::string failure;  // text of the class; empty: the run does not fail
  /// Minimal files, in the order in which they are worth a try: operations, faults and places written
  /// down; operations and faults; faults alone.
  std::vector<std::string> files;
  std::uint64_t operations = 0;
};

/// Runs it in this process. Throws what run_scenario() throws.
Recorded record(const scenarios::Scenario& scenario, std::uint64_t seed, const sim::FaultPlan* plan);

}  // namespace tidemark::shrink
