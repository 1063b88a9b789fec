#include "checkers/totals/bank.h"

#include <gtest/gtest.h>

#include "small_record.h"

namespace tidemark::checkers::totals {
namespace {

TEST(Bank, AcceptsATotalThatNeverChanges) {
  SmallRecord record;
  record("a ok 0 1 balance x 70; balance y 30")("a ok 2 3 transfer x y 20")("b fail 2 3 transfer x y 900")(
      "c info 2 - transfer y x 5")("b ok 4 5 balance y 50; balance x 50")("b ok 6 7 balance y 45; balance x 55");
  const Judgement judgement = judge_bank(record.build());
  EXPECT_EQ(judgement.validity, Validity::kValid);
  EXPECT_EQ(judgement.observations, 3U);
}

TEST(Bank, NamesTheReadThatDiffersFromMostOthers) {
  SmallRecord record;
  record("a ok 0 1 balance x 70; balance y 40")("b ok 4 5 balance y 50; balance x 50")(
      "b ok 6 7 balance y 60; balance x 40");
  const Judgement judgement = judge_bank(record.build());
  ASSERT_EQ(judgement.validity, Validity::kInvalid);
  ASSERT_EQ(judgement.anomalies.size(), 1U);
  EXPECT_EQ(judgement.anomalies[0].name, "wrong-total");
  EXPECT_EQ(judgement.anomalies[0].transactions, (std::vector<std::uint32_t>{0, 1}));
  EXPECT_NE(judgement.anomalies[0].fact.find("110"), std::string::npos) << judgement.anomalies[0].fact;
}

TEST(Bank, HoldsReadsAgainstAGivenTotal) {
  SmallRecord record;
  record("a ok 0 1 balance x 70; balance y 40");
  const History history = record.build();
  BankOptions bank;
  bank.total = 110;
  EXPECT_EQ(judge_bank(history, {}, bank).validity, Validity::kValid);
  bank.total = 100;
  EXPECT_EQ(judge_bank(history, {}, bank).validity, Validity::kInvalid);
}

TEST(Bank, ReportsOverdraftsUnlessTheyAreAllowed) {
  SmallRecord record;
  record("a ok 0 1 balance x 70; balance y -20");
  const History history = record.build();
  const Judgement judgement = judge_bank(history);
  ASSERT_EQ(judgement.validity, Validity::kInvalid);
  EXPECT_EQ(judgement.anomalies[0].name, "negative-balance");
  BankOptions bank;
  bank.negative_balances = true;
  EXPECT_EQ(judge_bank(history, {}, bank).validity, Validity::kValid);
}

TEST(Bank, PassesOverReadsOfSomeAccountsOnly) {
  SmallRecord record;
  record("a ok 0 1 balance x 70; balance y 30")("b ok 2 3 balance x 12");
  const Judgement judgement = judge_bank(record.build());
  EXPECT_EQ(judgement.validity, Validity::kValid);
  EXPECT_EQ(judgement.observations, 1U);
}

TEST(Bank, PassesOverReadsOfAnAccountTwice) {
  SmallRecord record;
  record("a ok 0 1 balance x 70; balance y 30")("b ok 2 3 balance x 70; balance x 70");
  const Judgement judgement = judge_bank(record.build());
  EXPECT_EQ(judgement.validity, Validity::kValid);
  EXPECT_EQ(judgement.observations, 1U);
}

TEST(Bank, LeavesOutAccountsThatAreNotNamed) {
  SmallRecord record;
  record("a ok 0 1 balance x 70; balance y 30; balance z 5")("b ok 2 3 balance x 70; balance y 20; balance z 15");
  const History history = record.build();
  BankOptions bank;
  EXPECT_EQ(judge_bank(history, {}, bank).validity, Validity::kValid);
  bank.accounts = {"x", "y"};
  EXPECT_EQ(judge_bank(history, {}, bank).validity, Validity::kInvalid);
}

TEST(Bank, CountsAnAccountThatIsGoneAsNothing) {
  SmallRecord record;
  record("a ok 0 1 balance x 70; balance y 30")("a ok 2 3 balance x 70; balance y 30")(
      "b ok 2 3 balance x 70; balance y nil");
  EXPECT_EQ(judge_bank(record.build()).validity, Validity::kInvalid);
}

TEST(Bank, DoesNotJudgeATotalReadWhileItChangesTheAccounts) {
  SmallRecord record;
  record("a ok 0 1 balance x 70; transfer x y 10; balance y 40")("a ok 2 3 balance x 60; balance y 40");
  EXPECT_EQ(judge_bank(record.build()).validity, Validity::kValid);
}

TEST(Bank, SaysUnknownWithoutAReadOfAllAccountsOrWithOtherChanges) {
  SmallRecord partial;
  partial("a ok 0 1 balance x 70")("a ok 2 3 transfer x y 10");
  const Judgement judgement = judge_bank(partial.build());
  EXPECT_EQ(judgement.validity, Validity::kUnknown);
  EXPECT_FALSE(judgement.reason.empty());
  SmallRecord deposits;
  deposits("a ok 0 1 balance x 70")("a ok 2 3 w x 80");
  EXPECT_EQ(judge_bank(deposits.build()).validity, Validity::kUnknown);
}

TEST(Bank, AcceptsAnEmptyHistory) {
  const Judgement judgement = judge_bank(SmallRecord().build());
  EXPECT_EQ(judgement.validity, Validity::kValid);
  EXPECT_EQ(judgement.observations, 0U);
}

}  // namespace
}  // namespace tidemark::checkers::totals
