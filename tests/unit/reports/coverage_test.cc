#include "reports/coverage.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace tidemark::reports {
namespace {

FaultOutcome fault(const char* kind, const char* name, std::uint64_t effects, std::vector<FaultOutcome::Hit> hits) {
  FaultOutcome outcome;
  outcome.kind = kind;
  outcome.name = name;
  outcome.effects = effects;
  if (!hits.empty()) outcome.start = 1;
  outcome.hits = std::move(hits);
  return outcome;
}

/// 200 runs of three kinds: one often, one in 1 % of the runs, one in 0.5 %; and one that never comes.
CoverageReport fixed_report() {
  CoverageCollector collector;
  collector.add_kind("N4", "loss");
  collector.add_kind("D24", "rollback");
  collector.add_kind("P1", "kill");
  collector.add_kind("S1", "slow-store");
  for (int run = 0; run < 200; ++run) {
    FaultFigures figures;
    figures.faults.push_back(
        fault("P1", "kill", 1, {{"a", "follower", "member"}, {"b", "follower", run % 2 == 0 ? "member" : "learner"}}));
    figures.faults.push_back(fault("P1", "kill", 0, {}));  // never began
    if (run % 4 == 0) figures.faults.push_back(fault("P1", "kill", 0, {{"h", "primary", "sealing"}}));
    if (run < 3) figures.faults.push_back(fault("S1", "slow-store", run == 0 ? 7 : 0, {{"cold", "cold store", ""}}));
    if (run < 2) figures.faults.push_back(fault("N4", "loss", 2, {{"link:a>b", "link", ""}}));
    collector.add_run(figures);
  }
  return collector.report();
}

void expect_golden(const std::string& file, const std::string& made) {
  std::ifstream stream(std::string(TIDEMARK_GOLDEN) + "/" + file, std::ios::binary);
  std::ostringstream kept;
  kept << stream.rdbuf();
  if (made != kept.str()) std::ofstream("actual_" + file, std::ios::binary) << made;
  EXPECT_EQ(made, kept.str()) << "the present bytes are in actual_" << file << ", in the folder of the test";
}

TEST(Coverage, FixedRunsGiveTheKeptText) {
  expect_golden("coverage.txt", coverage_text(fixed_report()));
}

TEST(Coverage, FixedRunsGiveTheKeptJson) {
  expect_golden("coverage.json", coverage_json(fixed_report()));
}

TEST(Coverage, CountsAKindOncePerRunAndACellOncePerProcess) {
  const CoverageReport report = fixed_report();
  const KindCoverage& kill = report.kinds[2];
  EXPECT_EQ(kill.planned, 450U);
  EXPECT_EQ(kill.struck, 250U);
  EXPECT_EQ(kill.with_effect, 200U);
  EXPECT_EQ(kill.runs_with_effect, 200U);
  EXPECT_EQ(report.cells.at(1).phase, "learner");
  EXPECT_EQ(report.cells.at(1).struck, 100U);
  EXPECT_EQ(report.cells.at(2).phase, "member");
  EXPECT_EQ(report.cells.at(2).with_effect, 300U);
}

TEST(Coverage, OnePercentOfTheRunsIsEnoughAndLessIsNot) {
  const CoverageReport report = fixed_report();
  EXPECT_FALSE(report.is_rare(report.kinds[0])) << "2 of 200";
  EXPECT_TRUE(report.is_rare(report.kinds[1])) << "none";
  EXPECT_TRUE(report.is_rare(report.kinds[3])) << "1 of 200";
}

TEST(Coverage, ShowsAKindThatItWasNotToldOf) {
  CoverageCollector collector;
  collector.add_run({{fault("Z9", "new", 1, {{"a", "follower", "member"}})}, 0, {}, {}});
  EXPECT_NE(coverage_text(collector.report()).find("Z9 new"), std::string::npos);
  EXPECT_NE(coverage_text(collector.report()).find("every kind had effect"), std::string::npos);
}

}  // namespace
}  // namespace tidemark::reports
