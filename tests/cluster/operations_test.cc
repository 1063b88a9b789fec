// What an operation or a second life does to the cluster, beyond being valid: the protocol really went through it.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/types/null_observer.h"
#include "scenarios/loader.h"
#include "scenarios/run/runner.h"

namespace tidemark {
namespace {

constexpr const char* kScenario = R"(
[scenario]
name = "operation"
description = "One operation under load."
duration = "12 s"

[[database]]
name = "shop"
primary = "IAD"
replicas = ["SJC", "FRA"]

[workload]
kind = "append"
clients = 6
arrival = "closed"
think_time = "100 ms"
)";

/// Ground truth, as far as these tests ask.
class Witness final : public model::NullObserver {
 public:
  struct Leader {
    std::uint32_t host = 0;
    std::uint32_t epoch = 0;
  };
  void on_commit(std::uint32_t, const model::EntryRef& entry) override {
    most_frames = std::max(most_frames, entry->frames().size());
    restores += entry->kind() == model::EntryKind::kRestore;
    const bool by_setup = entry->bookmark().sequence < 5;
    const bool transaction = entry->kind() == model::EntryKind::kTransaction && !by_setup;
    whole_images += transaction && entry->frames().size() >= entry->database_pages();
  }
  void on_checkpoint(std::uint32_t, std::uint32_t node, bool, const model::Bookmark&) override {
    checkpointed.insert(node);
  }
  void on_replica_boot(std::uint32_t, std::uint32_t replica, const model::Bookmark&,
                       const model::PageReader&) override {
    booted.push_back(replica);
  }
  void on_published(std::uint32_t, std::uint32_t replica, const model::EntryRef& entry,
                    const model::PageReader&) override {
    shown[replica] = entry->bookmark();
  }
  void on_follower_set(std::uint32_t, std::span<const std::uint32_t> set) override {
    followers.assign(set.begin(), set.end());
  }
  void on_leader(std::uint32_t, std::uint32_t host, std::uint32_t epoch, const model::Bookmark&) override {
    leaders.push_back({host, epoch});
  }

  std::size_t most_frames = 0;
  std::size_t whole_images = 0;  // transactions after the setup that write every page of the database
  std::size_t restores = 0;
  std::set<std::uint32_t> checkpointed;
  std::vector<std::uint32_t> booted;
  std::map<std::uint32_t, model::Bookmark> shown;
  std::vector<std::uint32_t> followers;
  std::vector<Leader> leaders;
};

class Operation : public testing::Test {
 protected:
  /// One valid run with this [[fault]] at 3 s.
  void run(const std::string& fault) {
    const std::string text = fmt::format("{}\n[[fault]]\nwhen = \"3 s\"\n{}\n", kScenario, fault);
    const scenarios::LoadResult loaded = scenarios::load_scenario(text, "operation.toml", setting);
    ASSERT_TRUE(loaded.ok()) << text << loaded.diagnostics.text();
    scenarios::RunRequest request{loaded.scenario, 1, "", ""};
    request.observer = &truth;
    result = scenarios::run_scenario(request);
    for (const checkers::Verdict& verdict : result.verdicts)
      EXPECT_EQ(verdict.validity, checkers::Validity::kValid) << verdict.name << ": " << verdict.witness;
    ASSERT_EQ(result.faults.size(), 1U);
    EXPECT_GT(result.faults.front().effects, 0U);
  }
  std::uint32_t id(const std::string& name) const {
    for (const model::NodeInfo& node : result.nodes)
      if (node.name == name) return node.process;
    ADD_FAILURE() << "no node " << name;
    return 0;
  }
  std::size_t boots(const std::string& name) const {
    return static_cast<std::size_t>(std::count(truth.booted.begin(), truth.booted.end(), id(name)));
  }
  std::vector<std::string> setting;
  Witness truth;
  scenarios::RunResult result;
};

TEST_F(Operation, AReplacedFollowerLeavesTheSetForASpare) {
  run("kind = \"M1\"\ntarget = \"shop/follower-2\"");
  EXPECT_EQ(std::count(truth.followers.begin(), truth.followers.end(), id("shop/follower-2")), 0);
  EXPECT_EQ(std::count(truth.followers.begin(), truth.followers.end(), id("shop/follower-6")), 1);
}

TEST_F(Operation, AHandOverMovesThePrimaryToTheStandby) {
  run("kind = \"M3\"\ntarget = \"primary\"");
  ASSERT_EQ(truth.leaders.size(), 2U);
  EXPECT_EQ(truth.leaders[1].host, id("shop/standby-1"));
}

TEST_F(Operation, AHostThatFailedOverLeadsAgainWhenItIsRoutedBack) {
  run("kind = \"R7\"\ntarget = \"primary\"\nfor = \"6 s\"\nroute_back = \"yes\"");
  ASSERT_EQ(truth.leaders.size(), 3U);
  EXPECT_EQ(truth.leaders[1].host, id("shop/standby-1"));
  EXPECT_EQ(truth.leaders[2].host, id("shop/primary"));
}

TEST_F(Operation, ALostHostNeverLeadsAgain) {
  run("kind = \"R6\"\ntarget = \"primary\"");
  ASSERT_GE(truth.leaders.size(), 2U);
  for (std::size_t i = 1; i < truth.leaders.size(); ++i) EXPECT_EQ(truth.leaders[i].host, id("shop/standby-1"));
}

TEST_F(Operation, ARemovedReplicaIsNotWaitedFor) {
  run("kind = \"M2\"\ntarget = \"shop/replica-SJC\"");
  EXPECT_LT(truth.shown[id("shop/replica-SJC")], truth.shown[id("shop/replica-FRA")]);
}

TEST_F(Operation, TheLastReplicaMayBeRemoved) {
  setting = {"database.shop.replicas=[\"SJC\"]"};
  run("kind = \"M2\"\ntarget = \"shop/replica-SJC\"");
}

TEST_F(Operation, AnAddedReplicaBootsAndShowsEverything) {
  run("kind = \"M2\"\ntarget = \"shop/replica-SJC\"\nchange = \"add\"");
  const std::size_t first = boots("shop/replica-added-1");
  EXPECT_EQ(first + boots("shop/replica-added-2"), 1U);
  const char* const added = first > 0 ? "shop/replica-added-1" : "shop/replica-added-2";
  EXPECT_EQ(truth.shown[id(added)], truth.shown[id("shop/replica-FRA")]);
}

TEST_F(Operation, AReplicaThatMovesBootsAgain) {
  run("kind = \"P10\"\ntarget = \"shop/replica-SJC\"");
  EXPECT_EQ(boots("shop/replica-SJC"), 2U);
}

TEST_F(Operation, APrimaryThatMovesLeadsAgainFromTheLog) {
  run("kind = \"P10\"\ntarget = \"primary\"");
  ASSERT_EQ(truth.leaders.size(), 2U);
  EXPECT_EQ(truth.leaders[1].host, id("shop/primary"));
}

TEST_F(Operation, ASecondLifeOfAReplicaFollowsTheLogWhileTheFirstGoesOn) {
  run("kind = \"P11\"\ntarget = \"shop/replica-SJC\"\nfor = \"6 s\"");
  EXPECT_EQ(boots("shop/replica-SJC-again"), 1U);
  EXPECT_GT(truth.shown[id("shop/replica-SJC-again")], model::Bookmark());
}

/// Both say that they are the same host; whoever gets the next epoch, the other one is fenced off.
TEST_F(Operation, ASecondLifeOfAPrimaryCostsItsLeadAndNothingElse) {
  run("kind = \"P11\"\ntarget = \"primary\"\nfor = \"6 s\"");
  EXPECT_GE(truth.leaders.size(), 2U);
  EXPECT_EQ(result.availability.confirmed_lost, 0U);
}

/// The first life is cut off when the second one reports for it. Its read lease goes on until it runs out, so nobody
/// may be appointed before: the host that reports is not the one that answers reads.
TEST_F(Operation, ASecondLifeDoesNotEndTheLeaseOfTheFirst) {
  const std::string text = std::string(kScenario) + R"(
[[fault]]
kind = "P11"
target = "primary"
when = "3 s"
for = "6 s"

[[fault]]
kind = "N10"
target = "shop/primary"
when = "2990 ms"
for = "3 s"
)";
  const scenarios::LoadResult loaded = scenarios::load_scenario(
      text, "operation.toml",
      {"workload.kind=register", "workload.clients=12", "workload.think_time=20 ms", "workload.read_share=90 %",
       "workload.sessions=first-primary", "scenario.duration=10 s"});
  ASSERT_TRUE(loaded.ok()) << loaded.diagnostics.text();
  for (std::uint64_t seed = 20; seed < 40; ++seed) {
    for (const checkers::Verdict& verdict : scenarios::run_scenario({loaded.scenario, seed, "", ""}).verdicts)
      EXPECT_EQ(verdict.validity, checkers::Validity::kValid) << seed << " " << verdict.name << ": " << verdict.witness;
  }
}

TEST_F(Operation, ADatabaseThatIsMadeAgainLosesItsContentInOneEntry) {
  run("kind = \"M6\"\ntarget = \"primary\"");
  EXPECT_EQ(truth.restores, 1U);
}

TEST_F(Operation, AVacuumWritesEveryPageInOneTransaction) {
  run("kind = \"M7\"\ntarget = \"primary\"\noperation = \"vacuum\"");
  EXPECT_EQ(truth.whole_images, 1U);
}

TEST_F(Operation, AHugeTransactionIsOneEntry) {
  run("kind = \"M7\"\ntarget = \"primary\"\noperation = \"huge-transaction\"");
  EXPECT_GE(truth.most_frames, 400U);
}

TEST_F(Operation, AHugeTransactionAtAReplicaIsForwarded) {
  run("kind = \"M7\"\ntarget = \"shop/replica-SJC\"\noperation = \"huge-transaction\"");
  EXPECT_GE(truth.most_frames, 400U);
}

TEST_F(Operation, ACheckpointIsForcedAtThePrimary) {
  run("kind = \"M7\"\ntarget = \"primary\"");
  EXPECT_EQ(truth.checkpointed.count(id("shop/primary")), 1U);
}

TEST_F(Operation, ACheckpointIsForcedAtAReplica) {
  run("kind = \"M7\"\ntarget = \"shop/replica-SJC\"");
  EXPECT_EQ(truth.checkpointed, (std::set<std::uint32_t>{id("shop/replica-SJC")}));
}

/// Uploads follow each other faster than a replica boots: the leader must not forget at each of them what the replica
/// has not seen in cold storage.
TEST(TinySegments, KeepNoReplicaFromBooting) {
  const scenarios::LoadResult loaded = scenarios::load_scenario(
      kScenario, "tiny.toml",
      {"relay.segment_bytes=8 KiB", "relay.checkpoint_frames=100", "workload.clients=8", "workload.think_time=200 ms",
       "workload.read_share=60 %", "scenario.duration=30 s", "database.shop.write_load=20 /s",
       "database.shop.replicas=[\"SJC\", \"LHR\", \"FRA\"]"});
  ASSERT_TRUE(loaded.ok()) << loaded.diagnostics.text();
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    for (const checkers::Verdict& verdict : scenarios::run_scenario({loaded.scenario, seed, "", ""}).verdicts)
      EXPECT_EQ(verdict.validity, checkers::Validity::kValid) << seed << " " << verdict.name << ": " << verdict.witness;
  }
}

}  // namespace
}  // namespace tidemark
