#include "scenarios/fault_spec.h"

#include <fmt/core.h>

#include <algorithm>

#include "sim/net/site.h"

namespace tidemark::scenarios {
namespace {

using sim::FaultKind;
using sim::FaultKindInfo;
using sim::SiteTable;

constexpr double kMillion = 1'000'000;

std::int64_t parts_per_million(double ratio) {
  return static_cast<std::int64_t>(ratio * kMillion + 0.5);
}

bool matches(const FaultKindInfo& kind, const std::string& word) {
  if (word.size() == 1) return kind.id.substr(0, 1) == word;
  const FaultKindInfo* found = sim::find_fault_kind(word);
  return found != nullptr && found->kind == kind.kind;
}

bool means_something(const std::string& word) {
  const std::vector<FaultKindInfo>& kinds = sim::fault_kinds();
  return std::any_of(kinds.begin(), kinds.end(), [&](const FaultKindInfo& kind) { return matches(kind, word); });
}

bool any_matches(const FaultKindInfo& kind, const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) { return matches(kind, word); });
}

class Builder {
 public:
  explicit Builder(const Scenario& scenario) : scenario_(scenario) {}

  sim::Topology build() {
    for (const DatabaseSpec& database : scenario_.databases) add_database(database);
    for (int metro = 0; metro < sites_.metros(); ++metro) {
      const std::string& code = sites_.site(sim::SiteId(metro)).code;
      add("worker/" + code, sim::kRoleWorker, "", 0, code);
    }
    for (std::uint32_t i = 0; i < scenario_.workload.clients; ++i)
      add(fmt::format("client-{}", i), sim::kRoleClient, "", i, city(i));
    add("control", sim::kRoleControl, "", 0, scenario_.databases.empty() ? "" : scenario_.databases.front().primary);
    return std::move(topology_);
  }

 private:
  void add(std::string name, sim::FaultRole role, const std::string& database, std::uint32_t index,
           const std::string& site) {
    sim::TopologyNode node;
    node.process = static_cast<std::uint32_t>(topology_.nodes.size() + 1);
    node.name = std::move(name);
    node.role = role;
    node.database = database;
    node.index = index;
    node.site = site;
    if (const auto found = sites_.find(site)) node.region = sites_.site(*found).region;
    topology_.nodes.push_back(std::move(node));
  }
  std::string city(std::uint32_t client) const {
    const std::vector<std::string>& cities = scenario_.workload.cities;
    return cities.empty() ? "" : cities[client % cities.size()];
  }
  void add_database(const DatabaseSpec& database) {
    add(database.name + "/primary", sim::kRolePrimary, database.name, 0, database.primary);
    const std::uint32_t followers = scenario_.relay.followers;
    for (std::uint32_t i = 0; i < followers + scenario_.control.spare_followers; ++i) {
      const bool metro = i >= followers || scenario_.cluster.follower_sites == FollowerSites::kMetro;
      const std::string site = metro ? fmt::format("{}/{}", database.primary, i + 1) : "";
      add(fmt::format("{}/follower-{}", database.name, i + 1), sim::kRoleFollower, database.name, i, site);
    }
    for (std::uint32_t i = 1; i <= scenario_.control.standby_hosts; ++i)
      add(fmt::format("{}/standby-{}", database.name, i), sim::kRolePrimary, database.name, i, "");
    add_replicas(database);
  }
  void add_replicas(const DatabaseSpec& database) {
    std::uint32_t index = 0;
    const auto replica = [&](const std::string& kind, const std::string& end, const std::string& site) {
      add(fmt::format("{}/{}-{}", database.name, kind, end), sim::kRoleReplica, database.name, index++, site);
    };
    if (database.replicas == std::vector<std::string>{DatabaseSpec::kOnePerRegion}) {
      for (const std::string& region : sites_.regions()) {
        if (sites_.hosts(region).empty()) continue;
        std::string name = region;
        for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        replica("replica", name, "");
        topology_.nodes.back().region = region;
      }
    } else if (database.replicas == std::vector<std::string>{DatabaseSpec::kHosts}) {
      for (const sim::SiteId host : sites_.hosts()) {
        if (sites_.name(host) != database.primary) replica("replica", sites_.name(host), sites_.name(host));
      }
    } else {
      for (const std::string& site : database.replicas) replica("replica", site, site);
    }
    for (const std::string& site : database.idle_replicas) replica("idle", site, site);
  }

  const Scenario& scenario_;
  const SiteTable& sites_ = SiteTable::shipped();
  sim::Topology topology_;
};

}  // namespace

const std::vector<std::string>& takeover_phases() {
  static const std::vector<std::string> kPhases = {"sealing", "loading", "copying", "serving"};
  return kPhases;
}

std::vector<FaultKind> swarm_kinds(const SwarmOptions& swarm, std::vector<std::string>& unknown) {
  for (const std::vector<std::string>* words : {&swarm.kinds, &swarm.without})
    for (const std::string& word : *words)
      if (!means_something(word)) unknown.push_back(word);
  std::vector<FaultKind> kinds;
  for (const FaultKindInfo& kind : sim::fault_kinds()) {
    const bool asked = kind.injectable() && (swarm.kinds.empty() || any_matches(kind, swarm.kinds));
    if (asked && !any_matches(kind, swarm.without)) kinds.push_back(kind.kind);
  }
  return kinds;
}

sim::FaultSpec fault_spec(const Scenario& scenario) {
  sim::FaultSpec spec;
  spec.requests = scenario.faults;
  spec.phase = scenario.duration;
  spec.beyond_budget = scenario.fault_options.beyond_budget;
  spec.budget.recovery_margin = scenario.fault_options.recovery_margin;
  const SwarmOptions& swarm = scenario.swarm;
  if (!swarm.faults) return spec;
  std::vector<std::string> unknown;
  sim::SwarmRequest request;
  request.kinds = swarm_kinds(swarm, unknown);
  std::erase_if(request.kinds, [](FaultKind kind) { return info(kind).shape == sim::FaultShape::kRun; });
  if (request.kinds.empty()) return spec;  // an empty list means all
  request.kinds_in_play = parts_per_million(swarm.kinds_in_play);
  request.least = swarm.least;
  request.most = swarm.most;
  request.duration = swarm.duration;
  request.on_triggers = parts_per_million(swarm.on_triggers);
  request.odd_parameters = parts_per_million(swarm.odd_parameters);
  request.takeover_phases = takeover_phases();
  spec.swarm = std::move(request);
  return spec;
}

sim::Topology expected_topology(const Scenario& scenario) {
  return Builder(scenario).build();
}

}  // namespace tidemark::scenarios
