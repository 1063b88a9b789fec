// UndoLog: what the un-synced writes of one file replaced, in the order of the writes.
//
// A record says: "before write `sequence` these bytes were this, and the file was this long". Reading the records from
// the newest to the oldest and putting the old bytes back walks the written image back to the durable one; stopping on
// the way gives what a power loss may leave (see survivors.h). A completed sync forgets records from the front.
// Adding a record costs O(1); old pages are held by reference.
//
// A file that is written again and again and never synced would grow the log for ever. From 4,096 records on the log is
// compacted whenever it has doubled: of each byte only the oldest record between two pending syncs is kept, so its size
// is bounded by the content that was touched. Cuts (survivors.h) between 0 and exact_from() then no longer name one
// state of the past; 0 itself, "nothing survives", always does.
#pragma once

#include <boost/circular_buffer.hpp>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/disk/piece.h"

namespace tidemark::sim {

struct Undo {
  std::uint64_t sequence = 0;  // the write that replaced `old`
  std::uint64_t old_size = 0;  // of the file, before that write
  Piece old;
};

class UndoLog {
 public:
  using Records = boost::circular_buffer<Undo>;

  UndoLog() : records_(kFirstCapacity) {}

  /// The records added from here on belong to write `sequence` of a file that was `size` bytes long before it.
  void begin_write(std::uint64_t sequence, std::uint64_t size) {
    TIDEMARK_ASSERT(sequence > sequence_);
    sequence_ = sequence;
    size_before_ = size;
  }
  void add(Piece old) {
    if (records_.full()) records_.set_capacity(records_.capacity() * 2);
    records_.push_back(Undo{sequence_, size_before_, std::move(old)});
  }

  /// The writes up to and including `cut` are durable.
  void forget_through(std::uint64_t cut) {
    while (!records_.empty() && records_.front().sequence <= cut) records_.pop_front();
  }
  void clear() { records_.clear(); }
  /// Takes out the records of writes after `cut`, oldest first.
  std::vector<Undo> take_after(std::uint64_t cut);
  /// The bytes of [begin, end) are durable as they are now, and the file at least `length` long.
  void forget_range(std::uint64_t begin, std::uint64_t end, std::uint64_t length);
  /// Bytes before `offset` are discarded: nothing will ever bring them back.
  void discard_before(std::uint64_t offset);

  bool wants_compaction() const { return records_.size() >= compact_at_; }
  /// `pending_cuts`: the cuts of the syncs that have begun and are not complete, ascending.
  void compact(std::span<const std::uint64_t> pending_cuts);

  const Records& records() const { return records_; }
  bool empty() const { return records_.empty(); }
  /// Sequence number of the newest write; 0 before the first.
  std::uint64_t newest() const { return sequence_; }
  /// The lowest cut above 0 that names exactly one state of the past.
  std::uint64_t exact_from() const { return exact_from_; }

 private:
  static constexpr std::size_t kFirstCapacity = 64;
  static constexpr std::size_t kCompactFrom = 4096;

  Records records_;
  std::uint64_t sequence_ = 0;
  std::uint64_t size_before_ = 0;
  std::uint64_t exact_from_ = 0;
  std::size_t compact_at_ = kCompactFrom;
};

}  // namespace tidemark::sim
