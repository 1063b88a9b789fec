// LogTail: the newest part of the leader's log, in memory, for catch-up: a run of entries without a gap.
#pragma once

#include <algorithm>
#include <deque>

#include "base/assert.h"
#include "model/types/entry.h"
#include "sim/core/time.h"

namespace tidemark::model::srs {

struct TailEntry {
  EntryRef entry;
  sim::Instant confirmed_at;  // meaningful once confirmed
};

class LogTail {
 public:
  /// Begins after `start`, empty.
  explicit LogTail(const Bookmark& start) : start_(start) {}

  const Bookmark& start() const { return start_; }
  const Bookmark& last() const { return entries_.empty() ? start_ : entries_.back().entry->bookmark(); }
  std::size_t size() const { return entries_.size(); }

  void push(EntryRef entry) {
    TIDEMARK_ASSERT(entry->previous() == last());
    entries_.push_back({std::move(entry), {}});
  }
  /// Is `bookmark` exactly start() or an entry of the tail? Then everything after it is here.
  bool reaches(const Bookmark& bookmark) const {
    if (bookmark == start_) return true;
    const std::size_t place = first_after(bookmark);
    return place > 0 && entries_[place - 1].entry->bookmark() == bookmark;
  }
  /// Index of the first entry after `bookmark`; size() when there is none.
  std::size_t first_after(const Bookmark& bookmark) const {
    const auto place = std::upper_bound(entries_.begin(), entries_.end(), bookmark,
                                        [](const Bookmark& b, const TailEntry& e) { return b < e.entry->bookmark(); });
    return static_cast<std::size_t>(place - entries_.begin());
  }
  TailEntry& operator[](std::size_t index) { return entries_[index]; }
  const TailEntry& operator[](std::size_t index) const { return entries_[index]; }

  /// Forgets everything up to `bookmark`.
  void drop_up_to(const Bookmark& bookmark) {
    while (!entries_.empty() && entries_.front().entry->bookmark() <= bookmark) {
      start_ = entries_.front().entry->bookmark();
      entries_.pop_front();
    }
  }

 private:
  Bookmark start_;
  std::deque<TailEntry> entries_;
};

}  // namespace tidemark::model::srs
