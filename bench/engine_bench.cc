// Events per second of the event engine beside the plain engine that everybody would write first: a
// std::priority_queue of std::function (32-byte captures, ties by sequence number).
//
// Two models. Hold: n events are pending; each one, when it fires, is armed again after an exponential delay. PHOLD:
// 1,024 logical processes and as many events; each event, when it fires, sends a new one to a random process. Both
// engines draw the same delays from the same table, fold the same three words per event into the same digest, and must
// end with the same digest, which proves that they ran the same events in the same order.
//
// The engines take turns for five rounds; CPU time; the median counts. Ratios within one run of this program mean
// something, absolute numbers belong to the machine. Output: one Markdown table.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/digest.h"
#include "sim/core/distribution.h"
#include "sim/core/frame_pool.h"
#include "sim/core/process.h"
#include "sim/core/random.h"
#include "sim/core/scheduler.h"

namespace tidemark::bench {
namespace {

constexpr int kRounds = 5;
constexpr std::uint32_t kProcesses = 1'024;
constexpr std::uint64_t kSeed = 42;
constexpr std::int64_t kMeanDelayNs = 1'000'000;

struct Result {
  double ns_per_event = 0;
  Digest128 digest;
};

/// What both engines share: the work of an event, apart from the queue.
class Work {
 public:
  Work() : random_(kSeed, "bench/work") {
    const auto exponential = sim::DurationDistribution::exponential(sim::Duration::nanoseconds(kMeanDelayNs));
    for (std::size_t i = 0; i < delays_.size(); ++i)
      delays_[i] = 1 + exponential.quantile((static_cast<double>(i) + 0.5) / static_cast<double>(delays_.size())).ns();
  }
  std::int64_t delay() { return delays_[random_() >> 54]; }
  std::uint32_t target() { return static_cast<std::uint32_t>(random_.below(kProcesses)); }
  void touch(std::uint32_t process) { ++visits_[process]; }

 private:
  sim::RandomStream random_;
  std::array<std::int64_t, 1'024> delays_{};
  std::array<std::uint64_t, kProcesses> visits_{};
};

// --- the baseline ---

class PlainEngine {
 public:
  using Action = std::function<void()>;

  std::int64_t now() const { return now_; }
  void at(std::int64_t when, Action action) { queue_.push({when, next_sequence_++, std::move(action)}); }
  /// Returns the number of events.
  std::uint64_t run_until(std::int64_t limit) {
    std::uint64_t events = 0;
    for (; queue_.top().when <= limit; ++events) {
      Entry entry = std::move(const_cast<Entry&>(queue_.top()));
      queue_.pop();
      now_ = entry.when;
      entry.action();
    }
    return events;
  }
  void fold(std::uint32_t process, std::uint64_t tag) {
    const std::uint64_t kind_and_process = static_cast<std::uint64_t>(sim::EventKind::kBench) << 48 | process;
    digest_ = mix(mix(mix(digest_, static_cast<std::uint64_t>(now_)), kind_and_process), tag);
  }
  Digest128 digest() const { return digest_; }

 private:
  struct Entry {
    std::int64_t when;
    std::uint64_t sequence;
    Action action;
  };
  struct Later {
    bool operator()(const Entry& a, const Entry& b) const {
      return a.when != b.when ? a.when > b.when : a.sequence > b.sequence;
    }
  };
  std::priority_queue<Entry, std::vector<Entry>, Later> queue_;
  std::int64_t now_ = 0;
  std::uint64_t next_sequence_ = 0;
  Digest128 digest_;
};

struct PlainPhold {
  PlainEngine engine;
  Work work;

  void send(std::uint32_t target, std::uint64_t tag, std::uint64_t hops) {
    // this, target, tag, hops: 32 bytes.
    engine.at(engine.now() + work.delay(), [this, target, tag, hops] {
      engine.fold(target + 1, tag + hops);
      work.touch(target);
      send(work.target(), tag, hops + 1);
    });
  }
  void prepare(std::uint32_t pending) {
    for (std::uint32_t i = 0; i < pending; ++i) send(work.target(), i, 0);
  }
  std::uint64_t run_until(std::int64_t limit) { return engine.run_until(limit); }
  Digest128 digest() const { return engine.digest(); }
};

struct PlainHold {
  PlainEngine engine;
  Work work;

  void hold(std::uint32_t process, std::uint64_t tag, std::uint64_t times) {
    engine.at(engine.now() + work.delay(), [this, process, tag, times] {
      engine.fold(process + 1, tag + times);
      work.touch(process);
      hold(process, tag, times + 1);
    });
  }
  void prepare(std::uint32_t pending) {
    for (std::uint32_t i = 0; i < pending; ++i) hold(i % kProcesses, i, 0);
  }
  std::uint64_t run_until(std::int64_t limit) { return engine.run_until(limit); }
  Digest128 digest() const { return engine.digest(); }
};

// --- the engine of Tidemark, digest on, every event owned by a process ---

struct World {
  sim::Scheduler scheduler;
  std::vector<std::unique_ptr<sim::Process>> processes;
  Work work;

  World() {
    for (std::uint32_t i = 0; i < kProcesses; ++i) {
      processes.push_back(std::make_unique<sim::Process>(scheduler, i + 1, "process-" + std::to_string(i)));
      processes.back()->start();
    }
  }
  std::uint64_t run_until(std::int64_t limit) {
    const std::uint64_t before = scheduler.events();
    scheduler.run_until(sim::Instant::from_ns(limit));
    return scheduler.events() - before;
  }
  Digest128 digest() const { return scheduler.digest(); }
};

/// A message of PHOLD: allocated when sent, freed when it arrives, as messages of the simulator are.
struct Message {
  sim::Timer timer;
  World& world;
  std::uint32_t target;
  std::uint64_t tag;
  std::uint64_t hops;

  Message(World& w, std::uint32_t to, std::uint64_t t, std::uint64_t h)
      : timer(&Message::arrive, sim::EventKind::kBench, w.processes[to].get()), world(w), target(to), tag(t), hops(h) {}

  static void send(World& world, std::uint32_t target, std::uint64_t tag, std::uint64_t hops) {
    auto* message = new (sim::FramePool::allocate(sizeof(Message))) Message(world, target, tag, hops);
    world.scheduler.arm_after(message->timer, sim::Duration::nanoseconds(world.work.delay()), tag + hops);
  }
  static void arrive(sim::Timer& timer) {
    auto& message = reinterpret_cast<Message&>(timer);  // timer is the first member
    World& world = message.world;
    const std::uint64_t tag = message.tag;
    const std::uint64_t hops = message.hops;
    world.work.touch(message.target);
    drop(message);
    send(world, world.work.target(), tag, hops + 1);
  }
  static void drop(Message& message) {
    message.~Message();
    sim::FramePool::release(&message, sizeof(Message));
  }
};

struct OurPhold : World {
  void prepare(std::uint32_t pending) {
    for (std::uint32_t i = 0; i < pending; ++i) Message::send(*this, work.target(), i, 0);
  }
};

/// A timer that is armed again and again, as a component's own timers are.
struct Holder {
  sim::Timer timer;
  World& world;
  std::uint64_t tag;
  std::uint64_t times = 0;

  Holder(World& w, std::uint32_t process, std::uint64_t t)
      : timer(&Holder::fire, sim::EventKind::kBench, w.processes[process].get()), world(w), tag(t) {}
  void arm() { world.scheduler.arm_after(timer, sim::Duration::nanoseconds(world.work.delay()), tag + times); }
  static void fire(sim::Timer& timer) {
    auto& holder = reinterpret_cast<Holder&>(timer);  // timer is the first member
    holder.world.work.touch(timer.owner()->id() - 1);
    ++holder.times;
    holder.arm();
  }
};

struct OurHold : World {
  std::vector<std::unique_ptr<Holder>> holders;
  void prepare(std::uint32_t pending) {
    for (std::uint32_t i = 0; i < pending; ++i) {
      holders.push_back(std::make_unique<Holder>(*this, i % kProcesses, i));
      holders.back()->arm();
    }
  }
};

// --- measuring ---

double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

template <typename Model>
Result measure(std::uint32_t pending, std::uint64_t events) {
  auto model = std::make_unique<Model>();
  model->prepare(pending);
  // The mean delay is 1 ms, so a millisecond of virtual time holds about as many events as are pending.
  const std::int64_t warm_ns = 4 * kMeanDelayNs;
  model->run_until(warm_ns);
  const double start = cpu_ns();
  const std::uint64_t ran = model->run_until(warm_ns + static_cast<std::int64_t>(events / pending) * kMeanDelayNs);
  return {(cpu_ns() - start) / static_cast<double>(ran), model->digest()};
}

struct Series {
  std::vector<double> samples;
  double median() const {
    std::vector<double> sorted = samples;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
  }
  double spread_percent() const {
    const auto [low, high] = std::minmax_element(samples.begin(), samples.end());
    return 100.0 * (*high - *low) / median();
  }
};

template <typename Plain, typename Ours>
void compare(const char* name, std::uint32_t pending, std::uint64_t events) {
  Series plain;
  Series ours;
  std::vector<double> ratios;
  for (int round = 0; round < kRounds; ++round) {
    const Result a = measure<Plain>(pending, events);
    const Result b = measure<Ours>(pending, events);
    TIDEMARK_ASSERT(a.digest == b.digest, "both engines must run the same events in the same order");
    plain.samples.push_back(a.ns_per_event);
    ours.samples.push_back(b.ns_per_event);
  }
  std::printf("| %s | %.1f | %.1f | %.2f | **%.2f** | %.0f %% | %.0f %% |\n", name, plain.median(), ours.median(),
              1e3 / ours.median(), plain.median() / ours.median(), plain.spread_percent(), ours.spread_percent());
  std::fflush(stdout);
}

}  // namespace
}  // namespace tidemark::bench

int main(int argc, char** argv) {
  using namespace tidemark::bench;
  const std::uint64_t events = argc > 1 ? std::stoull(argv[1]) : 3'000'000;
  std::printf("%d interleaved rounds of %llu events; CPU time; spread = (max - min) / median\n\n", kRounds,
              static_cast<unsigned long long>(events));
  std::printf(
      "| model | priority_queue of function: ns/event | Tidemark: ns/event | Tidemark: M events/s | ratio | spread "
      "(baseline) | spread |\n");
  std::printf("|---|---|---|---|---|---|---|\n");
  compare<PlainHold, OurHold>("hold, 128 pending", 128, events);
  compare<PlainHold, OurHold>("hold, 1,024 pending", 1'024, events);
  compare<PlainHold, OurHold>("hold, 100,000 pending", 100'000, events);
  compare<PlainPhold, OurPhold>("PHOLD, 1,024 processes", 1'024, events);
  return 0;
}
