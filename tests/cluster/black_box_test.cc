// Every switchable mistake that breaks a promise to sessions is found from the file that a client could have written:
// the history is written, read back, and judged as `tidemark check` does. No ground truth takes part.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/consistency/sequential.h"
#include "checkers/formats/format.h"
#include "checkers/history/history_io.h"
#include "checkers/judge/models.h"
#include "checkers/session/session_checker.h"
#include "model/types/bugs.h"
#include "scenarios/loader.h"
#include "scenarios/run/runner.h"
#include "scenarios/shipped.h"

namespace tidemark {
namespace {

constexpr std::uint64_t kSeeds = 100;
constexpr std::uint64_t kCleanSeeds = 10;
constexpr std::array<std::string_view, 6> kPromises = {"read-your-writes",    "monotonic-reads", "monotonic-writes",
                                                       "writes-follow-reads", "sequential",      "bookmark-order"};

std::string list(std::string_view names) {
  return "," + std::string(names) + ",";
}

/// Their rows name what shows it best; their runs break promises to sessions as well. (B1 and D14 do so only by ground
/// truth: what clients saw of their runs fits an order, with a write of unknown outcome at another place than its own.)
constexpr std::array<std::string_view, 10> kBreakThemToo = {"B8", "C1", "C2",  "E2", "E10",
                                                            "F5", "F8", "F10", "G8", "G17"};

/// Or its row names a promise to sessions.
bool breaks_a_promise(const model::BugInfo& bug) {
  if (std::find(kBreakThemToo.begin(), kBreakThemToo.end(), bug.id) != kBreakThemToo.end()) return true;
  return std::any_of(kPromises.begin(), kPromises.end(), [&](std::string_view promise) {
    return list(bug.caught_by).find(list(promise)) != std::string::npos;
  });
}

std::vector<model::BugInfo> mistakes() {
  std::vector<model::BugInfo> rows;
  for (const model::BugInfo& bug : model::bug_catalogue())
    if (breaks_a_promise(bug)) rows.push_back(bug);
  return rows;
}

scenarios::Scenario load(const std::string& name, const std::vector<std::string>& overrides) {
  std::string error;
  const auto found = scenarios::find_scenario(name, error);
  EXPECT_TRUE(found.has_value()) << error;
  if (!found.has_value()) return {};
  scenarios::LoadResult loaded = scenarios::load_scenario(found->text, found->file, overrides);
  EXPECT_TRUE(loaded.ok()) << name;
  return loaded.scenario;
}

/// The histories of one run: the file of the first database, and those of the others beside it.
std::vector<std::string> histories_of(const scenarios::Scenario& scenario, std::uint64_t seed,
                                      const std::filesystem::path& folder) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  scenarios::run_scenario({scenario, seed, folder / "history.jsonl", "", nullptr, nullptr});
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

struct Found {
  std::string names;    // of the violated promises
  std::string anomaly;  // of the contents alone, without bookmarks; empty: they do not contradict each other
  std::string witness;
};

Found judge(const std::string& file) {
  Found found;
  const std::vector<checkers::Operation> history = checkers::read_history(file);
  std::vector<checkers::Verdict> verdicts = checkers::check_sequential(history);
  for (const checkers::Verdict& verdict : checkers::check_sessions(history)) verdicts.push_back(verdict);
  for (const checkers::Verdict& verdict : verdicts) {
    if (verdict.validity != checkers::Validity::kInvalid) continue;
    found.names += (found.names.empty() ? "" : " ") + verdict.name;
    if (found.witness.empty()) found.witness = verdict.witness;
  }
  const bool restored =
      std::any_of(history.begin(), history.end(), [](const auto& o) { return !o.restored_to.empty(); });
  if (restored) return found;  // what a restore brought back only its bookmark tells
  const checkers::History contents = checkers::read_history_file(file, checkers::Format::kTidemark);
  const checkers::Judgement judgement = checkers::judge(contents, checkers::Model::kSequential);
  if (judgement.validity == checkers::Validity::kInvalid) found.anomaly = judgement.anomalies.at(0).name;
  return found;
}

class BlackBox : public testing::TestWithParam<model::BugInfo> {};

TEST_P(BlackBox, FindsTheMistakeInTheFileOfTheHistory) {
  const model::BugInfo& bug = GetParam();
  const scenarios::Scenario scenario = load(std::string(bug.scenario), {"bugs=" + std::string(bug.id)});
  const std::filesystem::path folder = std::filesystem::path(TIDEMARK_BLACK_BOX) / bug.id;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    for (const std::string& file : histories_of(scenario, seed, folder)) {
      const Found found = judge(file);
      if (found.names.empty() && found.anomaly.empty()) continue;
      fmt::print("{:<4} seed {:>3}: {}; contents without bookmarks: {}\n", bug.id, seed, found.names,
                 found.anomaly.empty() ? "nothing" : found.anomaly);
      RecordProperty("seeds_to_find", static_cast<int>(seed));
      return;
    }
  }
  ADD_FAILURE() << bug.id << " (" << bug.mistake << ") shows in no history of " << bug.scenario;
}

INSTANTIATE_TEST_SUITE_P(Catalogue, BlackBox, testing::ValuesIn(mistakes()),
                         [](const auto& row) { return std::string(row.param.id); });

TEST(BlackBoxWithoutMistake, FindsNothingInTheFilesOfTheSameScenarios) {
  std::set<std::string_view> names;
  for (const model::BugInfo& bug : mistakes()) names.insert(bug.scenario);
  const std::filesystem::path folder = std::filesystem::path(TIDEMARK_BLACK_BOX) / "none";
  for (const std::string_view name : names) {
    const scenarios::Scenario scenario = load(std::string(name), {});
    for (std::uint64_t seed = 1; seed <= kCleanSeeds; ++seed) {
      for (const std::string& file : histories_of(scenario, seed, folder)) {
        const Found found = judge(file);
        EXPECT_EQ(found.names + found.anomaly, "") << name << " seed " << seed << ": " << found.witness;
      }
    }
  }
}

}  // namespace
}  // namespace tidemark
