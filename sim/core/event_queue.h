// EventQueue: pending events in the order (instant, sequence), as a hierarchical wheel of 64-ary buckets with a short
// sorted front.
//
// The wheel has a base: an instant that is not after any pending event. Level k holds the events whose instant differs
// from the base first in the k-th group of 6 bits, one bucket per value of that group. So the place of an event follows
// from (base, instant) alone: events of one instant share a bucket, in arming order, and need no sequence number; and
// the next events are in the first bucket of the lowest level in use.
//
// When the front is empty, that bucket becomes the new front, sorted. A bucket of more than kFront events is dealt out
// first: the base moves to the earliest instant in it, and its events go, in order, to lower levels, which are empty by
// then. Events armed for the range of the front are inserted there; a front that grows too long goes back to the wheel.
//
// Arming and cancelling are O(1); an event is moved at most once per level, and mostly once or twice in all. List and
// occupancy updates are free of branches: the instants of a simulation are random, mispredicted branches are what an
// event queue of this size costs. No allocation, except for the permutation of ties.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/assert.h"
#include "sim/core/timer.h"

namespace tidemark::sim {

class EventQueue {
 public:
  EventQueue() = default;
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;

  /// `timer.when()` must not be before the instant of the last pop, nor negative.
  void push(Timer& timer) {
    TIDEMARK_ASSERT(timer.when_ns_ >= base_ns_);
    ++size_;
    if (timer.when_ns_ < none_before_ns_) none_before_ns_ = timer.when_ns_;
    if (timer.when_ns_ <= front_limit_ns_) [[unlikely]] {
      insert_in_front(timer);
    } else {
      place(timer);
    }
  }
  /// Takes `timer` out of the queue. O(1).
  void erase(Timer& timer) {
    --size_;
    if (timer.bucket_ == kInFront) {
      erase_from_front(timer);
    } else {
      unlink(timer);
    }
  }
  /// The next event in order, taken out; nullptr when there is none at or before `limit_ns`. A pop that finds nothing
  /// leaves the order as it was: events before `limit_ns` may still be pushed.
  Timer* pop(std::int64_t limit_ns) {
    if (permute_ties_) [[unlikely]]
      return pop_permuted(limit_ns);
    if (front_size_ == 0 && !load_front(limit_ns)) return nullptr;
    const FrontEntry entry = front_[front_size_ - 1];
    if (entry.when_ns > limit_ns) [[unlikely]]
      return nullptr;
    --front_size_;
    --size_;
    return entry.timer;
  }
  /// Permutes the events pending at the instant of the next event when the wheel reaches it.
  void set_tie_seed(std::uint64_t seed);
  std::size_t size() const { return size_; }
  /// Takes any event out (order unspecified); nullptr when empty. For destruction.
  Timer* take_any();
  /// Takes out every event that belongs to `owner` and disarms it. O(size).
  void drop_owned(const Process* owner);
  /// Takes out the events of kind kTimer that belong to `owner` and appends them to `timers`, in the order in which
  /// they would have come, still marked as armed: the caller pushes each again. O(size).
  void take_timers(const Process* owner, std::vector<Timer*>& timers);

 private:
  static constexpr unsigned kBits = 6;
  static constexpr unsigned kSlots = 1 << kBits;
  static constexpr unsigned kLevels = 11;         // 66 bits: all of a 64-bit instant
  static constexpr unsigned kFront = 12;          // buckets up to this size become the front at once
  static constexpr unsigned kFrontCapacity = 32;  // with insertions; beyond it the front goes back to the wheel
  static constexpr std::uint16_t kInFront = 0xfffe;

  using Link = detail::TimerLink;
  struct FrontEntry {
    std::int64_t when_ns;
    Timer* timer;
  };
  static Timer& timer_of(Link& link) { return reinterpret_cast<Timer&>(link); }

  void place(Timer& timer) {
    const auto difference = static_cast<std::uint64_t>(timer.when_ns_ ^ base_ns_) | 1U;
    const unsigned level = (63U - static_cast<unsigned>(std::countl_zero(difference))) / kBits;
    const unsigned slot = static_cast<unsigned>(timer.when_ns_ >> (level * kBits)) % kSlots;
    timer.bucket_ = static_cast<std::uint16_t>(level * kSlots + slot);
    timer.link_.insert_before(buckets_[timer.bucket_]);
    occupied_[level] |= std::uint64_t{1} << slot;
    levels_occupied_ |= 1U << level;
  }
  void unlink(Timer& timer) {
    timer.link_.remove();
    if (buckets_[timer.bucket_].alone()) vacate(timer.bucket_ / kSlots, timer.bucket_ % kSlots);
  }
  void vacate(unsigned level, unsigned slot) {
    occupied_[level] &= ~(std::uint64_t{1} << slot);
    levels_occupied_ &= ~(static_cast<std::uint32_t>(occupied_[level] == 0) << level);
  }
  bool load_front(std::int64_t limit_ns);
  void sort_into_front(Link& bucket, unsigned count);
  void insert_in_front(Timer& timer);
  void erase_from_front(Timer& timer);
  void spill_front();
  Timer* pop_permuted(std::int64_t limit_ns);
  void deal(unsigned level, unsigned slot, std::int64_t earliest_ns);
  void permute(Link& bucket);

  // The front, the earliest event last. It holds every event up to front_limit_ns_.
  std::size_t front_size_ = 0;
  std::int64_t front_limit_ns_ = -1;
  std::array<FrontEntry, kFrontCapacity> front_;
  // The wheel.
  std::size_t size_ = 0;
  std::int64_t base_ns_ = 0;
  std::int64_t none_before_ns_ = 0;    // no pending event is earlier: spares searching for a limit again and again
  std::uint32_t levels_occupied_ = 0;  // one bit per level
  std::array<std::uint64_t, kLevels> occupied_{};  // one bit per bucket
  std::array<Link, kLevels * kSlots> buckets_;
  // The permutation of ties.
  bool permute_ties_ = false;
  std::uint64_t tie_state_ = 0;
  std::int64_t permuted_ns_ = -1;  // instant whose events have been permuted
  std::vector<Link*> tied_;        // scratch of permute()
};

}  // namespace tidemark::sim
