// TruthRecorder: the end of the run.
#include <fmt/core.h>

#include <algorithm>

#include "model/srs/follower.h"
#include "scenarios/run/truth_state.h"

namespace tidemark::scenarios {

using model::Bookmark;

void TruthRecorder::note_disabled(std::uint32_t process, std::string why) {
  disabled_.push_back({process, std::move(why)});
}

void TruthRecorder::tell_disabled(std::uint32_t database, std::uint32_t process) {
  for (const Disabled& one : disabled_) {
    if (one.process != process) continue;
    auto record = record_at<checkers::NodeDisabled>(now_ns(), database);
    record.node = process;
    record.why = one.why;
    liveness_->on(record);
  }
}

void TruthRecorder::end_members(std::uint32_t database) {
  Database& d = *databases_.at(database);
  for (const std::uint32_t follower : d.followers) {
    const Database::Follower& known = d.known[follower];
    auto record = record_at<checkers::FollowerEnded>(now_ns(), database);
    record.follower = follower;
    record.alive = cluster_->process(follower).running();
    record.confirmed = position_of(known.told);
    record.durable = position_of(known.durable);
    const model::srs::FollowerNode* const node = cluster_->follower(follower);
    record.counts = node == nullptr || node->state() == model::FollowerState::kMember;
    const std::string destroyed = record.counts ? "" : destroyed_by(database, follower);
    record.destroyed = destroyed;
    liveness_->on(record);
    tell_disabled(database, follower);
  }
  for (const std::uint32_t host : d.hosts) {
    if (cluster_->first_life_of(host) != 0) continue;
    auto record = record_at<checkers::HostEnded>(now_ns(), database);
    record.node = host;
    record.alive = cluster_->process(host).running();
    liveness_->on(record);
    tell_disabled(database, host);
  }
}

void TruthRecorder::end_database(std::uint32_t database, const std::string& unfinished) {
  Database& d = *databases_.at(database);
  const bool served = d.serving || d.serving_epoch == 0;  // without a control plane nobody else ever comes
  d.leader_gone(d.serving_epoch, now_ns());
  if (d.serving_epoch != 0) {
    d.down_ns += now_ns() - d.down_since_ns;
    d.longest_down_ns = std::max(d.longest_down_ns, now_ns() - d.down_since_ns);
  }
  for (const std::uint32_t node : d.replicas) {
    if (!cluster_->takes_part(node)) continue;  // removed, or never added
    auto record = record_at<checkers::ReplicaEnded>(now_ns(), database);
    record.replica = node;
    record.alive = cluster_->process(node).running();
    record.visible = position_of(copy(node).visible);
    if (replication_) replication_->on(record);
    if (!liveness_) continue;
    liveness_->on(record);
    tell_disabled(database, node);
  }
  auto record = record_at<checkers::RunEnded>(now_ns(), database);
  record.confirmed = position_of(d.confirmed);
  record.served = served;
  if (replication_) {
    replication_->on(record);
    record.writes_lost = replication_->lost_beyond_budget(database);
  }
  if (!liveness_) return;
  if (went_on_without() && record.writes_lost > 0)
    liveness_->excuse(database, fmt::format("budget exceeded: {} writes lost", record.writes_lost));
  end_members(database);
  if (!unfinished.empty() && database == 0) {
    auto waiter = record_at<checkers::WaiterLeft>(now_ns(), database);
    waiter.node = d.primary;
    waiter.what = unfinished;
    waiter.since_ns = now_ns();
    liveness_->on(waiter);
  }
  const HistoryRecorder::Pending pending = history_.pending(database);
  record.committed = position_of(d.committed);
  record.pending_operations = pending.count;
  record.oldest_pending_since_ns = pending.oldest.ns();
  liveness_->on(record);
}

void TruthRecorder::end_run(const std::string& unfinished) {
  tell_losses();
  for (std::uint32_t database = 0; database < databases_.size(); ++database) end_database(database, unfinished);
  note_budget_exceeded();
}

Availability TruthRecorder::availability() const {
  Availability result;
  for (const auto& database : databases_) {
    result.without_primary = result.without_primary + sim::Duration::nanoseconds(database->down_ns);
    result.longest_without_primary =
        std::max(result.longest_without_primary, sim::Duration::nanoseconds(database->longest_down_ns));
  }
  result.longest_wait = history_.longest_wait();
  result.unknown_outcomes = history_.unknown_outcomes();
  if (!replication_) return result;
  const checkers::ReplicationTally tally = replication_->tally();
  result.judged = true;
  result.takeovers = tally.takeovers;
  result.restores = tally.restores;
  result.entries_confirmed = tally.confirmed;
  result.confirmed_lost = tally.confirmed_lost;
  result.unconfirmed_dropped = tally.unconfirmed_dropped;
  return result;
}

void TruthRecorder::merge_lost_into_q(std::vector<checkers::Verdict>& verdicts) const {
  for (std::uint32_t database = 0; database < databases_.size(); ++database) {
    const std::string witness = lost_transactions(database);
    for (checkers::Verdict& verdict : verdicts) {
      if (verdict.name != "Q" || verdict.validity == checkers::Validity::kInvalid || witness.empty()) continue;
      verdict.validity = checkers::Validity::kInvalid;
      verdict.witness = witness;
    }
  }
}

bool TruthRecorder::violated() const {
  return replication_ && replication_->violated();
}

void TruthRecorder::stop(std::vector<checkers::Verdict>& verdicts) {
  if (!replication_) return;
  for (const checkers::Verdict& verdict : replication_->finish())
    if (verdict.validity == checkers::Validity::kInvalid) verdicts.push_back(verdict);
}

void TruthRecorder::finish(std::vector<checkers::Verdict>& verdicts) {
  if (replication_) {
    std::vector<checkers::Verdict> found = replication_->finish();
    merge_lost_into_q(found);
    verdicts.insert(verdicts.end(), found.begin(), found.end());
  }
  if (liveness_) verdicts.push_back(liveness_->finish());
}

}  // namespace tidemark::scenarios
