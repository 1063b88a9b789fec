// QuerySlot: one query at a time, with a bounded queue in front (D1: one database instance runs one query at a time;
// what waits too long or is too much gets the documented overload errors).
//
//   free --acquire--> busy --release, nobody waits--> free
//                     busy --release--> busy: the oldest waiter has it from now on and resumes at this instant
#pragma once

#include <coroutine>
#include <cstdint>

#include "sim/core/process.h"
#include "sim/core/timer.h"

namespace tidemark::model {

enum class SlotResult : std::uint8_t {
  kGranted,
  kTooMany,  // the queue was full
  kTooLong,  // not granted within the time limit
};

class QuerySlot;

/// Awaitable of QuerySlot::acquire. Destroying the waiting frame leaves the queue; after kGranted the slot is the
/// caller's until it calls release().
class [[nodiscard]] SlotWaiter {
 public:
  explicit SlotWaiter(QuerySlot& slot);
  ~SlotWaiter();
  SlotWaiter(const SlotWaiter&) = delete;
  SlotWaiter& operator=(const SlotWaiter&) = delete;
  bool await_ready();
  void await_suspend(std::coroutine_handle<> handle);
  SlotResult await_resume() const { return result_; }

 private:
  friend class QuerySlot;
  static void fire(sim::Timer& timer) { reinterpret_cast<SlotWaiter&>(timer).on_timer(); }
  void on_timer();
  sim::Timer timer_;  // first member, see fire(). Armed for the limit while queued, for now once granted
  QuerySlot& slot_;
  SlotResult result_ = SlotResult::kGranted;
  SlotWaiter* next_ = nullptr;
  SlotWaiter* prev_ = nullptr;
  bool linked_ = false;
  std::coroutine_handle<> handle_;
};

class QuerySlot {
 public:
  /// `limit`: most that may wait; `timeout`: longest wait. `process` owns the events and outlives the slot.
  QuerySlot(sim::Process& process, std::uint32_t limit, sim::Duration timeout)
      : process_(process), limit_(limit), timeout_(timeout) {}
  ~QuerySlot();
  QuerySlot(const QuerySlot&) = delete;
  QuerySlot& operator=(const QuerySlot&) = delete;

  /// `co_await slot.acquire()`: at once when free or when the queue is full.
  SlotWaiter acquire() { return SlotWaiter(*this); }
  void release();
  bool busy() const { return busy_; }
  std::uint32_t waiting() const { return waiting_; }

 private:
  friend class SlotWaiter;
  void link(SlotWaiter& waiter);
  void unlink(SlotWaiter& waiter);
  sim::Process& process_;
  const std::uint32_t limit_;
  const sim::Duration timeout_;
  bool busy_ = false;
  std::uint32_t waiting_ = 0;
  SlotWaiter* first_ = nullptr;
  SlotWaiter* last_ = nullptr;
};

}  // namespace tidemark::model
