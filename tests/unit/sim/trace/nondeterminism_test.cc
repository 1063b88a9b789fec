// Canaries: programs that do not repeat themselves, each with one planted cause. The comparison of two runs must see
// each, and name the component that did it: the process of the first differing event, or the stream that it drew from.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <type_traits>
#include <unordered_set>

#include "sim/core/frame_pool.h"
#include "sim/core/wait.h"
#include "sim/trace/compare_runs.h"

namespace tidemark::sim {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr int kTicks = 20;
constexpr int kPlantedTick = 7;

/// What differs between two runs of a program on one machine, although the seed does not.
struct Surroundings {
  bool mixed_heap = false;  // where allocations land
  unsigned char garbage = 0;   // what memory held before
};

/// The tag of the event that the culprit makes in its planted tick.
using Planted = std::function<std::uint64_t(const Surroundings&, RandomStream&)>;

struct Run {
  std::vector<EventRecord> events;
  std::vector<StreamRegistry::Draws> draws;
};

Task<void> tick(Process& process, RandomStream& random, std::function<std::uint64_t(int)> tag) {
  for (int i = 1; i <= kTicks; ++i) {
    const auto pause = Duration::microseconds(10 + static_cast<std::int64_t>(random.below(5)));
    co_await sleep(process, pause, tag(i));
  }
}

/// Two components side by side; the first one is sound.
Run run(const Planted& planted, const Surroundings& surroundings) {
  Scheduler scheduler;
  StreamRegistry streams(7);
  EventLog log;
  scheduler.set_sink(&log);
  Process sound(scheduler, 1, "sound"), culprit(scheduler, 2, "culprit");
  sound.start();
  culprit.start();
  RandomStream& own = streams.stream("culprit", "pace");
  sound.spawn(tick(sound, streams.stream("sound", "pace"), [](int) { return 1; }));
  culprit.spawn(tick(culprit, own, [&](int i) { return i == kPlantedTick ? planted(surroundings, own) : 2; }));
  scheduler.run_until(Instant::from_ns(1'000'000'000));
  return {log.events(), streams.draw_counts()};
}

std::string name_of(std::uint32_t process) {
  return process == 1 ? "sound" : "culprit";
}

struct Found {
  std::string event;
  std::string streams;
};

Found compare(const Planted& planted) {
  const Run first = run(planted, {false, 0x11});
  const Run second = run(planted, {true, 0x22});
  return {first_different_event(first.events, second.events, name_of),
          describe(different_draws(first.draws, second.draws), 5)};
}

std::uint64_t sound_program(const Surroundings&, RandomStream&) {
  return 2;
}

/// Goes through an unordered container whose keys are pointers.
std::uint64_t order_of_pointers(const Surroundings& surroundings, RandomStream&) {
  constexpr std::size_t kItems = 64;
  const auto heap = std::make_unique<int[]>(kItems);
  std::unordered_set<int*> items;
  items.max_load_factor(8);  // where addresses share a bucket, they decide the order
  for (std::size_t i = 0; i < kItems; ++i) {
    int* const place = &heap[surroundings.mixed_heap ? i * 37 % kItems : i];
    *place = static_cast<int>(i);
    items.insert(place);
  }
  std::uint64_t order = 0;
  for (const int* item : items) order = order * 31 + static_cast<std::uint64_t>(*item);
  return order;
}

std::uint64_t wall_clock(const Surroundings&, RandomStream&) {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

/// Sends a byte of a pooled message that nobody wrote.
std::uint64_t unwritten_byte(const Surroundings& surroundings, RandomStream&) {
  constexpr std::size_t kBytes = 96, kUnwritten = 80;
  void* const before = FramePool::allocate(kBytes);
  std::memset(before, surroundings.garbage, kBytes);
  FramePool::release(before, kBytes);
  auto* const message = static_cast<unsigned char*>(FramePool::allocate(kBytes));
  std::memset(message, 0, kUnwritten);
  const std::uint64_t byte = message[kUnwritten];
  FramePool::release(message, kBytes);
  return byte;
}

/// Counts over all runs of the program.
std::uint64_t left_over_state(const Surroundings&, RandomStream&) {
  static std::uint64_t messages = 0;
  return ++messages;
}

/// Draws once more in every run of the program: nothing of the event itself differs.
std::uint64_t left_over_draws(const Surroundings&, RandomStream& random) {
  static int runs = 0;
  ++runs;
  for (int i = 0; i < runs; ++i) random();
  return 2;
}

TEST(Nondeterminism, ASoundProgramIsNotAccused) {
  const Found found = compare(sound_program);
  EXPECT_THAT(found.event, IsEmpty());
  EXPECT_THAT(found.streams, IsEmpty());
}

void expect_found(const Planted& planted) {
  const Found found = compare(planted);
  EXPECT_THAT(found.event, HasSubstr("first differing event"));
  EXPECT_THAT(found.event, HasSubstr("stored   timer of culprit (process 2)"));
  EXPECT_THAT(found.event, HasSubstr("replayed timer of culprit (process 2)"));
  EXPECT_THAT(found.event, HasSubstr("before it there event "));
  EXPECT_THAT(found.streams, IsEmpty()) << "what differs was not drawn";
}

TEST(Nondeterminism, AnOrderOfPointersIsFoundWhereItIsUsed) {
  expect_found(order_of_pointers);
}
TEST(Nondeterminism, AWallClockIsFoundWhereItIsRead) {
  expect_found(wall_clock);
}
TEST(Nondeterminism, AnUnwrittenByteIsFoundWhereItIsSent) {
  expect_found(unwritten_byte);
}
TEST(Nondeterminism, StateOfAnEarlierRunIsFoundWhereItIsUsed) {
  expect_found(left_over_state);
}

TEST(Nondeterminism, DrawsThatDependOnAnEarlierRunNameTheStream) {
  const Found found = compare(left_over_draws);
  EXPECT_THAT(found.streams, HasSubstr("stream culprit/pace: 21 draws, 22 now"));
  EXPECT_THAT(found.streams, Not(HasSubstr("sound")));
  EXPECT_THAT(found.event, HasSubstr("of culprit"));
}

// A draw before the seed is set cannot be written: streams come from a registry, and a registry from a seed.
static_assert(!std::is_default_constructible_v<StreamRegistry>);
static_assert(!std::is_default_constructible_v<RandomStream>);

}  // namespace
}  // namespace tidemark::sim
