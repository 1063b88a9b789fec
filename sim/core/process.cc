#include "sim/core/process.h"

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
    : scheduler_(scheduler), id_(id), name_(std::move(name)), restart_(*this) {
  TIDEMARK_ASSERT(id_ >= 1);
  roots_.prev = roots_.next = &roots_;
}

Process::~Process() {
  TIDEMARK_ASSERT(entered_ == 0, "a process was destroyed by its own code");
  state_ = ProcessState::kStopped;
  destroy_tasks();
  program_.reset();
  drop_held();
  if (crash_requested_) scheduler_.forget(*this);
}

void Process::start() {
  TIDEMARK_ASSERT(state_ == ProcessState::kStopped, "start() of a process that is not stopped");
  TIDEMARK_ASSERT(program_ == nullptr);
  restart_.timer.cancel();
  state_ = ProcessState::kRunning;
  ++incarnation_;
  if (!factory_) return;
  ++entered_;
  program_ = factory_(*this);
  --entered_;
}

void Process::pause() {
  TIDEMARK_ASSERT(state_ == ProcessState::kRunning, "pause() of a process that is not running");
  state_ = ProcessState::kPaused;
}

void Process::resume() {
  TIDEMARK_ASSERT(state_ == ProcessState::kPaused, "resume() of a process that is not paused");
  state_ = ProcessState::kRunning;
  while (!held_.alone()) {
    auto& timer = reinterpret_cast<Timer&>(*held_.next);
    release_held(timer);
    timer.when_ns_ = scheduler_.now_.ns();
    scheduler_.queue_.push(timer);
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

void Process::crash_now() {
  TIDEMARK_ASSERT(state_ != ProcessState::kStopped);
  TIDEMARK_ASSERT(entered_ == 0 && scheduler_.current_ != this);
  crash_requested_ = false;
  state_ = ProcessState::kStopped;  // destructors see a process that takes no more tasks
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

void Process::Restart::due(Timer& timer) {
  // Timer is the first member of Restart.
  reinterpret_cast<Restart&>(timer).process.start();
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
