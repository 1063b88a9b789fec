// TruthRecorder: what faults destroyed, and whether that explains what is missing at the end.
#include <fmt/core.h>

#include "model/srs/follower.h"
#include "scenarios/run/truth_state.h"

namespace tidemark::scenarios {
namespace {

bool is_member(const model::srs::FollowerNode* follower) {
  return follower != nullptr && follower->state() == model::FollowerState::kMember;
}

}  // namespace

/// What was destroyed since the last time. Before anybody says what follows from it.
void TruthRecorder::tell_losses() {
  if (!ask_losses_) return;
  for (const sim::ContentLoss& loss : ask_losses_()) {
    const model::NodeInfo& node = cluster_->nodes().at(loss.process - 1);
    if (node.role != model::NodeRole::kFollower) continue;
    if (!losses_told_.insert({loss.fault, loss.process}).second) continue;
    const sim::FaultKindInfo& kind = info(loss.kind);
    losses_[loss.process] = {
        fmt::format("fault {} ({} {}) took what it had stored at {}", loss.fault, kind.id, kind.name, to_text(loss.at)),
        loss.noticed(), false, 0};
    if (!replication_) continue;
    auto record = record_at<checkers::ContentLost>(loss.at.ns(), node.database);
    record.follower = loss.process;
    record.noticed = loss.noticed();
    replication_->on(record);
  }
}

/// The log of a follower ends earlier than before, or begins anew.
void TruthRecorder::note_cut(std::uint32_t follower) {
  tell_losses();
  const auto loss = losses_.find(follower);
  if (loss == losses_.end() || is_member(cluster_->follower(follower))) return;
  loss->second.cut = true;
  loss->second.cut_ns = now_ns();
}

/// A member again: should it forget everything once more, that fault is no reason. (One that the follower cannot notice
/// may go on doing harm.)
void TruthRecorder::note_mended(std::uint32_t follower) {
  if (losses_.empty()) return;
  const auto loss = losses_.find(follower);
  if (loss == losses_.end() || !loss->second.cut || !loss->second.knows) return;
  if (is_member(cluster_->follower(follower))) losses_.erase(loss);
}

/// The fault that proves why the follower, which runs, is no member; empty: none. A leader that served beside it for
/// longer than the budget grants for repair should have made it one.
std::string TruthRecorder::destroyed_by(std::uint32_t database, std::uint32_t follower) const {
  const auto loss = losses_.find(follower);
  if (loss == losses_.end() || !loss->second.cut) return {};
  const std::int64_t beside = databases_.at(database)->down_since_ns - loss->second.cut_ns;
  return beside > scenario_.fault_options.recovery_margin.ns() ? "" : loss->second.why;
}

void TruthRecorder::note_budget_exceeded() {
  std::uint64_t lost = 0;
  for (std::uint32_t database = 0; replication_ && database < databases_.size(); ++database)
    lost += replication_->lost_beyond_budget(database);
  const std::string left = liveness_ ? liveness_->budget_exceeded() : "";
  if (lost == 0 && left.empty()) return;
  budget_exceeded_ = fmt::format("budget exceeded: {} writes lost{}{}", lost, left.empty() ? "" : "; ", left);
}

}  // namespace tidemark::scenarios
