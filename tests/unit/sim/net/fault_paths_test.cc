// Faults of a path: delay, long tail, skew, loss, bandwidth. Times are exact: jitter and the like are off.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net_world.h"

namespace tidemark::sim::test {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

DurationDistribution always(Duration value) {
  return DurationDistribution::constant(value);
}

/// Collects where the time of each message went.
struct Splits final : NetworkObserver {
  void on_deliver(const MessageView& view, const DelaySplit& split) override {
    numbers.push_back(view.number);
    splits.push_back(split);
    EXPECT_GE(split.queueing, Duration{});
  }
  void on_copy(const MessageView& view) override { copies.push_back(view.number); }
  std::vector<std::uint64_t> numbers;
  std::vector<std::uint64_t> copies;
  std::vector<DelaySplit> splits;
};

TEST(FaultPaths, DelayIsAddedOnItsPathOnlyAndEndsWithTheInstance) {
  Connected world;
  Splits splits;
  world.network.add_observer(&splits);
  const FaultHandle slow = world.faults.delay(world.there, {.extra = always(30_ms)}, world.chance());
  world.end.send(message(1));
  world.other_end().send(message(2));
  world.run(1_s);
  world.faults.end(slow);
  world.end.send(message(3));
  world.run();
  EXPECT_THAT(world.b.received, ElementsAre(Pair(at(1_s + world.way + 30_ms), 1), Pair(at(2_s + world.way), 3)));
  EXPECT_THAT(world.a.received, ElementsAre(Pair(at(1_s + world.way), 2)));
  EXPECT_EQ(world.faults.effects(slow), 1U);
  EXPECT_FALSE(world.faults.active(slow));
  EXPECT_EQ(splits.splits[1].fault, 30_ms);
  EXPECT_EQ(splits.splits[1].total(), world.way + 30_ms);
  EXPECT_EQ(world.chance().draws(), 0U);
}

TEST(FaultPaths, DelaysAddAndFactorsCountTheLinkItself) {
  Connected world;
  world.faults.delay(world.there, {.extra = always(30_ms)}, world.chance());
  world.faults.delay({{0, 2}}, {.extra = always(Duration{}), .factor_per_mille = 3000}, world.chance());
  world.end.send(message(1));
  world.run();
  EXPECT_THAT(world.b.received, ElementsAre(Pair(at(1_s + 3 * world.way + 30_ms), 1)));
}

TEST(FaultPaths, DelayHoldsBackTheHandshakeToo) {
  TestWorld world;
  Node& a = world.node("a", "IAD");
  Node& b = world.node("b", "FRA");
  RandomStream& chance = world.streams.stream("fault", "test");
  world.network.faults().delay(all_of({1}), {.extra = always(10_ms)}, chance);  // before there is any link
  a.connect(b);
  world.run();
  EXPECT_THAT(a.log, ElementsAre(Event{at(2 * world.one_way("IAD", "FRA") + 20_ms), "open b"}));
}

TEST(FaultPaths, LongTailStrikesThePartThatItShould) {
  Connected world;
  const FaultHandle tail = world.faults.long_tail(
      world.there, {.probability = 0.1, .tail = {.extra = always(Duration{}), .factor_per_mille = 10'000}},
      world.chance());
  int late = 0;
  for (int i = 0; i < 1000; ++i) {
    const Instant sent = world.scheduler.now();
    world.end.send(message(i));
    world.run(5_s);
    ASSERT_EQ(world.b.received.back().second, i);
    const Duration took = world.b.received.back().first - sent;
    late += took == 10 * world.way ? 1 : 0;
    ASSERT_TRUE(took == world.way || took == 10 * world.way);
  }
  EXPECT_NEAR(late, 100, 30);
  EXPECT_EQ(world.faults.effects(tail), static_cast<std::uint64_t>(late));
}

TEST(FaultPaths, SkewLetsConnectionsOvertakeEachOtherAndKeepsEachInOrder) {
  Connected world;
  Connection& second = world.a.connect(world.b);
  world.run(1_s);
  world.faults.skew(world.there, {DurationDistribution::uniform(Duration{}, 100_ms)}, world.chance());
  for (int i = 0; i < 20; ++i) (i % 2 == 0 ? world.end : second).send(message(i));
  world.run();
  std::vector<int> even;
  std::vector<int> odd;
  for (const int number : world.b.numbers()) (number % 2 == 0 ? even : odd).push_back(number);
  EXPECT_TRUE(std::is_sorted(even.begin(), even.end()));
  EXPECT_TRUE(std::is_sorted(odd.begin(), odd.end()));
  EXPECT_EQ(world.chance().draws(), 2U);
  EXPECT_FALSE(std::is_sorted(world.b.received.begin(), world.b.received.end(),
                              [](const auto& x, const auto& y) { return x.second < y.second; }));
}

TEST(FaultPaths, LostMessageWaitsForTheProbe) {
  Connected world;
  const FaultHandle loss = world.faults.loss(world.there, {.ratio = 0.5, .burst = 2}, world.chance());
  std::uint64_t late = 0;
  for (int i = 0; i < 400; ++i) {
    const Instant sent = world.scheduler.now();
    world.end.send(message(i));
    world.run(1000_s);
    ASSERT_EQ(world.b.received.back().second, i);
    const Duration took = world.b.received.back().first - sent;
    const Duration probe = 2 * (2 * world.way) + 200_ms;
    if (took > world.way) {
      ++late;
      ASSERT_GE(took, world.way + probe);
      ASSERT_EQ((took - world.way).ns() % probe.ns(), 0);
    }
  }
  EXPECT_EQ(world.faults.effects(loss), late);
  EXPECT_NEAR(static_cast<double>(late), 200, 50);
  world.faults.end(loss);
  const std::uint64_t draws = world.chance().draws();
  world.end.send(message(1000));
  world.run();
  EXPECT_EQ(world.chance().draws(), draws);
}

TEST(FaultPaths, LossesOfTwoInstancesCombine) {
  Connected world;
  const FaultHandle one = world.faults.loss(world.there, {.ratio = 0.3}, world.chance());
  const FaultHandle two = world.faults.loss({{0, 2}}, {.ratio = 0.5}, world.chance());
  int late = 0;
  for (int i = 0; i < 2000; ++i) {
    const Instant sent = world.scheduler.now();
    world.end.send(message(i));
    world.run(2000_s);
    late += world.b.received.back().first - sent > world.way ? 1 : 0;
  }
  EXPECT_NEAR(late, 2000 * 0.65, 80);  // 1 - 0.7 x 0.5
  EXPECT_NEAR(static_cast<double>(world.faults.effects(one)), 2000 * 0.3, 80);
  EXPECT_NEAR(static_cast<double>(world.faults.effects(two)), 2000 * 0.5, 80);
}

TEST(FaultPaths, LossTakesHandshakePacketsToo) {
  Connected world;
  world.faults.loss(all_of({1}), {.ratio = 0.9}, world.chance());
  int in_time = 0;
  for (int i = 0; i < 50; ++i) {
    world.a.log.clear();
    world.a.connect(world.b);
    world.run(100_s);
    ASSERT_FALSE(world.a.log.empty());
    in_time += world.a.log.back().what == "open b" ? 1 : 0;
  }
  EXPECT_GT(in_time, 0);
  EXPECT_LT(in_time, 25);
}

TEST(FaultPaths, BandwidthIsSharedByThePairAndTheLeastOneCounts) {
  Connected world;
  Connection& second = world.a.connect(world.b);
  world.run(1_s);
  world.faults.bandwidth(world.there, {.bits_per_second = 8'000'000});
  const FaultHandle slow = world.faults.bandwidth(world.there, {.bits_per_second = 800'000});
  world.end.send(message(1, 1000));  // 10 ms
  second.send(message(2, 1000));
  world.end.send(message(3, 1000));
  world.run();
  EXPECT_THAT(world.b.received, ElementsAre(Pair(at(2_s + world.way + 10_ms), 1), Pair(at(2_s + world.way + 20_ms), 2),
                                            Pair(at(2_s + world.way + 30_ms), 3)));
  EXPECT_EQ(world.faults.effects(slow), 3U);
}

TEST(FaultPaths, TheRestOfTheQueueGoesOutWhenTheSlowLineEnds) {
  Connected world;
  Splits splits;
  world.network.add_observer(&splits);
  const FaultHandle slow = world.faults.bandwidth(world.there, {.bits_per_second = 8000});
  for (int i = 1; i <= 3; ++i) world.end.send(message(i, 1000));  // 1 s each
  world.end.close();
  world.run(1500_ms);
  world.faults.end(slow);
  world.run();
  EXPECT_THAT(world.b.received, ElementsAre(Pair(at(2_s + world.way), 1), Pair(at(2500_ms + world.way), 2),
                                            Pair(at(2500_ms + world.way), 3)));
  EXPECT_EQ(world.b.log.back(), (Event{at(2500_ms + world.way), "closed"}));
  for (const DelaySplit& split : splits.splits) EXPECT_GT(split.fault, Duration{});
}

TEST(FaultPaths, AFullQueueResetsTheConnectionAndLeavesNoHoleInTheStream) {
  Connected world;
  const FaultHandle slow = world.faults.bandwidth(world.there, {.bits_per_second = 8000, .queue_bytes = 2000});
  for (int i = 1; i <= 4; ++i) world.end.send(message(i, i == 3 ? 1000 : 500));
  world.run();
  EXPECT_THAT(world.b.numbers(), ElementsAre());
  EXPECT_EQ(world.a.log.back(), (Event{at(1_s), "reset"}));
  EXPECT_EQ(world.b.log.back(), (Event{at(1_s), "reset"}));
  EXPECT_EQ(world.faults.effects(slow), 4U);  // three were slowed, one reset
}

TEST(FaultPaths, WildcardsStrikeEveryProcessButNotOneWithItself) {
  EXPECT_THAT(all_of({7}), ElementsAre(Path{7, 0}, Path{0, 7}));
  EXPECT_THAT(both_ways({1}, {2, 3}), ElementsAre(Path{1, 2}, Path{1, 3}, Path{2, 1}, Path{3, 1}));
  Connected world;
  Connection& own = world.a.connect(world.a);
  world.run(1_s);
  const FaultHandle slow = world.faults.delay({{0, 0}}, {.extra = always(30_ms)}, world.chance());
  own.send(message(1));
  world.run();
  EXPECT_EQ(world.faults.effects(slow), 0U);
}

TEST(FaultPaths, AnEndedInstanceLeavesNoTraceInTheDrawsOfTheNetwork) {
  std::vector<std::uint64_t> draws[2];
  std::vector<std::pair<Instant, int>> later[2];
  for (const bool struck : {false, true}) {
    Connected world{NetworkOptions{}};
    std::vector<FaultHandle> all;
    if (struck) {
      all.push_back(world.faults.loss({{0, 0}}, {.ratio = 0.4, .burst = 3}, world.chance()));
      all.push_back(
          world.faults.delay(world.there, {.extra = DurationDistribution::exponential(5_ms)}, world.chance()));
      all.push_back(world.faults.bandwidth(world.there, {.bits_per_second = 1'000'000}));
      all.push_back(world.faults.clog(world.there));
      all.push_back(world.faults.hold(world.there, {}));
    }
    for (int i = 0; i < 200; ++i) world.end.send(message(i, 3000));
    world.run(100_ms);
    if (struck) {
      const FaultHandle cut = world.faults.partition(world.there, InFlight::kDrop);
      world.run(1_ms);
      world.faults.end(cut);
    } else {
      world.run(1_ms);
    }
    for (const FaultHandle fault : all) world.faults.end(fault);
    world.run(10'000_s);
    EXPECT_EQ(world.b.received.size(), 200U);
    world.b.received.clear();
    for (int i = 0; i < 200; ++i) world.end.send(message(i, 3000));
    world.run();
    later[struck ? 1 : 0] = world.b.received;
    for (const auto& count : world.streams.draw_counts())
      if (count.name.rfind("net/", 0) == 0) draws[struck ? 1 : 0].push_back(count.draws);
  }
  EXPECT_EQ(draws[0], draws[1]);
  EXPECT_EQ(later[0], later[1]);
}

}  // namespace
}  // namespace tidemark::sim::test
