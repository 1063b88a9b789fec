// shrink(): from a run that fails to the smallest scenario file that was found to fail in the same way.
//
// First the run is written down: what its seed drew (faults, operations of the clients, places) becomes part of a
// scenario. Then changes that make it smaller (shrink/changes.h) are tried in a fixed order until none helps, each by a
// run of its own in a process of its own. A change is kept only when that run fails in the same class
// (reports/failure_class.h): a smaller scenario that fails for another reason is refused. Which candidates run at the
// same time decides nothing, so the result depends on (scenario, seed, limits in runs) alone.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "scenarios/scenario.h"
#include "shrink/minimal_toml.h"
#include "shrink/trial.h"
#include "sim/nemesis/fault.h"

namespace tidemark::shrink {

/// Where an unfinished shrink stands.
struct State {
  std::string failure;  // text of the class
  Sizes before;
  std::string file;                 // the smallest so far, without its head
  std::set<std::uint64_t> refused;  // hashes of files that do not help
  std::uint64_t runs = 0;
};

struct Progress {
  const char* what = "";  // "operations"
  std::uint64_t runs = 0;
  Sizes before;
  Sizes now;
};

struct Request {
  scenarios::Scenario scenario;
  std::uint64_t seed = 1;
  std::optional<sim::FaultPlan> plan;  // instead of what would be drawn
  TrialLimits limits;
  std::uint64_t most_runs = 0;  // 0 = no limit
  double most_seconds = 0;      // wall time; 0 = no limit
  /// Seeds that are tried for a change which fails with the present one; timing is luck.
  unsigned seeds = 4;
  Trial trial = run_trial;
  std::optional<State> resume;
  // All may be empty.
  std::function<void(const Progress&)> progress;
  std::function<void(const State&)> save;  // after every step that helped, and at the end
  std::function<bool()> stop;              // the user wants to have what there is
};

struct Result {
  State state;
  /// Empty: the run does not fail, and there is nothing to shrink.
  std::string failure;
  scenarios::Scenario scenario;
  Sizes after;
  bool scripted = false;  // the operations are written down; else generators still draw them
  bool complete = false;  // nothing more helps; else a limit ended it
  std::uint64_t processes = 0;
  double wall_seconds = 0;
};

Result shrink(const Request& request);

/// The file as it is given to the user: what it is, how much smaller it became, then the scenario.
std::string shrunk_file(const Result& result, const std::string& origin);

}  // namespace tidemark::shrink
