// FaultBudget: what the protocol promises to survive, and the refusal of plans that exceed it.
//
// The promise, per database, of a plan that is not beyond_budget:
//   - at any time at most 2 followers (spares included) are dead, paused, cut off, without a working disk, wiped,
//     corrupt, or being repaired; repair counts as lasting `recovery_margin` after the end of what destroyed content;
//   - whole outages (R1, R4) may take any number of followers down: what was synced is there afterwards. They do not
//     count above, but repair does not go on during one, so it prolongs the repairs under way;
//   - a follower never forgets what it acked without being able to tell: no D21, no D24, and no loss of power
//     together with D7;
//   - a host that can run the primary may suffer anything (takeover), but one must be left for good, and one at any
//     time unless the database has a single one or the outage is a whole one;
//   - clocks of hosts and of the control plane keep bounded drift: no P7 there, C2 up to 1 %;
//   - replicas, workers and clients: anything;
//   - the object store: any outage, delay, ambiguity and harm in transfer; what it holds stays as it was put;
//   - the control plane: crash, pause, partition;
//   - copied, stale, reordered and replayed messages: between hosts, followers and replicas only.
//
// A fault with a trigger may begin at any time of the phase, so it counts for all of it. "primary@db" counts as one
// more host than those named.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "sim/nemesis/fault.h"

namespace tidemark::sim {

struct BudgetOptions {
  std::size_t lost_followers = 2;
  Duration recovery_margin = Duration::seconds(10);
  /// Parts per million that C2 may drift on hosts and the control plane.
  std::int64_t lease_drift = 10'000;
};

/// Why a plan is refused: "fault 3 (P1 kill) of db-a/follower-1, ... : 3 of 5 followers of db-a ... at 12.5 s".
struct BudgetExcess {
  std::string sentence;
  std::vector<std::uint64_t> faults;  // the instances named in it, ascending
};

class FaultBudget {
 public:
  explicit FaultBudget(BudgetOptions options = {}) : options_(options) {}

  /// Nothing when the plan is within the promise or says that it is beyond it. The plan has no other problem
  /// (problem_of).
  std::optional<BudgetExcess> check(const FaultPlan& plan, const Topology& topology) const;
  /// check() of the plan as if it did not say beyond_budget.
  std::optional<BudgetExcess> excess(const FaultPlan& plan, const Topology& topology) const;

 private:
  const BudgetOptions options_;
};

}  // namespace tidemark::sim
