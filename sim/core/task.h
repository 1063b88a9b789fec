// Task<T>: the one coroutine type.
//
// Rules: a Task is lazy (nothing runs before it is awaited or spawned); the Task object owns the frame; `co_await task`
// runs it at once and resumes the awaiter by symmetric transfer when it returns. Parameters are taken by value; no
// capturing lambda is ever a coroutine (its captures die before it resumes). A root task is handed to
// Process::spawn, which owns it from then on. Errors are values: an exception that leaves a Task is a defect.
// Destroying a suspended Task destroys its frame and, through destructors of the awaiters in it, everything it waits
// for; this is what a crash does. Frames come from a free list (sim/core/frame_pool.h).
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "sim/core/frame_pool.h"

namespace tidemark::sim {

template <typename T = void>
class Task;

namespace detail {

struct RootLink;

/// What all promises share: who is resumed at the end, and the link of a root task to its process.
struct PromiseBase {
  std::coroutine_handle<> continuation;
  RootLink* root = nullptr;

  static void* operator new(std::size_t size) { return FramePool::allocate(size); }
  static void operator delete(void* frame, std::size_t size) { FramePool::release(frame, size); }

  std::suspend_always initial_suspend() noexcept { return {}; }
  [[noreturn]] void unhandled_exception() noexcept;
};

/// Called by the final awaiter of a root task: unlinks it from its process and destroys the frame.
void finish_root(RootLink& root) noexcept;

struct FinalAwaiter {
  bool await_ready() noexcept { return false; }
  template <typename Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> handle) noexcept {
    PromiseBase& promise = handle.promise();
    if (promise.root != nullptr) {
      finish_root(*promise.root);
      return std::noop_coroutine();
    }
    return promise.continuation ? promise.continuation : std::noop_coroutine();
  }
  void await_resume() noexcept {}
};

template <typename T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  FinalAwaiter final_suspend() noexcept { return {}; }
  template <typename U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    TIDEMARK_ASSERT(value.has_value());
    return std::move(*value);
  }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  FinalAwaiter final_suspend() noexcept { return {}; }
  void return_void() noexcept {}
  void take() noexcept {}
};

}  // namespace detail

template <typename T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  Task() = default;
  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() { reset(); }

  explicit operator bool() const { return static_cast<bool>(handle_); }
  bool done() const { return handle_ && handle_.done(); }

  auto operator co_await() && {
    struct Awaiter {
      Handle handle;
      bool await_ready() const { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) {
        handle.promise().continuation = awaiting;
        return handle;
      }
      T await_resume() { return handle.promise().take(); }
    };
    TIDEMARK_ASSERT(handle_);
    return Awaiter{handle_};
  }

  /// Gives the frame away; only Process::spawn does this.
  Handle release() { return std::exchange(handle_, {}); }

 private:
  void reset() {
    if (handle_) std::exchange(handle_, {}).destroy();
  }
  Handle handle_;
};

template <typename T>
Task<T> detail::Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> detail::Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

}  // namespace tidemark::sim
