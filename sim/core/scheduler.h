// Scheduler: the virtual clock and the queue of pending events of one run.
//
// The order of events, completely:
//   1. the earliest instant first;
//   2. at one instant, in the order in which they were armed (the sequence number is the place in the bucket's list);
//   3. with SchedulerOptions::tie_seed, the events of one instant that are pending when the instant is reached are
//      permuted by a generator of its own; events armed for the instant while it runs follow them in arming order.
// Events of a paused process are taken out of the order when their instant comes and fire, in that order, at the
// instant of its resume. Reading the clock draws nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "sim/core/event_queue.h"
#include "sim/core/time.h"
#include "sim/core/timer.h"

namespace tidemark::sim {

struct SchedulerOptions {
  /// Seed of the permutation of ties; none = arming order.
  std::optional<std::uint64_t> tie_seed;
  /// More events than this at one instant end the run as RunEnd::kStuck (a zero-delay cycle).
  std::uint64_t max_events_per_instant = 1'000'000;
};

enum class RunEnd {
  kLimit,    // the clock reached the limit; events may be pending
  kIdle,     // nothing is pending
  kStopped,  // stop() was called
  kStuck,    // the guard of max_events_per_instant; see stuck_report()
};

/// One event as the digest sees it. `sequence` counts from 1.
struct EventRecord {
  std::uint64_t sequence;
  Instant when;
  EventKind kind;
  std::uint32_t process;  // Process::id(), 0 for the world
  std::uint64_t tag;
  Digest128 digest;  // running digest including this event
  /// The event during which it was scheduled (of several things that wait behind each other, such as the messages of a
  /// stream: during which its turn came); 0: it was scheduled from outside of events. Not part of the digest.
  std::uint64_t cause = 0;
};

/// Gets every event after it was folded into the digest and before it fires. Must not change the simulation.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on_event(const EventRecord& event) = 0;
};

class Scheduler {
 public:
  explicit Scheduler(SchedulerOptions options = {});
  ~Scheduler();  // disarms everything that is still pending
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  Instant now() const { return now_; }

  /// Arms `timer` for `when`; an instant in the past counts as now. Re-arming an armed timer moves it (to the end of
  /// its new instant). `tag` is folded into the digest when it fires.
  void arm(Timer& timer, Instant when, std::uint64_t tag = 0) {
    if (timer.armed()) [[unlikely]]
      timer.cancel();
    timer.scheduler_ = this;
    timer.when_ns_ = when < now_ ? now_.ns() : when.ns();
    timer.tag_ = tag;
    timer.cause_ = cause_;
    queue_.push(timer);
  }
  /// As arm() at now() + delay; a sum beyond the end of time counts as the end of time (Instant::max()).
  void arm_after(Timer& timer, Duration delay, std::uint64_t tag = 0) {
    std::int64_t when_ns = 0;
    if (__builtin_add_overflow(now_.ns(), delay.ns(), &when_ns)) [[unlikely]]
      when_ns = Instant::max().ns();
    arm(timer, Instant::from_ns(when_ns), tag);
  }

  /// Runs events whose instant is <= limit; afterwards now() == limit when it returns kLimit or kIdle (with
  /// Instant::max() as the limit the clock stays at the last event instead). Not from within an event. Process::crash
  /// calls that had to wait for the end of an event run right after it, or at the start of the next run_until or step.
  RunEnd run_until(Instant limit);
  /// Runs exactly one event; false when nothing can run at or before `limit`. The clock does not move then, except past
  /// events that were held or dropped because their process is paused or stopped.
  bool step(Instant limit = Instant::max());
  /// Makes the current run_until return kStopped after the event that is running.
  void stop() { stopped_ = true; }

  /// The event that is running, with what is deferred to its end; 0: none. The low 32 bits of its number, as timers
  /// keep it; a queue that arms one timer for many things keeps it for each, and hands it back with blame().
  std::uint32_t cause() const { return cause_; }
  /// The armed timer was scheduled by that event.
  static void blame(Timer& timer, std::uint32_t cause) { timer.cause_ = cause; }

  std::uint64_t events() const { return events_; }
  /// Armed events, without those that paused processes hold.
  std::size_t pending() const { return queue_.size(); }
  /// 128-bit running digest of all events so far. Content that is not an event (a drawn plan, a verdict) can be
  /// folded in with fold().
  Digest128 digest() const { return digest_; }
  void fold(std::uint64_t value) { digest_ = mix(digest_, value); }

  /// Not owned; nullptr to remove. Adding a sink does not change the digest.
  void set_sink(EventSink* sink) { sink_ = sink; }

  /// After kStuck: the instant and the kinds, processes and tags of the events that repeat, as text.
  std::string stuck_report() const;

 private:
  friend class Timer;
  friend class Process;
  struct Suspect {  // an event near the guard's limit
    EventKind kind;
    std::uint32_t process;
    std::uint64_t tag;
    std::string process_name;
  };
  bool dispatch(Timer& timer);
  bool admit(Timer& timer);
  RunEnd run_events(Instant limit);
  void report_to_sink(const Timer& timer, std::uint32_t process);
  void watch_for_cycle(const Timer& timer);
  void crash_later(Process& process) { crash_after_event_.push_back(&process); }
  void forget(const Process& process);
  void run_deferred_crashes();

  // Constant after construction.
  const SchedulerOptions options_;
  // The run.
  Instant now_;
  std::uint64_t events_ = 0;
  Digest128 digest_;
  EventQueue queue_;
  EventSink* sink_ = nullptr;
  bool stopped_ = false;
  Process* current_ = nullptr;  // owner of the event that is running
  bool in_event_ = false;
  std::uint32_t cause_ = 0;
  std::vector<Process*> crash_after_event_;  // nullptr: destroyed meanwhile
  // The guard against zero-delay cycles.
  std::uint64_t events_at_instant_ = 0;
  std::vector<Suspect> suspects_;
};

}  // namespace tidemark::sim
