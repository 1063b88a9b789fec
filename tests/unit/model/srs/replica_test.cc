#include <gtest/gtest.h>

#include "world.h"

namespace tidemark::model::srs::test {
namespace {

/// Nothing missing, nothing twice, between the boot and the end of the log.
void expect_whole(World& world, std::uint32_t id) {
  const Recorder::Replica& replica = world.seen.replicas[id];
  ASSERT_FALSE(replica.boots.empty());
  const auto first = std::upper_bound(world.seen.committed.begin(), world.seen.committed.end(), replica.boots.back());
  EXPECT_EQ(replica.received, std::vector<Bookmark>(first, world.seen.committed.end()));
  EXPECT_EQ(world.replica(id).visible(), world.leader().committed());
  EXPECT_TRUE(world.same_image(id));
}

TEST(ReplicaLeader, RegistersWhileWritesGoOnAndMissesNothing) {
  WorldOptions options;
  options.relay.segment_period = 300_ms;
  World world(options);
  world.create_table();
  std::vector<std::uint32_t> replicas;
  for (int i = 0; i < 12; ++i) {
    if (i % 2 == 0) replicas.push_back(world.add_replica(i % 4 == 0 ? "FRA" : "SIN"));
    world.insert_every(3_ms, 71);
  }
  EXPECT_TRUE(world.run_idle());
  for (const std::uint32_t id : replicas) expect_whole(world, id);
  EXPECT_EQ(world.seen.published_unconfirmed + world.seen.published_wrong_pages + world.seen.published_wrong_size, 0);
}

TEST(ReplicaLeader, BootsFromSnapshotAndSegments) {
  WorldOptions options;
  options.relay.segment_period = 500_ms;
  options.relay.snapshot_log_percent = 300;
  World world(options);
  world.create_table();
  world.insert_every(10_ms, 600, 700);
  world.run(50_s);
  const std::vector<std::string> keys = world.store.keys("orders/segment/");
  ASSERT_GE(keys.size(), 1U);
  const std::uint32_t id = world.add_replica("SEA");
  world.run(5_s);
  ASSERT_EQ(world.seen.replicas[id].boots.size(), 1U);
  EXPECT_EQ(world.replica(id).boots(), 1U);
  EXPECT_EQ(world.seen.replicas[id].boots.front(), world.seen.segments.back());
  expect_whole(world, id);
}

TEST(ReplicaLeader, HidesEntriesUntilTheyAreConfirmed) {
  World world;
  world.create_table();
  const std::uint32_t id = world.add_replica("IAD");
  world.run(3_s);
  const Bookmark bookmark = world.insert();
  while (world.replica(id).received() < bookmark) ASSERT_TRUE(world.scheduler.step());
  EXPECT_LT(world.replica(id).visible(), bookmark);
  ReadNote read;
  world.process(id).spawn(note_visible(world.replica(id), bookmark, read));
  EXPECT_FALSE(read.done);
  world.run(1_s);
  EXPECT_TRUE(read.done);
  EXPECT_GE(read.visible, bookmark);
}

TEST(ReplicaLeader, WakesReadersWithoutHeadOfLineBlocking) {
  World world;
  world.create_table();
  const std::uint32_t id = world.add_replica("FRA");
  world.run(3_s);
  Bookmark never = world.leader().committed();
  never.epoch = 9;
  ReadNote far, near;
  world.process(id).spawn(note_visible(world.replica(id), never, far));
  world.process(id).spawn(note_visible(world.replica(id), world.insert(), near));
  world.run(1_s);
  EXPECT_TRUE(near.done);
  EXPECT_FALSE(far.done);
}

TEST(ReplicaLeader, NeverLetsAPublishOvertake) {
  WorldOptions options;
  options.relay.confirm_flush_period = {};
  options.relay.publish_median = 5_ms;
  options.relay.publish_sigma = 2.0;
  World world(options);
  world.create_table();
  const std::uint32_t id = world.add_replica("FRA");
  world.run(3_s);
  world.insert_every(1_ms, 300);
  EXPECT_TRUE(world.run_idle());
  const auto& published = world.seen.replicas[id].published;
  ASSERT_GT(published.size(), 20U);
  for (std::size_t i = 1; i < published.size(); ++i) EXPECT_LT(published[i - 1].bookmark, published[i].bookmark);
  expect_whole(world, id);
}

TEST(ReplicaLeader, GivesOneLagSampleAnEntryWhosePartsAreInOrder) {
  WorldOptions options;
  options.network = {};  // with jitter and slow paths
  World world(options);
  world.create_table();
  const std::uint32_t id = world.add_replica("FRA");
  world.run(3_s);
  const std::size_t before = world.seen.committed.size();
  world.insert_every(7_ms, 300);
  EXPECT_TRUE(world.run_idle());
  const auto& lags = world.seen.replicas[id].lags;
  const sim::Duration floor =
      world.network.sites().floor(world.network.sites().at("IAD"), world.network.sites().at("FRA"));
  std::vector<Bookmark> sampled;
  for (const LagTruth& lag : lags) {
    EXPECT_LE(lag.confirmed, lag.flushed);
    EXPECT_LE(lag.flushed + floor, lag.arrived);
    EXPECT_LE(lag.arrived, lag.complete);
    EXPECT_LT(lag.complete, lag.published);
    EXPECT_EQ(lag.clock_error, lags.front().clock_error);
    sampled.push_back(lag.bookmark);
  }
  const std::vector<Bookmark> expected(world.seen.committed.begin() + static_cast<std::ptrdiff_t>(before),
                                       world.seen.committed.end());
  EXPECT_EQ(sampled, expected);
}

TEST(ReplicaLeader, CheckpointsBothSidesWhileWritesGoOn) {
  WorldOptions options;
  options.relay.checkpoint_frames = 30;
  World world(options);
  world.create_table();
  const std::uint32_t id = world.add_replica("SEA");
  world.run(3_s);
  world.insert_every(6_ms, 800, 900);
  EXPECT_TRUE(world.run_idle());
  EXPECT_GT(world.seen.primary_checkpoints, 5);
  EXPECT_GT(world.seen.replica_checkpoints, 5);
  EXPECT_EQ(world.seen.checkpoints_past_confirmed, 0);
  EXPECT_LT(world.primary().storage.vfs().wal_file().size(), 200U * 4200U);
  EXPECT_LT(world.replica(id).vfs().wal_file().size(), 200U * 4200U);
  expect_whole(world, id);
  EXPECT_EQ(world.seen.published_wrong_pages, 0);
}

TEST(ReplicaLeader, RegistersAgainAfterALostConnection) {
  World world;
  world.create_table();
  const std::uint32_t id = world.add_replica("FRA");
  world.run(3_s);
  world.insert_every(5_ms, 20);
  world.network.reset_between(World::kPrimaryId, id);
  world.insert_every(5_ms, 200);
  EXPECT_TRUE(world.run_idle());
  expect_whole(world, id);
  EXPECT_EQ(world.leader().registered_replicas(), 1U);
}

TEST(ReplicaLeader, BootsAnewAfterACrash) {
  World world;
  world.create_table();
  const std::uint32_t id = world.add_replica("FRA");
  world.run(3_s);
  world.insert_every(5_ms, 100, 900);
  world.process(id).restart(200_ms);
  world.insert_every(5_ms, 200, 900);
  EXPECT_TRUE(world.run_idle());
  EXPECT_EQ(world.seen.replicas[id].boots.size(), 2U);
  EXPECT_EQ(world.replica(id).visible(), world.leader().committed());
  EXPECT_TRUE(world.same_image(id));
}

struct HereIsThePrimary final : Locator {
  std::uint32_t primary_of(std::uint32_t, std::uint32_t) const override { return World::kPrimaryId; }
};

constexpr auto kRegisters = static_cast<std::uint16_t>(MessageType::kRegister);
constexpr auto kRegistereds = static_cast<std::uint16_t>(MessageType::kRegistered);
constexpr auto kAppends = static_cast<std::uint16_t>(MessageType::kAppend);

TEST(ReplicaLeader, TakesNoCopyOfAnOldAnswerForANewOne) {
  for (const std::uint16_t copied : {kRegisters, kRegistereds}) {
    World world;
    world.create_table();
    const std::uint32_t id = world.add_replica("FRA");
    world.network.faults().duplicate(sim::both_ways({World::kPrimaryId}, {id}),
                                     {.copies = 3,
                                      .delay = sim::DurationDistribution::uniform({}, 700_ms),
                                      .types = {copied},
                                      .channel = {kRegisters}},
                                     world.streams.stream("test", "copies"));
    for (int i = 0; i < 20; ++i) {
      world.insert_every(7_ms, 40);
      world.network.reset_between(World::kPrimaryId, id);
    }
    EXPECT_TRUE(world.run_idle());
    EXPECT_EQ(world.seen.replicas[id].boots.size(), 1U);
    EXPECT_LE(world.seen.replicas[id].resumes, 21);
    expect_whole(world, id);
  }
}

/// Writes while the replica is away. What it gets after the answer to its next Register may overtake that answer, and
/// then nothing more comes.
void miss_the_answer(World& world, std::uint32_t id) {
  world.network.block(World::kPrimaryId, id);
  world.network.reset_between(World::kPrimaryId, id);
  world.insert_every(5_ms, 20);
  world.network.unblock(World::kPrimaryId, id);
  const sim::FaultHandle swapped = world.network.faults().reorder(
      {{World::kPrimaryId, id}}, {.most = 1, .types = {kRegistereds, kAppends}}, world.streams.stream("test", "order"));
  world.run(2_s);
  world.network.faults().end(swapped);
}

TEST(ReplicaLeader, AsksAgainForWhatCameBeforeTheAnswer) {
  const HereIsThePrimary here;
  int missed = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    WorldOptions options;
    options.seed = seed;
    options.locator = &here;
    World world(options);
    world.create_table();
    const std::uint32_t id = world.add_replica("FRA");
    world.run(3_s);
    miss_the_answer(world, id);
    missed += world.replica(id).received() < world.leader().committed();
    world.run(60_s);
    expect_whole(world, id);
    EXPECT_EQ(world.seen.replicas[id].boots.size(), 1U);
    EXPECT_LE(world.seen.replicas[id].resumes, 4);
  }
  EXPECT_GT(missed, 0);
}

TEST(ReplicaLeader, IsNotForgottenForACopyOfItsFirstRegister) {
  WorldOptions options;
  options.relay.segment_period = 300_ms;
  options.relay.tail_bytes = 10'000;
  World world(options);
  world.create_table();
  const std::uint32_t id = world.add_replica("FRA");
  world.network.faults().duplicate(
      {{id, World::kPrimaryId}},
      {.delay = sim::DurationDistribution::constant(25_s), .types = {kRegisters}, .channel = {kRegisters}},
      world.streams.stream("test", "copies"));
  world.insert_every(100_ms, 300);
  EXPECT_TRUE(world.run_idle());
  EXPECT_EQ(world.leader().registered_replicas(), 1U);
  expect_whole(world, id);
}

World& busy(World& world, std::uint32_t& id) {
  world.create_table();
  id = world.add_replica("FRA");
  world.insert_every(4_ms, 400, 3000);
  return world;
}

TEST(ReplicaBugs, F1AndF2ShowUnconfirmedEntries) {
  for (const Bug which : {Bug::kF1, Bug::kF2}) {
    WorldOptions options;
    options.bugs = bug(which);
    options.network.base_scale = 1;
    World world(options);
    world.create_table();
    world.add_replica("IAD");
    world.run(3_s);
    for (int i = 0; i < 400; ++i) {
      world.insert(3000);
      world.run(300_us);
    }
    EXPECT_GT(world.seen.published_unconfirmed, 0) << static_cast<int>(which);
    EXPECT_TRUE(world.run_idle());
  }
}

TEST(ReplicaBugs, F8LosesWhatWasWrittenDuringTheBoot) {
  WorldOptions options;
  options.bugs = bug(Bug::kF8);
  World world(options);
  std::uint32_t id = 0;
  busy(world, id);
  world.run(1_s);
  EXPECT_TRUE(world.replica(id).ready());
  EXPECT_FALSE(world.same_image(id));
}

TEST(ReplicaBugs, F10ShowsTheMiddleOfATransaction) {
  WorldOptions options;
  options.bugs = bug(Bug::kF10);
  World world(options);
  std::uint32_t id = 0;
  busy(world, id);
  EXPECT_GT(world.seen.published_wrong_pages + world.seen.published_wrong_size, 0);
}

TEST(ReplicaBugs, L1StampsLagBeforeTheConfirmCame) {
  WorldOptions options;
  options.bugs = bug(Bug::kL1);
  World world(options);
  std::uint32_t id = 0;
  busy(world, id);
  world.run(1_s);
  const auto& lags = world.seen.replicas[id].lags;
  ASSERT_FALSE(lags.empty());
  EXPECT_LT(lags.back().published, lags.back().arrived);
}

TEST(ReplicaBugs, G5LetsReadersGoTooEarly) {
  WorldOptions options;
  options.bugs = bug(Bug::kG5);
  World world(options);
  world.create_table();
  const std::uint32_t id = world.add_replica("FRA");
  world.run(3_s);
  const Bookmark bookmark = world.insert();
  ReadNote read;
  world.process(id).spawn(note_visible(world.replica(id), bookmark, read));
  world.run(3_s);
  EXPECT_TRUE(read.done);
  EXPECT_LT(read.visible, bookmark);
}

TEST(ReplicaBugs, G22LosesAWakeUp) {
  int stuck = 0;
  for (const bool on : {false, true}) {
    WorldOptions options;
    if (on) options.bugs = bug(Bug::kG22);
    World world(options);
    world.create_table();
    const std::uint32_t id = world.add_replica("FRA");
    world.run(3_s);
    std::vector<ReadNote> reads(200);
    const Bookmark bookmark = world.insert();
    for (ReadNote& read : reads) {
      world.process(id).spawn(note_visible(world.replica(id), bookmark, read));
      world.run(500_us);
    }
    EXPECT_TRUE(world.run_idle());
    stuck =
        static_cast<int>(std::count_if(reads.begin(), reads.end(), [](const ReadNote& read) { return !read.done; }));
    EXPECT_EQ(stuck > 0, on);
  }
}

TEST(StorageBugs, C1C2AndD1ShowAtTheSeam) {
  for (const Bug which : {Bug::kCount, Bug::kC1, Bug::kC2, Bug::kD1}) {
    WorldOptions options;
    if (which != Bug::kCount) options.bugs = bug(which);
    options.relay.checkpoint_frames = 30;
    World world(options);
    world.create_table();
    world.add_replica("FRA");
    for (int i = 0; i < 300; ++i) {
      world.insert(5000);
      world.run(sim::Duration::microseconds(i % 10 == 0 ? 20'000 : 100));
    }
    world.run(1_s);
    if (which == Bug::kCount) {
      EXPECT_EQ(world.seen.committed.size(), world.seen.sqlite_frames.size());
      EXPECT_EQ(world.seen.checkpoints_past_confirmed, 0);
      EXPECT_GT(world.seen.primary_checkpoints, 5);
    }
    if (which == Bug::kC1) {
      EXPECT_LT(world.seen.committed.size(), world.seen.sqlite_frames.size());
    }
    if (which == Bug::kC2) {
      EXPECT_GT(world.seen.committed.size(), world.seen.sqlite_frames.size());
    }
    if (which == Bug::kD1) {
      EXPECT_GT(world.seen.checkpoints_past_confirmed, 0);
    }
  }
}

}  // namespace
}  // namespace tidemark::model::srs::test
