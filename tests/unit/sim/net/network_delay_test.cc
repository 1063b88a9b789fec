// The random parts: their figures against data/README.md's study (fixed seeds, so exact results in every build),
// recovery from loss, the split of the delay, and that streams do not disturb each other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "net_world.h"
#include "sim/net/link.h"

namespace tidemark::sim::test {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

struct Splits final : NetworkObserver {
  void on_send(const MessageView& view) override {
    sent.emplace(std::pair(view.connection * 1000 + view.from, view.number), view.sent);
  }
  void on_deliver(const MessageView& view, const DelaySplit& split) override {
    EXPECT_EQ(sent.at(std::pair(view.connection * 1000 + view.from, view.number)), view.sent);
    splits.push_back(split);
    EXPECT_EQ(view.sent + split.total(), scheduler->now());
  }
  const Scheduler* scheduler = nullptr;
  std::map<std::pair<std::uint64_t, std::uint64_t>, Instant> sent;
  std::vector<DelaySplit> splits;
};

/// a and b, connected at 10 s, with a tap.
struct Tapped : TestWorld {
  explicit Tapped(const NetworkOptions& options, std::uint64_t seed = 1) : TestWorld(options, seed) {
    tap.scheduler = &scheduler;
    network.add_observer(&tap);
    run(10_s);
  }
  Node& a = node("a", "IAD");
  Node& b = node("b", "FRA");
  Connection& end = a.connect(b);
  Splits tap;
  const Duration way = one_way("IAD", "FRA");
};

Duration quantile(std::vector<Duration> values, std::size_t per_mille) {
  std::sort(values.begin(), values.end());
  return values[values.size() * per_mille / 1000];
}

TEST(NetworkDelay, JitterHasThePublishedShape) {
  NetworkOptions options = exact_options();
  options.jitter_median = 70_us;
  Tapped world(options);
  for (int i = 0; i < 20'000; ++i) {
    world.end.send(message(i));
    if (i % 2 == 0) world.run(10_ms);
  }
  std::vector<Duration> jitter;
  for (const DelaySplit& split : world.tap.splits) {
    jitter.push_back(split.jitter);
    EXPECT_EQ(split.held, Duration{});  // what waits for the message before it is queueing
  }
  ASSERT_GT(jitter.size(), 19'900U);
  EXPECT_NEAR(quantile(jitter, 500).ms(), 0.070, 0.002);
  EXPECT_NEAR(quantile(jitter, 990).ms(), 1.7, 0.1);
  EXPECT_NEAR(quantile(jitter, 999).ms(), 4.8, 0.8);
}

TEST(NetworkDelay, PathsAreSlowForATenthOfTheTime) {
  const detail::NetworkParameters parameters{NetworkOptions()};
  std::int64_t slow = 0;
  std::int64_t visits = 0;
  std::int64_t extra_ns = 0;
  constexpr int kPaths = 200;
  constexpr int kSteps = 8'640;  // a day in steps of 10 s
  for (std::uint64_t path = 0; path < kPaths; ++path) {
    RandomStream random(path, "path");
    detail::SlowPath state(parameters, random);
    Duration last;
    for (int step = 0; step < kSteps; ++step) {
      const Duration extra = state.extra(at(10_s * step));
      if (extra > Duration{}) ++slow;
      if (extra > Duration{} && extra != last) {
        ++visits;
        extra_ns += extra.ns();
      }
      last = extra;
    }
  }
  EXPECT_NEAR(static_cast<double>(slow) / (kPaths * kSteps), 0.10, 0.003);
  EXPECT_NEAR(static_cast<double>(extra_ns) / static_cast<double>(visits), 4e6, 0.1e6);
  // A visit of 60 s is seen at 6 steps; short ones fall between two steps.
  EXPECT_NEAR(10.0 * static_cast<double>(slow) / static_cast<double>(visits), 60 / 0.92, 2.0);
}

TEST(NetworkDelay, PathsStartInTheirLongRunState) {
  const detail::NetworkParameters parameters{NetworkOptions()};
  int slow = 0;
  for (std::uint64_t path = 0; path < 5000; ++path) {
    RandomStream random(path, "path");
    detail::SlowPath state(parameters, random);
    slow += state.extra(Instant{}) > Duration{} ? 1 : 0;
  }
  EXPECT_NEAR(slow, 500, 60);
}

TEST(NetworkDelay, SlowStateDoesNotDependOnHowOftenItIsAsked) {
  const detail::NetworkParameters parameters{NetworkOptions()};
  RandomStream random(1, "path");
  detail::SlowPath often(parameters, random);
  RandomStream same(1, "path");
  detail::SlowPath seldom(parameters, same);
  for (int step = 0; step < 100'000; ++step) {
    const Duration extra = often.extra(at(1_s * step));
    if (step % 977 == 0) {
      EXPECT_EQ(seldom.extra(at(1_s * step)), extra);
    }
  }
}

TEST(NetworkDelay, LossHasThePublishedRatioAndBursts) {
  for (const auto& [ratio, burst] : {std::pair(1e-4, 3.0), std::pair(1e-2, 3.0), std::pair(1e-3, 1.0)}) {
    NetworkOptions options;
    options.loss_ratio = ratio;
    options.loss_burst = burst;
    const detail::NetworkParameters parameters{options};
    RandomStream random(1, "loss");
    detail::LossChain chain(parameters.loss, random);
    std::uint64_t lost = 0;
    std::uint64_t bursts = 0;
    bool before = false;
    constexpr int kPackets = 20'000'000;
    for (int i = 0; i < kPackets; ++i) {
      const bool now = chain.send(1).any;
      lost += now ? 1 : 0;
      bursts += now && !before ? 1 : 0;
      before = now;
    }
    EXPECT_NEAR(static_cast<double>(lost) / kPackets, ratio, ratio * 0.06);
    EXPECT_NEAR(static_cast<double>(lost) / static_cast<double>(bursts), burst, 0.2);
    EXPECT_LT(random.draws(), 3 * bursts + 3);  // a draw per run, not per packet
  }
}

TEST(NetworkDelay, LossOfManyPacketsAtOnceIsTheSameChain) {
  NetworkOptions options;
  options.loss_ratio = 0.05;
  const detail::NetworkParameters parameters{options};
  RandomStream random(1, "loss");
  detail::LossChain one(parameters.loss, random);
  RandomStream same(1, "loss");
  detail::LossChain many(parameters.loss, same);
  RandomStream sizes(2, "sizes");
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t packets = 1 + sizes.below(20);
    detail::LossChain::Outcome expected{.any = false, .last = false, .all = true};
    for (std::uint64_t k = 0; k < packets; ++k) {
      expected.last = one.send(1).any;
      expected.any = expected.any || expected.last;
      expected.all = expected.all && expected.last;
    }
    const auto outcome = many.send(packets);
    EXPECT_EQ(outcome.any, expected.any);
    EXPECT_EQ(outcome.last, expected.last);
    EXPECT_EQ(outcome.all, expected.any && expected.all);
  }
}

/// Loss only, every lost packet alone (bursts of 1).
NetworkOptions loss_options() {
  NetworkOptions options = exact_options();
  options.loss_ratio = 0.001;
  options.loss_burst = 1;
  return options;
}

TEST(NetworkDelay, LoneLostMessageWaitsForTheProbe) {
  Tapped world(loss_options());
  for (int i = 0; i < 3000; ++i) {
    world.end.send(message(i));
    world.run(2_s);
  }
  std::map<std::int64_t, int> seen;
  for (const DelaySplit& split : world.tap.splits) ++seen[split.loss.ns()];
  ASSERT_EQ(seen.size(), 2U);  // nothing lost, or one probe (a second loss has a chance of 1e-3 of this)
  EXPECT_EQ(seen.begin()->first, 0);
  EXPECT_EQ(seen.rbegin()->first, (4 * world.way + 200_ms).ns());
  EXPECT_GT(seen.rbegin()->second, 0);
  EXPECT_LT(seen.rbegin()->second, 10);
}

TEST(NetworkDelay, DataBehindALostMessageShortensTheWait) {
  for (const Duration gap : {5_ms, 60_ms}) {  // the lost message is in the middle of the stream, or its head
    Tapped world(loss_options());
    for (int i = 0; i < 30'000; ++i) {
      world.end.send(message(i));
      world.run(gap);
    }
    world.run(10_s);
    const Duration wait = 2 * world.way * 1250 / 1000;
    int lost = 0;
    for (std::size_t i = 0; i < world.tap.splits.size(); ++i) {
      const DelaySplit& split = world.tap.splits[i];
      EXPECT_EQ(split.held, Duration{});
      if (split.loss == Duration{}) continue;
      ++lost;
      EXPECT_EQ(split.loss, wait + gap);  // counted from the message behind it
      ASSERT_LT(i + 1, world.tap.splits.size());
      EXPECT_EQ(world.tap.splits[i + 1].queueing, wait);  // head of line: it got through, but waits for the lost one
    }
    EXPECT_NEAR(lost, 30, 16);
  }
}

TEST(NetworkDelay, LossInsideALargeMessageCostsOneRoundTripAndAQuarter) {
  NetworkOptions options = loss_options();
  Tapped world(options);
  for (int i = 0; i < 10'000; ++i) {
    world.end.send(message(i, 30 * 1460));
    world.run(2_s);
  }
  std::map<std::int64_t, int> seen;
  for (const DelaySplit& split : world.tap.splits) ++seen[split.loss.ns()];
  EXPECT_EQ(seen.begin()->first, 0);
  EXPECT_NEAR(seen[(2 * world.way * 1250 / 1000).ns()], 290, 40);
}

TEST(NetworkDelay, FurtherLossesDoubleTheProbe) {
  NetworkOptions options = loss_options();
  options.loss_ratio = 0.3;
  Tapped world(options);
  const Duration probe = 4 * world.way + 200_ms;
  std::map<std::int64_t, int> seen;
  for (int i = 0; i < 2000; ++i) {
    world.end.send(message(i));
    world.run(600_s);
  }
  for (const DelaySplit& split : world.tap.splits) ++seen[split.loss.ns()];
  const int once = seen[probe.ns()];
  const int twice = seen[(3 * probe).ns()];
  const int thrice = seen[(7 * probe).ns()];
  EXPECT_NEAR(once, 2000 * 0.3 * 0.7, 60);
  EXPECT_NEAR(twice, 2000 * 0.3 * 0.3 * 0.7, 35);
  EXPECT_NEAR(thrice, 2000 * 0.3 * 0.3 * 0.3 * 0.7, 20);
}

TEST(NetworkDelay, SplitAddsUpInAllWeathers) {
  NetworkOptions options;
  options.loss_ratio = 0.02;
  options.slow_path_share = 0.5;
  options.slow_path_dwell = 1_s;
  options.bandwidth_bits_per_second = 10'000'000;
  Tapped world(options);
  RandomStream random(1, "test");
  for (int i = 0; i < 5000; ++i) {
    world.end.send(message(i, static_cast<std::uint32_t>(random.below(20'000))));
    if (i == 2000) world.b.process.pause();
    if (i == 2100) world.b.process.resume();
    if (i == 3000) world.network.block(1, 2);
    if (i == 3100) world.network.unblock(1, 2);
    world.run(Duration::microseconds(static_cast<std::int64_t>(random.below(50'000))));
  }
  world.run(100_s);
  ASSERT_EQ(world.tap.splits.size(), 5000U);  // Splits checks each sum
  DelaySplit sum;
  for (const DelaySplit& split : world.tap.splits) {
    EXPECT_EQ(split.base, world.way);
    sum.jitter += split.jitter;
    sum.slow_path += split.slow_path;
    sum.serialisation += split.serialisation;
    sum.loss += split.loss;
    sum.queueing += split.queueing;
    sum.held += split.held;
  }
  for (const Duration part : {sum.jitter, sum.slow_path, sum.serialisation, sum.loss, sum.queueing, sum.held})
    EXPECT_GT(part, 1_ms);
}

/// Deliveries at b of a fixed schedule, in a world with or without an idle third process.
std::vector<std::pair<Instant, int>> deliveries(bool idle, std::uint64_t seed,
                                                std::vector<StreamRegistry::Draws>& draws, Digest128& digest) {
  NetworkOptions options;
  options.loss_ratio = 0.01;
  TestWorld world(options, seed);
  Node& a = world.node("a", "IAD");
  Node& b = world.node("b", "FRA");
  if (idle) world.node("idle", "FRA/2");
  Connection& end = a.connect(b);
  if (idle) world.nodes.back()->connect(a);
  for (int i = 0; i < 500; ++i) {
    end.send(message(i));
    world.run(7_ms);
  }
  world.run();
  draws = world.streams.draw_counts();
  digest = world.scheduler.digest();
  return b.received;
}

TEST(NetworkDelay, AnIdleProcessChangesNoDrawOfAnotherStream) {
  std::vector<StreamRegistry::Draws> without;
  std::vector<StreamRegistry::Draws> with;
  Digest128 digest;
  EXPECT_EQ(deliveries(false, 7, without, digest), deliveries(true, 7, with, digest));
  EXPECT_GT(with.size(), without.size());
  for (const auto& stream : without) {
    const auto found =
        std::find_if(with.begin(), with.end(), [&](const auto& other) { return other.name == stream.name; });
    ASSERT_NE(found, with.end()) << stream.name;
    EXPECT_EQ(found->draws, stream.draws) << stream.name;
  }
}

TEST(NetworkDelay, TheSeedDecidesEverything) {
  std::vector<StreamRegistry::Draws> draws;
  Digest128 first;
  Digest128 again;
  Digest128 other;
  deliveries(false, 7, draws, first);
  deliveries(false, 7, draws, again);
  deliveries(false, 8, draws, other);
  EXPECT_EQ(first, again);
  EXPECT_NE(first, other);
  RecordProperty("digest", first.hex());
}

}  // namespace
}  // namespace tidemark::sim::test
