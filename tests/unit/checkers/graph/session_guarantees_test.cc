#include "checkers/graph/session_guarantees.h"

#include <gtest/gtest.h>

#include "judged.h"

namespace tidemark::checkers::graph {
namespace {

/// The guarantees that do not hold, each with its transactions; "all" if all hold.
std::string broken(std::string_view text) {
  const History history = testing::history_of(text);
  std::string result;
  for (const Guarantee guarantee : {Guarantee::kReadYourWrites, Guarantee::kMonotonicReads, Guarantee::kMonotonicWrites,
                                    Guarantee::kWritesFollowReads}) {
    const Judgement judgement = judge_guarantee(history, guarantee, {});
    if (judgement.validity == Validity::kValid) continue;
    if (!result.empty()) result += ", ";
    result += judgement.validity == Validity::kUnknown ? "unknown " + std::string(to_text(guarantee))
                                                       : told(judgement, history);
  }
  return result.empty() ? "all" : result;
}

TEST(SessionGuarantees, HoldInASequentialHistory) {
  EXPECT_EQ(broken("s1: a x 1\ns1: r x [1]\ns2: r x []\ns2: r x [1]"), "all");
}

TEST(SessionGuarantees, TellAMissedOwnWrite) {
  EXPECT_EQ(broken("s1: a x 1\ns1: r x []"), "read-your-writes T0 T1");
  EXPECT_EQ(broken("s1: a x 1\ns2: a x 2\ns1: r x [2]"), "read-your-writes T0 T2");
  EXPECT_EQ(broken("s1: a x 1\ns1: r x [1]\ns1: r x []").substr(0, 22), "read-your-writes T0 T2") << "T1 sees it";
  EXPECT_EQ(broken("s1: a x 1 ?\ns1: r x []\ns2: r x [1]"), "all") << "it may have come later";
  EXPECT_EQ(broken("s1: w x 1\ns1: r x nil"), "read-your-writes T0 T1");
  EXPECT_EQ(broken("s1: add t 1\ns1: r t {}"), "read-your-writes T0 T1");
}

TEST(SessionGuarantees, TellAReadThatGoesBack) {
  EXPECT_EQ(broken("s1: a x 1\ns2: r x [1]\ns2: r x []"), "monotonic-reads T0 T1 T2");
  EXPECT_EQ(broken("s1: a x 1, a y 1\ns2: r x [1]\ns2: r y []"), "monotonic-reads T0 T1 T2") << "seen whole";
  EXPECT_EQ(broken("s1: a x 1\ns2: r x [1], r x []"), "monotonic-reads T1");
}

TEST(SessionGuarantees, TellWritesOutOfOrder) {
  EXPECT_EQ(broken("s1: a x 1\ns1: a x 2\ns2: r x [2 1]"), "monotonic-writes T0 T1");
  EXPECT_EQ(broken("s1: a x 1\ns1: a y 2\ns2: r y [2], r x []"), "monotonic-writes T0 T1 T2");
  EXPECT_EQ(broken("s1: a x 1\ns1: a y 2\ns2: r y [2]\ns2: r x []"), "all") << "two reads may be of two places";
}

TEST(SessionGuarantees, TellAWriteThatDoesNotFollowARead) {
  EXPECT_EQ(broken("s1: a x 1\ns2: r x [1]\ns2: a y 2\ns3: r y [2], r x []"), "writes-follow-reads T0 T1 T2 T3");
  EXPECT_EQ(broken("s1: a x 1\ns2: r x [1], a y 2\ns3: r y [2], r x []"), "writes-follow-reads T0 T1 T2");
  EXPECT_EQ(broken("s3: a y 3, a x 4\ns1: a x 1\ns2: r x [4 1]\ns2: a y 2\ns4: r y [2 3]"),
            "writes-follow-reads T0 T1 T2 T3")
      << "by the order of versions alone";
}

TEST(SessionGuarantees, AllHoldWithoutOneOrderOfAllWrites) {
  EXPECT_EQ(broken("s1: a x 1\ns2: a y 1\ns3: r x [1], r y []\ns4: r x [], r y [1]"), "all") << "a long fork";
  EXPECT_EQ(broken("s1: a x 1\ns1: r y []\ns2: a y 1\ns2: r x []"), "all") << "store buffering";
}

TEST(SessionGuarantees, OfRegistersHoldIfSomeOrderOfVersionsBreaksNothing) {
  EXPECT_EQ(broken("s1: w x 1\ns2: w x 2\ns1: r x 2\ns1: r x 1"), "all") << "each in an order of its own";
  EXPECT_EQ(broken("s1: w x 1\ns2: w x 2\ns1: r x 2\ns2: r x 1"), "read-your-writes T1 T3") << "1 < 2 and 2 < 1";
  EXPECT_EQ(broken("s1: w x 1\ns2: w x 2\ns3: r x 1\ns3: r x 2\ns4: r x 2\ns4: r x 1").substr(0, 15),
            "monotonic-reads");
}

TEST(SessionGuarantees, OfRegistersKnowThatAWriteFollowsWhatItsTransactionRead) {
  EXPECT_EQ(broken("s1: w x 1\ns2: r x 1, w x 2\ns2: r x 1"), "read-your-writes T1 T2");
  EXPECT_EQ(broken("s1: w x 1\ns2: r x 1, w x 2\ns3: r x 2, w x 3\ns4: r x 3\ns4: r x 1").substr(0, 15),
            "monotonic-reads");
  EXPECT_EQ(broken("s1: w x 1\ns1: w x 2\ns2: r x 2, w x 3\ns3: r x 3\ns3: r x 2").substr(0, 15), "monotonic-reads");
  EXPECT_EQ(broken("s1: w x 1\ns1: r y 2, w x 2\ns2: r x 2, w y 2"), "writes-follow-reads T1 T2")
      << "a circle of reads";
}

/// That 4 comes after 1 follows by way of 2 and 3, in whatever order the reads are told.
TEST(SessionGuarantees, OfRegistersFollowChainsOfVersions) {
  const std::string end = "\ns9: r x 4\ns9: r x 1";
  EXPECT_EQ(broken("s1: w x 1\ns2: r x 1, w x 2\ns3: r x 2, w x 3\ns4: r x 3, w x 4" + end).substr(0, 15),
            "monotonic-reads");
  EXPECT_EQ(broken("s4: r x 3, w x 4\ns3: r x 2, w x 3\ns2: r x 1, w x 2\ns1: w x 1" + end).substr(0, 15),
            "monotonic-reads");
}

TEST(SessionGuarantees, AreUnknownWhereThereIsNoRoomForOpenOrders) {
  const History history = testing::history_of("s1: w x 1\ns2: w x 2\ns1: r x 2\ns2: r x 1");
  JudgeOptions options;
  EXPECT_EQ(judge_guarantee(history, Guarantee::kReadYourWrites, options).validity, Validity::kInvalid);
  options.memory_budget = 32;  // a quarter of it is for orders, of which this one takes 16 bytes
  EXPECT_EQ(judge_guarantee(history, Guarantee::kReadYourWrites, options).validity, Validity::kUnknown);
}

TEST(SessionGuarantees, AreUnknownWhereTransactionsReadWhatEachOtherWrote) {
  EXPECT_EQ(broken("s1: r x 2, w x 1\ns2: r x 1, w x 2"),
            "unknown read-your-writes, unknown monotonic-reads, unknown monotonic-writes, writes-follow-reads T0 T1");
}

TEST(SessionGuarantees, OfSessionsThatDoTwoThingsAtATimeLeaveTheseTwoAlone) {
  EXPECT_EQ(broken("s1: a x 1 @1-2\ns2: r x [1] @3-5\ns2: r x [] @3-6"), "all");
  EXPECT_EQ(broken("s1: a x 1 @1-2\ns2: r x [1] @3-5\ns2: r x [1] @3-6\ns2: r x [] @7-8").substr(0, 15),
            "monotonic-reads");
  EXPECT_EQ(broken("s1: a x 1 @1-5\ns1: r x [] @2-6"), "all");
}

TEST(SessionGuarantees, AreUnknownWhereThereAreComparisonsBesideOpenOrders) {
  const std::string text = "s1: w x 1\ns2: w x 2\ns3: r x 1\ns3: r x 2\ns4: r x 2\ns4: r x 1";
  const auto validity = [](std::string_view history) {
    return judge_guarantee(testing::history_of(history), Guarantee::kReadYourWrites, {}).validity;
  };
  EXPECT_EQ(validity(text), Validity::kValid);
  EXPECT_EQ(validity(text + "\ns5: cas y nil 3"), Validity::kUnknown);
}

TEST(SessionGuarantees, AreUnknownWhereVersionsHaveNoOrder) {
  const auto unknown = [](std::string_view text) {
    const History history = testing::history_of(text);
    for (const Guarantee guarantee : {Guarantee::kReadYourWrites, Guarantee::kMonotonicReads,
                                      Guarantee::kMonotonicWrites, Guarantee::kWritesFollowReads}) {
      const Judgement judgement = judge_guarantee(history, guarantee, {});
      EXPECT_EQ(judgement.validity, Validity::kUnknown) << to_text(guarantee) << " of " << text;
    }
  };
  unknown("s1: a x 1\ns2: a x 2\ns3: r x [1 2]\ns4: r x [2]");
  unknown("s1: a x 1, a x 2\ns2: r x [2 1]");
  unknown("s1: add t 1\ns2: add t 2\ns3: r t {1}\ns4: r t {2}");
}

TEST(SessionGuarantees, AreUnknownWhereReadsContradictByThemselves) {
  EXPECT_EQ(broken("s1: r x [1]\ns1: r x []").substr(0, 7), "unknown");
  EXPECT_EQ(broken("s1: r x [3], r x [], a x 3").substr(0, 7), "unknown");
}

}  // namespace
}  // namespace tidemark::checkers::graph
