// Handshake, order, endings: with jitter, slow paths, loss and bandwidth off, so that all times are exact.
#include "sim/net/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net_world.h"

namespace tidemark::sim::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

/// Two nodes, an ocean between them.
struct Pair2 : TestWorld {
  explicit Pair2(const NetworkOptions& options = exact_options(), std::uint64_t seed = 1) : TestWorld(options, seed) {}
  Node& a = node("a", "IAD");
  Node& b = node("b", "FRA");
  const Duration way = one_way("IAD", "FRA");
};

TEST(Network, HandshakeTakesOneRoundTrip) {
  Pair2 world;
  Connection& end = world.a.connect(world.b);
  EXPECT_FALSE(end.is_open());
  EXPECT_EQ(end.peer(), 2U);
  world.run();
  EXPECT_THAT(world.b.log, ElementsAre(Event{at(world.way), "accept a"}));
  EXPECT_THAT(world.a.log, ElementsAre(Event{at(2 * world.way), "open b"}));
  EXPECT_TRUE(end.is_open());
}

TEST(Network, MessageSentBeforeTheHandshakeWaitsForIt) {
  Pair2 world;
  world.a.connect(world.b).send(message(7));
  world.run();
  EXPECT_THAT(world.b.received, ElementsAre(Pair(at(3 * world.way), 7)));
}

TEST(Network, AcceptorMaySendAtOnceButOpenComesFirst) {
  Pair2 world;
  world.b.accepted = [](Connection& end) { end.send(message(1)); };
  world.a.got = [&](Connection&, int) { world.a.note("got"); };
  world.a.connect(world.b);
  world.run();
  EXPECT_THAT(world.a.log, ElementsAre(Event{at(2 * world.way), "open b"}, Event{at(2 * world.way), "got"}));
}

TEST(Network, BandwidthQueuesMessagesBehindEachOther) {
  NetworkOptions options = exact_options();
  options.bandwidth_bits_per_second = 8'000'000;  // 1 us per byte
  Pair2 world(options);
  world.a.opened = [](Connection& end) {
    end.send(message(1, 1000));
    end.send(message(2, 500));
  };
  world.a.connect(world.b);
  world.run();
  const Instant open = at(2 * world.way);
  EXPECT_THAT(world.b.received, ElementsAre(Pair(open + world.way + Duration::microseconds(1000), 1),
                                            Pair(open + world.way + Duration::microseconds(1500), 2)));
}

TEST(Network, RefusesWhenNobodyListens) {
  Pair2 world;
  world.b.transport->listen(nullptr);
  world.a.connect(world.b);
  world.run();
  EXPECT_THAT(world.a.log, ElementsAre(Event{at(2 * world.way), "refused"}));
}

TEST(Network, StoppedProcessRefusesButASilentOneTimesOut) {
  Pair2 world;
  world.b.process.crash();
  world.a.connect(world.b);
  world.run();
  EXPECT_THAT(world.a.log, ElementsAre(Event{at(2 * world.way), "refused"}));
  world.network.silence(2, true);
  world.a.log.clear();
  const Instant start = world.scheduler.now();
  world.a.connect(world.b);
  world.run();
  EXPECT_THAT(world.a.log, ElementsAre(Event{start + world.network.options().connect_timeout, "timeout"}));
}

TEST(Network, SilentProcessThatReturnsAnswersARetriedHandshake) {
  Pair2 world;
  world.network.silence(2, true);
  world.b.process.crash();
  world.a.connect(world.b);
  world.run(500_ms);
  world.b.process.start();
  world.network.silence(2, false);
  world.run();
  // The first SYN arrives after one way and finds nobody; it is tried again 1 s later and takes a round trip.
  EXPECT_THAT(world.a.log, ElementsAre(Event{at(3 * world.way + 1_s), "open b"}));
}

TEST(Network, ASilentDeathWhileTheHandshakeIsAnsweredIsNoticedByDetection) {
  NetworkOptions options = exact_options();
  options.connect_timeout = 2_s;  // sooner than detection, and no news any more once the connection is open
  Pair2 world(options);
  world.a.connect(world.b);
  world.run(world.way + 1_us);
  ASSERT_THAT(world.b.log, ElementsAre(Event{at(world.way), "accept a"}));
  world.network.silence(2, true);
  world.b.process.crash();
  world.run();
  const Duration detection = world.network.options().half_open_detection;
  EXPECT_THAT(world.a.log,
              ElementsAre(Event{at(2 * world.way), "open b"}, Event{at(2 * world.way + detection), "reset"}));
}

TEST(Network, JitterNeverReordersAStream) {
  NetworkOptions options = exact_options();
  options.jitter_median = 3_ms;
  options.jitter_sigma = 1.4;
  Pair2 world(options);
  Connection& end = world.a.connect(world.b);
  world.run(1_s);
  std::vector<int> expected;
  for (int i = 0; i < 500; ++i) {
    end.send(message(i));
    expected.push_back(i);
    world.run(1_ms);
  }
  world.run();
  EXPECT_EQ(world.b.numbers(), expected);
}

TEST(Network, CloseDeliversEverythingFirst) {
  Pair2 world;
  world.a.opened = [&](Connection& end) {
    for (int i = 0; i < 3; ++i) end.send(message(i));
    end.close();
    EXPECT_FALSE(end.is_open());
    end.send(message(99));  // dropped
    world.a.destroy(end);
  };
  world.a.connect(world.b);
  world.run();
  EXPECT_THAT(world.b.numbers(), ElementsAre(0, 1, 2));
  EXPECT_THAT(world.b.log, ElementsAre(Event{at(world.way), "accept a"}, Event{at(3 * world.way), "closed"}));
  EXPECT_THAT(world.a.log, ElementsAre(Event{at(2 * world.way), "open b"}));  // nothing after its own close
}

TEST(Network, CloseDuringTheHandshakeDeliversEverythingToo) {
  Pair2 world;
  Connection& end = world.a.connect(world.b);
  end.send(message(5));
  end.close();
  world.a.destroy(end);
  world.run();
  EXPECT_THAT(world.b.numbers(), ElementsAre(5));
  EXPECT_EQ(world.b.log.back(), (Event{at(3 * world.way), "closed"}));
  EXPECT_THAT(world.a.log, IsEmpty());
}

TEST(Network, DestroyingAnOpenEndResetsThePeerOneWayLater) {
  Pair2 world;
  Connection& end = world.a.connect(world.b);
  world.run(1_s);
  world.a.destroy(end);
  world.run();
  EXPECT_EQ(world.b.log.back(), (Event{at(1_s + world.way), "reset"}));
}

TEST(Network, DestroyingDuringTheHandshakeLeavesNothingBehind) {
  Pair2 world;
  Connection& early = world.a.connect(world.b);
  world.a.destroy(early);
  world.run();
  EXPECT_THAT(world.b.log, IsEmpty());
  Connection& late = world.a.connect(world.b);
  world.run(world.way + 1_ms);  // accepted, not yet open
  world.a.destroy(late);
  world.run();
  EXPECT_EQ(world.b.log.back().what, "reset");
  EXPECT_THAT(world.a.log, IsEmpty());
}

TEST(Network, CrashResetsThePeerAndLosesWhatComesLaterThanTheReset) {
  NetworkOptions options = exact_options();
  options.bandwidth_bits_per_second = 8'000'000;
  Pair2 world(options);
  Connection& end = world.a.connect(world.b);
  world.run(1_s);
  end.send(message(1, 1000));     // on the line for 1 ms
  end.send(message(2, 100'000));  // for 100 ms
  world.run(10_ms);
  world.a.process.crash();
  world.run();
  EXPECT_THAT(world.b.received, ElementsAre(Pair(at(1_s + world.way + 1_ms), 1)));
  EXPECT_EQ(world.b.log.back(), (Event{at(1_s + 10_ms + world.way), "reset"}));
}

TEST(Network, NewIncarnationGetsNothingOfTheOld) {
  Pair2 world;
  Connection& end = world.a.connect(world.b);
  world.run(1_s);
  end.send(message(1));
  world.run(1_ms);
  world.b.process.crash();
  world.b.process.start();
  end.send(message(2));
  world.run();
  EXPECT_THAT(world.b.received, IsEmpty());
  EXPECT_EQ(world.a.log.back(), (Event{at(1_s + 1_ms + world.way), "reset"}));
  EXPECT_FALSE(end.is_open());
  world.a.connect(world.b).send(message(3));
  world.run();
  EXPECT_THAT(world.b.numbers(), ElementsAre(3));
}

TEST(Network, CrashBeforeAcceptIsSeenByTheConnector) {
  Pair2 world;
  const std::size_t before = FramePool::bytes_in_use();
  world.b.process.pause();
  Connection& end = world.a.connect(world.b);
  world.run(1_s);
  EXPECT_TRUE(end.is_open());  // the kernel of b has answered
  world.b.process.crash();
  world.run();
  EXPECT_EQ(world.a.log.back().what, "reset");
  EXPECT_THAT(world.b.log, IsEmpty());
  world.a.destroy(end);
  EXPECT_EQ(FramePool::bytes_in_use(), before);  // nothing of the connection is left
}

TEST(Network, HandleThatOutlivesItsProcessIsDead) {
  Pair2 world;
  const auto end = world.a.transport->connect(2, &world.a);
  end->send(message(1));
  world.run(1_s);
  EXPECT_TRUE(end->is_open());
  world.b.ends().front()->send(message(2));
  world.a.process.crash();
  EXPECT_FALSE(end->is_open());
  end->send(message(3));
  world.a.process.start();
  world.run();
  EXPECT_THAT(world.a.received, IsEmpty());
  EXPECT_THAT(world.a.log, ElementsAre(Event{at(2 * world.way), "open b"}));
  EXPECT_THAT(world.b.numbers(), ElementsAre(1));
}

TEST(Network, CrashEndsListening) {
  Pair2 world;
  world.b.process.crash();
  world.b.listens = false;
  world.b.process.start();
  world.a.connect(world.b);
  world.run();
  EXPECT_EQ(world.a.log.back().what, "refused");
}

TEST(Network, PausedReceiverGetsAllInOrderWhenItResumes) {
  Pair2 world;
  Connection& end = world.a.connect(world.b);
  world.run(1_s);
  world.b.process.pause();
  for (int i = 0; i < 3; ++i) end.send(message(i));
  end.close();
  world.run(9_s);
  EXPECT_THAT(world.b.received, IsEmpty());
  world.b.process.resume();
  world.run();
  EXPECT_THAT(world.b.received, ElementsAre(Pair(at(10_s), 0), Pair(at(10_s), 1), Pair(at(10_s), 2)));
  EXPECT_EQ(world.b.log.back(), (Event{at(10_s), "closed"}));
}

TEST(Network, ResetDuringAPauseKeepsWhatHadArrivedBeforeIt) {
  Pair2 world;
  Connection& end = world.a.connect(world.b);
  world.run(1_s);
  world.b.process.pause();
  for (int i = 0; i < 3; ++i) end.send(message(i));
  world.run(1_s);
  world.a.destroy(end);
  world.run(1_s);
  world.b.process.resume();
  world.run();
  EXPECT_THAT(world.b.numbers(), ElementsAre(0, 1, 2));
  EXPECT_EQ(world.b.log.back(), (Event{at(3_s), "reset"}));
}

TEST(Network, MessagesAndEndWaitForAReceiver) {
  Pair2 world;
  world.b.receives = false;
  Connection& end = world.a.connect(world.b);
  world.run(1_s);
  end.send(message(1));
  end.send(message(2));
  end.close();
  world.run(1_s);
  EXPECT_THAT(world.b.received, IsEmpty());
  world.b.ends().front()->set_receiver(&world.b);
  EXPECT_THAT(world.b.received, IsEmpty());  // never from within the call
  world.run();
  EXPECT_THAT(world.b.numbers(), ElementsAre(1, 2));
  EXPECT_EQ(world.b.log.back(), (Event{at(2_s), "closed"}));
}

TEST(Network, RefusalWaitsForAReceiver) {
  Pair2 world;
  world.b.transport->listen(nullptr);
  const auto end = world.a.transport->connect(2, nullptr);
  world.run(1_s);
  end->set_receiver(&world.a);
  world.run();
  EXPECT_THAT(world.a.log, ElementsAre(Event{at(1_s), "refused"}));
}

TEST(Network, EndsMayBeDestroyedInEveryCallback) {
  const std::size_t before = FramePool::bytes_in_use();
  for (int where = 0; where < 4; ++where) {
    Pair2 world;
    const auto destroy = [](Node& node) { return [&node](Connection& end) { node.destroy(end); }; };
    if (where == 0) world.b.accepted = destroy(world.b);
    if (where == 1) world.a.opened = destroy(world.a);
    if (where == 2) world.b.got = [&](Connection& end, int) { world.b.destroy(end); };
    world.a.ended = destroy(world.a);
    world.b.ended = destroy(world.b);
    Connection& end = world.a.connect(world.b);
    for (int i = 0; i < 3; ++i) end.send(message(i));
    if (where == 3) end.close();
    world.run();
    EXPECT_EQ(world.b.received.size(), where == 0 ? 0U : where == 2 ? 1U : 3U);
    world.network.reset_between(1, 2);
    world.run();
    if (where < 3) {
      EXPECT_THAT(world.network.connections(), IsEmpty()) << where;
    }
  }
  EXPECT_EQ(FramePool::bytes_in_use(), before);
}

TEST(Network, AProcessMayConnectToItself) {
  TestWorld world;
  Node& a = world.node("a", "IAD");
  a.connect(a).send(message(1));
  world.run();
  EXPECT_THAT(a.received, ElementsAre(Pair(at(Duration::microseconds(150)), 1)));
  a.process.crash();
  world.run();
  EXPECT_THAT(world.network.connections(), IsEmpty());
}

TEST(Network, EndsOutliveTheNetwork) {
  Scheduler scheduler;
  Process a(scheduler, 1, "a");
  std::unique_ptr<Connection> end;
  {
    StreamRegistry streams(1);
    Network network(scheduler, streams, exact_options());
    a.start();
    end = network.attach(a, network.sites().at("IAD")).connect(1, nullptr);
    end->send(message(1));
  }
  end->send(message(2));
  EXPECT_FALSE(end->is_open());
  EXPECT_EQ(end->peer_name(), "a");
  a.crash();
}

}  // namespace
}  // namespace tidemark::sim::test
