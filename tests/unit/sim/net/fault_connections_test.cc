// Faults of connections and whole paths: partition, clog, hold, reset, truncate, send buffer, connecting, half-open.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net_world.h"

namespace tidemark::sim::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(FaultConnections, PartitionOfGroupsBlocksAllTheirPathsAndHealsAlone) {
  TestWorld world;
  for (const char* name : {"a", "b", "c", "d"}) world.node(name, "IAD");
  NetworkFaults& faults = world.network.faults();
  const FaultHandle halves = faults.partition(both_ways({1, 2}, {3, 4}));
  const FaultHandle alone = faults.partition(all_of({1}));
  EXPECT_TRUE(world.network.blocked(1, 2));
  EXPECT_TRUE(world.network.blocked(4, 2));
  EXPECT_FALSE(world.network.blocked(3, 4));
  faults.end(alone);
  EXPECT_FALSE(world.network.blocked(1, 2));
  EXPECT_TRUE(world.network.blocked(1, 3));
  faults.end(halves);
  EXPECT_FALSE(world.network.blocked(1, 3));
}

TEST(FaultConnections, PartitionCountsWhatMeetsIt) {
  Connected world;
  const FaultHandle cut = world.faults.partition(world.there);
  world.end.send(message(1));
  world.other_end().send(message(2));
  world.a.connect(world.b);
  world.run(500_ms);
  EXPECT_EQ(world.faults.effects(cut), 2U);  // message 1 and a SYN
  world.faults.end(cut);
  world.run();
  EXPECT_THAT(world.b.received, ElementsAre(Pair(at(1500_ms + world.way), 1)));
  EXPECT_EQ(world.faults.effects(cut), 2U);
}

TEST(FaultConnections, PartitionCanTakeBackWhatIsInFlight) {
  Connected world;
  world.end.send(message(1));
  world.run(1_s);
  world.end.send(message(2));
  world.end.send(message(3));
  world.end.close();
  world.run(1_ms);
  const FaultHandle cut = world.faults.partition(world.there, InFlight::kDrop);
  EXPECT_EQ(world.faults.effects(cut), 3U);  // two messages and the close
  world.run(1_s);
  EXPECT_THAT(world.b.numbers(), ElementsAre(1));
  world.faults.end(cut);
  world.run();
  const Instant arrival = at(3_s + 1_ms + world.way);
  EXPECT_THAT(world.b.received, ElementsAre(Pair(at(1_s + world.way), 1), Pair(arrival, 2), Pair(arrival, 3)));
  EXPECT_EQ(world.b.log.back(), (Event{arrival, "closed"}));
}

TEST(FaultConnections, TakenBackHandshakesAreTriedAgain) {
  for (const bool answer : {false, true}) {
    TestWorld world;
    Node& a = world.node("a", "IAD");
    Node& b = world.node("b", "FRA");
    const Duration way = world.one_way("IAD", "FRA");
    a.connect(b);
    world.run(answer ? way + 1_ms : 1_ms);
    const Instant start = world.scheduler.now();
    const FaultHandle cut = world.network.faults().partition(all_of({1}), InFlight::kDrop);
    EXPECT_EQ(world.network.faults().effects(cut), 1U);
    world.run(500_ms);
    world.network.faults().end(cut);
    world.run();
    EXPECT_THAT(a.log, ElementsAre(Event{start + 1_s + (answer ? way : 2 * way), "open b"}));
    EXPECT_EQ(b.log.size(), 1U);
  }
}

TEST(FaultConnections, CrashWhileItsMessagesAreTakenBackLosesThem) {
  Connected world;
  world.end.send(message(1));
  world.run(1_ms);
  world.faults.partition(world.there, InFlight::kDrop);
  world.a.process.crash();
  world.run();
  EXPECT_THAT(world.b.received, IsEmpty());
  EXPECT_EQ(world.b.log.back(), (Event{at(1_s + 1_ms + world.detection), "reset"}));
}

/// The injected part of each message's delay.
struct FaultParts final : NetworkObserver {
  void on_deliver(const MessageView&, const DelaySplit& split) override { parts.push_back(split.fault); }
  std::vector<Duration> parts;
};

TEST(FaultConnections, ClogReleasesEverythingAtOnceInOrder) {
  Connected world;
  FaultParts faults;
  world.network.add_observer(&faults);
  world.end.send(message(1));
  world.run(1_ms);
  const FaultHandle jam = world.faults.clog(world.there);
  world.end.send(message(2));
  world.run(100_s);  // longer than anybody waits for a blocked path
  world.end.send(message(3));
  EXPECT_THAT(world.b.received, IsEmpty());
  world.faults.end(jam);
  world.run();
  const Instant burst = at(101_s + 1_ms);
  EXPECT_THAT(world.b.received, ElementsAre(Pair(burst, 1), Pair(burst, 2), Pair(burst + world.way, 3)));
  EXPECT_EQ(world.faults.effects(jam), 2U);
  EXPECT_THAT(faults.parts, ElementsAre(100_s + 1_ms - world.way, 100_s - world.way, Duration{}));
}

TEST(FaultConnections, HandshakesClosesAndResetsWaitForTheEndOfAClog) {
  Connected world;
  Connection& third = world.a.connect(world.b);
  world.run(1_s);
  const FaultHandle jam = world.faults.clog(world.there);
  world.a.connect(world.b);
  world.end.close();
  world.a.destroy(third);
  world.run(2_s);
  EXPECT_THAT(world.b.log.size(), 2U);  // the two accepts
  world.faults.end(jam);
  world.run();
  EXPECT_THAT(std::vector(world.b.log.begin() + 2, world.b.log.end()),
              ElementsAre(Event{at(4_s), "closed"}, Event{at(4_s), "reset"}, Event{at(4_s), "accept a"}));
  EXPECT_EQ(world.a.log.back(), (Event{at(4_s + world.way), "open b"}));
  EXPECT_EQ(world.faults.effects(jam), 3U);
}

TEST(FaultConnections, ClogsOverlapAndThePartitionWins) {
  Connected world;
  const FaultHandle first = world.faults.clog(world.there);
  world.end.send(message(1));
  world.run(1_s);
  const FaultHandle second = world.faults.clog({{0, 2}});
  const FaultHandle cut = world.faults.partition(world.there);
  world.end.send(message(2));
  world.run(1_s);
  world.faults.end(first);
  world.run(1_s);
  EXPECT_THAT(world.b.received, IsEmpty());
  world.faults.end(cut);
  world.faults.end(second);
  world.run();
  EXPECT_THAT(world.b.received, ElementsAre(Pair(at(4_s), 1), Pair(at(4_s + world.way), 2)));
}

TEST(FaultConnections, WhatHadArrivedBeforeTheClogIsNotClogged) {
  Connected world;
  world.b.process.pause();
  world.end.send(message(1));
  world.run(1_s);
  const FaultHandle jam = world.faults.clog(world.there);
  world.run(1_s);
  world.b.process.resume();
  world.run(1_s);
  EXPECT_THAT(world.b.received, ElementsAre(Pair(at(3_s), 1)));
  world.faults.end(jam);
  EXPECT_EQ(world.faults.effects(jam), 0U);
}

TEST(FaultConnections, ResetPassesAClogByForceAndLosesWhatWaits) {
  Connected world;
  const FaultHandle jam = world.faults.clog(world.there);
  world.end.send(message(1));
  world.run(1_s);
  const FaultHandle reset = world.faults.reset({{2, 1}});
  world.run(1_s);
  world.faults.end(jam);
  world.run();
  EXPECT_THAT(world.b.received, IsEmpty());
  EXPECT_EQ(world.b.log.back(), (Event{at(2_s), "reset"}));
  EXPECT_EQ(world.faults.effects(reset), 1U);
  EXPECT_EQ(world.faults.effects(world.faults.reset({{0, 0}})), 0U);  // nothing is left
}

TEST(FaultConnections, HoldKeepsMatchingMessagesAndWhatFollowsThemUntilReleased) {
  Connected world;
  const FaultHandle hold = world.faults.hold(world.there, {7});
  world.end.send(message(1));
  world.end.send(message(2, 100, 7));
  world.end.send(message(3));
  world.end.send(message(4, 100, 7));
  world.run(1_s);
  EXPECT_THAT(world.b.numbers(), ElementsAre(1));
  ASSERT_EQ(world.faults.held(hold).size(), 1U);
  const NetworkFaults::Held held = world.faults.held(hold).front();
  EXPECT_EQ(held.path, (Path{1, 2}));
  EXPECT_EQ(held.type, 7);
  EXPECT_TRUE(world.faults.release(hold, held));
  EXPECT_FALSE(world.faults.release(hold, held));  // on its way already
  world.run(1_s);
  EXPECT_THAT(world.b.numbers(), ElementsAre(1, 2, 3));
  world.faults.end(hold);
  world.run();
  EXPECT_THAT(world.b.received,
              ElementsAre(Pair(at(1_s + world.way), 1), Pair(at(2_s), 2), Pair(at(2_s), 3), Pair(at(3_s), 4)));
  EXPECT_EQ(world.faults.effects(hold), 2U);
}

TEST(FaultConnections, TruncatedMessageEndsTheStreamWhereItWasCut) {
  Connected world;
  const FaultHandle cut = world.faults.truncate(world.there, {.types = {7}, .times = 1}, world.chance());
  world.end.send(message(1));
  world.end.send(message(2, 100, 7));
  world.end.send(message(3));
  world.run();
  EXPECT_THAT(world.b.numbers(), ElementsAre(1));
  EXPECT_EQ(world.a.log.back(), (Event{at(1_s + world.way), "reset"}));
  EXPECT_EQ(world.b.log.back(), (Event{at(1_s + world.way), "reset"}));
  world.a.connect(world.b).send(message(4, 100, 7));
  world.run();
  EXPECT_THAT(world.b.numbers(), ElementsAre(1, 4));  // only once
  EXPECT_EQ(world.faults.effects(cut), 1U);
}

TEST(FaultConnections, RandomResetStrikesWhenTheMessageIsSent) {
  Connected world;
  const FaultHandle resets = world.faults.random_resets(world.there, {.probability = 1, .types = {7}}, world.chance());
  world.end.send(message(1));
  world.end.send(message(2, 100, 7));
  world.end.send(message(3));
  world.run();
  EXPECT_THAT(world.b.received, IsEmpty());
  EXPECT_EQ(world.a.log.back(), (Event{at(1_s), "reset"}));
  EXPECT_EQ(world.faults.effects(resets), 1U);
}

TEST(FaultConnections, SendBufferResetsTheConnectionThatKeepsTooMuch) {
  Connected world;
  const FaultHandle buffer =
      world.faults.send_buffer(world.there, {.least_bytes = 250, .most_bytes = 250}, world.chance());
  world.end.send(message(1));
  world.end.send(message(2));
  world.run(1_s);
  EXPECT_THAT(world.b.numbers(), ElementsAre(1, 2));
  for (int i = 3; i <= 5; ++i) world.end.send(message(i));
  world.run();
  EXPECT_THAT(world.b.numbers(), ElementsAre(1, 2));
  EXPECT_EQ(world.a.log.back(), (Event{at(2_s), "reset"}));
  EXPECT_EQ(world.faults.effects(buffer), 1U);
}

TEST(FaultConnections, ConnectsAreDelayedRefusedOrNeverAnswered) {
  TestWorld world;
  Node& a = world.node("a", "IAD");
  Node& b = world.node("b", "FRA");
  const Duration round_trip = 2 * world.one_way("IAD", "FRA");
  RandomStream& chance = world.streams.stream("fault", "test");
  NetworkFaults& faults = world.network.faults();
  const auto strike = [&](ConnectFault::Answer answer, Duration delay) {
    return faults.connecting({{1, 2}}, {.answer = answer, .delay = DurationDistribution::constant(delay)}, chance);
  };
  const auto outcome = [&] {
    const Instant start = world.scheduler.now();
    a.connect(b);
    world.run();
    return std::pair((a.log.back().when - start), a.log.back().what);
  };
  const FaultHandle delayed = strike(ConnectFault::Answer::kDelayed, 300_ms);
  EXPECT_EQ(outcome(), std::pair(round_trip + 300_ms, std::string("open b")));
  const FaultHandle refused = strike(ConnectFault::Answer::kRefused, 20_ms);
  EXPECT_EQ(outcome(), std::pair(20_ms, std::string("refused")));
  const FaultHandle never = strike(ConnectFault::Answer::kNever, Duration{});
  EXPECT_EQ(outcome(), std::pair(world.network.options().connect_timeout, std::string("timeout")));
  EXPECT_EQ(b.log.size(), 1U);
  for (const FaultHandle fault : {delayed, refused, never}) faults.end(fault);
  EXPECT_EQ(outcome(), std::pair(round_trip, std::string("open b")));
  EXPECT_EQ(faults.effects(delayed), 3U);
  EXPECT_EQ(faults.effects(never), 1U);
}

TEST(FaultConnections, HalfOpenSaysWhichEndLearns) {
  for (const Aware aware : {Aware::kNobody, Aware::kSender, Aware::kReceiver}) {
    Connected world;
    const FaultHandle half = world.faults.half_open({{1, 0}}, aware);
    world.run();
    const Instant late = at(1_s + world.detection);
    EXPECT_EQ(world.a.log.back(), (Event{aware == Aware::kSender ? at(1_s) : late, "reset"}));
    EXPECT_EQ(world.b.log.back(), (Event{aware == Aware::kReceiver ? at(1_s) : late, "reset"}));
    EXPECT_EQ(world.faults.effects(half), 1U);
  }
}

}  // namespace
}  // namespace tidemark::sim::test
