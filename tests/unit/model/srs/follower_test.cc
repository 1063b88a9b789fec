// FollowerNode by its messages: what it claims, and what it must never do.
#include <gtest/gtest.h>

#include "member_world.h"

namespace tidemark::model::srs::test {
namespace {

TEST(Follower, IsBlankUntilItIsToldToJoin) {
  FollowerWorld world;
  Peer& leader = world.greeted();
  ASSERT_EQ(leader.acks.size(), 1U);
  EXPECT_EQ(leader.acks[0]->state, FollowerState::kBlank);
  EXPECT_EQ(leader.acks[0]->follower, FollowerWorld::kId);
  leader.append(1, world.maker.run({}, 1, 2));
  world.run(20_ms);
  EXPECT_FALSE(world.node().has_log());
  EXPECT_EQ(leader.acks.back()->state, FollowerState::kBlank);
  EXPECT_EQ(leader.acks.back()->bookmark, Bookmark{});
}

TEST(Follower, IsALearnerUntilTheTargetIsDurableAndThenAMember) {
  FollowerWorld world;
  Peer& leader = world.greeted();
  const std::vector<EntryRef> log = world.maker.run({}, 1, 6);
  const Bookmark base = log[1]->bookmark();
  leader.join(1, 9, base, log[4]->bookmark());
  world.run(20_ms);
  EXPECT_EQ(world.node().state(), FollowerState::kLearner);
  EXPECT_EQ(leader.acks.back()->generation, 9U);
  EXPECT_EQ(leader.acks.back()->base, base);
  EXPECT_EQ(leader.acks.back()->bookmark, base);
  leader.append(1, {log[2], log[3]});
  world.run(20_ms);
  EXPECT_EQ(world.node().state(), FollowerState::kLearner);
  leader.append(1, {log[4]});
  world.run(20_ms);
  EXPECT_EQ(leader.acks.back()->state, FollowerState::kMember);
  EXPECT_EQ(leader.acks.back()->bookmark, log[4]->bookmark());
  world.power_cycle();
  world.run(1_s);
  EXPECT_EQ(world.node().state(), FollowerState::kMember);
  EXPECT_EQ(world.node().generation(), 9U);
  EXPECT_EQ(world.node().log().durable(), log[4]->bookmark());
}

TEST(Follower, TakesWhatIsSentRightBehindAJoin) {
  FollowerWorld world;
  Peer& leader = world.greeted();
  const std::vector<EntryRef> log = world.maker.run({}, 1, 3);
  leader.join(1, 1, {}, log[2]->bookmark());
  leader.append(1, log);
  leader.confirm(1, log[1]->bookmark());
  world.run(20_ms);
  EXPECT_EQ(world.node().state(), FollowerState::kMember);
  EXPECT_EQ(world.node().log().durable(), log[2]->bookmark());
  EXPECT_EQ(world.node().confirmed(), log[1]->bookmark());
}

TEST(Follower, TellsThatItsBaseIsConfirmedWhenAJoinPutsItThere) {
  MemberWorld world;
  world.write(1);
  const std::vector<EntryRef> later = world.maker.run(world.at(0), 1, 4);
  const Bookmark base = later.back()->bookmark();
  // Everything is in cold storage: it begins anew at the newest entry, and no confirm will ever come for that.
  world.leader.join(1, 2, base, base);
  world.run(20_ms);
  EXPECT_EQ(world.node().state(), FollowerState::kMember);
  EXPECT_EQ(world.node().confirmed(), base);
  EXPECT_EQ(world.seen.confirmed, base);
  // After a restart it tells again: observers forget what an earlier life knew.
  world.seen.confirmed = {};
  world.power_cycle();
  world.run(1_s);
  EXPECT_EQ(world.node().confirmed(), base);
  EXPECT_EQ(world.seen.confirmed, base);
}

TEST(Follower, StoresNoGapAndRefusesOlderEpochs) {
  MemberWorld world;
  Peer& leader = world.leader;
  const std::vector<EntryRef> log = world.maker.run({}, 5, 3);
  leader.append(5, {log[0]});
  leader.append(5, {log[2]});  // a gap
  world.run(20_ms);
  EXPECT_EQ(world.node().log().last(), log[0]->bookmark());
  EXPECT_EQ(leader.acks.back()->bookmark, log[0]->bookmark());
  leader.append(4, {log[1]});  // an older epoch
  world.run(20_ms);
  EXPECT_EQ(world.node().log().last(), log[0]->bookmark());
  EXPECT_EQ(leader.acks.back()->epoch, 5U);
  leader.append(5, {log[1]});
  leader.append(5, {log[1]});  // sent again
  leader.append(5, {log[2]});
  world.run(20_ms);
  EXPECT_EQ(world.node().log().durable(), log[2]->bookmark());
  EXPECT_EQ(leader.acks.back()->bookmark, log[2]->bookmark());
}

TEST(Follower, SaysOnceThatItHasAGapAndAgainLater) {
  MemberWorld world;
  const std::vector<EntryRef> log = world.maker.run({}, 5, 402);
  world.leader.append(5, {log[0]});
  world.run(20_ms);
  const std::size_t before = world.leader.acks.size();
  for (std::size_t i = 2; i < log.size(); ++i) world.leader.append(5, {log[i]});
  world.run(200_ms);
  EXPECT_LE(world.leader.acks.size(), before + 1);
  EXPECT_EQ(world.leader.acks.back()->bookmark, log[0]->bookmark());
  world.run(2_s);
  EXPECT_GT(world.leader.acks.size(), before);  // the first word may have been lost in what came before the gap
  EXPECT_LE(world.leader.acks.size(), before + 3);
  for (std::size_t i = 1; i < log.size(); ++i) world.leader.append(5, {log[i]});
  world.run(100_ms);
  EXPECT_EQ(world.leader.acks.back()->bookmark, log.back()->bookmark());
}

TEST(Follower, TellsAnOlderLeaderOnceThatItIsOver) {
  MemberWorld world;
  const std::vector<EntryRef> log = world.maker.run({}, 5, 300);
  Peer& next = world.peer();
  next.seal(7);
  world.run(20_ms);
  const std::size_t before = world.leader.acks.size();
  for (const EntryRef& entry : log) world.leader.append(5, {entry});
  world.run(200_ms);
  EXPECT_EQ(world.leader.acks.size(), before + 1);
  EXPECT_EQ(world.leader.acks.back()->epoch, 7U);
}

TEST(Follower, AnswersASealOnceThePromiseAndEverythingWrittenBeforeItAreDurable) {
  MemberWorld world;
  world.write(2);
  const EntryRef third = world.maker.next(world.at(1), 1);
  world.leader.append(1, {third});
  Peer& next = world.peer();
  next.seal(7);
  next.seal(7);  // sent again
  world.run(20_ms);
  ASSERT_FALSE(next.sealed.empty());
  for (const auto& sealed : next.sealed) {
    EXPECT_EQ(sealed->epoch, 7U);
    EXPECT_EQ(sealed->follower, FollowerWorld::kId);
    EXPECT_EQ(sealed->state, FollowerState::kMember);
    EXPECT_EQ(sealed->last, third->bookmark());
  }
  EXPECT_EQ(world.seen.promises.back(), 7U);
  world.power_cycle();
  world.run(1_s);
  EXPECT_EQ(world.node().promise(), 7U);
  Peer& late = world.greeted();
  late.seal(6);
  late.append(6, {world.maker.next(third->bookmark(), 6)});
  world.run(20_ms);
  ASSERT_EQ(late.sealed.size(), 1U);
  EXPECT_EQ(late.sealed[0]->epoch, 7U);
  EXPECT_EQ(late.acks.back()->epoch, 7U);
  EXPECT_EQ(world.node().log().last(), third->bookmark());
}

TEST(Follower, AddsNothingOfAnOlderEpochToWhatItSaidWhenItWasSealed) {
  MemberWorld world;
  world.write(1);
  world.disk.inject(sim::SlowDisk{1000, 5_ms, 0}, world.streams.stream("test", "slow"));
  // The second entry waits for a sync of its own, which is queued behind that of the promise.
  for (const EntryRef& entry : world.maker.run(world.at(0), 1, 2)) {
    world.entries.push_back(entry);
    world.leader.append(1, {entry});
  }
  world.leader.seal(2);
  world.run(100_ms);
  ASSERT_EQ(world.leader.sealed.size(), 1U);
  EXPECT_EQ(world.leader.sealed[0]->last, world.at(2));
  EXPECT_EQ(world.node().log().durable(), world.at(2));
}

TEST(Follower, SaysNothingBeforeItKnowsWhatSurvives) {
  MemberWorld world;
  world.write(3);
  world.disk.inject(sim::SlowDisk{1000, 50_ms, 0}, world.streams.stream("test", "slow"));
  world.restart();
  Peer& leader = world.greeted();
  leader.append(1, {world.entries[0]});
  world.run(10_ms);
  EXPECT_TRUE(leader.acks.empty());
  world.run(100_ms);
  ASSERT_FALSE(leader.acks.empty());
  for (const auto& ack : leader.acks) EXPECT_EQ(ack->bookmark, world.at(2));
}

TEST(Follower, PromisesEvenWhenItIsBlank) {
  FollowerWorld world;
  Peer& leader = world.greeted();
  leader.seal(3);
  world.run(20_ms);
  ASSERT_EQ(leader.sealed.size(), 1U);
  EXPECT_EQ(leader.sealed[0]->state, FollowerState::kBlank);
  world.power_cycle();
  world.run(20_ms);
  EXPECT_EQ(world.node().promise(), 3U);
  EXPECT_EQ(world.node().state(), FollowerState::kBlank);
}

TEST(Follower, CutsWhatAnOlderLeaderLeftButNeverWhatIsConfirmed) {
  MemberWorld world;
  world.write(5);
  world.leader.confirm(1, world.at(1));
  world.run(20_ms);
  Peer& next = world.greeted();
  const std::vector<EntryRef> other = world.maker.run(world.at(2), 2, 2);
  next.append(2, other);
  world.run(20_ms);
  EXPECT_EQ(world.seen.cuts.back(), world.at(2));
  EXPECT_EQ(world.node().log().durable(), other[1]->bookmark());
  EXPECT_FALSE(world.has(world.at(3)));
  // A leader that wants to go back before what is confirmed is wrong.
  next.append(3, {world.maker.next(world.at(0), 3)});
  world.run(20_ms);
  EXPECT_EQ(world.node().log().last(), other[1]->bookmark());
  EXPECT_EQ(next.acks.back()->bookmark, other[1]->bookmark());
  world.power_cycle();
  world.run(1_s);
  EXPECT_EQ(world.node().log().durable(), other[1]->bookmark());
  EXPECT_EQ(world.seen.acks_before_durable, 0);
}

TEST(Follower, GivesItsEntriesBackInOrderAndInPieces) {
  MemberWorld world;
  world.write(10);
  Peer& next = world.greeted();
  next.seal(2);
  next.fetch(2, {}, 4);
  next.fetch(2, world.at(3), 100);
  next.fetch(2, world.at(9), 4);
  next.fetch(1, {}, 4);                                         // an older epoch
  next.fetch(2, world.maker.next(world.at(9), 1)->bookmark());  // not here
  world.run(20_ms);
  ASSERT_EQ(next.fetched.size(), 5U);
  EXPECT_TRUE(next.fetched[0]->ok && next.fetched[1]->ok && next.fetched[2]->ok);
  ASSERT_EQ(next.fetched[0]->entries.size(), 4U);
  ASSERT_EQ(next.fetched[1]->entries.size(), 6U);
  EXPECT_EQ(next.fetched[0]->entries[3]->bookmark(), world.at(3));
  EXPECT_EQ(next.fetched[1]->entries[5]->bookmark(), world.at(9));
  EXPECT_EQ(next.fetched[1]->entries[5]->kind(), world.entries[9]->kind());
  EXPECT_TRUE(next.fetched[2]->entries.empty());
  EXPECT_FALSE(next.fetched[3]->ok || next.fetched[4]->ok);
  EXPECT_EQ(next.fetched[3]->epoch, 2U);
}

}  // namespace
}  // namespace tidemark::model::srs::test
