#include "shrink/minimal_toml.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "scenarios/fault_table.h"
#include "scenarios/operation_table.h"
#include "scenarios/registry.h"
#include "scenarios/sql_table.h"
#include "sim/net/site.h"

namespace tidemark::shrink {
namespace {

using scenarios::DatabaseSpec;
using scenarios::Key;
using scenarios::Scenario;

std::string key_lines(const Scenario& scenario, const std::string& table, std::size_t element) {
  std::string text;
  for (const Key& key : scenarios::keys()) {
    if (key.table != table) continue;
    const scenarios::KeyValue value = key.get(scenario, element);
    if (key.required || value != key.get(scenarios::default_scenario(), 0))
      text += key.name + " = " + value_text(key, value) + "\n";
  }
  return text;
}

/// Sites of the replicas as far as the scenario names them.
std::size_t replicas_of(const DatabaseSpec& database, std::set<std::string>& regions) {
  const sim::SiteTable& sites = sim::SiteTable::shipped();
  const auto add = [&](const std::string& name) {
    const auto site = sites.find(name);
    if (site) regions.insert(sites.site(*site).region);
    return site.has_value();
  };
  add(database.primary);
  std::size_t count = 0;
  for (const std::vector<std::string>* names : {&database.replicas, &database.idle_replicas})
    for (const std::string& name : *names) count += add(name) ? 1 : 0;
  if (database.replicas == std::vector<std::string>{DatabaseSpec::kHosts}) count += sites.hosts().size() - 1;
  if (database.replicas == std::vector<std::string>{DatabaseSpec::kOnePerRegion}) count += sites.regions().size() - 1;
  return count;
}

}  // namespace

std::string minimal_toml(const Scenario& scenario) {
  std::string text = key_lines(scenario, "", 0);
  for (const scenarios::TableInfo& table : scenarios::tables()) {
    if (table.name.empty() || table.name == "fault" || table.name == "operation") continue;
    if (table.name == "sql" && scenario.workload.sql != nullptr)
      text += "\n" + scenarios::sql_toml(*scenario.workload.sql);
    if (table.name == "sql" || table.name == "statement" || table.name == "assertion") continue;
    const std::size_t elements = table.repeated ? scenario.databases.size() : 1;
    for (std::size_t i = 0; i < elements; ++i) {
      const std::string lines = key_lines(scenario, table.name, i);
      if (lines.empty() && !table.repeated) continue;
      text += (text.empty() ? "" : "\n") + (table.repeated ? "[[" + table.name + "]]\n" : "[" + table.name + "]\n");
      text += lines;
    }
  }
  for (const sim::FaultRequest& fault : scenario.faults) text += "\n[[fault]]\n" + scenarios::fault_toml(fault);
  for (const model::ScriptedOperation& operation : scenario.workload.script)
    text += "\n[[operation]]\n" + scenarios::operation_toml(operation);
  return text;
}

Sizes sizes_of(const Scenario& scenario) {
  Sizes sizes;
  std::set<std::string> regions;
  const sim::SiteTable& sites = sim::SiteTable::shipped();
  sizes.faults = scenario.faults.size();
  for (const model::ScriptedOperation& operation : scenario.workload.script)
    sizes.operations += operation.together ? operation.steps.size() : 1;
  sizes.clients = scenario.workload.clients;
  for (const DatabaseSpec& database : scenario.databases) sizes.replicas += replicas_of(database, regions);
  const std::vector<std::string>& cities = scenario.workload.cities;
  for (std::size_t i = 0; i < std::min(cities.size(), sizes.clients); ++i)
    if (const auto site = sites.find(cities[i])) regions.insert(sites.site(*site).region);
  sizes.regions = cities.empty() && sizes.clients > 0 ? sites.regions().size() : regions.size();
  sizes.seconds = scenario.duration.s() + (scenario.has_faults() ? scenario.fault_options.healed_load.s() : 0);
  const std::string text = minimal_toml(scenario);
  sizes.lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  return sizes;
}

}  // namespace tidemark::shrink
