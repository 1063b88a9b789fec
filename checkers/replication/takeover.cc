// Followers and leaders: who holds what, who promised what, who serves.
#include <fmt/format.h>

#include <algorithm>

#include "checkers/replication/checker_state.h"

namespace tidemark::checkers {
namespace {

constexpr std::size_t kPromises = 8;
// A prompt ack leaves at the instant of the sync. Ours.
constexpr std::int64_t kLateAckNs = 100'000'000;
constexpr std::uint32_t kLateAcks = 12;

}  // namespace

void ReplicationChecker::on(const FollowerSet& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  database.followers_known = true;
  database.set_size = static_cast<std::uint32_t>(record.followers.size());
  database.joint = !record.joint.empty();
  for (NodeState& node : database.nodes) node.in_set = node.in_joint = false;
  for (const NodeIndex follower : record.followers) state_->node(database, follower).in_set = true;
  for (const NodeIndex follower : record.joint) state_->node(database, follower).in_joint = true;
  state_->check_copies(database, record);
}

void ReplicationChecker::on(const Durable& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  const auto place = database.chain.locate(record.position);
  state_->check(Invariant::kLog, record, place.has_value(), [&] {
    return fmt::format("follower {} holds {}, which no primary ever committed", state_->node_name(record.follower),
                       show(record.position));
  });
  NodeState& node = state_->node(database, record.follower);
  if (node.durable.position != record.position) node.durable_since_ns = record.at_ns;
  node.durable = {place ? record.position : Position{}, place ? place->ordinal : 0, place && place->on_chain,
                  database.chain.switches()};
  if (node.durable.common >= database.now(node.most).common) node.most = node.durable;
  if (!node.stored || node.stored->key() < record.position.key()) node.stored = record.position;
}

void ReplicationChecker::on(const FollowerStored& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  NodeState& node = state_->node(database, record.follower);
  node.stored = record.position;
  node.rewound.reset();
  state_->check(Invariant::kLog, record, record.previous == record.last, [&] {
    return fmt::format("follower {} has {}, which follows {}, right behind {}", state_->node_name(record.follower),
                       show(record.position), show(record.previous), show(record.last));
  });
}

void ReplicationChecker::on(const FollowerRewound& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  state_->node(database, record.follower).rewound = record.position;
  state_->check(Invariant::kCmono, record, record.position.key() >= record.confirmed.key(), [&] {
    return fmt::format("follower {} cuts its log after {} although it knows {} to be confirmed",
                       state_->node_name(record.follower), show(record.position), show(record.confirmed));
  });
}

void ReplicationChecker::on(const FollowerCut& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  const auto place = database.chain.locate(record.position);
  state_->check(Invariant::kLog, record, place.has_value(), [&] {
    return fmt::format("the log of follower {} ends at {} now, which no primary ever committed",
                       state_->node_name(record.follower), show(record.position));
  });
  NodeState& node = state_->node(database, record.follower);
  if (database.now(node.durable).common >= database.now(node.lost).common) node.lost = node.durable;
  node.durable = database.hold(place ? record.position : Position{});
  // What is durable may end before a cut does: the entries between are written.
  node.stored = node.rewound.value_or(record.position);
  node.rewound.reset();
  node.last_ack = {};
  state_->check_copies(database, record);
}

void ReplicationChecker::on(const NodeRestarted& record) {
  DatabaseState& database = state_->database(record);
  NodeState& node = state_->node(database, record.node);
  node.confirmed_key = 0;
  node.last_ack = {};
}

void ReplicationChecker::on(const AckSent& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  const auto place = database.chain.locate(record.position);
  NodeState& node = state_->node(database, record.follower);
  const Held& durable = database.now(node.durable);
  // Beside the main line: the same branch has the same digests, so its end is compared by position.
  const bool fine = !place            ? false
                    : place->on_chain ? place->ordinal <= durable.common
                                      : record.position.key() <= durable.position.key();
  state_->check(Invariant::kQ, record, fine, [&] {
    return fmt::format("follower {} acknowledged {}, but only {} is durable there", state_->node_name(record.follower),
                       show(record.position), show(durable.position));
  });
  if (record.position != node.last_ack) {
    node.last_ack = record.position;
    return state_->check_promptness(node, record);
  }
  const std::uint32_t repeated = node.repeated_acks.note(record.at_ns);
  state_->check(Invariant::kRes, record, repeated <= state_->options.most_repeated_acks_per_second, [&] {
    return fmt::format("follower {} sent {} acks of {} within a second", state_->node_name(record.follower), repeated,
                       show(record.position));
  });
}

/// A follower that is cut off acknowledges late when it is back; one that always does makes every write wait.
void ReplicationChecker::State::check_promptness(NodeState& node, const AckSent& record) {
  const bool late = record.position == node.durable.position && record.at_ns > node.durable_since_ns + kLateAckNs;
  node.late_acks = late ? node.late_acks + 1 : 0;
  check(Invariant::kLag, record, node.late_acks < kLateAcks, [&] {
    return fmt::format("follower {} sent its last {} acks more than {} ms after the entry was durable, this one {} ms",
                       node_name(record.follower), node.late_acks, kLateAckNs / 1'000'000,
                       (record.at_ns - node.durable_since_ns) / 1'000'000);
  });
}

void ReplicationChecker::on(const Promised& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  NodeState& node = state_->node(database, record.follower);
  const std::uint32_t before = node.promises.empty() ? 0 : node.promises.back().epoch;
  state_->check(Invariant::kFence, record, record.epoch >= before, [&] {
    return fmt::format("follower {} promised epoch {} and then {}", state_->node_name(record.follower), before,
                       record.epoch);
  });
  if (record.epoch <= before) return;
  if (node.promises.size() >= kPromises) node.promises.erase(node.promises.begin());
  node.promises.push_back({record.epoch, database.now(node.durable)});
  database.promised_epoch = std::max(database.promised_epoch, record.epoch);
}

std::string ReplicationChecker::State::holders_text(DatabaseState& database,
                                                    Ordinal (DatabaseState::*how)(NodeState&) const) {
  std::string text;
  for (NodeIndex i = 0; i < database.nodes.size(); ++i) {
    NodeState& node = database.nodes[i];
    if (!node.booted && (node.in_set || node.in_joint) && (database.followers_known || node.durable.common > 0))
      text += fmt::format(" {} up to {};", node_name(i), at(database, (database.*how)(node)));
  }
  return text;
}

void ReplicationChecker::State::check_quorum(DatabaseState& database, const Confirmed& record, Ordinal ordinal) {
  std::uint32_t holders = 0, joint_holders = 0;
  for (NodeState& node : database.nodes) {
    if (node.booted || !(node.in_set || node.in_joint) || database.counted(node) < ordinal) continue;
    holders += node.in_set ? 1 : 0;
    joint_holders += node.in_joint ? 1 : 0;
  }
  const bool enough = holders >= options.quorum && (!database.joint || joint_holders >= options.quorum);
  check(Invariant::kQ, record, enough, [&] {
    return fmt::format("the gate opened for {}, but it and all before were durable on {} of the current followers{}:{}",
                       show(record.position), holders,
                       database.joint ? fmt::format(" and {} of the coming ones", joint_holders) : "",
                       holders_text(database, &DatabaseState::counted));
  });
}

/// An epoch that is over may still hear of acks that left before the promises; nothing else of it may be confirmed.
void ReplicationChecker::State::check_fence(DatabaseState& database, const Confirmed& record, Ordinal ordinal) {
  const std::uint32_t epoch = record.position.epoch;
  if (database.promised_epoch <= epoch || !database.followers_known) return saw(Invariant::kFence);
  std::uint32_t promised = 0, holders = 0;
  for (NodeState& node : database.nodes) {
    if (!node.in_set) continue;
    if (!node.promises.empty() && node.promises.back().epoch > epoch) ++promised;
    if (database.counted_before_promise(node, epoch) >= ordinal) ++holders;
  }
  const bool over = promised + options.quorum > database.set_size;  // no quorum is left without a promise
  check(Invariant::kFence, record, !over || holders >= options.quorum, [&] {
    return fmt::format(
        "{} was confirmed in epoch {} although {} followers had promised a newer one, and only {} held "
        "it when they did",
        show(record.position), epoch, promised, holders);
  });
}

/// Somebody must hold what is confirmed: cold storage without a gap, or a follower of the set.
void ReplicationChecker::State::check_copies(DatabaseState& database, const Record& record) {
  if (database.confirmed == 0 || !database.followers_known) return;
  saw(Invariant::kGc);
  const Ordinal best = newest_copy(database);
  if (best >= database.confirmed) return;
  // A leader may still have the rest in memory and bring it back: the end of the run will tell.
  if (options.beyond_budget && struck(database)) return;
  violate(Invariant::kGc, record, no_copy_text(database, best));
}

void ReplicationChecker::on(const LeaderServes& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  const auto place = database.chain.locate(record.position);
  // One that is late and begins after its successor has confirmed is harmless: its lease is over.
  if (record.epoch >= database.chain.position(database.confirmed).epoch) {
    state_->saw(Invariant::kDur);
    if (!place || place->ordinal < database.confirmed)
      return state_->lose(database, record, place ? place->ordinal : 0,
                          state_->excused_leader(database, place ? place->ordinal : 0),
                          fmt::format("the leader of epoch {} at {} begins to serve at {}, without all that was "
                                      "confirmed, up to {}",
                                      record.epoch, state_->node_name(record.node), show(record.position),
                                      state_->at(database, database.confirmed)));
  }
  state_->check(Invariant::kCmono, record, place && place->on_chain && place->ordinal <= database.confirmed, [&] {
    return fmt::format("{} begins to serve in epoch {} at {}, but only {} is confirmed", state_->node_name(record.node),
                       record.epoch, show(record.position), state_->at(database, database.confirmed));
  });
  if (!record.pages.empty() && place && place->ordinal > 0 && place->on_chain && !place->dropped &&
      database.chain.retained(place->ordinal))
    state_->check_pages(Invariant::kImg, database, record, record.pages, place->ordinal, true,
                        "the primary at " + state_->node_name(record.node));
  if (record.epoch <= database.serving_epoch) return;
  if (database.serving_epoch != 0) ++state_->tally.takeovers;
  database.serving_epoch = record.epoch;
  database.serving_node = record.node;
  database.serving_since_ns = record.at_ns;
  database.epochs_in_vain = 0;
}

void ReplicationChecker::on(const LeaderGone& record) {
  state_->database(record);  // who follows says more: nothing is judged here
}

}  // namespace tidemark::checkers
