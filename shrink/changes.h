// Changes: how a scenario is made smaller, one idea at a time. A change may make a scenario that is not valid or fails
// in another way: whoever proposes it to a trial finds out.
#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "scenarios/scenario.h"

namespace tidemark::shrink {

/// False: there is nothing to change.
using Change = std::function<bool(scenarios::Scenario& scenario)>;

/// A list of like things, of which any run of neighbours can be taken out.
struct Removable {
  std::function<std::size_t(const scenarios::Scenario& scenario)> count;
  std::function<void(scenarios::Scenario& scenario, std::size_t first, std::size_t count)> erase;
};

Removable faults();
Removable operations();
/// With what they do. Those behind are renumbered, wherever they are named.
Removable clients();
Removable replicas();    // of all databases, in their order; idle ones as well
Removable statements();  // of all operations; the last one of an operation takes that with it
/// The second database and those behind it.
Removable databases();

/// Of an application that is written as SQL: what clients can do and none of the operations written down does; what
/// must hold; what makes its tables.
Removable sql_statements();
Removable sql_assertions();
Removable sql_schema();

/// The load ends earlier: shorter ones first.
std::vector<Change> shorter_runs(const scenarios::Scenario& scenario);
/// All faults of one kind at once.
std::vector<Change> without_kinds(const scenarios::Scenario& scenario);
/// Two of one kind become one, which hits the places of both: as they are, then with the parameters at their defaults.
std::vector<Change> merged_faults(const scenarios::Scenario& scenario);
/// A fault that waits for the n-th of something waits for an earlier one; operations that made it wait are taken out.
std::vector<Change> earlier_triggers(const scenarios::Scenario& scenario);
/// An outage begins when its victim passes a point of the code (model/types/points.h) instead of at a time, where it
/// needs no luck, with other faults or operations taken out in exchange.
std::vector<Change> faults_at_points(const scenarios::Scenario& scenario);
/// Options back to their defaults: many at once first.
std::vector<Change> default_options(const scenarios::Scenario& scenario);
/// Of the operations only those shortly before a fault, and the last few: for faults that have to strike while
/// something is on its way.
std::vector<Change> operations_near_faults(const scenarios::Scenario& scenario);
/// Two clients become one.
std::vector<Change> merged_clients(const scenarios::Scenario& scenario);
/// No new session, no other PoP, nothing at the same time.
std::vector<Change> plainer_operations(const scenarios::Scenario& scenario);
/// Parameters at their defaults, lower ratios, shorter faults.
std::vector<Change> milder_faults(const scenarios::Scenario& scenario);
/// Less waiting between operations, and for faults.
std::vector<Change> closer_times(const scenarios::Scenario& scenario);
/// Times on a coarse grid.
std::vector<Change> rounder_times(const scenarios::Scenario& scenario);
/// Thresholds so low that few operations reach them, with a part of the operations taken out in exchange.
std::vector<Change> lower_thresholds(const scenarios::Scenario& scenario);

}  // namespace tidemark::shrink
