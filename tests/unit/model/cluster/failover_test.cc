// Stories about the primary that moves: killed, restarted, handed over, taken for dead, asleep.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <utility>

#include "model/cluster/host_node.h"
#include "model/control/database_control.h"
#include "model/sqlite/database.h"
#include "sim/net/network.h"
#include "story.h"

namespace tidemark::model::testing {
namespace {

using control::DatabaseState;

constexpr char kStandby[] = "db-a/standby-1";
constexpr char kControl[] = "control";

/// What clients were told, and who led.
class Witness final : public ClientObserver {
 public:
  void on_invoke(const ClientInvocation&) override {}
  void on_complete(const ClientOperation& operation) override { ++outcomes[operation.outcome]; }
  std::map<OperationOutcome, int> outcomes;
};

/// A story whose writes are sent while things happen.
class Failover : public ::testing::Test {
 protected:
  explicit Failover(ClusterOptions options = two_replicas()) : story(std::move(options)) {}

  Cluster& cluster() { return story.cluster; }
  sim::Process& process(const std::string& name) { return cluster().process(cluster().find(name)->process); }
  HostNode* host(const std::string& name) { return cluster().host(cluster().find(name)->process); }
  bool serves(const std::string& name) {
    return cluster().primary_host(0) == cluster().find(name)->process && host(name) != nullptr && host(name)->serving();
  }
  bool run_until_serves(const std::string& name, sim::Duration limit = 60_s) {
    const sim::Instant end = cluster().scheduler().now() + limit;
    while (!serves(name) && cluster().scheduler().now() < end) cluster().run(10_ms);
    return serves(name);
  }
  bool settle(sim::Duration limit = 120_s) {
    const sim::Instant end = cluster().scheduler().now() + limit;
    while (!cluster().quiet() && cluster().scheduler().now() < end) cluster().run(20_ms);
    return cluster().quiet();
  }
  /// Sends `count` inserts with quantities from `first` to the primary at once.
  void send_writes(int first, int count) {
    for (int i = 0; i < count; ++i) {
      const int quantity = first + i;
      story.start(
          writes[quantity], cluster().process(cluster().primary_host(0)).name(),
          "INSERT INTO Orders VALUES ('c1', 'o" + std::to_string(quantity) + "', " + std::to_string(quantity) + ")",
          {});
    }
  }
  bool written(int quantity) {
    const std::string where = cluster().process(cluster().primary_host(0)).name();
    const Story::Answer read =
        story.ask(where, "SELECT quantity FROM Orders WHERE quantity = " + std::to_string(quantity), {});
    EXPECT_TRUE(read != nullptr && read->success) << (read == nullptr ? "no answer" : read->error);
    return read != nullptr && read->success && read->results.at(0).rows->rows() == 1;
  }
  /// Every acknowledged write is there.
  void expect_acknowledged_writes_kept() {
    for (const auto& [quantity, pending] : writes) {
      if (pending.answer == nullptr || !pending.answer->success) continue;
      EXPECT_TRUE(written(quantity)) << quantity;
    }
  }

  Story story;
  std::map<int, Story::Pending> writes;
};

TEST_F(Failover, SetupGoesThroughAnAppointmentOfEpochOne) {
  EXPECT_TRUE(serves(kPrimary));
  EXPECT_EQ(host(kPrimary)->epoch(), 1U);
  EXPECT_EQ(cluster().control(0)->state(), DatabaseState::kServing);
  EXPECT_TRUE(cluster().control(0)->record().ever_served);
  EXPECT_EQ(host(kStandby)->phase(), LeaderPhase::kIdle);
}

TEST_F(Failover, AnotherHostServesEveryAcknowledgedWriteWhenThePrimaryDies) {
  const Story::Answer before = story.ask(kPrimary, kInsert, {});
  ASSERT_TRUE(before != nullptr && before->success);
  send_writes(100, 20);
  cluster().run(1_ms);
  process(kPrimary).crash();
  ASSERT_TRUE(run_until_serves(kStandby));
  EXPECT_EQ(host(kStandby)->epoch(), 2U);
  EXPECT_TRUE(written(7));
  expect_acknowledged_writes_kept();
  // A session that read its write from the old primary goes on.
  const Story::Answer after = story.ask(kFrankfurt, kSelect, before->bookmark);
  ASSERT_TRUE(after != nullptr && after->success);
  EXPECT_GE(after->bookmark.bookmark(), before->bookmark.bookmark());
  const Story::Answer more = story.ask(kSydney, "INSERT INTO Orders VALUES ('c9', 'o9', 9)", after->bookmark);
  ASSERT_TRUE(more != nullptr && more->success) << more->error;
  EXPECT_EQ(more->bookmark.bookmark().epoch, 2U);
  process(kPrimary).start();
  EXPECT_TRUE(settle()) << cluster().unfinished();
}

TEST_F(Failover, APrimaryThatRestartsInPlaceLeadsAgainInANewEpoch) {
  send_writes(100, 20);
  cluster().run(3_ms);
  process(kPrimary).restart(200_ms);
  ASSERT_TRUE(run_until_serves(kStandby, 300_ms) || run_until_serves(kPrimary));
  EXPECT_TRUE(serves(kPrimary)) << "a restart is noticed before the silence is";
  EXPECT_EQ(host(kPrimary)->epoch(), 2U);
  expect_acknowledged_writes_kept();
  EXPECT_TRUE(settle()) << cluster().unfinished();
}

TEST_F(Failover, APlannedHandOverLosesNothingAndLeavesNoUnknownOutcome) {
  send_writes(100, 20);
  ASSERT_TRUE(cluster().control(0)->hand_over(cluster().find(kStandby)->process));
  ASSERT_TRUE(run_until_serves(kStandby));
  for (const auto& [quantity, pending] : writes) {
    ASSERT_NE(pending.answer, nullptr) << quantity;
    EXPECT_TRUE(pending.answer->success) << pending.answer->error;
  }
  expect_acknowledged_writes_kept();
  EXPECT_TRUE(settle()) << cluster().unfinished();
  // And home again.
  ASSERT_TRUE(cluster().control(0)->hand_over(cluster().find(kPrimary)->process));
  ASSERT_TRUE(run_until_serves(kPrimary));
  EXPECT_EQ(host(kPrimary)->epoch(), 3U);
  EXPECT_TRUE(settle()) << cluster().unfinished();
}

TEST_F(Failover, AZombieNeitherConfirmsNorAnswersReads) {
  process(kPrimary).pause();
  ASSERT_TRUE(run_until_serves(kStandby));
  Story::Pending read, write;
  // Its requests arrive in the instant in which it wakes up, before it hears of anything.
  process(kPrimary).resume();
  story.start(read, kPrimary, kSelect, {});
  story.start(write, kPrimary, kInsert, {});
  cluster().run(5_s);
  EXPECT_FALSE(read.answer != nullptr && read.answer->success);
  EXPECT_FALSE(write.answer != nullptr && write.answer->success);
  EXPECT_TRUE(serves(kStandby));
  EXPECT_FALSE(written(7));
  EXPECT_EQ(host(kPrimary)->phase(), LeaderPhase::kIdle) << "it has started anew";
  EXPECT_TRUE(settle()) << cluster().unfinished();
}

TEST_F(Failover, ALeaderThatOnlyLostTheControlPlaneKeepsWritesButNotReads) {
  const std::uint32_t control = cluster().find(kControl)->process;
  const std::uint32_t primary = cluster().find(kPrimary)->process;
  cluster().network().block(primary, control);
  cluster().network().block(control, primary);
  for (int i = 0; i < 3000 && host(kPrimary)->leader()->lease_runs(); ++i) cluster().run(1_ms);
  ASSERT_FALSE(host(kPrimary)->leader()->lease_runs());
  Story::Pending read;
  story.start(read, kPrimary, kSelect, {});
  const Story::Answer wrote = story.ask(kPrimary, kInsert, {});
  EXPECT_EQ(read.answer, nullptr) << "a read without a lease";
  ASSERT_TRUE(run_until_serves(kStandby));
  ASSERT_TRUE(wrote != nullptr && wrote->success) << "epochs fence writes, not leases";
  EXPECT_TRUE(written(7));
  cluster().network().unblock(primary, control);
  cluster().network().unblock(control, primary);
  EXPECT_TRUE(settle()) << cluster().unfinished();
}

TEST_F(Failover, AControlPlaneKilledDuringATakeoverGoesOnFromItsRecord) {
  process(kPrimary).crash();
  const sim::Instant end = cluster().scheduler().now() + 30_s;
  while (cluster().control(0)->state() != DatabaseState::kTakingOver && cluster().scheduler().now() < end)
    cluster().run(1_ms);
  ASSERT_EQ(cluster().control(0)->record().epoch, 2U);
  process(kControl).crash();
  cluster().run(100_ms);
  process(kControl).start();
  EXPECT_EQ(cluster().control(0)->record().epoch, 2U);
  ASSERT_TRUE(run_until_serves(kStandby));
  cluster().run(5_s);
  EXPECT_EQ(cluster().control(0)->state(), DatabaseState::kServing);
  process(kPrimary).start();
  EXPECT_TRUE(settle()) << cluster().unfinished();
}

TEST_F(Failover, AControlPlaneKilledWhileAllIsWellChangesNothing) {
  process(kControl).restart(1_s);
  cluster().run(10_s);
  EXPECT_TRUE(serves(kPrimary));
  EXPECT_EQ(host(kPrimary)->epoch(), 1U);
  EXPECT_EQ(cluster().control(0)->state(), DatabaseState::kServing);
}

class ShortReplacement : public Failover {
 protected:
  static ClusterOptions options() {
    ClusterOptions options = two_replicas();
    options.control.replace_after = 3_s;
    return options;
  }
  ShortReplacement() : Failover(options()) {}
};

TEST_F(ShortReplacement, AFollowerThatIsGoneIsReplacedByASpare) {
  ASSERT_TRUE(story.ask(kPrimary, kInsert, {}));
  process("db-a/follower-2").crash();
  cluster().run(20_s);
  const control::DatabaseRecord& record = cluster().control(0)->record();
  EXPECT_EQ(record.version, 2U);
  EXPECT_EQ(record.followers.at(1), cluster().find("db-a/follower-6")->process);
  EXPECT_EQ(host(kPrimary)->leader()->members(), 5U);
  // The newcomer counts: with two more gone there is still a quorum, and a takeover finds everything.
  process("db-a/follower-3").crash();
  process("db-a/follower-4").crash();
  const Story::Answer wrote = story.ask(kPrimary, "INSERT INTO Orders VALUES ('c3', 'o3', 33)", {});
  ASSERT_TRUE(wrote != nullptr && wrote->success);
  process(kPrimary).crash();
  ASSERT_TRUE(run_until_serves(kStandby));
  EXPECT_TRUE(written(7));
  EXPECT_TRUE(written(33));
}

class Evicting : public Failover {
 protected:
  static ClusterOptions options() {
    ClusterOptions options = two_replicas();
    options.control.evict_after = 3_s;
    return options;
  }
  Evicting() : Failover(options()) {}
  /// Through the front door, from a replica.
  Story::Answer write_from_afar(int quantity) {
    return story.ask(kFrankfurt, "INSERT INTO Orders VALUES ('c4', 'o4', " + std::to_string(quantity) + ")", {});
  }
};

TEST_F(Evicting, AnIdleDatabaseSleepsAndTheNextRequestWakesIt) {
  ASSERT_TRUE(write_from_afar(4));
  cluster().run(20_s);
  EXPECT_EQ(cluster().control(0)->state(), DatabaseState::kAsleep);
  EXPECT_EQ(host(kPrimary)->phase(), LeaderPhase::kIdle);
  const std::uint32_t epoch = cluster().control(0)->record().epoch;
  const Story::Answer read = story.ask(kFrankfurt, kSelect, SessionToken::first_primary());
  ASSERT_TRUE(read != nullptr && read->success) << (read == nullptr ? "no answer" : read->error);
  EXPECT_EQ(read->results.at(0).rows->rows(), 1U);
  EXPECT_TRUE(serves(kPrimary));
  EXPECT_EQ(host(kPrimary)->epoch(), epoch + 1);
}

TEST_F(Evicting, AControlPlaneThatRestartsKnowsWhoSleeps) {
  cluster().run(20_s);
  ASSERT_EQ(cluster().control(0)->state(), DatabaseState::kAsleep);
  process(kControl).restart(1_s);
  cluster().run(10_s);
  EXPECT_EQ(cluster().control(0)->state(), DatabaseState::kAsleep);
  ASSERT_TRUE(write_from_afar(5));
  EXPECT_TRUE(serves(kPrimary));
}

/// Counts what only mistakes do.
ClusterOptions with_bug(Bug bug) {
  ClusterOptions options = two_replicas();
  options.bugs.add(bug);
  return options;
}

class OldLeaderAnswersForEver : public Failover {
 protected:
  OldLeaderAnswersForEver() : Failover(with_bug(Bug::kB7)) {}
};

TEST_F(OldLeaderAnswersForEver, WithBugB7AReadAtAPrimaryThatIsCutOffIsStale) {
  const std::uint32_t primary = cluster().find(kPrimary)->process;
  for (const NodeInfo& node : cluster().nodes()) {
    if (node.process == primary) continue;
    cluster().network().block(primary, node.process);
    cluster().network().block(node.process, primary);
  }
  ASSERT_TRUE(run_until_serves(kStandby));
  const Story::Answer wrote = story.ask(kStandby, kInsert, {});
  ASSERT_TRUE(wrote != nullptr && wrote->success);
  const Story::Answer read = story.ask(kPrimary, kSelect, {});
  ASSERT_TRUE(read != nullptr && read->success) << "the mistake";
  EXPECT_EQ(read->results.at(0).rows->rows(), 0U);
}

class OldFilesStay : public Failover {
 protected:
  OldFilesStay() : Failover(with_bug(Bug::kB8)) {}
};

TEST_F(OldFilesStay, WithBugB8AWriteThatNobodyHoldsComesBack) {
  // It reaches SQLite and the disk, and no follower.
  const std::uint32_t primary = cluster().find(kPrimary)->process;
  for (const NodeInfo& node : cluster().nodes()) {
    if (node.role == NodeRole::kFollower) cluster().network().block(primary, node.process);
  }
  send_writes(100, 1);
  cluster().run(50_ms);
  process(kPrimary).crash();
  for (const NodeInfo& node : cluster().nodes()) {
    if (node.role == NodeRole::kFollower) cluster().network().unblock(primary, node.process);
  }
  process(kPrimary).start();
  ASSERT_TRUE(run_until_serves(kPrimary));
  EXPECT_TRUE(written(100)) << "the mistake";
}

class FormerPrimaryAccepts : public Failover {
 protected:
  FormerPrimaryAccepts() : Failover(with_bug(Bug::kG17)) {}
};

TEST_F(FormerPrimaryAccepts, WithBugG17ADeposedPrimaryAcknowledgesAWriteThatIsLost) {
  process(kPrimary).pause();
  ASSERT_TRUE(run_until_serves(kStandby));
  process(kPrimary).resume();
  cluster().run(5_s);
  const Story::Answer wrote = story.ask(kPrimary, kInsert, {});
  ASSERT_TRUE(wrote != nullptr && wrote->success) << "the mistake";
  EXPECT_FALSE(written(7));
}

TEST(FailoverUnderLoad, ClientsGoOnAndSessionsNeverGoBack) {
  ClusterOptions options;
  options.workload.clients = 6;
  Witness witness;
  Cluster cluster(options, {nullptr, &witness});
  ASSERT_EQ(cluster.setup(), sim::RunEnd::kIdle) << cluster.unfinished();
  cluster.run(5_s);
  cluster.process(cluster.find(kPrimary)->process).crash();
  cluster.run(20_s);
  const int before = witness.outcomes[OperationOutcome::kOk];
  cluster.process(cluster.find(kPrimary)->process).start();
  cluster.run(20_s);
  EXPECT_GT(witness.outcomes[OperationOutcome::kOk], before + 50);
  EXPECT_TRUE(cluster.quiesce(60_s)) << cluster.unfinished();
  EXPECT_GT(cluster.primary_relay(0)->committed().epoch, 1U);
}

/// Everything that can fall, falls now and then, never more than two followers at a time; then all is healed.
TEST(FailoverUnderLoad, AStormOfCrashesEndsInAQuietCluster) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    ClusterOptions options;
    options.seed = seed;
    options.workload.clients = 5;
    Cluster cluster(options, {});
    ASSERT_EQ(cluster.setup(), sim::RunEnd::kIdle) << cluster.unfinished();
    const char* const victims[] = {kPrimary, kStandby, kControl, "db-a/follower-1", "db-a/follower-4"};
    sim::RandomStream& random = cluster.streams().stream("storm", "test");
    for (int i = 0; i < 30; ++i) {
      sim::Process& victim = cluster.process(cluster.find(victims[random.below(5)])->process);
      const sim::Duration downtime = 10_ms * static_cast<std::int64_t>(random.below(600));
      if (victim.running() && random.below(3) == 0) {
        victim.pause();
        cluster.run(downtime);
        victim.resume();
      } else if (victim.running()) {
        victim.restart(downtime);
      }
      cluster.run(10_ms * static_cast<std::int64_t>(random.below(400)));
    }
    EXPECT_TRUE(cluster.quiesce(180_s)) << "seed " << seed << ": " << cluster.unfinished();
    EXPECT_GT(cluster.primary_relay(0)->committed().epoch, 1U);
  }
}

}  // namespace
}  // namespace tidemark::model::testing
