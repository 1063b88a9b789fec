#include "checkers/liveness/liveness_checker.h"

#include <fmt/format.h>

namespace tidemark::checkers {
namespace {

std::string show(const Position& position) {
  return fmt::format("{:08x}-{:08x}", position.epoch, position.sequence);
}
double seconds(std::int64_t ns) {
  return static_cast<double>(ns) / 1e9;
}

}  // namespace

std::string LivenessChecker::node_name(NodeIndex node) const {
  return node < node_names_.size() ? node_names_[node] : fmt::format("node {}", node);
}

void LivenessChecker::violate(std::int64_t at_ns, const std::string& text) {
  if (witness_.empty()) witness_ = fmt::format("At {:.9f} s, the end of the run: {}.", seconds(at_ns), text);
}

void LivenessChecker::on(const ReplicaEnded& record) {
  if (record.alive) replicas_.push_back({record.db, record.replica, record.visible});
}

void LivenessChecker::on(const FollowerEnded& record) {
  if (record.alive) followers_.push_back({record.db, record.follower, record.confirmed});
}

void LivenessChecker::on(const WaiterLeft& record) {
  ++observations_;
  violate(record.at_ns, fmt::format("{} still waits since {:.9f} s: {}", node_name(record.node),
                                    seconds(record.since_ns), record.what));
}

void LivenessChecker::on(const RunEnded& record) {
  ended_ = true;
  observations_ += 2;
  for (const Member& replica : replicas_) {
    if (replica.db != record.db) continue;
    ++observations_;
    if (replica.reached != record.confirmed)
      violate(record.at_ns, fmt::format("replica {} shows {}, but {} is confirmed", node_name(replica.node),
                                        show(replica.reached), show(record.confirmed)));
  }
  for (const Member& follower : followers_) {
    if (follower.db != record.db) continue;
    ++observations_;
    if (follower.reached != record.confirmed)
      violate(record.at_ns, fmt::format("follower {} was told that {} is confirmed, but {} is",
                                        node_name(follower.node), show(follower.reached), show(record.confirmed)));
  }
  if (record.committed != record.confirmed)
    violate(record.at_ns, fmt::format("the primary committed {}, but only {} is confirmed", show(record.committed),
                                      show(record.confirmed)));
  if (record.pending_operations > 0)
    violate(record.at_ns, fmt::format("{} client operations have no outcome, the oldest since {:.9f} s",
                                      record.pending_operations, seconds(record.oldest_pending_since_ns)));
  const auto of_this_database = [&](const Member& member) { return member.db == record.db; };
  std::erase_if(replicas_, of_this_database);
  std::erase_if(followers_, of_this_database);
}

Verdict LivenessChecker::finish() {
  Verdict verdict{"LIVE", Validity::kValid, witness_, observations_, true};
  if (!ended_) {
    verdict.validity = Validity::kUnknown;
    verdict.witness = "the run did not report its end";
  }
  if (!witness_.empty()) verdict.validity = Validity::kInvalid, verdict.witness = witness_;
  return verdict;
}

}  // namespace tidemark::checkers
