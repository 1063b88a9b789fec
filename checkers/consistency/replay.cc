#include "checkers/consistency/replay.h"

#include <algorithm>

#include "base/assert.h"

namespace tidemark::checkers {

namespace {

bool later_than(const BookmarkKey& entry, const BookmarkKey& shown) {
  return entry.canonical() && shown.canonical() && shown.position() < entry.position();
}

}  // namespace

Target target_of(const Batch& batch, const MicroOp& op, std::uint32_t count) {
  Target target;
  if (op.kind == MicroKind::kGet) {
    target.value = op.element;
    target.version = op.extra;
    return target;
  }
  target.length = count;
  if (const auto prefix = batch.prefix(op); !prefix.empty()) {
    target.hash = prefix[count];
    return target;
  }
  for (const std::int64_t element : batch.elements(op).first(count)) target.hash = extend(target.hash, element);
  return target;
}

std::uint32_t Replay::slot(std::int64_t key) {
  const auto [found, fresh] = slots_.try_emplace(key, static_cast<std::uint32_t>(logs_.size()));
  if (fresh) {
    logs_.emplace_back(registers_);
    for (const KeyLog::Restored& restored : restores_) logs_.back().restore(restored.position, restored.source);
  }
  return found->second;
}

KeyLog& Replay::change(std::uint32_t slot) {
  KeyLog& log = logs_[slot];
  if (log.becomes_long()) long_logs_.push_back(slot);
  if (log.begins_to_grow()) growing_.push_back({head(), slot});
  log.make_room(spare_rooms_);
  return log;
}

LogPosition Replay::append(const Batch& batch, const Transaction& transaction, std::string& problem) {
  if (writes_.full()) writes_.set_capacity(std::max<std::size_t>(64, writes_.size() * 2));
  writes_.push_back(
      {transaction.index, transaction.session, transaction.region, transaction.complete_ns, transaction.bookmark});
  const LogPosition position = head();
  bool emptied = false;
  for (const MicroOp& op : batch.ops(transaction)) {
    if (op.kind == MicroKind::kAppend) {
      if (batch.model() == ModelOf::kOrders) {
        if (!emptied && find_row(op.extra, position) == position && !reset_before(op.extra, position))
          problem = "it says '" + batch.show(op) + "' took effect, but at its place the row was already there";
        rows_[op.extra].push_back(position);
      }
      change(slot(op.key)).append(position, op.element, op.extra);
    } else if (op.kind == MicroKind::kReset) {
      emptied = true;
      change(slot(op.key)).reset(position);
    } else if (op.kind == MicroKind::kSet) {
      KeyLog& key = change(slot(op.key));
      const std::int64_t before = key.states().back().extra;
      if (op.extra >= 0 && before >= op.extra)
        problem =
            "it says '" + batch.show(op) + "', but at its place the version was already " + std::to_string(before);
      key.set(position, op.element, op.extra);
    } else if (op.kind == MicroKind::kRestore) {
      restore(op, position, problem);
    }
  }
  return position;
}

void Replay::restore(const MicroOp& op, LogPosition position, std::string& problem) {
  if (!op.known) {
    lost_past_ = true;
    return;
  }
  // Floating writes up to that bookmark are part of the state, wherever they will turn out to be.
  const BookmarkKey target = BookmarkKey::after(static_cast<std::uint64_t>(op.element));
  place_shown(target);
  const LogPosition source = position_of(target);
  if (source >= position) {
    problem = "it says that it went back to a state that did not exist before it";
    return;
  }
  if (truncated() && source < first_write_ * kLogStep) lost_past_ = true;
  for (std::uint32_t number = 0; number < logs_.size(); ++number) change(number).restore(position, source);
  restores_.push_back({position, source});
}

void Replay::add_floating(const Batch& batch, const Transaction& transaction, const BookmarkKey& entry) {
  FloatingWrite& write = floating_.emplace_back();
  write.index = transaction.index;
  write.session = transaction.session;
  write.invoke_ns = transaction.invoke_ns;
  write.text = batch.show(transaction);
  write.entry = entry;
  const auto number = static_cast<std::uint32_t>(floating_.size() - 1);
  for (const MicroOp& op : batch.ops(transaction)) {
    if (op.kind == MicroKind::kReset) ++unseen_resets_;
    if (op.kind != MicroKind::kAppend && op.kind != MicroKind::kSet && op.kind != MicroKind::kReset) continue;
    write.effects.push_back(op);
    if (op.kind == MicroKind::kReset) continue;
    floating_elements_[op.element].push_back(number);
    if (batch.model() == ModelOf::kOrders) floating_rows_[op.extra] = true;
  }
}

FloatingWrite* Replay::floating(std::uint64_t index) {
  for (auto write = floating_.rbegin(); write != floating_.rend(); ++write)
    if (write->index == index && !write->again) return &*write;
  return nullptr;
}

bool Replay::place_floating(const Batch& batch, const MicroOp& read, std::uint32_t count, const Reader& reader) {
  if (floating_.empty()) return false;
  if (place_known(batch, read, count, reader.shown)) return true;
  KeyLog& key = log(read.key);
  const auto pick = [&](std::int64_t element) -> FloatingWrite* {
    const auto found = floating_elements_.find(element);
    if (found == floating_elements_.end()) return nullptr;
    for (const std::uint32_t number : found->second) {
      FloatingWrite& write = floating_[number];
      const auto has = [&](const MicroOp& op) { return op.key == read.key && op.element == element; };
      if (write.position != 0 || write.lost || later_than(write.entry, reader.shown)) continue;
      if (std::any_of(write.effects.begin(), write.effects.end(), has)) return &write;
    }
    return batch.model() == ModelOf::kOrders ? repeat(found->second) : nullptr;
  };
  if (read.kind == MicroKind::kGet) {
    FloatingWrite* write = pick(read.element);
    if (write == nullptr) return false;
    // With a version column its place among the writes of the key is known; else it is taken as the newest.
    std::size_t index = key.index_at(std::max(reader.hint, reader.cursor));
    if (read.extra >= 0) {
      for (MicroOp& op : write->effects)
        if (op.key == read.key && op.element == read.element) op.extra = read.extra;
      index = key.states().size() - 1;
      while (index > 0 && key.states()[index].extra >= read.extra) --index;
    }
    return place(*write, read.key, index, reader.hint);
  }
  // The state (of the newest epoch that fits) with the longest common prefix; then the next element must be a floating
  // one.
  const auto seen = batch.elements(read).first(count);
  std::vector<Digest128> prefix(1);
  for (const std::int64_t element : seen) prefix.push_back(extend(prefix.back(), element));
  const auto& states = key.states();
  std::size_t best = 0;
  std::uint64_t best_length = 0;
  bool any = false;
  for (auto epoch = key.epochs().rbegin(); epoch != key.epochs().rend(); ++epoch) {
    if (states[*epoch].position > reader.limit) continue;
    for (std::size_t i = *epoch;
         i < states.size() && (i == *epoch || !std::binary_search(key.epochs().begin(), key.epochs().end(), i)); ++i) {
      if (states[i].length > count || states[i].hash != prefix[states[i].length]) break;
      if (any && states[i].length <= best_length) continue;
      any = true;
      best = i;
      best_length = states[i].length;
    }
    if (best_length == count) break;
  }
  if (any && best_length < count) {
    FloatingWrite* write = pick(seen[best_length]);
    if (write != nullptr) return place(*write, read.key, best, reader.hint);
  }
  return unseen_resets_ > 0 && place_reset(batch, read, count, reader.cursor);
}

void Replay::doubt_repeats(const Batch& batch, const MicroOp& read, std::uint32_t count) {
  if (batch.model() != ModelOf::kOrders || read.kind == MicroKind::kGet) return;
  for (const std::int64_t element : batch.elements(read).first(count)) {
    const auto found = floating_elements_.find(element);
    if (found == floating_elements_.end()) continue;
    for (const std::uint32_t number : found->second)
      repeats_doubted_ = repeats_doubted_ || floating_[number].position != 0;
  }
}

/// The shop runs a handler again whose insert got no answer: after a reset in between, its row takes effect once more.
FloatingWrite* Replay::repeat(std::vector<std::uint32_t>& numbers) {
  if (numbers.empty() || knows_fates_) return nullptr;  // ground truth tells every entry that a request makes
  FloatingWrite again = floating_[numbers.front()];
  again.position = 0;
  again.entry = {};
  again.again = true;
  again.lost = false;
  repeats_doubted_ = true;  // there may be more of them, elsewhere
  numbers.push_back(static_cast<std::uint32_t>(floating_.size()));
  floating_.push_back(std::move(again));
  return &floating_.back();
}

/// After a restore the same content stands at several places, so a prefix does not tell where a write belongs. One
/// whose entry is known needs no guess.
bool Replay::place_known(const Batch& batch, const MicroOp& read, std::uint32_t count, const BookmarkKey& shown) {
  std::vector<std::int64_t> seen{read.element};
  if (read.kind != MicroKind::kGet) {
    const auto elements = batch.elements(read).first(count);
    seen.assign(elements.begin(), elements.end());
  }
  for (const std::int64_t element : seen) {
    const auto found = floating_elements_.find(element);
    if (found == floating_elements_.end()) continue;
    for (const std::uint32_t number : found->second) {
      FloatingWrite& write = floating_[number];
      if (write.position != 0 || write.lost || !write.entry.canonical() || later_than(write.entry, shown) ||
          is_placed(write))
        continue;
      return place(write, read.key, log(read.key).index_at(position_of(write.entry)), 0);
    }
  }
  return false;
}

/// A place after `after` and, if there is room, before `end`, the next write of the log and the next floating write. A
/// quarter of the room is left before it: what is seen later may belong on either side, and more often behind it.
LogPosition Replay::free_position(LogPosition after, LogPosition end) const {
  const LogPosition next_write = (after / kLogStep + 1) * kLogStep;
  const auto next = placed_at_.upper_bound(after);
  const LogPosition next_floating = next == placed_at_.end() ? kLogEnd : next->first;
  const LogPosition room = std::min({end, next_write, next_floating}) - after;
  return after + std::max<LogPosition>(1, room / 4);
}

LogPosition Replay::position_of(const BookmarkKey& entry) const {
  constexpr std::uint64_t kMostEntries = 1U << 28;
  constexpr std::uint64_t kMostEpochs = 8;
  const LogPosition before = floor(entry);
  const LoggedWrite* const last = write_at(before);
  const std::uint64_t from = last == nullptr ? 0 : last->bookmark.position();
  const std::uint64_t epochs = (entry.position() >> 32) - (from >> 32);
  if (epochs == 0) return before + std::min(entry.position() - from, kMostEntries);
  return before + std::min(epochs, kMostEpochs) * kMostEntries + std::min(entry.position() & 0xffffffff, kMostEntries);
}

bool Replay::place(FloatingWrite& write, std::int64_t key, std::size_t index, LogPosition hint) {
  const KeyState state = log(key).states()[index];
  const LogPosition end = log(key).end_of(index);
  LogPosition after = std::max({state.position, state.last_read, write.not_before});
  const bool known = write.entry.canonical();
  if (!known && hint > after && hint < end) after = hint;
  for (const MicroOp& op : write.effects) {  // nor before what was read of its other keys without it
    if (known) break;
    const KeyLog& other = log(op.key);
    after = std::max(after, other.states()[other.index_at(after)].last_read);
  }
  const LogPosition position = known ? position_of(write.entry) : free_position(after, end);
  if (!known) {
    ++guessed_;
    guessed_resets_ = guessed_resets_ || log(key).epochs().size() > 1;
  }
  if (position <= after || position >= end || placed_at_.contains(position)) {
    conflict_ = true;
    return false;
  }
  write.position = position;
  placed_at_.emplace(position, write.index);
  for (const MicroOp& op : write.effects) {
    KeyLog& target = change(slot(op.key));
    const std::size_t at = target.index_at(position);
    const KeyState& split = target.states()[at];
    if (split.was_read && split.last_read >= position) conflict_ = true;
    if (op.kind == MicroKind::kReset) {
      --unseen_resets_;
      guessed_resets_ = guessed_resets_ || !known;
      if (!target.insert_reset_after(at, position)) conflict_ = true;
      continue;
    }
    if (!target.insert_after(at, position, op.element, op.extra)) conflict_ = true;
    if (op.kind != MicroKind::kAppend) continue;
    const auto row = rows_.find(op.extra);
    if (op.extra != -1 && row == rows_.end()) rows_[op.extra] = {position};
    if (row != rows_.end()) {
      row->second.push_back(position);
      std::sort(row->second.begin(), row->second.end());
    }
  }
  return true;
}

bool Replay::place_reset(const Batch& batch, const MicroOp& read, std::uint32_t count, LogPosition cursor) {
  FloatingWrite* reset = nullptr;
  for (FloatingWrite& write : floating_) {
    const auto is_reset = [](const MicroOp& op) { return op.kind == MicroKind::kReset; };
    if (write.position == 0 && !write.lost && std::any_of(write.effects.begin(), write.effects.end(), is_reset))
      reset = &write;
    if (reset != nullptr) break;
  }
  if (reset == nullptr) return false;
  KeyLog& table = log(read.key);
  const auto& states = table.states();
  std::size_t index = table.index_at(std::max(cursor, reset->not_before));
  if (count > 0) {  // directly before the insert of the first row that was seen
    const std::int64_t first = batch.elements(read).front();
    std::size_t found = states.size();
    for (std::size_t i = 1; i < states.size(); ++i)
      if (states[i].element == first && states[i].length > 0 && table.end_of(i) > cursor) found = i;
    if (found == states.size() || found == 0) return false;
    index = found - 1;
  }
  return place(*reset, read.key, index, cursor);
}

/// A row was inserted that is there by what is known: a reset of unknown outcome came before, if there is one. The
/// newest that is known to have made an entry before it explains it best: an earlier one may have been lost with its
/// leader.
bool Replay::reset_before(std::int64_t identity, LogPosition position) {
  std::vector<std::pair<LogPosition, std::size_t>> resets;
  for (std::size_t i = 0; i < floating_.size() && unseen_resets_ > 0; ++i) {
    const FloatingWrite& write = floating_[i];
    const auto is_reset = [](const MicroOp& op) { return op.kind == MicroKind::kReset; };
    if (write.position != 0 || write.lost) continue;
    if (std::none_of(write.effects.begin(), write.effects.end(), is_reset)) continue;
    const bool known = write.entry.canonical();
    const LogPosition at = known ? position_of(write.entry) : position - 1;
    if (at < position) resets.emplace_back(known ? position - at : kLogEnd, i);
  }
  std::sort(resets.begin(), resets.end());
  for (const auto& [distance, number] : resets) {
    const LogPosition at = distance == kLogEnd ? position - 1 : position - distance;
    if (place(floating_[number], 0, log(0).index_at(at), 0) && find_row(identity, position) != position) return true;
  }
  return false;
}

/// Is the row in the table at this place: inserted since its epoch began, or there when it began?
bool Replay::has_row(std::int64_t identity, LogPosition at) {
  const auto found = rows_.find(identity);
  if (found == rows_.end()) return false;
  const KeyLog& table = log(0);
  for (;;) {
    const std::size_t index = table.index_at(at);
    const LogPosition epoch = table.states()[table.epoch_start(index)].position;
    const auto first = std::lower_bound(found->second.begin(), found->second.end(), epoch);
    if (first != found->second.end() && *first <= at) return true;
    const KeyLog::Restored* const restored = table.restore_of(index);
    if (restored == nullptr) return false;
    at = restored->source;
  }
}

LogPosition Replay::find_row(std::int64_t identity, LogPosition from) {
  const auto found = rows_.find(identity);
  if (found == rows_.end()) return kLogEnd;
  if (has_row(identity, from)) return from;
  const auto next = std::upper_bound(found->second.begin(), found->second.end(), from);
  LogPosition place = next == found->second.end() ? kLogEnd : *next;
  for (const KeyLog::Restored& restored : log(0).restored()) {
    if (restored.position > from && restored.position < place && has_row(identity, restored.position))
      place = restored.position;
  }
  return place;
}

LogPosition Replay::floor(const BookmarkKey& bookmark) const {
  const auto after =
      std::upper_bound(writes_.begin(), writes_.end(), bookmark,
                       [](const BookmarkKey& key, const LoggedWrite& write) { return key < write.bookmark; });
  return (first_write_ + static_cast<std::uint64_t>(after - writes_.begin())) * kLogStep;
}

const LoggedWrite* Replay::write_at(LogPosition position) const {
  const std::uint64_t number = position / kLogStep;
  if (number <= first_write_ || number > first_write_ + writes_.size()) return nullptr;
  return &writes_[number - first_write_ - 1];
}

const FloatingWrite* Replay::floating_at(LogPosition position) const {
  const auto found = placed_at_.find(position);
  if (found == placed_at_.end()) return nullptr;
  for (const FloatingWrite& write : floating_)
    if (write.position == position) return &write;
  return nullptr;
}

LogPosition Replay::acknowledged_before(std::int64_t ns) const {
  const auto young =
      std::find_if(writes_.begin(), writes_.end(), [&](const LoggedWrite& write) { return write.complete_ns >= ns; });
  return (first_write_ + static_cast<std::uint64_t>(young - writes_.begin())) * kLogStep;
}

void Replay::forget_before(LogPosition horizon) {
  const std::uint64_t number = horizon / kLogStep;
  if (number < first_write_ + writes_.size() / 4) return;  // amortised
  if (const LoggedWrite* const last = write_at(horizon); last != nullptr && last->bookmark.canonical())
    settled_.erase(settled_.begin(), settled_.lower_bound(last->bookmark.position()));
  const auto dropped = [&](const KeyState& state) {
    const auto row = rows_.find(state.extra);
    if (row == rows_.end()) return;
    auto& places = row->second;
    places.erase(std::remove(places.begin(), places.end(), state.position), places.end());
    if (places.empty()) rows_.erase(row);
  };
  for (const std::uint32_t log : long_logs_) logs_[log].forget_before(horizon, dropped);
  // Keys that nobody wrote to for so long keep their newest state alone. Each log is looked at once in a window.
  for (; !growing_.empty() && growing_.front().looked_at <= horizon; growing_.pop_front()) {
    const std::uint32_t log = growing_.front().log;
    if (!logs_[log].cut_down(horizon, dropped, spare_rooms_)) growing_.push_back({head(), log});
  }
  std::erase_if(long_logs_, [&](std::uint32_t log) { return !logs_[log].stays_long(); });
  const std::size_t gone = std::min<std::size_t>(number - std::min(number, first_write_), writes_.size());
  writes_.erase_begin(gone);
  first_write_ += gone;
}

}  // namespace tidemark::checkers
