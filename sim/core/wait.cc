#include "sim/core/wait.h"

namespace tidemark::sim {

void Waiter::await_suspend(std::coroutine_handle<> handle) {
  TIDEMARK_ASSERT(queue_ != nullptr && !linked_);
  handle_ = handle;
  linked_ = true;
  prev_ = queue_->last_;
  (queue_->last_ != nullptr ? queue_->last_->next_ : queue_->first_) = this;
  queue_->last_ = this;
}

void Waiter::unlink() {
  if (!linked_) return;
  (prev_ != nullptr ? prev_->next_ : queue_->first_) = next_;
  (next_ != nullptr ? next_->prev_ : queue_->last_) = prev_;
  next_ = prev_ = nullptr;
  linked_ = false;
}

WaitQueue::~WaitQueue() {
  while (first_ != nullptr) first_->unlink();
}

void WaitQueue::notify_one() {
  if (first_ != nullptr) wake(*first_);
}

// Only the coroutines that wait now: nobody is resumed in here, so nobody can come back into the queue meanwhile.
void WaitQueue::notify_all() {
  while (first_ != nullptr) wake(*first_);
}

void WaitQueue::wake(Waiter& waiter) {
  waiter.unlink();
  Scheduler& scheduler = waiter.timer_.owner()->scheduler();
  scheduler.arm(waiter.timer_, scheduler.now());
}

}  // namespace tidemark::sim
