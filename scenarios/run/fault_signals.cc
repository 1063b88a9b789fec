#include "scenarios/run/fault_signals.h"

#include <algorithm>

#include "model/cluster/host_node.h"

namespace tidemark::scenarios {

using model::Bookmark;
using model::EntryRef;

void FaultSignals::attach(model::Cluster& cluster, sim::Nemesis& nemesis, sim::EventSink* events) {
  cluster_ = &cluster;
  nemesis_ = &nemesis;
  events_ = events;
  const std::vector<sim::Fault>& faults = nemesis.plan().faults;
  const bool watch = std::any_of(faults.begin(), faults.end(),
                                 [](const sim::Fault& fault) { return fault.start.on == On::kTakeover; });
  if (!watch) return;
  for (const model::NodeInfo& node : cluster.nodes())
    if (node.role == model::NodeRole::kPrimary || node.role == model::NodeRole::kHost)
      hosts_.push_back({node.process, node.database, "down"});
  cluster.scheduler().set_sink(this);
}

void FaultSignals::detach() {
  if (!hosts_.empty()) cluster_->scheduler().set_sink(events_);
  hosts_.clear();
  nemesis_ = nullptr;
}

void FaultSignals::on_event(const sim::EventRecord& event) {
  if (events_ != nullptr) events_->on_event(event);
  for (Host& host : hosts_) {
    model::HostNode* const node = cluster_->host(host.process);
    const std::string_view phase = node == nullptr ? "down" : to_text(node->phase());
    if (phase == host.phase) continue;
    host.phase = phase;
    signal(On::kTakeover, host.database, 1, phase);
  }
}

FaultSignals::Counts& FaultSignals::counts(std::uint32_t database) {
  if (database >= counts_.size()) counts_.resize(database + 1);
  return counts_[database];
}

void FaultSignals::signal(On on, std::uint32_t database, std::uint64_t number, std::string_view word) {
  if (nemesis_ == nullptr) return;
  sim::FaultSignal signal;
  signal.on = on;
  signal.subject = cluster_->options().databases.at(database).name;
  signal.number = number;
  signal.word = word;
  nemesis_->notify(signal);
}

void FaultSignals::on_commit(std::uint32_t database, const EntryRef& entry) {
  next_.on_commit(database, entry);
  std::vector<Bookmark>& unconfirmed = counts(database).unconfirmed;
  // An old leader that does not know of its successor goes on making entries; none of them will be confirmed.
  if (unconfirmed.empty() || unconfirmed.back() < entry->bookmark()) unconfirmed.push_back(entry->bookmark());
}

void FaultSignals::on_confirmed(std::uint32_t database, const Bookmark& bookmark) {
  next_.on_confirmed(database, bookmark);
  Counts& own = counts(database);
  const auto end = std::upper_bound(own.unconfirmed.begin(), own.unconfirmed.end(), bookmark);
  const auto count = end - own.unconfirmed.begin();
  own.unconfirmed.erase(own.unconfirmed.begin(), end);
  own.confirmed += static_cast<std::uint64_t>(count);
  if (count > 0) signal(On::kBookmark, database, own.confirmed);
}

void FaultSignals::on_follower_stored(std::uint32_t database, std::uint32_t follower, const Bookmark& last,
                                      const Bookmark& previous, const Bookmark& entry) {
  next_.on_follower_stored(database, follower, last, previous, entry);
}

void FaultSignals::on_follower_rewound(std::uint32_t database, std::uint32_t follower, const Bookmark& after,
                                       const Bookmark& confirmed) {
  next_.on_follower_rewound(database, follower, after, confirmed);
}

void FaultSignals::on_leader(std::uint32_t database, std::uint32_t host, std::uint32_t epoch, const Bookmark& at) {
  next_.on_leader(database, host, epoch, at);
  // What an earlier leader could not confirm is decided: it is in the log up to here, or gone.
  counts(database).unconfirmed.clear();
  signal(On::kEpoch, database, epoch);
}

void FaultSignals::on_checkpoint(std::uint32_t database, std::uint32_t node, bool primary, const Bookmark& up_to) {
  next_.on_checkpoint(database, node, primary, up_to);
  if (primary) signal(On::kCheckpoint, database, ++counts(database).checkpoints);
}

void FaultSignals::on_snapshot(std::uint32_t database, const Bookmark& label, const model::PageReader& pages) {
  next_.on_snapshot(database, label, pages);
  signal(On::kSnapshot, database, ++counts(database).snapshots);
}

void FaultSignals::on_follower_trim(std::uint32_t database, std::uint32_t follower, const Bookmark& up_to) {
  next_.on_follower_trim(database, follower, up_to);
  signal(On::kTrim, database, ++counts(database).trims);
}

// --- Handed on only. ---

void FaultSignals::on_sqlite_commit(std::uint32_t database, std::uint32_t frames, std::uint32_t pages) {
  next_.on_sqlite_commit(database, frames, pages);
}
void FaultSignals::on_follower_durable(std::uint32_t database, std::uint32_t follower, const Bookmark& bookmark) {
  next_.on_follower_durable(database, follower, bookmark);
}
void FaultSignals::on_follower_ack(std::uint32_t database, std::uint32_t follower, const Bookmark& bookmark) {
  next_.on_follower_ack(database, follower, bookmark);
}
void FaultSignals::on_follower_confirmed(std::uint32_t database, std::uint32_t follower, const Bookmark& bookmark) {
  next_.on_follower_confirmed(database, follower, bookmark);
}
void FaultSignals::on_replica_boot(std::uint32_t database, std::uint32_t replica, const Bookmark& at,
                                   const model::PageReader& pages) {
  next_.on_replica_boot(database, replica, at, pages);
}
void FaultSignals::on_received(std::uint32_t database, std::uint32_t replica, const EntryRef& entry) {
  next_.on_received(database, replica, entry);
}
void FaultSignals::on_published(std::uint32_t database, std::uint32_t replica, const EntryRef& entry,
                                const model::PageReader& pages) {
  next_.on_published(database, replica, entry, pages);
}
void FaultSignals::on_lag(const model::LagTruth& lag) {
  next_.on_lag(lag);
}
void FaultSignals::on_segment(std::uint32_t database, const Bookmark& previous, const Bookmark& last) {
  next_.on_segment(database, previous, last);
}
void FaultSignals::on_cold_removed(std::uint32_t database, const Bookmark& up_to) {
  next_.on_cold_removed(database, up_to);
}
void FaultSignals::on_follower_set(std::uint32_t database, std::span<const std::uint32_t> followers) {
  next_.on_follower_set(database, followers);
}
void FaultSignals::on_promise(std::uint32_t database, std::uint32_t follower, std::uint32_t epoch) {
  next_.on_promise(database, follower, epoch);
}
void FaultSignals::on_follower_cut(std::uint32_t database, std::uint32_t follower, const Bookmark& last) {
  next_.on_follower_cut(database, follower, last);
}
void FaultSignals::on_leader_gone(std::uint32_t database, std::uint32_t host, std::uint32_t epoch) {
  next_.on_leader_gone(database, host, epoch);
}
void FaultSignals::on_restore(std::uint32_t database, const Bookmark& restored, const Bookmark& target,
                              const Bookmark& undo) {
  next_.on_restore(database, restored, target, undo);
}
void FaultSignals::on_resumed(std::uint32_t database, std::uint32_t replica, const Bookmark& kept) {
  next_.on_resumed(database, replica, kept);
}
void FaultSignals::on_failure(std::uint32_t database, std::uint32_t session, bool unknown, const Bookmark& created) {
  next_.on_failure(database, session, unknown, created);
}
void FaultSignals::on_created(std::uint32_t database, std::uint32_t session, std::string_view sql,
                              std::span<const model::SqlValue> params, const Bookmark& entry) {
  next_.on_created(database, session, sql, params, entry);
}
void FaultSignals::on_response(const model::ResponseTruth& response) {
  next_.on_response(response);
}

}  // namespace tidemark::scenarios
