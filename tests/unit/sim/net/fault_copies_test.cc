// Faults that break the order of a stream, where that is legal: duplicates, replays, stale deliveries, reordering.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "net_world.h"

namespace tidemark::sim::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

DurationDistribution always(Duration value) {
  return DurationDistribution::constant(value);
}

struct Numbers final : NetworkObserver {
  void on_deliver(const MessageView& view, const DelaySplit&) override { delivered.push_back(view.number); }
  void on_copy(const MessageView& view) override { copies.emplace_back(view.connection, view.number); }
  std::vector<std::uint64_t> delivered;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> copies;
};

TEST(FaultCopies, DuplicatesArriveAfterLaterMessages) {
  Connected world;
  Numbers numbers;
  world.network.add_observer(&numbers);
  const FaultHandle twice =
      world.faults.duplicate(world.there, {.copies = 2, .delay = always(10_ms), .types = {7}}, world.chance());
  world.end.send(message(1, 100, 7));
  world.end.send(message(2));
  world.run();
  const Instant arrival = at(1_s + world.way);
  EXPECT_THAT(world.b.received,
              ElementsAre(Pair(arrival, 1), Pair(arrival, 2), Pair(arrival + 10_ms, 1), Pair(arrival + 10_ms, 1)));
  EXPECT_EQ(world.faults.effects(twice), 2U);
  EXPECT_THAT(numbers.delivered, ElementsAre(1, 2));
  EXPECT_THAT(numbers.copies, ElementsAre(Pair(1, 1), Pair(1, 1)));
}

TEST(FaultCopies, ACopyReachesTheNextIncarnationOnItsNewConnection) {
  Connected world;
  const FaultHandle twice = world.faults.duplicate(world.there, {.delay = always(5_s)}, world.chance());
  world.end.send(message(1));
  world.run(1_s);
  world.b.process.crash();
  world.b.process.start();
  world.run(1_s);
  Connection& again = world.a.connect(world.b);
  again.send(message(2));
  world.run(3_s + world.way - 1_ms);
  EXPECT_THAT(world.b.numbers(), ElementsAre(1, 2));
  world.run(1_ms);
  EXPECT_THAT(world.b.numbers(), ElementsAre(1, 2, 1));
  EXPECT_EQ(world.faults.effects(twice), 1U);
}

TEST(FaultCopies, ACopyIsDroppedWithoutAConnectionOrAfterTheEnd) {
  Connected world;
  const FaultHandle twice = world.faults.duplicate(world.there, {.delay = always(5_s)}, world.chance());
  world.end.send(message(1));
  world.run(1_s);
  world.network.reset_between(1, 2);
  world.run(10_s);
  Connection& again = world.a.connect(world.b);
  again.send(message(2));
  world.run(1_s);
  world.faults.end(twice);
  world.run();
  EXPECT_THAT(world.b.numbers(), ElementsAre(1, 2));
  EXPECT_EQ(world.faults.effects(twice), 0U);
}

TEST(FaultCopies, ACopyWaitsForAPausedReceiverAndDiesWithACrashedOne) {
  for (const bool crashes : {false, true}) {
    Connected world;
    const FaultHandle twice = world.faults.duplicate(world.there, {.delay = always(1_s)}, world.chance());
    world.end.send(message(1));
    world.run(500_ms);
    world.b.process.pause();
    world.run(2_s);
    if (crashes) {
      world.b.process.crash();
      world.b.process.start();
    } else {
      world.b.process.resume();
    }
    world.run();
    EXPECT_EQ(world.b.received.size(), crashes ? 1U : 2U);
    EXPECT_EQ(world.faults.effects(twice), crashes ? 0U : 1U);
  }
}

TEST(FaultCopies, ACopyKeepsOffConnectionsOfAnotherKind) {
  Connected world;
  world.end.send(message(1, 100, 7));
  const FaultHandle twice = world.faults.duplicate(world.there, {.delay = always(1_s), .types = {7}}, world.chance());
  world.run(500_ms);
  world.network.reset_between(1, 2);
  world.run(1_ms);
  world.a.connect(world.b).send(message(2, 100, 9));  // requests, say
  world.run();
  EXPECT_THAT(world.b.numbers(), ElementsAre(1, 2));
  EXPECT_EQ(world.faults.effects(twice), 0U);
}

TEST(FaultCopies, RecordedMessagesAreReplayedOnDemand) {
  Connected world;
  const FaultHandle tape = world.faults.record(world.there, {.types = {1}, .most = 3});
  for (int i = 1; i <= 4; ++i) world.end.send(message(i));
  EXPECT_EQ(world.faults.recorded(tape), 3U);
  world.faults.replay(tape, 0, 3);  // still on their way: left out
  world.run(1_s);
  world.faults.stop_recording(tape);
  world.end.send(message(5));
  world.run(1_s);
  world.faults.replay(tape, 1, 2);
  world.run();
  EXPECT_THAT(world.b.numbers(), ElementsAre(1, 2, 3, 4, 5, 3, 4));
  EXPECT_EQ(world.faults.effects(tape), 2U);
}

TEST(FaultCopies, StaleMessagesReachTheNextConnectionOnce) {
  Connected world;
  const FaultHandle stale = world.faults.stale(world.there, {.delay = always(10_ms)}, world.chance());
  world.end.send(message(1));
  world.run(1_s);
  world.end.send(message(2));  // never arrives
  world.a.process.crash();
  world.a.process.start();
  world.run(1_s);
  for (int i = 0; i < 2; ++i) {
    Connection& next = world.a.connect(world.b);
    next.send(message(3 + i));
    world.run(1_s);
  }
  EXPECT_THAT(world.b.numbers(), ElementsAre(1, 2, 3, 1, 2, 4));
  EXPECT_EQ(world.faults.effects(stale), 2U);
}

TEST(FaultCopies, ReorderingStaysWithinItsBoundAndKeepsTheNumbers) {
  Connected world;
  Numbers numbers;
  world.network.add_observer(&numbers);
  const FaultHandle mix =
      world.faults.reorder(world.there, {.probability = 0.5, .most = 3, .types = {1}}, world.chance());
  for (int i = 0; i < 500; ++i) world.end.send(message(i, 100, i == 250 ? 9 : 1));
  world.run();
  ASSERT_EQ(world.b.received.size(), 500U);
  int moved = 0;
  for (int i = 0; i < 500; ++i) {
    const int number = world.b.received[static_cast<std::size_t>(i)].second;
    EXPECT_LE(std::abs(number - i), 3);
    EXPECT_EQ(numbers.delivered[static_cast<std::size_t>(i)], static_cast<std::uint64_t>(number) + 1);
    moved += number != i ? 1 : 0;
  }
  EXPECT_EQ(world.b.received[250].second, 250);  // another type: nobody overtakes it
  EXPECT_GT(moved, 100);
  EXPECT_GT(world.faults.effects(mix), 50U);
}

TEST(FaultCopies, WhatWasPutBackStillArrivesWhenReorderingHasEnded) {
  NetworkOptions options = exact_options();
  options.bandwidth_bits_per_second = 800'000;  // 1 ms each
  Connected world{options};
  Numbers numbers;
  world.network.add_observer(&numbers);
  const FaultHandle mix = world.faults.reorder(world.there, {.probability = 1, .most = 1}, world.chance());
  for (int i = 1; i <= 3; ++i) world.end.send(message(i));
  world.run(world.way + 1_ms);  // 1 has arrived, and waits for 2
  world.faults.end(mix);
  EXPECT_THAT(world.b.numbers(), IsEmpty());
  world.run();
  EXPECT_THAT(world.b.received, ElementsAre(Pair(at(1_s + world.way + 2_ms), 2), Pair(at(1_s + world.way + 2_ms), 1),
                                            Pair(at(1_s + world.way + 3_ms), 3)));
  EXPECT_THAT(numbers.delivered, ElementsAre(2, 1, 3));
}

TEST(FaultCopies, WildcardsAreRefused) {
  Connected world;
  EXPECT_EXIT(world.faults.duplicate({{0, 2}}, {}, world.chance()), ::testing::ExitedWithCode(70), "named processes");
}

}  // namespace
}  // namespace tidemark::sim::test
