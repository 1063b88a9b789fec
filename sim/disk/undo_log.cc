#include "sim/disk/undo_log.h"

#include <algorithm>
#include <map>

namespace tidemark::sim {
namespace {

/// Ranges of bytes that an older record of the same epoch already has.
class Covered {
 public:
  /// Gives `emit` the parts of `piece` that are not covered yet, and covers them.
  template <typename Emit>
  void add(const Piece& piece, Emit emit) {
    std::uint64_t position = piece.offset;
    auto next = ranges_.upper_bound(position);
    if (next != ranges_.begin() && std::prev(next)->second > position) position = std::prev(next)->second;
    while (position < piece.end()) {
      const std::uint64_t gap_end = next == ranges_.end() ? piece.end() : std::min(next->first, piece.end());
      if (gap_end > position) emit(piece.part(position, gap_end));
      position = next == ranges_.end() ? piece.end() : std::max(gap_end, next->second);
      if (next != ranges_.end()) ++next;
    }
    cover(piece.offset, piece.end());
  }
  void clear() { ranges_.clear(); }

 private:
  void cover(std::uint64_t begin, std::uint64_t end) {
    if (begin == end) return;
    auto first = ranges_.upper_bound(begin);
    if (first != ranges_.begin() && std::prev(first)->second >= begin) --first;
    auto last = first;
    for (; last != ranges_.end() && last->first <= end; ++last) {
      begin = std::min(begin, last->first);
      end = std::max(end, last->second);
    }
    ranges_.erase(first, last);
    ranges_.emplace(begin, end);
  }
  std::map<std::uint64_t, std::uint64_t> ranges_;  // begin -> end, disjoint
};

}  // namespace

void UndoLog::discard_before(std::uint64_t offset) {
  for (Undo& record : records_) {
    if (record.old.offset >= offset) continue;
    const std::uint64_t begin = std::min(offset, record.old.end());
    record.old = record.old.part(begin, record.old.end());
  }
}

std::vector<Undo> UndoLog::take_after(std::uint64_t cut) {
  std::vector<Undo> taken;
  while (!records_.empty() && records_.back().sequence > cut) {
    taken.push_back(std::move(records_.back()));
    records_.pop_back();
  }
  std::reverse(taken.begin(), taken.end());
  return taken;
}

void UndoLog::forget_range(std::uint64_t begin, std::uint64_t end, std::uint64_t length) {
  Records left(std::max(kFirstCapacity, records_.size() * 2));
  const auto keep = [&left](const Undo& record, Piece old) {
    if (left.full()) left.set_capacity(left.capacity() * 2);
    left.push_back(Undo{record.sequence, record.old_size, std::move(old)});
  };
  for (Undo& record : records_) {
    record.old_size = std::max(record.old_size, length);
    const Piece& old = record.old;
    if (old.end() <= begin || old.offset >= end) {
      keep(record, old);
      continue;
    }
    const bool before = old.offset < begin;
    const bool after = old.end() > end;
    if (before) keep(record, old.part(old.offset, begin));
    if (after) keep(record, old.part(end, old.end()));
    if (!before && !after) keep(record, Piece{});  // the old size stays
  }
  records_.swap(left);
}

void UndoLog::compact(std::span<const std::uint64_t> pending_cuts) {
  TIDEMARK_ASSERT(std::is_sorted(pending_cuts.begin(), pending_cuts.end()));
  std::vector<Undo> kept;
  Covered covered;
  std::size_t read = 0;
  for (std::size_t epoch = 0; epoch <= pending_cuts.size(); ++epoch) {
    const std::uint64_t last = epoch < pending_cuts.size() ? pending_cuts[epoch] : sequence_;
    if (read == records_.size() || records_[read].sequence > last) continue;
    covered.clear();
    const std::size_t epoch_begins = kept.size();
    const std::uint64_t size_before = records_[read].old_size;
    kept.push_back(Undo{0, size_before, Piece{}});  // keeps the old size even if no byte was replaced
    for (; read < records_.size() && records_[read].sequence <= last; ++read) {
      covered.add(records_[read].old, [&](Piece piece) { kept.push_back(Undo{0, size_before, std::move(piece)}); });
    }
    const std::uint64_t newest_of_epoch = records_[read - 1].sequence;
    for (std::size_t i = epoch_begins; i < kept.size(); ++i) kept[i].sequence = newest_of_epoch;
  }
  TIDEMARK_ASSERT(read == records_.size());
  exact_from_ = sequence_;
  compact_at_ = std::max(kCompactFrom, kept.size() * 2);
  Records smaller(std::max(kFirstCapacity, kept.size() * 2));
  for (Undo& record : kept) smaller.push_back(std::move(record));
  records_.swap(smaller);
}

}  // namespace tidemark::sim
