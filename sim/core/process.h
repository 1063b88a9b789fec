// Process: one simulated operating-system process ("node" in prose), and the owner of its coroutines.
//
// State machine:
//
//   stopped --start()--> running --pause()--> paused --resume()--> running
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
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/core/scheduler.h"
#include "sim/core/task.h"

namespace tidemark::sim {

/// The code of a process: made at start, destroyed at crash.
class Program {
 public:
  virtual ~Program() = default;
};

enum class ProcessState : std::uint8_t { kStopped, kRunning, kPaused };

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
  /// The events that waited fire at this instant, in their order, after those already pending for it.
  void resume();
  /// See above; asking again before a deferred crash was performed has no effect.
  void crash();
  bool crash_requested() const { return crash_requested_; }
  /// crash() and, after `downtime` of virtual time, start() unless somebody started it before.
  void restart(Duration downtime);

  /// Takes the task and runs it at once up to its first suspension. The process owns the frame: it is destroyed when
  /// the task returns or the process crashes. Only while running.
  void spawn(Task<void> task);
  std::size_t tasks() const { return tasks_; }

  /// Called at step (4) of a crash. Registered for the life of the process.
  void on_crash(std::function<void(Process&)> listener) { crash_listeners_.push_back(std::move(listener)); }

 private:
  friend class Scheduler;
  friend void detail::finish_root(detail::RootLink&) noexcept;
  friend class Timer;
  void hold(Timer& timer);  // an event of a paused process
  void release_held(Timer& timer);
  void crash_now();
  void destroy_tasks();
  void drop_held();
  void unlink(detail::RootLink& root) noexcept;

  Scheduler& scheduler_;
  const std::uint32_t id_;
  ProcessState state_ = ProcessState::kStopped;
  bool crash_requested_ = false;
  std::uint16_t entered_ = 0;  // start() and spawn() calls in progress: code of the process runs outside its events
  std::uint32_t incarnation_ = 0;
  const std::string name_;
  Factory factory_;
  std::vector<std::function<void(Process&)>> crash_listeners_;

  std::unique_ptr<Program> program_;
  detail::RootLink roots_;  // head of the circular list of root tasks
  std::size_t tasks_ = 0;
  detail::TimerLink held_;  // FIFO of events whose instant came during a pause
  struct Restart {
    explicit Restart(Process& owner) : timer(&Restart::due, EventKind::kProcess, nullptr), process(owner) {}
    static void due(Timer& timer);
    Timer timer;
    Process& process;
  };
  Restart restart_;
};

}  // namespace tidemark::sim
