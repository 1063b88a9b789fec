// What a coroutine can wait for: time, a notification, a value. All are cancelled by destroying the waiting frame.
//
// A waiter is never resumed from inside the call that wakes it: it is armed as an event at the current instant
// (EventKind::kResume) of its own process, so wake-ups have a place in the order of events and a paused or crashed
// process does not run. Preconditions hold only until the next co_await: check them again after it.
#pragma once

#include <coroutine>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "sim/core/process.h"
#include "sim/core/scheduler.h"

namespace tidemark::sim {

/// `co_await sleep(process, 5_ms)`: resumes after the duration, in its place among the events of that instant.
class [[nodiscard]] SleepAwaiter {
 public:
  SleepAwaiter(Process& process, Duration duration, std::uint64_t tag)
      : timer_(&SleepAwaiter::fire, EventKind::kTimer, &process), duration_(duration), tag_(tag) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    handle_ = handle;
    timer_.owner()->scheduler().arm_after(timer_, duration_, tag_);
  }
  void await_resume() const {}

 private:
  // Timer must be the first member: fire() goes back from it to the awaiter.
  static void fire(Timer& timer) { reinterpret_cast<SleepAwaiter&>(timer).handle_.resume(); }
  Timer timer_;
  Duration duration_;
  std::uint64_t tag_;
  std::coroutine_handle<> handle_;
};

inline SleepAwaiter sleep(Process& process, Duration duration, std::uint64_t tag = 0) {
  return {process, duration, tag};
}

class WaitQueue;

/// One waiting coroutine. Unlinks itself when its frame is destroyed.
class [[nodiscard]] Waiter {
 public:
  Waiter(WaitQueue& queue, Process& process) : timer_(&Waiter::fire, EventKind::kResume, &process), queue_(&queue) {}
  ~Waiter() { unlink(); }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle);
  void await_resume() const {}

 private:
  friend class WaitQueue;
  static void fire(Timer& timer) {
    Process& process = *timer.owner();
    if (process.yields_again()) [[unlikely]] {  // injected: once more to the end of the queue
      process.scheduler().arm(timer, process.scheduler().now());
      return;
    }
    reinterpret_cast<Waiter&>(timer).handle_.resume();
  }
  void unlink();
  Timer timer_;  // first member, see fire()
  WaitQueue* queue_;
  Waiter* next_ = nullptr;
  Waiter* prev_ = nullptr;
  bool linked_ = false;  // in the queue: suspended and not yet woken
  std::coroutine_handle<> handle_;
};

/// FIFO of waiting coroutines. Must outlive its waiters or be destroyed with them (waiters left behind never resume).
class WaitQueue {
 public:
  WaitQueue() = default;
  ~WaitQueue();
  WaitQueue(const WaitQueue&) = delete;
  WaitQueue& operator=(const WaitQueue&) = delete;

  /// `co_await queue.wait(process)`: resumes after the next notify that reaches it.
  Waiter wait(Process& process) { return Waiter(*this, process); }
  void notify_one();
  void notify_all();
  bool empty() const { return first_ == nullptr; }

 private:
  friend class Waiter;
  void wake(Waiter& waiter);
  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
};

/// A value that arrives once and one coroutine that waits for it: `T v = co_await promise.get(process)`.
/// set() before get() is fine; a second set() is ignored and returns false.
template <typename T>
class Promise {
 public:
  bool set(T value) {
    if (value_) return false;
    value_.emplace(std::move(value));
    queue_.notify_all();
    return true;
  }
  bool ready() const { return value_.has_value(); }

  class [[nodiscard]] Awaiter {
   public:
    Awaiter(Promise& promise, Process& process) : promise_(promise), waiter_(promise.queue_, process) {}
    bool await_ready() const { return promise_.ready(); }
    void await_suspend(std::coroutine_handle<> handle) { waiter_.await_suspend(handle); }
    T await_resume() {
      TIDEMARK_ASSERT(promise_.ready());
      return std::move(*promise_.value_);
    }

   private:
    Promise& promise_;
    Waiter waiter_;
  };
  Awaiter get(Process& process) { return Awaiter(*this, process); }

 private:
  std::optional<T> value_;
  WaitQueue queue_;
};

}  // namespace tidemark::sim
