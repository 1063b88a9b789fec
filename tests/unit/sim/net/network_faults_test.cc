// The hooks that the nemesis builds on: reset, half-open, silence, block.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net_world.h"

namespace tidemark::sim::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(NetworkFaults, ResetEndsBothSidesAtOnceAndLosesWhatIsInFlight) {
  Connected world;
  world.end.send(message(1));
  world.run(1_ms);
  world.network.reset(Network::id_of(world.end));
  world.run();
  EXPECT_THAT(world.b.received, IsEmpty());
  EXPECT_EQ(world.a.log.back(), (Event{at(1_s + 1_ms), "reset"}));
  EXPECT_EQ(world.b.log.back(), (Event{at(1_s + 1_ms), "reset"}));
  EXPECT_EQ(Network::id_of(world.end), 0U);
  world.network.reset_between(1, 2);  // nothing left: no effect
}

TEST(NetworkFaults, ResetDuringTheHandshakeIsSeenByTheConnector) {
  TestWorld world;
  Node& a = world.node("a", "IAD");
  Node& b = world.node("b", "FRA");
  a.connect(b);
  world.run(1_ms);
  world.network.reset_between(1, 2);
  world.run();
  EXPECT_THAT(a.log, ElementsAre(Event{at(1_ms), "reset"}));
  EXPECT_THAT(b.log, IsEmpty());
}

TEST(NetworkFaults, ResetBeforeTheAcceptLeavesNothingToAccept) {
  TestWorld world;
  Node& a = world.node("a", "IAD");
  Node& b = world.node("b", "FRA");
  b.process.pause();
  a.connect(b);
  world.run(1_s);
  world.network.reset_between(1, 2);
  world.run(1_s);
  b.process.resume();
  world.run();
  EXPECT_THAT(b.log, IsEmpty());
  EXPECT_EQ(a.log.back(), (Event{at(1_s), "reset"}));
}

TEST(NetworkFaults, ResetKeepsWhatHadArrivedAtAPausedProcess) {
  Connected world;
  world.b.process.pause();
  world.end.send(message(1));
  world.run(1_s);
  world.end.send(message(2));
  world.network.reset(Network::id_of(world.end));
  world.run(1_s);
  world.b.process.resume();
  world.run();
  EXPECT_THAT(world.b.received, ElementsAre(Pair(at(3_s), 1)));
  EXPECT_EQ(world.b.log.back(), (Event{at(3_s), "reset"}));
}

TEST(NetworkFaults, HalfOpenTellsOneSideNowAndTheOtherAfterDetection) {
  Connected world;
  world.end.send(message(1));
  world.network.half_open(Network::id_of(world.end), 2);
  world.run(1_s);
  EXPECT_EQ(world.b.log.back(), (Event{at(1_s), "reset"}));
  EXPECT_TRUE(world.end.is_open());
  world.end.send(message(2));
  world.run();
  EXPECT_THAT(world.b.received, IsEmpty());
  EXPECT_EQ(world.a.log.back(), (Event{at(1_s + world.detection), "reset"}));
}

TEST(NetworkFaults, HalfOpenWithNobodyAwareDeceivesBoth) {
  Connected world;
  world.network.half_open(Network::id_of(world.end));
  world.run();
  EXPECT_EQ(world.a.log.back(), (Event{at(1_s + world.detection), "reset"}));
  EXPECT_EQ(world.b.log.back(), (Event{at(1_s + world.detection), "reset"}));
}

TEST(NetworkFaults, SilentCrashIsNoticedByDetectionOnly) {
  Connected world;
  world.network.silence(2, true);
  world.b.process.crash();
  world.run(5_s);
  EXPECT_TRUE(world.end.is_open());
  world.run();
  EXPECT_EQ(world.a.log.back(), (Event{at(1_s + world.detection), "reset"}));
}

TEST(NetworkFaults, BlockHoldsMessagesBackInOneDirectionUntilUnblock) {
  Connected world;
  world.end.send(message(0));
  world.network.block(1, 2);
  EXPECT_TRUE(world.network.blocked(1, 2));
  EXPECT_FALSE(world.network.blocked(2, 1));
  world.end.send(message(1));
  world.end.send(message(2));
  world.b.ends().front()->send(message(3));
  world.run(2_s);
  EXPECT_THAT(world.b.received, ElementsAre(Pair(at(1_s + world.way), 0)));  // was on the wire
  EXPECT_THAT(world.a.received, ElementsAre(Pair(at(1_s + world.way), 3)));
  world.network.unblock(1, 2);
  world.end.close();
  world.run();
  const Instant arrival = at(3_s + world.way);
  EXPECT_THAT(world.b.received, ElementsAre(Pair(at(1_s + world.way), 0), Pair(arrival, 1), Pair(arrival, 2)));
  EXPECT_EQ(world.b.log.back(), (Event{arrival, "closed"}));
}

TEST(NetworkFaults, BlocksNest) {
  Connected world;
  world.network.block(1, 2);
  world.network.block(1, 2);
  world.end.send(message(1));
  world.network.unblock(1, 2);
  world.run(1_s);
  EXPECT_THAT(world.b.received, IsEmpty());
  world.network.unblock(1, 2);
  world.run();
  EXPECT_THAT(world.b.numbers(), ElementsAre(1));
}

TEST(NetworkFaults, SenderGivesUpWhenTheBlockLasts) {
  Connected world;
  world.network.block(1, 2);
  world.end.send(message(1));
  world.run();
  EXPECT_EQ(world.a.log.back(), (Event{at(1_s + world.detection), "reset"}));
  EXPECT_EQ(world.b.log.back(), (Event{at(1_s + 2 * world.detection), "reset"}));  // b cannot be told either
  EXPECT_THAT(world.b.received, IsEmpty());
}

TEST(NetworkFaults, CloseThatNeverGetsThroughIsNoticedByDetection) {
  Connected world;
  world.network.block(1, 2);
  world.end.close();
  world.a.destroy(world.end);
  world.run();
  EXPECT_EQ(world.b.log.back(), (Event{at(1_s + 2 * world.detection), "reset"}));
}

TEST(NetworkFaults, ResetDoesNotPassABlockedPath) {
  Connected world;
  world.network.block(2, 1);
  world.b.process.crash();
  world.run(1_s);
  EXPECT_TRUE(world.end.is_open());
  world.run();
  EXPECT_EQ(world.a.log.back(), (Event{at(1_s + world.detection), "reset"}));
}

TEST(NetworkFaults, HandshakeThroughABlockedPathTimesOutOrIsRetried) {
  TestWorld world;
  Node& a = world.node("a", "IAD");
  Node& b = world.node("b", "FRA");
  const Duration way = world.one_way("IAD", "FRA");
  for (const auto& [from, to] : {std::pair(1U, 2U), std::pair(2U, 1U)}) {
    const Instant start = world.scheduler.now();
    a.log.clear();
    b.log.clear();
    world.network.block(from, to);
    a.connect(b);
    world.run();
    EXPECT_THAT(a.log, ElementsAre(Event{start + world.network.options().connect_timeout, "timeout"}));
    EXPECT_EQ(b.log.empty(), from == 1);
    world.network.unblock(from, to);
  }
  const Instant start = world.scheduler.now();
  a.log.clear();
  world.network.block(1, 2);
  a.connect(b);
  world.run(500_ms);
  world.network.unblock(1, 2);
  world.run();
  EXPECT_THAT(a.log, ElementsAre(Event{start + 1_s + 2 * way, "open b"}));
}

TEST(NetworkFaults, ListsConnectionsInTheOrderOfTheirIds) {
  Connected world;
  world.b.connect(world.a);
  const auto all = world.network.connections();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].id, 1U);
  EXPECT_EQ(all[0].connector, 1U);
  EXPECT_EQ(all[1].connector, 2U);
  EXPECT_EQ(all[1].acceptor, 1U);
}

}  // namespace
}  // namespace tidemark::sim::test
