// KeyLog: the states that one key (list, register, Orders table) goes through when the writes are replayed.
//
// States are ordered by log position. A state is named by a rolling hash of its content, so that a read is compared in
// O(1) once its elements are hashed. A list grows by one element per state until a reset starts a new epoch with the
// empty list; inside an epoch the state with n elements is found by index. A restore (Time Travel) starts an epoch with
// a state of another one.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/digest.h"

namespace tidemark::checkers {

/// Place in the witness order. Writes with a bookmark sit at multiples of kLogStep; writes of unknown outcome that
/// turned out to be there are put in between. 0 is the initial state.
using LogPosition = std::uint64_t;
inline constexpr LogPosition kLogStep = LogPosition{1} << 32;
inline constexpr LogPosition kLogEnd = ~LogPosition{0};

/// What a read saw: the whole list as (length, hash), or a register's value and version (-1 = unknown).
struct Target {
  std::uint64_t length = 0;
  Digest128 hash;
  std::int64_t value = 0;
  std::int64_t version = -1;
};

struct KeyState {
  LogPosition position = 0;
  LogPosition last_read = 0;  // greatest place at which a judged read saw this state
  Digest128 hash;
  std::int64_t element = 0;  // the element that was appended, or the register's value
  std::int64_t extra = -1;   // identity of the row, or version of the register
  std::uint32_t length = 0;
  bool was_read = false;
};

class KeyLog {
 public:
  KeyLog(bool is_register);

  void append(LogPosition position, std::int64_t element, std::int64_t extra);
  void reset(LogPosition position);
  void set(LogPosition position, std::int64_t value, std::int64_t version);
  /// A new epoch that begins with the state that held at `source`, which must be before `position`. What is put in
  /// before `source` later comes into this epoch as well.
  void restore(LogPosition position, LogPosition source);

  /// First place >= `from` whose state is `target`.
  std::optional<LogPosition> find(const Target& target, LogPosition from) const;
  bool matches_at(const Target& target, LogPosition at) const { return matches(states_[index_at(at)], target); }
  void mark_read(LogPosition at);

  /// Index of the state that holds at `at` (the oldest retained one if `at` lies before it).
  std::size_t index_at(LogPosition at) const;
  const std::vector<KeyState>& states() const { return states_; }
  LogPosition end_of(std::size_t index) const;
  bool is_last_epoch(std::size_t index) const { return index >= epochs_.back(); }
  std::size_t epoch_start(std::size_t index) const;
  using Epochs = boost::container::small_vector<std::size_t, 1>;  // mostly there is one
  const Epochs& epochs() const { return epochs_; }
  struct Restored {
    LogPosition position = 0;
    LogPosition source = 0;
  };
  /// In order.
  const std::vector<Restored>& restored() const { return restored_; }
  /// The restore with which the epoch of this state begins; nullptr when it begins otherwise.
  const Restored* restore_of(std::size_t index) const;

  /// Puts a state directly after `index` and renews the states after it up to the end of the epoch. False when one of
  /// these had been read already: then no place is left for it.
  bool insert_after(std::size_t index, LogPosition position, std::int64_t element, std::int64_t extra);
  /// Splits the epoch: a reset directly after `index`. The states after it get new contents.
  bool insert_reset_after(std::size_t index, LogPosition position);

  /// Drops the states that ended before `horizon`. Calls `dropped(state)` for each state of a closed epoch.
  template <typename Dropped>
  void forget_before(LogPosition horizon, const Dropped& dropped);
  bool truncated() const { return truncated_; }
  /// Before a state is added: has the log so many states now that forget_before() may drop some, and had not before?
  bool becomes_long() {
    if (is_long_ || states_.size() < kLeastDropped) return false;
    return is_long_ = true;
  }
  bool stays_long() { return is_long_ = states_.size() > kLeastDropped; }
  /// Before a state is added: is it the first since the log was made, or cut down to one state?
  bool begins_to_grow() { return !std::exchange(grows_, true); }
  /// Memory for states. Logs come and go with their keys: to hand it from one to the next is cheaper than to give it
  /// back.
  using Room = std::vector<KeyState>;
  /// Before a state is added: some that have no room for another one move to one of `spare`, or to a new one.
  void make_room(std::vector<Room>& spare);
  /// When every state but the newest ended before `horizon`: drops these as forget_before() does, whatever their
  /// number, and leaves the memory to `spare`. False when the log is needed as it is.
  template <typename Dropped>
  bool cut_down(LogPosition horizon, const Dropped& dropped, std::vector<Room>& spare);

 private:
  static constexpr std::size_t kLeastDropped = 64;
  static constexpr std::size_t kLeastInRoom = 4;  // states: many keys never have more
  static constexpr std::size_t kRoom = 32;
  static constexpr std::size_t kMostSpareRoom = 64;  // a larger one is given back

  template <typename Dropped>
  void drop(std::size_t count, const Dropped& dropped);
  bool matches(const KeyState& state, const Target& target) const;
  std::optional<LogPosition> find_in_last_epoch(const Target& target, LogPosition from) const;
  bool rebuild_after(std::size_t index);
  bool renew_restored(LogPosition changed);

  Room states_;
  Epochs epochs_{0};  // index of the first state of each retained epoch; front is 0
  std::vector<Restored> restored_;
  mutable std::size_t near_ = 0;  // where the last look ended: the next one mostly asks for the same place
  bool is_register_;
  bool truncated_ = false;
  bool is_long_ = false;
  bool grows_ = false;
};

template <typename Dropped>
void KeyLog::forget_before(LogPosition horizon, const Dropped& dropped) {
  const std::size_t keep = index_at(horizon);
  if (keep < kLeastDropped || keep * 4 < states_.size()) return;  // amortised: only when a quarter of it goes
  drop(keep, dropped);
}

template <typename Dropped>
bool KeyLog::cut_down(LogPosition horizon, const Dropped& dropped, std::vector<Room>& spare) {
  if (states_.back().position > horizon) return false;
  if (states_.size() > 1) drop(states_.size() - 1, dropped);
  if (states_.capacity() > 1) {
    Room room(1, states_.back());
    room.swap(states_);
    if (room.capacity() >= kRoom && room.capacity() <= kMostSpareRoom) spare.push_back(std::move(room));
  }
  grows_ = is_long_ = false;
  return true;
}

template <typename Dropped>
void KeyLog::drop(std::size_t count, const Dropped& dropped) {
  std::size_t epoch = 0;
  while (epoch + 1 < epochs_.size() && epochs_[epoch + 1] <= count) ++epoch;
  for (std::size_t i = 0; i < epochs_[epoch] && i < count; ++i) dropped(states_[i]);
  states_.erase(states_.begin(), states_.begin() + static_cast<std::ptrdiff_t>(count));
  epochs_.erase(epochs_.begin(), epochs_.begin() + static_cast<std::ptrdiff_t>(epoch));
  for (std::size_t& start : epochs_) start = start > count ? start - count : 0;
  truncated_ = true;
}

}  // namespace tidemark::checkers
