#include "sim/core/event_queue.h"

#include <algorithm>
#include <utility>

namespace tidemark::sim {

bool EventQueue::load_front(std::int64_t limit_ns) {
  while (levels_occupied_ != 0 && none_before_ns_ <= limit_ns) {
    const auto level = static_cast<unsigned>(std::countr_zero(levels_occupied_));
    const auto slot = static_cast<unsigned>(std::countr_zero(occupied_[level]));
    Link& bucket = buckets_[level * kSlots + slot];
    std::int64_t earliest_ns = timer_of(*bucket.next).when_ns_;
    unsigned count = 0;
    for (Link* link = bucket.next; level != 0 && link != &bucket; link = link->next, ++count)
      earliest_ns = std::min(earliest_ns, timer_of(*link).when_ns_);
    if (earliest_ns > limit_ns) {
      none_before_ns_ = earliest_ns;
      return false;
    }
    if (level == 0) {  // one instant, in order already: its first event alone, however many there are
      Timer& timer = timer_of(*bucket.next);
      unlink(timer);
      timer.bucket_ = kInFront;
      front_[front_size_++] = {earliest_ns, &timer};
      return true;
    }
    if (count <= kFront) {
      sort_into_front(bucket, count);
      const std::int64_t range_mask = static_cast<std::int64_t>((std::uint64_t{1} << (level * kBits)) - 1);
      front_limit_ns_ = earliest_ns | range_mask;
      bucket.next = bucket.prev = &bucket;
      vacate(level, slot);
      return true;
    }
    deal(level, slot, earliest_ns);
  }
  return false;
}

// Counts for each event how many go before it, instead of moving events about: no branch depends on an instant.
void EventQueue::sort_into_front(Link& bucket, unsigned count) {
  TIDEMARK_ASSERT(front_size_ == 0 && count <= kFront);
  std::array<FrontEntry, kFront> entries;
  std::array<unsigned, kFront> later;  // how many go after it: its place, as the earliest is last
  Link* link = bucket.next;
  for (unsigned i = 0; i < count; ++i, link = link->next) {
    Timer& timer = timer_of(*link);
    timer.bucket_ = kInFront;
    entries[i] = {timer.when_ns_, &timer};
    unsigned after = 0;
    for (unsigned j = 0; j < i; ++j) {
      const bool overtakes = timer.when_ns_ < entries[j].when_ns;
      after += overtakes;
      later[j] += !overtakes;
    }
    later[i] = after;
  }
  for (unsigned i = 0; i < count; ++i) front_[later[i]] = entries[i];
  front_size_ = count;
}

void EventQueue::insert_in_front(Timer& timer) {
  if (front_size_ == kFrontCapacity) {
    spill_front();
    place(timer);
    return;
  }
  timer.bucket_ = kInFront;
  std::size_t place = front_size_++;
  for (; place > 0 && front_[place - 1].when_ns <= timer.when_ns_; --place) front_[place] = front_[place - 1];
  front_[place] = {timer.when_ns_, &timer};
}

void EventQueue::erase_from_front(Timer& timer) {
  std::size_t place = 0;
  while (front_[place].timer != &timer) ++place;
  TIDEMARK_ASSERT(place < front_size_);
  std::copy(front_.begin() + place + 1, front_.begin() + front_size_, front_.begin() + place);
  --front_size_;
}

// Legal at any time: the base is not after any event, so every event has its place in the wheel.
void EventQueue::spill_front() {
  while (front_size_ > 0) place(*front_[--front_size_].timer);
  front_limit_ns_ = -1;
}

void EventQueue::deal(unsigned level, unsigned slot, std::int64_t earliest_ns) {
  TIDEMARK_ASSERT(level > 0);
  TIDEMARK_ASSERT(earliest_ns >= base_ns_);
  Link& bucket = buckets_[level * kSlots + slot];
  Link* link = bucket.next;
  bucket.prev->next = nullptr;  // the chain is cut off the bucket and dealt out
  bucket.next = bucket.prev = &bucket;
  vacate(level, slot);
  base_ns_ = earliest_ns;
  while (link != nullptr) {
    Link* next = link->next;
    place(timer_of(*link));
    link = next;
  }
}

// With permutation every instant is dealt down to its own bucket of level 0 before its first event is taken, so that
// the whole set of ties is at hand.
Timer* EventQueue::pop_permuted(std::int64_t limit_ns) {
  while (levels_occupied_ != 0 && none_before_ns_ <= limit_ns) {
    const auto level = static_cast<unsigned>(std::countr_zero(levels_occupied_));
    const auto slot = static_cast<unsigned>(std::countr_zero(occupied_[level]));
    Link& bucket = buckets_[level * kSlots + slot];
    std::int64_t earliest_ns = timer_of(*bucket.next).when_ns_;
    for (Link* link = bucket.next; level != 0 && link != &bucket; link = link->next)
      earliest_ns = std::min(earliest_ns, timer_of(*link).when_ns_);
    if (earliest_ns > limit_ns) {
      none_before_ns_ = earliest_ns;
      return nullptr;
    }
    if (level != 0) {
      deal(level, slot, earliest_ns);
      continue;
    }
    base_ns_ = earliest_ns;
    if (permuted_ns_ != earliest_ns) {
      permuted_ns_ = earliest_ns;
      permute(bucket);
    }
    Timer& timer = timer_of(*bucket.next);
    unlink(timer);
    --size_;
    return &timer;
  }
  return nullptr;
}

void EventQueue::set_tie_seed(std::uint64_t seed) {
  TIDEMARK_ASSERT(size_ == 0, "the order of ties is chosen before the first event");
  permute_ties_ = true;
  tie_state_ = seed;
}

// Fisher and Yates over the bucket, with splitmix64 as the generator (a draw in no named stream: the permutation must
// not shift the numbers of the simulation).
void EventQueue::permute(Link& bucket) {
  if (bucket.next == bucket.prev) return;
  tied_.clear();
  for (Link* link = bucket.next; link != &bucket; link = link->next) tied_.push_back(link);
  for (std::size_t left = tied_.size(); left > 1; --left) {
    std::uint64_t draw = tie_state_ += 0x9e3779b97f4a7c15ULL;
    draw = (draw ^ draw >> 30) * 0xbf58476d1ce4e5b9ULL;
    draw = (draw ^ draw >> 27) * 0x94d049bb133111ebULL;
    draw ^= draw >> 31;
    __extension__ using Wide = unsigned __int128;
    std::swap(tied_[left - 1], tied_[static_cast<std::size_t>(static_cast<Wide>(draw) * left >> 64)]);
  }
  bucket.next = bucket.prev = &bucket;
  for (Link* link : tied_) link->insert_before(bucket);
}

Timer* EventQueue::take_any() {
  if (front_size_ > 0) spill_front();
  if (levels_occupied_ == 0) return nullptr;
  const auto level = static_cast<unsigned>(std::countr_zero(levels_occupied_));
  const auto slot = static_cast<unsigned>(std::countr_zero(occupied_[level]));
  Timer& timer = timer_of(*buckets_[level * kSlots + slot].next);
  erase(timer);
  return &timer;
}

void EventQueue::drop_owned(const Process* owner) {
  TIDEMARK_ASSERT(owner != nullptr);
  spill_front();
  for (Link& bucket : buckets_) {
    for (Link* link = bucket.next; link != &bucket;) {
      Timer& timer = timer_of(*link);
      link = link->next;
      if (timer.owner_ != owner) continue;
      erase(timer);
      timer.scheduler_ = nullptr;
    }
  }
}

void EventQueue::take_timers(const Process* owner, std::vector<Timer*>& timers) {
  TIDEMARK_ASSERT(owner != nullptr);
  spill_front();
  const auto first = static_cast<std::ptrdiff_t>(timers.size());
  for (Link& bucket : buckets_) {
    for (Link* link = bucket.next; link != &bucket;) {
      Timer& timer = timer_of(*link);
      link = link->next;
      if (timer.owner_ != owner || timer.kind_ != EventKind::kTimer) continue;
      erase(timer);
      timers.push_back(&timer);
    }
  }
  // Events of one instant share a bucket, in arming order.
  std::stable_sort(timers.begin() + first, timers.end(),
                   [](const Timer* a, const Timer* b) { return a->when_ns_ < b->when_ns_; });
}

}  // namespace tidemark::sim
