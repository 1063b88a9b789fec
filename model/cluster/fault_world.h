// ClusterFaultWorld: the cluster as the nemesis sees it (sim/nemesis/fault_world.h). Owned by whoever owns the cluster,
// which must outlive it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/cluster/client_faults.h"
#include "model/cluster/cluster.h"
#include "model/srs/page_table.h"
#include "sim/nemesis/fault_world.h"

namespace tidemark::model {

class ClusterFaultWorld final : public sim::FaultWorld {
 public:
  explicit ClusterFaultWorld(Cluster& cluster);
  /// The databases are set up: nothing goes back to before now.
  void begin();

  const sim::Topology& topology() const override { return topology_; }
  sim::Scheduler& scheduler() override { return cluster_.scheduler(); }
  sim::StreamRegistry& streams() override { return cluster_.streams(); }
  sim::Network& network() override { return cluster_.network(); }
  sim::Process& process(ProcessId id) override { return cluster_.process(id); }
  sim::Disk* disk(ProcessId id) override { return cluster_.disk(id); }
  sim::NodeClock* clock(ProcessId id) override { return &cluster_.clock(id); }
  sim::SimObjectStore* object_store() override { return &cluster_.object_store(); }
  sim::Buggify* buggify() override { return &cluster_.buggify(); }
  ProcessId primary(std::string_view database) const override;
  std::string phase_of(ProcessId id) const override;
  sim::PayloadTypes relay_types() const override;
  sim::PayloadTypes payload_types(std::string_view name) const override;

  void start(ProcessId id) override;
  Count stop_gracefully(ProcessId id) override;
  Count restart_elsewhere(ProcessId id, sim::RandomStream& random) override;
  Count double_start(ProcessId id, bool begin) override;
  Count lose_wal_index(ProcessId id) override;
  void retire(ProcessId id) override;
  Count ties_permuted() const override { return cluster_.options().permute_ties ? 1 : 0; }
  /// A planned hand-over to the next host.
  Count hand_over(std::string_view database) override;
  Count migrate_primary(std::string_view database, ProcessId host) override;
  Count evict(std::string_view database) override;
  Count replace_follower(std::string_view database, ProcessId follower) override;
  Count add_replica(std::string_view database, sim::RandomStream& random) override;
  Count remove_replica(ProcessId id) override;
  /// It is as it was when the faults of the run began: the tables that its application makes, and nothing in them.
  Count recreate(std::string_view database) override;
  Count maintain(ProcessId id, std::string_view operation) override;
  Count neighbour_objects(sim::RandomStream& random, bool appear) override;
  /// An administrator at the host that serves, who does not wait for the answer: to the state `back` before now, by the
  /// host's clock, but not to before the faults of the run began; with `undo` two seconds later to the bookmark before.
  /// 0: nobody serves, another restore is under way, or the scenario keeps no history.
  Count restore(std::string_view database, sim::Duration back, bool undo) override;
  /// Routes of the process's database freeze for everybody.
  Count stale_route(ProcessId id, bool begin) override;
  Count client_fault(const ClientFault& fault) override { return strike_client(cluster_, fault); }
  Count client_effects(const sim::Fault& fault, ProcessId client) const override {
    return model::client_effects(cluster_, fault, client);
  }

 private:
  /// The number of the database of this name; asserts that there is one.
  std::uint32_t number_of(std::string_view database) const;
  control::DatabaseControl* running_control(std::string_view database);
  HostNode* running_host(std::string_view database);

  Cluster& cluster_;
  sim::Topology topology_;
  sim::Instant begin_;
  std::map<ProcessId, std::uint32_t> second_lives_;  // by the first life: how many faults want one
  std::vector<std::string> neighbour_keys_;
  std::vector<srs::PageTable> fresh_;  // by database
};

}  // namespace tidemark::model
