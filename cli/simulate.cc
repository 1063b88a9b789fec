#include "cli/simulate.h"

#include <fmt/core.h>

#include <algorithm>
#include <system_error>

#include "checkers/history/history_io.h"
#include "cli/commands.h"
#include "cli/output.h"

namespace tidemark::cli {

scenarios::RunResult simulate(const scenarios::RunRequest& request) {
  try {
    return scenarios::run_scenario(request);
  } catch (const scenarios::ScenarioError& error) {
    throw UsageError(error.what());
  } catch (const checkers::HistoryError& error) {
    throw UsageError(error.what());
  } catch (const std::system_error& error) {
    throw UsageError(error.what());
  }
}

std::vector<std::string> client_cities(const scenarios::RunResult& result) {
  std::vector<std::string> cities(std::max(result.scenario.workload.clients, 1U));
  for (const model::NodeInfo& node : result.nodes)
    if (node.role == model::NodeRole::kClient) cities.at(node.index) = node.site;
  return cities;
}

void warn_of(const checkers::Verdict& verdict) {
  if (verdict.validity == checkers::Validity::kValid) return;
  print_message(fmt::format("warning: {} is {}: {}\n", verdict.name, to_text(verdict.validity), verdict.witness));
}

}  // namespace tidemark::cli
