#include <gtest/gtest.h>

#include "judged.h"

namespace tidemark::checkers::graph {
namespace {

TEST(Sets, AcceptReadsThatFormAChain) {
  EXPECT_EQ(judged(R"(
    s1: add t 1
    s2: add t 2, r t {1 2}
    s3: r t {}
    s3: r t {1}
    s4: add t 3
    s4: r t {1 2 3})"),
            "valid");
}

TEST(Sets, NameMembersThatCannotBe) {
  EXPECT_EQ(judged("s1: r t {1}"), "garbage-read T0");
  EXPECT_EQ(judged("s1: add t 1 !\ns2: r t {1}"), "G1a T0 T1");
  EXPECT_EQ(judged("s1: r t {1}, add t 1"), "future-read T0");
  EXPECT_EQ(judged("s1: add t 1, r t {}"), "internal T0");
  EXPECT_EQ(judged("s1: add t 1, add t 1, r t {1}"), "valid") << "adding twice is adding";
}

TEST(Sets, NameReadsThatChangeWithinATransaction) {
  EXPECT_EQ(judged("s1: add t 1\ns2: r t {}, r t {1}"), "internal T1");
  EXPECT_EQ(judged("s1: add t 1\ns2: r t {}, r t {1}", kReadCommitted), "valid") << "read committed lets reads change";
  EXPECT_EQ(judged("s1: add t 1\ns2: r t {1}, add t 2, r t {1 2}"), "valid");
}

TEST(Sets, NameTwoReadsOfWhichEachLacksSomething) {
  const std::string text = "s1: add t 1\ns2: add t 2\ns3: r t {1}\ns4: r t {2}";
  EXPECT_EQ(judged(text), "long-fork T2 T1 T3 T0");
  EXPECT_EQ(steps(text), "T2 rw t nil 2 T1; T1 wr t 2 T3; T3 rw t nil 1 T0; T0 wr t 1 T2");
  EXPECT_EQ(judged(text, kSessionSnapshot), "long-fork T2 T1 T3 T0");
  EXPECT_EQ(judged(text, kReadCommitted), "valid");
}

TEST(Sets, NameALostMember) {
  EXPECT_EQ(judged("s1: add t 1\ns1: r t {}"), "G-single-process T0 T1");
  EXPECT_EQ(judged("s1: add t 1\ns2: r t {1}\ns2: r t {}"), "G-single-process T0 T1 T2");
  EXPECT_EQ(judged("s1: r t {}, add u 1\ns2: r u {}, add t 1"), "G2-item T0 T1");
}

TEST(Sets, PutAReadBehindAllThatItHasAlsoWhatASmallerReadHad) {
  EXPECT_EQ(judged("s4: r t {1}\ns2: add t 2\ns3: r t {1 2}\ns3: add t 1"), "G1c-process T2 T3");
}

TEST(Sets, LetATransactionReadAndThenAdd) {
  EXPECT_EQ(judged("s1: r t {}, add t 1\ns2: r t {1}, add t 2\ns3: add t 3\ns4: r t {1 2 3}"), "valid");
  EXPECT_EQ(judged("s1: r t {}, add t 1\ns2: r t {}, add t 2\ns3: r t {1 2}"), "G2-item T0 T1");
}

TEST(Sets, DoNotDecideWhoAddedWhatSeveralAdded) {
  EXPECT_EQ(judged("s1: add t 1\ns2: add t 1\ns3: r t {1}"),
            "unknown: 1 was added to t twice: who added what was read is not known");
}

TEST(Sets, CountUnknownOutcomesOnlyWhenRead) {
  EXPECT_EQ(judged("s1: add t 1 ?\ns2: r t {}\ns2: r t {1}"), "valid");
  EXPECT_EQ(judged("s1: add t 1 ?\ns2: r t {1}\ns2: r t {}"), "G-single-process T0 T1 T2");
}

TEST(Mixtures, AreOneGraph) {
  EXPECT_EQ(judged("s1: a x 1, w y 1, add t 1\ns2: r x [1], r y nil"), "G-single T0 T1");
  EXPECT_EQ(judged("s1: a x 1, add t 1\ns2: r t {1}, r x []"), "G-single T0 T1");
  EXPECT_EQ(judged("s1: inc c 1\ns2: r c #1").substr(0, 8), "unknown:");
}

}  // namespace
}  // namespace tidemark::checkers::graph
