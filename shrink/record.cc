#include "shrink/record.h"

#include <algorithm>
#include <utility>

#include "reports/failure_class.h"
#include "shrink/minimal_toml.h"

namespace tidemark::shrink {
namespace {

using scenarios::DatabaseSpec;
using scenarios::RunResult;
using scenarios::Scenario;

constexpr std::uint64_t kLargestSeedOfAFile = (1ULL << 63) - 1024;

bool is_drawn(const sim::Fault& fault) {
  // They have decided already: what they do stands in the scenario that ran.
  return fault.kind == sim::FaultKind::kB2 || fault.kind == sim::FaultKind::kP14;
}

std::vector<sim::FaultRequest> requests_of(const sim::FaultPlan& plan) {
  std::vector<sim::FaultRequest> requests;
  for (const sim::Fault& fault : plan.faults) {
    if (is_drawn(fault)) continue;
    sim::FaultRequest request;
    request.kind = fault.kind;
    request.targets = fault.targets;
    request.start = fault.start;
    request.id = fault.id;
    if (fault.duration != sim::Duration{}) request.duration = fault.duration;
    for (std::size_t i = 0; i < fault.parameters.size(); ++i) {
      const sim::ParameterInfo& row = info(fault.kind).parameters.at(i);
      const sim::FaultParameter usual{row.name, row.fallback, row.word};
      if (!(fault.parameters[i] == usual)) request.parameters.push_back(fault.parameters[i]);
    }
    requests.push_back(std::move(request));
  }
  return requests;
}

bool is_words(const DatabaseSpec& database) {
  return database.replicas == std::vector<std::string>{DatabaseSpec::kHosts} ||
         database.replicas == std::vector<std::string>{DatabaseSpec::kOnePerRegion};
}

void rename(std::vector<sim::FaultRequest>& faults, const std::string& from, const std::string& to) {
  for (sim::FaultRequest& fault : faults) {
    if (fault.start.subject == from) fault.start.subject = to;
    for (std::string& target : fault.targets)
      for (std::size_t at = target.find(from); at != std::string::npos; at = target.find(from, at + to.size()))
        target.replace(at, from.size(), to);
  }
}

/// Words for many replicas become the sites that they stood for, by which replicas are called then.
void name_replicas(Scenario& scenario, const std::vector<model::NodeInfo>& nodes) {
  for (std::uint32_t number = 0; number < scenario.databases.size(); ++number) {
    DatabaseSpec& database = scenario.databases[number];
    if (!is_words(database)) continue;
    database.replicas.clear();
    for (const model::NodeInfo& node : nodes) {
      const bool own = node.role == model::NodeRole::kReplica && node.database == number && !node.reserve;
      const std::vector<std::string>& idle = database.idle_replicas;
      if (!own || std::find(idle.begin(), idle.end(), node.site) != idle.end()) continue;
      database.replicas.push_back(node.site);
      rename(scenario.faults, node.name, database.name + "/replica-" + node.site);
    }
  }
}

void name_cities(Scenario& scenario, const std::vector<model::NodeInfo>& nodes) {
  scenario.workload.cities.clear();
  for (const model::NodeInfo& node : nodes)
    if (node.role == model::NodeRole::kClient) scenario.workload.cities.push_back(node.site);
}

}  // namespace

Recorded record(const Scenario& scenario, std::uint64_t seed, const sim::FaultPlan* plan) {
  std::vector<model::ScriptedOperation> script;
  scenarios::RunRequest request{scenario, seed, "", "", nullptr, nullptr, plan};
  request.script = &script;
  const RunResult result = run_scenario(request);
  Recorded recorded;
  recorded.operations = result.operations;
  const auto failure = reports::failure_class(result.verdicts, scenario.expect);
  if (failure) recorded.failure = failure->text();

  Scenario concrete = result.scenario;
  concrete.seed = std::min(seed, kLargestSeedOfAFile);
  concrete.faults = requests_of(result.plan);
  concrete.swarm = {};
  concrete.fault_options.beyond_budget = result.plan.beyond_budget;
  const std::string drawn_operations = minimal_toml(concrete);
  name_cities(concrete, result.nodes);
  concrete.workload.arrival = model::Arrival::kScript;
  std::stable_sort(script.begin(), script.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  concrete.workload.script = std::move(script);
  const std::string words = minimal_toml(concrete);
  name_replicas(concrete, result.nodes);
  recorded.files = {minimal_toml(concrete)};
  if (recorded.files[0] != words) recorded.files.push_back(words);
  recorded.files.push_back(drawn_operations);
  return recorded;
}

}  // namespace tidemark::shrink
