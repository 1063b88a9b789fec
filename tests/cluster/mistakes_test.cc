// Every switchable mistake is caught in the scenario that its row names, by a checker that its row names, and not by a
// crash; without any mistake the same scenarios and seeds are clean; and every verdict is seen to fail.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "matrix/kill_matrix.h"
#include "model/types/bugs.h"
#include "scenarios/loader.h"
#include "scenarios/run/runner.h"
#include "scenarios/shipped.h"

namespace tidemark {
namespace {

constexpr std::uint64_t kCleanSeeds = 200;

scenarios::Scenario load(const std::string& name, const std::vector<std::string>& overrides) {
  std::string error;
  const auto found = scenarios::find_scenario(name, error);
  EXPECT_TRUE(found.has_value()) << error;
  if (!found.has_value()) return {};
  scenarios::LoadResult loaded = scenarios::load_scenario(found->text, found->file, overrides);
  EXPECT_TRUE(loaded.ok()) << name;
  return loaded.scenario;
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

std::string joined(const std::set<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += " " + name;
  return list;
}

TEST(Catalogue, NamesAScenarioAndVerdictsForEveryMistake) {
  const std::vector<std::string> names = scenarios::verdict_names();
  for (const model::BugInfo& row : model::bug_catalogue()) {
    std::string error;
    EXPECT_TRUE(scenarios::find_scenario(std::string(row.scenario), error).has_value())
        << row.id << " is hunted nowhere: " << error;
    const std::vector<std::string> verdicts = matrix::checks_of(row);
    EXPECT_FALSE(verdicts.empty()) << row.id;
    for (const std::string& verdict : verdicts)
      EXPECT_EQ(std::count(names.begin(), names.end(), verdict), 1) << row.id << " names " << verdict;
  }
}

class Mistake : public testing::TestWithParam<model::BugInfo> {};

// The quick kill matrix: one start of each mistake, in this process. `tidemark bugs matrix` is the whole one.
TEST_P(Mistake, IsCaughtByTheCheckerThatItsRowNames) {
  const model::BugInfo& bug = GetParam();
  const matrix::Target target{&bug, std::string(bug.scenario), true};
  const matrix::Chase chase = matrix::chase_here(target, 0, matrix::budget_of(target));
  RecordProperty("seeds_to_kill", static_cast<int>(chase.runs));
  EXPECT_TRUE(chase.killed()) << bug.id << " (" << bug.mistake << ") survived in " << bug.scenario
                              << "; other violations:" << joined(chase.others);
}

INSTANTIATE_TEST_SUITE_P(Catalogue, Mistake, testing::ValuesIn(model::bug_catalogue()),
                         [](const auto& row) { return std::string(row.param.id); });

class NoMistake : public testing::TestWithParam<std::string> {};

TEST_P(NoMistake, TheSameScenarioIsClean) {
  const scenarios::Scenario scenario = load(GetParam(), {});
  for (std::uint64_t seed = 1; seed <= kCleanSeeds; ++seed) {
    std::string witness;
    EXPECT_TRUE(violations(scenario, seed, &witness).empty()) << GetParam() << " seed " << seed << "\n" << witness;
  }
}

std::set<std::string> scenarios_of_rows() {
  std::set<std::string> names = {"smoke/mistakes_txn", "smoke/mistakes_orders"};
  for (const model::BugInfo& row : model::bug_catalogue()) names.insert(std::string(row.scenario));
  names.erase("");  // told by the test above
  return names;
}

INSTANTIATE_TEST_SUITE_P(Catalogue, NoMistake, testing::ValuesIn(scenarios_of_rows()), [](const auto& name) {
  std::string text = name.param;
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '/' || c == '_'; }, 'x');
  return text;
});

/// For every verdict one mistake that makes it fail.
const std::map<std::string, std::string> kSeenFailing = {
    {"sequential", "G1"},
    {"bookmark-order", "G1"},
    {"read-your-writes", "G4"},
    {"monotonic-reads", "G2"},
    {"monotonic-writes", "B8"},
    {"writes-follow-reads", "B8"},
    {"Q", "A2"},
    {"DUR", "B2"},
    {"LOG", "F8"},
    {"ONE", "G17"},
    {"CMONO", "A22"},
    {"BM", "B1"},
    {"FENCE", "A8"},
    {"HIDE", "F1"},
    {"TXN", "C2"},
    {"VMONO", "G4"},
    {"WAIT", "G4"},
    {"FRESH", "G11"},
    {"META", "M1"},
    {"IMG", "B8"},
    {"SNAP", "E2"},
    {"PITR", "E23"},
    {"GC", "E16"},
    {"CKPT", "D1"},
    {"GATE", "H8"},
    {"ERR", "H10"},
    {"LAG", "L1"},
    {"RES", "F7"},
    {"LIVE", "A13"},
    {"WAL", "F10"},
    {"integrity", "B8"},
    {"equal-copies", "E24"},
};

class Verdict : public testing::TestWithParam<std::string> {};

TEST_P(Verdict, FailsForAPlantedMistake) {
  const std::string check = GetParam();
  const auto row = kSeenFailing.find(check);
  ASSERT_NE(row, kSeenFailing.end()) << "no mistake is known that makes " << GetParam() << " fail";
  const model::BugInfo* const bug = model::find_bug(row->second);
  ASSERT_NE(bug, nullptr);
  model::BugInfo row_of_one = *bug;
  row_of_one.caught_by = check;
  const matrix::Target target{&row_of_one, std::string(bug->scenario), true};
  const matrix::Chase chase = matrix::chase_here(target, 0, matrix::budget_of(target));
  EXPECT_TRUE(chase.killed()) << GetParam() << " never fails for " << bug->id << " in " << bug->scenario
                              << "; but:" << joined(chase.others);
}

INSTANTIATE_TEST_SUITE_P(Checkers, Verdict, testing::ValuesIn(scenarios::verdict_names()), [](const auto& name) {
  std::string text = name.param;
  text.erase(std::remove(text.begin(), text.end(), '-'), text.end());
  return text;
});

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
