// Replay: writes of unknown outcome whose place is certain.
#include "checkers/consistency/replay.h"

namespace tidemark::checkers {

void Replay::note_entry(std::uint64_t index) {
  for (std::size_t number = floating_.size(); number-- > 0;) {
    if (floating_[number].index != index) continue;
    expect(static_cast<std::uint32_t>(number));
    return;
  }
}

/// A floating write got its entry.
void Replay::expect(std::uint32_t number) {
  FloatingWrite& write = floating_[number];
  if (!write.entry.canonical()) return;
  const std::uint64_t entry = write.entry.position();
  const auto settled = settled_.find(entry);
  if (settled == settled_.end()) {
    unplaced_.emplace(entry, number);
  } else if (settled->second) {
    certain_.emplace(entry, number);
  } else {
    write.lost = true;
  }
}

void Replay::settle(const BookmarkKey& entry, bool confirmed) {
  if (!entry.canonical()) return;
  knows_fates_ = true;
  settled_[entry.position()] = confirmed;
  const auto [begin, end] = unplaced_.equal_range(entry.position());
  for (auto at = begin; at != end; ++at) {
    FloatingWrite& write = floating_[at->second];
    if (write.entry.canonical() && write.entry.position() == at->first) expect(at->second);
  }
  unplaced_.erase(entry.position());
}

void Replay::add_again(std::uint64_t index, const BookmarkKey& entry) {
  const FloatingWrite* const first = floating(index);
  if (first == nullptr) return;
  // Put somewhere before any entry of it was known: perhaps it was this one.
  if (first->position != 0 && !first->entry.canonical()) repeats_doubted_ = true;
  FloatingWrite write = *first;
  write.entry = entry;
  write.position = 0;
  write.again = true;
  write.lost = false;
  const auto number = static_cast<std::uint32_t>(floating_.size());
  for (const MicroOp& op : write.effects) {
    if (op.kind == MicroKind::kReset) ++unseen_resets_;
    if (op.kind != MicroKind::kReset) floating_elements_[op.element].push_back(number);
  }
  again_.emplace(index, number);
  floating_.push_back(std::move(write));
  expect(number);
}

bool Replay::sent_at(FloatingWrite& write, LogPosition cursor) {
  const auto look = [cursor](FloatingWrite& one) {
    if (one.position == 0) one.not_before = cursor;
    return one.position == 0 || one.position > cursor;
  };
  bool after = look(write);
  const auto [begin, end] = again_.equal_range(write.index);
  for (auto next = begin; next != end; ++next) after = look(floating_[next->second]) && after;
  return after;
}

/// Is its entry in the log already: that of an acknowledged write, or of another floating one? A client that gave up
/// and asked for the same again cannot tell which of its requests made the entry.
bool Replay::is_placed(FloatingWrite& write) {
  const LogPosition at = position_of(write.entry);
  const LoggedWrite* const logged = write_at(floor(write.entry));
  const FloatingWrite* const other = floating_at(at);
  const bool placed = (logged != nullptr && logged->bookmark == write.entry) ||
                      (other != nullptr && other->entry.canonical() && other->entry == write.entry);
  if (!placed) return false;
  write.position = at;
  for (const MicroOp& op : write.effects)
    if (op.kind == MicroKind::kReset) --unseen_resets_;
  return true;
}

void Replay::place_shown(const BookmarkKey& shown, bool itself) {
  if ((unplaced_.empty() && certain_.empty()) || !shown.canonical()) return;
  constexpr std::uint64_t kSequenceBits = 32;
  const std::uint64_t epoch = shown.position() >> kSequenceBits << kSequenceBits;
  const auto stands = [&](std::uint64_t entry) {
    return entry < shown.position() || (itself && entry == shown.position());
  };
  const auto put_in = [&](std::multimap<std::uint64_t, std::uint32_t>& from, std::uint64_t first) {
    for (auto next = from.lower_bound(first); next != from.end() && stands(next->first);) {
      FloatingWrite& write = floating_[next->second];
      const bool still = write.position == 0 && write.entry.canonical() && write.entry.position() == next->first;
      next = from.erase(next);
      if (!still || write.effects.empty() || is_placed(write)) continue;
      const std::int64_t key = write.effects.front().key;
      place(write, key, log(key).index_at(position_of(write.entry)), 0);
    }
  };
  put_in(certain_, 0);
  put_in(unplaced_, epoch);
}

}  // namespace tidemark::checkers
