#include "checkers/totals/counter.h"

#include <gtest/gtest.h>

#include <initializer_list>

#include "small_record.h"

namespace tidemark::checkers::totals {
namespace {

Judgement judged(SmallRecord& record, bool real_time = false) {
  CounterOptions counter;
  counter.real_time = real_time;
  return judge_counter(record.build(), {}, counter);
}

TEST(Counter, AcceptsAnythingFromWhatIsSureToWhatIsPossible) {
  for (const char* read : {"b ok 4 5 count x 2", "b ok 4 5 count x 3", "b ok 4 5 count x 6", "b ok 4 5 count x 7"}) {
    SmallRecord record;
    record("b ok 0 1 inc x 2")("a ok 0 1 inc x 4")("c info 0 - inc x 1")(read);
    EXPECT_EQ(judged(record).validity, Validity::kValid) << read;
  }
}

TEST(Counter, RejectsLessThanTheSessionAddedAndMoreThanAnybodyDid) {
  SmallRecord less;
  less("b ok 0 1 inc x 2")("a ok 0 1 inc x 4")("b ok 4 5 count x 1");
  const Judgement judgement = judged(less);
  ASSERT_EQ(judgement.validity, Validity::kInvalid);
  EXPECT_EQ(judgement.anomalies[0].name, "impossible-count");
  EXPECT_EQ(judgement.anomalies[0].transactions, (std::vector<std::uint32_t>{2}));
  SmallRecord more;
  more("b ok 0 1 inc x 2")("a fail 0 1 inc x 4")("b ok 4 5 count x 6");
  EXPECT_EQ(judged(more).validity, Validity::kInvalid) << "an increment that failed was not counted";
}

TEST(Counter, RejectsWhatTheSessionAddsOnlyLater) {
  SmallRecord record;
  record("b ok 0 1 count x 2")("b ok 2 3 inc x 2");
  EXPECT_EQ(judged(record).validity, Validity::kInvalid);
}

TEST(Counter, RejectsAStepBackInASession) {
  SmallRecord record;
  record("a ok 0 1 inc x 4")("b ok 2 3 count x 4")("b ok 4 5 count x 0");
  const Judgement judgement = judged(record);
  ASSERT_EQ(judgement.validity, Validity::kInvalid);
  EXPECT_EQ(judgement.anomalies[0].transactions, (std::vector<std::uint32_t>{1, 2}));
  SmallRecord down;
  down("a ok 0 1 inc x 4")("b ok 2 3 count x 4")("c info 0 - inc x -4")("b ok 4 5 count x 0");
  EXPECT_EQ(judged(down).validity, Validity::kValid) << "something may have been taken away";
}

TEST(Counter, RejectsAMoveBetweenTwoReadsOfOneTransaction) {
  SmallRecord record;
  record("a ok 0 1 inc x 4")("b ok 2 3 count x 0; count x 4");
  EXPECT_EQ(judged(record).validity, Validity::kInvalid);
  SmallRecord own;
  own("a ok 0 1 inc x 4")("b ok 2 3 count x 0; inc x 4; count x 4");
  EXPECT_EQ(judged(own).validity, Validity::kValid);
}

TEST(Counter, RejectsWhatNoSumOfIncrementsCanBe) {
  SmallRecord record;
  record("a ok 0 1 inc x 4")("a ok 2 3 inc x 6")("b ok 2 3 count x 5");
  EXPECT_EQ(judged(record).validity, Validity::kInvalid);
}

TEST(Counter, LooksAtTimesOnlyWhenAsked) {
  SmallRecord stale;
  stale("a ok 0 1 inc x 4")("b ok 2 3 count x 0");
  EXPECT_EQ(judged(stale).validity, Validity::kValid);
  SmallRecord again;
  again("a ok 0 1 inc x 4")("b ok 2 3 count x 0");
  EXPECT_EQ(judged(again, true).validity, Validity::kInvalid);
  SmallRecord early;
  early("b ok 0 1 count x 4")("a ok 2 3 inc x 4");
  EXPECT_EQ(judged(early, true).validity, Validity::kInvalid);
  SmallRecord other_session;
  other_session("a info 0 - inc x 4")("b ok 2 3 count x 4")("c ok 4 5 count x 0");
  EXPECT_EQ(judged(other_session, true).validity, Validity::kInvalid) << "a read that had ended found more";
  SmallRecord overlapping;
  overlapping("a ok 0 4 inc x 4")("b ok 2 3 count x 0")("c ok 2 9 count x 4");
  EXPECT_EQ(judged(overlapping, true).validity, Validity::kValid);
}

/// By times, what one history allows and another, that differs in one thing, does not.
TEST(Counter, ComparesInstantsStrictlyAndTellsOwnIncrementsFromOthers) {
  const auto by_time = [](std::initializer_list<const char*> lines) {
    SmallRecord record;
    for (const char* line : lines) record(line);
    return judged(record, true).validity;
  };
  EXPECT_EQ(by_time({"a ok 0 2 inc x 4", "b ok 2 3 count x 0"}), Validity::kValid) << "it ended as the read was called";
  EXPECT_EQ(by_time({"b ok 0 2 count x 4", "a ok 2 3 inc x 4"}), Validity::kValid) << "it was called as the read ended";
  // The increment of c was called later, so that neither it nor one of its own explains what is too much.
  EXPECT_EQ(by_time({"a ok 1 2 inc x 1; count x 2", "c ok 5 6 inc x 1"}), Validity::kInvalid);
  EXPECT_EQ(by_time({"a ok 1 2 count x 1; inc x 1", "c ok 5 6 inc x 1"}), Validity::kInvalid);
  EXPECT_EQ(by_time({"a ok 0 1 inc x 2", "b ok 2 3 count x 2", "c ok 4 5 inc x -1", "d ok 6 7 count x 1"}),
            Validity::kValid);
  // That b found 2 had ended, although a read that found less ended after it.
  EXPECT_EQ(by_time({"a ok 0 1 inc x 1", "e ok 0 9 inc x 1", "b ok 2 3 count x 2", "c ok 2 4 count x 1",
                     "d ok 5 6 count x 1"}),
            Validity::kInvalid);
}

TEST(Counter, SaysUnknownForClearsAndWithoutTimes) {
  SmallRecord record;
  record("a ok 0 1 inc x 4")("b ok 2 3 clear x");
  EXPECT_EQ(judged(record).validity, Validity::kUnknown);
  SmallRecord timeless;
  timeless("a ok 0 1 inc x 4");
  CounterOptions counter;
  counter.real_time = true;
  EXPECT_EQ(judge_counter(timeless.build(false), {}, counter).validity, Validity::kUnknown);
}

}  // namespace
}  // namespace tidemark::checkers::totals
