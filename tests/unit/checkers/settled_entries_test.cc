// Writes of unknown outcome whose entry is known to be in the log for good, or lost for good.
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "checkers/consistency/known_order.h"
#include "tiny_history.h"

namespace tidemark::checkers {
namespace {

struct Fate {
  std::uint32_t epoch, sequence;
  bool confirmed;
};

Validity judged(const std::string& text, const std::vector<Fate>& before, const std::vector<Fate>& after = {}) {
  KnownOrderChecker checker;
  for (const Fate& fate : before) checker.settle_entry(bookmark(fate.sequence, fate.epoch), fate.confirmed);
  for (const Operation& operation : tiny_history(text)) checker.on_operation(operation);
  for (const Fate& fate : after) checker.settle_entry(bookmark(fate.sequence, fate.epoch), fate.confirmed);
  return checker.finish().validity;
}

TEST(SettledEntries, AConfirmedWriteIsInEveryLaterState) {
  const std::string unseen = "s1: +a @1.1 / s2?: +b $1.2 / s3: +c @2.2 / s3: l[a c] @2.2";
  const std::string seen = "s1: +a @1.1 / s2?: +b $1.2 / s3: +c @2.2 / s3: l[a b c] @2.2";
  EXPECT_EQ(judged(unseen, {}), Validity::kValid) << "it may have been lost with its leader";
  EXPECT_EQ(judged(seen, {}), Validity::kValid);
  EXPECT_EQ(judged(unseen, {{1, 2, true}}), Validity::kInvalid);
  EXPECT_EQ(judged(unseen, {}, {{1, 2, true}}), Validity::kInvalid) << "known after the operation";
  EXPECT_EQ(judged(seen, {{1, 2, true}}), Validity::kValid);
}

TEST(SettledEntries, ALostWriteIsInNoState) {
  const std::string seen = "s1: +a @1.1 / s2?: +b $1.2 / s3: l[a b] @2.1";
  EXPECT_EQ(judged(seen, {}), Validity::kValid);
  EXPECT_EQ(judged(seen, {{1, 2, false}}), Validity::kInvalid);
  EXPECT_EQ(judged(seen, {}, {{1, 2, false}}), Validity::kInvalid) << "known after the operation";
}

TEST(SettledEntries, AWriteWhoseFirstEntryWasLostMayHaveMadeAnother) {
  const std::string text = "s1: +a @1.1 / s2?: +b $1.2 $2.2 / s3: l[a b] @3.1";
  EXPECT_EQ(judged(text, {{1, 2, false}}), Validity::kValid);
  EXPECT_EQ(judged(text, {{1, 2, false}, {2, 2, false}}), Validity::kInvalid);
}

TEST(SettledEntries, AConfirmedResetOfAnEarlierLeaderEmptiesTheTable) {
  const std::string text =
      "s1: +a @1.1 / s2?: reset $1.2 / s3?: +b $2.2 / s4: l[b] @2.2 / s4: +a @2.3 / s4: l[b a] @2.3";
  EXPECT_EQ(judged(text, {{1, 2, true}, {2, 2, true}}), Validity::kValid);
  EXPECT_EQ(judged(text, {{1, 2, false}, {2, 2, true}}), Validity::kInvalid);
}

// The shop carried the reset out again: its entry of the first leader was lost, the one of the second was not. The row
// that is inserted again after it proves a reset, but not the lost one, which would take the row from the read.
TEST(SettledEntries, ARowInsertedAgainIsExplainedByTheResetThatTookEffect) {
  const std::string text = "s1: +a @1.1 / s2?: reset $1.2 $2.2 / s3: +b @2.1 / s3: l[a b] @2.1 / s4: +a @3.1";
  EXPECT_EQ(judged(text, {}), Validity::kValid);
  EXPECT_EQ(judged(text, {{1, 2, false}, {2, 2, true}}), Validity::kValid);
}

}  // namespace
}  // namespace tidemark::checkers
