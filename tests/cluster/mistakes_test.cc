// Every switchable mistake is caught within 100 seeds, by a checker that its row names, and not by a crash; without any
// mistake the same scenarios and seeds are clean.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "model/types/bugs.h"
#include "scenarios/loader.h"
#include "scenarios/run/runner.h"
#include "scenarios/shipped.h"

namespace tidemark {
namespace {

constexpr std::uint64_t kSeeds = 100;
const std::vector<std::string> kScenarios = {"smoke/mistakes_txn", "smoke/mistakes_orders"};

scenarios::Scenario load(const std::string& name, const std::vector<std::string>& overrides) {
  std::string error;
  const auto found = scenarios::find_scenario(name, error);
  EXPECT_TRUE(found.has_value()) << error;
  scenarios::LoadResult loaded = scenarios::load_scenario(found->text, found->file, overrides);
  EXPECT_TRUE(loaded.ok()) << name;
  return loaded.scenario;
}

std::set<std::string> split(std::string_view names) {
  std::set<std::string> result;
  std::istringstream text{std::string(names)};
  for (std::string name; std::getline(text, name, ',');) result.insert(name);
  return result;
}

/// Names of the violated verdicts.
std::set<std::string> violations(const scenarios::Scenario& scenario, std::uint64_t seed,
                                 std::string* witness = nullptr) {
  const scenarios::RunResult result = scenarios::run_scenario({scenario, seed, "", "", nullptr, nullptr});
  std::set<std::string> names;
  for (const checkers::Verdict& verdict : result.verdicts) {
    if (verdict.validity != checkers::Validity::kInvalid) continue;
    names.insert(verdict.name);
    if (witness != nullptr) *witness += verdict.name + ": " + verdict.witness + "\n";
  }
  return names;
}

class Mistake : public testing::TestWithParam<model::BugInfo> {};

TEST_P(Mistake, IsCaughtWithin100SeedsByTheCheckerThatItsRowNames) {
  const model::BugInfo& bug = GetParam();
  const std::set<std::string> named = split(bug.caught_by);
  std::set<std::string> others;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    for (const std::string& name : kScenarios) {
      const std::set<std::string> found = violations(load(name, {"bugs=" + std::string(bug.id)}), seed);
      const bool caught =
          std::any_of(found.begin(), found.end(), [&](const std::string& v) { return named.count(v) == 1; });
      if (caught) {
        RecordProperty("seeds_to_kill", static_cast<int>(seed));
        return;
      }
      others.insert(found.begin(), found.end());
    }
  }
  std::string list;
  for (const std::string& name : others) list += " " + name;
  FAIL() << bug.id << " (" << bug.mistake << ") survived " << kSeeds << " seeds; other violations:" << list;
}

INSTANTIATE_TEST_SUITE_P(Catalogue, Mistake,
                         testing::ValuesIn(model::bug_catalogue().begin(), model::bug_catalogue().end()),
                         [](const auto& row) { return std::string(row.param.id); });

TEST(NoMistake, TheSameScenariosAreClean) {
  for (const std::string& name : kScenarios) {
    const scenarios::Scenario scenario = load(name, {"bugs=none"});
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      std::string witness;
      EXPECT_TRUE(violations(scenario, seed, &witness).empty()) << name << " seed " << seed << "\n" << witness;
    }
  }
}

TEST(SessionsSwitchedOff, TheSessionCheckersReportViolationsWithAWitness) {
  const scenarios::Scenario scenario = load("smoke/orders_no_sessions", {});
  std::set<std::string> found;
  std::string witness;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const std::set<std::string> names = violations(scenario, seed, &witness);
    found.insert(names.begin(), names.end());
  }
  EXPECT_EQ(found.count("read-your-writes"), 1U);
  EXPECT_EQ(found.count("monotonic-reads"), 1U);
  EXPECT_NE(witness.find("Session"), std::string::npos) << witness;
}

}  // namespace
}  // namespace tidemark
