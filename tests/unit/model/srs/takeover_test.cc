#include "model/srs/takeover.h"

#include <gtest/gtest.h>

#include "takeover_world.h"

namespace tidemark::model::srs::test {
namespace {

BugSet one(Bug which) {
  BugSet bugs;
  bugs.add(which);
  return bugs;
}

/// A database with a few confirmed writes, led by host 0.
struct Begun : TakeoverWorld {
  explicit Begun(BugSet chosen = {}, RelayOptions relay = quick()) : TakeoverWorld(chosen, std::move(relay)) {
    lead(0, true);
    write_pages_once(0);
    run(100_ms);
  }
  /// Host 0 writes once more; of the followers only these get it.
  Bookmark write_reaching(const std::vector<std::uint32_t>& few, std::uint32_t host_index = 0) {
    for (std::uint32_t i = 0; i < 5; ++i) {
      if (std::find(few.begin(), few.end(), i) == few.end()) cut(host_index, i);
    }
    const Bookmark bookmark = write(host_index);
    run(50_ms);
    return bookmark;
  }
  void heal_all(std::uint32_t host_index = 0) {
    for (std::uint32_t i = 0; i < 5; ++i) {
      if (network.blocked(kHost + host_index, kFollower + i)) heal(host_index, i);
    }
  }
  void crash_host(std::uint32_t index) { process(kHost + index).crash(); }
  bool all_hold(const Bookmark& bookmark) {
    return std::all_of(set.begin(), set.end(), [&](std::uint32_t id) {
      return disks.at(id).state == FollowerState::kMember && disks.at(id).covers(bookmark);
    });
  }
};

TEST(Takeover, OfAFreshDatabaseFindsNothingAndNeedsNoEntry) {
  TakeoverWorld world;
  const Reign& reign = world.lead(0, true);
  EXPECT_TRUE(reign.served);
  EXPECT_TRUE(reign.began.is_origin());
  EXPECT_TRUE(world.judge.committed.empty());
  EXPECT_EQ(world.leader(0)->members(), 5U);
  world.write(0);
  world.run(100_ms);
  EXPECT_EQ(reign.acknowledged.size(), 1U);
  EXPECT_EQ(world.violations(), 0);
}

TEST(Takeover, DoesNotTakeBlankFollowersForAnEmptyLogOnceTheDatabaseHasServed) {
  TakeoverWorld world;
  const Reign& reign = world.lead(0, false);
  world.run(60_s);
  EXPECT_FALSE(reign.served);
  ASSERT_NE(world.host(0)->takeover, nullptr);
  EXPECT_EQ(world.host(0)->takeover->phase(), LeaderPhase::kSealing);
}

TEST(Takeover, CarriesOnWithEveryAcknowledgedWriteBehindAnEntryOfItsOwnEpoch) {
  Begun world;
  const Bookmark last = world.judge.newest;
  world.crash_host(0);
  const Reign& second = world.lead(1);
  ASSERT_TRUE(second.served);
  EXPECT_EQ(second.began.epoch, 2U);
  EXPECT_EQ(second.began.sequence, 1U);
  EXPECT_TRUE(world.judge.on_log_of(last, second.began));
  EXPECT_EQ(world.reigns[1].acknowledged.size(), 3U);
  EXPECT_TRUE(world.all_hold(second.began));
  EXPECT_EQ(world.violations(), 0);
}

/// A tail that reached so many followers; the leader dies; those that take part in the takeover.
struct TailCase {
  std::vector<std::uint32_t> reached, dead;
  bool survives;
};
class Tail : public testing::TestWithParam<TailCase> {};
TEST_P(Tail, IsDecidedOnceAndForAll) {
  Begun world;
  const Bookmark tail = world.write_reaching(GetParam().reached);
  const bool acknowledged = world.reigns[1].acknowledged.size() == 4;
  EXPECT_EQ(acknowledged, GetParam().reached.size() >= 3);
  world.crash_host(0);
  for (const std::uint32_t index : GetParam().dead) world.crash(index);
  const Reign& second = world.lead(1);
  ASSERT_TRUE(second.served);
  EXPECT_EQ(world.judge.on_log_of(tail, second.began), GetParam().survives);
  for (const std::uint32_t index : GetParam().dead) world.start(index);
  world.run(5_s);
  EXPECT_TRUE(world.all_hold(second.began));
  world.crash_host(1);
  const Reign& third = world.lead(2);
  ASSERT_TRUE(third.served);
  EXPECT_EQ(world.judge.on_log_of(tail, third.began), GetParam().survives);
  EXPECT_TRUE(world.all_hold(third.began));
  EXPECT_EQ(world.violations(), 0);
}
INSTANTIATE_TEST_SUITE_P(All, Tail,
                         testing::Values(TailCase{{0}, {3, 4}, true}, TailCase{{0}, {0}, false},
                                         TailCase{{0, 1}, {3, 4}, true}, TailCase{{0, 1}, {0, 4}, true},
                                         TailCase{{0, 1}, {0, 1}, false}, TailCase{{0, 1, 2}, {}, true},
                                         TailCase{{0, 1, 2}, {0, 1}, true}, TailCase{{0, 1, 2, 3, 4}, {0, 4}, true}));

/// Raft's figure 8. Followers 0 to 2 hold a tail of epoch 1 that follower 4 cut off in epoch 2.
int confirmed_by_counting(BugSet bugs) {
  RelayOptions relay = TakeoverWorld::quick();
  relay.catch_up_batch = 1;
  relay.segment_period = 60_s;
  Begun world(bugs, relay);
  const Bookmark tail = world.write_reaching({0});
  world.crash_host(0);
  world.crash(0);
  world.crash(1);
  for (const std::uint32_t index : {2U, 3U}) world.cut(1, index);
  world.appoint(1);
  world.run(100_ms);
  for (const std::uint32_t index : {2U, 3U}) world.heal(1, index);
  while (world.leader(1) == nullptr) world.scheduler.step();
  for (const std::uint32_t index : {2U, 3U}) world.cut(1, index);  // the epoch-start entry reaches follower 4 alone
  world.run(100_ms);
  EXPECT_EQ(world.disk(4).last().epoch, 2U);
  EXPECT_EQ(world.disk(3).last().epoch, 1U);
  world.crash_host(1);
  world.crash(3);
  world.crash(4);
  world.start(0);
  world.start(1);
  world.appoint(2);
  // As soon as three of them hold the old tail, and the leader knows, the power fails: their disks are slow.
  for (const std::uint32_t index : {0U, 1U, 2U}) world.disk(index).sync = 60_ms;
  const auto holds = [&](std::uint32_t index) { return world.disk(index).covers(tail); };
  while (!(holds(0) && holds(1) && holds(2))) world.scheduler.step();
  world.run(30_ms);
  world.crash_host(2);
  for (const std::uint32_t index : {0U, 1U, 2U}) world.crash(index);
  EXPECT_EQ(world.disk(2).last(), tail);
  for (const std::uint32_t index : {2U, 3U, 4U}) world.start(index);
  world.heal_all();
  world.lead(0);
  return world.violations();
}
TEST(Takeover, NeverConfirmsAnInheritedEntryByCountingItsHolders) {
  EXPECT_EQ(confirmed_by_counting({}), 0);
}
TEST(TakeoverBugs, A7ConfirmsAnInheritedEntryThatTheNextLeaderDrops) {
  EXPECT_GT(confirmed_by_counting(one(Bug::kA7)), 0);
}

TEST(Takeover, GivesUpWhenAFollowerHasPromisedALargerEpoch) {
  Begun world;
  world.epoch = 9;
  world.lead(1);
  world.epoch = 4;
  const Reign& late = world.lead(2);
  EXPECT_TRUE(late.deposed);
  EXPECT_FALSE(world.reigns[10].broken);
  EXPECT_EQ(world.violations(), 0);
}

TEST(Takeover, CountsNeitherDamagedNorBlankNorLearningFollowers) {
  Begun world;
  world.crash_host(0);
  for (const std::uint32_t index : {0U, 1U, 2U}) world.crash(index);
  world.disk(0).state = FollowerState::kDamaged;
  world.disk(1).state = FollowerState::kLearner;
  world.disk(1).target = {1, 1000, 0, {}};
  world.wipe(2);
  for (const std::uint32_t index : {0U, 1U, 2U}) world.start(index);
  world.appoint(1);
  world.run(30_s);
  ASSERT_NE(world.host(1)->takeover, nullptr);
  EXPECT_EQ(world.host(1)->takeover->counted(), 2U);
}

TEST(Takeover, BringsDamagedAndBlankFollowersBackAsMembers) {
  Begun world;
  world.crash_host(0);
  for (const std::uint32_t index : {0U, 1U}) world.crash(index);
  world.disk(0).state = FollowerState::kDamaged;
  world.wipe(1);
  for (const std::uint32_t index : {0U, 1U}) world.start(index);
  const Reign& second = world.lead(1);
  ASSERT_TRUE(second.served);
  EXPECT_EQ(world.leader(1)->members(), 5U);
  EXPECT_TRUE(world.all_hold(second.began));
  EXPECT_EQ(world.violations(), 0);
}

TEST(Takeover, IsNotConfusedByFollowersThatSayEverythingTwice) {
  TakeoverWorld world;
  const auto all_stutter = [&] {
    for (std::uint32_t i = 0; i < 5; ++i) static_cast<ScriptedFollower*>(world.follower(i).program())->stutters = true;
  };
  all_stutter();
  for (std::uint32_t turn = 0; turn < 4; ++turn) {
    ASSERT_TRUE(world.lead(turn % 3, turn == 0).served);
    for (int i = 0; i < 20; ++i) world.write(turn % 3);
    world.run(turn % 2 == 0 ? 3_ms : 300_ms);
    world.process(TakeoverWorld::kHost + turn % 3).crash();
  }
  EXPECT_EQ(world.violations(), 0);
}

TEST(Takeover, FetchesFromAnotherHolderWhenTheChosenFollowerDies) {
  RelayOptions relay = TakeoverWorld::quick();
  relay.segment_period = 60_s;
  Begun world({}, relay);
  for (int i = 0; i < 30; ++i) world.write(0);
  world.run(100_ms);
  world.crash_host(0);
  const Reign& second = world.appoint(1);
  while (world.host(1)->takeover->phase() != LeaderPhase::kLoading) world.scheduler.step();
  world.run(12_ms);  // the image is read, some of the entries are here
  world.crash(0);
  world.run(5_s);
  EXPECT_TRUE(second.served);
  EXPECT_EQ(world.violations(), 0);
}

TEST(Takeover, WaitsForTheOnlyFollowerThatHoldsTheChosenTail) {
  RelayOptions relay = TakeoverWorld::quick();
  relay.segment_period = 60_s;
  Begun world({}, relay);
  world.write_reaching({0});
  world.crash_host(0);
  world.crash(1);
  world.crash(2);  // so that follower 0 is needed
  const Reign& second = world.appoint(1);
  while (world.host(1)->takeover->phase() != LeaderPhase::kLoading) world.scheduler.step();
  world.crash(0);
  world.run(20_s);
  ASSERT_FALSE(second.served);
  EXPECT_FALSE(world.host(1)->takeover->problem().empty());
  world.start(0);
  world.run(10_s);
  EXPECT_TRUE(second.served);
  EXPECT_EQ(world.violations(), 0);
}

TEST(Takeover, ListsAgainWhileTheListingIsOlderThanTheLogsNeed) {
  Begun world;
  world.store.inject(sim::StaleList{sim::kAlways, 10_s}, world.streams.stream("test", "listing"));
  world.write(0);
  world.run(3_s);  // a segment more is in cold storage, and the followers have trimmed
  ASSERT_TRUE(world.disk(0).log.empty());
  world.crash_host(0);
  const Reign& second = world.lead(1);
  ASSERT_FALSE(second.served);
  EXPECT_FALSE(world.host(1)->takeover->problem().empty());
  world.run(10_s);
  EXPECT_TRUE(second.served);
  EXPECT_EQ(world.violations(), 0);
}

TEST(Zombie, ThatWasPausedCannotConfirmAndLearnsThatItIsOver) {
  Begun world;
  const Bookmark during = world.write(0);
  world.process(TakeoverWorld::kHost).pause();
  world.run(3_s);
  const Reign& second = world.lead(1);
  ASSERT_TRUE(second.served);
  world.write(1);
  world.run(100_ms);
  world.process(TakeoverWorld::kHost).resume();
  const Bookmark later = world.write(0);
  world.run(3_s);
  EXPECT_TRUE(world.reigns[1].broken);
  EXPECT_FALSE(world.judge.on_log_of(later, world.judge.newest));
  EXPECT_TRUE(world.judge.on_log_of(during, world.judge.newest));  // it had reached the followers
  EXPECT_EQ(world.violations(), 0);
}

TEST(Zombie, ThatIsCutOffGivesUpAfterTheConfirmTimeout) {
  Begun world;
  for (std::uint32_t i = 0; i < 5; ++i) world.cut(0, i);
  world.write(0);
  world.lead(1);
  world.write(1);
  world.run(7_s);
  EXPECT_FALSE(world.reigns[1].broken);
  world.run(3_s);
  EXPECT_TRUE(world.reigns[1].broken);
  EXPECT_EQ(world.reigns[1].failed, 1);
  world.heal_all();
  world.run(5_s);
  EXPECT_EQ(world.reigns[2].acknowledged.size(), 1U);
  EXPECT_EQ(world.violations(), 0);
}

/// An old leader's long tail against a newer leader's short log.
int choose_between(BugSet bugs) {
  Begun world(bugs);
  for (std::uint32_t i = 1; i < 5; ++i) world.cut(0, i);
  for (int i = 0; i < 20; ++i) world.write(0);
  world.run(50_ms);
  world.crash_host(0);
  world.crash(0);
  world.lead(1);
  world.write(1);
  world.run(100_ms);
  EXPECT_EQ(world.reigns[2].acknowledged.size(), 1U);
  world.crash_host(1);
  world.crash(1);
  world.start(0);
  world.lead(2);
  world.start(1);
  world.run(10_s);
  return world.violations() + (world.reigns[3].served ? 0 : 1);
}
TEST(Takeover, ChoosesTheNewestEpochNotTheLongestLog) {
  EXPECT_EQ(choose_between({}), 0);
}
TEST(TakeoverBugs, B4ChoosesTheLongestLog) {
  EXPECT_GT(choose_between(one(Bug::kB4)), 0);
}

/// Two followers that were away while the others confirmed are the first to answer.
int stale_first(BugSet bugs) {
  RelayOptions relay = TakeoverWorld::quick();
  relay.confirm_flush_period = 1_s;
  Begun world(bugs, relay);
  world.crash(0);
  world.crash(1);
  world.write(0);
  while (world.reigns[1].acknowledged.size() < 4) world.scheduler.step();
  world.crash_host(0);  // nobody was told
  for (std::uint32_t i = 2; i < 5; ++i) world.cut(1, i);
  world.start(0);
  world.start(1);
  world.appoint(1);
  world.run(3_s);
  for (std::uint32_t i = 2; i < 5; ++i) world.heal(1, i);
  world.run(10_s);
  return world.violations();
}
TEST(Takeover, MeetsEveryQuorumOfTheLeaderBefore) {
  EXPECT_EQ(stale_first({}), 0);
}
TEST(TakeoverBugs, B5MeetsTwoStaleFollowersOnly) {
  EXPECT_GT(stale_first(one(Bug::kB5)), 0);
}

/// Writes since the last segment, then a failover.
Begun* fail_over(Begun& world) {
  world.write_reaching({0, 1});
  world.crash_host(0);
  world.heal_all();
  world.crash(0);
  world.crash(1);
  world.lead(1);
  world.write(1);
  world.start(0);
  world.start(1);
  world.run(5_s);
  return &world;
}
TEST(TakeoverBugs, B1GivesANumberTwice) {
  const auto twice = [](const Begun& world) {
    return std::count_if(world.judge.numbers.begin(), world.judge.numbers.end(),
                         [](const auto& number) { return number.second > 1; });
  };
  Begun good, bad(one(Bug::kB1));
  EXPECT_EQ(twice(*fail_over(good)), 0);
  EXPECT_GT(twice(*fail_over(bad)), 0);
}
TEST(TakeoverBugs, B2ForgetsWhatFollowedTheLastSegment) {
  RelayOptions relay = TakeoverWorld::quick();
  relay.segment_period = 60_s;
  Begun good({}, relay), bad(one(Bug::kB2), relay);
  EXPECT_EQ(fail_over(good)->violations(), 0);
  EXPECT_EQ(good.reigns[2].acknowledged.size(), 1U);
  fail_over(bad);  // followers refuse to cut what they know to be confirmed: nothing works any more
  EXPECT_TRUE(bad.reigns[2].acknowledged.empty());
}
TEST(TakeoverBugs, B11PublishesAnOlderConfirmedPosition) {
  Begun bad(one(Bug::kB11));
  EXPECT_GT(fail_over(bad)->judge.went_back, 0);
}

/// With the followers as they are: each turn two of them lose power.
TEST(TakeoverOfRealFollowers, LosesNothingThroughManyPowerLosses) {
  TakeoverWorld world({}, TakeoverWorld::quick(), true);
  ASSERT_TRUE(world.lead(0, true).served);
  const auto power_loss = [&](std::uint32_t index) {
    world.crash(index);
    world.machine_disk(TakeoverWorld::kFollower + index).power_loss();
  };
  for (std::uint32_t turn = 0; turn < 40; ++turn) {
    const std::uint32_t from = turn % 3, to = (turn + 1) % 3;
    world.write_pages_once(from);
    world.run(sim::Duration::microseconds(300 * (turn % 11)));
    power_loss(turn % 5);
    world.write(from);
    world.run(sim::Duration::microseconds(200 * (turn % 7)));
    world.process(TakeoverWorld::kHost + from).crash();
    power_loss((turn + 2) % 5);
    if (turn % 3 == 0) {
      world.start(turn % 5);
      world.start((turn + 2) % 5);
    }
    Reign& reign = world.appoint(to);
    for (int i = 0; i < 20 && !reign.served; ++i) world.run(1_s);
    ASSERT_TRUE(reign.served) << turn;
    if (turn % 3 != 0) {
      world.start(turn % 5);
      world.start((turn + 2) % 5);
    }
    world.run(3_s);
    EXPECT_EQ(world.leader(to)->members(), 5U) << turn;
    EXPECT_EQ(world.lost() + world.judge.two_histories, 0) << turn;
  }
  for (std::uint32_t i = 0; i < 5; ++i) {
    const auto& follower = static_cast<const FollowerNode&>(*world.follower(i).program());
    EXPECT_EQ(follower.log().durable(), world.judge.newest);
  }
  std::size_t acknowledged = 0;
  for (const auto& [number, reign] : world.reigns) acknowledged += reign.acknowledged.size();
  EXPECT_GT(acknowledged, 40U);
}

}  // namespace
}  // namespace tidemark::model::srs::test
