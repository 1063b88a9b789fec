// Many seeds: all valid, all different; the n-th run of a process equals a fresh one; an idle replica shifts nothing.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "scenarios/loader.h"
#include "scenarios/run/runner.h"
#include "scenarios/shipped.h"

namespace tidemark {
namespace {

scenarios::Scenario load(const std::string& name, const std::vector<std::string>& overrides) {
  std::string error;
  const auto found = scenarios::find_scenario(name, error);
  EXPECT_TRUE(found.has_value()) << error;
  scenarios::LoadResult loaded = scenarios::load_scenario(found->text, found->file, overrides);
  EXPECT_TRUE(loaded.ok()) << name;
  return loaded.scenario;
}

scenarios::RunResult run(const scenarios::Scenario& scenario, std::uint64_t seed) {
  return scenarios::run_scenario({scenario, seed, "", "", nullptr, nullptr});
}

std::string complaints(const scenarios::RunResult& result) {
  std::string text;
  for (const checkers::Verdict& verdict : result.verdicts) {
    if (verdict.validity != checkers::Validity::kValid) text += verdict.name + ": " + verdict.witness + "\n";
  }
  return text;
}

TEST(Seeds, TwoHundredSeedsOfTheOrdersScenarioAreValidAndDifferent) {
  const scenarios::Scenario scenario = load("smoke/orders", {});
  std::set<std::string> digests;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const scenarios::RunResult result = run(scenario, seed);
    EXPECT_EQ(result.exit_code({}), 0) << "seed " << seed << "\n" << complaints(result);
    digests.insert(result.digest);
  }
  EXPECT_EQ(digests.size(), 200U);
}

TEST(Seeds, RegisterAndAppendAreValid) {
  for (const char* name : {"smoke/register", "smoke/append"}) {
    const scenarios::Scenario scenario = load(name, {});
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
      const scenarios::RunResult result = run(scenario, seed);
      EXPECT_EQ(result.exit_code({}), 0) << name << " seed " << seed << "\n" << complaints(result);
    }
  }
}

TEST(Seeds, PermutedTiesAreValidToo) {
  const scenarios::Scenario scenario = load("smoke/orders", {"scenario.duration=10 s", "cluster.permute_ties=true"});
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const scenarios::RunResult result = run(scenario, seed);
    EXPECT_EQ(result.exit_code({}), 0) << "seed " << seed << "\n" << complaints(result);
  }
}

TEST(Seeds, ARunDoesNotDependOnTheRunsBeforeIt) {
  const scenarios::Scenario orders = load("smoke/orders", {"scenario.duration=5 s"});
  const scenarios::Scenario append = load("smoke/append", {"scenario.duration=5 s"});
  const std::string first = run(orders, 3).digest;
  const std::string other = run(append, 4).digest;
  run(append, 9);
  EXPECT_EQ(run(orders, 3).digest, first);
  run(orders, 11);
  EXPECT_EQ(run(append, 4).digest, other);
}

std::map<std::string, std::uint64_t> draws(const scenarios::Scenario& scenario) {
  std::map<std::string, std::uint64_t> result;
  for (const sim::StreamRegistry::Draws& stream : run(scenario, 5).draws) result[stream.name] = stream.draws;
  return result;
}

TEST(Seeds, AnIdleReplicaChangesNoDrawOfAnotherStream) {
  const auto without = draws(load("smoke/orders", {"scenario.duration=10 s"}));
  const auto with = draws(load("smoke/orders", {"scenario.duration=10 s", R"(database.shop.idle_replicas=["MAD"])"}));
  EXPECT_GT(without.size(), 20U);
  for (const auto& [name, count] : without) {
    const auto found = with.find(name);
    ASSERT_NE(found, with.end()) << name;
    EXPECT_EQ(found->second, count) << name;
  }
  EXPECT_GT(with.size(), without.size());
}

}  // namespace
}  // namespace tidemark
