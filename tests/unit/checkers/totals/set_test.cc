#include "checkers/totals/set.h"

#include <gtest/gtest.h>

#include "small_record.h"

namespace tidemark::checkers::totals {
namespace {

Judgement judged(SmallRecord& record, bool real_time = false) {
  SetOptions set;
  set.real_time = real_time;
  return judge_set(record.build(), {}, set);
}

std::string named(const Judgement& judgement) {
  return judgement.anomalies.empty() ? to_text(judgement.validity) : judgement.anomalies[0].name;
}

using Witness = std::vector<std::uint32_t>;

TEST(Set, AcceptsViewsThatGrow) {
  SmallRecord record;
  record("a ok 0 1 add x 1")("b ok 0 1 add x 2")("b ok 2 3 set x 2")("a ok 2 3 set x 1")("c ok 2 3 set x")(
      "c ok 4 5 set x 2 1")("d info 0 - add x 3")("c ok 6 7 set x 1 2 3");
  EXPECT_EQ(named(judged(record)), "valid");
}

TEST(Set, MissesWhatTheSessionAddedItself) {
  SmallRecord record;
  record("a ok 0 1 add x 1")("a ok 2 3 set x");
  const Judgement judgement = judged(record);
  ASSERT_EQ(named(judgement), "lost-element");
  EXPECT_EQ(judgement.anomalies[0].transactions, (Witness{0, 1}));
}

TEST(Set, MissesWhatTheSessionHasFoundBefore) {
  SmallRecord record;
  record("a ok 0 1 add x 1")("b ok 2 3 set x 1")("b ok 4 5 set x");
  const Judgement judgement = judged(record);
  ASSERT_EQ(named(judgement), "lost-element");
  EXPECT_EQ(judgement.anomalies[0].transactions, (Witness{1, 2}));
}

TEST(Set, CallsAnElementThatComesBackResurrected) {
  SmallRecord record;
  record("a ok 0 1 add x 1")("b ok 2 3 set x 1")("b ok 4 5 set x")("b ok 6 7 set x 1");
  const Judgement judgement = judged(record);
  ASSERT_EQ(named(judgement), "resurrected");
  EXPECT_EQ(judgement.anomalies[0].transactions, (Witness{1, 2, 3}));
  EXPECT_EQ(judgement.anomalies.size(), 1U);
}

TEST(Set, FindsWhatNobodyAdded) {
  SmallRecord record;
  record("b ok 2 3 set x 1")("b ok 4 5 set x 1");
  const Judgement judgement = judged(record);
  ASSERT_EQ(named(judgement), "never-added");
  EXPECT_EQ(judgement.anomalies.size(), 1U) << "told once";
  SmallRecord failed;
  failed("a fail 0 1 add x 1")("b ok 2 3 set x 1");
  EXPECT_EQ(judged(failed).anomalies.at(0).transactions, (Witness{0, 1}));
}

TEST(Set, DoesNotMissAnAdditionOfUnknownOutcomeThatNobodyFound) {
  SmallRecord record;
  record("a info 0 - add x 1")("a ok 2 3 set x")("a ok 4 5 set x 1");
  EXPECT_EQ(named(judged(record)), "valid");
}

TEST(Set, HoldsAFinalReadAgainstAllThatWasAddedWhenTimesCount) {
  SmallRecord record;
  record("a ok 0 1 add x 1")("b ok 0 4 add x 2")("c ok 3 5 set x 1")("c ok 8 9 set x 1");
  const History history = record.build();
  EXPECT_EQ(judge_set(history).validity, Validity::kValid);
  SetOptions set;
  set.real_time = true;
  const Judgement judgement = judge_set(history, {}, set);
  ASSERT_EQ(named(judgement), "lost-element");
  ASSERT_EQ(judgement.anomalies.size(), 1U) << "the first read overlaps the addition";
  EXPECT_EQ(judgement.anomalies[0].transactions, (Witness{1, 3}));
}

TEST(Set, HoldsAReadAgainstReadsOfOthersWhenTimesCount) {
  SmallRecord record;
  record("a info 0 - add x 1")("b ok 3 5 set x 1")("c ok 8 9 set x");
  EXPECT_EQ(named(judged(record, true)), "lost-element");
}

TEST(Set, SaysUnknownWhenElementsCanBeRemoved) {
  SmallRecord record;
  record("a ok 0 1 add x 1")("a ok 2 3 clear x");
  EXPECT_EQ(judged(record).validity, Validity::kUnknown);
}

}  // namespace
}  // namespace tidemark::checkers::totals
