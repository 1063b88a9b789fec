#include "checkers/search/linearizable.h"

#include <gtest/gtest.h>

#include "small_record.h"

namespace tidemark::checkers::search {
namespace {

Validity judged(SmallRecord& record) {
  return judge_linearizable(record.build()).validity;
}

TEST(Linearizable, AcceptsAReadThatOverlapsTheWriteEitherWay) {
  SmallRecord old_value;
  old_value("a ok 0 9 w x 1")("b ok 3 5 r x nil");
  EXPECT_EQ(judged(old_value), Validity::kValid);
  SmallRecord new_value;
  new_value("b ok 3 5 r x 1")("a ok 0 9 w x 1");
  EXPECT_EQ(judged(new_value), Validity::kValid);
}

TEST(Linearizable, RejectsAStaleReadAfterTheWriteEnded) {
  SmallRecord record;
  record("a ok 0 1 w x 1")("a ok 2 3 w x 2")("b ok 4 5 r x 1");
  const Judgement judgement = judge_linearizable(record.build());
  ASSERT_EQ(judgement.validity, Validity::kInvalid);
  ASSERT_EQ(judgement.anomalies.size(), 1U);
  EXPECT_EQ(judgement.anomalies[0].name, "nonlinearizable");
  EXPECT_EQ(judgement.anomalies[0].transactions, (std::vector<std::uint32_t>{1, 2})) << "the last write and the read";
  EXPECT_NE(judgement.anomalies[0].fact.find("key x"), std::string::npos) << judgement.anomalies[0].fact;
}

TEST(Linearizable, ComparesInstantsStrictly) {
  SmallRecord record;
  record("a ok 0 4 w x 1")("b ok 4 5 r x nil");
  EXPECT_EQ(judged(record), Validity::kValid) << "the end of one is the call of the other: they overlap";
}

TEST(Linearizable, LetsAnUnknownWriteTakeEffectLateOrNever) {
  SmallRecord late;
  late("a info 0 - w x 1")("b ok 5 6 r x nil")("b ok 7 8 r x 1");
  EXPECT_EQ(judged(late), Validity::kValid);
  SmallRecord never;
  never("a info 0 - w x 1")("b ok 5 6 r x nil")("b ok 7 8 r x nil");
  EXPECT_EQ(judged(never), Validity::kValid);
  SmallRecord twice;
  twice("a info 0 - w x 1")("c ok 0 1 w x 2")("b ok 5 6 r x 1")("b ok 7 8 r x 2");
  EXPECT_EQ(judged(twice), Validity::kInvalid) << "only one of two orders could show both";
  SmallRecord early;
  early("b ok 5 6 r x 1")("a info 7 - w x 1");
  EXPECT_EQ(judged(early), Validity::kInvalid) << "it was called after the read had ended";
}

TEST(Linearizable, DropsFailedOperationsUnlessACasIsSaidToHaveCompared) {
  SmallRecord record;
  record("a ok 0 1 w x 1")("b fail 2 3 cas x 1 2")("b ok 4 5 r x 1");
  const History history = record.build();
  JudgeOptions options;
  EXPECT_EQ(judge_linearizable(history, options).validity, Validity::kValid);
  options.failed_cas_compared = true;
  EXPECT_EQ(judge_linearizable(history, options).validity, Validity::kInvalid) << "it would have found 1";
}

TEST(Linearizable, TakesACasThatIsOkForAReadAndAWrite) {
  SmallRecord good;
  good("a ok 0 1 w x 1")("b ok 2 3 cas x 1 2")("a ok 4 5 r x 2");
  EXPECT_EQ(judged(good), Validity::kValid);
  SmallRecord bad;
  bad("a ok 0 1 w x 1")("b ok 2 3 cas x 2 2")("a ok 4 5 r x 2");
  EXPECT_EQ(judged(bad), Validity::kInvalid);
}

TEST(Linearizable, FollowsTextsThatGrow) {
  SmallRecord good;
  good("a ok 0 9 text x ab")("b ok 0 9 text x c")("c ok 4 20 r x cab")("c ok 21 22 w x z")("c ok 23 24 text x 7")(
      "c ok 25 26 r x z7");
  EXPECT_EQ(judged(good), Validity::kValid);
  SmallRecord bad;
  bad("a ok 0 9 text x ab")("b ok 10 19 text x c")("c ok 14 20 r x cab");
  EXPECT_EQ(judged(bad), Validity::kInvalid);
}

TEST(Linearizable, TakesTheEmptyTextForNil) {
  SmallRecord record;
  record("a ok 0 1 r x nil")("a ok 2 3 text x ab")("a ok 4 5 r x ab");
  EXPECT_EQ(judged(record), Validity::kValid);
}

TEST(Linearizable, JudgesEachKeyByItselfAndNamesEachThatIsBroken) {
  SmallRecord record;
  record("a ok 0 1 w x 1")("a ok 2 3 w y 1")("b ok 4 5 r x nil")("b ok 6 7 r y nil")("b ok 8 9 r z nil");
  const Judgement judgement = judge_linearizable(record.build());
  EXPECT_EQ(judgement.anomalies.size(), 2U);
  EXPECT_EQ(judgement.observations, 5U);
}

TEST(Linearizable, NamesAReadOfWhatNobodyWrote) {
  SmallRecord record;
  record("a ok 0 1 w x 1")("b fail 0 1 w x 2")("b ok 4 5 r x 2");
  const Judgement judgement = judge_linearizable(record.build());
  ASSERT_EQ(judgement.validity, Validity::kInvalid);
  EXPECT_EQ(judgement.anomalies[0].name, "garbage-read");
  EXPECT_EQ(judgement.anomalies[0].transactions, (std::vector<std::uint32_t>{2}));
}

TEST(Linearizable, MergesTheOrdersOfKeysIntoOne) {
  SmallRecord record;
  record("a ok 0 10 w x 1")("b ok 2 8 w y 1")("c ok 3 4 r x 1")("c ok 5 6 r y nil");
  JudgeOptions options;
  options.want_order = true;
  const Judgement judgement = judge_linearizable(record.build(), options);
  ASSERT_EQ(judgement.validity, Validity::kValid);
  EXPECT_EQ(judgement.order, (std::vector<std::uint32_t>{0, 2, 3, 1}));
}

TEST(Linearizable, SaysUnknownWithAReason) {
  SmallRecord several;
  several("a ok 0 1 w x 1; w y 1");
  EXPECT_NE(judge_linearizable(several.build()).reason.find("several keys"), std::string::npos);
  SmallRecord no_times;
  no_times("a ok 0 1 w x 1");
  EXPECT_EQ(judge_linearizable(no_times.build(false)).validity, Validity::kUnknown);
  SmallRecord mixed;
  mixed("a ok 0 1 w x 1")("a ok 2 3 add x 1");
  const Judgement judgement = judge_linearizable(mixed.build());
  EXPECT_EQ(judgement.validity, Validity::kUnknown);
  EXPECT_NE(judgement.reason.find("key x"), std::string::npos);
}

TEST(Linearizable, AcceptsAnEmptyHistoryAndSaysThatItJudgedNothing) {
  const Judgement judgement = judge_linearizable(SmallRecord().build());
  EXPECT_EQ(judgement.validity, Validity::kValid);
  EXPECT_EQ(judgement.observations, 0U);
}

TEST(Linearizable, GivesUpAtItsBudgets) {
  SmallRecord record;  // sums that cannot be reached, of increments that all overlap
  for (int i = 0; i < 20; ++i) record("s" + std::to_string(i) + " ok 0 99 inc x " + std::to_string(1 << i));
  record("r ok 100 101 count x 7");
  const History history = record.build();
  JudgeOptions few_steps;
  few_steps.step_budget = 10'000;
  const Judgement tired = judge_linearizable(history, few_steps);
  EXPECT_EQ(tired.validity, Validity::kUnknown);
  EXPECT_NE(tired.reason.find("10000 steps"), std::string::npos) << tired.reason;
  JudgeOptions little_memory;
  little_memory.memory_budget = 10'000;
  const Judgement full = judge_linearizable(history, little_memory);
  EXPECT_EQ(full.validity, Validity::kUnknown);
  EXPECT_NE(full.reason.find("10000 bytes"), std::string::npos) << full.reason;
}

}  // namespace
}  // namespace tidemark::checkers::search
