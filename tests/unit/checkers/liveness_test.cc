// LIVE: a quiet end, each leftover, and what excuses it.
#include "checkers/liveness/liveness_checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "replication_story.h"

namespace tidemark::checkers {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct End {
  explicit End(bool loss_is_unknown = false)
      : checker({"primary", "f1", "f2", "f3", "f4", "f5", "replica", "standby"}, 3, loss_is_unknown) {}
  LivenessChecker checker;

  End& replica(std::uint32_t visible, bool alive = true) {
    ReplicaEnded record{};
    record.replica = kReplica;
    record.alive = alive;
    record.visible = at(visible);
    checker.on(record);
    return *this;
  }
  End& follower(NodeIndex node, std::uint32_t durable, std::uint32_t told, bool alive = true) {
    FollowerEnded record{};
    record.follower = node;
    record.alive = alive;
    record.durable = at(durable);
    record.confirmed = at(told);
    checker.on(record);
    return *this;
  }
  End& followers(NodeIndex dead, std::uint32_t position = 3) {
    for (NodeIndex node = 1; node <= 5; ++node)
      follower(node, node <= dead ? 1 : position, node <= dead ? 1 : position, node > dead);
    return *this;
  }
  /// They run, but their word does not count; `destroyed`: a fault proves why.
  End& blank(NodeIndex from, NodeIndex to, const char* destroyed) {
    for (NodeIndex node = from; node <= to; ++node) {
      FollowerEnded record{};
      record.follower = node;
      record.counts = false;
      record.destroyed = destroyed;
      checker.on(record);
    }
    return *this;
  }
  End& whole(NodeIndex from, NodeIndex to) {
    for (NodeIndex node = from; node <= to; ++node) follower(node, 3, 3);
    return *this;
  }
  End& host(NodeIndex node, bool alive) {
    HostEnded record{};
    record.node = node;
    record.alive = alive;
    checker.on(record);
    return *this;
  }
  End& disabled(NodeIndex node, const char* why) {
    NodeDisabled record{};
    record.node = node;
    record.why = why;
    checker.on(record);
    return *this;
  }
  End& waiter() {
    WaiterLeft left{};
    left.what = "bookmark";
    checker.on(left);
    return *this;
  }
  Verdict unserved() {
    RunEnded end{};
    end.confirmed = end.committed = at(3);
    end.pending_operations = 1;
    end.served = false;
    end.writes_lost = 2;
    checker.on(end);
    return checker.finish();
  }
  Verdict over(std::uint32_t committed = 3, std::uint64_t pending = 0) {
    RunEnded end{};
    end.confirmed = at(3);
    end.committed = at(committed);
    end.pending_operations = pending;
    checker.on(end);
    return checker.finish();
  }
};

TEST(LivenessChecker, AQuietEndIsValid) {
  const Verdict verdict = End().replica(3).followers(0).host(0, true).over();
  EXPECT_EQ(verdict.validity, Validity::kValid);
  EXPECT_TRUE(verdict.witness.empty());
  EXPECT_TRUE(verdict.liveness);
}

TEST(LivenessChecker, EachLeftoverIsAViolation) {
  EXPECT_EQ(End().replica(2).over().validity, Validity::kInvalid);
  EXPECT_EQ(End().over(4).validity, Validity::kInvalid);
  EXPECT_EQ(End().over(3, 1).validity, Validity::kInvalid);
  EXPECT_EQ(End().waiter().over().validity, Validity::kInvalid);
  EXPECT_EQ(End().followers(0).follower(8, 2, 2).over().validity, Validity::kInvalid);
  EXPECT_EQ(End().followers(0).follower(8, 3, 2).over().validity, Validity::kInvalid);
  EXPECT_EQ(End().checker.finish().validity, Validity::kUnknown);
}

TEST(LivenessChecker, TheDeadAreExcusedOneByOne) {
  const Verdict verdict = End().replica(1, false).followers(2).over();
  EXPECT_EQ(verdict.validity, Validity::kValid);
  EXPECT_EQ(End().replica(1).disabled(kReplica, "cut off for ever").followers(0).over().validity, Validity::kValid);
}

TEST(LivenessChecker, TooFewFollowersExcuseEverythingAndAreNamed) {
  const Verdict verdict = End().replica(2).followers(3).disabled(1, "its disk is gone").over(5, 2);
  EXPECT_EQ(verdict.validity, Validity::kValid);
  EXPECT_THAT(verdict.witness, AllOf(HasSubstr("Excused: 2 of 5 followers can take part, a quorum is 3"),
                                     HasSubstr("f1: its disk is gone"), HasSubstr("f2 does not run"),
                                     HasSubstr("replica replica shows 00000001-00000002")));
}

TEST(LivenessChecker, ThreeFollowersAreEnoughSoNothingIsExcused) {
  EXPECT_EQ(End().replica(2).followers(2).over().validity, Validity::kInvalid);
}

TEST(LivenessChecker, NobodyWhoCouldLeadIsAnExcuse) {
  const Verdict verdict =
      End().followers(0).host(0, false).host(kStandby, true).disabled(kStandby, "cut off").over(5, 1);
  EXPECT_EQ(verdict.validity, Validity::kValid);
  EXPECT_THAT(verdict.witness, HasSubstr("no process that could lead the database can take part"));
  EXPECT_EQ(End().followers(0).host(0, false).host(kStandby, true).over(5, 1).validity, Validity::kInvalid);
}

TEST(LivenessChecker, LogsThatFaultsDestroyedExcuseThatNobodyLeads) {
  End end;
  const Verdict verdict = end.host(0, true).blank(1, 3, "fault 1 took it").whole(4, 5).unserved();
  EXPECT_EQ(verdict.validity, Validity::kValid);
  EXPECT_TRUE(end.checker.excused());
  EXPECT_THAT(verdict.witness, AllOf(HasSubstr("budget exceeded: 2 writes lost; 2 of 5 followers hold a log"),
                                     HasSubstr("f1: fault 1 took it; f2: fault 1 took it; f3")));
  EXPECT_THAT(end.checker.budget_exceeded(), HasSubstr("2 of 5 followers hold a log"));
  EXPECT_EQ(End(true).host(0, true).blank(1, 3, "fault 1 took it").whole(4, 5).unserved().validity, Validity::kUnknown);
}

TEST(LivenessChecker, LogsThatAreGoneForAnotherReasonExcuseNothing) {
  EXPECT_EQ(End().host(0, true).blank(1, 3, "").whole(4, 5).unserved().validity, Validity::kInvalid);
  EXPECT_EQ(End().host(0, true).blank(1, 2, "fault").blank(3, 3, "").whole(4, 5).unserved().validity,
            Validity::kInvalid);
  EXPECT_EQ(End().host(0, true).blank(1, 2, "fault").whole(3, 5).unserved().validity, Validity::kInvalid);
}

TEST(LivenessChecker, ALeaderThatServesMustMendLogsThatFaultsDestroyed) {
  End end;
  EXPECT_EQ(end.host(0, true).blank(1, 3, "fault 1 took it").whole(4, 5).over(3, 1).validity, Validity::kInvalid);
  EXPECT_EQ(end.checker.budget_exceeded(), "");
}

TEST(LivenessChecker, AnExcuseOfOneDatabaseDoesNotExcuseAnother) {
  End end;
  end.followers(3);
  RunEnded first{};
  first.confirmed = at(3);
  first.committed = at(4);
  end.checker.on(first);
  EXPECT_TRUE(end.checker.excused());
  RunEnded second = first;
  second.db = 1;
  end.checker.on(second);
  EXPECT_FALSE(end.checker.excused());
  EXPECT_EQ(end.checker.finish().validity, Validity::kInvalid);
}

}  // namespace
}  // namespace tidemark::checkers
