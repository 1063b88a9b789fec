// The invariants about answers and failures.
#include <fmt/format.h>

#include <algorithm>

#include "checkers/history/bookmark.h"
#include "checkers/replication/checker_state.h"

namespace tidemark::checkers {
namespace {

constexpr std::size_t kMaxAcks = 8192;

Position as_position(const BookmarkKey& key) {
  return {static_cast<std::uint32_t>(key.position() >> 32), static_cast<std::uint32_t>(key.position()), key.digest()};
}

/// A made-up bookmark, or one of another database, names no entry. The primary does not look at bookmarks, so it
/// answers from the newest state; a replica has to wait for it or refuse it, unless it stands at that very place.
bool asks_for_unissued(const DatabaseState& database, const Response& record) {
  const BookmarkKey asked(record.required_bookmark);
  if (!record.made_up || !asked.canonical() || database.chain.locate(as_position(asked))) return false;
  return record.is_primary ? asked.position() >= record.state.key() : asked.position() == record.state.key();
}

}  // namespace

void ReplicationChecker::on(const Response& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  const auto state = database.chain.locate(record.state);
  const auto created = database.chain.locate(record.wrote ? record.created : record.state);
  const auto who = [&] {
    return fmt::format("operation {} of session {} at {}", record.operation, record.session,
                       state_->node_name(record.node));
  };
  state_->check(Invariant::kLog, record, state.has_value(),
                [&] { return fmt::format("{} read {}, which is no state of the primary", who(), show(record.state)); });
  const auto shown = [&](const std::optional<Chain::Place>& place) {
    return place && place->on_chain && place->ordinal <= database.confirmed;
  };
  const auto early = [&] {
    return fmt::format("the answer of {} left with {}, but only {} was confirmed", who(),
                       show(record.wrote ? record.created : record.state), state_->at(database, database.confirmed));
  };
  const bool fine = shown(state) && shown(created);
  if (!fine) state_->expose(record, shown(state) ? record.created : record.state);
  state_->check(Invariant::kHide, record, shown(state), early);
  if (record.is_primary) state_->check(Invariant::kGate, record, fine, early);
  if (state && !state->on_chain)
    state_->check(Invariant::kOne, record, state->ordinal >= database.confirmed, [&] {
      return fmt::format("{} read {}, which lost to {}", who(), show(record.state),
                         state_->at(database, state->ordinal + 1));
    });
  if (state && state->on_chain && !state->dropped && state->ordinal > database.chain.oldest())
    state_->check(Invariant::kTxn, record, database.chain.entry(state->ordinal).is_transaction_end, [&] {
      return fmt::format("{} read {}, which is in the middle of a transaction", who(), show(record.state));
    });
  const bool unissued = asks_for_unissued(database, record);
  if (!unissued) state_->check_session(record);
  state_->check_meta(record);
  state_->check_former_leader(database, record);
  if (state && !unissued) state_->check_age(database, record, state->ordinal);
  if (record.wrote) state_->saw(Invariant::kErr);  // success means effect: GATE says whether it was there
  if (record.wrote && created && created->on_chain) database.note_acknowledged(record.at_ns, created->ordinal);
}

/// Requests of other sessions than first-primary ones may get an older state, but not from a node that calls itself the
/// primary and writes.
void ReplicationChecker::State::check_former_leader(DatabaseState& database, const Response& record) {
  const bool newest = record.required_bookmark.empty() || record.required_bookmark == "first-primary" || record.wrote;
  if (!record.is_primary || !newest || database.serving_epoch == 0) return;
  check(Invariant::kFence, record,
        record.node == database.serving_node || record.started_ns <= database.serving_since_ns, [&] {
          return fmt::format(
              "operation {} of session {} came at {:.9f} s and was answered by {}, although {} has been "
              "the primary since {:.9f} s",
              record.operation, record.session, static_cast<double>(record.started_ns) / 1e9, node_name(record.node),
              node_name(database.serving_node), static_cast<double>(database.serving_since_ns) / 1e9);
        });
}

void ReplicationChecker::on(const RequestFailed& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  state_->saw(Invariant::kErr);
  if (record.outcome_unknown || !record.created_entry) return;
  database.failed.push_back(record.created);
  state_->check_failed(database, record);
}

void ReplicationChecker::on(const HostileAnswered& record) {
  state_->check(Invariant::kErr, record, record.problem.empty(), [&] { return std::string(record.problem); });
}

/// Has an entry been confirmed whose request was told that it surely failed? Those that lost are forgotten.
void ReplicationChecker::State::check_failed(DatabaseState& database, const Record& record) {
  std::erase_if(database.failed, [&](const Position& position) {
    const auto place = database.chain.locate(position);
    if (!place || (!place->on_chain && place->ordinal < database.confirmed)) return true;
    if (!place->on_chain || place->ordinal > database.confirmed) return false;
    violate(
        Invariant::kErr, record,
        fmt::format("{} is confirmed, although its client was told that the write had surely failed", show(position)));
    return true;
  });
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

}  // namespace tidemark::checkers
