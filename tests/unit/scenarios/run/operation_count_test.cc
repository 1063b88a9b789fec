// Canary K7: a history that lacks operations is never called valid.
#include "scenarios/run/operation_count.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "scenarios/loader.h"
#include "scenarios/run/runner.h"
#include "scenarios/shipped.h"

namespace tidemark::scenarios {
namespace {

using checkers::Validity;

RunResult run(std::uint32_t lose_every, const std::vector<std::string>& overrides) {
  std::string error;
  const auto found = find_scenario("smoke/mistakes_txn", error);
  EXPECT_TRUE(found.has_value()) << error;
  const LoadResult loaded = load_scenario(found->text, found->file, overrides);
  RunRequest request{loaded.scenario, 3, "", ""};
  request.lose_every = lose_every;
  return run_scenario(request);
}

const checkers::Verdict& verdict(const RunResult& result, const std::string& name) {
  const auto found = std::find_if(result.verdicts.begin(), result.verdicts.end(),
                                  [&](const checkers::Verdict& v) { return v.name == name; });
  EXPECT_NE(found, result.verdicts.end()) << name;
  return *found;
}

constexpr const char* kOfTheHistory[] = {"sequential",       "bookmark-order",  "read-your-writes",
                                         "monotonic-writes", "monotonic-reads", "writes-follow-reads"};

TEST(OperationCount, AHistoryThatLacksOneOperationOfAThousandIsUnknownNeverValid) {
  const RunResult result = run(1000, {});
  ASSERT_GE(result.operations, 1000U);
  for (const char* name : kOfTheHistory) {
    EXPECT_EQ(verdict(result, name).validity, Validity::kUnknown) << name;
    EXPECT_NE(verdict(result, name).witness.find("history incomplete: "), std::string::npos)
        << verdict(result, name).witness;
  }
  EXPECT_EQ(result.exit_code({}), 2);
}

TEST(OperationCount, ACompleteHistoryIsJudged) {
  const RunResult result = run(0, {});
  for (const char* name : kOfTheHistory) EXPECT_EQ(verdict(result, name).validity, Validity::kValid) << name;
  EXPECT_EQ(result.exit_code({}), 0);
}

TEST(OperationCount, AViolationStaysOneThoughTheHistoryIsIncomplete) {
  const RunResult result = run(1000, {"bugs=G4"});
  EXPECT_EQ(verdict(result, "read-your-writes").validity, Validity::kInvalid);
  EXPECT_EQ(result.exit_code({}), 1);
}

}  // namespace
}  // namespace tidemark::scenarios
