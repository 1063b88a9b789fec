// Followers and the leader together: what happens to a disk is mended without the database noticing.
#include <gtest/gtest.h>

#include "world.h"

namespace tidemark::model::srs::test {
namespace {

void expect_all_current(World& world) {
  const Bookmark newest = world.leader().committed();
  EXPECT_EQ(world.leader().confirmed(), newest);
  for (std::uint32_t i = 0; i < 5; ++i) {
    EXPECT_EQ(world.follower(i).state(), FollowerState::kMember) << i;
    EXPECT_EQ(world.follower(i).log().durable(), newest) << i;
    EXPECT_EQ(world.follower(i).confirmed(), newest) << i;
  }
  EXPECT_EQ(world.seen.acks_before_durable, 0);
  EXPECT_EQ(world.seen.confirmed_without_quorum, 0);
  EXPECT_EQ(world.seen.confirmed_out_of_order, 0);
}

TEST(FollowerWithLeader, CatchesUpAfterPowerLossOneAfterTheOther) {
  World world;
  world.create_table();
  world.run(1_s);
  for (std::uint32_t i = 0; i < 5; ++i) {
    world.insert();
    World::Node& node = *world.nodes.at(World::kFirstFollowerId + i);
    node.process.crash();
    node.disk->power_loss();
    world.insert_every(10_ms, 5);
    node.process.start();
    world.insert_every(10_ms, 5);
    world.run(3_s);
  }
  world.run(20_s);
  expect_all_current(world);
}

TEST(FollowerWithLeader, IsBuiltAnewAfterItsDiskWasWipedOrItsLogLost) {
  for (const bool wiped : {false, true}) {
    World world;
    world.create_table();
    world.insert_every(100_ms, 150);
    World::Node& node = *world.nodes.at(World::kFirstFollowerId + 2);
    const std::uint64_t generation = world.follower(2).generation();
    node.process.crash();
    if (wiped) {
      node.disk->wipe();
    } else {
      for (const std::string& name : node.disk->list()) {
        if (name.ends_with(".log")) node.disk->empty_file(name);
      }
    }
    node.process.start();
    world.run(1_ms);
    EXPECT_EQ(world.follower(2).state(), wiped ? FollowerState::kBlank : FollowerState::kDamaged);
    world.insert_every(100_ms, 50);
    world.run(20_s);
    EXPECT_GT(world.follower(2).generation(), generation);
    expect_all_current(world);
  }
}

TEST(FollowerWithLeader, ComesBackAfterErrorsOfItsDisk) {
  World world;
  world.create_table();
  world.run(1_s);
  World::Node& node = *world.nodes.at(World::kFirstFollowerId + 1);
  const sim::DiskFaultId fault =
      node.disk->inject(sim::IoErrors{sim::kIoRead | sim::kIoWrite | sim::kIoSync, sim::kAlways / 5},
                        world.streams.stream("test", "errors"));
  world.insert_every(50_ms, 200);
  node.disk->end(fault);
  EXPECT_GT(node.process.incarnation(), 1U);
  world.run(20_s);
  expect_all_current(world);
}

TEST(FollowerWithLeader, CatchesUpOnceItsFullDiskHasRoom) {
  World world;
  world.create_table();
  world.run(1_s);
  World::Node& node = *world.nodes.at(World::kFirstFollowerId + 1);
  const sim::DiskFaultId full = node.disk->inject(sim::NoSpace{60'000}, world.streams.stream("test", "full"));
  world.insert_every(50_ms, 40);
  EXPECT_GT(node.disk->effects(full), 0U);
  EXPECT_NE(world.follower(1).log().last(), world.leader().committed());
  node.disk->end(full);
  world.run(20_s);
  expect_all_current(world);
}

}  // namespace
}  // namespace tidemark::model::srs::test
