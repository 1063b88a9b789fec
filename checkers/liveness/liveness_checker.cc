#include "checkers/liveness/liveness_checker.h"

#include <fmt/format.h>

#include <algorithm>

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

void LivenessChecker::on(const ReplicaEnded& record) {
  replicas_.push_back({record.db, record.replica, record.alive, record.visible, {}, true, {}});
}

void LivenessChecker::on(const FollowerEnded& record) {
  followers_.push_back({record.db, record.follower, record.alive, record.confirmed, record.durable, record.counts,
                        std::string(record.destroyed)});
}

void LivenessChecker::on(const HostEnded& record) {
  hosts_.push_back({record.db, record.node, record.alive, {}, {}, true, {}});
}

void LivenessChecker::on(const NodeDisabled& record) {
  disabled_.push_back({record.db, record.node, std::string(record.why)});
}

void LivenessChecker::on(const WaiterLeft& record) {
  ++observations_;
  waiters_.push_back({record.db, fmt::format("{} still waits since {:.9f} s: {}", node_name(record.node),
                                             seconds(record.since_ns), record.what)});
}

void LivenessChecker::excuse(DatabaseIndex db, const std::string& reason) {
  reasons_.push_back({db, reason});
}

const LivenessChecker::Disabled* LivenessChecker::disabled(DatabaseIndex db, NodeIndex node) const {
  const auto found = std::find_if(disabled_.begin(), disabled_.end(),
                                  [&](const Disabled& one) { return one.db == db && one.node == node; });
  return found == disabled_.end() ? nullptr : &*found;
}

/// "db/follower-1: stopped at ...; db/follower-2 does not run"
std::string LivenessChecker::witnesses(const std::vector<Member>& members, DatabaseIndex db) const {
  std::string text;
  for (const Member& member : members) {
    if (member.db != db || (able(member) && member.destroyed.empty())) continue;
    const Disabled* known = disabled(db, member.node);
    text += fmt::format("{}{}{}", text.empty() ? "" : "; ", node_name(member.node),
                        known != nullptr ? ": " + known->why
                        : able(member)   ? ": " + member.destroyed
                                         : " does not run");
  }
  return text;
}

/// Empty when nothing proves that the database could not do better.
std::string LivenessChecker::excuse_of(DatabaseIndex db) const {
  for (const Reason& reason : reasons_)
    if (reason.db == db) return reason.text;
  const auto of_this = [&](const Member& member) { return member.db == db; };
  const auto fit = [&](const Member& member) { return member.db == db && able(member); };
  const auto followers = std::count_if(followers_.begin(), followers_.end(), of_this);
  const auto fit_followers = std::count_if(followers_.begin(), followers_.end(), fit);
  if (followers > 0 && fit_followers < static_cast<std::int64_t>(quorum_))
    return fmt::format("{} of {} followers can take part, a quorum is {} ({})", fit_followers, followers, quorum_,
                       witnesses(followers_, db));
  const bool hosts = std::any_of(hosts_.begin(), hosts_.end(), of_this);
  if (hosts && std::none_of(hosts_.begin(), hosts_.end(), fit))
    return fmt::format("no process that could lead the database can take part ({})", witnesses(hosts_, db));
  return {};
}

/// Empty when nobody would have to wait for a disk that a fault has emptied. A leader that serves would mend them.
std::string LivenessChecker::excess_of(const RunEnded& record) const {
  if (record.served) return {};
  const auto of_this = [&](const Member& member) { return member.db == record.db; };
  const auto fit = [&](const Member& member) { return of_this(member) && able(member) && member.destroyed.empty(); };
  const bool struck = std::any_of(followers_.begin(), followers_.end(), [&](const Member& member) {
    return of_this(member) && able(member) && !member.destroyed.empty();
  });
  const auto all = std::count_if(followers_.begin(), followers_.end(), of_this);
  const auto left = std::count_if(followers_.begin(), followers_.end(), fit);
  const auto needed = all - static_cast<std::int64_t>(quorum_) + 1;
  if (!struck || left >= needed) return {};
  return fmt::format("{} of {} followers hold a log that counts, and a leader needs {} to begin ({})", left, all,
                     needed, witnesses(followers_, record.db));
}

std::vector<std::string> LivenessChecker::missing(const RunEnded& record) const {
  std::vector<std::string> texts;
  for (const Reason& waiter : waiters_)
    if (waiter.db == record.db) texts.push_back(waiter.text);
  for (const Member& replica : replicas_) {
    if (replica.db != record.db || !able(replica) || replica.reached == record.confirmed) continue;
    texts.push_back(fmt::format("replica {} shows {}, but {} is confirmed", node_name(replica.node),
                                show(replica.reached), show(record.confirmed)));
  }
  for (const Member& follower : followers_) {
    if (follower.db != record.db || !able(follower)) continue;
    if (follower.durable.key() < record.confirmed.key())
      texts.push_back(fmt::format("follower {} holds the log up to {}, but {} is confirmed", node_name(follower.node),
                                  show(follower.durable), show(record.confirmed)));
    else if (follower.reached != record.confirmed)
      texts.push_back(fmt::format("follower {} was told that {} is confirmed, but {} is", node_name(follower.node),
                                  show(follower.reached), show(record.confirmed)));
  }
  if (record.committed != record.confirmed)
    texts.push_back(fmt::format("the primary committed {}, but only {} is confirmed", show(record.committed),
                                show(record.confirmed)));
  if (record.pending_operations > 0)
    texts.push_back(fmt::format("{} client operations have no outcome, the oldest since {:.9f} s",
                                record.pending_operations, seconds(record.oldest_pending_since_ns)));
  return texts;
}

void LivenessChecker::on(const RunEnded& record) {
  ended_ = true;
  observations_ += 2 + replicas_.size() + followers_.size();
  const std::vector<std::string> texts = missing(record);
  if (!texts.empty()) {
    const std::string excess = excess_of(record);
    const std::string excuse = excess.empty()
                                   ? excuse_of(record.db)
                                   : fmt::format("budget exceeded: {} writes lost; {}", record.writes_lost, excess);
    const std::string more = texts.size() == 1 ? "" : fmt::format("; and {} more", texts.size() - 1);
    const std::string when =
        fmt::format("At {:.9f} s, the end of the run: {}{}.", seconds(record.at_ns), texts[0], more);
    if (excuse.empty() && witness_.empty()) witness_ = when;
    if (!excess.empty()) exceeded_ += (exceeded_.empty() ? "" : "\n") + excess;
    if (!excuse.empty()) excuses_ += fmt::format("{}{} Excused: {}.", excuses_.empty() ? "" : "\n", when, excuse);
  }
  const auto of_this_database = [&](const auto& one) { return one.db == record.db; };
  std::erase_if(replicas_, of_this_database);
  std::erase_if(followers_, of_this_database);
  std::erase_if(hosts_, of_this_database);
  std::erase_if(disabled_, of_this_database);
  std::erase_if(waiters_, of_this_database);
}

Verdict LivenessChecker::finish() {
  Verdict verdict{"LIVE", Validity::kValid, excuses_, observations_, true};
  if (!ended_) {
    verdict.validity = Validity::kUnknown;
    verdict.witness = "the run did not report its end";
  }
  if (!exceeded_.empty() && loss_is_unknown_) verdict.validity = Validity::kUnknown;
  if (!waiters_.empty() && witness_.empty()) witness_ = waiters_.front().text;
  if (!witness_.empty()) verdict.validity = Validity::kInvalid, verdict.witness = witness_;
  return verdict;
}

}  // namespace tidemark::checkers
