// Every application of the catalogue: the shipped scenarios of its mistakes find them, and without a mistake all of its
// truths hold.
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
    if (scenario.workload.mistakes.empty()) continue;
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
    // A mistake is what breaks its scenario: without it the same load is right.
    scenario.workload.mistakes.clear();
    const RunResult first = run_scenario({scenario, 2, {}, {}});
    EXPECT_EQ(first.verdict({}), "valid") << scenario.name;
    EXPECT_EQ(run_scenario({scenario, 2, {}, {}}).digest, first.digest) << scenario.name;
    for (const checkers::Verdict& verdict : first.verdicts) {
      if (verdict.name != "read-your-writes") continue;
      EXPECT_GT(verdict.observations, 0U) << scenario.name;
    }
  }
}

}  // namespace
}  // namespace tidemark::scenarios
