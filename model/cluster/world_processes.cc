// ClusterFaultWorld: lives of processes.
#include <algorithm>

#include "model/cluster/fault_world.h"
#include "model/sqlite/wal_format.h"
#include "sim/disk/disk.h"

namespace tidemark::model {

/// What was removed or lost for good stays away, whoever else held it down.
void ClusterFaultWorld::start(ProcessId id) {
  if (cluster_.takes_part(id)) cluster_.process(id).start();
}

/// Only a host that leads has something to bring in order: it hands over.
sim::FaultWorld::Count ClusterFaultWorld::stop_gracefully(ProcessId id) {
  const sim::TopologyNode& node = *topology_.find(id);
  if (node.role != sim::kRolePrimary || cluster_.primary_host(number_of(node.database)) != id) return 0;
  return hand_over(node.database);
}

/// Another machine of the same data centre: nothing of what the process had written is there.
sim::FaultWorld::Count ClusterFaultWorld::restart_elsewhere(ProcessId id, sim::RandomStream&) {
  sim::Disk& disk = *cluster_.disk(id);
  disk.power_loss();
  disk.wipe();
  return 1;
}

/// The second life runs on a machine of its own, with a copy of the disk, and presents itself to the control plane and
/// to leaders as the first one does. It is a process of its own to the network and to observers.
sim::FaultWorld::Count ClusterFaultWorld::double_start(ProcessId id, bool begin) {
  const ProcessId second = cluster_.second_life_of(id);
  if (second == 0) return 0;
  sim::Process& life = cluster_.process(second);
  std::uint32_t& wanted = second_lives_[id];
  if (begin) {
    if (wanted++ > 0 || life.state() != sim::ProcessState::kStopped) return 0;
    cluster_.disk(second)->power_loss();
    cluster_.disk(second)->restore_image(cluster_.disk(id)->take_image());
    life.start();
    return 1;
  }
  if (--wanted > 0) return 0;
  if (life.state() != sim::ProcessState::kStopped) life.crash();
  life.stay_down();
  return 0;
}

/// The wal-index is memory of the process here, so it is lost with it in any case; what is hit is each WAL that lies on
/// the disk without it.
sim::FaultWorld::Count ClusterFaultWorld::lose_wal_index(ProcessId id) {
  sim::Disk& disk = *cluster_.disk(id);
  const std::vector<std::string> names = disk.list();
  const sim::FileLayout layout = {sqlite::kWalHeaderBytes, sqlite::kFrameHeaderBytes,
                                  cluster_.options().database.page_size};
  return static_cast<Count>(std::count_if(names.begin(), names.end(), [&](const std::string& name) {
    return name.ends_with("-wal") && disk.open(name, layout).size() > sqlite::kWalHeaderBytes;
  }));
}

void ClusterFaultWorld::retire(ProcessId id) {
  cluster_.leave(id);
}

}  // namespace tidemark::model
