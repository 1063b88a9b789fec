// Every application of the catalogue: the shipped scenarios of its mistakes and gaps find them, and without either all
// of its truths hold.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "model/apps/all/catalogue.h"
#include "scenarios/loader.h"
#include "scenarios/run/runner.h"
#include "scenarios/shipped.h"

namespace tidemark::scenarios {
namespace {

constexpr std::uint64_t kSeeds = 3;

/// The shipped scenarios of applications in C++.
std::vector<Scenario> application_scenarios() {
  std::vector<Scenario> all;
  for (const ShippedScenario& shipped : shipped_scenarios()) {
    const LoadResult result = load_scenario(shipped.text, std::string(shipped.name));
    EXPECT_TRUE(result.ok()) << result.diagnostics.text();
    if (result.scenario.workload.kind == model::WorkloadKind::kApplication) all.push_back(result.scenario);
  }
  return all;
}

TEST(Applications, EveryMistakeIsFoundByItsScenarioAndNothingElseIsBroken) {
  std::set<std::pair<std::string, std::string>> shown;
  for (const Scenario& scenario : application_scenarios()) {
    if (scenario.workload.mistakes.empty() && scenario.expect.empty()) continue;
    ASSERT_FALSE(scenario.expect.empty()) << scenario.name;
    for (const std::string& mistake : scenario.workload.mistakes) shown.emplace(scenario.workload.application, mistake);
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed)
      EXPECT_EQ(run_scenario({scenario, seed, {}, {}}).verdict(scenario.expect), "expected")
          << scenario.name << " seed " << seed;
  }
  for (const model::ApplicationInfo& info : model::application_catalogue())
    for (const model::ApplicationMistake& mistake : info.mistakes)
      EXPECT_TRUE(shown.contains({std::string(info.name), std::string(mistake.name)}))
          << info.name << ": no scenario makes the mistake " << mistake.name;
}

TEST(Applications, WithoutAMistakeEverythingHoldsAndARunRepeatsItself) {
  for (Scenario& scenario : application_scenarios()) {
    // A mistake is what breaks its scenario: without it the same load is right. A scenario that breaks something
    // without one shows a gap of what it is set to.
    const bool gap = scenario.workload.mistakes.empty() && !scenario.expect.empty();
    scenario.workload.mistakes.clear();
    if (!gap) scenario.expect.clear();
    const RunResult first = run_scenario({scenario, 2, {}, {}});
    EXPECT_EQ(first.verdict(scenario.expect), gap ? "expected" : "valid") << scenario.name;
    EXPECT_EQ(run_scenario({scenario, 2, {}, {}}).digest, first.digest) << scenario.name;
    for (const checkers::Verdict& verdict : first.verdicts) {
      if (verdict.name != "read-your-writes") continue;
      EXPECT_GT(verdict.observations, 0U) << scenario.name;
    }
  }
}

/// A read that its client gave up is asked again by its worker and answered from an old state, long after the session
/// has gone on: that breaks nothing.
TEST(Applications, AReadThatWasGivenUpIsNobodysAnswer) {
  std::string error;
  const auto shipped = find_scenario("apps/edge_cache_hostile", error);
  ASSERT_TRUE(shipped) << error;
  const LoadResult loaded = load_scenario(shipped->text, "edge_cache_hostile");
  EXPECT_EQ(run_scenario({loaded.scenario, 144, {}, {}}).verdict({}), "valid");
}

}  // namespace
}  // namespace tidemark::scenarios
