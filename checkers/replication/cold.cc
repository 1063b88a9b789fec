// Cold storage, trimming and Time Travel.
#include <fmt/format.h>

#include <algorithm>

#include "checkers/replication/checker_state.h"

namespace tidemark::checkers {
namespace {

constexpr std::size_t kMaxSnapshots = 1024;
/// Clocks of machines are off: an object may be removed when superseded for this part of the retention time. Ours.
constexpr std::int64_t kRetentionPercent = 90;

}  // namespace

Ordinal ReplicationChecker::State::cold_prefix(const DatabaseState& database) const {
  Ordinal best = 0;
  const auto reach = [&](Ordinal start) {
    Ordinal end = start;
    for (const DatabaseState::Range& range : database.segments)
      if (range.from <= end) end = std::max(end, range.to);
    best = std::max(best, end);
  };
  if (database.from_origin) reach(0);
  for (const DatabaseState::Snapshot& snapshot : database.snapshots) reach(snapshot.ordinal);
  return best;
}

void ReplicationChecker::on(const SnapshotStored& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  const auto place = database.chain.locate(record.label);
  const bool confirmed = place && place->on_chain && place->ordinal <= database.confirmed;
  state_->check(Invariant::kSnap, record, confirmed, [&] {
    return fmt::format("a snapshot is labelled {}, which is not on the confirmed log", show(record.label));
  });
  if (!confirmed) return;
  database.snapshots.push_back({place->ordinal, record.at_ns});
  if (database.snapshots.size() > kMaxSnapshots) database.snapshots.erase(database.snapshots.begin());
  if (place->ordinal == 0) return;
  if (place->dropped || place->ordinal <= database.chain.oldest())
    return state_->undecided(Invariant::kSnap, "a snapshot was stored after its reference image had been dropped");
  state_->check_pages(Invariant::kSnap, database, record, record.image, place->ordinal, true, "the snapshot");
}

void ReplicationChecker::on(const SegmentStored& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  const auto from = database.chain.locate(record.from);
  const auto to = database.chain.locate(record.to);
  const bool confirmed = from && to && from->on_chain && to->on_chain && to->ordinal <= database.confirmed;
  state_->check(Invariant::kGc, record, confirmed, [&] {
    return fmt::format("a segment ({}, {}] was stored that is not on the confirmed log", show(record.from),
                       show(record.to));
  });
  if (!confirmed || from->ordinal >= to->ordinal) return;
  auto& segments = database.segments;
  segments.push_back({from->ordinal, to->ordinal});
  std::sort(segments.begin(), segments.end(), [](const auto& a, const auto& b) { return a.from < b.from; });
  std::size_t last = 0;
  for (std::size_t i = 1; i < segments.size(); ++i) {
    if (segments[i].from <= segments[last].to) {
      segments[last].to = std::max(segments[last].to, segments[i].to);
    } else {
      segments[++last] = segments[i];
    }
  }
  segments.resize(last + 1);
}

/// Whatever ends there or before is taken as gone, but for a snapshot of exactly that state.
void ReplicationChecker::on(const ColdRemoved& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  const auto place = database.chain.locate(record.up_to);
  state_->check(Invariant::kGc, record, place.has_value(), [&] {
    return fmt::format("an object up to {} was removed, which is no entry of the log", show(record.up_to));
  });
  if (!place) return;
  const std::int64_t young = record.at_ns - state_->options.cold_retention_ns / 100 * kRetentionPercent;
  const bool superseded =
      state_->options.cold_retention_ns == 0 ||
      std::any_of(database.snapshots.begin(), database.snapshots.end(), [&](const DatabaseState::Snapshot& snapshot) {
        return snapshot.ordinal >= place->ordinal && snapshot.stored_ns <= young;
      });
  state_->check(Invariant::kGc, record, superseded, [&] {
    return fmt::format(
        "an object up to {} was removed from cold storage, but no snapshot has stood in its place for "
        "the retention time",
        show(record.up_to));
  });
  database.from_origin = false;
  // Beside the main line: an object of entries that lost, which nobody needs.
  if (!place->on_chain || place->dropped) return;
  const Ordinal before = state_->cold_prefix(database);
  std::erase_if(database.snapshots,
                [&](const DatabaseState::Snapshot& snapshot) { return snapshot.ordinal < place->ordinal; });
  for (DatabaseState::Range& range : database.segments) range.from = std::max(range.from, place->ordinal);
  std::erase_if(database.segments, [](const DatabaseState::Range& range) { return range.from >= range.to; });
  const Ordinal after = state_->cold_prefix(database);
  state_->check(Invariant::kGc, record, after >= std::min(before, std::max(database.trimmed, place->ordinal)), [&] {
    return fmt::format(
        "after the removal of what ends at {} cold storage leads only to {}, but followers have dropped "
        "their logs up to {}",
        show(record.up_to), state_->at(database, after), state_->at(database, database.trimmed));
  });
}

void ReplicationChecker::on(const Trimmed& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  const auto place = database.chain.locate(record.position);
  const Ordinal cold = state_->cold_prefix(database);
  state_->check(Invariant::kGc, record, place && place->ordinal <= cold, [&] {
    return fmt::format("follower {} dropped its log up to {}, but cold storage is free of gaps only up to {}",
                       state_->node_name(record.follower), show(record.position), state_->at(database, cold));
  });
  if (place && place->on_chain) database.trimmed = std::max(database.trimmed, place->ordinal);
}

bool ReplicationChecker::State::same_image(const DatabaseState& database, const Record& record, Ordinal restored,
                                           Ordinal target) {
  const Chain& chain = database.chain;
  // Before the first entry there is an empty database: page 1, which no entry holds.
  const std::uint32_t size = target == 0 ? 1 : chain.pages_at(target);
  check(Invariant::kPitr, record, chain.pages_at(restored) == size, [&] {
    return fmt::format("the restored state has {} pages, but {} had {}", chain.pages_at(restored), at(database, target),
                       size);
  });
  for (std::uint32_t page = 1; page <= std::min(size, chain.highest_page()); ++page) {
    const Digest128* now = chain.page_at(page, restored);
    const Digest128* then = chain.page_at(page, target);
    if (target == 0 || now == then || (now != nullptr && then != nullptr && *now == *then)) continue;
    violate(Invariant::kPitr, record,
            fmt::format("page {} of the restored state differs from that of {}", page, at(database, target)));
    return false;
  }
  return true;
}

/// Clocks of hosts can be off, so the times that entries carry can go back: an entry counts from the latest time up to
/// it.
void ReplicationChecker::on(const TimeFound& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  const Chain& chain = database.chain;
  const auto found = chain.locate(record.found);
  const auto newest = chain.locate(record.newest);
  const bool known = found && found->on_chain && newest && newest->on_chain;
  state_->check(Invariant::kPitr, record, known, [&] {
    return fmt::format("asked for the time {:.9f} s, Time Travel names {}, which is not on the log",
                       static_cast<double>(record.asked_ns) / 1e9, show(record.found));
  });
  if (!known || chain.oldest() > 0) return;  // times before the retained entries are not known
  Ordinal right = 0;
  while (right < newest->ordinal && chain.entry(right + 1).committed_ns <= record.asked_ns) ++right;
  // A list of cold storage and the newest entries are read one after the other: what is newer does no harm.
  Ordinal most = right;
  while (most < chain.head() && chain.entry(most + 1).committed_ns <= record.asked_ns) ++most;
  state_->check(Invariant::kPitr, record, found->ordinal >= right && found->ordinal <= most, [&] {
    return fmt::format("asked for the time {:.9f} s, Time Travel names {}, but the newest entry by then was {}",
                       static_cast<double>(record.asked_ns) / 1e9, show(record.found), state_->at(database, right));
  });
}

void ReplicationChecker::on(const Restored& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  ++state_->tally.restores;
  const auto restored = database.chain.locate(record.restored);
  const auto target = database.chain.locate(record.target);
  const bool known =
      restored && restored->on_chain && target && target->on_chain && target->ordinal < restored->ordinal;
  state_->check(Invariant::kPitr, record, known, [&] {
    return fmt::format("the restore to {} that made {} is not one of a state on the log before it", show(record.target),
                       show(record.restored));
  });
  if (!known) return;
  const auto previous = database.chain.before(record.restored);
  state_->check(Invariant::kPitr, record, !previous || *previous == record.undo, [&] {
    return fmt::format("the undo point of {} is {}, but the entry before it is {}", show(record.restored),
                       show(record.undo), show(*previous));
  });
  if (target->dropped || !database.chain.retained(target->ordinal))
    return state_->undecided(Invariant::kPitr, "a restore went back to a state whose reference image had been dropped");
  state_->same_image(database, record, restored->ordinal, target->ordinal);
}

}  // namespace tidemark::checkers
