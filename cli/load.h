// Loading a scenario for a command: by file or shipped name, with --set overrides.
#pragma once

#include <string>
#include <vector>

#include "scenarios/scenario.h"

namespace tidemark::cli {

/// Finds and loads a scenario; throws UsageError with all messages.
scenarios::Scenario load_or_throw(const std::string& name, const std::vector<std::string>& sets);

}  // namespace tidemark::cli
