// One run for a command: what the user can mend becomes a message instead of a defect.
#pragma once

#include <string>
#include <vector>

#include "scenarios/run/runner.h"

namespace tidemark::cli {

/// run_scenario(). Throws UsageError when the scenario or the plan cannot be carried out, or when the history or a
/// database cannot be written.
scenarios::RunResult simulate(const scenarios::RunRequest& request);

/// Site codes of the cities of its clients, by their number.
std::vector<std::string> client_cities(const scenarios::RunResult& result);

/// Says what is not valid, for a report that is made all the same.
void warn_of(const checkers::Verdict& verdict);

}  // namespace tidemark::cli
