// What the faults of a run did, and how well its databases could be used meanwhile: parts of the report of a run.
//
// Times are virtual seconds since the beginning of the run, its setup included, as in the trace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/json_writer.h"

namespace tidemark::reports {

/// What became of one fault of the plan.
struct FaultOutcome {
  std::uint64_t id = 0;
  std::string kind;                  // "P1"
  std::string name;                  // "kill"
  std::vector<std::string> targets;  // who was hit; as planned when it never began
  std::string status;                // "ended", "active", "waiting", "never began"
  std::optional<double> start;       // nothing when it never began
  std::optional<double> end;         // nothing when it lasts
  std::uint64_t effects = 0;         // events, operations, messages, processes that it changed
  bool overlapped = false;
  /// What the protocol did at each process that was hit, when it was hit.
  struct Hit {
    std::string node;
    std::string role;   // "primary", "follower", ...
    std::string phase;  // "serving", ...; "" when the process has none
  };
  std::vector<Hit> hits;

  bool struck() const { return start.has_value(); }
  bool without_effect() const { return struck() && effects == 0; }
  /// "fault 3 (P1 kill) of shop/follower-1, shop/follower-2".
  std::string title() const;
};

/// From ground truth; times add up over the databases. Meanings: docs/faults.md, "Figures of a run".
struct AvailabilityFigures {
  double without_primary = 0;
  double longest_without_primary = 0;
  double longest_wait = 0;
  std::uint64_t unknown_outcomes = 0;
  bool judged = false;  // the rest is known
  std::uint64_t takeovers = 0;
  std::uint64_t restores = 0;
  std::uint64_t entries_confirmed = 0;
  std::uint64_t confirmed_lost = 0;
  std::uint64_t unconfirmed_dropped = 0;
};

struct FaultFigures {
  std::vector<FaultOutcome> faults;  // in the order of the plan
  std::uint64_t left_out = 0;        // drawn, but without room in the budget
  AvailabilityFigures availability;
  std::string budget_exceeded;  // "budget exceeded: 7 writes lost; ..."; empty: it was not

  std::uint64_t struck() const;
  std::uint64_t without_effect() const;
};

/// Lines for a run with faults: how many struck, those without effect by name, the figures. Empty without faults.
std::string faults_text(const FaultFigures& figures);
/// The members "faults", "faults_left_out", "budget_exceeded" and "availability".
void add_fault_members(JsonWriter& json, const FaultFigures& figures);

}  // namespace tidemark::reports
