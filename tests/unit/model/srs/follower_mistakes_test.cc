// Orphans, and the mistakes of a follower that can be switched on: each breaks what holds without it.
#include <gtest/gtest.h>

#include "member_world.h"
#include "model/srs/cold_format.h"

namespace tidemark::model::srs::test {
namespace {

// --- Orphans. ---

TEST(FollowerOrphans, GoToColdStorageWhenNoLeaderIsHeardAndOnlyOnce) {
  RelayOptions options;
  options.segment_bytes = 2000;
  MemberWorld world({}, options);
  world.write(6);
  world.leader.confirm(1, world.at(4));
  world.run(30_s);
  EXPECT_TRUE(world.seen.segments.empty());
  world.run(40_s);
  ASSERT_FALSE(world.seen.segments.empty());
  Bookmark position;
  for (const auto& [previous, last] : world.seen.segments) {
    EXPECT_EQ(previous, position);
    position = last;
  }
  EXPECT_EQ(position, world.at(4));  // not what is not confirmed
  const std::size_t puts = world.seen.segments.size();
  EXPECT_GT(puts, 1U);
  world.run(300_s);
  EXPECT_EQ(world.seen.segments.size(), puts);
  EXPECT_EQ(world.node().log().base(), Bookmark{});  // trimming is for leaders
  // After a restart it does not know what it did, looks, and finds everything there.
  world.restart();
  world.run(300_s);
  EXPECT_EQ(world.node().confirmed(), world.at(4));
  EXPECT_EQ(world.seen.segments.size(), puts);
}

TEST(FollowerOrphans, StayWhileALeaderSpeaks) {
  MemberWorld world;
  world.write(2);
  for (int i = 0; i < 20; ++i) {
    world.leader.confirm(1, world.at(1));
    world.run(30_s);
  }
  EXPECT_TRUE(world.seen.segments.empty());
  world.leader.trim(1, world.at(1));
  world.run(300_s);
  EXPECT_TRUE(world.seen.segments.empty());  // nothing is left
}

// --- Mistakes that can be switched on: each breaks what holds without it. ---

template <typename Check>
void expect_only_with(Bug which, Check broken) {
  EXPECT_FALSE(broken(BugSet{}));
  EXPECT_TRUE(broken(follower_bug(which)));
}

TEST(FollowerMistakes, A8AcknowledgesAnOlderEpochAfterThePromise) {
  expect_only_with(Bug::kA8, [](const BugSet& bugs) {
    MemberWorld world(bugs);
    world.write(2);
    Peer& next = world.greeted();
    next.seal(2);
    world.run(20_ms);
    world.write(1);
    return world.leader.acks.back()->epoch < 2 && world.leader.acks.back()->bookmark == world.at(2);
  });
}

TEST(FollowerMistakes, A10LeavesAnOlderTailInTheLog) {
  expect_only_with(Bug::kA10, [](const BugSet& bugs) {
    MemberWorld world(bugs);
    world.write(4);
    world.restart();
    world.run(20_ms);
    Peer& next = world.greeted();
    const EntryRef other = world.maker.next(world.at(1), 2);
    next.append(2, {other});
    world.run(20_ms);
    const bool acknowledged = next.acks.back()->bookmark == other->bookmark();
    world.run(3_s);
    world.restart();
    world.run(20_ms);
    return acknowledged && !world.has(other->bookmark());
  });
}

TEST(FollowerMistakes, A11CutsConfirmedEntries) {
  expect_only_with(Bug::kA11, [](const BugSet& bugs) {
    MemberWorld world(bugs);
    world.write(3);
    world.leader.confirm(1, world.at(2));
    const EntryRef missing = world.maker.next(world.at(2), 1);
    world.leader.append(1, {world.maker.next(missing->bookmark(), 1)});
    world.run(20_ms);
    return !world.has(world.at(2));
  });
}

TEST(FollowerMistakes, A13NeverReportsTheLastWrite) {
  expect_only_with(Bug::kA13, [](const BugSet& bugs) {
    MemberWorld world(bugs);
    world.write(2);
    world.run(60_s);
    Peer& again = world.greeted();
    return world.leader.acks.back()->bookmark != world.at(1) && again.acks.back()->bookmark != world.at(1);
  });
}

TEST(FollowerMistakes, A19StoresAGap) {
  expect_only_with(Bug::kA19, [](const BugSet& bugs) {
    MemberWorld world(bugs);
    world.write(1);
    const EntryRef missing = world.maker.next(world.at(0), 1);
    const EntryRef behind = world.maker.next(missing->bookmark(), 1);
    world.leader.append(1, {behind});
    world.run(20_ms);
    return world.leader.acks.back()->bookmark == behind->bookmark();
  });
}

TEST(FollowerMistakes, A22GoesBackWithItsConfirmedMark) {
  expect_only_with(Bug::kA22, [](const BugSet& bugs) {
    MemberWorld world(bugs);
    world.write(3);
    world.leader.confirm(1, world.at(2));
    world.leader.confirm(1, world.at(0));
    world.run(20_ms);
    return world.seen.confirmed_went_back > 0;
  });
}

TEST(FollowerMistakes, A23AcknowledgesWhatAPowerLossTakes) {
  expect_only_with(Bug::kA23, [](const BugSet& bugs) {
    MemberWorld world(bugs);
    world.write(1);
    world.disk.inject(sim::IoErrors{sim::kIoSync, sim::kAlways}, world.streams.stream("test", "errors"), {"", ".log"});
    world.write(1);
    const bool acknowledged = world.leader.acks.back()->bookmark == world.at(1);
    world.disk.end_all_faults();
    if (world.process.running()) world.process.crash();
    world.disk.power_loss();
    world.process.start();
    world.run(2_s);
    return acknowledged && !world.has(world.at(1));
  });
}

TEST(FollowerMistakes, A28AcknowledgesOnlyWithTheTimer) {
  expect_only_with(Bug::kA28, [](const BugSet& bugs) {
    MemberWorld world(bugs);
    world.run(5_s);
    world.write(1);
    const bool late = world.leader.acks.back()->bookmark != world.at(0);
    world.run(2_s);
    EXPECT_EQ(world.leader.acks.back()->bookmark, world.at(0));
    return late;
  });
}

TEST(FollowerMistakes, A29ForgetsThatItWasCreated) {
  expect_only_with(Bug::kA29, [](const BugSet& bugs) {
    MemberWorld world(bugs);
    world.write(2);
    EXPECT_EQ(world.leader.acks.back()->bookmark, world.at(1));
    world.restart();
    world.run(1_s);
    return world.node().state() != FollowerState::kMember;
  });
}

TEST(FollowerMistakes, A33TakesForConfirmedWhatItDoesNotHold) {
  expect_only_with(Bug::kA33, [](const BugSet& bugs) {
    MemberWorld world(bugs);
    world.write(2);
    const EntryRef late = world.maker.run(world.at(1), 1, 1).front();
    world.leader.confirm(1, late->bookmark());
    world.run(20_ms);
    const bool early = world.node().confirmed() == late->bookmark();
    world.leader.append(1, {late});
    world.run(20_ms);
    EXPECT_EQ(world.node().confirmed(), late->bookmark()) << "it comes with its entry";
    return early;
  });
}

TEST(FollowerMistakes, E16TrimsBeforeTheEntryIsInColdStorage) {
  expect_only_with(Bug::kE16, [](const BugSet& bugs) {
    MemberWorld world(bugs);
    world.write(3);
    world.leader.confirm(1, world.at(2));
    world.run(1_s);
    return world.seen.trims_before_cold > 0;
  });
}

}  // namespace
}  // namespace tidemark::model::srs::test
