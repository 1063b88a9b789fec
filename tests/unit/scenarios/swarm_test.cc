// What a seed draws: every knob has values that its key accepts, and a drawn scenario is a function of the seed.
#include "scenarios/swarm.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "scenarios/document.h"
#include "scenarios/registry.h"

namespace tidemark::scenarios {
namespace {

Scenario everything_drawn() {
  Scenario scenario;
  scenario.databases.emplace_back();
  scenario.databases.back().name = "shop";
  scenario.databases.back().primary = "IAD";
  scenario.swarm.topology = scenario.swarm.workload = scenario.swarm.knobs = scenario.swarm.faults = true;
  return scenario;
}

TEST(Swarm, EveryKnobHasValuesThatItsKeyAccepts) {
  for (const SwarmKnob& knob : swarm_knobs()) {
    const Key* key = find_key(knob.table, knob.name);
    ASSERT_NE(key, nullptr) << knob.table << "." << knob.name;
    for (const char* text : {knob.tiny, knob.huge}) {
      KeyValue value;
      std::string error;
      EXPECT_TRUE(read_value(*key, parse_argument_value(text, Place{}), value, error)) << knob.name << ": " << error;
    }
  }
}

TEST(Swarm, EveryKnobIsTinyInSomeRunsAndHugeInOthers) {
  std::map<std::string, std::set<std::string>> seen, wanted;
  for (const SwarmKnob& knob : swarm_knobs()) {
    const Key& key = *find_key(knob.table, knob.name);
    std::set<std::string>& values = wanted[key.path()];
    values.insert(value_text(key, key.get(everything_drawn(), 0)));
    for (const char* text : {knob.tiny, knob.huge}) {
      KeyValue value;
      std::string error;
      ASSERT_TRUE(read_value(key, parse_argument_value(text, Place{}), value, error)) << error;
      values.insert(value_text(key, value));
    }
    EXPECT_GE(values.size(), 2U) << key.path();
  }
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Scenario drawn = draw_scenario(everything_drawn(), seed);
    for (const SwarmKnob& knob : swarm_knobs()) {
      const Key& key = *find_key(knob.table, knob.name);
      seen[key.path()].insert(value_text(key, key.get(drawn, 0)));
    }
  }
  EXPECT_EQ(seen, wanted);
}

TEST(Swarm, TheSameSeedDrawsTheSameScenarioAndAnotherSeedAnother) {
  const Scenario scenario = everything_drawn();
  const Scenario first = draw_scenario(scenario, 7);
  EXPECT_EQ(first.databases.front().primary, draw_scenario(scenario, 7).databases.front().primary);
  std::set<std::string> sites;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    sites.insert(draw_scenario(scenario, seed).databases.front().primary);
  EXPECT_GE(sites.size(), 5U);
}

TEST(Swarm, WhatIsDrawnIsDrawnOnce) {
  const Scenario drawn = draw_scenario(everything_drawn(), 11);
  const Scenario again = draw_scenario(drawn, 11);
  EXPECT_EQ(drawn.databases.front().primary, again.databases.front().primary);
  EXPECT_EQ(drawn.databases.front().replicas, again.databases.front().replicas);
  EXPECT_EQ(knobs_off_default(drawn), knobs_off_default(again));
}

}  // namespace
}  // namespace tidemark::scenarios
