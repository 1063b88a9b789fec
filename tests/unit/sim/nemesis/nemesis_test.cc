// Each kind strikes, counts what it changed, and ends; the life of an instance; triggers; healing.
#include "sim/nemesis/nemesis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "fake_world.h"
#include "sim/nemesis/draw.h"

namespace tidemark::sim::test {
namespace {

using testing::ElementsAre;

/// As strong as the kind can be, so that one second shows it.
void strengthen(Fault& fault) {
  for (const ParameterInfo& row : info(fault.kind).parameters)
    if (row.type == ParameterType::kRatio && row.name != "rate")
      fault.set(row.name, std::min<std::int64_t>(row.high, 900'000));
  switch (fault.kind) {
    case FaultKind::kN15:
      fault.set("kilobits", 200);
      return;
    case FaultKind::kN23:
      fault.set("least", 1000);
      fault.set("most", 2000);
      return;
    case FaultKind::kC5:
      fault.set("half_period", Duration(3_ms).ns());
      return;
    case FaultKind::kN19:
      fault.set("delay", Duration(200_ms).ns());
      return;
    case FaultKind::kP4:
      fault.set("at", "point");
      fault.set("point", "round");
      return;
    case FaultKind::kS1:
      fault.set("factor", 2);
      fault.set("throttled", 500'000);
      return;
    case FaultKind::kS3:
    case FaultKind::kS9:
      if (fault.kind == FaultKind::kS9) fault.set("part_bytes", 1);
      return;
    default:
      return;
  }
}

std::vector<std::string> good_targets(FaultKind kind, FakeWorld& world) {
  RandomStream random(5, "targets");
  std::string problem;
  const FaultRoles roles = info(kind).roles;
  const std::string selector = kind == FaultKind::kN12         ? "followers"
                               : (roles & kRoleRun) != 0       ? "run"
                               : kind == FaultKind::kR1        ? "region:EEUR"
                               : kind == FaultKind::kR4        ? "majority"
                               : kind == FaultKind::kN23       ? "db-a/replica-eeur"
                               : (roles & kRoleColdStore) != 0 ? "cold"
                               : (roles & kRoleFollower) != 0  ? "followers:2"
                               : (roles & kRolePrimary) != 0   ? "primary"
                               : (roles & kRoleReplica) != 0   ? "db-a/replica-eeur"
                                                               : "client-1";
  std::vector<std::string> targets = draw_targets({selector}, world.topology(), roles, random, problem);
  EXPECT_EQ(problem, "") << info(kind).id;
  return targets;
}

class EachKind : public testing::TestWithParam<FaultKind> {};

TEST_P(EachKind, StrikesWithEffectAndEnds) {
  FakeWorld world;
  Nemesis nemesis(world);
  Fault fault = make_fault(GetParam());
  strengthen(fault);
  world.run(100_ms);
  nemesis.arm(plan_of(fault, good_targets(GetParam(), world)));
  world.run(550_ms);
  EXPECT_EQ(nemesis.reports()[0].status, FaultStatus::kWaiting);
  world.run(4_s);
  const FaultReport report = nemesis.reports()[0];
  if (fault.duration == kUntilHeal) {
    EXPECT_EQ(report.status, FaultStatus::kActive);
  } else {
    EXPECT_EQ(report.status, FaultStatus::kEnded);
    EXPECT_EQ(report.begin, at(600_ms));
  }
  EXPECT_GT(report.effects, 0U);
  EXPECT_FALSE(report.without_effect());
  nemesis.heal_all();
  EXPECT_EQ(nemesis.reports()[0].status, FaultStatus::kEnded);
  world.run(5_s);

  // The world goes on: every process works, and those that hear others still do.
  const std::vector<std::uint64_t> rounds = world.rounds;
  const std::vector<std::uint64_t> received = world.received;
  world.run(9_s);
  for (const TopologyNode& node : world.topology().nodes) {
    if (GetParam() == FaultKind::kR6 && node.process == world.leader) continue;
    EXPECT_TRUE(world.process(node.process).running()) << node.name;
    EXPECT_GT(world.rounds[node.process], rounds[node.process] + 300) << node.name;
    if ((node.role & (kRoleFollower | kRoleReplica)) != 0) {
      EXPECT_GT(world.received[node.process], received[node.process] + 50) << node.name;
    }
  }
}

std::vector<FaultKind> injectable_kinds() {
  std::vector<FaultKind> kinds;
  for (const FaultKindInfo& row : fault_kinds())
    if (row.injectable()) kinds.push_back(row.kind);
  return kinds;
}
INSTANTIATE_TEST_SUITE_P(Nemesis, EachKind, testing::ValuesIn(injectable_kinds()),
                         [](const auto& kind) { return ::tidemark::sim::info(kind.param).id; });

TEST(Nemesis, ReportsAFaultWithoutEffect) {
  FakeWorld world;
  Nemesis nemesis(world);
  Fault fault = make_fault(FaultKind::kD4);
  fault.set("files", ".nothing");
  nemesis.arm(plan_of(fault, {"db-a/follower-1"}));
  world.run(3_s);
  EXPECT_TRUE(nemesis.reports()[0].without_effect());
}

TEST(Nemesis, AnEmptyPlanChangesNothing) {
  FakeWorld without;
  without.run(2_s);
  FakeWorld with;
  Nemesis nemesis(with);
  nemesis.arm({});
  with.run(2_s);
  nemesis.heal_all();
  EXPECT_EQ(with.scheduler().digest(), without.scheduler().digest());
  EXPECT_EQ(with.scheduler().events(), without.scheduler().events());
}

Fault numbered(std::uint64_t id, FaultKind kind, std::vector<std::string> targets, Duration at_time, Duration lasts) {
  Fault fault = make_fault(kind);
  fault.id = id;
  fault.targets = std::move(targets);
  fault.start.after = at_time;
  if (info(kind).shape != FaultShape::kInstant) fault.duration = lasts;
  return fault;
}

TEST(Nemesis, OverlappingFaultsEndEachForItself) {
  FakeWorld world;
  Nemesis nemesis(world);
  const std::string f1 = "db-a/follower-1";
  FaultPlan plan;
  plan.phase = 10_s;
  plan.faults = {numbered(1, FaultKind::kP6, {f1}, 1_s, 4_s), numbered(2, FaultKind::kP1, {f1}, 2_s, 2_s),
                 numbered(3, FaultKind::kP2, {f1}, 3_s, 3_s), numbered(4, FaultKind::kP1, {"client-1"}, 1_s, 1_s)};
  nemesis.arm(plan);
  Process& process = world.named(f1);
  const auto state_at = [&](Duration when) {
    world.run(when);
    return process.state();
  };
  EXPECT_EQ(state_at(1500_ms), ProcessState::kPaused);
  EXPECT_EQ(state_at(2500_ms), ProcessState::kStopped);
  EXPECT_EQ(state_at(4500_ms), ProcessState::kStopped);  // fault 3 still holds it
  EXPECT_EQ(state_at(6500_ms), ProcessState::kRunning);
  const std::vector<FaultReport> reports = nemesis.reports();
  EXPECT_TRUE(reports[0].overlapped && reports[1].overlapped && reports[2].overlapped);
  EXPECT_FALSE(reports[3].overlapped);
}

/// What each kind took from whom, with what the budget says of the kind as the yardstick.
TEST_P(EachKind, TellsWhoseDiskLostWhatItHadStored) {
  FakeWorld world;
  Nemesis nemesis(world);
  Fault fault = make_fault(GetParam());
  strengthen(fault);
  world.run(100_ms);
  nemesis.arm(plan_of(fault, good_targets(GetParam(), world)));
  EXPECT_TRUE(nemesis.losses().empty());
  world.run(4_s);
  nemesis.heal_all();
  const FaultCost cost = info(GetParam()).cost;
  const bool of_disk = info(GetParam()).id.front() == 'D';
  const bool loses =
      of_disk && (cost == FaultCost::kDestroys || cost == FaultCost::kUndetectable || cost == FaultCost::kLies);
  EXPECT_EQ(nemesis.losses().empty(), !loses);
  const FaultReport report = nemesis.reports().at(0);
  for (const ContentLoss& loss : nemesis.losses()) {
    EXPECT_EQ(loss.kind, GetParam());
    EXPECT_GE(loss.at, report.begin);
    const std::vector<std::string>& targets = report.targets;
    EXPECT_NE(std::find(targets.begin(), targets.end(), world.process(loss.process).name()), targets.end());
  }
}

TEST(Nemesis, ARestartDuringAPauseStaysPaused) {
  FakeWorld world;
  Nemesis nemesis(world);
  const std::string f1 = "db-a/follower-1";
  FaultPlan plan;
  plan.phase = 10_s;
  plan.faults = {numbered(1, FaultKind::kP1, {f1}, 1_s, 1_s), numbered(2, FaultKind::kP6, {f1}, 1500_ms, 2_s)};
  nemesis.arm(plan);
  world.run(3_s);
  EXPECT_EQ(world.named(f1).state(), ProcessState::kPaused);
  world.run(4_s);
  EXPECT_EQ(world.named(f1).state(), ProcessState::kRunning);
}

TEST(Nemesis, HealAllEndsEverythingAndForgetsWhatWaits) {
  FakeWorld world;
  Nemesis nemesis(world);
  FaultPlan plan;
  plan.phase = 10_s;
  plan.faults = {numbered(1, FaultKind::kP1, {"db-a/follower-1"}, 1_s, kUntilHeal),
                 numbered(2, FaultKind::kN10, {"db-a/follower-2"}, 1_s, kUntilHeal),
                 numbered(3, FaultKind::kP7, {"db-a/follower-3"}, 1_s, kUntilHeal),
                 numbered(4, FaultKind::kP1, {"db-a/follower-4"}, 20_s, 1_s),
                 numbered(5, FaultKind::kD24, {"db-a/follower-5"}, 1_s, kUntilHeal)};
  plan.faults[3].start.after = 9_s;
  plan.faults[3].start.on = FaultStart::On::kEpoch;
  plan.faults[3].start.subject = "db-a";
  nemesis.arm(plan);
  world.run(5_s);
  EXPECT_EQ(nemesis.active(), 4U);
  nemesis.heal_all();
  EXPECT_EQ(nemesis.active(), 0U);
  EXPECT_EQ(nemesis.reports()[3].status, FaultStatus::kNeverBegan);
  world.run(6_s);
  for (const TopologyNode& node : world.topology().nodes)
    EXPECT_TRUE(world.process(node.process).running()) << node.name;
  EXPECT_FALSE(world.network().blocked(world.id("db-a/host-1"), world.id("db-a/follower-2")));
  nemesis.notify({FaultStart::On::kEpoch, "db-a", 5, ""});
  world.run(40_s);
  EXPECT_EQ(nemesis.reports()[3].status, FaultStatus::kNeverBegan);
}

TEST(Nemesis, WaitsForItsTrigger) {
  FakeWorld world;
  Nemesis nemesis(world);
  FaultPlan plan;
  plan.phase = 10_s;
  for (std::uint64_t id = 1; id <= 3; ++id)
    plan.faults.push_back(numbered(id, FaultKind::kP6, {"primary@db-a"}, 0_s, 1_s));
  std::string problem;
  ASSERT_TRUE(parse_start("bookmark 100 of db-a + 20 ms", plan.faults[0].start, problem));
  ASSERT_TRUE(parse_start("takeover sealing of db-a", plan.faults[1].start, problem));
  ASSERT_TRUE(parse_start("point round of client-1", plan.faults[2].start, problem));
  plan.faults[2].targets = {"client-1"};
  nemesis.arm(plan);
  world.run(1_s);
  nemesis.notify({FaultStart::On::kBookmark, "db-a", 99, ""});
  nemesis.notify({FaultStart::On::kTakeover, "db-a", 0, "loading"});
  world.run(2_s);
  EXPECT_EQ(nemesis.reports()[0].status, FaultStatus::kWaiting);
  EXPECT_EQ(nemesis.reports()[1].status, FaultStatus::kWaiting);
  EXPECT_EQ(nemesis.reports()[2].begin, at(10_ms));  // its first round
  nemesis.notify({FaultStart::On::kBookmark, "db-a", 100, ""});
  world.run(2500_ms);
  nemesis.notify({FaultStart::On::kTakeover, "db-a", 0, "sealing"});
  nemesis.notify({FaultStart::On::kTakeover, "db-a", 0, "sealing"});
  world.run(8_s);
  EXPECT_EQ(nemesis.reports()[0].begin, at(2020_ms));
  EXPECT_EQ(nemesis.reports()[1].begin, at(2500_ms));
  EXPECT_THAT(nemesis.reports()[1].targets, ElementsAre("db-a/host-1"));
}

TEST(Nemesis, HitsTheHostThatLeadsWhenItBegins) {
  FakeWorld world;
  Nemesis nemesis(world);
  nemesis.arm(plan_of(make_fault(FaultKind::kP1), {"primary@db-a"}));
  world.leader = 2;
  world.run(1_s);
  EXPECT_TRUE(world.named("db-a/host-1").running());
  EXPECT_FALSE(world.named("db-a/host-2").running());
  const FaultReport report = nemesis.reports()[0];
  ASSERT_EQ(report.phases.size(), 1U);
  EXPECT_EQ(report.phases[0].phase, "serving");
  const std::vector<FaultCoverage> coverage = coverage_of(nemesis.reports());
  ASSERT_EQ(coverage.size(), 1U);
  EXPECT_EQ(coverage[0].role, kRolePrimary);
  EXPECT_EQ(coverage[0].with_effect, 1U);
}

TEST(Nemesis, KillsAtTheNthPassOfAPoint) {
  FakeWorld world;
  Nemesis nemesis(world);
  Fault fault = make_fault(FaultKind::kP4);
  fault.set("at", "point");
  fault.set("point", "round");
  fault.set("n", 7);
  nemesis.arm(plan_of(fault, {"db-a/follower-1"}));
  world.run(559_ms);  // rounds are at 500, 510, ...
  EXPECT_TRUE(world.named("db-a/follower-1").running());
  world.run(560_ms);
  EXPECT_FALSE(world.named("db-a/follower-1").running());
  world.run(1559_ms);
  EXPECT_FALSE(world.named("db-a/follower-1").running());
  world.run(1560_ms);
  EXPECT_TRUE(world.named("db-a/follower-1").running());
}

/// Kills follower 1 at its n-th I/O, in the middle of its round of three, and tells what its log is long then.
std::uint64_t log_bytes_after_kill(std::int64_t n, const std::string& side) {
  FakeWorld world;
  Nemesis nemesis(world);
  Fault fault = make_fault(FaultKind::kP4);
  fault.set("n", n);
  fault.set("side", side);
  nemesis.arm(plan_of(fault, {"db-a/follower-1"}));
  world.run(600_ms);
  EXPECT_FALSE(world.named("db-a/follower-1").running());
  EXPECT_EQ(nemesis.reports()[0].effects, 1U);
  return world.disk(world.id("db-a/follower-1"))->open("log").size() + world.disk(3)->open("loose").size();
}

TEST(Nemesis, KillsExactlyBeforeOrAfterTheNthIo) {
  // One round appends 700 bytes to the log, syncs it, and appends 700 bytes to another file.
  const std::uint64_t before_first = log_bytes_after_kill(1, "before");
  EXPECT_EQ(log_bytes_after_kill(1, "after"), before_first + 700);
  EXPECT_EQ(log_bytes_after_kill(2, "before"), before_first + 700);  // the sync
  EXPECT_EQ(log_bytes_after_kill(2, "after"), before_first + 700);
  EXPECT_EQ(log_bytes_after_kill(3, "before"), before_first + 700);
  EXPECT_EQ(log_bytes_after_kill(3, "after"), before_first + 1400);
}

TEST(Nemesis, AKillMayLeaveEachPossibleDiskImage) {
  std::set<std::uint64_t> sizes;
  std::uint64_t count = 1;
  for (std::uint64_t image = 1; image <= count; ++image) {
    FakeWorld world;
    Nemesis nemesis(world);
    Fault fault = make_fault(FaultKind::kP4);
    fault.set("n", 2);  // the sync of 700 bytes
    fault.set("power", "lose");
    fault.set("image", static_cast<std::int64_t>(image));
    nemesis.arm(plan_of(fault, {"db-a/follower-1"}));
    world.run(600_ms);
    const KillPoint point = nemesis.reports()[0].kill_point;
    EXPECT_EQ(point.acts, 2U);
    EXPECT_FALSE(point.every_image) << "a file that is never synced has too many sectors";
    count = point.images;
    sizes.insert(world.disk(world.id("db-a/follower-1"))->open("log").size());
  }
  EXPECT_GT(count, 4U);
  EXPECT_EQ(sizes.size(), 2U) << "the log with the 700 bytes, and without";
}

TEST(Nemesis, CountsTheActsOfAKillThatNeverComes) {
  FakeWorld world;
  Nemesis nemesis(world);
  Fault fault = make_fault(FaultKind::kP4);
  fault.set("n", 1'000'000);
  nemesis.arm(plan_of(fault, {"db-a/follower-1"}));
  world.run(2_s);
  EXPECT_TRUE(world.named("db-a/follower-1").running());
  EXPECT_GT(nemesis.reports()[0].kill_point.acts, 100U);
  EXPECT_EQ(nemesis.reports()[0].kill_point.images, 0U);
}

TEST(Nemesis, KillsExactlyAtTheNthSend) {
  const auto received_by_second = [](std::int64_t n, const std::string& side) {
    FakeWorld world;
    Nemesis nemesis(world);
    Fault fault = make_fault(FaultKind::kP4);
    fault.set("at", "send");
    fault.set("n", n);
    fault.set("side", side);
    FaultPlan plan = plan_of(fault, {"db-a/host-1"});
    plan.faults[0].start.after = 505_ms;
    nemesis.arm(plan);
    std::vector<std::uint64_t> before = world.received;
    world.run(505_ms);
    before = world.received;
    world.run(514_ms);
    EXPECT_FALSE(world.named("db-a/host-1").running());
    std::uint64_t heard = 0;  // followers that heard one host more than the other
    for (std::uint32_t id = 3; id <= 7; ++id) heard += world.received[id] - before[id];
    return heard;
  };
  const std::uint64_t first = received_by_second(1, "before");
  EXPECT_GT(received_by_second(6, "before"), first);
  EXPECT_EQ(received_by_second(3, "before"), received_by_second(2, "after"));
}

TEST(Nemesis, TakingOneFaultOutShiftsNoDrawOfAnotherOne) {
  const auto draws_of_second = [](bool with_first) {
    FakeWorld world;
    Nemesis nemesis(world);
    FaultPlan plan;
    plan.phase = 10_s;
    if (with_first) plan.faults.push_back(numbered(1, FaultKind::kN5, {"db-a/replica-apac"}, 1_s, 1_s));
    plan.faults.push_back(numbered(2, FaultKind::kP5, {"db-a/follower-1"}, 2_s, 1_s));
    nemesis.arm(plan);
    world.run(5_s);
    for (const auto& [name, draws] : world.streams().draw_counts())
      if (name == "fault/2/strike") return draws;
    return std::uint64_t{0};
  };
  EXPECT_GT(draws_of_second(true), 0U);
  EXPECT_EQ(draws_of_second(true), draws_of_second(false));
}

}  // namespace
}  // namespace tidemark::sim::test
