// The inside of Cluster. The order of members is the order of construction; everything that a process refers to comes
// before it.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "model/apps/events.h"
#include "model/client/client.h"
#include "model/client/write_load.h"
#include "model/cluster/cluster.h"
#include "model/cluster/host_node.h"
#include "model/cluster/nodes.h"
#include "model/cluster/placement.h"
#include "model/cluster/sim_directory.h"
#include "model/cluster/sim_env.h"
#include "model/control/control_plane.h"
#include "model/types/null_observer.h"
#include "model/worker/worker.h"
#include "sim/disk/object_store_sim.h"
#include "sim/net/network.h"

namespace tidemark::model {

class Cluster::Impl {
 public:
  Impl(ClusterOptions given, ClusterObservers given_observers);
  ~Impl();

  sim::RunEnd setup(sim::Duration limit);
  /// Waits, looking now and then. kIdle when `done`.
  template <typename Done>
  sim::RunEnd run_until(sim::Instant end, Done done);
  bool all_serve() const;
  bool set_up() const;
  void start_clients();
  void stop_clients();
  std::string unfinished() const;
  std::string unfinished(std::uint32_t database) const;
  ClusterStatistics statistics() const;
  void export_databases(ExportSink& sink);

  struct Node {
    std::unique_ptr<sim::Process> process;
    std::unique_ptr<SimEnv> env;
  };
  struct DatabaseNodes {
    std::uint32_t primary = 0;  // Process::id() of the home host
    std::vector<std::uint32_t> standbys;
    std::vector<std::uint32_t> followers;
    std::vector<std::uint32_t> spares;
    std::vector<std::uint32_t> replicas;  // idle ones last
    std::uint32_t late = 0;               // the replica that boots late; 0 = none
    std::uint32_t write_load = 0;         // 0 = none
    HostTally tally;
  };

  void keep_awake(bool on);
  /// Of a quiet cluster: true when no copy had to be given up.
  bool scrub();
  // Building (build.cc).
  void build();
  void build_database(std::uint32_t database);
  void build_replica(std::uint32_t database, const PlacedReplica& placed, std::uint32_t index);
  void build_workers();
  void build_clients();
  std::vector<ClientSettings::Scripted> script_of(std::uint32_t client) const;
  void build_write_load(std::uint32_t database);
  void build_setup();
  void build_control();
  void build_reserves(std::uint32_t database);
  void build_second_life(std::uint32_t first);
  void build_host(std::uint32_t database, const std::string& name, NodeRole role, sim::SiteId site);
  void build_follower(std::uint32_t database, sim::SiteId site, std::uint32_t index);
  std::vector<sim::SiteId> follower_sites(std::uint32_t database);
  std::uint32_t add_process(const std::string& name, NodeRole role, sim::SiteId site, bool storage);
  std::uint32_t worker_at(sim::SiteId site) const;
  srs::RelaySetup relay_setup(std::uint32_t database, std::uint32_t process);
  CopySetup copy_setup(std::uint32_t database, std::uint32_t process, bool idle);
  SetupClient::Step setup_step(std::uint32_t database, HttpRoute route, std::uint64_t id) const;

  sim::Process& process(std::uint32_t id) const { return *nodes[id - 1].process; }
  template <typename ProgramType>
  ProgramType* program(std::uint32_t id) const {
    return id == 0 ? nullptr : static_cast<ProgramType*>(process(id).program());
  }
  /// The host where the routes lead; nullptr while it is down or does not serve.
  HostNode* primary(std::uint32_t database) const {
    HostNode* const host = program<HostNode>(directory.primary(database));
    return host != nullptr && host->serving() ? host : nullptr;
  }

  // Constant after construction.
  const ClusterOptions options;
  const ClusterObservers observers;
  NullObserver null_observer;
  Observer& observer;
  // The world.
  sim::Scheduler scheduler;
  sim::StreamRegistry streams;
  sim::Buggify buggify{streams};
  sim::Network network;
  sim::SimObjectStore object_store;
  const sim::SiteId cold_site;
  SimDirectory directory;
  const std::shared_ptr<const Application> application;  // nullptr: the workload has no actions
  const Applications applications;
  std::vector<Node> nodes;  // by id - 1
  std::vector<NodeInfo> infos;
  std::map<std::string, std::uint32_t, std::less<>> by_name;
  std::vector<DatabaseNodes> databases;
  std::vector<control::DatabasePlaces> places;         // by database
  std::uint32_t control = 0;                           // Process::id() of the control plane
  std::map<std::uint32_t, std::uint32_t> first_lives;  // by the second one
  std::set<std::uint32_t> away;                        // processes that do not take part
  std::uint32_t first_worker = 0;                      // ids of workers follow each other in the order of metros
  std::vector<std::uint32_t> clients;
  std::vector<std::shared_ptr<ClientLedger>> ledgers;  // by client
  std::uint32_t setup_client = 0;
  // Starts the replicas that boot late.
  struct LateBoot {
    explicit LateBoot(Impl& cluster) : timer(&LateBoot::due, sim::EventKind::kProcess, nullptr), impl(cluster) {}
    static void due(sim::Timer& timer);
    sim::Timer timer;  // first member
    Impl& impl;
  };
  LateBoot late_boot;
};

}  // namespace tidemark::model
