// The scenario files that are part of the program, and how a scenario is found.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::scenarios {

struct ShippedScenario {
  std::string_view name;  // "smoke/orders"
  std::string_view text;
};

/// Sorted by name. The text is that of the source tree when the program was built.
const std::vector<ShippedScenario>& shipped_scenarios();

struct ScenarioText {
  std::string file;  // as messages name it
  std::string text;
};

/// A file of this name if there is one, else the shipped scenario: "smoke/orders", "smoke/orders.toml",
/// "scenarios/smoke/orders.toml". Nothing, with a message in `error`, when there is neither, or it cannot be read.
std::optional<ScenarioText> find_scenario(const std::string& name, std::string& error);

}  // namespace tidemark::scenarios
