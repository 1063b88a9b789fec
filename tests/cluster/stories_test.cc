// Every shipped story of faults: it is valid, each of its faults strikes and changes something, and it is about what it
// says. And the stories can fail: planted mistakes are seen by the checkers that a reader would expect.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "scenarios/loader.h"
#include "scenarios/run/runner.h"
#include "scenarios/shipped.h"
#include "story_witness.h"

namespace tidemark {
namespace {

constexpr std::uint64_t kSeeds = 3;

scenarios::Scenario load_story(const std::string& name, const std::vector<std::string>& overrides = {}) {
  std::string error;
  const auto found = scenarios::find_scenario("faults/" + name, error);
  EXPECT_TRUE(found.has_value()) << error;
  scenarios::LoadResult loaded = scenarios::load_scenario(found->text, found->file, overrides);
  EXPECT_TRUE(loaded.ok()) << loaded.diagnostics.text();
  return loaded.scenario;
}

/// A run and what was seen in it.
struct Told {
  scenarios::RunResult result;
  StoryWitness seen;

  const scenarios::Availability& figures() const { return result.availability; }
  std::string name(std::uint32_t process) const {
    const auto node = std::find_if(result.nodes.begin(), result.nodes.end(),
                                   [&](const model::NodeInfo& info) { return info.process == process; });
    return node == result.nodes.end() ? "?" : node->name;
  }
  std::string leader(std::size_t reign) const {
    return reign < seen.reigns.size() ? name(seen.reigns[reign].host) : "nobody";
  }
  std::string last_leader() const { return leader(seen.reigns.size() - 1); }
  /// What the only process that the fault hit was doing.
  std::string struck_in(std::size_t fault) const {
    const auto& phases = result.faults.at(fault).phases;
    return phases.size() == 1 ? phases.front().phase : "?";
  }
  std::uint64_t boots(const std::string& replica) const {
    std::uint64_t count = 0;
    for (const auto& [process, boots] : seen.boots)
      if (name(process) == replica) count += boots;
    return count;
  }
};

Told tell(const scenarios::Scenario& scenario, std::uint64_t seed) {
  Told told;
  scenarios::RunRequest request{scenario, seed, "", "", nullptr, nullptr};
  request.observer = &told.seen;
  request.events = &told.seen;
  told.result = scenarios::run_scenario(request);
  return told;
}

/// The old leader left a tail that exactly so many followers held, at most; nobody was told that it had succeeded.
void expect_tail_on(const Told& told, std::size_t followers) {
  ASSERT_GE(told.seen.reigns.size(), 2U);
  const StoryWitness::Reign& old = told.seen.reigns[0];
  EXPECT_FALSE(old.tail.empty());
  EXPECT_EQ(StoryWitness::most_holders(old), followers);
  EXPECT_GT(told.figures().unknown_outcomes, 0U);
  EXPECT_EQ(told.leader(1), "shop/standby-1");
  // What had a quorum must survive, known to the leader or not.
  const auto without_quorum =
      std::count_if(old.tail.begin(), old.tail.end(), [](const auto& e) { return e.holders < 3; });
  EXPECT_LE(told.figures().unconfirmed_dropped, static_cast<std::uint64_t>(without_quorum));
}

void expect_nobody_noticed(const Told& told) {
  EXPECT_EQ(told.figures().unknown_outcomes, 0U);
  EXPECT_EQ(told.figures().without_primary, sim::Duration{});
}

struct Story {
  std::string name;
  std::size_t least_reigns = 1;
  std::size_t most_reigns = 1;
  std::function<void(const Told&)> holds = {};
  /// Faults (by id) that change something in most runs only: what they need may be over too soon.
  std::set<std::uint64_t> chancy = {};
  std::uint64_t seeds = kSeeds;
};

sim::Duration seconds(std::int64_t count) {
  return sim::Duration::seconds(count);
}

std::vector<Story> takeovers() {
  return {
      {"tail_on_one", 2, 2, [](const Told& t) { expect_tail_on(t, 1); }},
      {"tail_on_two", 2, 2, [](const Told& t) { expect_tail_on(t, 2); }},
      {"tail_on_three", 2, 2, [](const Told& t) { expect_tail_on(t, 3); }},
      {"zombie_leader", 2, 2,
       [](const Told& t) {
         EXPECT_EQ(t.leader(1), "shop/standby-1");
         EXPECT_EQ(StoryWitness::most_holders(t.seen.reigns[0]), 0U) << "no follower stores what a zombie sends";
         EXPECT_EQ(t.result.faults[0].begin + seconds(8), t.result.faults[0].end);
       }},
      {"paused_leader", 2, 2,
       [](const Told& t) { EXPECT_TRUE(t.seen.reigns[0].successor_served) << "it was still there"; }},
      {"asymmetric_partition", 2, 3,
       [](const Told& t) { EXPECT_EQ(StoryWitness::most_holders(t.seen.reigns[0]), 0U) << "nobody heard it"; }},
      {"control_plane_dead", 2, 2, [](const Told& t) { EXPECT_GT(t.figures().longest_without_primary, seconds(6)); }},
      {"failover_and_failback", 3, 3,
       [](const Told& t) {
         EXPECT_EQ(t.leader(1), "shop/standby-1");
         EXPECT_EQ(t.leader(2), "shop/primary");
       }},
      {"planned_hand_over", 3, 3,
       [](const Told& t) {
         EXPECT_EQ(t.leader(2), "shop/primary");
         EXPECT_EQ(t.figures().unconfirmed_dropped, 0U);
         EXPECT_LT(t.figures().longest_without_primary, seconds(1));
       }},
      {"primary_gone_for_good", 2, 2, [](const Told& t) { EXPECT_EQ(t.last_leader(), "shop/standby-1"); }},
      {"takeover_of_a_takeover", 2, 2,
       [](const Told& t) {
         EXPECT_GE(t.seen.reigns[1].epoch, 5U) << "three takeovers in vain";
         EXPECT_EQ(t.struck_in(1), "sealing");
         EXPECT_EQ(t.struck_in(2), "loading");
         EXPECT_EQ(t.struck_in(3), "copying");
       }},
      {"takeover_every_io", 2, 2},
      {"power_loss_at_a_checkpoint", 2, 2, [](const Told& t) { EXPECT_GE(t.seen.primary_checkpoints, 2U); }},
      {"leader_cut_from_the_quorum", 2, 3,
       [](const Told& t) {
         EXPECT_LE(StoryWitness::most_holders(t.seen.reigns[0]), 2U);
         EXPECT_GT(t.seen.broken_gates, 0U);
         EXPECT_GE(t.figures().longest_wait, seconds(4)) << "until confirm_timeout";
       }},
      {"two_lives_of_one_host", 2, 6},
      {"eviction_and_wake_up", 5, 40,
       [](const Told& t) { EXPECT_GT(t.figures().without_primary, seconds(20)) << "it slept"; }},
      {"flapping_network", 1, 6},
      {"half_open_connections", 1, 4},
      {"messages_from_the_past", 3, 4, {}, {4}},
  };
}

std::vector<Story> disks_and_power() {
  return {
      {"two_followers_lose_power", 1, 1, expect_nobody_noticed},
      {"region_loses_power", 2, 2,
       [](const Told& t) {
         EXPECT_GT(t.figures().longest_without_primary, seconds(6));
         std::size_t followers = 0;
         for (const std::string& target : t.result.faults[0].targets) followers += target.starts_with("shop/follower-");
         EXPECT_GE(followers, 5U);
       }},
      {"torn_log", 1, 1, expect_nobody_noticed, {2, 3, 4}},
      {"forgetful_fsync", 1, 1, expect_nobody_noticed},
      {"follower_disk_full", 1, 1, expect_nobody_noticed},
      {"slow_disk", 1, 1, expect_nobody_noticed},
      {"majority_killed", 1, 1, expect_nobody_noticed},
      {"rot_in_two_logs", 2, 2, [](const Told& t) { EXPECT_GE(t.seen.cuts, 2U) << "both were repaired"; }},
      {"wiped_follower", 2, 2, [](const Told& t) { EXPECT_GE(t.seen.cuts, 2U) << "both began anew"; }},
      {"rolling_restart", 1, 1,
       [](const Told& t) {
         EXPECT_EQ(t.figures().without_primary, sim::Duration{});
         for (const char* replica : {"shop/replica-SJC", "shop/replica-LHR", "shop/replica-FRA"})
           EXPECT_GE(t.boots(replica), 2U) << replica;
       }},
      {"cold_store_gone_for_an_hour",
       2,
       2,
       [](const Told& t) {
         EXPECT_GT(t.figures().longest_without_primary, seconds(25 * 60));
         EXPECT_LT(t.figures().longest_without_primary, seconds(32 * 60));
       },
       {},
       1},
      {"orphan_upload", 2, 2,
       [](const Told& t) { EXPECT_GT(t.seen.segments_without_leader, 0U) << "a follower uploaded"; }},
      {"stale_list_after_ambiguous_put", 2, 2, {}, {1, 2, 4}},
      {"neighbour_with_a_longer_name", 2, 2},
  };
}

std::vector<Story> members_and_clients() {
  return {
      {"follower_replaced_under_failure", 2, 3,
       [](const Told& t) {
         ASSERT_GE(t.seen.followers.size(), 2U);
         EXPECT_EQ(t.seen.followers.back().size(), 5U);
         EXPECT_NE(t.seen.followers.back(), t.seen.followers.front());
       }},
      {"dead_follower_is_replaced", 1, 1,
       [](const Told& t) {
         ASSERT_FALSE(t.seen.followers.empty());
         for (const std::uint32_t follower : t.seen.followers.back()) EXPECT_NE(t.name(follower), "shop/follower-3");
       }},
      {"clock_steps", 2, 2,
       [](const Told& t) {
         EXPECT_LT(t.seen.reigns[1].from.day, t.seen.reigns[0].to.day) << "the day went back, the bookmark did not";
       }},
      {"herd_after_a_stall", 1, 1, [](const Told& t) { EXPECT_GT(t.result.statistics.overloaded, 0U); }},
      {"replica_cut_from_leader", 1, 1, [](const Told& t) { EXPECT_GT(t.result.statistics.bookmark_waits, 0U); }},
      {"replica_boots_under_writes", 1, 1,
       [](const Told& t) {
         for (const char* replica : {"shop/replica-SJC", "shop/replica-LHR"})
           EXPECT_GE(t.boots(replica), 2U) << replica;
         EXPECT_GE(t.boots("shop/replica-FRA"), 1U);
         EXPECT_GT(t.seen.snapshots, 10U);
       }},
      {"replicas_come_and_go", 2, 2,
       [](const Told& t) { EXPECT_GE(t.boots("shop/replica-added-1") + t.boots("shop/replica-added-2"), 1U); }},
      {"restore_under_live_sessions", 1, 1,
       [](const Told& t) {
         EXPECT_EQ(t.seen.restores, 3U) << "the undo is one as well";
         EXPECT_EQ(t.figures().restores, 3U);
       }},
      {"vacuum_and_ddl_under_readers", 1, 1, [](const Told& t) { EXPECT_GT(t.seen.primary_checkpoints, 0U); }},
      {"lost_answer_and_retry", 2, 3, [](const Told& t) { EXPECT_GT(t.figures().unknown_outcomes, 10U); }},
  };
}

std::vector<Story> all_stories() {
  std::vector<Story> all = takeovers();
  for (const auto& group : {disks_and_power(), members_and_clients()})
    all.insert(all.end(), group.begin(), group.end());
  return all;
}

std::string complaints(const Told& told) {
  std::string text;
  for (const checkers::Verdict& verdict : told.result.verdicts)
    if (verdict.validity != checkers::Validity::kValid) text += verdict.name + ": " + verdict.witness + "\n";
  return text;
}

/// The figures against the witness, who counts for himself.
void expect_honest_figures(const Told& told) {
  const scenarios::Availability& a = told.figures();
  EXPECT_TRUE(a.judged);
  EXPECT_EQ(a.confirmed_lost, 0U);
  EXPECT_EQ(a.takeovers + 1, told.seen.reigns.size());
  EXPECT_EQ(a.without_primary, told.seen.without_leader);
  EXPECT_EQ(a.longest_without_primary, told.seen.longest_without_leader);
  EXPECT_GT(a.longest_wait, sim::Duration{});
  std::uint64_t confirmed = 0;
  for (const StoryWitness::Reign& reign : told.seen.reigns) confirmed += reign.confirmed;
  EXPECT_LE(confirmed, a.entries_confirmed);  // the witness does not count what a takeover confirmed
  EXPECT_GT(confirmed, 0U);
}

class AStory : public testing::TestWithParam<Story> {};

TEST_P(AStory, IsValidAndIsAboutWhatItSays) {
  const Story& story = GetParam();
  const scenarios::Scenario scenario = load_story(story.name);
  std::map<std::uint64_t, std::uint64_t> with_effect;
  for (std::uint64_t seed = 1; seed <= story.seeds; ++seed) {
    SCOPED_TRACE(story.name + ", seed " + std::to_string(seed));
    const Told told = tell(scenario, seed);
    EXPECT_EQ(told.result.exit_code({}), 0) << complaints(told);
    EXPECT_GE(told.seen.reigns.size(), story.least_reigns);
    EXPECT_LE(told.seen.reigns.size(), story.most_reigns);
    ASSERT_FALSE(told.result.faults.empty());
    for (const sim::FaultReport& fault : told.result.faults) {
      EXPECT_TRUE(fault.struck()) << "fault " << fault.id;
      with_effect[fault.id] += fault.effects > 0;
    }
    expect_honest_figures(told);
    if (story.holds && told.seen.reigns.size() >= story.least_reigns) story.holds(told);
  }
  for (const auto& [id, runs] : with_effect)
    EXPECT_GE(runs, story.chancy.contains(id) ? 1U : story.seeds) << "fault " << id << " changed nothing";
}

INSTANTIATE_TEST_SUITE_P(Shipped, AStory, testing::ValuesIn(all_stories()),
                         [](const auto& story) { return story.param.name; });

/// Stories are one file each in scenarios/faults/; what is drawn (swarm) or made to catch mistakes has its own tests.
TEST(Stories, EveryShippedOneIsTold) {
  std::set<std::string> shipped;
  for (const scenarios::ShippedScenario& one : scenarios::shipped_scenarios()) {
    const std::string name(one.name);
    const bool drawn = name == "faults/swarm" || name.find("mistakes") != std::string::npos;
    if (name.starts_with("faults/") && !drawn) shipped.insert(name.substr(7));
  }
  std::set<std::string> told;
  for (const Story& story : all_stories()) told.insert(story.name);
  EXPECT_EQ(told, shipped);
  EXPECT_GE(told.size(), 20U);
}

/// The number behind `"name":` in a line of a history.
std::int64_t number_in(const std::string& line, const std::string& name) {
  const std::size_t at = line.find("\"" + name + "\":");
  return at == std::string::npos ? 0 : std::stoll(line.substr(at + name.size() + 3));
}

TEST(Stories, WhatClientsWaitedForAndNeverLearntIsCountedFromTheirHistory) {
  const std::string path = testing::TempDir() + "stories_history.jsonl";
  const scenarios::Scenario scenario = load_story("tail_on_one");
  const scenarios::RunResult result = scenarios::run_scenario({scenario, 1, path, "", nullptr, nullptr});
  std::uint64_t unknown_writes = 0;
  std::uint64_t unknown_reads = 0;
  std::int64_t longest_ns = 0;
  std::ifstream history(path);
  for (std::string line; std::getline(history, line);) {
    longest_ns = std::max(longest_ns, number_in(line, "complete_ns") - number_in(line, "invoke_ns"));
    if (line.find("\"type\":\"info\"") == std::string::npos) continue;
    ++(line.find("[\"append\",") != std::string::npos ? unknown_writes : unknown_reads);
  }
  EXPECT_GT(unknown_reads, 0U) << "else this tells less";
  EXPECT_GT(unknown_writes, 0U);
  EXPECT_EQ(result.availability.unknown_outcomes, unknown_writes);
  EXPECT_EQ(result.availability.longest_wait, sim::Duration::nanoseconds(longest_ns));
}

/// In these two the pause comes between SQLite's commit and the entry of a transaction, which is made after the
/// successor began: whole, whoever judges it.
TEST(Stories, AFormerLeaderMayMakeAnEntryOfWhatItCommittedBeforeItsPause) {
  const scenarios::Scenario scenario = load_story("paused_leader");
  for (const std::uint64_t seed : {26U, 57U}) {
    const Told told = tell(scenario, seed);
    EXPECT_EQ(told.result.exit_code({}), 0) << "seed " << seed << "\n" << complaints(told);
  }
}

struct Planted {
  const char* story;
  const char* bug;
  const char* seen_by;
};

class AMistakeInAStory : public testing::TestWithParam<Planted> {};

TEST_P(AMistakeInAStory, IsSeen) {
  const Planted& planted = GetParam();
  const scenarios::Scenario scenario = load_story(planted.story, {std::string("bugs=") + planted.bug});
  std::set<std::string> broken;
  for (std::uint64_t seed = 1; seed <= 10 && !broken.contains(planted.seen_by); ++seed)
    for (const checkers::Verdict& verdict : tell(scenario, seed).result.verdicts)
      if (verdict.validity == checkers::Validity::kInvalid) broken.insert(verdict.name);
  EXPECT_THAT(broken, testing::Contains(planted.seen_by));
}

INSTANTIATE_TEST_SUITE_P(Planted, AMistakeInAStory,
                         testing::ValuesIn(std::vector<Planted>{
                             {"tail_on_one", "B1", "FENCE"},
                             {"tail_on_two", "A7", "FENCE"},
                             {"tail_on_three", "B2", "DUR"},
                             {"zombie_leader", "A8", "FENCE"},
                             {"paused_leader", "G17", "ONE"},
                             {"failover_and_failback", "B8", "IMG"},
                             {"two_followers_lose_power", "A1", "Q"},
                             {"region_loses_power", "A1", "Q"},
                             {"leader_cut_from_the_quorum", "H1", "GATE"},
                             {"leader_cut_from_the_quorum", "H10", "ERR"},
                             {"messages_from_the_past", "F5", "LOG"},
                             {"replica_boots_under_writes", "F8", "LOG"},
                             {"replica_cut_from_leader", "G5", "WAIT"},
                             {"restore_under_live_sessions", "E4", "GC"},
                             {"vacuum_and_ddl_under_readers", "C2", "TXN"},
                             {"lost_answer_and_retry", "G14", "sequential"},
                         }),
                         [](const auto& row) { return std::string(row.param.story) + "_" + row.param.bug; });

}  // namespace
}  // namespace tidemark
