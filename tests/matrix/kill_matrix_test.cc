// The kill matrix itself: what counts as a kill, how starts are counted, and that a harness that sees nothing fails it.
#include "matrix/kill_matrix.h"

#include <gtest/gtest.h>

#include "matrix/shrink_rows.h"
#include "matrix/table.h"

namespace tidemark::matrix {
namespace {

const model::BugInfo& bug(const char* id) {
  return *model::find_bug(id);
}

/// M1 and G11 show in nearly every run of a short scenario.
MatrixOptions two_easy_ones() {
  MatrixOptions options;
  options.targets = targets_of({"M1", "G11"}, 0, true, false);
  options.starts = 2;
  options.budget = 3;
  options.jobs = 2;
  return options;
}

TEST(KillMatrix, KillsMistakesFromEveryStart) {
  const std::vector<Row> rows = run_matrix(two_easy_ones());
  ASSERT_EQ(rows.size(), 2U);
  for (const Row& row : rows) {
    ASSERT_EQ(row.chases.size(), 2U);
    EXPECT_EQ(row.kills(), 2U) << row.target.bug->id;
    EXPECT_TRUE(row.killed());
    EXPECT_EQ(row.chases[1].seed, kSeedsPerStart + row.chases[1].runs);
    EXPECT_GT(row.chases[0].virtual_seconds, 0);
  }
  EXPECT_TRUE(all_killed(rows));
}

TEST(KillMatrix, IsTheSameWhateverTheNumberOfWorkers) {
  MatrixOptions options = two_easy_ones();
  const std::string two = as_text(run_matrix(options), false);
  options.jobs = 1;
  EXPECT_EQ(as_text(run_matrix(options), false), two);
}

TEST(KillMatrix, HuntsSteeredFromTheSameStarts) {
  MatrixOptions options;
  options.targets = targets_of({"D13", "F28"}, 0, true, false);
  options.starts = 2;
  options.first_start = 3;
  options.budget = 12;
  options.jobs = 2;
  options.steer = true;
  const std::vector<Row> rows = run_matrix(options);
  const std::string two = as_text(rows, false);
  for (const Row& row : rows) {
    ASSERT_EQ(row.steered.size(), 2U);
    EXPECT_EQ(row.steered[0].start, 3U);
    for (const Chase& chase : row.steered) EXPECT_TRUE(chase.is_steered);
    for (const Chase& chase : row.chases) EXPECT_FALSE(chase.is_steered);
  }
  EXPECT_NE(two.find("steering, 2 mistakes, 4 starts: runs until the kill blind "), std::string::npos) << two;
  EXPECT_NE(two.find("steered: killed"), std::string::npos) << two;
  options.jobs = 1;
  EXPECT_EQ(as_text(run_matrix(options), false), two);
  options.steer = false;
  const std::vector<Row> blind = run_matrix(options);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(blind[i].runs_at(1), rows[i].runs_at(1));
}

TEST(KillMatrix, IsThatOfOneProcess) {
  const std::vector<Row> rows = run_matrix(two_easy_ones());
  const Chase here = chase_here(rows[0].target, 1, 3);
  EXPECT_EQ(here.seed, rows[0].chases[1].seed);
  EXPECT_EQ(here.check, rows[0].chases[1].check);
}

// Canary K8.
TEST(KillMatrix, DropsToZeroAndFailsWhenACheckerAlwaysSaysValid) {
  MatrixOptions options = two_easy_ones();
  options.judge = [](const scenarios::RunResult&) { return std::vector<std::string>(); };
  const std::vector<Row> rows = run_matrix(options);
  for (const Row& row : rows) EXPECT_EQ(row.kills(), 0U) << row.target.bug->id;
  EXPECT_FALSE(all_killed(rows));
  const std::string text = as_text(rows);
  EXPECT_NE(text.find("tier 1 in the scenarios of their rows: 0 of 2 killed"), std::string::npos) << text;
  EXPECT_NE(text.find("survives: G11"), std::string::npos) << text;
}

TEST(KillMatrix, CountsNoCrashAsAKill) {
  MatrixOptions options = two_easy_ones();
  options.targets.pop_back();
  options.judge = [](const scenarios::RunResult&) -> std::vector<std::string> { std::abort(); };
  const std::vector<Row> rows = run_matrix(options);
  EXPECT_EQ(rows[0].kills(), 0U);
  EXPECT_EQ(rows[0].chases[0].crashes, 3U);
  EXPECT_EQ(rows[0].chases[0].runs, 3U);
}

TEST(KillMatrix, InItsOwnScenarioOnlyChecksOfItsRowKillAMistake) {
  const Target own{&bug("M1"), "smoke/mistakes_txn", true};
  EXPECT_EQ(killer_of(own, {"Q", "META"}), "META");
  EXPECT_EQ(killer_of(own, {"Q"}), "");
  const Target elsewhere{&bug("M1"), kSwarm, false};
  EXPECT_EQ(killer_of(elsewhere, {"Q", "META"}), "Q");
  EXPECT_EQ(killer_of(elsewhere, {}), "");
}

TEST(KillMatrix, CountsWhatBecameSmallAndStillFails) {
  Row row{{&bug("M1"), "smoke/mistakes_txn", true}, 3, {}, {}, {}};
  row.chases.emplace_back().seed = 1;
  row.shrunk = {10, 2, true, "META: it lies", true, 1.5};
  std::vector<Row> rows(4, row);
  rows[1].shrunk->operations = 11;
  rows[2].shrunk->faults = 3;
  rows[3].shrunk->reproduces = false;
  const std::string text = as_text(rows);
  EXPECT_NE(text.find("tier 1 in the scenarios of their rows: 1 of 4 shrunk to at most 10 operations and 2 faults that "
                      "fail alike, 1.50 s at the median"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("fails no more"), std::string::npos) << text;
}

TEST(KillMatrix, ShrinksAKillToAFewOperationsThatFailAlike) {
  std::vector<Row> rows = run_matrix(two_easy_ones());
  shrink_rows(rows, {2, 60});
  for (const Row& row : rows) {
    ASSERT_TRUE(row.shrunk.has_value()) << row.target.bug->id;
    EXPECT_TRUE(row.shrunk->reproduces) << row.target.bug->id;
    EXPECT_TRUE(row.shrunk->scripted);
    EXPECT_LE(row.shrunk->operations, 10U);
    EXPECT_NE(row.shrunk->failure, "");
  }
}

TEST(KillMatrix, TakesTheRankOfTheShareOverAllStarts) {
  Row row;
  for (std::uint64_t start = 0; start < 4; ++start) {
    Chase chase;
    chase.start = start;
    chase.runs = 10 * (start + 1);
    if (start < 3) chase.seed = 1;
    row.chases.push_back(chase);
  }
  EXPECT_EQ(row.runs_at(0.5), 20U);
  EXPECT_EQ(row.runs_at(0.75), 30U);
  EXPECT_EQ(row.runs_at(0.95), std::nullopt) << "the fourth start survived";
  EXPECT_TRUE(row.killed());
  row.chases[1].seed.reset();
  row.chases[0].seed.reset();
  EXPECT_FALSE(row.killed());
}

}  // namespace
}  // namespace tidemark::matrix
