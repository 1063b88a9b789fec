// What a campaign tries next.
#include "steer/campaign.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "shipped.h"
#include "steer/plan_text.h"
#include "steer/trial.h"

namespace tidemark::steer {
namespace {

const char* const kSmall = "faults/mistakes/takeovers";

Reached reached_of(std::initializer_list<Cell> cells) {
  Reached reached;
  for (const Cell cell : cells) reached.features.push_back(make_feature(cell, 0));
  return reached;
}

Choice blind(std::uint64_t run) {
  Choice choice;
  choice.run = choice.seed = run;
  return choice;
}

TEST(Collector, ChangesNothing) {
  for (const std::string& name : kScenarios) {
    const scenarios::Scenario scenario = shipped(name);
    const std::string plain = scenarios::run_scenario({scenario, 3, "", ""}).digest;
    Reached reached;
    EXPECT_EQ(run_choice(scenario, blind(3), reached).digest, plain) << name;
    EXPECT_GT(reached.features.size(), 20U) << name;
  }
}

TEST(Collector, SeesTakeoversUnderTheirFaults) {
  const scenarios::Scenario scenario = shipped(kSmall);
  std::set<std::string> names;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Reached reached;
    run_choice(scenario, blind(seed), reached);
    for (const Feature feature : reached.features) names.insert(cell_name(cell_of(feature)));
    for (const Mark& mark : reached.marks) {
      EXPECT_GE(mark.at, sim::Duration{});
      EXPECT_EQ(fault_of(mark.cell), 0);
    }
    EXPECT_FALSE(reached.marks.empty());
  }
  for (const std::string& name : names) EXPECT_EQ(name.find('?'), std::string::npos) << name;
  EXPECT_EQ(names.count("follower | leader sealing | promise | N19 replay"), 1U);
  EXPECT_EQ(names.count("host | serving | lead | N19 replay"), 1U);
  EXPECT_EQ(names.count("host | serving | commit | N19 replay"), 1U);
}

TEST(Campaign, AMutatedRunIsReproducible) {
  const scenarios::Scenario scenario = shipped("faults/mistakes/swarm");
  Campaign campaign(scenario);
  std::size_t mutated = 0;
  std::set<Way> ways;
  for (std::uint64_t run = 1; run <= 40; ++run) {
    const Choice choice = campaign.choose(run);
    Reached reached, again;
    const std::string digest = run_choice(scenario, choice, reached).digest;
    ways.insert(choice.way);
    if (choice.plan) {
      ++mutated;
      EXPECT_EQ(run_choice(scenario, parse_choice(choice_text(choice)), again).digest, digest);
      EXPECT_EQ(again.features, reached.features);
      EXPECT_NE(choice.parent, 0U);
      EXPECT_FALSE(choice.how.empty());
    } else {
      EXPECT_EQ(choice.seed, run);
    }
    campaign.take(choice, reached, false);
  }
  EXPECT_GT(mutated, 20U);
  EXPECT_GE(ways.size(), 4U);
}

TEST(Campaign, IsAFunctionOfWhatItWasTold) {
  const scenarios::Scenario scenario = shipped(kSmall);
  Campaign first(scenario), second(scenario);
  for (std::uint64_t run = 1; run <= 25; ++run) {
    const Choice a = first.choose(run), b = second.choose(run);
    ASSERT_EQ(choice_text(a), choice_text(b));
    second.choose(run + 500);  // asking changes nothing
    Reached reached;
    run_choice(scenario, a, reached);
    first.take(a, reached, false);
    second.take(b, reached, false);
  }
  EXPECT_EQ(first.cells(), second.cells());
}

TEST(Campaign, KeepsAShareOfBlindSeeds) {
  const scenarios::Scenario scenario = shipped(kSmall);
  Campaign campaign(scenario);
  campaign.take(blind(1), reached_of({1}), false);
  std::map<Way, int> ways;
  for (std::uint64_t run = 2; run < 402; ++run) ++ways[campaign.choose(run).way];
  EXPECT_GT(ways[Way::kBlind], 70);
  EXPECT_LT(ways[Way::kBlind], 140);
  EXPECT_GT(ways[Way::kPack], ways[Way::kGraft]);
  for (const Way way : {Way::kVary, Way::kCrowd, Way::kGraft}) EXPECT_GT(ways[way], 10);
}

TEST(Campaign, PrefersEntriesWithRareFeatures) {
  const scenarios::Scenario scenario = shipped(kSmall);
  Campaign campaign(scenario);
  campaign.take(blind(1), reached_of({1, 2, 3}), false);
  campaign.take(blind(2), reached_of({1, 2, 3, 4}), false);
  for (std::uint64_t run = 3; run <= 40; ++run) campaign.take(blind(run), reached_of({1, 2, 3}), false);
  EXPECT_EQ(campaign.corpus(), 2U);
  std::map<std::uint64_t, int> parents;
  for (std::uint64_t run = 1000; run < 1200; ++run) ++parents[campaign.choose(run).parent];
  EXPECT_GT(parents[2], 100);
  EXPECT_LT(parents[1], 10);
}

TEST(Campaign, TurnsFromAnEntryThatWasTriedOften) {
  const scenarios::Scenario scenario = shipped(kSmall);
  Campaign campaign(scenario);
  campaign.take(blind(1), reached_of({1}), false);
  campaign.take(blind(2), reached_of({2}), false);
  for (std::uint64_t run = 3; run <= 22; ++run) {
    Choice child = blind(run);
    child.parent = 1;
    campaign.take(child, {}, false);
  }
  std::map<std::uint64_t, int> parents;
  for (std::uint64_t run = 1000; run < 1200; ++run) ++parents[campaign.choose(run).parent];
  EXPECT_GT(parents[2], 5 * parents[1]);
}

TEST(Campaign, FailuresAreNoEntriesButCount) {
  const scenarios::Scenario scenario = shipped(kSmall);
  Campaign campaign(scenario);
  campaign.take(blind(1), reached_of({1, 2}), true);
  EXPECT_EQ(campaign.corpus(), 0U);
  EXPECT_EQ(campaign.cells(), 2U);
  campaign.take(blind(2), reached_of({1, 2}), false);
  EXPECT_EQ(campaign.corpus(), 0U) << "nothing in it is new";
  campaign.take(blind(3), reached_of({1, 2, 3}), false);
  EXPECT_EQ(campaign.corpus(), 1U);
  ASSERT_EQ(campaign.map().size(), 3U);
  EXPECT_EQ(campaign.map().front().cell, 3U);
  EXPECT_EQ(campaign.map().front().first, 3U);
  EXPECT_EQ(campaign.map().back().runs, 3U);
}

TEST(Campaign, LearnsByWhichWayNewFeaturesCome) {
  const scenarios::Scenario scenario = shipped(kSmall);
  Campaign campaign(scenario);
  campaign.take(blind(1), reached_of({1}), false);
  Cell next = 10;
  for (std::uint64_t run = 2; run < 40; ++run) {
    Choice choice = blind(run);
    choice.way = run % 2 == 0 ? Way::kVary : Way::kPack;
    Reached reached;
    for (int i = 0; i < 300 && choice.way == Way::kVary; ++i) reached.features.push_back(make_feature(next++, 0));
    campaign.take(choice, reached, false);
  }
  std::map<Way, int> ways;
  for (std::uint64_t run = 1000; run < 1100; ++run) ++ways[campaign.choose(run).way];
  EXPECT_GT(ways[Way::kVary], 2 * ways[Way::kPack]);
}

}  // namespace
}  // namespace tidemark::steer
