#include "explain/needs.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidemark::explain {

std::string describe(const std::optional<Outcome>& outcome) {
  if (!outcome) return "not tried";
  switch (outcome->ending) {
    case Ending::kSame:
      return outcome->at ? "the same at " + to_text(*outcome->at) : "the same";
    case Ending::kOther:
      return "another failure: " + outcome->what;
    case Ending::kNone:
      return "no failure";
    case Ending::kImpossible:
      return "not possible";
    case Ending::kDefect:
      return "the program crashed";
  }
  return "";
}

std::string FaultNeed::verdict(std::optional<sim::Instant> at) const {
  if (too_late) return "begins after it";
  if (!without) return "not tried";
  if (needed()) return "needed";
  if (without->ending != Ending::kSame) return "cannot be left out";
  if (!at || !without->at || *without->at == *at) return "irrelevant";
  return *without->at > *at ? "makes it earlier" : "makes it later";
}

Needs find_needs(Trials& trials, const sim::FaultPlan& plan, const std::vector<sim::FaultReport>& reports,
                 sim::Duration delta) {
  Needs needs;
  needs.moved_by = delta;
  std::vector<std::size_t> tried;  // places in the plan
  for (std::size_t i = 0; i < plan.faults.size(); ++i) {
    const sim::Fault& fault = plan.faults[i];
    FaultNeed& need = needs.faults.emplace_back();
    need.id = fault.id;
    need.title = fault.title();
    need.targets = fault.targets;
    need.start = to_text(fault.start);
    need.too_late = std::any_of(reports.begin(), reports.end(), [&](const sim::FaultReport& report) {
      return report.id == fault.id && !report.struck();
    });
    if (!need.too_late) tried.push_back(i);
  }
  // What matters most comes first: the trials may not suffice.
  std::vector<Change> changes(1);
  changes[0].no_faults = true;
  for (const std::size_t place : tried) changes.emplace_back().without = place;
  for (const sim::Duration by : {sim::Duration{} - delta, delta}) {
    for (const std::size_t place : tried) {
      Change& change = changes.emplace_back();
      change.moved = place;
      change.by = by;
    }
  }
  const std::vector<std::optional<Outcome>> outcomes = trials.run(changes);
  needs.no_faults = outcomes[0];
  for (std::size_t i = 0; i < tried.size(); ++i) {
    FaultNeed& need = needs.faults[tried[i]];
    need.without = outcomes[1 + i];
    need.earlier = outcomes[1 + tried.size() + i];
    need.later = outcomes[1 + 2 * tried.size() + i];
  }
  needs.complete = outcomes.back().has_value();
  return needs;
}

}  // namespace tidemark::explain
