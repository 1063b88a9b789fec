// Needs: which faults of the plan the failure needed. Each is taken out, and moved to an earlier and to a later time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "explain/trials.h"

namespace tidemark::explain {

struct FaultNeed {
  std::uint64_t id = 0;
  std::string title;  // "fault 3 (P1 kill)"
  std::vector<std::string> targets;
  std::string start;               // as planned
  std::optional<Outcome> without;  // nothing: the trials did not suffice
  std::optional<Outcome> earlier;
  std::optional<Outcome> later;
  bool too_late = false;  // it had not begun when the invariant broke: there is nothing to try

  bool needed() const { return without && (without->ending == Ending::kNone || without->ending == Ending::kOther); }
  /// "needed", "irrelevant", "makes it earlier", "makes it later", "begins after it", "not tried", "cannot be left
  /// out". `at`: when the failure happens in the run itself.
  std::string verdict(std::optional<sim::Instant> at) const;
};

struct Needs {
  std::vector<FaultNeed> faults;  // in the order of the plan
  sim::Duration moved_by;
  std::optional<Outcome> no_faults;  // all taken out at once
  bool complete = false;             // the trials sufficed
};

/// `reports`: of the run until the violation; empty when the violation shows at the end.
Needs find_needs(Trials& trials, const sim::FaultPlan& plan, const std::vector<sim::FaultReport>& reports,
                 sim::Duration delta);

/// "the same at 1.250 s", "no failure", "another failure: ...", ...
std::string describe(const std::optional<Outcome>& outcome);

}  // namespace tidemark::explain
