// Scenario: everything that decides a run besides its seed. Read from a file by loader.h; every field is a key of the
// registry (registry.h), which also holds its unit, range, meaning and source.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/types/bugs.h"
#include "model/types/options.h"
#include "sim/core/time.h"
#include "sim/disk/options.h"
#include "sim/nemesis/draw.h"
#include "sim/net/options.h"

namespace tidemark::scenarios {

/// One [[database]] table.
struct DatabaseSpec {
  static constexpr const char* kHosts = "hosts";
  static constexpr const char* kOnePerRegion = "one-per-region";

  std::string name = "main";
  std::string primary = "IAD";  // a host site
  /// Host sites, one replica each; or one word alone: kHosts (every host site but the primary's) or kOnePerRegion (as
  /// D1 does; the site in each region is drawn from the seed).
  std::vector<std::string> replicas = {kOnePerRegion};
  /// Further replicas that no request is routed to.
  std::vector<std::string> idle_replicas;
  /// Single-row inserts per second beside the primary, besides what the clients do; 0 = none.
  double write_load_per_second = 0;
};

enum class FollowerSites : std::uint8_t { kMetro, kNearestHosts };

/// What belongs to the whole cluster.
struct ClusterSpec {
  std::uint32_t start_day = 20'000;
  FollowerSites follower_sites = FollowerSites::kMetro;
  sim::Duration late_boot = sim::Duration::seconds(2);
  std::string cold_site;  // empty = the first primary's
  sim::Duration access_latency = sim::Duration::milliseconds(5);
  bool permute_ties = false;
};

/// What is recorded and judged.
struct CheckOptions {
  bool consistency = true;  // sequential, bookmark-order
  bool sessions = true;     // the four session guarantees
  bool replication = true;  // the invariants of checkers/replication
  bool liveness = true;     // LIVE
  bool integrity = true;    // at the end: integrity_check, and equal content of all copies, with stock SQLite
  /// Of every n-th publication of a replica the changed pages are compared with the reference; 0 = only at the end.
  std::uint32_t page_sample_every = 16;
  bool history = true;  // write history.jsonl into the run folder
};

/// What holds for all faults of the scenario.
struct FaultOptions {
  /// The plan may exceed what the protocol promises to survive. What it destroys is then reported ("budget exceeded")
  /// and not called a bug.
  bool beyond_budget = false;
  /// A run that reports so is unknown (exit code 2) instead of valid.
  bool loss_is_unknown = false;
  /// After all faults are healed the clients go on for this long ...
  sim::Duration healed_load = sim::Duration::seconds(2);
  /// ... and then everything must converge within this.
  sim::Duration healed_limit = sim::Duration::seconds(60);
  /// The budget counts a follower whose content was destroyed as lost for this long after the fault.
  sim::Duration recovery_margin = sim::Duration::seconds(10);
};

/// What is drawn from the seed of a run (scenarios/swarm.h).
struct SwarmOptions {
  bool faults = false;    // kinds, targets, times, parameters
  bool topology = false;  // primary, replicas, standby hosts, spare followers
  bool workload = false;  // application and its shape
  bool knobs = false;     // B2: sizes, periods and timeouts are tiny, normal or huge
  /// Ids, names, or letters of families ("N" = every network fault); empty = all that can be injected.
  std::vector<std::string> kinds;
  std::vector<std::string> without;
  double kinds_in_play = 0.3;
  std::uint32_t least = 1;
  std::uint32_t most = 10;
  sim::Duration duration = sim::Duration::seconds(2);
  double on_triggers = 0.2;
  double odd_parameters = 0.5;

  bool any() const { return faults || topology || workload || knobs; }
};

struct Scenario {
  std::string name;
  std::string description;
  std::uint32_t version = 1;
  std::uint64_t seed = 1;  // used when the command line gives none
  sim::Duration duration = sim::Duration::seconds(60);
  /// The clients stop at `duration`; then everything must come to rest within this.
  sim::Duration quiet_limit = sim::Duration::seconds(60);
  /// Verdicts that must be violated: a scenario that shows a failure. The run is a success when they are.
  std::vector<std::string> expect;
  model::BugSet bugs;

  ClusterSpec cluster;
  sim::NetworkOptions net;
  sim::DiskOptions disk;
  sim::ObjectStoreOptions objects;
  model::RelayOptions relay;
  model::ControlOptions control;
  model::DatabaseOptions database_defaults;
  std::vector<DatabaseSpec> databases;
  model::WorkerOptions worker;
  model::WorkloadOptions workload;
  FaultOptions fault_options;
  std::vector<sim::FaultRequest> faults;  // one [[fault]] table each
  SwarmOptions swarm;
  CheckOptions checks;

  bool has_faults() const { return !faults.empty() || swarm.faults; }
};

/// Every name that `expect` may hold: those of the checkers and of the final comparison.
const std::vector<std::string>& verdict_names();

}  // namespace tidemark::scenarios
