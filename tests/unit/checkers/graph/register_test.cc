#include <gtest/gtest.h>

#include "judged.h"

namespace tidemark::checkers::graph {
namespace {

TEST(Registers, AcceptASerialHistory) {
  EXPECT_EQ(judged(R"(
    s1: r x nil, w x 1
    s2: r x 1, w x 2, r x 2, w x 3
    s1: w y 9
    s3: r x 3, r y nil
    s3: cas x 3 4
    s1: r x 4)"),
            "valid");
}

TEST(Registers, NameReadsOfWhatIsNotThere) {
  EXPECT_EQ(judged("s1: r x 1"), "garbage-read T0");
  EXPECT_EQ(judged("s1: w x 1 !\ns2: r x 1"), "G1a T0 T1");
  EXPECT_EQ(judged("s1: w x 1, w x 2\ns2: r x 1"), "G1b T0 T1");
  EXPECT_EQ(judged("s1: r x 1, w x 1"), "future-read T0");
  EXPECT_EQ(judged("s1: w x 1, r x nil"), "internal T0");
  EXPECT_EQ(judged("s1: r x nil, r x 1\ns2: w x 1"), "internal T0");
}

TEST(Registers, NameAStaleRead) {
  EXPECT_EQ(judged("s1: w x 1\ns1: r x nil"), "G-single-process T0 T1");
  EXPECT_EQ(judged("s1: w x 1\ns1: w x 2\ns1: r x 1"), "G-single-process T1 T2 T0");
  EXPECT_EQ(judged("s1: w x 1\ns1: r x nil", kSerializable), "valid");
}

TEST(Registers, NameALostUpdate) {
  EXPECT_EQ(judged("s1: w x 1\ns2: r x 1, w x 2\ns3: r x 1, w x 3"), "lost-update T1 T2");
  EXPECT_EQ(judged("s1: w x 1\ns2: r x 1, w x 2\ns3: r x 1, w x 3", kSessionSnapshot), "lost-update T1 T2");
  EXPECT_EQ(judged("s1: w x 1\ns2: r x 1, w x 2\ns3: r x 1, w x 3", kReadCommitted), "valid");
}

TEST(Registers, NameWriteSkewAndLongFork) {
  EXPECT_EQ(judged("s1: r x nil, w y 1\ns2: r y nil, w x 1"), "G2-item T0 T1");
  EXPECT_EQ(judged("s1: r x nil, w y 1\ns2: r y nil, w x 1", kSessionSnapshot), "valid");
  EXPECT_EQ(judged("s1: w x 1\ns2: w y 1\ns3: r x 1, r y nil\ns4: r x nil, r y 1"), "G-nonadjacent T0 T2 T1 T3");
}

TEST(Registers, FindTwoOrdersOfTheSameWrites) {
  EXPECT_EQ(judged("s1: w x 1\ns2: w x 2\ns3: r x 1\ns3: r x 2\ns4: r x 2\ns4: r x 1"), "G0 T0 T1 T3 T5");
}

TEST(Registers, CompareAndSetIsAReadAndAWrite) {
  EXPECT_EQ(judged("s1: cas x nil 1\ns2: cas x 1 2\ns3: r x 2"), "valid");
  EXPECT_EQ(judged("s1: cas x nil 1\ns2: cas x nil 2"), "lost-update T0 T1");
  EXPECT_EQ(judged("s1: cas x 5 1 ?\ns2: r x 1"), "garbage-read T0") << "it took effect, so it found 5";
  EXPECT_EQ(judged("s1: cas x 5 1 ?\ns2: r x nil"), "valid");
}

TEST(Registers, DoNotDecideByValuesThatRecur) {
  EXPECT_EQ(judged("s1: w x 1\ns2: w x 1\ns3: r x 1"),
            "unknown: 1 can have come to x in several ways: who wrote what was read is not known");
  EXPECT_EQ(judged("s1: w x 1\ns2: w x 1\ns3: r x nil"), "valid") << "nobody read what is doubtful";
}

TEST(Registers, DoNotTellANilThatWasWrittenFromTheBeginning) {
  EXPECT_EQ(judged("s1: w x nil\ns2: r x nil"),
            "unknown: nil can have come to x in several ways: who wrote what was read is not known");
}

TEST(Registers, FollowComparisonsOfUnknownOutcomeFromOneToTheNext) {
  EXPECT_EQ(judged("s1: cas x 1 2 ?\ns2: cas x 2 3 ?\ns3: r x 3"), "garbage-read T0") << "both took effect";
  EXPECT_EQ(judged("s1: w x 1, cas x 2 3 ?\ns2: r x 3"), "internal T0") << "it wrote 1 and found 2";
  EXPECT_EQ(judged("s1: w x 1, cas x 2 3 ?\ns2: r x nil"), "valid") << "it need not have taken effect";
}

// What other checkers got wrong on published histories.
TEST(Registers, StandBehindTheBeginningInEverySession) {
  EXPECT_EQ(judged("s1: w k 2\ns1: r k nil"), "G-single-process T0 T1");
}

TEST(Registers, MayBeReadTwiceInOneTransaction) {
  EXPECT_EQ(judged("s2: w k 5\ns1: r k 5, r k 5"), "valid");
}

TEST(Registers, MayBeReadBetweenTwoOwnWrites) {
  EXPECT_EQ(judged("s1: w k 4, r k 4, w k 5"), "valid");
}

TEST(Registers, LetAnUnknownOutcomeComeAfterWhatItsSessionDidLater) {
  EXPECT_EQ(judged("s1: w k 1 ?\ns1: w y 5\ns3: w k 2\ns2: r y 5, r k 2\ns4: r k 2\ns4: r k 1"), "valid");
}

TEST(Registers, LeaveOutUnknownOutcomesThatNobodyRead) {
  EXPECT_EQ(judged("s1: w x 1 ?\ns2: r x nil\ns2: r x nil"), "valid");
  EXPECT_EQ(judged("s1: w x 1 ?\ns2: r x 1\ns2: r x nil"), "G-single-process T0 T1 T2");
}

}  // namespace
}  // namespace tidemark::checkers::graph
