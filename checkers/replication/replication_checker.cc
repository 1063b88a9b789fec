// The log of the leaders: what they commit and confirm.
#include "checkers/replication/replication_checker.h"

#include <fmt/format.h>

#include <algorithm>

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

void ReplicationChecker::on(const EntryCommitted& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  DatabaseState::Epoch& epoch = database.epoch(record.position.epoch);
  const bool fresh = record.position.sequence > epoch.issued && record.position.key() > record.previous.key();
  state_->check(Invariant::kBm, record, fresh, [&] {
    return fmt::format("a leader issued {} after {}, but {:08x}-{:08x} had been issued before", show(record.position),
                       show(record.previous), record.position.epoch, epoch.issued);
  });
  state_->check(Invariant::kTxn, record, record.is_transaction_end, [&] {
    return fmt::format("the primary made an entry, {}, of a part of a transaction", show(record.position));
  });
  if (!fresh) return;
  if (epoch.issued == 0) {
    ++database.epochs_in_vain;
    state_->check(Invariant::kRes, record, database.epochs_in_vain <= state_->options.most_epochs_in_vain, [&] {
      return fmt::format("{} leaders in a row began an epoch and none came to serve", database.epochs_in_vain);
    });
  }
  epoch.issued = record.position.sequence;
  const std::uint32_t confirmed_epoch = database.chain.position(database.confirmed).epoch;
  const auto place = database.chain.locate(record.previous);
  // A leader of an epoch that is over goes on with its own branch for a while; nobody will ever confirm that.
  const bool drops = place && place->ordinal < database.confirmed && record.position.epoch >= confirmed_epoch;
  const bool excused = drops && state_->excused_leader(database, place->ordinal);  // as long as it is the main line
  const Chain::Appended appended = database.chain.append(record, database.confirmed);
  state_->check(Invariant::kLog, record, appended != Chain::Appended::kUnknown, [&] {
    return fmt::format("a leader chained {} to {}, which is no entry of its log", show(record.position),
                       show(record.previous));
  });
  if (appended == Chain::Appended::kUnknown) return;
  state_->saw(Invariant::kDur);
  if (drops)
    return state_->lose(database, record, place->ordinal, excused,
                        fmt::format("{} was chained to {}, which drops {} entries that were confirmed, up to {}",
                                    show(record.position), show(record.previous), database.confirmed - place->ordinal,
                                    state_->at(database, database.confirmed)));
  const Ordinal unconfirmed = database.chain.head() - database.confirmed;
  state_->check(Invariant::kRes, record, unconfirmed <= state_->options.most_unconfirmed,
                [&] { return fmt::format("{} entries wait to be confirmed", unconfirmed); });
  state_->prune(database);
}

/// A leader goes on without confirmed entries. When faults beyond the budget account for it, it is told, and nothing
/// else of this database is judged.
void ReplicationChecker::State::lose(DatabaseState& database, const Record& record, Ordinal kept, bool excused,
                                     const std::string& text) {
  if (excused) {
    database.abandoned = true;
    return report_loss(database, record, kept, text);
  }
  database.mistaken = true;
  tally.confirmed_lost += database.confirmed - std::min(kept, database.confirmed);
  violate(Invariant::kDur, record, text);
}

void ReplicationChecker::on(const Confirmed& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  auto place = database.chain.locate(record.position);
  const auto back = [&] {
    return fmt::format("{} moved its confirmed mark back to {}", state_->node_name(record.node), show(record.position));
  };
  if (!record.opens_gate) {
    NodeState& node = state_->node(database, record.node);
    state_->check(Invariant::kCmono, record, record.position.key() >= node.confirmed_key, back);
    node.confirmed_key = std::max(node.confirmed_key, record.position.key());
    state_->check(Invariant::kCmono, record, place && place->on_chain && place->ordinal <= database.confirmed, [&] {
      return fmt::format("{} takes {} for confirmed, but only {} is", state_->node_name(record.node),
                         show(record.position), state_->at(database, database.confirmed));
    });
    if (!node.stored || !place || !place->on_chain) return;
    state_->check(Invariant::kCmono, record, database.hold(*node.stored).common >= place->ordinal, [&] {
      return fmt::format("{} takes {} for confirmed although its log ends at {}", state_->node_name(record.node),
                         show(record.position), show(*node.stored));
    });
    return;
  }
  DatabaseState::Epoch& epoch = database.epoch(record.position.epoch);
  state_->check(Invariant::kCmono, record, record.position.key() >= epoch.confirmed_key, back);
  epoch.confirmed_key = std::max(epoch.confirmed_key, record.position.key());
  state_->check(Invariant::kLog, record, place.has_value(), [&] {
    return fmt::format("{} confirmed {}, which no leader ever committed", state_->node_name(record.node),
                       show(record.position));
  });
  if (!place) return;
  const Ordinal branch = place->ordinal;
  const bool on_chain = place->on_chain || database.chain.switch_to(record.position, database.confirmed);
  state_->check(Invariant::kOne, record, on_chain, [&] {
    return fmt::format("{} was confirmed, but its branch left the log at {}, and {} is confirmed there: two histories",
                       show(record.position), state_->at(database, branch), state_->at(database, branch + 1));
  });
  if (!on_chain) return;
  if (!place->on_chain) place = database.chain.locate(record.position);
  if (place->ordinal <= database.confirmed) return state_->saw(Invariant::kQ);
  state_->check_fence(database, record, place->ordinal);
  state_->check_quorum(database, record, place->ordinal);
  state_->move_confirmed(database, record, place->ordinal);
}

void ReplicationChecker::State::move_confirmed(DatabaseState& database, const Record& record, Ordinal ordinal) {
  database.confirmed = ordinal;
  if (!database.failed.empty()) check_failed(database, record);
}

void ReplicationChecker::on(const Checkpointed& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  const auto place = database.chain.locate(record.position);
  const Ordinal limit = record.is_primary ? database.confirmed : state_->node(database, record.node).visible;
  state_->check(Invariant::kCkpt, record, place && place->on_chain && place->ordinal <= limit, [&] {
    return fmt::format("{} copied frames up to {} into the database file, but only {} is {}",
                       state_->node_name(record.node), show(record.position), state_->at(database, limit),
                       record.is_primary ? "confirmed" : "visible there");
  });
}

}  // namespace tidemark::checkers
