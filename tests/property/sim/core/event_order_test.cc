// The event queue against the plainest one that can be written: a map ordered by (instant, sequence).
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "sim/core/scheduler.h"

namespace tidemark::sim {
namespace {

constexpr std::size_t kTimers = 200;
using Key = std::pair<std::int64_t, std::uint64_t>;

struct Harness;

struct Probe {
  Timer timer;
  Harness& harness;
  std::size_t index;
  Probe(Harness& h, std::size_t i) : timer(&Probe::fire, EventKind::kBench, nullptr), harness(h), index(i) {}
  static void fire(Timer& timer);
};

struct Harness {
  Scheduler scheduler;
  std::vector<std::unique_ptr<Probe>> probes;
  std::map<Key, std::size_t> expected;  // pending, in order
  std::vector<std::optional<Key>> keys = std::vector<std::optional<Key>>(kTimers);
  std::uint64_t next_sequence = 0;
  std::optional<std::size_t> fired;
  // What the next callback does besides being seen.
  std::optional<std::size_t> cancel_inside;
  std::optional<std::pair<std::size_t, std::int64_t>> arm_inside;

  explicit Harness(SchedulerOptions options = {}) : scheduler(options) {
    for (std::size_t i = 0; i < kTimers; ++i) probes.push_back(std::make_unique<Probe>(*this, i));
  }
  void forget(std::size_t i) {
    if (keys[i]) expected.erase(*keys[i]);
    keys[i].reset();
  }
  void arm(std::size_t i, std::int64_t when) {
    scheduler.arm(probes[i]->timer, Instant::from_ns(when), i);
    forget(i);
    keys[i] = Key{std::max(when, scheduler.now().ns()), next_sequence++};
    expected.emplace(*keys[i], i);
  }
  void cancel(std::size_t i) {
    probes[i]->timer.cancel();
    forget(i);
  }
  void step(std::int64_t limit) {
    const bool due = !expected.empty() && expected.begin()->first.first <= limit;
    const std::size_t first = due ? expected.begin()->second : 0;
    const std::int64_t when = due ? expected.begin()->first.first : scheduler.now().ns();
    if (due) forget(first);
    fired.reset();
    RC_ASSERT(scheduler.step(Instant::from_ns(limit)) == due);
    RC_ASSERT(scheduler.now().ns() == when);
    if (due) RC_ASSERT(fired == first);
    RC_ASSERT(scheduler.pending() == expected.size());
    for (std::size_t i = 0; i < kTimers; ++i) RC_ASSERT(probes[i]->timer.armed() == keys[i].has_value());
  }
};

void Probe::fire(Timer& timer) {
  auto& probe = reinterpret_cast<Probe&>(timer);
  Harness& h = probe.harness;
  h.fired = probe.index;
  if (h.cancel_inside) h.cancel(*std::exchange(h.cancel_inside, std::nullopt));
  if (h.arm_inside) {
    const auto [i, delay] = *std::exchange(h.arm_inside, std::nullopt);
    h.arm(i, h.scheduler.now().ns() > std::numeric_limits<std::int64_t>::max() - delay
                 ? std::numeric_limits<std::int64_t>::max()
                 : h.scheduler.now().ns() + delay);
  }
}

/// Delays of every size: none, a few nanoseconds, within a bucket, years, the end of time.
std::int64_t draw_delay() {
  const int bits = *rc::gen::element(0, 0, 1, 3, 6, 7, 10, 13, 18, 20, 26, 40, 62);
  const auto value = *rc::gen::arbitrary<std::uint64_t>();
  return static_cast<std::int64_t>(value & ((std::uint64_t{1} << bits) - 1));
}

std::int64_t later(std::int64_t now, std::int64_t delay) {
  constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
  return now > kEnd - delay ? kEnd : now + delay;
}

TEST(EventOrder, MatchesAMapOfInstantAndSequence) {
  EXPECT_TRUE(rc::check([] {
    Harness h;
    const int operations = *rc::gen::inRange(1, 600);
    const int arms = *rc::gen::inRange(2, 8);  // out of 10: how crowded the queue gets
    for (int n = 0; n < operations; ++n) {
      const int choice = *rc::gen::inRange(0, 10);
      const std::size_t i = *rc::gen::inRange<std::size_t>(0, kTimers);
      const std::int64_t now = h.scheduler.now().ns();
      if (choice < arms) {
        h.arm(i, later(now, draw_delay()));
      } else if (choice == 9) {
        h.cancel(i);
      } else {
        if (*rc::gen::inRange(0, 4) == 0) h.cancel_inside = *rc::gen::inRange<std::size_t>(0, kTimers);
        if (*rc::gen::inRange(0, 4) == 0)
          h.arm_inside.emplace(*rc::gen::inRange<std::size_t>(0, kTimers), draw_delay());
        h.step(*rc::gen::inRange(0, 3) == 0 ? later(now, draw_delay()) : std::numeric_limits<std::int64_t>::max());
        h.cancel_inside.reset();
        h.arm_inside.reset();
      }
    }
    while (!h.expected.empty()) h.step(std::numeric_limits<std::int64_t>::max());
    h.step(std::numeric_limits<std::int64_t>::max());
  }));
}

TEST(EventOrder, PermutationOfTiesKeepsInstantsAndTheSetOfEvents) {
  EXPECT_TRUE(rc::check([] {
    const auto delays = *rc::gen::container<std::vector<std::uint8_t>>(*rc::gen::inRange<std::size_t>(1, kTimers),
                                                                       rc::gen::inRange<std::uint8_t>(0, 5));
    const auto order_of = [&delays](std::optional<std::uint64_t> seed) {
      SchedulerOptions options;
      options.tie_seed = seed;
      Harness h(options);
      for (std::size_t i = 0; i < delays.size(); ++i) h.arm(i, delays[i] * 1'000);
      std::vector<std::size_t> order;
      while (h.scheduler.step()) {
        RC_ASSERT(h.scheduler.now().ns() == delays[*h.fired] * 1'000);
        order.push_back(*h.fired);
      }
      return order;
    };
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    std::vector<std::size_t> permuted = order_of(seed);
    RC_ASSERT(permuted == order_of(seed));
    std::vector<std::size_t> plain = order_of(std::nullopt);
    std::sort(permuted.begin(), permuted.end());
    std::sort(plain.begin(), plain.end());
    RC_ASSERT(permuted == plain);
  }));
}

}  // namespace
}  // namespace tidemark::sim
