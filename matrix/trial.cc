#include "matrix/trial.h"

#include <algorithm>
#include <stdexcept>

#include "scenarios/loader.h"
#include "scenarios/shipped.h"
#include "steer/trial.h"

namespace tidemark::matrix {

std::vector<std::string> violated_checks(const scenarios::RunResult& result) {
  std::vector<std::string> names;
  for (const checkers::Verdict& verdict : result.verdicts) {
    if (verdict.validity == checkers::Validity::kInvalid) names.push_back(verdict.name);
  }
  return names;
}

scenarios::Scenario scenario_with(std::string_view name, std::string_view bug) {
  std::string error;
  const auto found = scenarios::find_scenario(std::string(name), error);
  if (!found.has_value()) throw std::invalid_argument(error);
  scenarios::LoadResult loaded = scenarios::load_scenario(found->text, found->file, {"bugs=" + std::string(bug)});
  if (!loaded.ok()) throw std::invalid_argument(std::string(name) + " is not valid with bugs=" + std::string(bug));
  return std::move(loaded.scenario);
}

Trial try_seed(const scenarios::Scenario& scenario, std::uint64_t seed, const Judge& judge) {
  const scenarios::RunResult result = scenarios::run_scenario({scenario, seed, "", ""});
  return {judge(result), result.virtual_seconds};
}

Trial try_choice(const scenarios::Scenario& scenario, const steer::Choice& choice, steer::Reached& reached,
                 const Judge& judge) {
  const scenarios::RunResult result = steer::run_choice(scenario, choice, reached);
  return {judge(result), result.virtual_seconds};
}

std::vector<std::string> checks_of(const model::BugInfo& bug) {
  std::vector<std::string> names;
  const std::string_view all = bug.caught_by;
  for (std::size_t begin = 0; begin <= all.size();) {
    const std::size_t end = std::min(all.find(',', begin), all.size());
    if (end > begin) names.emplace_back(all.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

std::string killer_of(const Target& target, const std::vector<std::string>& violated) {
  if (!target.directed) return violated.empty() ? "" : violated.front();
  const std::vector<std::string> named = checks_of(*target.bug);
  const auto found = std::find_if(violated.begin(), violated.end(), [&](const std::string& check) {
    return std::find(named.begin(), named.end(), check) != named.end();
  });
  return found == violated.end() ? "" : *found;
}

}  // namespace tidemark::matrix
