// What the protocol does not promise to survive is refused with a sentence that names the instances.
#include "sim/nemesis/budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_world.h"

namespace tidemark::sim::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Budget : public testing::Test {
 protected:
  Budget() {
    plan.phase = 60_s;
    plan.faults.reserve(200);  // tests keep references
  }

  Fault& add(FaultKind kind, std::vector<std::string> targets, Duration at_time, Duration lasts) {
    Fault fault = make_fault(kind);
    fault.id = plan.faults.size() + 1;
    fault.targets = std::move(targets);
    fault.start.after = at_time;
    fault.duration = info(kind).shape == FaultShape::kInstant ? Duration{} : lasts;
    plan.faults.push_back(std::move(fault));
    return plan.faults.back();
  }
  void expect_refused(const std::string& why, std::vector<std::uint64_t> ids) {
    EXPECT_EQ(problem_of(plan, world.topology()), "");
    const std::optional<BudgetExcess> excess = FaultBudget().check(plan, world.topology());
    ASSERT_TRUE(excess.has_value());
    EXPECT_THAT(excess->sentence, HasSubstr(why));
    EXPECT_EQ(excess->faults, ids);
    for (const std::uint64_t id : ids) EXPECT_THAT(excess->sentence, HasSubstr("fault " + std::to_string(id) + " ("));
    plan.beyond_budget = true;
    EXPECT_FALSE(FaultBudget().check(plan, world.topology()).has_value());
    plan.beyond_budget = false;
  }
  void expect_allowed() {
    EXPECT_EQ(problem_of(plan, world.topology()), "");
    const std::optional<BudgetExcess> excess = FaultBudget().check(plan, world.topology());
    EXPECT_FALSE(excess.has_value()) << excess->sentence;
  }

  FakeWorld world;
  FaultPlan plan;
  const std::string f1 = "db-a/follower-1";
  const std::string f2 = "db-a/follower-2";
  const std::string f3 = "db-a/follower-3";
};

TEST_F(Budget, AllowsTwoFollowersDownAndRefusesAThird) {
  add(FaultKind::kP1, {f1}, 1_s, 10_s);
  add(FaultKind::kN10, {f2}, 2_s, 10_s);
  expect_allowed();
  add(FaultKind::kP6, {f3}, 11_s, 10_s);  // 1 is back, 2 is still cut off
  expect_allowed();
  add(FaultKind::kD2, {f1}, 11500_ms, 1_s);
  expect_refused(
      "3 of the 5 followers of db-a (db-a/follower-1, db-a/follower-2, db-a/follower-3) would be lost, cut "
      "off or in repair at 11.5 s",
      {2, 3, 4});
}

TEST_F(Budget, CountsRepairAfterDestruction) {
  add(FaultKind::kD23, {f1}, 1_s, 1_s);
  add(FaultKind::kD18, {f2}, 1_s, {});
  add(FaultKind::kP1, {f3}, 12500_ms, 1_s);
  expect_allowed();
  plan.faults.back().start.after = 10_s;
  expect_refused("3 of the 5 followers", {1, 2, 3});
}

TEST_F(Budget, CountsAFaultWithATriggerForTheWholePhase) {
  add(FaultKind::kP1, {f1}, 1_s, 1_s);
  add(FaultKind::kP1, {f2}, 1_s, 1_s);
  Fault& third = add(FaultKind::kP1, {f3}, 0_s, 1_s);
  third.start.on = FaultStart::On::kBookmark;
  third.start.subject = "db-a";
  expect_refused("3 of the 5 followers", {1, 2, 3});
}

TEST_F(Budget, CountsAKillAtAPointUntilTheEndOfThePhase) {
  add(FaultKind::kP4, {f1}, 1_s, 1_s);
  add(FaultKind::kP1, {f2}, 50_s, 1_s);
  expect_allowed();
  add(FaultKind::kP1, {f3}, 50_s, 1_s);
  expect_refused("3 of the 5 followers", {1, 2, 3});
}

TEST_F(Budget, TakesTheSmallerSideOfAPartition) {
  add(FaultKind::kN10, {f1, f2, f3}, 1_s, 1_s);
  expect_allowed();
  add(FaultKind::kP1, {f3}, 1500_ms, 1_s);
  expect_refused("3 of the 5 followers", {1, 2});
}

TEST_F(Budget, AllowsAWholeOutageButNotRepairAcrossIt) {
  add(FaultKind::kR4, {f1, f2, f3}, 1_s, 5_s);
  add(FaultKind::kD23, {"db-a/follower-4"}, 2_s, 1_s);
  add(FaultKind::kD23, {"db-a/follower-5"}, 2_s, 1_s);
  expect_allowed();
  add(FaultKind::kP1, {f1}, 14_s, 1_s);  // repair goes on until 16 s
  expect_refused("3 of the 5 followers", {2, 3, 4});
}

TEST_F(Budget, RefusesRollingRestartsThatOverlapTooMuch) {
  Fault& rolling = add(FaultKind::kR3, {f1, f2, f3}, 1_s, 30_s);
  expect_allowed();
  rolling.set("down", Duration(5_s).ns());
  expect_refused("3 of the 5 followers", {1});
}

TEST_F(Budget, RefusesUndetectableLossOnAFollower) {
  add(FaultKind::kD21, {"db-a/replica-eeur"}, 1_s, 1_s);
  add(FaultKind::kD24, {"primary@db-a"}, 1_s, 1_s);
  expect_allowed();
  add(FaultKind::kD21, {f1}, 1_s, 1_s);
  expect_refused("db-a/follower-1 would vouch for entries that it has lost", {3});
  plan.faults.pop_back();
  add(FaultKind::kD24, {f1}, 1_s, 1_s);
  expect_refused("db-a/follower-1 would vouch for entries that it has lost", {3});
}

TEST_F(Budget, RefusesALyingSyncFollowedByPowerLoss) {
  add(FaultKind::kD7, {f1}, 1_s, 1_s);
  add(FaultKind::kP1, {f1}, 1500_ms, 1_s);
  add(FaultKind::kP2, {f2}, 1500_ms, 1_s);
  expect_allowed();
  add(FaultKind::kP2, {f1}, 5_s, 1_s);
  expect_refused("because its syncs lied", {1, 4});
}

TEST_F(Budget, KeepsTheClocksOfTheLease) {
  Fault& drift = add(FaultKind::kC2, {"control"}, 1_s, 1_s);
  add(FaultKind::kP7, {"db-a/replica-eeur"}, 1_s, 1_s);
  expect_allowed();
  drift.set("rate", 10'001);
  expect_refused("the clock of control would drift by more than 1 %", {1});
  plan.faults.erase(plan.faults.begin());
  add(FaultKind::kP7, {"primary@db-a"}, 1_s, 1_s).id = 7;
  expect_refused("the monotonic clock of primary@db-a would stop", {7});
}

TEST_F(Budget, LeavesOneHost) {
  add(FaultKind::kR6, {"primary@db-a"}, 1_s, {});
  expect_allowed();
  add(FaultKind::kP1, {"db-a/host-2"}, 5_s, 1_s);
  expect_refused("no host would be left to run the primary of db-a at 5 s (it has 2)", {1, 2});
}

TEST_F(Budget, LetsASingleHostRestart) {
  FakeWorld single({.seed = 1, .hosts = 1});
  add(FaultKind::kP1, {"primary@db-a"}, 1_s, 1_s);
  EXPECT_FALSE(FaultBudget().check(plan, single.topology()).has_value());
  add(FaultKind::kR6, {"primary@db-a"}, 10_s, {});
  EXPECT_TRUE(FaultBudget().check(plan, single.topology()).has_value());
}

TEST_F(Budget, KeepsWhatTheObjectStoreHolds) {
  Fault& corrupt = add(FaultKind::kS8, {"cold"}, 1_s, 1_s);
  expect_allowed();
  corrupt.set("where", "stored");
  expect_refused("the only copy of old entries", {1});
}

TEST_F(Budget, CopiesMessagesOnRelayLinksOnly) {
  Fault& copies = add(FaultKind::kN6, {"link:db-a/host-1>db-a/follower-1"}, 1_s, 1_s);
  expect_allowed();
  copies.targets = {"link:worker/FRA>db-a/host-1"};
  expect_refused("is no link of the relay", {1});
}

TEST_F(Budget, LetsReplicasWorkersAndClientsSufferAnything) {
  for (const FaultKindInfo& row : fault_kinds()) {
    if (!row.injectable() || (row.roles & kRoleReplica) == 0) continue;
    add(row.kind, {"db-a/replica-eeur", "db-a/replica-apac"}, 1_s, 5_s);
  }
  expect_allowed();
}

}  // namespace
}  // namespace tidemark::sim::test
