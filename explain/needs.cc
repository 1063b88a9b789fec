#include "explain/needs.h"

#include <fmt/format.h>

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
  if (!without) return "not tried";
  if (needed()) return "needed";
  if (without->ending != Ending::kSame) return "cannot be left out";
  if (!at || !without->at || *without->at == *at) return "irrelevant";
  return *without->at > *at ? "makes it earlier" : "makes it later";
}

Needs find_needs(Trials& trials, const sim::FaultPlan& plan, sim::Duration delta) {
  Needs needs;
  needs.moved_by = delta;
  std::vector<Change> changes(1);
  changes[0].no_faults = true;
  const std::size_t count = plan.faults.size();
  // What matters most comes first: the trials may not suffice.
  for (std::size_t i = 0; i < count; ++i) changes.emplace_back().without = i;
  for (const sim::Duration by : {sim::Duration{} - delta, delta}) {
    for (std::size_t i = 0; i < count; ++i) {
      Change& change = changes.emplace_back();
      change.moved = i;
      change.by = by;
    }
  }
  const std::vector<std::optional<Outcome>> outcomes = trials.run(changes);
  needs.no_faults = outcomes[0];
  for (std::size_t i = 0; i < count; ++i) {
    const sim::Fault& fault = plan.faults[i];
    needs.faults.push_back({fault.id, fault.title(), fault.targets, to_text(fault.start), outcomes[1 + i],
                            outcomes[1 + count + i], outcomes[1 + 2 * count + i]});
  }
  return needs;
}

}  // namespace tidemark::explain
