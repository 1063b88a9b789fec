// Process: one simulated operating-system process ("node" in prose), and the owner of its coroutines.
//
// State machine:
//
//   stopped --start()--> running --pause(), freeze()--> paused --resume()--> running
//   running, paused --crash()--> stopped
//
// A move that is not in the drawing is a defect of the caller (assertion). A crash, in this fixed order: (1) root tasks
// are destroyed, newest first; (2) the program object is destroyed (its connections reset, its timers disarmed);
// (3) events of the process that are still armed, pending or held because of a pause, are dropped; (4) the crash
// listeners run in registration order (disk: un-synced writes are at stake, network: peers see a reset). The disk
// survives. start() makes a new program with the factory; incarnation() counts the starts.
//
// A process cannot be destroyed under its own feet: a crash() from within an event of the same process, or from within
// its factory or spawn(), is deferred. The scheduler performs it right after the event that is running has returned
// (at the same instant, before any other event); when no event is running, at the start of the next run_until or step.
// Until then the state is still running and crash_requested() is true.
//
// Faults of the nemesis, each free while it is off: freeze() (a pause during which the process's own clock stands
// still), set_event_cost() (a slow node: events of the process happen one after the other, each taking time),
// set_yields() (woken coroutines go to the end of the queue again), set_act_watch() (a kill at an exact I/O, send or
// point of the code).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/random.h"
#include "sim/core/scheduler.h"
#include "sim/core/task.h"

namespace tidemark::sim {

/// The code of a process: made at start, destroyed at crash.
class Program {
 public:
  virtual ~Program() = default;
};

enum class ProcessState : std::uint8_t { kStopped, kRunning, kPaused };

/// What a process does to the world outside. kIo: changes or syncs a file. kPoint: passes a named point of its code.
enum class ProcessAct : std::uint8_t { kIo, kSend, kPoint };

/// Is asked before each act of a process.
class ActWatch {
 public:
  virtual ~ActWatch() = default;
  /// False: the act does not happen, because the process is dead already although its event has not returned yet.
  /// `what` names the file or the point; empty for a send.
  virtual bool on_act(Process& process, ProcessAct act, std::string_view what) = 0;
};

/// Extra rounds of woken coroutines (set_yields).
struct YieldInjection {
  RandomStream* random = nullptr;  // must outlive the injection
  std::uint64_t chance = 0;        // of each extra round, as RandomStream::chance_fixed wants it
  std::uint64_t rounds = 0;        // extra rounds so far
};

namespace detail {
/// Link of a root task in its process's list (newest at the back).
struct RootLink {
  Process* process = nullptr;
  std::coroutine_handle<> frame;
  RootLink* prev = nullptr;
  RootLink* next = nullptr;
};
}  // namespace detail

class Process {
 public:
  using Factory = std::function<std::unique_ptr<Program>(Process&)>;

  /// `id` is unique in the run and at least 1; `name` is stable across runs (random streams are named by it).
  Process(Scheduler& scheduler, std::uint32_t id, std::string name);
  /// Destroys tasks and program in the order of a crash, without calling the crash listeners.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  std::uint32_t id() const { return id_; }
  const std::string& name() const { return name_; }
  ProcessState state() const { return state_; }
  bool running() const { return state_ == ProcessState::kRunning; }
  std::uint32_t incarnation() const { return incarnation_; }
  Scheduler& scheduler() const { return scheduler_; }
  /// nullptr while stopped.
  Program* program() const { return program_.get(); }

  void set_factory(Factory factory) { factory_ = std::move(factory); }
  void start();
  /// Its events wait from now on.
  void pause();
  /// As pause(), but its clock stands still: resume() moves its timers (EventKind::kTimer), those that waited and those
  /// that are pending, by the time that it was frozen. Everything else behaves as after a pause.
  void freeze();
  /// The events that waited fire at this instant, in their order, after those already pending for it.
  void resume();
  /// Monotonic clock of the process: the scheduler's, less the time that this incarnation was frozen.
  Instant now() const { return scheduler_.now() - frozen_; }
  /// See above; asking again before a deferred crash was performed has no effect.
  void crash();
  bool crash_requested() const { return crash_requested_; }
  /// As crash(), but always deferred: for callers that may have been called by code of this process.
  void crash_after_event();
  /// crash() and, after `downtime` of virtual time, start() unless somebody started it before.
  void restart(Duration downtime);
  /// The start that restart() has promised does not happen.
  void stay_down() { restart_.timer.cancel(); }

  /// Takes the task and runs it at once up to its first suspension. The process owns the frame: it is destroyed when
  /// the task returns or the process crashes. Only while running.
  void spawn(Task<void> task);
  std::size_t tasks() const { return tasks_; }

  /// Called at step (4) of a crash. Registered for the life of the process.
  void on_crash(std::function<void(Process&)> listener) { crash_listeners_.push_back(std::move(listener)); }

  /// Each event takes `cost` from now on (also after restarts): the next one waits until it is over. Zero: off.
  void set_event_cost(Duration cost);
  /// Waits of events that it caused: an event waits once for each one that goes before it.
  std::uint64_t slowed_events() const { return slowed_events_; }
  /// Not owned; nullptr: off.
  void set_yields(YieldInjection* yields) { yields_ = yields; }
  /// Draws whether a woken coroutine goes another round. For sim/core/wait.h.
  bool yields_again() {
    if (yields_ == nullptr) [[likely]]
      return false;
    return draw_yield();
  }
  /// Not owned; nullptr: off.
  void set_act_watch(ActWatch* watch) { act_watch_ = watch; }
  /// Disk and network ask before each act of this process, the program at points of its code. False: do nothing.
  bool act(ProcessAct act, std::string_view what = {}) {
    if (act_watch_ == nullptr) [[likely]]
      return true;
    return act_watch_->on_act(*this, act, what);
  }

 private:
  friend class Scheduler;
  friend void detail::finish_root(detail::RootLink&) noexcept;
  friend class Timer;
  void hold(Timer& timer);  // an event of a paused or busy process
  void set_state(ProcessState state);
  bool draw_yield();
  /// Slow node: false when the process is busy; else its next event may wait from now.
  bool begin_slow_event();
  void let_held_go();
  void shift_timers(Duration by);
  void release_held(Timer& timer);
  void crash_now();
  void destroy_tasks();
  void drop_held();
  void unlink(detail::RootLink& root) noexcept;

  Scheduler& scheduler_;
  const std::uint32_t id_;
  ProcessState state_ = ProcessState::kStopped;
  bool crash_requested_ = false;
  bool unhindered_ = false;    // running and not slow: the scheduler asks nothing else
  bool freezing_ = false;      // paused by freeze()
  std::uint16_t entered_ = 0;  // start() and spawn() calls in progress: code of the process runs outside its events
  std::uint32_t incarnation_ = 0;
  const std::string name_;
  Factory factory_;
  std::vector<std::function<void(Process&)>> crash_listeners_;

  std::unique_ptr<Program> program_;
  detail::RootLink roots_;  // head of the circular list of root tasks
  std::size_t tasks_ = 0;
  detail::TimerLink held_;  // FIFO of events whose instant came during a pause, or while the process was busy
  struct Alarm {            // an event of the world about this process
    Alarm(Process& owner, Timer::Fire fire) : timer(fire, EventKind::kProcess, nullptr), process(owner) {}
    Timer timer;  // first member, see restart_due()
    Process& process;
  };
  static void restart_due(Timer& timer);
  static void free_again(Timer& timer);
  Alarm restart_;

  // Faults.
  Instant frozen_since_;
  Duration frozen_;
  Duration event_cost_;
  Instant busy_until_;
  Alarm free_again_;
  std::uint64_t slowed_events_ = 0;
  YieldInjection* yields_ = nullptr;
  ActWatch* act_watch_ = nullptr;
};

}  // namespace tidemark::sim
