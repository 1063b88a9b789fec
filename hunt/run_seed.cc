#include <algorithm>

#include "base/assert.h"
#include "hunt/outcome.h"
#include "scenarios/run/runner.h"

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

}  // namespace

Outcome run_seed(const scenarios::Scenario& scenario, std::uint64_t seed) {
  Outcome outcome;
  outcome.seed = seed;
  try {
    const scenarios::RunResult result = scenarios::run_scenario({scenario, seed, "", "", nullptr, nullptr});
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

}  // namespace tidemark::hunt
