#include "sim/core/scheduler.h"

#include <algorithm>

#include "sim/core/process.h"

namespace tidemark::sim {
namespace {

// How many of the last events before the guard's limit are remembered, to find the cycle among them.
constexpr std::uint64_t kSuspects = 2048;

}  // namespace

void Timer::cancel() {
  if (scheduler_ == nullptr) return;
  if (bucket_ == kHeld) {
    owner_->release_held(*this);
  } else {
    scheduler_->queue_.erase(*this);
  }
  scheduler_ = nullptr;
}

Scheduler::Scheduler(SchedulerOptions options) : options_(options) {
  TIDEMARK_ASSERT(options_.max_events_per_instant > 0);
  if (options_.tie_seed) queue_.set_tie_seed(*options_.tie_seed);
}

Scheduler::~Scheduler() {
  while (Timer* timer = queue_.take_any()) timer->scheduler_ = nullptr;
}

RunEnd Scheduler::run_until(Instant limit) {
  TIDEMARK_ASSERT(!in_event_, "run_until from within an event");
  TIDEMARK_ASSERT(limit >= now_, "run_until into the past");
  stopped_ = false;
  run_deferred_crashes();
  const RunEnd end = run_events(limit);
  cause_ = 0;
  return end;
}

RunEnd Scheduler::run_events(Instant limit) {
  while (Timer* timer = queue_.pop(limit.ns())) {
    dispatch(*timer);
    if (events_at_instant_ > options_.max_events_per_instant) [[unlikely]]
      return RunEnd::kStuck;
    if (stopped_) [[unlikely]]
      return RunEnd::kStopped;
  }
  if (limit != Instant::max()) now_ = limit;
  return queue_.size() == 0 ? RunEnd::kIdle : RunEnd::kLimit;
}

bool Scheduler::step(Instant limit) {
  TIDEMARK_ASSERT(!in_event_, "step from within an event");
  if (!crash_after_event_.empty()) run_deferred_crashes();
  while (Timer* timer = queue_.pop(limit.ns())) {
    const bool ran = dispatch(*timer);
    cause_ = 0;
    if (ran) return true;
  }
  return false;
}

/// Runs the event; false when its process held or dropped it.
inline bool Scheduler::dispatch(Timer& timer) {
  Process* owner = timer.owner_;
  if (timer.when_ns_ != now_.ns()) {
    now_ = Instant::from_ns(timer.when_ns_);
    events_at_instant_ = 0;
  }
  std::uint32_t process = 0;
  if (owner != nullptr) {
    if (!owner->unhindered_ && !admit(timer)) [[unlikely]]
      return false;
    process = owner->id_;
  }
  ++events_;
  if (++events_at_instant_ + kSuspects > options_.max_events_per_instant) [[unlikely]]
    watch_for_cycle(timer);
  const std::uint64_t kind_and_process = static_cast<std::uint64_t>(timer.kind_) << 48 | process;
  digest_ = mix(mix(mix(digest_, static_cast<std::uint64_t>(timer.when_ns_)), kind_and_process), timer.tag_);
  if (sink_ != nullptr) [[unlikely]]
    report_to_sink(timer, process);
  timer.scheduler_ = nullptr;
  cause_ = static_cast<std::uint32_t>(events_);
  current_ = owner;
  in_event_ = true;
  timer.fire_(timer);  // the timer may be gone after this
  in_event_ = false;
  current_ = nullptr;
  if (!crash_after_event_.empty()) [[unlikely]]
    run_deferred_crashes();
  return true;
}

/// False when the process holds or drops the event.
bool Scheduler::admit(Timer& timer) {
  Process& owner = *timer.owner_;
  if (owner.state_ == ProcessState::kStopped) {
    timer.scheduler_ = nullptr;
    return false;
  }
  if (owner.state_ == ProcessState::kRunning && owner.begin_slow_event()) return true;
  owner.hold(timer);
  return false;
}

void Scheduler::report_to_sink(const Timer& timer, std::uint32_t process) {
  const std::uint64_t ago = static_cast<std::uint32_t>(static_cast<std::uint32_t>(events_) - timer.cause_);
  const std::uint64_t cause = timer.cause_ == 0 || ago > events_ ? 0 : events_ - ago;
  sink_->on_event({events_, now_, timer.kind_, process, timer.tag_, digest_, cause});
}

void Scheduler::watch_for_cycle(const Timer& timer) {
  if (events_at_instant_ == 1 || events_at_instant_ + kSuspects == options_.max_events_per_instant + 1)
    suspects_.clear();
  const Process* owner = timer.owner_;
  suspects_.push_back(
      {timer.kind_, owner == nullptr ? 0 : owner->id(), timer.tag_, owner == nullptr ? "world" : owner->name()});
}

void Scheduler::forget(const Process& process) {
  std::replace(crash_after_event_.begin(), crash_after_event_.end(), const_cast<Process*>(&process),
               static_cast<Process*>(nullptr));
}

void Scheduler::run_deferred_crashes() {
  TIDEMARK_ASSERT(!in_event_);
  for (std::size_t i = 0; i < crash_after_event_.size(); ++i)  // by index: a crash may ask for another one
    if (crash_after_event_[i] != nullptr) crash_after_event_[i]->crash_now();
  crash_after_event_.clear();
}

std::string Scheduler::stuck_report() const {
  const auto same = [](const Suspect& a, const Suspect& b) {
    return a.kind == b.kind && a.process == b.process && a.tag == b.tag;
  };
  const std::size_t count = suspects_.size();
  std::size_t period = 1;  // smallest one with which the second half of the remembered events repeats
  for (; period <= count / 2; ++period) {
    std::size_t i = count / 2;
    while (i < count && same(suspects_[i], suspects_[i - period])) ++i;
    if (i == count) break;
  }
  const bool repeats = period <= count / 2;
  std::string text = std::to_string(events_at_instant_) + " events at " + to_text(now_) + " (" +
                     std::to_string(now_.ns()) + " ns) and no end; " +
                     (repeats ? "this repeats:" : "no short cycle; the last ones:");
  const std::size_t shown = std::min<std::size_t>(repeats ? period : count, 32);
  for (std::size_t i = count - shown; i < count; ++i) {
    const Suspect& suspect = suspects_[i];
    text += "\n  " + std::string(to_text(suspect.kind)) + " of " + suspect.process_name + " (process " +
            std::to_string(suspect.process) + "), tag " + std::to_string(suspect.tag);
  }
  if (repeats && period > shown) text += "\n  ... (" + std::to_string(period) + " events in the cycle)";
  return text;
}

std::string_view to_text(EventKind kind) {
  switch (kind) {
    case EventKind::kTimer:
      return "timer";
    case EventKind::kResume:
      return "resume";
    case EventKind::kDeliver:
      return "deliver";
    case EventKind::kConnect:
      return "connect";
    case EventKind::kClose:
      return "close";
    case EventKind::kDisk:
      return "disk";
    case EventKind::kObject:
      return "object";
    case EventKind::kProcess:
      return "process";
    case EventKind::kNemesis:
      return "nemesis";
    case EventKind::kBench:
      return "bench";
  }
  return "unknown";
}

}  // namespace tidemark::sim
