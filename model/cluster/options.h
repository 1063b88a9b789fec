// What a cluster is made of. Filled by the scenario loader; constant during a run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/types/bugs.h"
#include "model/types/options.h"
#include "sim/core/time.h"
#include "sim/disk/options.h"
#include "sim/net/options.h"

namespace tidemark::model {

/// Which copies of a database serve reads besides the primary.
enum class ReplicaPlacement : std::uint8_t {
  kOnePerRegion,  // D1: one in each of its regions, at a host drawn uniformly (stream "<database>/replica-<region>",
                  // "site")
  kAllHosts,      // one at every host site
  kExplicit,      // DatabaseSpec::replica_sites
};

enum class FollowerPlacement : std::uint8_t {
  kMetro,         // distinct data centres of the primary's metro: "IAD/1" to "IAD/5"
  kNearestHosts,  // the host sites nearest to the primary, its own excluded
};

struct DatabaseSpec {
  std::string name = "db-a";
  std::string primary_site = "IAD";
  ReplicaPlacement placement = ReplicaPlacement::kOnePerRegion;
  /// kExplicit: one replica each; names as in sites.csv ("FRA", "FRA/2"). A site may appear once.
  std::vector<std::string> replica_sites;
  /// Further replicas that no request is routed to. They replicate like the others.
  std::vector<std::string> idle_replica_sites;
  /// Single-row inserts per second by a process beside the primary (0 = none): see model/client/write_load.h.
  double write_load_per_second = 0;
};

struct ClusterOptions {
  std::uint64_t seed = 1;
  /// Day since 1970 at which virtual time starts (20'000 = 2024-10-04). Part of every bookmark.
  std::uint32_t start_day = 20'000;
  std::vector<DatabaseSpec> databases = {DatabaseSpec{}};
  FollowerPlacement followers = FollowerPlacement::kMetro;
  /// The last replica of every database boots this long after the clients have started, while writes go on; the others
  /// boot during setup(). Zero: all during setup().
  sim::Duration late_boot = sim::Duration::seconds(2);
  /// Site of the object store's bucket; empty = the primary's site of the first database.
  std::string cold_site;
  /// Between a client and the PoP it is on, one way, besides the network: the last mile. Ours.
  sim::Duration access_latency = sim::Duration::milliseconds(5);
  /// Order of events at one instant: permuted by the seed instead of first in, first out.
  bool permute_ties = false;
  /// Processes that only a fault brings in are there as well: second lives (P11) and replicas to be added (M2).
  bool reserves = false;
  RelayOptions relay;
  ControlOptions control;
  DatabaseOptions database;
  WorkerOptions worker;
  WorkloadOptions workload;  // clients = 0: no clients
  sim::NetworkOptions network;
  sim::DiskOptions disk;
  sim::ObjectStoreOptions object_store;
  BugSet bugs;

  /// "databases[0].primary_site: unknown site XYZ": the first thing that is wrong; empty when all is well. The
  /// cluster's constructor asserts that it is empty.
  std::string problem() const;
};

}  // namespace tidemark::model
