// LivenessChecker: what must have happened by the end of the quiet phase of a run (no load, no faults).
//
// LIVE: every live replica shows the confirmed position and every live follower knows it, everything the primary
// committed is confirmed, nobody waits any more, and every client operation has an outcome. A violation is a liveness
// violation (exit code 3).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checkers/history/verdict.h"
#include "checkers/replication/ground_truth.h"

namespace tidemark::checkers {

class LivenessChecker {
 public:
  explicit LivenessChecker(std::vector<std::string> node_names = {}) : node_names_(std::move(node_names)) {}

  void on(const ReplicaEnded& record);
  void on(const FollowerEnded& record);
  void on(const WaiterLeft& record);
  void on(const RunEnded& record);

  /// One verdict "LIVE". Unknown when no RunEnded was fed.
  Verdict finish();

 private:
  struct Member {
    DatabaseIndex db;
    NodeIndex node;
    Position reached;  // replicas: visible; followers: what they know to be confirmed
  };

  void violate(std::int64_t at_ns, const std::string& text);
  std::string node_name(NodeIndex node) const;

  std::vector<std::string> node_names_;
  std::vector<Member> replicas_;  // reported since the last RunEnded
  std::vector<Member> followers_;
  std::uint64_t observations_ = 0;
  bool ended_ = false;
  std::string witness_;
};

}  // namespace tidemark::checkers
