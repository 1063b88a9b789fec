// Drawn plans obey the budget, write and read back, and run to the same digest whether drawn or read.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "fake_world.h"
#include "sim/nemesis/draw.h"

namespace tidemark::sim::test {
namespace {

FaultSpec swarm_spec() {
  FaultSpec spec;
  spec.phase = 20_s;
  spec.swarm.emplace();
  spec.swarm->takeover_phases = {"sealing", "copying"};
  FaultRequest kills;
  kills.kind = FaultKind::kP2;
  kills.targets = {"followers:1"};
  kills.every = 2_s;
  kills.duration = 1_s;
  spec.requests.push_back(kills);
  FaultRequest exact;
  exact.kind = FaultKind::kN10;
  exact.targets = {"db-a/follower-1"};
  exact.start.after = 3_s;
  spec.requests.push_back(exact);
  return spec;
}

FaultPlan read_back(const FaultPlan& plan) {
  FaultPlan back;
  back.phase = plan.phase;
  back.beyond_budget = plan.beyond_budget;
  for (const Fault& fault : plan.faults) {
    std::string problem;
    const std::optional<Fault> read = from_fields(to_fields(fault), problem);
    RC_ASSERT(read.has_value());
    back.faults.push_back(*read);
  }
  return back;
}

RC_GTEST_PROP(Draw, PlansAreSoundAndWithinTheBudget, (std::uint64_t seed)) {
  static FakeWorld world;
  StreamRegistry streams(seed);
  const DrawnPlan drawn = draw(swarm_spec(), world.topology(), streams);
  RC_ASSERT(drawn.problem.empty());
  RC_ASSERT(!drawn.plan.faults.empty());
  RC_ASSERT(problem_of(drawn.plan, world.topology()).empty());
  RC_ASSERT(!FaultBudget().check(drawn.plan, world.topology()).has_value());
  RC_ASSERT(read_back(drawn.plan) == drawn.plan);
  StreamRegistry again(seed);
  RC_ASSERT(draw_plan(swarm_spec(), world.topology(), again) == drawn.plan);
}

RC_GTEST_PROP(Draw, PlansBeyondTheBudgetAreSoundToo, (std::uint64_t seed)) {
  static FakeWorld world;
  FaultSpec spec = swarm_spec();
  spec.beyond_budget = true;
  StreamRegistry streams(seed);
  const DrawnPlan drawn = draw(spec, world.topology(), streams);
  RC_ASSERT(problem_of(drawn.plan, world.topology()).empty());
  RC_ASSERT(drawn.left_out == 0U);
  RC_ASSERT(read_back(drawn.plan) == drawn.plan);
}

struct Outcome {
  Digest128 digest;
  std::uint64_t events = 0;
  std::vector<std::uint64_t> effects;
  bool alive = true;
};
Outcome run(const FaultPlan& plan, std::uint64_t seed) {
  FakeWorld world({.seed = seed, .hosts = 2});
  Nemesis nemesis(world);
  nemesis.arm(plan);
  world.run(plan.phase);
  nemesis.heal_all();
  world.run(plan.phase + 20_s);
  Outcome outcome;
  outcome.digest = world.scheduler().digest();
  outcome.events = world.scheduler().events();
  std::set<std::string> gone;
  for (const FaultReport& report : nemesis.reports()) {
    outcome.effects.push_back(report.effects);
    if (report.kind == FaultKind::kR6) gone.insert(report.targets.begin(), report.targets.end());
  }
  for (const TopologyNode& node : world.topology().nodes)
    outcome.alive = outcome.alive && (world.process(node.process).running() || gone.count(node.name) > 0);
  return outcome;
}

TEST(Draw, ARunIsTheSameWhetherItsPlanIsDrawnOrRead) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    FakeWorld world;
    StreamRegistry streams(seed);
    FaultSpec spec = swarm_spec();
    spec.phase = 5_s;
    spec.beyond_budget = seed % 2 == 0;
    const FaultPlan plan = draw_plan(spec, world.topology(), streams);
    const Outcome drawn = run(plan, seed);
    const Outcome read = run(read_back(plan), seed);
    EXPECT_EQ(drawn.digest, read.digest) << "seed " << seed;
    EXPECT_EQ(drawn.effects, read.effects) << "seed " << seed;
    EXPECT_TRUE(drawn.alive) << "seed " << seed;
  }
}

TEST(Draw, TheSwarmFindsEveryKind) {
  FakeWorld world;
  std::set<FaultKind> kinds;
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    StreamRegistry streams(seed);
    FaultSpec spec = swarm_spec();
    spec.requests.clear();
    for (const Fault& fault : draw_plan(spec, world.topology(), streams).faults) kinds.insert(fault.kind);
  }
  for (const FaultKindInfo& row : fault_kinds())
    if (row.injectable()) {
      EXPECT_EQ(kinds.count(row.kind), 1U) << row.id << " " << row.name;
    }
}

FaultPlan swarm_of(std::vector<FaultKind> kinds, std::uint64_t seed) {
  FakeWorld world;
  StreamRegistry streams(seed);
  FaultSpec spec = swarm_spec();
  spec.requests.clear();
  spec.swarm->kinds = std::move(kinds);
  spec.swarm->kinds_in_play = 1;  // next to never: then all kinds that were asked for are
  spec.swarm->on_triggers = 0;
  return draw_plan(spec, world.topology(), streams);
}

TEST(Draw, ACompanionBeginsWhileItsFaultLasts) {
  std::size_t together = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const FaultPlan plan = swarm_of({FaultKind::kN22, FaultKind::kN20}, seed);
    EXPECT_LE(plan.faults.size(), SwarmRequest().most);
    for (const Fault& fault : plan.faults) {
      if (fault.kind != FaultKind::kN22) continue;
      const Instant begin = Instant{} + fault.start.after;
      for (const Fault& other : plan.faults) {
        const Instant at = Instant{} + other.start.after;
        together += other.kind == FaultKind::kN20 && other.targets == fault.targets && at >= begin &&
                    at < begin + fault.duration;
      }
    }
  }
  EXPECT_GT(together, 100U);
}

TEST(Draw, NoCompanionIsOfAKindThatWasNotAskedFor) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed)
    for (const Fault& fault : swarm_of({FaultKind::kN22}, seed).faults) EXPECT_EQ(fault.kind, FaultKind::kN22);
}

TEST(Draw, AnImpossibleRequestIsAProblemWithItsNumber) {
  FakeWorld world;
  FaultSpec spec;
  spec.phase = 1_s;
  spec.requests.resize(2);
  spec.requests[0].kind = FaultKind::kP1;
  spec.requests[0].targets = {"primary"};
  spec.requests[1].kind = FaultKind::kD4;
  spec.requests[1].targets = {"client-1"};
  StreamRegistry streams(1);
  EXPECT_EQ(draw(spec, world.topology(), streams).problem,
            "request 2: \"client-1\" is a client; this kind hits: primary, follower, replica");
}

}  // namespace
}  // namespace tidemark::sim::test
