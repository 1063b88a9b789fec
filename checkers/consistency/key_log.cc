#include "checkers/consistency/key_log.h"

#include <algorithm>

#include "base/assert.h"
#include "checkers/history/transaction.h"

namespace tidemark::checkers {

KeyLog::KeyLog(bool is_register) : is_register_(is_register) {
  states_.emplace_back();
}

void KeyLog::make_room(std::vector<Room>& spare) {
  const bool full = states_.size() == states_.capacity();
  if (!full || states_.size() < kLeastInRoom || states_.size() >= kRoom) return;
  Room room;
  if (spare.empty()) {
    room.reserve(kRoom);
  } else {
    room = std::move(spare.back());
    spare.pop_back();
  }
  room.assign(states_.begin(), states_.end());
  room.swap(states_);
}

void KeyLog::append(LogPosition position, std::int64_t element, std::int64_t extra) {
  const KeyState& last = states_.back();
  TIDEMARK_ASSERT(position >= last.position);
  states_.push_back({position, 0, extend(last.hash, element), element, extra, last.length + 1, false});
}

void KeyLog::reset(LogPosition position) {
  TIDEMARK_ASSERT(position >= states_.back().position);
  epochs_.push_back(states_.size());
  states_.push_back({position, 0, {}, 0, -1, 0, false});
}

void KeyLog::restore(LogPosition position, LogPosition source) {
  TIDEMARK_ASSERT(position >= states_.back().position && source < position);
  KeyState state = states_[index_at(source)];
  state.position = position;
  state.last_read = 0;
  state.was_read = false;
  epochs_.push_back(states_.size());
  states_.push_back(state);
  restored_.push_back({position, source});
}

const KeyLog::Restored* KeyLog::restore_of(std::size_t index) const {
  const LogPosition start = states_[epoch_start(index)].position;
  const auto found = std::lower_bound(restored_.begin(), restored_.end(), start,
                                      [](const Restored& r, LogPosition at) { return r.position < at; });
  return found != restored_.end() && found->position == start ? &*found : nullptr;
}

/// Something was put in at `changed`: the epochs that begin with a later state of it have it too. False when one of
/// their states had been read without it.
bool KeyLog::renew_restored(LogPosition changed) {
  bool unread = true;
  for (const Restored& restored : restored_) {
    if (restored.source < changed || restored.position < states_.front().position) continue;
    const std::size_t start = index_at(restored.position);
    KeyState& state = states_[start];
    TIDEMARK_ASSERT(state.position == restored.position);
    const KeyState& source = states_[index_at(restored.source)];
    const bool same = state.hash == source.hash && state.length == source.length && state.element == source.element &&
                      state.extra == source.extra;
    if (same) continue;
    unread = unread && !state.was_read;
    state.hash = source.hash;
    state.length = source.length;
    state.element = source.element;
    state.extra = source.extra;
    if (!is_register_) unread = rebuild_after(start) && unread;
  }
  return unread;
}

void KeyLog::set(LogPosition position, std::int64_t value, std::int64_t version) {
  TIDEMARK_ASSERT(position >= states_.back().position);
  states_.push_back({position, 0, {}, value, version, 0, false});
}

bool KeyLog::matches(const KeyState& state, const Target& target) const {
  if (!is_register_) return state.length == target.length && state.hash == target.hash;
  return state.element == target.value && (target.version < 0 || state.extra < 0 || target.version == state.extra);
}

std::size_t KeyLog::index_at(LogPosition at) const {
  if (near_ < states_.size() && states_[near_].position <= at && at < end_of(near_)) return near_;
  const std::size_t near = states_.size() - std::min<std::size_t>(states_.size(), 6);  // sessions stand near the end
  for (std::size_t i = states_.size(); i-- > near;)
    if (states_[i].position <= at) return near_ = i;
  const auto after = std::upper_bound(states_.begin(), states_.end(), at,
                                      [](LogPosition place, const KeyState& state) { return place < state.position; });
  return after == states_.begin() ? 0 : static_cast<std::size_t>(after - states_.begin()) - 1;
}

LogPosition KeyLog::end_of(std::size_t index) const {
  return index + 1 < states_.size() ? states_[index + 1].position : kLogEnd;
}

std::size_t KeyLog::epoch_start(std::size_t index) const {
  return *(std::upper_bound(epochs_.begin(), epochs_.end(), index) - 1);
}

/// Nothing begins anew after `from`, so only the state of this length can be it: no search.
std::optional<LogPosition> KeyLog::find_in_last_epoch(const Target& target, LogPosition from) const {
  const std::size_t start = epochs_.size() == 1 ? 0 : epochs_.back();
  const std::uint64_t base = states_[start].length;
  const std::uint64_t i = start + (target.length - base);
  if (target.length < base || i >= states_.size() || !matches(states_[i], target)) return std::nullopt;
  const LogPosition begin = states_[i].position, end = end_of(i);
  if (end <= from || end == begin) return std::nullopt;
  near_ = i;
  return std::max(from, begin);
}

std::optional<LogPosition> KeyLog::find(const Target& target, LogPosition from) const {
  if (!is_register_ && (epochs_.size() == 1 || from >= states_[epochs_.back()].position))
    return find_in_last_epoch(target, from);
  const std::size_t current = index_at(from);
  // Several micro-operations of one transaction make states with the same position; only the last of them was visible.
  const auto visible = [&](std::size_t i) { return end_of(i) != states_[i].position; };
  if (matches(states_[current], target) && visible(current)) return std::max(from, states_[current].position);
  if (is_register_) {
    for (std::size_t i = current + 1; i < states_.size(); ++i)
      if (matches(states_[i], target) && visible(i)) return states_[i].position;
    return std::nullopt;
  }
  auto epoch = std::upper_bound(epochs_.begin(), epochs_.end(), current) - 1;
  for (; epoch != epochs_.end(); ++epoch) {
    const std::size_t end = epoch + 1 == epochs_.end() ? states_.size() : *(epoch + 1);
    const std::uint64_t base = states_[*epoch].length;  // > 0 only where the front of the epoch was dropped
    if (target.length < base) continue;
    const std::uint64_t i = *epoch + (target.length - base);
    if (i > current && i < end && matches(states_[i], target) && visible(i)) return states_[i].position;
  }
  return std::nullopt;
}

void KeyLog::mark_read(LogPosition at) {
  KeyState& state = states_[index_at(at)];
  state.last_read = std::max(state.last_read, at);
  state.was_read = true;
}

bool KeyLog::rebuild_after(std::size_t index) {
  bool unread = true;
  for (std::size_t i = index + 1; i < states_.size(); ++i) {
    if (std::binary_search(epochs_.begin(), epochs_.end(), i)) break;
    unread = unread && !states_[i].was_read;
    states_[i].hash = extend(states_[i - 1].hash, states_[i].element);
    states_[i].length = states_[i - 1].length + 1;
  }
  return unread;
}

bool KeyLog::insert_after(std::size_t index, LogPosition position, std::int64_t element, std::int64_t extra) {
  KeyState state{position, 0, {}, element, extra, 0, false};
  if (!is_register_) {
    state.hash = extend(states_[index].hash, element);
    state.length = states_[index].length + 1;
  }
  states_.insert(states_.begin() + static_cast<std::ptrdiff_t>(index) + 1, state);
  for (std::size_t& start : epochs_)
    if (start > index) ++start;
  const bool fits = is_register_ || rebuild_after(index + 1);
  return renew_restored(position) && fits;
}

bool KeyLog::insert_reset_after(std::size_t index, LogPosition position) {
  TIDEMARK_ASSERT(!is_register_);
  states_.insert(states_.begin() + static_cast<std::ptrdiff_t>(index) + 1, KeyState{position, 0, {}, 0, -1, 0, false});
  for (std::size_t& start : epochs_)
    if (start > index) ++start;
  epochs_.insert(std::upper_bound(epochs_.begin(), epochs_.end(), index), index + 1);
  const bool fits = rebuild_after(index + 1);
  return renew_restored(position) && fits;
}

}  // namespace tidemark::checkers
