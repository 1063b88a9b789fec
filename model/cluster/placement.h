// Placement: where the processes of a cluster stand. Pure functions of the options, the site table and named streams.
#pragma once

#include <string>
#include <vector>

#include "model/cluster/options.h"
#include "sim/core/random.h"
#include "sim/net/latency.h"
#include "sim/net/site.h"

namespace tidemark::model {

struct PlacedReplica {
  std::string name;  // "db-a/replica-weur"
  sim::SiteId site;
  bool idle = false;
};

/// In the order of regions or sites; idle ones last. One replica per region: a draw of its own stream each.
std::vector<PlacedReplica> place_replicas(const DatabaseSpec& spec, const sim::SiteTable& sites,
                                          sim::StreamRegistry& streams);
std::vector<sim::SiteId> place_followers(FollowerPlacement placement, std::uint32_t count, sim::SiteId primary,
                                         const sim::SiteTable& sites, sim::RoundTripTable& round_trips);
/// Hosts in reserve: the host sites of other metros that are nearest to the primary.
std::vector<sim::SiteId> place_standbys(std::uint32_t count, sim::SiteId primary, const sim::SiteTable& sites,
                                        sim::RoundTripTable& round_trips);
/// Followers in reserve: data centres of the primary's metro that have none of `taken`.
std::vector<sim::SiteId> place_spares(std::uint32_t count, sim::SiteId primary, const std::vector<sim::SiteId>& taken);
/// One city per client: those of the options in turn; else the sites, taking one of each region in turn, so that few
/// clients are spread over the world too.
std::vector<sim::SiteId> place_clients(const WorkloadOptions& workload, const sim::SiteTable& sites);
/// Every metro's own colo, in the order of the table: the PoPs.
std::vector<sim::SiteId> all_colos(const sim::SiteTable& sites);

/// PoPs for a client in `city`, nearest first; `other` in the order of the table.
struct PlacedPops {
  sim::SiteId nearest;
  sim::SiteId second;
  std::vector<sim::SiteId> other;
};
PlacedPops pops_for(sim::SiteId city, const sim::SiteTable& sites, sim::RoundTripTable& round_trips);

}  // namespace tidemark::model
