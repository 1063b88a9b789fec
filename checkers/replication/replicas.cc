// Replicas: what they take, hide and show.
#include <fmt/format.h>

#include <algorithm>

#include "checkers/replication/checker_state.h"

namespace tidemark::checkers {

void ReplicationChecker::on(const EntryReceived& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  NodeState& node = state_->node(database, record.replica);
  node.booted = true;
  node.in_set = false;
  const auto place = database.chain.locate(record.position);
  state_->check(Invariant::kLog, record, place.has_value(), [&] {
    return fmt::format("replica {} took {}, which no primary ever committed with that digest",
                       state_->node_name(record.replica), show(record.position));
  });
  if (!place || place->dropped) return;
  const Held& received = database.now(node.received);
  const bool next = place->on_chain && received.on_chain && place->ordinal <= received.common + 1;
  if (!next) {
    const auto previous = database.chain.before(record.position);
    state_->check(Invariant::kLog, record, !previous || *previous == received.position, [&] {
      return fmt::format("replica {} took {} while it held the log only up to {}: a gap",
                         state_->node_name(record.replica), show(record.position), show(received.position));
    });
  }
  if (next && place->ordinal <= received.common) return;
  node.received = {record.position, place->ordinal, place->on_chain, database.chain.switches()};
  const Ordinal hidden = node.received.common - std::min(node.visible, node.received.common);
  state_->check(Invariant::kRes, record, hidden <= state_->options.most_hidden, [&] {
    return fmt::format("replica {} holds {} hidden entries", state_->node_name(record.replica), hidden);
  });
}

void ReplicationChecker::on(const ReplicaBooted& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  NodeState& node = state_->node(database, record.replica);
  const auto place = database.chain.locate(record.position);
  state_->check(Invariant::kLog, record, place.has_value(), [&] {
    return fmt::format("replica {} booted at {}, which is not on the primary's log", state_->node_name(record.replica),
                       show(record.position));
  });
  node.booted = true;
  node.in_set = false;
  node.visible = node.sampled = place ? place->ordinal : 0;
  node.received = database.hold(place ? record.position : Position{});
  node.excused = std::max(node.visible, database.confirmed);
  ++node.boots_in_vain;
  state_->check(Invariant::kRes, record, node.boots_in_vain <= state_->options.most_boots_in_vain, [&] {
    return fmt::format("replica {} booted {} times in a row without ever showing anything new",
                       state_->node_name(record.replica), node.boots_in_vain);
  });
  const bool confirmed = place && place->on_chain && place->ordinal <= database.confirmed;
  if (place && !confirmed) state_->expose(record, record.position);
  state_->check(Invariant::kHide, record, !place || confirmed, [&] {
    return fmt::format("replica {} booted at {}, but only {} is confirmed", state_->node_name(record.replica),
                       show(record.position), state_->at(database, database.confirmed));
  });
}

void ReplicationChecker::on(const ReplicaResumed& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  NodeState& node = state_->node(database, record.replica);
  const auto place = database.chain.locate(record.kept);
  state_->check(Invariant::kLog, record, place.has_value(), [&] {
    return fmt::format("replica {} goes on after {}, which no primary ever committed",
                       state_->node_name(record.replica), show(record.kept));
  });
  if (place) node.received = database.hold(record.kept);
  node.excused = std::max(node.excused, database.confirmed);
  const std::uint32_t count = node.resumes.note(record.at_ns);
  state_->check(Invariant::kRes, record, count <= state_->options.most_resumptions_per_second, [&] {
    return fmt::format("replica {} was accepted {} times within a second", state_->node_name(record.replica), count);
  });
}

void ReplicationChecker::on(const Published& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  NodeState& node = state_->node(database, record.replica);
  const auto place = database.chain.locate(record.position);
  const auto who = [&] {
    return fmt::format("replica {} published {}", state_->node_name(record.replica), show(record.position));
  };
  const Held& received = database.now(node.received);
  state_->check(Invariant::kLog, record, place && (!place->on_chain || place->ordinal <= received.common), [&] {
    return fmt::format("{}, but what it holds of the primary's log ends at {}", who(), show(received.position));
  });
  if (!place) return;
  const Ordinal ordinal = place->ordinal;
  const bool confirmed = place->on_chain && ordinal <= database.confirmed;
  if (!confirmed) state_->expose(record, record.position);
  const bool lost = !place->on_chain && ordinal < database.confirmed;
  state_->check(Invariant::kOne, record, !lost,
                [&] { return fmt::format("{}, which lost to {}", who(), state_->at(database, ordinal + 1)); });
  state_->check(Invariant::kHide, record, confirmed, [&] {
    return fmt::format("{}, but only {} is confirmed", who(), state_->at(database, database.confirmed));
  });
  if (!place->on_chain) return;
  state_->check(Invariant::kVmono, record, ordinal >= node.visible, [&] {
    return fmt::format("replica {} went back from {} to {}", state_->node_name(record.replica),
                       state_->at(database, node.visible), show(record.position));
  });
  if (!place->dropped && ordinal > database.chain.oldest()) {
    const Chain::Entry& entry = database.chain.entry(ordinal);
    const bool whole = entry.is_transaction_end && record.at_transaction_end;
    state_->check(Invariant::kTxn, record, whole && record.size_pages == entry.size_pages, [&] {
      return fmt::format("{} with {} pages; the reference has {} pages there{}", who(), record.size_pages,
                         entry.size_pages,
                         whole ? "" : " and the newest visible frame is in the middle of a transaction");
    });
    if (!record.pages.empty())
      state_->check_pages(Invariant::kImg, database, record, record.pages, ordinal, record.full_image,
                          "replica " + state_->node_name(record.replica));
  }
  if (ordinal > node.visible) node.boots_in_vain = 0;
  node.visible = std::max(node.visible, ordinal);
  state_->prune(database);
}

void ReplicationChecker::on(const LagSample& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
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

/// What is confirmed and not shown is for LIVE.
void ReplicationChecker::on(const ReplicaEnded& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned || !record.alive) return;
  NodeState& node = state_->node(database, record.replica);
  const Ordinal passed = std::max(node.sampled, node.excused);
  const Ordinal shown = std::min(database.confirmed, node.visible);
  state_->check(Invariant::kLag, record, passed >= shown, [&] {
    return fmt::format("{} entries up to {} were confirmed since {} booted, but its lag samples end at {}",
                       shown - std::min(node.excused, shown), state_->at(database, shown),
                       state_->node_name(record.replica), state_->at(database, node.sampled));
  });
}

}  // namespace tidemark::checkers
