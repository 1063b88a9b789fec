#include "cli/load.h"

#include "cli/commands.h"
#include "scenarios/loader.h"
#include "scenarios/shipped.h"

namespace tidemark::cli {

scenarios::Scenario load_or_throw(const std::string& name, const std::vector<std::string>& sets) {
  std::string error;
  const std::optional<scenarios::ScenarioText> found = scenarios::find_scenario(name, error);
  if (!found) throw UsageError(error);
  scenarios::LoadResult loaded = scenarios::load_scenario(found->text, found->file, sets);
  if (loaded.ok()) return std::move(loaded.scenario);
  std::string text = loaded.diagnostics.text();
  text.pop_back();  // its last line break
  throw UsageError(text);
}

}  // namespace tidemark::cli
