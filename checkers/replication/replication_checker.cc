#include "checkers/replication/replication_checker.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "checkers/replication/checker_state.h"

namespace tidemark::checkers {

ReplicationChecker::ReplicationChecker(ReplicationOptions options)
    : state_(std::make_unique<ReplicationChecker::State>()) {
  state_->options = std::move(options);
}
ReplicationChecker::~ReplicationChecker() = default;
ReplicationChecker::ReplicationChecker(ReplicationChecker&&) noexcept = default;
ReplicationChecker& ReplicationChecker::operator=(ReplicationChecker&&) noexcept = default;

bool ReplicationChecker::violated() const {
  return state_->any_violation;
}

void ReplicationChecker::on(const FollowerSet& record) {
  DatabaseState& database = state_->database(record);
  database.followers_known = true;
  for (NodeState& node : database.nodes) node.is_follower = false;
  for (const NodeIndex follower : record.followers) state_->node(database, follower).is_follower = true;
}

void ReplicationChecker::on(const EntryCommitted& record) {
  DatabaseState& database = state_->database(record);
  state_->check(Invariant::kBm, record, record.position.key() > database.chain.highest_key(), [&] {
    return fmt::format("the primary issued {}, which is not above {:016x}, the highest (epoch, sequence) issued before",
                       show(record.position), database.chain.highest_key());
  });
  const auto previous = database.chain.locate(record.previous);
  if (previous && previous->on_chain && previous->ordinal < database.confirmed)
    state_->violate(
        Invariant::kLog, record,
        fmt::format("{} was chained to {}, which drops entries that were confirmed up to {}", show(record.position),
                    show(record.previous), state_->at(database, database.confirmed)));
  state_->check(Invariant::kTxn, record, record.is_transaction_end, [&] {
    return fmt::format("the primary made an entry, {}, of a part of a transaction", show(record.position));
  });
  if (record.position.key() <= database.chain.highest_key() && database.chain.locate(record.position)) return;
  const bool chained = database.chain.append(record);
  state_->check(Invariant::kLog, record, chained, [&] {
    return fmt::format("the primary chained {} to {}, which is no entry of its log", show(record.position),
                       show(record.previous));
  });
  const Ordinal kept = previous ? previous->ordinal : 0;
  if (!chained || database.chain.head() != kept + 1) return;
  for (NodeState& node : database.nodes) {  // what a node held of a branch that was cut is not on the chain any more
    node.durable = std::min(node.durable, kept);
    node.received = std::min(node.received, kept);
  }
  state_->prune(database);
}

void ReplicationChecker::on(const Durable& record) {
  DatabaseState& database = state_->database(record);
  const auto place = database.chain.locate(record.position);
  state_->check(Invariant::kLog, record, place.has_value(), [&] {
    return fmt::format("follower {} holds {}, which no primary ever committed", state_->node_name(record.follower),
                       show(record.position));
  });
  state_->node(database, record.follower).durable = place ? place->ordinal : 0;
}

void ReplicationChecker::on(const AckSent& record) {
  DatabaseState& database = state_->database(record);
  const auto place = database.chain.locate(record.position);
  const Ordinal durable = state_->node(database, record.follower).durable;
  const bool fine = !place || !place->on_chain || place->ordinal <= durable;  // stale branches ack nothing that counts
  state_->check(Invariant::kQ, record, fine, [&] {
    return fmt::format("follower {} acknowledged {}, but only {} is durable there", state_->node_name(record.follower),
                       show(record.position), state_->at(database, durable));
  });
}

void ReplicationChecker::on(const Confirmed& record) {
  DatabaseState& database = state_->database(record);
  NodeState& node = state_->node(database, record.node);
  const std::uint64_t before =
      record.opens_gate ? database.chain.position(database.confirmed).key() : node.confirmed_key;
  state_->check(Invariant::kCmono, record, record.position.key() >= before, [&] {
    return fmt::format("{} moved its confirmed mark back to {}", state_->node_name(record.node), show(record.position));
  });
  node.confirmed_key = std::max(node.confirmed_key, record.position.key());
  const auto place = database.chain.locate(record.position);
  if (!record.opens_gate) return;
  state_->check(Invariant::kLog, record, place && place->on_chain, [&] {
    return fmt::format("{} confirmed {}, which is not on the primary's log", state_->node_name(record.node),
                       show(record.position));
  });
  if (place && place->on_chain) state_->check_confirmation(database, record, place->ordinal);
}

void ReplicationChecker::State::check_confirmation(DatabaseState& database, const Confirmed& record, Ordinal ordinal) {
  std::uint32_t holders = 0;
  for (const NodeState& node : database.nodes)
    if (node.is_follower && node.durable >= ordinal && ordinal > 0) ++holders;
  check(Invariant::kQ, record, holders >= options.quorum || ordinal <= database.confirmed, [&] {
    std::string text =
        fmt::format("the gate opened for {}, but it and all before were durable on {} of the current followers:",
                    show(record.position), holders);
    for (NodeIndex i = 0; i < database.nodes.size(); ++i)
      if (database.nodes[i].is_follower && !database.nodes[i].booted && i != record.node)
        text += fmt::format(" {} up to {};", node_name(i), at(database, database.nodes[i].durable));
    return text;
  });
  database.confirmed = std::max(database.confirmed, ordinal);
}

void ReplicationChecker::on(const EntryReceived& record) {
  DatabaseState& database = state_->database(record);
  NodeState& node = state_->node(database, record.replica);
  node.booted = true;
  node.is_follower = false;
  const auto place = database.chain.locate(record.position);
  state_->check(Invariant::kLog, record, place.has_value(), [&] {
    return fmt::format("replica {} took {}, which no primary ever committed with that digest",
                       state_->node_name(record.replica), show(record.position));
  });
  if (!place || !place->on_chain) return;  // a branch that was cut since: hidden for ever, or HIDE and LOG will tell
  state_->check(Invariant::kLog, record, place->ordinal <= node.received + 1, [&] {
    return fmt::format("replica {} took {} while it held the log only up to {}: a gap",
                       state_->node_name(record.replica), show(record.position), state_->at(database, node.received));
  });
  node.received = std::max(node.received, place->ordinal);
}

void ReplicationChecker::on(const ReplicaBooted& record) {
  DatabaseState& database = state_->database(record);
  NodeState& node = state_->node(database, record.replica);
  const auto place = database.chain.locate(record.position);
  state_->check(Invariant::kLog, record, place && place->on_chain, [&] {
    return fmt::format("replica {} booted at {}, which is not on the primary's log", state_->node_name(record.replica),
                       show(record.position));
  });
  node.booted = true;
  node.is_follower = false;
  node.received = node.visible = node.sampled = place ? place->ordinal : 0;
  node.excused = std::max(node.visible, database.confirmed);
  state_->check(Invariant::kHide, record, node.visible <= database.confirmed, [&] {
    return fmt::format("replica {} booted at {}, but only {} is confirmed", state_->node_name(record.replica),
                       show(record.position), state_->at(database, database.confirmed));
  });
}

void ReplicationChecker::on(const Published& record) {
  DatabaseState& database = state_->database(record);
  NodeState& node = state_->node(database, record.replica);
  const auto place = database.chain.locate(record.position);
  const std::string_view what = "published";
  state_->check(Invariant::kLog, record, place && place->on_chain && place->ordinal <= node.received, [&] {
    return fmt::format("replica {} {} {}, but what it holds of the primary's log ends at {}",
                       state_->node_name(record.replica), what, show(record.position),
                       state_->at(database, node.received));
  });
  if (!place) return;
  const Ordinal ordinal = place->ordinal;
  state_->check(Invariant::kHide, record, place->on_chain && ordinal <= database.confirmed, [&] {
    return fmt::format("replica {} {} {}, but only {} is confirmed", state_->node_name(record.replica), what,
                       show(record.position), state_->at(database, database.confirmed));
  });
  state_->check(Invariant::kVmono, record, ordinal >= node.visible, [&] {
    return fmt::format("replica {} went back from {} to {}", state_->node_name(record.replica),
                       state_->at(database, node.visible), show(record.position));
  });
  if (place->on_chain && !place->dropped && ordinal > database.chain.oldest()) {
    const Chain::Entry& entry = database.chain.entry(ordinal);
    const bool whole = entry.is_transaction_end && record.at_transaction_end;
    state_->check(Invariant::kTxn, record, whole && record.size_pages == entry.size_pages, [&] {
      return fmt::format("replica {} {} {} with {} pages; the reference has {} pages there{}",
                         state_->node_name(record.replica), what, show(record.position), record.size_pages,
                         entry.size_pages,
                         whole ? "" : " and the newest visible frame is in the middle of a transaction");
    });
    if (!record.pages.empty())
      state_->check_pages(Invariant::kImg, database, record, record.pages, ordinal, record.full_image,
                          "replica " + state_->node_name(record.replica));
  }
  if (place->on_chain) node.visible = std::max(node.visible, ordinal);
  state_->prune(database);
}

void ReplicationChecker::on(const Checkpointed& record) {
  DatabaseState& database = state_->database(record);
  const auto place = database.chain.locate(record.position);
  const Ordinal limit = record.is_primary ? database.confirmed : state_->node(database, record.node).visible;
  state_->check(Invariant::kCkpt, record, place && place->on_chain && place->ordinal <= limit, [&] {
    return fmt::format("{} copied frames up to {} into the database file, but only {} is {}",
                       state_->node_name(record.node), show(record.position), state_->at(database, limit),
                       record.is_primary ? "confirmed" : "visible there");
  });
}

}  // namespace tidemark::checkers
