#include <algorithm>

#include "base/assert.h"
#include "hunt/outcome.h"
#include "hunt/steering.h"
#include "scenarios/run/runner.h"
#include "steer/trial.h"

namespace tidemark::hunt {
namespace {

constexpr int kExitUsage = 64;
constexpr std::size_t kLongestWitness = 4000;

/// The witness of the check that gave the class its name, or of the one that it names.
std::string witness_of(const scenarios::RunResult& result, const reports::FailureClass& failure) {
  for (const checkers::Verdict& verdict : result.verdicts) {
    if (verdict.name == failure.check || (verdict.name == failure.shape && !verdict.witness.empty()))
      return (verdict.name + ": " + verdict.witness).substr(0, kLongestWitness);
  }
  return {};
}

template <typename Run>
Outcome outcome_of(const scenarios::Scenario& scenario, std::uint64_t number, Run run) {
  Outcome outcome;
  outcome.seed = number;
  try {
    const scenarios::RunResult result = run();
    outcome.verdict = result.verdict(scenario.expect);
    outcome.code = result.exit_code(scenario.expect);
    outcome.digest = result.digest;
    outcome.events = result.events;
    outcome.operations = result.operations;
    outcome.virtual_seconds = result.virtual_seconds;
    outcome.failure = reports::failure_class(result.verdicts, scenario.expect, result.stopped);
    TIDEMARK_ASSERT(outcome.failed() == (outcome.code != 0), "class and exit code disagree");
    if (outcome.failure) outcome.witness = witness_of(result, *outcome.failure);
  } catch (const scenarios::ScenarioError& error) {
    outcome.verdict = "none";
    outcome.code = kExitUsage;
    outcome.failure = reports::FailureClass{"error", error.what()};
    outcome.witness = error.what();
  }
  return outcome;
}

}  // namespace

Outcome run_seed(const scenarios::Scenario& scenario, std::uint64_t seed) {
  return outcome_of(scenario, seed, [&] {
    return scenarios::run_scenario({scenario, seed, "", "", nullptr, nullptr});
  });
}

Outcome run_choice(const scenarios::Scenario& scenario, const steer::Choice& choice, steer::Reached& reached) {
  return outcome_of(scenario, choice.run, [&] { return steer::run_choice(scenario, choice, reached); });
}

}  // namespace tidemark::hunt
