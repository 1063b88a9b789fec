// One run for a command: what the user can mend becomes a message instead of a defect.
#pragma once

#include "scenarios/run/runner.h"

namespace tidemark::cli {

/// run_scenario(). Throws UsageError when the scenario or the plan cannot be carried out, or when the history or a
/// database cannot be written.
scenarios::RunResult simulate(const scenarios::RunRequest& request);

}  // namespace tidemark::cli
