// Faults of one process: frozen clock, slow events, extra rounds of coroutines, acts; and buggify.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/core/buggify.h"
#include "sim/core/wait.h"

namespace tidemark::sim {
namespace {

using testing::ElementsAre;

Instant at(Duration since_start) {
  return Instant{} + since_start;
}

/// One event that notes when it came.
struct Bell : Timer {
  Bell(Process& process, EventKind kind, std::vector<std::pair<int, Instant>>& heard, int number)
      : Timer(&Bell::ring, kind, &process), heard_(heard), number_(number) {}
  static void ring(Timer& timer) {
    auto& bell = static_cast<Bell&>(timer);
    bell.heard_.emplace_back(bell.number_, bell.owner()->scheduler().now());
  }
  std::vector<std::pair<int, Instant>>& heard_;
  const int number_;
};

class ProcessFaults : public testing::Test {
 protected:
  ProcessFaults() { process.start(); }
  Bell& bell(EventKind kind, int number) {
    bells.push_back(std::make_unique<Bell>(process, kind, heard, number));
    return *bells.back();
  }
  void arm(EventKind kind, int number, Duration when) { scheduler.arm(bell(kind, number), at(when)); }

  Scheduler scheduler;
  Process process{scheduler, 1, "node"};
  std::vector<std::pair<int, Instant>> heard;
  std::vector<std::unique_ptr<Bell>> bells;
};

using Heard = std::pair<int, Instant>;

TEST_F(ProcessFaults, AFreezeMovesTimersAndOnlyTimers) {
  arm(EventKind::kTimer, 1, 15_ms);    // due during the freeze
  arm(EventKind::kTimer, 2, 30_ms);    // due after it
  arm(EventKind::kTimer, 3, 30_ms);    // ties keep their order
  arm(EventKind::kDeliver, 4, 16_ms);  // a message waits at the door
  arm(EventKind::kDeliver, 5, 31_ms);
  scheduler.run_until(at(10_ms));
  process.freeze();
  EXPECT_EQ(process.state(), ProcessState::kPaused);
  scheduler.run_until(at(20_ms));
  process.resume();
  EXPECT_EQ(process.now(), at(10_ms));
  scheduler.run_until(at(100_ms));
  EXPECT_THAT(heard, ElementsAre(Heard{4, at(20_ms)}, Heard{1, at(25_ms)}, Heard{5, at(31_ms)}, Heard{2, at(40_ms)},
                                 Heard{3, at(40_ms)}));
  EXPECT_EQ(process.now(), at(90_ms));
  process.crash();
  process.start();
  EXPECT_EQ(process.now(), at(100_ms));
}

TEST_F(ProcessFaults, APauseDoesNotMoveTimers) {
  arm(EventKind::kTimer, 1, 15_ms);
  arm(EventKind::kTimer, 2, 30_ms);
  scheduler.run_until(at(10_ms));
  process.pause();
  scheduler.run_until(at(20_ms));
  process.resume();
  scheduler.run_until(at(100_ms));
  EXPECT_THAT(heard, ElementsAre(Heard{1, at(20_ms)}, Heard{2, at(30_ms)}));
  EXPECT_EQ(process.now(), at(100_ms));
}

TEST_F(ProcessFaults, ASlowProcessHandlesOneEventAfterTheOther) {
  process.set_event_cost(10_ms);
  for (int i = 1; i <= 3; ++i) arm(EventKind::kDeliver, i, 1_ms);
  arm(EventKind::kTimer, 4, 11_ms);  // when the second may begin: it goes behind those that wait
  arm(EventKind::kTimer, 5, 60_ms);
  scheduler.run_until(at(100_ms));
  EXPECT_THAT(heard, ElementsAre(Heard{1, at(1_ms)}, Heard{2, at(11_ms)}, Heard{3, at(21_ms)}, Heard{4, at(31_ms)},
                                 Heard{5, at(60_ms)}));
  EXPECT_GT(process.slowed_events(), 0U);
}

TEST_F(ProcessFaults, ASlowProcessCatchesUpWhenTheFaultEnds) {
  process.set_event_cost(10_ms);
  for (int i = 1; i <= 4; ++i) arm(EventKind::kDeliver, i, 1_ms);
  scheduler.run_until(at(15_ms));
  process.set_event_cost({});
  scheduler.run_until(at(100_ms));
  EXPECT_THAT(heard, ElementsAre(Heard{1, at(1_ms)}, Heard{2, at(11_ms)}, Heard{3, at(15_ms)}, Heard{4, at(15_ms)}));
}

TEST_F(ProcessFaults, ASlowProcessMayPauseAndCrash) {
  process.set_event_cost(10_ms);
  for (int i = 1; i <= 3; ++i) arm(EventKind::kDeliver, i, 1_ms);
  scheduler.run_until(at(5_ms));
  process.pause();
  scheduler.run_until(at(50_ms));
  process.resume();
  scheduler.run_until(at(55_ms));
  EXPECT_THAT(heard, ElementsAre(Heard{1, at(1_ms)}, Heard{2, at(50_ms)}));
  process.crash();
  scheduler.run_until(at(100_ms));
  EXPECT_EQ(heard.size(), 2U);
  process.start();
  arm(EventKind::kDeliver, 9, 101_ms);
  scheduler.run_until(at(200_ms));
  EXPECT_EQ(heard.back(), (Heard{9, at(101_ms)}));
}

Task<void> wait_for(WaitQueue* queue, Process* process, std::vector<int>* order, int number) {
  co_await queue->wait(*process);
  order->push_back(number);
}

TEST_F(ProcessFaults, YieldsSendWokenCoroutinesToTheEndOfTheQueue) {
  WaitQueue queue;
  std::vector<int> order;
  for (int i = 1; i <= 20; ++i) process.spawn(wait_for(&queue, &process, &order, i));
  RandomStream random(1, "yields");
  YieldInjection yields{&random, std::uint64_t{1} << 63, 0};
  process.set_yields(&yields);
  queue.notify_all();
  scheduler.run_until(at(1_ms));
  EXPECT_EQ(order.size(), 20U);
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  EXPECT_GT(yields.rounds, 5U);
  EXPECT_EQ(scheduler.events(), 20U + yields.rounds);
  process.set_yields(nullptr);
}

struct Limit final : ActWatch {
  bool on_act(Process& process, ProcessAct, std::string_view what) override {
    if (process.crash_requested()) return false;
    seen.emplace_back(what);
    if (seen.size() == 2) process.crash_after_event();
    return true;
  }
  std::vector<std::string> seen;
};

TEST_F(ProcessFaults, ActsAfterTheDeadlyOneDoNotHappen) {
  EXPECT_TRUE(process.act(ProcessAct::kIo, "free"));
  Limit limit;
  process.set_act_watch(&limit);
  EXPECT_TRUE(process.act(ProcessAct::kIo, "log"));
  EXPECT_TRUE(process.act(ProcessAct::kPoint, "acked"));
  EXPECT_FALSE(process.act(ProcessAct::kSend));
  EXPECT_TRUE(process.running());
  scheduler.run_until(at(1_ms));
  EXPECT_FALSE(process.running());
  EXPECT_THAT(limit.seen, ElementsAre("log", "acked"));
}

TEST(Buggify, DrawsNothingWhileItIsOff) {
  StreamRegistry streams(1);
  Buggify buggify(streams);
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(buggify.fires("site"));
    EXPECT_EQ(buggify.delay("wait"), Duration{});
  }
  EXPECT_TRUE(streams.draw_counts().empty());
  EXPECT_TRUE(buggify.sites().empty());
}

TEST(Buggify, TurnsOnAQuarterOfTheSitesWhichFireInAQuarterOfTheirPasses) {
  StreamRegistry streams(1);
  Buggify buggify(streams);
  buggify.enable(BuggifyClass::kBranch);
  for (int site = 0; site < 400; ++site)
    for (int pass = 0; pass < 100; ++pass) buggify.fires("site-" + std::to_string(site));
  std::uint64_t on = 0;
  std::uint64_t fired = 0;
  for (const Buggify::SiteReport& site : buggify.sites()) {
    EXPECT_EQ(site.passes, 100U);
    if (!site.on) {
      EXPECT_EQ(site.fired, 0U);
    }
    on += site.on;
    fired += site.fired;
  }
  EXPECT_NEAR(static_cast<double>(on), 100.0, 30.0);
  EXPECT_NEAR(static_cast<double>(fired) / static_cast<double>(on), 25.0, 2.0);
  EXPECT_EQ(buggify.fired(BuggifyClass::kBranch), fired);
  buggify.disable(BuggifyClass::kBranch);
  EXPECT_FALSE(buggify.enabled(BuggifyClass::kBranch));
}

TEST(Buggify, ReordersAndDelaysOnlyInItsClass) {
  StreamRegistry streams(3);
  Buggify buggify(streams);
  buggify.enable(BuggifyClass::kOrder);
  buggify.enable(BuggifyClass::kDelay);
  buggify.set_longest_delay(5_ms);
  const std::vector<int> sorted{1, 2, 3, 4, 5, 6, 7, 8};
  int moved = 0;
  Duration longest;
  for (int site = 0; site < 200; ++site) {
    std::vector<int> items = sorted;
    buggify.reorder("order-" + std::to_string(site), items);
    moved += items != sorted;
    EXPECT_TRUE(std::is_permutation(items.begin(), items.end(), sorted.begin()));
    longest = std::max(longest, buggify.delay("delay-" + std::to_string(site)));
    EXPECT_FALSE(buggify.fires("branch"));
  }
  EXPECT_GT(moved, 2);
  EXPECT_GT(longest, Duration{});
  EXPECT_LE(longest, 5_ms);
}

}  // namespace
}  // namespace tidemark::sim
