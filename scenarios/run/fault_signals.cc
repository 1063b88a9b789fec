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
  std::vector<Bookmark>& unconfirmed = counts(database).unconfirmed;
  // An old leader that does not know of its successor goes on making entries; none of them will be confirmed.
  if (unconfirmed.empty() || unconfirmed.back() < entry->bookmark()) unconfirmed.push_back(entry->bookmark());
}

void FaultSignals::on_confirmed(std::uint32_t database, const Bookmark& bookmark) {
  Counts& own = counts(database);
  const auto end = std::upper_bound(own.unconfirmed.begin(), own.unconfirmed.end(), bookmark);
  const auto count = end - own.unconfirmed.begin();
  own.unconfirmed.erase(own.unconfirmed.begin(), end);
  own.confirmed += static_cast<std::uint64_t>(count);
  if (count > 0) signal(On::kBookmark, database, own.confirmed);
}

void FaultSignals::on_leader(std::uint32_t database, std::uint32_t, std::uint32_t epoch, const Bookmark&) {
  // What an earlier leader could not confirm is decided: it is in the log up to here, or gone.
  counts(database).unconfirmed.clear();
  signal(On::kEpoch, database, epoch);
}

void FaultSignals::on_checkpoint(std::uint32_t database, std::uint32_t, bool primary, const Bookmark&) {
  if (primary) signal(On::kCheckpoint, database, ++counts(database).checkpoints);
}

void FaultSignals::on_snapshot(std::uint32_t database, const Bookmark&, const model::PageReader&) {
  signal(On::kSnapshot, database, ++counts(database).snapshots);
}

void FaultSignals::on_follower_trim(std::uint32_t database, std::uint32_t, const Bookmark&) {
  signal(On::kTrim, database, ++counts(database).trims);
}

}  // namespace tidemark::scenarios
