#include "model/cluster/placement.h"

#include <algorithm>

#include "base/assert.h"

namespace tidemark::model {
namespace {

std::string lower(std::string_view text) {
  std::string result;
  for (const char c : text) result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

void place_by_region(const DatabaseSpec& spec, const sim::SiteTable& sites, sim::StreamRegistry& streams,
                     std::vector<PlacedReplica>& placed) {
  for (const std::string& region : sites.regions()) {
    const std::vector<sim::SiteId> hosts = sites.hosts(region);
    if (hosts.empty()) continue;
    const std::string name = spec.name + "/replica-" + lower(region);
    placed.push_back({name, hosts[streams.stream(name, "site").below(hosts.size())], false});
  }
}

/// Of other metros, nearest first.
std::vector<sim::SiteId> nearest_hosts(sim::SiteId primary, const sim::SiteTable& sites,
                                       sim::RoundTripTable& round_trips) {
  std::vector<sim::SiteId> hosts;
  for (const sim::SiteId host : sites.hosts()) {
    if (host.metro() != primary.metro()) hosts.push_back(host);
  }
  std::stable_sort(hosts.begin(), hosts.end(), [&](sim::SiteId a, sim::SiteId b) {
    return round_trips.one_way(primary, a) < round_trips.one_way(primary, b);
  });
  return hosts;
}

}  // namespace

std::vector<PlacedReplica> place_replicas(const DatabaseSpec& spec, const sim::SiteTable& sites,
                                          sim::StreamRegistry& streams) {
  std::vector<PlacedReplica> placed;
  if (spec.placement == ReplicaPlacement::kOnePerRegion) place_by_region(spec, sites, streams, placed);
  if (spec.placement == ReplicaPlacement::kAllHosts) {
    for (const sim::SiteId host : sites.hosts())
      placed.push_back({spec.name + "/replica-" + sites.name(host), host, false});
  }
  if (spec.placement == ReplicaPlacement::kExplicit) {
    for (const std::string& site : spec.replica_sites)
      placed.push_back({spec.name + "/replica-" + site, sites.at(site), false});
  }
  for (const std::string& site : spec.idle_replica_sites)
    placed.push_back({spec.name + "/idle-" + site, sites.at(site), true});
  return placed;
}

std::vector<sim::SiteId> place_followers(FollowerPlacement placement, std::uint32_t count, sim::SiteId primary,
                                         const sim::SiteTable& sites, sim::RoundTripTable& round_trips) {
  std::vector<sim::SiteId> placed;
  if (placement == FollowerPlacement::kMetro) {
    for (int number = 1; placed.size() < count; ++number) {
      const sim::SiteId site(primary.metro(), number);
      if (site != primary) placed.push_back(site);
    }
    return placed;
  }
  placed = nearest_hosts(primary, sites, round_trips);
  TIDEMARK_ASSERT(placed.size() >= count);
  placed.resize(count);
  return placed;
}

std::vector<sim::SiteId> place_standbys(std::uint32_t count, sim::SiteId primary, const sim::SiteTable& sites,
                                        sim::RoundTripTable& round_trips) {
  std::vector<sim::SiteId> placed = nearest_hosts(primary, sites, round_trips);
  TIDEMARK_ASSERT(placed.size() >= count);
  placed.resize(count);
  return placed;
}

std::vector<sim::SiteId> place_spares(std::uint32_t count, sim::SiteId primary, const std::vector<sim::SiteId>& taken) {
  std::vector<sim::SiteId> placed;
  for (int number = 1; placed.size() < count; ++number) {
    const sim::SiteId site(primary.metro(), number);
    if (site != primary && std::find(taken.begin(), taken.end(), site) == taken.end()) placed.push_back(site);
  }
  return placed;
}

std::vector<sim::SiteId> all_colos(const sim::SiteTable& sites) {
  std::vector<sim::SiteId> colos;
  for (int metro = 0; metro < sites.metros(); ++metro) colos.emplace_back(metro);
  return colos;
}

std::vector<sim::SiteId> place_clients(const WorkloadOptions& workload, const sim::SiteTable& sites) {
  std::vector<sim::SiteId> cities;
  for (const std::string& city : workload.cities) cities.push_back(sites.at(city));
  if (cities.empty()) {
    const std::vector<sim::SiteId> all = all_colos(sites);
    for (std::size_t round = 0; cities.size() < all.size(); ++round) {
      for (const std::string& region : sites.regions()) {
        std::size_t seen = 0;
        for (const sim::SiteId site : all) {
          if (sites.site(site).region == region && seen++ == round) cities.push_back(site);
        }
      }
    }
  }
  std::vector<sim::SiteId> placed;
  for (std::uint32_t client = 0; client < workload.clients; ++client) placed.push_back(cities[client % cities.size()]);
  return placed;
}

PlacedPops pops_for(sim::SiteId city, const sim::SiteTable& sites, sim::RoundTripTable& round_trips) {
  const sim::SiteId home(city.metro());
  std::vector<sim::SiteId> near;
  PlacedPops pops;
  for (const sim::SiteId site : all_colos(sites)) {
    if (sites.site(site).region == sites.site(home).region) {
      near.push_back(site);
    } else {
      pops.other.push_back(site);
    }
  }
  std::stable_sort(near.begin(), near.end(), [&](sim::SiteId a, sim::SiteId b) {
    return round_trips.one_way(home, a) < round_trips.one_way(home, b);
  });
  pops.nearest = near.front();
  pops.second = near.size() > 1 ? near[1] : near.front();
  return pops;
}

}  // namespace tidemark::model
