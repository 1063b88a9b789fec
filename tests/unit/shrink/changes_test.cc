// Changes by themselves: what one of them makes of a small scenario.
#include "shrink/changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/loader.h"
#include "shrink/minimal_toml.h"

namespace tidemark::shrink {
namespace {

using scenarios::Scenario;
using testing::ElementsAre;

Scenario scenario_with(const std::string& faults, int operations) {
  std::string text =
      "[scenario]\nname = \"small\"\nduration = \"5 s\"\n[[database]]\nname = \"a\"\nprimary = "
      "\"IAD\"\n[workload]\nkind "
      "= \"append\"\nclients = 1\ncities = [\"IAD\"]\narrival = \"script\"\n" +
      faults;
  for (int i = 0; i < operations; ++i)
    text += "[[operation]]\nclient = 0\nat = \"" + std::to_string(i) + " ms\"\ndo = \"append " + std::to_string(i) +
            " to 1\"\n";
  const scenarios::LoadResult loaded = scenarios::load_scenario(text, "small");
  EXPECT_TRUE(loaded.ok()) << loaded.diagnostics.text();
  return loaded.scenario;
}

std::string fault(const std::string& kind, const std::string& target, const std::string& more) {
  return "[[fault]]\nkind = \"" + kind + "\"\ntarget = \"" + target + "\"\n" + more + "\n";
}

/// What each change makes of it; those that change nothing are left out.
std::vector<Scenario> all(const Scenario& scenario, const std::vector<Change>& changes) {
  std::vector<Scenario> made;
  for (const Change& change : changes) {
    Scenario copy = scenario;
    if (change(copy)) made.push_back(copy);
  }
  return made;
}

TEST(MergedFaults, HitTheTargetsOfBothForTheTimeOfBoth) {
  const Scenario scenario =
      scenario_with(fault("D4", "a/follower-1", "when = \"200 ms\"\nfor = \"50 ms\"\nchance = \"50 %\"\nid = 7") +
                        fault("D4", "a/follower-3", "when = \"120 ms\"\nfor = \"10 ms\"\nid = 9") +
                        fault("P1", "a/primary", "when = \"300 ms\"\nfor = \"10 ms\""),
                    1);
  const std::vector<Scenario> made = all(scenario, merged_faults(scenario));
  ASSERT_EQ(made.size(), 2U) << "with its parameters and without; the kill is of another kind";
  ASSERT_EQ(made[0].faults.size(), 2U);
  const sim::FaultRequest& merged = made[0].faults[0];
  EXPECT_THAT(merged.targets, ElementsAre("a/follower-1", "a/follower-3"));
  EXPECT_EQ(merged.start.after, sim::Duration::milliseconds(120));
  EXPECT_EQ(merged.duration, sim::Duration::milliseconds(130));
  EXPECT_EQ(merged.id, 7U);
  EXPECT_FALSE(merged.parameters.empty());
  EXPECT_TRUE(made[1].faults[0].parameters.empty());
  EXPECT_TRUE(scenarios::load_scenario(minimal_toml(made[0]), "merged").ok());
}

TEST(MergedFaults, LeaveAloneWhatWaitsForATrigger) {
  const Scenario scenario = scenario_with(fault("P1", "a/primary", "when = \"bookmark 2 of a\"\nfor = \"10 ms\"") +
                                              fault("P1", "a/follower-1", "when = \"300 ms\"\nfor = \"10 ms\""),
                                          1);
  EXPECT_TRUE(all(scenario, merged_faults(scenario)).empty());
}

TEST(EarlierTriggers, CountTowardsOneAndTakeOperationsOut) {
  const Scenario scenario =
      scenario_with(fault("P1", "a/primary", "when = \"bookmark 4 of a + 5 ms\"\nfor = \"10 ms\""), 4);
  const std::vector<Scenario> made = all(scenario, earlier_triggers(scenario));
  ASSERT_FALSE(made.empty());
  for (const Scenario& one : made) {
    EXPECT_LT(one.faults[0].start.number, 4U);
    EXPECT_EQ(one.faults[0].start.after, sim::Duration::milliseconds(5));
    EXPECT_TRUE(scenarios::load_scenario(minimal_toml(one), "earlier").ok());
  }
  EXPECT_EQ(made.front().faults[0].start.number, 1U);
  EXPECT_EQ(made.front().workload.script.size(), 1U);
  const Scenario first = scenario_with(fault("P1", "a/primary", "when = \"bookmark 1 of a\"\nfor = \"10 ms\""), 4);
  EXPECT_TRUE(all(first, earlier_triggers(first)).empty());
}

TEST(FaultsAtPoints, StrikeWhereTheirVictimPasses) {
  const Scenario scenario = scenario_with(fault("P1", "a/primary", "when = \"200 ms\"\nfor = \"50 ms\"") +
                                              fault("P2", "a/follower-1", "when = \"120 ms\"\nfor = \"10 ms\"") +
                                              fault("D4", "a/follower-3", "when = \"120 ms\"\nfor = \"10 ms\""),
                                          9);
  std::size_t of_primary = 0, of_follower = 0;
  for (const Scenario& one : all(scenario, faults_at_points(scenario))) {
    EXPECT_TRUE(one.faults.size() < 3 || one.workload.script.size() < 9) << "something is taken out in exchange";
    EXPECT_TRUE(scenarios::load_scenario(minimal_toml(one), "point").ok()) << minimal_toml(one);
    for (const sim::FaultRequest& own : one.faults) {
      if (own.start.on != sim::FaultStart::On::kPoint) continue;
      EXPECT_EQ(own.start.subject, own.targets.at(0));
      const bool follower = own.start.word.starts_with("follower.");
      EXPECT_EQ(follower, own.targets.at(0) == "a/follower-1") << own.start.word;
      ++(follower ? of_follower : of_primary);
      EXPECT_NE(own.kind, sim::FaultKind::kD4) << "not an outage: it changes what happens over a time";
    }
  }
  EXPECT_GT(of_primary, 0U);
  EXPECT_GT(of_follower, 0U);
}

}  // namespace
}  // namespace tidemark::shrink
