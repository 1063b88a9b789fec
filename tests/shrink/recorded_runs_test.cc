// Runs written down play as they ran; and planted mistakes end as a few operations.
#include <gtest/gtest.h>

#include "model/types/bugs.h"
#include "scenarios/loader.h"
#include "scenarios/run/runner.h"
#include "scenarios/shipped.h"
#include "shrink/record.h"
#include "shrink/shrinker.h"

namespace tidemark::shrink {
namespace {

using scenarios::Scenario;

Scenario load(const std::string& name, const std::string& bugs = "none") {
  std::string error;
  const auto found = scenarios::find_scenario(name, error);
  EXPECT_TRUE(found.has_value()) << error;
  if (!found) return {};
  return scenarios::load_scenario(found->text, found->file, {"bugs=" + bugs}).scenario;
}

scenarios::RunResult run(const Scenario& scenario, std::uint64_t seed) {
  return scenarios::run_scenario({scenario, seed, "", "", nullptr, nullptr});
}

Scenario parse(const std::string& text) {
  const scenarios::LoadResult loaded = scenarios::load_scenario(text, "recorded");
  EXPECT_TRUE(loaded.ok()) << loaded.diagnostics.text();
  return loaded.scenario;
}

TEST(RecordedRun, APlanThatIsWrittenDownGivesTheSameRun) {
  Scenario scenario = load("faults/swarm");
  // Modes of the run decide what else a file says; what they decided is written down in their place.
  scenario.swarm.knobs = false;
  scenario.swarm.without = {"B2", "P14"};
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const scenarios::RunResult drawn = run(scenario, seed);
    const Recorded recorded = record(scenario, seed, nullptr);
    EXPECT_EQ(run(parse(recorded.files.back()), seed).digest, drawn.digest) << "seed " << seed;
  }
}

TEST(RecordedRun, OperationsThatAreWrittenDownAreThoseThatRan) {
  for (const char* name : {"smoke/orders", "smoke/append", "smoke/register", "smoke/mistakes_orders"}) {
    const Scenario scenario = load(name);
    const scenarios::RunResult drawn = run(scenario, 3);
    const Recorded recorded = record(scenario, 3, nullptr);
    const scenarios::RunResult played = run(parse(recorded.files.at(0)), 3);
    EXPECT_EQ(played.verdict({}), "valid") << name;
    EXPECT_EQ(played.operations, drawn.operations) << name;
    EXPECT_EQ(played.statistics.operations_ok, drawn.statistics.operations_ok) << name;
    EXPECT_EQ(played.statistics.entries, drawn.statistics.entries) << name;
  }
}

TEST(RecordedRun, RecordingChangesNothing) {
  const Scenario scenario = load("smoke/append");
  std::vector<model::ScriptedOperation> script;
  scenarios::RunRequest request{scenario, 5, "", "", nullptr, nullptr};
  request.script = &script;
  EXPECT_EQ(scenarios::run_scenario(request).digest, run(scenario, 5).digest);
  EXPECT_GT(script.size(), 50U);
}

class ShrunkMistake : public testing::TestWithParam<const char*> {};

/// Whether a check that the catalogue names is the one by which the run fails.
bool is_caught(const model::BugInfo& bug, const std::string& failure) {
  const std::string checks = "," + std::string(bug.caught_by) + ",";
  return !failure.empty() && checks.find("," + failure.substr(0, failure.find(':')) + ",") != std::string::npos;
}

/// The first seed that fails as it must, made small. What `tidemark run` says about the file is what the class says.
TEST_P(ShrunkMistake, IsAFewOperations) {
  const model::BugInfo* const bug = model::find_bug(GetParam());
  ASSERT_NE(bug, nullptr);
  Request request;
  request.scenario = load(std::string(bug->scenario), std::string(bug->id));
  request.limits.jobs = 2;
  for (request.seed = 1; request.seed <= 100; ++request.seed)
    if (is_caught(*bug, record(request.scenario, request.seed, nullptr).failure)) break;
  const Result result = shrink(request);
  ASSERT_FALSE(result.failure.empty());
  EXPECT_TRUE(result.scripted);
  EXPECT_LE(result.after.operations, 10U) << shrunk_file(result, bug->id.data());
  EXPECT_LE(result.after.faults, 2U) << shrunk_file(result, bug->id.data());
  EXPECT_EQ(run_trial(shrunk_file(result, bug->id.data())).failure, result.failure);
}

INSTANTIATE_TEST_SUITE_P(FirstTier, ShrunkMistake, testing::Values("A1", "C2", "D1", "D14", "F1", "F2", "F4", "G22"),
                         [](const auto& name) { return std::string(name.param); });

TEST(Shrink, ARunThatDoesNotFailIsLeftAlone) {
  Request request;
  request.scenario = load("smoke/mistakes_orders");
  const Result result = shrink(request);
  EXPECT_TRUE(result.failure.empty());
  EXPECT_EQ(result.state.runs, 1U);
}

}  // namespace
}  // namespace tidemark::shrink
