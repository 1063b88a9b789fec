// The invariants about answers, lag samples and cold storage.
#include <fmt/format.h>

#include <algorithm>

#include "checkers/history/bookmark.h"
#include "checkers/replication/checker_state.h"

namespace tidemark::checkers {
namespace {

constexpr std::size_t kMaxAcks = 8192;

}  // namespace

void ReplicationChecker::on(const Response& record) {
  DatabaseState& database = state_->database(record);
  const auto state = database.chain.locate(record.state);
  const auto who = [&] {
    return fmt::format("operation {} of session {} at {}", record.operation, record.session,
                       state_->node_name(record.node));
  };
  state_->check(Invariant::kLog, record, state.has_value(),
                [&] { return fmt::format("{} read {}, which is no state of the primary", who(), show(record.state)); });
  const auto hidden = [&](const Position& position) {
    const auto place = database.chain.locate(position);
    return !place || !place->on_chain || place->ordinal > database.confirmed;
  };
  const auto early = [&] {
    return fmt::format("the answer of {} left with {}, but only {} was confirmed", who(),
                       show(record.wrote ? record.created : record.state), state_->at(database, database.confirmed));
  };
  state_->check(Invariant::kHide, record, !hidden(record.state), early);
  if (record.is_primary)
    state_->check(Invariant::kGate, record, !hidden(record.state) && (!record.wrote || !hidden(record.created)), early);
  if (state && state->on_chain && !state->dropped && state->ordinal > database.chain.oldest())
    state_->check(Invariant::kTxn, record, database.chain.entry(state->ordinal).is_transaction_end, [&] {
      return fmt::format("{} read {}, which is in the middle of a transaction", who(), show(record.state));
    });
  state_->check_session(record);
  state_->check_meta(record);
  if (state) state_->check_age(database, record, state->ordinal);
  const auto created = record.wrote ? database.chain.locate(record.created) : std::nullopt;
  if (created && created->on_chain) database.note_acknowledged(record.at_ns, created->ordinal);
}

/// Answers to forwarded writes are reported when they come back to the replica, so not in the order in which they left.
void DatabaseState::note_acknowledged(std::int64_t sent_ns, Ordinal ordinal) {
  auto place = acks.end();
  while (place != acks.begin() && (place - 1)->sent_ns > sent_ns) --place;
  const Ordinal before = place == acks.begin() ? 0 : (place - 1)->ordinal;
  place = acks.insert(place, {sent_ns, std::max(before, ordinal)});
  for (++place; place != acks.end() && place->ordinal < ordinal; ++place) place->ordinal = ordinal;
  if (acks.size() > kMaxAcks) acks.pop_front();
}

/// Against what the session held when it asked, not against all that it was ever told: its queries may overlap, and
/// only the client knows which answer it had before it asked.
void ReplicationChecker::State::check_session(const Response& record) {
  if (record.returned_bookmark.empty() || !BookmarkKey(record.required_bookmark).canonical()) return;
  check(Invariant::kVmono, record, record.returned_bookmark >= record.required_bookmark, [&] {
    return fmt::format("session {} asked with bookmark {} and got the older {}", record.session,
                       record.required_bookmark, record.returned_bookmark);
  });
}

void ReplicationChecker::State::check_meta(const Response& record) {
  const auto who = [&] {
    return fmt::format("the answer of operation {} of session {}", record.operation, record.session);
  };
  check(Invariant::kMeta, record, record.claimed_primary == record.is_primary, [&] {
    return fmt::format("{} says served_by_primary = {}, but {} is {}", who(), record.claimed_primary,
                       node_name(record.node), record.is_primary ? "the primary" : "a replica");
  });
  check(Invariant::kMeta, record, record.claimed_region == record.region, [&] {
    return fmt::format("{} says region {}, but {} is in {}", who(), record.claimed_region, node_name(record.node),
                       record.region);
  });
  if (record.returned_bookmark.empty()) return;
  const Position& truth = record.wrote ? record.created : record.state;
  const BookmarkKey bookmark(record.returned_bookmark);
  const bool fits = bookmark.canonical() && bookmark.position() == truth.key() && bookmark.digest() == truth.digest;
  check(Invariant::kMeta, record, fits, [&] {
    return fmt::format("{} carries bookmark {}, but the state is {}", who(), record.returned_bookmark, show(truth));
  });
}

void ReplicationChecker::State::check_age(DatabaseState& database, const Response& record, Ordinal state) {
  if (record.required_bookmark == "first-primary") {
    const auto after =
        std::upper_bound(database.acks.begin(), database.acks.end(), record.started_ns,
                         [](std::int64_t time, const DatabaseState::Ack& ack) { return time < ack.sent_ns; });
    const Ordinal must = after == database.acks.begin() ? 0 : (after - 1)->ordinal;
    check(Invariant::kFresh, record, state >= must, [&] {
      return fmt::format(
          "operation {} of session {} asked for first-primary at {:.9f} s and read {}, but {} had been "
          "acknowledged before",
          record.operation, record.session, static_cast<double>(record.started_ns) / 1e9, show(record.state),
          at(database, must));
    });
    return;
  }
  const BookmarkKey required(record.required_bookmark);
  if (!required.canonical()) return;  // no requirement, or a text that no primary issues
  const bool same = required.position() == record.state.key();
  const bool fine = required.position() < record.state.key() || (same && required.digest() == record.state.digest);
  check(Invariant::kWait, record, fine, [&] {
    return fmt::format("operation {} of session {} required {} and was answered by {} from {}", record.operation,
                       record.session, record.required_bookmark, node_name(record.node), show(record.state));
  });
}

void ReplicationChecker::on(const LagSample& record) {
  DatabaseState& database = state_->database(record);
  NodeState& node = state_->node(database, record.replica);
  const auto place = database.chain.locate(record.position);
  const std::int64_t lag = record.published_ns - record.confirmed_ns;
  const auto replica = [&] { return state_->node_name(record.replica); };
  state_->check(Invariant::kLag, record, lag >= record.floor_ns && lag >= 0, [&] {
    return fmt::format("{} shows {} after {} ns, below the floor of {} ns", replica(), show(record.position), lag,
                       record.floor_ns);
  });
  const Ordinal ordinal = place && place->on_chain ? place->ordinal : 0;
  const Ordinal passed = std::max(node.sampled, node.excused);
  state_->check(Invariant::kLag, record, ordinal > node.sampled && ordinal <= passed + 1, [&] {
    return fmt::format("{} gave a lag sample for {} after the one for {}: {}", replica(), show(record.position),
                       state_->at(database, node.sampled),
                       ordinal > node.sampled ? "some are missing" : "twice the same");
  });
  node.sampled = std::max(node.sampled, ordinal);
}

void ReplicationChecker::on(const ReplicaEnded& record) {
  DatabaseState& database = state_->database(record);
  NodeState& node = state_->node(database, record.replica);
  if (!record.alive) return;
  const Ordinal passed = std::max(node.sampled, node.excused);
  state_->check(Invariant::kLag, record, passed >= database.confirmed, [&] {
    return fmt::format("{} entries up to {} were confirmed since {} booted, but its lag samples end at {}",
                       database.confirmed - std::min(node.excused, database.confirmed),
                       state_->at(database, database.confirmed), state_->node_name(record.replica),
                       state_->at(database, node.sampled));
  });
}

void ReplicationChecker::on(const SnapshotStored& record) {
  DatabaseState& database = state_->database(record);
  const auto place = database.chain.locate(record.label);
  state_->check(Invariant::kSnap, record, place && place->on_chain, [&] {
    return fmt::format("a snapshot is labelled {}, which is not on the primary's log", show(record.label));
  });
  if (!place || !place->on_chain) return;
  database.snapshots.push_back(place->ordinal);
  if (database.snapshots.size() > 64) database.snapshots.erase(database.snapshots.begin());
  if (place->ordinal == 0) return;
  if (place->dropped || place->ordinal <= database.chain.oldest())
    return state_->undecided(Invariant::kSnap, "a snapshot was stored after its reference image had been dropped");
  state_->check_pages(Invariant::kSnap, database, record, record.image, place->ordinal, true, "the snapshot");
}

void ReplicationChecker::on(const SegmentStored& record) {
  DatabaseState& database = state_->database(record);
  const auto from = database.chain.locate(record.from);
  const auto to = database.chain.locate(record.to);
  state_->check(Invariant::kGc, record, from && to && from->on_chain && to->on_chain, [&] {
    return fmt::format("a segment ({}, {}] was stored that is not on the primary's log", show(record.from),
                       show(record.to));
  });
  if (!from || !to || from->ordinal >= to->ordinal) return;
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

void ReplicationChecker::on(const Trimmed& record) {
  DatabaseState& database = state_->database(record);
  const auto place = database.chain.locate(record.position);
  const Ordinal cold = state_->cold_prefix(database);
  state_->check(Invariant::kGc, record, place && place->ordinal <= cold, [&] {
    return fmt::format("follower {} dropped its log up to {}, but cold storage is free of gaps only up to {}",
                       state_->node_name(record.follower), show(record.position), state_->at(database, cold));
  });
}

}  // namespace tidemark::checkers
