// LivenessChecker: what must have happened by the end of the quiet phase of a run (no load, no faults any more).
//
// LIVE: every replica that runs shows the confirmed position, every follower of the set that runs holds it and knows it
// to be confirmed, everything that the newest leader committed is confirmed, nobody waits any more, and every client
// operation has an outcome. A violation is a liveness violation (exit code 3).
//
// Unless ground truth proves an excuse. A database is excused as a whole when
//   - fewer than `quorum` followers of its set can take part: nothing more can be confirmed, and a successor cannot
//   learn
//     what was (facts: a quorum of 3 of 5), or
//   - no process that could lead it can take part, or
//   - nobody leads it, and faults beyond the budget have left too few logs to begin with: of n followers n - quorum + 1
//     must run and be members, one that is no member without a fault that proves why counts as if it were, or
//   - confirmed entries were lost beyond the fault budget (excuse()).
// One that does not run, or that is disabled for a reason outside the protocol, is excused by itself. The verdict is
// valid then, and its text names what is missing, the excuse, and who bears witness to it. An excuse of the third kind
// makes it unknown instead, if that is asked for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checkers/history/verdict.h"
#include "checkers/replication/ground_truth.h"

namespace tidemark::checkers {

class LivenessChecker {
 public:
  explicit LivenessChecker(std::vector<std::string> node_names = {}, std::uint32_t quorum = 3,
                           bool loss_is_unknown = false)
      : node_names_(std::move(node_names)), quorum_(quorum), loss_is_unknown_(loss_is_unknown) {}

  void on(const ReplicaEnded& record);
  void on(const FollowerEnded& record);
  void on(const HostEnded& record);
  void on(const NodeDisabled& record);
  void on(const WaiterLeft& record);
  /// Judges the database: after all other records of it.
  void on(const RunEnded& record);

  /// Excuses whatever is missing in the database, for a reason that another checker has proved. Before its RunEnded.
  void excuse(DatabaseIndex db, const std::string& reason);
  /// Something was missing, and all of it was excused.
  bool excused() const { return witness_.empty() && !excuses_.empty(); }
  /// A line for each database whose logs were destroyed beyond the budget: how many are left, and who bears witness.
  const std::string& budget_exceeded() const { return exceeded_; }
  /// One verdict "LIVE". Unknown when no RunEnded was fed.
  Verdict finish();

 private:
  struct Member {
    DatabaseIndex db;
    NodeIndex node;
    bool alive;
    Position reached;  // replicas: visible; followers: what they know to be confirmed
    Position durable;  // followers
    bool counts = true;
    std::string destroyed;  // why it does not count
  };
  struct Disabled {
    DatabaseIndex db;
    NodeIndex node;
    std::string why;
  };
  struct Reason {
    DatabaseIndex db;
    std::string text;
  };

  const Disabled* disabled(DatabaseIndex db, NodeIndex node) const;
  bool able(const Member& member) const { return member.alive && disabled(member.db, member.node) == nullptr; }
  std::string witnesses(const std::vector<Member>& members, DatabaseIndex db) const;
  std::string excuse_of(DatabaseIndex db) const;
  std::string excess_of(const RunEnded& record) const;
  std::vector<std::string> missing(const RunEnded& record) const;
  std::string node_name(NodeIndex node) const;

  std::vector<std::string> node_names_;
  std::uint32_t quorum_;
  bool loss_is_unknown_;
  std::vector<Member> replicas_;  // reported since the last RunEnded
  std::vector<Member> followers_;
  std::vector<Member> hosts_;
  std::vector<Disabled> disabled_;
  std::vector<Reason> waiters_;
  std::vector<Reason> reasons_;
  std::uint64_t observations_ = 0;
  bool ended_ = false;
  std::string witness_;
  std::string excuses_;
  std::string exceeded_;
};

}  // namespace tidemark::checkers
