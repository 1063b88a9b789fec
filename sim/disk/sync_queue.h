// SyncQueue: the callbacks of the syncs of one disk that are under way, in order of completion. One timer: only the
// first can be due. Without faults syncs complete in the order in which they began; a stall (D2) or hang (D3) holds
// entries back and lets them go later.
#pragma once

#include <algorithm>
#include <boost/circular_buffer.hpp>
#include <cstdint>
#include <string>

#include "sim/core/file.h"
#include "sim/core/process.h"
#include "sim/core/scheduler.h"

namespace tidemark::sim {

class SyncQueue {
 public:
  struct Waiting {
    Instant when;
    std::uint64_t tag = 0;
    IoCompletion* done = nullptr;
    IoStatus status = IoStatus::kOk;
    // Faults only.
    Instant natural;            // when it would be complete without a stall
    std::uint64_t file_id = 0;  // DiskFile::id(), which stays the file's under any name
    std::uint32_t cause = 0;    // the event that began it; set by push()
  };

  explicit SyncQueue(Process& process) : timer_(*this, process) {}

  void push(Waiting entry) {
    entry.cause = timer_.owner()->scheduler().cause();
    if (waiting_.full()) waiting_.set_capacity(waiting_.capacity() * 2);
    if (waiting_.empty() || !(entry.when < waiting_.back().when)) [[likely]] {
      waiting_.push_back(entry);
      if (waiting_.size() == 1) arm();
      return;
    }
    const auto after = [](const Waiting& a, const Waiting& b) { return a.when < b.when; };
    const auto place = waiting_.insert(std::upper_bound(waiting_.begin(), waiting_.end(), entry, after), entry);
    if (place == waiting_.begin()) arm();
  }
  void clear() {
    waiting_.clear();
    if (timer_.armed()) timer_.cancel();
  }
  bool empty() const { return waiting_.empty(); }
  /// `decide` may change when and status of every entry.
  template <typename Decide>
  void rearrange(Decide decide) {
    if (waiting_.empty()) return;
    for (Waiting& entry : waiting_) decide(entry);
    std::stable_sort(waiting_.begin(), waiting_.end(),
                     [](const Waiting& a, const Waiting& b) { return a.when < b.when; });
    arm();
  }

 private:
  struct QueueTimer : Timer {
    QueueTimer(SyncQueue& owning, Process& process)
        : Timer(&SyncQueue::fire, EventKind::kDisk, &process), queue(owning) {}
    SyncQueue& queue;
  };
  void arm() {
    if (waiting_.front().when == Instant::max()) [[unlikely]] {
      if (timer_.armed()) timer_.cancel();
      return;
    }
    timer_.owner()->scheduler().arm(timer_, waiting_.front().when, waiting_.front().tag);
    Scheduler::blame(timer_, waiting_.front().cause);
  }
  static void fire(Timer& timer) {
    SyncQueue& queue = static_cast<QueueTimer&>(timer).queue;
    const Waiting due = queue.waiting_.front();
    queue.waiting_.pop_front();
    if (!queue.waiting_.empty()) queue.arm();
    due.done->on_io(due.status);
  }

  QueueTimer timer_;
  boost::circular_buffer<Waiting> waiting_{16};
};

}  // namespace tidemark::sim
