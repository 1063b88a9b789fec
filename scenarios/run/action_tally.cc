#include "scenarios/run/action_tally.h"

#include <algorithm>

namespace tidemark::scenarios {

ActionTally::ActionTally(const std::vector<model::ActionShape>& actions) {
  for (const model::ActionShape& action : actions) counts_.emplace_back().name = action.name;
}

void ActionTally::ended(const model::EndedAction& action) {
  auto found = std::find_if(counts_.begin(), counts_.end(),
                            [&](const ActionCount& count) { return count.name == action.action.name; });
  if (found == counts_.end()) {
    found = counts_.emplace(counts_.end());
    found->name = action.action.name;
  }
  if (action.outcome == model::ActionOutcome::kOk) {
    ++found->ok;
    return;
  }
  ++(action.outcome == model::ActionOutcome::kFail ? found->failed : found->unknown);
  if (found->error.empty()) found->error = action.error;
}

}  // namespace tidemark::scenarios
