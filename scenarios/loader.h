// Loader: text of a scenario file -> Scenario, or messages with file:line:column.
//
// Strict: an unknown table or key, a wrong type, a missing or wrong unit, a value out of range, a duplicate, or keys
// that contradict each other are errors, each with its place, a cause and, for slips, a suggestion. All errors of a
// file are reported, not only the first (up to Diagnostics::kLimit).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/diagnostics.h"
#include "scenarios/scenario.h"

namespace tidemark::scenarios {

struct LoadResult {
  Scenario scenario;  // meaningful only when ok()
  Diagnostics diagnostics;
  bool ok() const { return diagnostics.empty(); }
};

/// `file` stands for the text in messages. `overrides` are "key=value" as given to --set, applied after the file in
/// their order: "relay.quorum=4", "net.loss_ratio=2 %", "bugs=F1", "database.main.primary=DFW" (or database[0]...).
LoadResult load_scenario(std::string_view text, const std::string& file,
                         const std::vector<std::string>& overrides = {});

/// The complete file: every key with its value and unit, and its meaning as a comment. Loading it gives the same
/// scenario.
std::string resolved_toml(const Scenario& scenario);

}  // namespace tidemark::scenarios
