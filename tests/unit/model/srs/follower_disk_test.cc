// FollowerNode and a disk that spoils, refuses, fills up or comes back with less.
#include <gtest/gtest.h>

#include "member_world.h"
#include "model/srs/cold_format.h"
#include "sim/disk/survivor_modes.h"

namespace tidemark::model::srs::test {
namespace {

TEST(Follower, IsDamagedByARottenEntryAndRepairedByAJoin) {
  MemberWorld world;
  world.write(6);
  ASSERT_TRUE(world.disk.rot("orders.1.log", 3, world.streams.stream("test", "rot")));
  Peer& next = world.greeted();
  next.fetch(1, {}, 64);
  world.run(20_ms);
  ASSERT_EQ(next.fetched.size(), 1U);
  EXPECT_FALSE(next.fetched[0]->ok);
  EXPECT_EQ(world.node().state(), FollowerState::kDamaged);
  EXPECT_EQ(world.leader.acks.back()->state, FollowerState::kDamaged);
  EXPECT_LT(world.seen.durable, world.at(5));
  world.power_cycle();
  world.run(1_s);
  EXPECT_EQ(world.node().state(), FollowerState::kDamaged);
  Peer& leader = world.greeted();
  EXPECT_EQ(leader.acks.back()->state, FollowerState::kDamaged);
  leader.append(1, {world.entries[0]});
  leader.join(1, 2, {}, world.at(5));
  leader.append(1, world.entries);
  world.run(20_ms);
  EXPECT_EQ(world.node().state(), FollowerState::kMember);
  EXPECT_EQ(world.node().generation(), 2U);
  EXPECT_EQ(world.node().log().durable(), world.at(5));
  EXPECT_FALSE(world.disk.exists("orders.1.log"));
}

TEST(Follower, TellsARottenNewestEntryFromATornTailOnceItWasIdle) {
  for (const bool idle : {false, true}) {
    MemberWorld world;
    world.write(3);
    if (idle) world.run(3_s);
    world.process.crash();
    const std::uint64_t end = world.disk.open("orders.1.log").size();
    ASSERT_TRUE(world.disk.rot("orders.1.log", (end - 1) / 512, world.streams.stream("test", "rot")));
    world.process.start();
    world.run(100_ms);
    // Straight after the write the state file does not know yet: the documented limit.
    EXPECT_EQ(world.node().state(), idle ? FollowerState::kDamaged : FollowerState::kMember);
    EXPECT_FALSE(world.has(world.at(2)));
  }
}

TEST(Follower, IsDamagedWhenItsLogIsGoneOrEmptyAndBlankWhenItsStateFileIs) {
  for (const std::string how : {"log lost", "log empty", "state lost", "one sector", "two sectors", "wiped"}) {
    MemberWorld world;
    world.write(3);
    world.leader.seal(4);
    world.run(20_ms);
    world.process.crash();
    sim::RandomStream& random = world.streams.stream("test", "rot");
    FollowerState expected = FollowerState::kDamaged;
    if (how == "log lost") world.disk.lose_file("orders.1.log");
    if (how == "log empty") world.disk.empty_file("orders.1.log");
    if (how == "state lost") world.disk.lose_file("orders.meta");
    if (how == "wiped") world.disk.wipe();
    if (how == "state lost" || how == "wiped") expected = FollowerState::kBlank;
    if (how == "one sector" || how == "two sectors") world.disk.rot("orders.meta", 0, random);
    if (how == "two sectors") world.disk.rot("orders.meta", 1, random);
    if (how == "one sector") expected = FollowerState::kMember;
    world.process.start();
    world.run(20_ms);
    EXPECT_EQ(world.node().state(), expected) << how;
    const bool remembers = how == "log lost" || how == "log empty" || how == "one sector";
    EXPECT_EQ(world.node().promise(), remembers ? 4U : 0U) << how;
    Peer& leader = world.greeted();
    EXPECT_EQ(leader.acks.back()->state, expected) << how;
    if (expected == FollowerState::kMember) continue;
    leader.join(5, 20, {}, {});
    world.run(20_ms);
    EXPECT_EQ(world.node().state(), FollowerState::kMember) << how;
    EXPECT_EQ(world.node().generation(), 20U) << how;
  }
}

TEST(Follower, IsNotHarmedByRepeatedAndReplayedMessages) {
  MemberWorld world;
  world.write(4);
  world.leader.confirm(1, world.at(2));
  world.leader.trim(1, world.at(1));
  world.leader.fetch(1, world.at(1));
  world.leader.seal(1);
  world.run(20_ms);
  Peer& next = world.greeted();
  next.seal(2);
  const std::vector<EntryRef> other = world.maker.run(world.at(2), 2, 3);
  next.append(2, other);
  next.confirm(2, other[1]->bookmark());
  world.run(20_ms);
  const auto check = [&](const char* when) {
    EXPECT_EQ(world.node().state(), FollowerState::kMember) << when;
    EXPECT_EQ(world.node().generation(), 1U) << when;
    EXPECT_EQ(world.node().epoch(), 2U) << when;
    EXPECT_EQ(world.node().log().base(), world.at(1)) << when;
    EXPECT_EQ(world.node().log().durable(), other[2]->bookmark()) << when;
    EXPECT_EQ(world.node().confirmed(), other[1]->bookmark()) << when;
    EXPECT_EQ(world.seen.confirmed_went_back + world.seen.acks_before_durable, 0) << when;
  };
  check("before");
  next.replay();
  world.run(20_ms);
  check("the leader's own, again");
  world.leader.replay();
  world.run(20_ms);
  check("the older leader's, again");
  // And all of it on another connection, in another order.
  Peer& stranger = world.greeted();
  for (const Peer* source : {static_cast<const Peer*>(&next), static_cast<const Peer*>(&world.leader)}) {
    for (std::size_t i = source->sent.size(); i-- > 0;) {
      stranger.sent.push_back(source->sent[i]);
    }
  }
  stranger.replay();
  world.run(20_ms);
  check("reversed");
}

TEST(Follower, MovesItsBaseDurablyBeforeItDropsEntries) {
  MemberWorld world;
  world.write(8);
  world.seen.cold = world.at(5);
  world.leader.trim(1, world.at(5));
  world.run(20_ms);
  EXPECT_EQ(world.node().log().base(), world.at(5));
  EXPECT_EQ(world.node().confirmed(), world.at(5));
  EXPECT_EQ(world.seen.trimmed, world.at(5));
  world.power_cycle();
  world.run(1_s);
  EXPECT_EQ(world.node().state(), FollowerState::kMember);
  EXPECT_EQ(world.node().log().base(), world.at(5));
  EXPECT_EQ(world.node().log().durable(), world.at(7));
  Peer& leader = world.greeted();
  EXPECT_EQ(leader.acks.back()->base, world.at(5));
  leader.trim(1, world.at(7));
  world.run(20_ms);
  world.power_cycle();
  world.run(1_s);
  EXPECT_EQ(world.node().log().entries(), 0U);
  EXPECT_EQ(world.node().log().durable(), world.at(7));
  EXPECT_EQ(world.seen.trims_before_cold, 1);  // the test did not say that 7 is there: the check can fail
}

TEST(Follower, KnowsAfterARestartOfNoLowerConfirmThanBefore) {
  MemberWorld world;
  world.write(4);
  world.leader.confirm(1, world.at(3));
  world.run(20_ms);
  world.restart();
  world.run(20_ms);
  Peer& leader = world.greeted();
  leader.confirm(2, world.at(1));
  world.run(20_ms);
  EXPECT_EQ(world.seen.confirmed_went_back, 0);
  leader.confirm(2, world.at(3));
  world.run(20_ms);
  EXPECT_EQ(world.node().confirmed(), world.at(3));
}

TEST(Follower, AcknowledgesNothingAfterAFailedSyncAndStartsAgain) {
  for (const bool forgetful : {false, true}) {
    MemberWorld world;
    world.write(3);
    const int before = world.seen.acks;
    sim::RandomStream& random = world.streams.stream("test", "errors");
    const sim::DiskFaultId fault = forgetful ? world.disk.inject(sim::ForgetfulSync{}, random)
                                             : world.disk.inject(sim::IoErrors{sim::kIoSync, sim::kAlways}, random);
    const EntryRef entry = world.maker.next(world.at(2), 1);
    world.leader.append(1, {entry});
    world.run(100_ms);
    EXPECT_EQ(world.process.state(), sim::ProcessState::kStopped);
    EXPECT_EQ(world.seen.acks, before);
    world.disk.end(fault);
    world.run(2_s);
    ASSERT_TRUE(world.process.running());
    EXPECT_EQ(world.node().state(), FollowerState::kMember);
    Peer& leader = world.greeted();
    const Bookmark said = leader.acks.back()->bookmark;
    world.power_cycle();
    world.run(1_s);
    EXPECT_TRUE(world.has(world.at(2)));
    EXPECT_TRUE(world.has(said));
  }
}

TEST(Follower, RefusesEntriesWhileTheDiskIsFullAndGoesOnLater) {
  MemberWorld world;
  world.write(2);
  const sim::DiskFaultId full = world.disk.inject(sim::NoSpace{world.disk.open("orders.1.log").size() + 100},
                                                  world.streams.stream("test", "full"));
  const std::vector<EntryRef> more = world.maker.run(world.at(1), 1, 2, 3);
  world.leader.append(1, {more[0]});
  world.leader.append(1, {more[1]});
  world.run(100_ms);
  EXPECT_EQ(world.node().log().last(), world.at(1));
  EXPECT_FALSE(world.leader.closed);
  world.disk.end(full);
  world.run(2_s);
  EXPECT_TRUE(world.leader.closed);  // so that the leader looks where it stands and sends again
  world.leader.connect();
  world.leader.append(1, more);
  world.run(100_ms);
  EXPECT_EQ(world.node().log().durable(), more[1]->bookmark());
}

TEST(Follower, RestartsUntilItsDiskCanBeRead) {
  MemberWorld world;
  world.write(2);
  const sim::DiskFaultId fault =
      world.disk.inject(sim::IoErrors{sim::kIoRead, sim::kAlways}, world.streams.stream("test", "errors"));
  world.restart();
  world.run(3_s);
  world.disk.end(fault);
  world.run(2_s);
  ASSERT_TRUE(world.process.running());
  EXPECT_EQ(world.node().state(), FollowerState::kMember);
  EXPECT_TRUE(world.has(world.at(1)));
}

}  // namespace
}  // namespace tidemark::model::srs::test
