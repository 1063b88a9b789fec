#include "model/durable_object/query_slot.h"

#include "base/assert.h"
#include "sim/core/scheduler.h"

namespace tidemark::model {

SlotWaiter::SlotWaiter(QuerySlot& slot)
    : timer_(&SlotWaiter::fire, sim::EventKind::kResume, &slot.process_), slot_(slot) {}

SlotWaiter::~SlotWaiter() {
  if (linked_) slot_.unlink(*this);
}

bool SlotWaiter::await_ready() {
  if (!slot_.busy_) {
    slot_.busy_ = true;
    return true;
  }
  if (slot_.waiting_ >= slot_.limit_) {
    result_ = SlotResult::kTooMany;
    return true;
  }
  return false;
}

void SlotWaiter::await_suspend(std::coroutine_handle<> handle) {
  handle_ = handle;
  slot_.link(*this);
  slot_.process_.scheduler().arm_after(timer_, slot_.timeout_);
}

void SlotWaiter::on_timer() {
  if (linked_) {
    slot_.unlink(*this);
    result_ = SlotResult::kTooLong;
  }
  handle_.resume();
}

QuerySlot::~QuerySlot() {
  while (first_ != nullptr) unlink(*first_);
}

void QuerySlot::release() {
  TIDEMARK_ASSERT(busy_, "a slot is released by who has it");
  if (first_ == nullptr) {
    busy_ = false;
    return;
  }
  SlotWaiter& next = *first_;
  unlink(next);
  process_.scheduler().arm(next.timer_, process_.scheduler().now());
}

void QuerySlot::link(SlotWaiter& waiter) {
  TIDEMARK_ASSERT(!waiter.linked_ && waiting_ < limit_);
  waiter.linked_ = true;
  waiter.prev_ = last_;
  (last_ != nullptr ? last_->next_ : first_) = &waiter;
  last_ = &waiter;
  ++waiting_;
}

void QuerySlot::unlink(SlotWaiter& waiter) {
  TIDEMARK_ASSERT(waiter.linked_ && waiting_ > 0);
  (waiter.prev_ != nullptr ? waiter.prev_->next_ : first_) = waiter.next_;
  (waiter.next_ != nullptr ? waiter.next_->prev_ : last_) = waiter.prev_;
  waiter.next_ = waiter.prev_ = nullptr;
  waiter.linked_ = false;
  --waiting_;
}

}  // namespace tidemark::model
