// Replay: writes of unknown outcome whose place is certain.
#include "checkers/consistency/replay.h"

namespace tidemark::checkers {

void Replay::note_entry(std::uint64_t index) {
  for (std::size_t number = floating_.size(); number-- > 0;) {
    if (floating_[number].index != index) continue;
    const BookmarkKey& entry = floating_[number].entry;
    if (entry.canonical()) unplaced_.emplace(entry.position(), static_cast<std::uint32_t>(number));
    return;
  }
}

void Replay::place_shown(const BookmarkKey& shown) {
  if (unplaced_.empty() || !shown.canonical()) return;
  constexpr std::uint64_t kSequenceBits = 32;
  const std::uint64_t epoch = shown.position() >> kSequenceBits << kSequenceBits;
  for (auto next = unplaced_.lower_bound(epoch); next != unplaced_.end() && next->first <= shown.position();) {
    FloatingWrite& write = floating_[next->second];
    const bool still = write.position == 0 && write.entry.canonical() && write.entry.position() == next->first;
    next = unplaced_.erase(next);
    if (!still || write.effects.empty()) continue;
    const std::int64_t key = write.effects.front().key;
    place(write, key, log(key).index_at(position_of(write.entry)), 0);
  }
}

}  // namespace tidemark::checkers
