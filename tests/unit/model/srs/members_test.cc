// Stories about the followers of a leader: who counts, who is brought up to date how, who is replaced.
#include <gtest/gtest.h>

#include "takeover_world.h"

namespace tidemark::model::srs::test {
namespace {

BugSet one(Bug which) {
  BugSet bugs;
  bugs.add(which);
  return bugs;
}

/// Host 0 leads; follower 4 is to be replaced by the spare follower 5.
struct Replacing : TakeoverWorld {
  explicit Replacing(BugSet chosen = {}) : TakeoverWorld(chosen) {
    lead(0, true);
    write_pages_once(0);
    run(100_ms);
  }
  void reconfigure(std::uint32_t index = 4, std::uint32_t spare = 5) {
    const boost::intrusive_ptr<Reconfigure> order(new Reconfigure);
    order->epoch = epoch;
    order->version = leader(0)->version() + 1;
    order->index = index;
    order->process = kFollower + spare;
    leader(0)->reconfigure(*order);
  }
  int completed() { return reigns[epoch].completed_newcomers; }
};

TEST(Membership, PutsTheNewcomerInPlaceOnceTheControlPlaneHasRecordedIt) {
  Replacing world;
  world.crash(4);
  world.reconfigure();
  world.run(100_ms);
  EXPECT_EQ(world.completed(), 1);
  EXPECT_EQ(world.leader(0)->unrecorded_version(), 1U);
  EXPECT_EQ(world.leader(0)->follower_processes()[4], TakeoverWorld::kFollower + 4);
  world.reconfigure();  // the order is repeated
  EXPECT_EQ(world.completed(), 2);
  world.leader(0)->reconfigured_recorded(1);
  EXPECT_EQ(world.leader(0)->follower_processes()[4], TakeoverWorld::kFollower + 5);
  EXPECT_EQ(world.judge.set[4], TakeoverWorld::kFollower + 5);
  EXPECT_EQ(world.leader(0)->version(), 1U);
  EXPECT_EQ(world.leader(0)->members(), 5U);
  world.crash(0);
  world.crash(1);
  world.write(0);  // the newcomer makes the third
  world.run(100_ms);
  EXPECT_EQ(world.reigns[1].acknowledged.size(), 4U);
  EXPECT_EQ(world.violations(), 0);
}

TEST(Membership, NeedsAQuorumOfBothSetsWhileItIsNotRecorded) {
  Replacing world;
  world.reconfigure();
  world.run(100_ms);
  ASSERT_EQ(world.completed(), 1);
  world.crash(0);
  world.crash(1);
  world.crash(5);
  world.write(0);  // followers 2, 3, 4: a quorum of the old set, two of the new one
  world.run(1_s);
  EXPECT_EQ(world.reigns[1].acknowledged.size(), 3U);
  world.start(5);
  world.run(1_s);
  EXPECT_EQ(world.reigns[1].acknowledged.size(), 4U);
  EXPECT_EQ(world.violations(), 0);
}

TEST(Membership, DoesNotCountANewcomerThatIsStillLearning) {
  Replacing world;
  for (const std::uint32_t index : {0U, 1U, 4U}) world.crash(index);
  world.disks.at(TakeoverWorld::kFollower + 5).sync = 5_s;
  world.write(0);
  world.reconfigure();
  world.run(4_s);
  EXPECT_EQ(world.completed(), 0);
  EXPECT_EQ(world.reigns[1].acknowledged.size(), 3U);
}

/// The leader dies while both sets are in force; the control plane may have recorded either of them.
TEST(Membership, LosesNothingWhicheverSetTheNextLeaderIsGiven) {
  for (const bool recorded : {false, true}) {
    Replacing world;
    world.crash(0);
    world.reconfigure();
    for (int i = 0; i < 50; ++i) {
      world.write(0);
      world.run(1_ms);
    }
    ASSERT_EQ(world.completed(), 1);
    world.process(TakeoverWorld::kHost).crash();
    world.start(0);
    if (recorded) {
      world.set[4] = TakeoverWorld::kFollower + 5;
      world.version = 1;
    }
    world.crash(1);
    world.crash(3);  // of the old set 0, 2, 4 are left, of the new one 0, 2 and the newcomer
    const Reign& second = world.lead(1);
    EXPECT_TRUE(second.served);
    EXPECT_EQ(world.violations(), 0);
  }
}

TEST(Membership, TakesAnotherSpareWhenTheControlPlaneChangesItsMind) {
  Replacing world;
  world.crash(5);
  world.reconfigure(4, 5);
  world.run(1_s);
  EXPECT_EQ(world.completed(), 0);
  world.reconfigure(4, 6);
  world.run(1_s);
  EXPECT_EQ(world.completed(), 1);
  world.leader(0)->reconfigured_recorded(1);
  EXPECT_EQ(world.leader(0)->follower_processes()[4], TakeoverWorld::kFollower + 6);
}

TEST(Membership, BeginsANewcomerAnewThatWasAMemberOfAnOlderSet) {
  Replacing world;
  FollowerDisk& spare = world.disks.at(TakeoverWorld::kFollower + 5);
  world.crash(5);
  spare = world.disk(0);
  spare.log.pop_back();
  const std::uint64_t before = spare.generation = 7;  // given by a leader of an older epoch
  world.start(5);
  world.reconfigure();
  world.run(100_ms);
  EXPECT_EQ(world.completed(), 1);
  EXPECT_GT(spare.generation, before);
  EXPECT_TRUE(spare.covers(world.judge.newest));
}

/// All five are replaced one after the other, then the leader dies.
int replace_all(BugSet bugs) {
  Replacing world(bugs);
  for (const std::uint32_t index : {3U, 4U}) {
    world.disks.at(TakeoverWorld::kFollower + index + 2).sync = 200_ms;
    world.reconfigure(index, index + 2);
    world.run(bugs.empty() ? 2_s : 1_ms);
    world.leader(0)->reconfigured_recorded(world.leader(0)->version() + 1);
    world.crash(index);
  }
  world.run(1_s);
  world.write(0);
  world.process(TakeoverWorld::kHost).crash();
  world.crash(2);
  world.crash(1);
  world.set[3] += 2;
  world.set[4] += 2;
  world.lead(1);
  world.write(1);
  world.run(1_s);
  return world.judge.without_quorum;
}
TEST(Membership, CatchesUpBeforeItCounts) {
  EXPECT_EQ(replace_all({}), 0);
}

TEST(MembershipBugs, A25CountsANewcomerThatHoldsNothing) {
  Replacing world(one(Bug::kA25));
  world.disks.at(TakeoverWorld::kFollower + 5).sync = 50_ms;
  world.reconfigure();
  EXPECT_EQ(world.judge.set[4], TakeoverWorld::kFollower + 5);  // before it holds anything
  EXPECT_LT(world.judge.holders(world.judge.newest), 5);
  world.run(80_ms);
  EXPECT_EQ(world.disks.at(TakeoverWorld::kFollower + 5).state, FollowerState::kMember);
}

TEST(FollowerCare, BringsBackOneThatIsTooFarBehindFromColdStorageAndKeepsItAMember) {
  RelayOptions relay = TakeoverWorld::quick();
  relay.tail_bytes = 4000;
  TakeoverWorld world({}, relay);
  world.lead(0, true);
  world.write_pages_once(0);
  world.run(100_ms);
  world.crash(3);
  for (int i = 0; i < 50; ++i) {
    world.write(0);
    world.run(100_ms);
  }
  EXPECT_LT(world.leader(0)->retained_bytes(), 20'000U);
  const std::uint64_t before = world.disk(3).generation;
  world.start(3);
  world.run(3_s);
  EXPECT_GT(world.disk(3).generation, before);
  EXPECT_EQ(world.disk(3).state, FollowerState::kMember);
  EXPECT_TRUE(world.disk(3).covers(world.judge.newest));
  EXPECT_EQ(world.violations(), 0);
}

TEST(FollowerCare, KeepsWhatASlowFollowerNeedsAsLongAsMemoryAllows) {
  for (const bool on : {false, true}) {
    TakeoverWorld world(on ? one(Bug::kA26) : BugSet{});
    world.lead(0, true);
    world.write_pages_once(0);
    world.run(100_ms);
    world.crash(3);
    for (int i = 0; i < 21; ++i) {
      world.write(0);
      world.run(100_ms);
    }
    const std::uint64_t before = world.disk(3).generation;
    world.start(3);
    world.run(150_ms);
    world.write(0);
    world.run(500_ms);
    EXPECT_EQ(world.disk(3).covers(world.judge.newest), !on);
    if (!on) {
      EXPECT_EQ(world.disk(3).generation, before);
    }
  }
}

/// A member that holds a tail which nobody else took over: of epoch 1 and long, against a log that went on elsewhere.
TEST(FollowerCare, CutsADivergentTailAlsoWhenItBeganBeforeTheLeadersMemory) {
  for (const bool far : {false, true}) {
    TakeoverWorld world;
    world.lead(0, true);
    world.write_pages_once(0);
    world.run(100_ms);
    for (std::uint32_t i = 1; i < 5; ++i) world.cut(0, i);
    world.write(0);
    world.write(0);
    world.run(50_ms);
    world.crash(0);
    world.process(TakeoverWorld::kHost).crash();
    ASSERT_TRUE(world.lead(1).served);
    for (int i = 0; i < 5; ++i) {
      world.write(1);
      world.run(far ? 2_s : 10_ms);
    }
    world.start(0);
    world.run(5_s);
    EXPECT_TRUE(world.disk(0).covers(world.judge.newest));
    EXPECT_EQ(world.disk(0).state, FollowerState::kMember);
    EXPECT_EQ(world.leader(1)->members(), 5U);
    EXPECT_EQ(world.violations(), 0);
  }
}

TEST(FollowerCare, NamesFollowersThatAreSilent) {
  Replacing world;
  world.crash(2);
  world.cut(0, 3);
  world.run(5_s);
  EXPECT_EQ(world.leader(0)->silent_followers(4_s), std::vector<std::uint32_t>{2});  // nothing was sent to the other
  world.write(0);
  world.run(5_s);
  EXPECT_EQ(world.leader(0)->silent_followers(4_s), (std::vector<std::uint32_t>{2, 3}));
  world.heal(0, 3);
  world.start(2);
  world.run(5_s);
  EXPECT_TRUE(world.leader(0)->silent_followers(1_s).empty());
}

TEST(FollowerCare, JoinsADamagedFollowerAnewAndDoesNotCountItUntilThen) {
  Replacing world;
  world.crash(0);
  world.crash(1);
  world.crash(2);
  world.disk(2).state = FollowerState::kDamaged;
  world.disk(2).sync = 1_s;
  world.start(2);
  world.write(0);
  world.run(900_ms);
  EXPECT_EQ(world.reigns[1].acknowledged.size(), 3U);
  EXPECT_EQ(world.leader(0)->members(), 4U);  // of those that are away nothing worse is known
  world.run(3_s);
  EXPECT_EQ(world.reigns[1].acknowledged.size(), 4U);
  EXPECT_EQ(world.violations(), 0);
}

/// Waits for the lease and notes how.
struct LeaseNote {
  bool done = false;
  GateStatus status = GateStatus::kBroken;
};
sim::Task<void> note_lease(SrsLeader& leader, LeaseNote& note) {
  note.status = co_await leader.until_lease();
  note.done = true;
}

TEST(Lease, HoldsReadsWhileItHasRunOutAlsoAfterAPause) {
  Replacing world;
  sim::Process& host = world.process(TakeoverWorld::kHost);
  SrsLeader& leader = *world.leader(0);
  EXPECT_TRUE(leader.lease_runs());  // nobody speaks of leases here
  leader.set_lease(world.scheduler.now());
  LeaseNote first, second, last;
  host.spawn(note_lease(leader, first));
  world.run(1_s);
  EXPECT_FALSE(first.done);
  leader.set_lease(world.scheduler.now() + 1_s);
  host.pause();  // between the renewal and the reader's turn
  world.run(2_s);
  host.resume();
  world.run(100_ms);
  EXPECT_FALSE(first.done);
  leader.set_lease(world.scheduler.now() + 1_s);
  host.spawn(note_lease(leader, second));
  world.run(100_ms);
  EXPECT_TRUE(first.done && second.done);
  EXPECT_EQ(first.status, GateStatus::kOpen);
  world.run(2_s);
  host.spawn(note_lease(leader, last));
  leader.fail();
  world.run(100_ms);
  EXPECT_TRUE(last.done);
  EXPECT_EQ(last.status, GateStatus::kBroken);
}

TEST(GateBugs, H5OpensTheGateForALaterCommit) {
  for (const bool on : {false, true}) {
    Replacing world(on ? one(Bug::kH5) : BugSet{});
    for (int i = 0; i < 20; ++i) {
      world.write(0);
      world.run(200_us);
    }
    std::size_t early = 0;
    for (int i = 0; i < 1000 && world.scheduler.step(); ++i) {
      for (const Bookmark& bookmark : world.reigns[1].acknowledged) early += bookmark > world.judge.newest;
    }
    EXPECT_EQ(early > 0, on);
    EXPECT_EQ(world.reigns[1].acknowledged.size(), 23U);
  }
}

}  // namespace
}  // namespace tidemark::model::srs::test
