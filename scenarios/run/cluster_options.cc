#include "scenarios/run/cluster_options.h"

#include "sim/net/site.h"

namespace tidemark::scenarios {
namespace {

std::vector<std::string> other_hosts(const std::string& primary) {
  const sim::SiteTable& sites = sim::SiteTable::shipped();
  std::vector<std::string> names;
  for (const sim::SiteId id : sites.hosts()) {
    if (sites.name(id) != primary) names.push_back(sites.name(id));
  }
  return names;
}

model::DatabaseSpec database_of(const DatabaseSpec& spec) {
  model::DatabaseSpec database;
  database.name = spec.name;
  database.primary_site = spec.primary;
  database.placement = model::ReplicaPlacement::kExplicit;
  database.replica_sites = spec.replicas;
  if (spec.replicas == std::vector<std::string>{DatabaseSpec::kHosts}) {
    database.replica_sites = other_hosts(spec.primary);
  } else if (spec.replicas == std::vector<std::string>{DatabaseSpec::kOnePerRegion}) {
    database.placement = model::ReplicaPlacement::kOnePerRegion;
    database.replica_sites.clear();
  }
  database.idle_replica_sites = spec.idle_replicas;
  database.write_load_per_second = spec.write_load_per_second;
  return database;
}

}  // namespace

model::ClusterOptions cluster_options(const Scenario& scenario, std::uint64_t seed) {
  model::ClusterOptions options;
  options.seed = seed;
  options.databases.clear();
  for (const DatabaseSpec& spec : scenario.databases) options.databases.push_back(database_of(spec));
  const ClusterSpec& cluster = scenario.cluster;
  options.start_day = cluster.start_day;
  options.followers = cluster.follower_sites == FollowerSites::kMetro ? model::FollowerPlacement::kMetro
                                                                      : model::FollowerPlacement::kNearestHosts;
  options.late_boot = cluster.late_boot;
  options.cold_site = cluster.cold_site;
  options.access_latency = cluster.access_latency;
  options.permute_ties = cluster.permute_ties;
  options.relay = scenario.relay;
  options.control = scenario.control;
  options.database = scenario.database_defaults;
  options.worker = scenario.worker;
  options.workload = scenario.workload;
  options.network = scenario.net;
  options.disk = scenario.disk;
  options.object_store = scenario.objects;
  options.bugs = scenario.bugs;
  return options;
}

}  // namespace tidemark::scenarios
