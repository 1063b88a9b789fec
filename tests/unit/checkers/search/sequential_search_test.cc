#include "checkers/search/sequential_search.h"

#include <gtest/gtest.h>

#include "small_record.h"

namespace tidemark::checkers::search {
namespace {

Validity judged(const History& history, Constraint constraint) {
  return judge_by_search(history, constraint).validity;
}

TEST(SequentialSearch, AcceptsStaleReadsThatKeepSessionsInOrder) {
  SmallRecord record;
  record("a ok 0 1 w x 1")("a ok 2 3 w x 2")("b ok 4 5 r x 1")("b ok 6 7 r x 2");
  const History history = record.build();
  EXPECT_EQ(judged(history, Constraint::kSession), Validity::kValid);
  EXPECT_EQ(judged(history, Constraint::kRealTime), Validity::kInvalid);
}

TEST(SequentialSearch, RejectsAStepBackInASessionUnlessSessionsDoNotCount) {
  SmallRecord record;
  record("a ok 0 1 w x 1")("b ok 4 5 r x 1")("b ok 6 7 r x nil");
  const History history = record.build(false);
  const Judgement judgement = judge_by_search(history, Constraint::kSession);
  ASSERT_EQ(judgement.validity, Validity::kInvalid);
  EXPECT_EQ(judgement.anomalies[0].name, "no-order");
  EXPECT_LE(judgement.anomalies[0].transactions.size(), 6U);
  EXPECT_EQ(judged(history, Constraint::kNone), Validity::kValid);
}

TEST(SequentialSearch, LooksAtAllKeysTogether) {
  SmallRecord record;  // each key alone has an order; both have not
  record("a ok 0 1 w x 1")("a ok 2 3 r y nil")("b ok 0 1 w y 1")("b ok 2 3 r x nil");
  EXPECT_EQ(judged(record.build(), Constraint::kSession), Validity::kInvalid);
}

TEST(SequentialSearch, FollowsValuesThatRecur) {
  SmallRecord record;
  record("a ok 0 1 w x 1")("a ok 2 3 w x 2")("a ok 4 5 w x 1")("b ok 0 1 r x 1")("b ok 2 3 r x 2")("b ok 4 5 r x 1");
  EXPECT_EQ(judged(record.build(), Constraint::kSession), Validity::kValid);
  SmallRecord once_more;
  once_more("a ok 0 1 w x 1")("a ok 2 3 w x 2")("b ok 0 1 r x 1")("b ok 2 3 r x 2")("b ok 4 5 r x 1");
  EXPECT_EQ(judged(once_more.build(), Constraint::kSession), Validity::kInvalid);
}

TEST(SequentialSearch, KeepsATransactionWhole) {
  SmallRecord record;
  record("a ok 0 1 w x 1; w y 1")("b ok 0 1 r x 1; r y nil");
  EXPECT_EQ(judged(record.build(), Constraint::kNone), Validity::kInvalid);
}

TEST(SequentialSearch, PutsAnUnknownOutcomeAfterWhatItsSessionDidBeforeAndBeforeNothing) {
  SmallRecord late;
  late("a ok 0 1 w x 1")("a info 2 - w x 2")("a ok 3 4 r x 1")("b ok 0 1 r x 1")("b ok 2 3 r x 2");
  EXPECT_EQ(judged(late.build(), Constraint::kSession), Validity::kValid);
  SmallRecord early;
  early("a ok 0 1 w x 1")("a info 2 - w x 2")("b ok 0 1 r x 2")("b ok 2 3 r x 1");
  EXPECT_EQ(judged(early.build(), Constraint::kSession), Validity::kInvalid);
}

TEST(SequentialSearch, JudgesListsSetsCountersAndClears) {
  SmallRecord good;
  good("a ok 0 1 append l 1; add s 1; inc c 2")("b ok 0 1 append l 2; add s 1; clear c")(
      "c ok 0 1 list l 2 1; set s 1; count c 2")("c ok 2 3 clear l; list l; clear s; set s; add s 1; set s 1");
  EXPECT_EQ(judged(good.build(), Constraint::kSession), Validity::kValid);
  SmallRecord bad;
  bad("a ok 0 1 append l 1; add s 1; inc c 2")("b ok 0 1 append l 2; add s 1; clear c")(
      "c ok 0 1 list l 1 2; set s 1; count c 2");
  EXPECT_EQ(judged(bad.build(), Constraint::kSession), Validity::kInvalid);
}

TEST(SequentialSearch, EndsTheSameWayEveryTime) {
  SmallRecord record;
  for (int i = 0; i < 12; ++i) {
    const std::string session = "s" + std::to_string(i % 4);
    record(session + " ok 0 9 w x " + std::to_string(i % 3))(session + " ok 0 9 r y " + std::to_string(i % 2))(
        session + " ok 0 9 w y " + std::to_string(i % 2));
  }
  const History history = record.build();
  JudgeOptions options;
  options.want_order = true;
  const Judgement first = judge_by_search(history, Constraint::kSession, options);
  const Judgement second = judge_by_search(history, Constraint::kSession, options);
  EXPECT_EQ(first.validity, second.validity);
  EXPECT_EQ(first.order, second.order);
  EXPECT_EQ(first.steps, second.steps);
}

TEST(SequentialSearch, SaysUnknownForBanks) {
  SmallRecord record;
  record("a ok 0 1 balance x 1");
  const Judgement judgement = judge_by_search(record.build(), Constraint::kSession);
  EXPECT_EQ(judgement.validity, Validity::kUnknown);
  EXPECT_FALSE(judgement.reason.empty());
}

}  // namespace
}  // namespace tidemark::checkers::search
