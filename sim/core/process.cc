#include "sim/core/process.h"

#include <algorithm>
#include <new>

namespace tidemark::sim {
namespace detail {

void finish_root(RootLink& root) noexcept {
  const std::coroutine_handle<> frame = root.frame;
  root.process->unlink(root);
  FramePool::release(&root, sizeof(RootLink));
  frame.destroy();
}

}  // namespace detail

Process::Process(Scheduler& scheduler, std::uint32_t id, std::string name)
    : scheduler_(scheduler),
      id_(id),
      name_(std::move(name)),
      restart_(*this, &Process::restart_due),
      free_again_(*this, &Process::free_again) {
  TIDEMARK_ASSERT(id_ >= 1);
  roots_.prev = roots_.next = &roots_;
}

Process::~Process() {
  TIDEMARK_ASSERT(entered_ == 0, "a process was destroyed by its own code");
  set_state(ProcessState::kStopped);
  destroy_tasks();
  program_.reset();
  drop_held();
  if (crash_requested_) scheduler_.forget(*this);
}

void Process::start() {
  TIDEMARK_ASSERT(state_ == ProcessState::kStopped, "start() of a process that is not stopped");
  TIDEMARK_ASSERT(program_ == nullptr);
  restart_.timer.cancel();
  set_state(ProcessState::kRunning);
  ++incarnation_;
  if (!factory_) return;
  ++entered_;
  program_ = factory_(*this);
  --entered_;
}

void Process::pause() {
  TIDEMARK_ASSERT(state_ == ProcessState::kRunning, "pause() of a process that is not running");
  set_state(ProcessState::kPaused);
}

void Process::freeze() {
  pause();
  freezing_ = true;
  frozen_since_ = scheduler_.now();
}

void Process::resume() {
  TIDEMARK_ASSERT(state_ == ProcessState::kPaused, "resume() of a process that is not paused");
  set_state(ProcessState::kRunning);
  if (freezing_) {
    const Duration frozen = scheduler_.now() - frozen_since_;
    freezing_ = false;
    frozen_ += frozen;
    shift_timers(frozen);
  }
  let_held_go();
}

void Process::let_held_go() {
  while (!held_.alone()) {
    auto& timer = reinterpret_cast<Timer&>(*held_.next);
    release_held(timer);
    timer.when_ns_ = scheduler_.now_.ns();
    scheduler_.queue_.push(timer);
  }
}

/// The timers that are pending and those that waited, in the order in which they would have fired.
void Process::shift_timers(Duration by) {
  std::vector<Timer*> timers;
  for (detail::TimerLink* link = held_.next; link != &held_;) {
    auto& timer = reinterpret_cast<Timer&>(*link);
    link = link->next;
    if (timer.kind_ != EventKind::kTimer) continue;
    release_held(timer);
    timers.push_back(&timer);
  }
  scheduler_.queue_.take_timers(this, timers);
  for (Timer* timer : timers) {
    if (__builtin_add_overflow(timer->when_ns_, by.ns(), &timer->when_ns_)) timer->when_ns_ = Instant::max().ns();
    timer->when_ns_ = std::max(timer->when_ns_, scheduler_.now_.ns());
    scheduler_.queue_.push(*timer);
  }
}

void Process::crash() {
  TIDEMARK_ASSERT(state_ != ProcessState::kStopped, "crash() of a process that is stopped");
  if (crash_requested_) return;
  if (entered_ == 0 && scheduler_.current_ != this) {
    crash_now();
    return;
  }
  crash_requested_ = true;
  scheduler_.crash_later(*this);
}

void Process::crash_after_event() {
  TIDEMARK_ASSERT(state_ != ProcessState::kStopped, "crash_after_event() of a process that is stopped");
  if (crash_requested_) return;
  crash_requested_ = true;
  scheduler_.crash_later(*this);
}

void Process::crash_now() {
  TIDEMARK_ASSERT(state_ != ProcessState::kStopped);
  TIDEMARK_ASSERT(entered_ == 0 && scheduler_.current_ != this);
  crash_requested_ = false;
  set_state(ProcessState::kStopped);  // destructors see a process that takes no more tasks
  free_again_.timer.cancel();
  freezing_ = false;
  frozen_ = {};
  destroy_tasks();
  program_.reset();
  drop_held();
  scheduler_.queue_.drop_owned(this);
  for (std::size_t i = 0; i < crash_listeners_.size(); ++i) crash_listeners_[i](*this);
}

void Process::restart(Duration downtime) {
  crash();
  scheduler_.arm_after(restart_.timer, downtime, id_);
}

void Process::restart_due(Timer& timer) {
  // Timer is the first member of Alarm.
  reinterpret_cast<Alarm&>(timer).process.start();
}

void Process::set_state(ProcessState state) {
  state_ = state;
  unhindered_ = state == ProcessState::kRunning && event_cost_ == Duration{};
}

void Process::set_event_cost(Duration cost) {
  TIDEMARK_ASSERT(cost >= Duration{});
  event_cost_ = cost;
  set_state(state_);
  if (cost != Duration{}) return;
  busy_until_ = {};
  free_again_.timer.cancel();
  if (state_ == ProcessState::kRunning) let_held_go();
}

// All that wait are let go when the process is free again; the first one makes it busy, the others wait again, in
// order. So nothing that came later overtakes them.
bool Process::begin_slow_event() {
  const Instant now = scheduler_.now();
  if (now < busy_until_ || free_again_.timer.armed()) {
    if (!free_again_.timer.armed()) scheduler_.arm(free_again_.timer, busy_until_, id_);
    ++slowed_events_;
    return false;
  }
  busy_until_ = now + event_cost_;
  return true;
}

void Process::free_again(Timer& timer) {
  Process& process = reinterpret_cast<Alarm&>(timer).process;
  if (process.state_ == ProcessState::kRunning) process.let_held_go();
}

bool Process::draw_yield() {
  if (!yields_->random->chance_fixed(yields_->chance)) return false;
  ++yields_->rounds;
  return true;
}

void Process::spawn(Task<void> task) {
  TIDEMARK_ASSERT(state_ == ProcessState::kRunning, "spawn() in a process that is not running");
  TIDEMARK_ASSERT(static_cast<bool>(task));
  const Task<void>::Handle frame = task.release();
  auto* root = new (FramePool::allocate(sizeof(detail::RootLink))) detail::RootLink{this, frame, roots_.prev, &roots_};
  roots_.prev->next = root;
  roots_.prev = root;
  ++tasks_;
  frame.promise().root = root;
  ++entered_;
  frame.resume();  // may finish the task: root and frame are gone then
  --entered_;
}

void Process::unlink(detail::RootLink& root) noexcept {
  TIDEMARK_ASSERT(tasks_ > 0);
  root.prev->next = root.next;
  root.next->prev = root.prev;
  --tasks_;
}

void Process::destroy_tasks() {
  while (roots_.prev != &roots_) detail::finish_root(*roots_.prev);
  TIDEMARK_ASSERT(tasks_ == 0);
}

void Process::hold(Timer& timer) {
  TIDEMARK_ASSERT(timer.owner_ == this && timer.armed());
  timer.bucket_ = Timer::kHeld;
  timer.link_.insert_before(held_);
}

void Process::release_held(Timer& timer) {
  TIDEMARK_ASSERT(timer.owner_ == this && timer.bucket_ == Timer::kHeld);
  timer.link_.remove();
}

void Process::drop_held() {
  while (!held_.alone()) reinterpret_cast<Timer&>(*held_.next).cancel();
}

}  // namespace tidemark::sim
