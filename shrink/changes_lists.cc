// What can be taken out.
#include <algorithm>
#include <utility>

#include "shrink/changes.h"

namespace tidemark::shrink {
namespace {

using model::ScriptedOperation;
using model::ScriptedStep;
using scenarios::DatabaseSpec;
using scenarios::Scenario;

template <typename Item>
void cut(std::vector<Item>& items, std::size_t first, std::size_t count) {
  const auto begin = items.begin() + static_cast<std::ptrdiff_t>(first);
  items.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(count, items.size() - first)));
}

constexpr const char* kClient = "client-";

void renumber(std::string& name, std::size_t first, std::size_t count) {
  if (name.rfind(kClient, 0) != 0) return;
  const std::size_t number = std::stoul(name.substr(std::string(kClient).size()));
  // A fault that names a client which is gone makes the scenario invalid, which is what it is.
  if (number >= first + count) name = kClient + std::to_string(number - count);
  if (number >= first && number < first + count) name = "client-gone";
}

void erase_clients(Scenario& scenario, std::size_t first, std::size_t count) {
  model::WorkloadOptions& load = scenario.workload;
  std::erase_if(load.script,
                [&](const ScriptedOperation& one) { return one.client >= first && one.client < first + count; });
  for (ScriptedOperation& one : load.script)
    if (one.client >= first + count) one.client -= static_cast<std::uint32_t>(count);
  if (load.cities.size() == load.clients) cut(load.cities, first, count);
  load.clients -= static_cast<std::uint32_t>(count);
  for (sim::FaultRequest& fault : scenario.faults) {
    for (std::string& target : fault.targets) renumber(target, first, count);
    renumber(fault.start.subject, first, count);
  }
}

bool is_word(const DatabaseSpec& database) {
  return database.replicas == std::vector<std::string>{DatabaseSpec::kHosts} ||
         database.replicas == std::vector<std::string>{DatabaseSpec::kOnePerRegion};
}

/// The lists of replicas in the order of the databases.
std::vector<std::vector<std::string>*> replica_lists(Scenario& scenario) {
  std::vector<std::vector<std::string>*> lists;
  for (DatabaseSpec& database : scenario.databases) {
    if (!is_word(database)) lists.push_back(&database.replicas);
    lists.push_back(&database.idle_replicas);
  }
  return lists;
}

void erase_replicas(Scenario& scenario, std::size_t first, std::size_t count) {
  std::size_t number = 0;
  for (std::vector<std::string>* const list : replica_lists(scenario))
    std::erase_if(*list, [&](const std::string&) {
      const std::size_t here = number++;
      return here >= first && here < first + count;
    });
}

void erase_statements(Scenario& scenario, std::size_t first, std::size_t count) {
  std::size_t number = 0;
  for (ScriptedOperation& one : scenario.workload.script)
    std::erase_if(one.steps, [&](const ScriptedStep&) {
      const std::size_t here = number++;
      return here >= first && here < first + count;
    });
  for (ScriptedOperation& one : scenario.workload.script) one.together = one.together && one.steps.size() > 1;
  std::erase_if(scenario.workload.script, [](const ScriptedOperation& one) { return one.steps.empty(); });
}

}  // namespace

Removable faults() {
  return {[](const Scenario& s) { return s.faults.size(); },
          [](Scenario& s, std::size_t first, std::size_t count) {
            cut(s.faults, first, count);
            if (!s.faults.empty() || s.workload.script.empty()) return;
            // Without faults there is no healed phase: what clients do in it belongs to the load.
            s.duration += std::exchange(s.fault_options.healed_load, {});
          }};
}

Removable operations() {
  return {[](const Scenario& s) { return s.workload.script.size(); },
          [](Scenario& s, std::size_t first, std::size_t count) { cut(s.workload.script, first, count); }};
}

Removable clients() {
  // The last one stays: without clients there is no load.
  return {[](const Scenario& s) { return static_cast<std::size_t>(s.workload.clients); }, erase_clients};
}

Removable replicas() {
  return {[](const Scenario& s) {
            std::size_t count = 0;
            for (const std::vector<std::string>* const list : replica_lists(const_cast<Scenario&>(s)))
              count += list->size();
            return count;
          },
          erase_replicas};
}

Removable statements() {
  return {[](const Scenario& s) {
            std::size_t count = 0;
            for (const ScriptedOperation& one : s.workload.script) count += one.steps.size();
            return count;
          },
          erase_statements};
}

Removable databases() {
  return {[](const Scenario& s) { return s.databases.size() - 1; },
          [](Scenario& s, std::size_t first, std::size_t count) {
            // Clients take the databases in turn.
            const auto before = static_cast<std::uint32_t>(s.databases.size());
            for (std::uint32_t client = s.workload.clients; client-- > 0;) {
              const std::size_t database = client % before;
              if (database > first && database <= first + count) erase_clients(s, client, 1);
            }
            cut(s.databases, first + 1, count);
          }};
}

}  // namespace tidemark::shrink
