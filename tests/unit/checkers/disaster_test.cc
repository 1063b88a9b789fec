// Loss beyond the budget: excused when faults account for it, a violation when they do not.
#include "replication_story.h"

namespace tidemark::checkers {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Entries 1 to 3 are in cold storage and on followers 1, 2, 3; 4 and 5 only there.
struct Disaster : Story {
  explicit Disaster(bool beyond_budget = true, bool loss_is_unknown = false) {
    ReplicationOptions chosen = options();
    chosen.beyond_budget = beyond_budget;
    chosen.loss_is_unknown = loss_is_unknown;
    checker = ReplicationChecker(chosen);
    good();
    confirmed(4);
    confirmed(5);
  }
  void strike(NodeIndex follower, bool noticed) {
    auto r = make<ContentLost>();
    r.follower = follower;
    r.noticed = noticed;
    checker.on(r);
  }
  void wipe(std::initializer_list<NodeIndex> followers) {
    for (const NodeIndex follower : followers) {
      strike(follower, true);
      cut(follower, {});
    }
  }
  void over() {
    auto r = make<RunEnded>();
    r.confirmed = at(5);
    checker.on(r);
  }
  const Verdict& verdict(const std::string& name) {
    if (verdicts.empty()) verdicts = checker.finish();
    for (const Verdict& one : verdicts)
      if (one.name == name) return one;
    return verdicts.front();
  }
  std::vector<Verdict> verdicts;
};

TEST(Disaster, WhatIsNowhereAtTheEndIsCountedAndNoBug) {
  Disaster d;
  d.wipe({1, 2, 3});
  d.over();
  EXPECT_EQ(d.checker.lost_beyond_budget(0), 2U);
  EXPECT_EQ(d.checker.tally().confirmed_lost, 2U);
  EXPECT_FALSE(d.checker.went_on_without());
  EXPECT_FALSE(d.checker.violated());
  EXPECT_THAT(d.verdict("DUR").witness, StartsWith("budget exceeded: 2 writes lost. At "));
  EXPECT_EQ(d.verdict("DUR").validity, Validity::kValid);
}

TEST(Disaster, IsUnknownWhenThatIsAskedFor) {
  Disaster d(true, true);
  d.wipe({1, 2, 3});
  d.over();
  EXPECT_EQ(d.verdict("DUR").validity, Validity::kUnknown);
}

TEST(Disaster, WithinTheBudgetIsAViolation) {
  Disaster d(false);
  d.wipe({1, 2, 3});
  EXPECT_TRUE(d.checker.violated());
}

TEST(Disaster, WhatALeaderBringsBackIsNotLost) {
  Disaster d;
  d.wipe({1, 2, 3});
  d.durable(5, {2});
  d.over();
  EXPECT_EQ(d.checker.lost_beyond_budget(0), 0U);
  EXPECT_TRUE(d.verdict("DUR").witness.empty());
}

TEST(Disaster, ALogThatIsGoneWithoutAFaultIsNoExcuse) {
  Disaster d;
  d.wipe({1, 2});
  d.cut(3, {});
  d.over();
  EXPECT_EQ(d.checker.lost_beyond_budget(0), 0U);
  EXPECT_EQ(d.broken(), std::set<std::string>{"GC"});
}

TEST(Disaster, ALeaderMustNotServeWithoutWhatFollowersKnowThatTheyLost) {
  Disaster d;
  d.wipe({1, 2, 3});
  d.take_over(2, at(3), 4);
  EXPECT_FALSE(d.checker.went_on_without());
  EXPECT_TRUE(d.broken().contains("DUR"));
}

TEST(Disaster, ALeaderMayServeWithoutWhatNobodyKnowsThatHeLost) {
  Disaster d;
  for (const NodeIndex follower : {1U, 2U}) d.strike(follower, false);
  d.take_over(2, at(3), 4);
  EXPECT_TRUE(d.checker.went_on_without());
  EXPECT_EQ(d.checker.lost_beyond_budget(0), 2U);
  EXPECT_THAT(d.verdict("DUR").witness, HasSubstr("which drops 2 entries that were confirmed"));
  EXPECT_FALSE(d.checker.violated());
}

TEST(Disaster, AQuorumThatNoFaultTouchedIsNoExcuseForALeader) {
  Disaster d;
  d.durable(5, {4});
  d.strike(1, false);
  d.take_over(2, at(3), 4);
  EXPECT_FALSE(d.checker.went_on_without());
  EXPECT_TRUE(d.broken().contains("DUR"));
}

}  // namespace
}  // namespace tidemark::checkers
