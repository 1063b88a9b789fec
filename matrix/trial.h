// Trial: one run of a scenario with a planted mistake, and which checks it violated.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/types/bugs.h"
#include "scenarios/run/runner.h"
#include "steer/campaign.h"

namespace tidemark::matrix {

/// A mistake and where it is hunted.
struct Target {
  const model::BugInfo* bug = nullptr;
  std::string scenario;
  /// In the scenario that its row names: only a check that its row names counts. Elsewhere any check does.
  bool directed = true;
};

/// The checks that a run violated, by name, in the order of its verdicts.
using Judge = std::function<std::vector<std::string>(const scenarios::RunResult&)>;
/// What the verdicts say.
std::vector<std::string> violated_checks(const scenarios::RunResult& result);

struct Trial {
  std::vector<std::string> violated;
  double virtual_seconds = 0;
};

/// The scenario with the mistake switched on. Throws std::invalid_argument when there is no such scenario or it is not
/// valid.
scenarios::Scenario scenario_with(std::string_view name, std::string_view bug);

/// The run. Throws scenarios::ScenarioError.
Trial try_seed(const scenarios::Scenario& scenario, std::uint64_t seed, const Judge& judge = violated_checks);
/// A run of a steered campaign, and what it reached.
Trial try_choice(const scenarios::Scenario& scenario, const steer::Choice& choice, steer::Reached& reached,
                 const Judge& judge = violated_checks);

/// The check that counts as the kill of the target; empty: it has survived this run.
std::string killer_of(const Target& target, const std::vector<std::string>& violated);

/// The names in a row's comma-separated list.
std::vector<std::string> checks_of(const model::BugInfo& bug);

}  // namespace tidemark::matrix
