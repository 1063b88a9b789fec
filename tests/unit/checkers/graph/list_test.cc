#include <gtest/gtest.h>

#include "judged.h"

namespace tidemark::checkers::graph {
namespace {

TEST(Lists, AcceptAnEmptyHistoryAndOneOperation) {
  EXPECT_EQ(judged(""), "valid");
  EXPECT_EQ(judged("s1: a x 1"), "valid");
  EXPECT_EQ(judged("s1: r x []"), "valid");
}

TEST(Lists, AcceptASerialHistory) {
  EXPECT_EQ(judged(R"(
    s1: r x [], a x 1
    s2: a x 2, r x [1 2], a x 3
    s1: r x [1 2 3]
    s3: r x []
    s3: r x [1])"),
            "valid");
}

TEST(Lists, NameAReadOfWhatNobodyWrote) {
  EXPECT_EQ(judged("s1: r x [1]"), "garbage-read T0");
}

TEST(Lists, NameAReadOfAFailedAppend) {
  EXPECT_EQ(judged("s1: a x 1 !\ns2: r x [1]"), "G1a T0 T1");
}

TEST(Lists, NameAnUpdateOnAFailedOne) {
  const History history = testing::history_of("s1: a x 1 !\ns2: a x 2\ns2: r x [1 2]");
  const Judgement judgement = judge_transactional(history, kSequential, {});
  ASSERT_EQ(judgement.anomalies.size(), 2U);
  EXPECT_EQ(judgement.anomalies[1].name, "dirty-update");
}

TEST(Lists, NameAReadOfAnIntermediateVersion) {
  EXPECT_EQ(judged("s1: a x 1, a x 2\ns2: r x [1]\ns2: r x [1 2]"), "G1b T0 T1");
  EXPECT_EQ(judged("s1: a x 1, a x 2\ns2: r x [1]"), "G1b T0 T1") << "also when nobody read the last one";
  EXPECT_EQ(judged("s1: a x 1, r x [1], a x 2"), "valid")
      << "its own intermediate versions are for a transaction to see";
}

TEST(Lists, NameAnElementThatIsThereTwice) {
  EXPECT_EQ(judged("s1: a x 1\ns2: r x [1 1]"), "duplicate-elements T1");
}

TEST(Lists, NameReadsWithoutACommonOrder) {
  EXPECT_EQ(judged("s1: a x 1\ns2: a x 2\ns3: r x [1 2]\ns4: r x [2]"), "incompatible-order T3 T2");
}

TEST(Lists, NameAppendsOfOneTransactionInTheWrongOrder) {
  EXPECT_EQ(judged("s1: a x 1, a x 2\ns2: r x [2 1]"), "incompatible-order T0");
  EXPECT_EQ(judged("s1: a x 1, a x 2\ns2: r x [2]"), "incompatible-order T0") << "the first is lost";
}

TEST(Lists, NameReadsThatContradictTheirOwnTransaction) {
  EXPECT_EQ(judged("s1: a x 1, r x []"), "internal T0");
  EXPECT_EQ(judged("s1: a x 1, r x [1 2]\ns2: a x 2"), "internal T0");
  EXPECT_EQ(judged("s2: a x 1\ns1: r x [], r x [1]"), "internal T1");
  EXPECT_EQ(judged("s2: a x 1\ns1: r x [], r x [1]", kReadCommitted), "valid") << "read committed lets reads change";
  EXPECT_EQ(judged("s2: a x 1\ns1: a x 2, r x [2], r x [1 2]", kReadCommitted), "internal T1");
}

TEST(Lists, NameAReadOfItsOwnFuture) {
  EXPECT_EQ(judged("s1: r x [1], a x 1"), "future-read T0");
}

TEST(Lists, NameCyclesByTheirEdges) {
  EXPECT_EQ(judged("s1: a x 1, a y 1\ns2: a x 2, a y 2\ns3: r x [1 2]\ns4: r y [2 1]"), "G0 T0 T1");
  EXPECT_EQ(judged("s1: a x 1, r y [1]\ns2: a y 1, r x [1]"), "G1c T0 T1");
  EXPECT_EQ(judged("s1: r x [], r y [1]\ns2: a x 1, a y 1\ns3: r x [1]"), "G-single T0 T1");
  EXPECT_EQ(judged("s1: r x [], a y 1\ns2: r y [], a x 1"), "G2-item T0 T1");
  EXPECT_EQ(judged("s1: a x 1\ns2: a y 1\ns3: r x [1], r y []\ns4: r x [], r y [1]"), "G-nonadjacent T0 T2 T1 T3");
}

TEST(Lists, NameCyclesThatNeedASession) {
  EXPECT_EQ(judged("s1: a x 1\ns1: r x []"), "G-single-process T0 T1");
  EXPECT_EQ(judged("s1: a x 1\ns1: r x []", kSerializable), "valid");
  EXPECT_EQ(judged("s1: a x 1\ns1: a x 2\ns2: r x [2 1]"), "G0-process T0 T1");
  EXPECT_EQ(judged("s1: r x [1]\ns1: a y 1\ns2: r y [1]\ns2: a x 1"), "G1c-process T0 T1 T2 T3");
  EXPECT_EQ(judged("s1: a x 1\ns1: r y []\ns2: a y 1\ns2: r x []"), "G-nonadjacent-process T0 T1 T2 T3");
}

TEST(Lists, NameCyclesThatNeedRealTime) {
  EXPECT_EQ(judged("s1: a x 1 @1-2\ns2: r x [] @3-4", kStrict), "G-single-realtime T0 T1");
  EXPECT_EQ(judged("s1: a x 1 @1-3\ns2: r x [] @2-4", kStrict), "valid") << "they overlap";
  EXPECT_EQ(judged("s1: a x 1 @1-2\ns2: r x [] @2-4", kStrict), "valid") << "one instant is no order";
  EXPECT_EQ(judged("s1: a x 1 ? @1-2\ns2: r x [] @3-4\ns3: r x [1] @5-6", kStrict), "valid") << "it may take long";
  EXPECT_EQ(judged("s1: a x 1", kStrict), "unknown: the history does not tell when transactions began and ended");
}

TEST(Lists, TellEachStepOfACycle) {
  EXPECT_EQ(steps("s1: a x 1\ns2: a y 1\ns3: r x [1], r y []\ns4: r x [], r y [1]"),
            "T0 wr x 1 T2; T2 rw y nil 1 T1; T1 wr y 1 T3; T3 rw x nil 1 T0");
  EXPECT_EQ(steps("s1: a x 1\ns1: a x 2\ns2: r x [2 1]"), "T0 so T1; T1 ww x 2 1 T0");
}

TEST(Lists, PutUnreadAppendsBehindTheLongestRead) {
  EXPECT_EQ(judged("s1: a x 1\ns2: a x 2\ns2: r x [1]"), "G-single-process T1 T2") << "2 is missing where it must be";
  EXPECT_EQ(judged("s1: a x 1, a y 1\ns2: r y [1]\ns2: r x []"), "G-single-process T0 T1 T2");
  EXPECT_EQ(judged("s1: a x 1\ns2: a x 2\ns3: a x 3\ns4: r x []"), "valid");
}

TEST(Lists, KnowThatOfTwoUnreadAppendsOnOneVersionOneIsLost) {
  EXPECT_EQ(judged("s1: r x [], a x 1\ns2: r x [], a x 2"), "lost-update T0 T1");
  EXPECT_EQ(judged("s1: r x [], a x 1\ns2: a x 2\ns3: a x 3"), "valid") << "the reader stands before the others";
}

TEST(Lists, CountUnknownOutcomesOnlyWhenRead) {
  EXPECT_EQ(judged("s1: a x 1, a y 1 ?\ns2: r x []\ns3: r y []"), "valid");
  EXPECT_EQ(judged("s1: a x 1, a y 1 ?\ns2: r x [1], r y []"), "G-single T0 T1") << "all of it or nothing";
  EXPECT_EQ(judged("s1: a x 1 ?\ns1: r x []\ns2: r x [1]"), "valid") << "nothing follows from its place";
  EXPECT_EQ(judged("s1: r y [1]\ns1: a x 1 ?\ns2: r x [1]\ns2: r y []\ns3: a y 1"), "G-single-process T0 T1 T2 T3 T4")
      << "but it was begun after what its session did";
}

TEST(Lists, DoNotDecideWhatWasAppendedTwice) {
  EXPECT_EQ(judged("s1: a x 1\ns2: a x 1\ns3: r x [1 1]"),
            "unknown: 1 was appended to x twice: who wrote what was read is not known");
  EXPECT_EQ(judged("s1: a x 1 !\ns2: a x 1\ns3: r x [1]"), "valid") << "a second try after a failure";
  EXPECT_EQ(judged("s1: a x 1\ns2: a x 1 !\ns3: r x [1]"), "valid") << "a second try that failed";
}

TEST(Lists, FindWhatSnapshotIsolationForbidsAndNothingElse) {
  EXPECT_EQ(judged("s1: r x [], a y 1\ns2: r y [], a x 1", kSessionSnapshot), "valid") << "write skew";
  EXPECT_EQ(judged("s1: a x 1\ns2: a y 1\ns3: r x [1], r y []\ns4: r x [], r y [1]", kSessionSnapshot),
            "G-nonadjacent T0 T2 T1 T3");
  EXPECT_EQ(judged("s1: a x 1\ns1: r x []", kSessionSnapshot), "G-single-process T0 T1");
  EXPECT_EQ(judged("s1: r x [], a x 1\ns2: r x [], a x 2", kSessionSnapshot), "lost-update T0 T1");
}

/// Each reads what the other has not written yet, and both append to x, which nobody reads: one of them was first.
TEST(Lists, LeaveOpenWhatSnapshotIsolationSaysOfAppendsThatNobodyRead) {
  EXPECT_EQ(judged("s1: r y [], a x 1, a z 1\ns2: r z [], a x 2, a y 2", kSessionSnapshot).substr(0, 8), "unknown:");
  EXPECT_EQ(judged("s1: r y [], a x 1, a z 1\ns2: r z [1], a x 2, a y 2", kSessionSnapshot), "valid");
  EXPECT_EQ(judged("s1: r y [2], a x 1, a z 1\ns2: r z [], a x 2, a y 2", kSessionSnapshot), "valid")
      << "not in the order of the history";
  EXPECT_EQ(judged("s1: r y nil, w x 1, w z 1\ns2: r z nil, w x 2, w y 2", kSessionSnapshot).substr(0, 8), "unknown:");
}

TEST(Lists, FindWhatReadCommittedForbidsAndNothingElse) {
  EXPECT_EQ(judged("s1: a x 1, r y [1]\ns2: a y 1, r x [1]", kReadCommitted), "G1c T0 T1");
  EXPECT_EQ(judged("s1: r x [], r y [1]\ns2: a x 1, a y 1\ns3: r x [1]", kReadCommitted), "valid");
  EXPECT_EQ(judged("s1: a x 1\ns1: r x []", kReadCommitted), "valid");
}

}  // namespace
}  // namespace tidemark::checkers::graph
