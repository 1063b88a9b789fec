// LogTail: the newest part of the leader's log, in memory, for catch-up: a run of entries without a gap.
#pragma once

#include <cstdint>
#include <deque>

#include "base/assert.h"
#include "model/srs/log_search.h"
#include "model/types/entry.h"
#include "sim/core/time.h"

namespace tidemark::model::srs {

struct TailEntry {
  EntryRef entry;
  sim::Instant appended_at;   // by this leader
  sim::Instant confirmed_at;  // meaningful once confirmed
};

class LogTail {
 public:
  /// Begins after `start`, empty.
  explicit LogTail(const Bookmark& start) : start_(start) {}

  const Bookmark& start() const { return start_; }
  const Bookmark& last() const { return entries_.empty() ? start_ : entries_.back().entry->bookmark(); }
  std::size_t size() const { return entries_.size(); }
  /// Of all entries here, as Entry::bytes() counts.
  std::uint64_t bytes() const { return bytes_; }

  void push(EntryRef entry, sim::Instant now) {
    TIDEMARK_ASSERT(entry->previous() == last());
    bytes_ += entry->bytes();
    entries_.push_back({std::move(entry), now, {}});
  }
  /// Is `bookmark` exactly start() or an entry of the tail? Then everything after it is here.
  bool reaches(const Bookmark& bookmark) const {
    if (bookmark == start_) return true;
    const std::size_t place = first_after(bookmark);
    return place > 0 && entries_[place - 1].entry->bookmark() == bookmark;
  }
  /// Index of the first entry after `bookmark`; size() when there is none.
  std::size_t first_after(const Bookmark& bookmark) const {
    return srs::first_after(entries_, bookmark,
                            [](const TailEntry& e) -> const Bookmark& { return e.entry->bookmark(); });
  }
  TailEntry& operator[](std::size_t index) { return entries_[index]; }
  const TailEntry& operator[](std::size_t index) const { return entries_[index]; }

  /// Forgets everything up to `bookmark`.
  void drop_up_to(const Bookmark& bookmark) {
    while (!entries_.empty() && entries_.front().entry->bookmark() <= bookmark) drop_front();
  }
  /// Forgets entries up to `limit`, oldest first, until at most `most_bytes` are left.
  void shrink(std::uint64_t most_bytes, const Bookmark& limit) {
    while (bytes_ > most_bytes && !entries_.empty() && entries_.front().entry->bookmark() <= limit) drop_front();
  }

 private:
  void drop_front() {
    start_ = entries_.front().entry->bookmark();
    bytes_ -= entries_.front().entry->bytes();
    entries_.pop_front();
  }

  Bookmark start_;
  std::uint64_t bytes_ = 0;
  std::deque<TailEntry> entries_;
};

}  // namespace tidemark::model::srs
