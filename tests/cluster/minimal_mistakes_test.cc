// Every switchable mistake that breaks a promise to sessions, as far as the contents of the history tell: the least
// that still fails is at most six operations, and fails again in the same way when it is written and read.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/explain/explain.h"
#include "checkers/explain/minimal.h"
#include "checkers/formats/write/write.h"
#include "checkers/history/history_io.h"
#include "checkers/judge/models.h"
#include "model/types/bugs.h"
#include "scenarios/loader.h"
#include "scenarios/run/runner.h"
#include "scenarios/shipped.h"

namespace tidemark {
namespace {

using checkers::History;
using checkers::Judgement;
using checkers::Model;

constexpr std::uint64_t kSeeds = 30;
constexpr std::size_t kMostOperations = 6;
constexpr std::array<Model, 5> kPromises = {Model::kSequential, Model::kReadYourWrites, Model::kMonotonicReads,
                                            Model::kMonotonicWrites, Model::kWritesFollowReads};
// They show after a restore, and what it brought back only its bookmark tells.
const std::set<std::string_view> kOnlyBookmarksTell = {"E14", "E24", "E25"};

std::vector<model::BugInfo> mistakes() {
  std::vector<model::BugInfo> rows;
  for (const model::BugInfo& bug : model::bug_catalogue()) {
    const std::string caught = "," + std::string(bug.caught_by) + ",";
    const bool promise = std::any_of(kPromises.begin(), kPromises.end(), [&](Model model) {
      return caught.find(fmt::format(",{},", checkers::info(model).name)) != std::string::npos;
    });
    if (promise && kOnlyBookmarksTell.count(bug.id) == 0) rows.push_back(bug);
  }
  return rows;
}

scenarios::Scenario scenario_of(const model::BugInfo& bug) {
  std::string error;
  const auto found = scenarios::find_scenario(std::string(bug.scenario), error);
  EXPECT_TRUE(found.has_value()) << error;
  if (!found.has_value()) return {};
  return scenarios::load_scenario(found->text, found->file, {"bugs=" + std::string(bug.id)}).scenario;
}

History written_and_read(const History& history) {
  std::string text;
  const checkers::Format ours = checkers::Format::kTidemark;  // others do not say which version a register had
  checkers::write_history(history, ours, "minimal", [&](std::string_view piece) { text += piece; });
  return checkers::read_history_text("minimal", text, ours);
}

/// True if the promise is broken; then it is cut down.
bool cut_down(const History& history, Model model, std::string_view id, std::uint64_t seed) {
  const checkers::Judge judged = [model](const History& part) { return checkers::judge(part, model); };
  const Judgement judgement = judged(history);
  if (judgement.validity != checkers::Validity::kInvalid) return false;
  const checkers::Anomaly& first = judgement.anomalies.at(0);
  EXPECT_NE(checkers::explain(history, checkers::info(model).guarantee, first), "");
  const checkers::Minimal minimal = checkers::minimal_history(history, first, judged);
  EXPECT_TRUE(minimal.complete);
  EXPECT_LE(minimal.history.transactions().size(), kMostOperations)
      << checkers::explain(minimal.history, "", minimal.anomaly);
  const Judgement again = judged(written_and_read(minimal.history));
  EXPECT_EQ(again.validity, checkers::Validity::kInvalid) << again.reason;
  EXPECT_EQ(again.anomalies.empty() ? "" : again.anomalies[0].name, first.name);
  fmt::print("{:<4} seed {:>3}: {}: {} of {} operations, {}\n", id, seed, checkers::info(model).name,
             minimal.history.transactions().size(), history.transactions().size(), first.name);
  return true;
}

class MinimalHistory : public testing::TestWithParam<model::BugInfo> {};

TEST_P(MinimalHistory, OfAMistakeIsAtMostSixOperations) {
  const model::BugInfo& bug = GetParam();
  const scenarios::Scenario scenario = scenario_of(bug);
  const std::filesystem::path folder = std::filesystem::path(TIDEMARK_BLACK_BOX) / "minimal" / bug.id;
  std::filesystem::create_directories(folder);
  const std::string file = folder / "history.jsonl";
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    scenarios::run_scenario({scenario, seed, file, "", nullptr, nullptr});
    const std::vector<checkers::Operation> operations = checkers::read_history(file);
    if (std::any_of(operations.begin(), operations.end(), [](const auto& o) { return !o.restored_to.empty(); }))
      continue;
    const History history = checkers::read_history_file(file, checkers::Format::kTidemark);
    bool broken = false;
    for (const Model model : kPromises) broken = cut_down(history, model, bug.id, seed) || broken;
    if (broken) return;
  }
  ADD_FAILURE() << bug.id << " (" << bug.mistake << ") shows in the contents of no history of " << bug.scenario;
}

INSTANTIATE_TEST_SUITE_P(Catalogue, MinimalHistory, testing::ValuesIn(mistakes()),
                         [](const auto& row) { return std::string(row.param.id); });

}  // namespace
}  // namespace tidemark
