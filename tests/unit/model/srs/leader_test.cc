#include <gtest/gtest.h>

#include "world.h"

namespace tidemark::model::srs::test {
namespace {

TEST(OutputGate, StaysClosedUntilThreeFollowersHoldTheEntry) {
  World world;
  world.create_table();
  world.run(50_ms);
  GateNote gate;
  const Bookmark bookmark = world.insert();
  world.process(World::kPrimaryId).spawn(note_gate(world.leader(), bookmark, gate, world.scheduler));
  const auto holders = [&] {
    return std::count_if(world.seen.durable.begin(), world.seen.durable.end(),
                         [&](const auto& d) { return d.second >= bookmark; });
  };
  EXPECT_EQ(holders(), 0);
  while (!gate.done && world.scheduler.step()) {
    if (holders() < 3) {
      EXPECT_FALSE(gate.done);
    }
  }
  EXPECT_TRUE(gate.done);
  EXPECT_EQ(gate.status, GateStatus::kOpen);
  EXPECT_GE(holders(), 3);
  EXPECT_EQ(world.seen.confirmed_without_quorum, 0);
  EXPECT_EQ(world.seen.acks_before_durable, 0);
}

TEST(OutputGate, OpensAtOnceForWhatIsConfirmedAlready) {
  World world;
  world.create_table();
  world.run(1_s);
  GateNote gate;
  world.process(World::kPrimaryId).spawn(note_gate(world.leader(), world.leader().committed(), gate, world.scheduler));
  EXPECT_TRUE(gate.done);
}

TEST(OutputGate, BreaksForGoodWhenTheLeaderFails) {
  World world;
  world.create_table();
  GateNote before, after;
  world.process(World::kPrimaryId)
      .spawn(note_gate(world.leader(), world.leader().committed(), before, world.scheduler));
  world.leader().fail();
  world.run(1_s);
  const Bookmark later = world.insert();
  world.process(World::kPrimaryId).spawn(note_gate(world.leader(), later, after, world.scheduler));
  world.run(1_s);
  EXPECT_TRUE(before.done);
  EXPECT_EQ(before.status, GateStatus::kBroken);
  EXPECT_TRUE(after.done);
  EXPECT_EQ(after.status, GateStatus::kBroken);
  EXPECT_TRUE(world.seen.confirmed.empty());
}

TEST(Leader, ConfirmsPipelinedEntriesInOrderWithoutWaitingBetweenThem) {
  World world;
  world.create_table();
  world.run(50_ms);
  std::vector<GateNote> gates(20);
  const sim::Instant start = world.scheduler.now();
  for (GateNote& gate : gates) {
    world.process(World::kPrimaryId).spawn(note_gate(world.leader(), world.insert(), gate, world.scheduler));
  }
  EXPECT_EQ(world.scheduler.now(), start);
  world.run(10_ms);  // less than twenty quorum round trips one after the other
  for (std::size_t i = 0; i < gates.size(); ++i) {
    EXPECT_TRUE(gates[i].done) << i;
    if (i > 0) {
      EXPECT_GE(gates[i].at, gates[i - 1].at);
    }
  }
  EXPECT_EQ(world.seen.confirmed_out_of_order, 0);
  EXPECT_EQ(world.leader().confirmed(), world.leader().committed());
  EXPECT_TRUE(std::is_sorted(world.seen.committed.begin(), world.seen.committed.end()));
}

TEST(Leader, FlushesConfirmsOnItsGridOnly) {
  World world;
  world.create_table();
  const std::uint32_t id = world.add_replica("FRA");
  world.run(3_s);
  for (int i = 0; i < 200; ++i) {
    world.insert();
    world.run(sim::Duration::microseconds(7'321));
  }
  world.run(1_s);
  const auto& lags = world.seen.replicas[id].lags;
  ASSERT_GE(lags.size(), 200U);
  const std::int64_t period = world.options.relay.confirm_flush_period.ns();
  const std::int64_t phase = lags.front().flushed.ns() % period;
  std::int64_t shortest = period, longest = 0;
  for (const LagTruth& lag : lags) {
    EXPECT_EQ(lag.flushed.ns() % period, phase);
    const std::int64_t wait = (lag.flushed - lag.confirmed).ns();
    EXPECT_LE(wait, period);
    shortest = std::min(shortest, wait);
    longest = std::max(longest, wait);
  }
  EXPECT_LT(shortest, period / 10);
  EXPECT_GT(longest, period * 9 / 10);
}

TEST(Leader, SendsConfirmsAtOnceWithoutAFlushPeriod) {
  WorldOptions options;
  options.relay.confirm_flush_period = {};
  World world(options);
  world.create_table();
  const std::uint32_t id = world.add_replica("FRA");
  world.run(3_s);
  world.insert_every(5_ms, 20);
  world.run(1_s);
  EXPECT_GE(world.seen.replicas[id].lags.size(), 20U);
  for (const LagTruth& lag : world.seen.replicas[id].lags) EXPECT_EQ(lag.flushed, lag.confirmed);
}

TEST(Leader, SchedulesNothingWhenIdle) {
  World world;
  world.create_table();
  world.add_replica("FRA");
  world.insert_every(3_ms, 50);
  EXPECT_TRUE(world.run_idle());
  EXPECT_EQ(world.scheduler.pending(), 0U);
  for (std::uint32_t i = 0; i < 5; ++i) EXPECT_EQ(world.follower(i).confirmed(), world.leader().committed());
}

TEST(Leader, KeepsMemoryFlatByTrimming) {
  WorldOptions options;
  options.relay.segment_period = 1_s;
  World world(options);
  world.create_table();
  world.add_replica("FRA");
  std::size_t most_tail = 0, most_log = 0, most_objects = 0;
  for (int i = 0; i < 60; ++i) {
    world.insert_every(20_ms, 50, 10);
    most_tail = std::max(most_tail, world.leader().retained_entries());
    most_log = std::max(most_log, world.follower(0).log().entries());
    most_objects = std::max(most_objects, world.store.keys().size());
  }
  // 50 entries a second. In the tail what was uploaded in the last 15 s, and two segments; in a follower's log one and
  // what came during its upload.
  EXPECT_LT(most_tail, 900U);
  EXPECT_LT(most_log, 120U);
  EXPECT_LT(most_objects, 30U);
  EXPECT_GT(world.seen.removed, 10);
  EXPECT_EQ(world.seen.segment_gaps, 0);
  EXPECT_TRUE(world.run_idle());
}

TEST(Leader, BringsARestartedFollowerUpToDate) {
  World world;
  world.create_table();
  world.run(50_ms);
  sim::Process& lost = world.process(World::kFirstFollowerId + 2);
  lost.restart(500_ms);
  world.insert_every(10_ms, 100);
  world.run(5_s);
  EXPECT_EQ(world.follower(2).log().durable(), world.leader().committed());
  EXPECT_EQ(world.follower(2).confirmed(), world.leader().committed());
  EXPECT_EQ(world.seen.confirmed_without_quorum, 0);
}

/// Each mistake shows, and the same run without it does not.
struct QuorumCase {
  Bug bug;
  const char* name;
};
class QuorumBugs : public testing::TestWithParam<QuorumCase> {};
TEST_P(QuorumBugs, ConfirmBeforeThreeFollowersAreDurable) {
  for (const bool on : {false, true}) {
    WorldOptions options;
    if (on) options.bugs = bug(GetParam().bug);
    World world(options);
    world.create_table();
    for (int burst = 0; burst < 100; ++burst) {
      for (int i = 0; i < 3; ++i) {
        world.insert(6000);
        world.run(50_us);
      }
      world.run(100_ms);
    }
    EXPECT_TRUE(world.run_idle());
    const int violations = world.seen.confirmed_without_quorum + world.seen.acks_before_durable;
    if (on) {
      EXPECT_GT(violations, 0);
    } else {
      EXPECT_EQ(violations, 0);
    }
  }
}
INSTANTIATE_TEST_SUITE_P(All, QuorumBugs,
                         testing::Values(QuorumCase{Bug::kA1, "A1"}, QuorumCase{Bug::kA2, "A2"},
                                         QuorumCase{Bug::kA4, "A4"}, QuorumCase{Bug::kA5, "A5"}),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(LeaderBugs, A20LeavesIdleFollowersWithoutTheConfirm) {
  WorldOptions options;
  options.bugs = bug(Bug::kA20);
  World world(options);
  world.create_table();
  world.run(10_s);
  EXPECT_NE(world.follower(0).confirmed(), world.leader().committed());
}

TEST(LeaderBugs, F25LeavesTheLastWriteHidden) {
  WorldOptions options;
  options.bugs = bug(Bug::kF25);
  World world(options);
  world.create_table();
  const std::uint32_t id = world.add_replica("FRA");
  world.insert_every(20_ms, 100);
  world.run(30_s);
  EXPECT_LT(world.replica(id).visible(), world.leader().committed());
  EXPECT_EQ(world.replica(id).received(), world.leader().committed());
  EXPECT_GT(world.seen.replicas[id].published.size(), 50U);
}

TEST(LeaderBugs, C16GivesAWriterTheBookmarkBeforeItsOwn) {
  WorldOptions options;
  options.bugs = bug(Bug::kC16);
  World world(options);
  world.create_table();
  const Bookmark told = world.insert();
  EXPECT_LT(told, world.leader().committed());
  world.run(1_s);
  const Bookmark alone = world.insert();
  EXPECT_EQ(alone, world.leader().committed());
}

TEST(LeaderBugs, F7SkipsARangeWhenAReplicaRegistersAgain) {
  for (const bool on : {false, true}) {
    WorldOptions options;
    if (on) options.bugs = bug(Bug::kF7);
    World world(options);
    world.create_table();
    const std::uint32_t id = world.add_replica("FRA");
    world.insert_every(20_ms, 200);
    ASSERT_EQ(world.replica(id).visible().epoch, 1U);
    world.insert();
    for (const auto& connection : world.network.connections()) {
      if (connection.connector == id) world.network.half_open(connection.id, id);  // the leader does not notice
    }
    world.run(5_s);
    EXPECT_EQ(world.replica(id).received() == world.leader().committed(), !on);
    EXPECT_EQ(world.leader().registered_replicas(), 1U);
  }
}

TEST(Leader, ForgetsNothingThatIsNotInColdStorage) {
  WorldOptions options;
  options.relay.segment_period = 60_s;
  options.relay.tail_bytes = 10'000;
  World world(options);
  world.create_table();
  world.insert_every(10_ms, 100);
  EXPECT_EQ(world.leader().retained_entries(), 101U);
  world.run(120_s);
  world.insert_every(10_ms, 2);
  world.run(120_s);
  EXPECT_LE(world.leader().retained_bytes(), 30'000U);
}

}  // namespace
}  // namespace tidemark::model::srs::test
