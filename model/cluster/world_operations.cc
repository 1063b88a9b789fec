// ClusterFaultWorld: membership and operations.
#include <algorithm>
#include <utility>

#include "model/cluster/fault_world.h"
#include "model/cluster/host_node.h"
#include "model/control/database_control.h"

namespace tidemark::model {

sim::FaultWorld::Count ClusterFaultWorld::hand_over(std::string_view database) {
  const std::uint32_t now = primary(database);
  const std::vector<const sim::TopologyNode*> hosts = topology_.of_role(sim::kRolePrimary, database);
  const auto found = std::find_if(hosts.begin(), hosts.end(), [now](const auto* host) { return host->process == now; });
  if (found == hosts.end()) return 0;
  const auto next = std::next(found) == hosts.end() ? hosts.begin() : std::next(found);
  return migrate_primary(database, (*next)->process);
}

sim::FaultWorld::Count ClusterFaultWorld::migrate_primary(std::string_view database, ProcessId host) {
  control::DatabaseControl* const control = running_control(database);
  return control != nullptr && control->hand_over(host) ? 1 : 0;
}

sim::FaultWorld::Count ClusterFaultWorld::evict(std::string_view database) {
  control::DatabaseControl* const control = running_control(database);
  return control != nullptr && control->evict() ? 1 : 0;
}

void ClusterFaultWorld::begin() {
  begin_ = cluster_.scheduler().now();
  for (const DatabaseSpec& database : cluster_.options().databases) {
    const HostNode* const host = running_host(database.name);
    fresh_.push_back(host != nullptr && host->serving() ? host->image() : srs::PageTable());
  }
}

sim::FaultWorld::Count ClusterFaultWorld::restore(std::string_view database, sim::Duration back, bool undo) {
  if (cluster_.options().relay.cold_retention.ns() == 0) return 0;
  HostNode* const host = running_host(database);
  return host != nullptr && host->order_restore(back, begin_, undo) ? 1 : 0;
}

sim::FaultWorld::Count ClusterFaultWorld::replace_follower(std::string_view database, ProcessId follower) {
  control::DatabaseControl* const control = running_control(database);
  if (control == nullptr) return 0;
  const std::vector<std::uint32_t>& set = control->record().followers;
  const auto found = std::find(set.begin(), set.end(), follower);
  if (found == set.end()) return 0;
  return control->replace_follower(static_cast<std::uint32_t>(found - set.begin())) ? 1 : 0;
}

/// One that was removed before comes back, on a new machine, or one that was never there.
sim::FaultWorld::Count ClusterFaultWorld::add_replica(std::string_view database, sim::RandomStream& random) {
  const std::vector<std::uint32_t> absent = cluster_.absent_replicas(number_of(database));
  if (absent.empty()) return 0;
  const std::uint32_t chosen = absent[random.below(absent.size())];
  cluster_.join(chosen);
  return cluster_.takes_part(chosen) ? 1 : 0;
}

sim::FaultWorld::Count ClusterFaultWorld::remove_replica(ProcessId id) {
  if (!cluster_.takes_part(id)) return 0;
  cluster_.leave(id);
  return 1;
}

sim::FaultWorld::Count ClusterFaultWorld::recreate(std::string_view database) {
  const srs::PageTable& fresh = fresh_.at(number_of(database));
  HostNode* const host = running_host(database);
  return host != nullptr && fresh.pages() > 0 && host->order_recreate(fresh) ? 1 : 0;
}

sim::FaultWorld::Count ClusterFaultWorld::maintain(ProcessId id, std::string_view operation) {
  const sim::TopologyNode& node = *topology_.find(id);
  if (node.role == sim::kRoleReplica && operation != "vacuum")
    return cluster_.process(id).running() && cluster_.maintain(id, operation) ? 1 : 0;
  HostNode* const host = running_host(node.database);
  return host != nullptr && host->maintain(operation) ? 1 : 0;
}

/// A worker keeps its own routes to all databases; a copy stays where it was for everybody.
sim::FaultWorld::Count ClusterFaultWorld::stale_route(ProcessId id, bool begin) {
  const sim::TopologyNode& node = *topology_.find(id);
  const ProcessId asker = node.role == sim::kRoleWorker ? id : 0;
  Count stale = 0;
  for (const DatabaseSpec& database : cluster_.options().databases) {
    if (asker == 0 && database.name != node.database) continue;
    if (begin) {
      cluster_.freeze_routes(number_of(database.name), asker);
    } else {
      stale += cluster_.thaw_routes(number_of(database.name), asker);
    }
  }
  return stale;
}

/// Every database gets a neighbour, "shop" one that is called "shop2". The neighbour has as many objects, with the same
/// names behind its own; what is in them is not what such an object of ours would hold.
sim::FaultWorld::Count ClusterFaultWorld::neighbour_objects(sim::RandomStream& random, bool appear) {
  sim::SimObjectStore& store = cluster_.object_store();
  if (!appear) {
    for (const std::string& key : std::exchange(neighbour_keys_, {})) store.take_object_away(key);
    return 0;
  }
  for (const DatabaseSpec& database : cluster_.options().databases) {
    const std::vector<std::string> keys = store.keys(database.name + "/");
    for (const std::string& key : keys) {
      std::string neighbour = database.name + "2" + key.substr(database.name.size());
      if (store.peek(neighbour) != nullptr) continue;
      store.place_object(neighbour, sim::ObjectBody(*store.peek(keys[random.below(keys.size())])));
      neighbour_keys_.push_back(std::move(neighbour));
    }
  }
  return neighbour_keys_.size();
}

/// A control plane that is paused hears no administrator.
control::DatabaseControl* ClusterFaultWorld::running_control(std::string_view database) {
  const NodeInfo* const info = cluster_.find("control");
  return cluster_.process(info->process).running() ? cluster_.control(number_of(database)) : nullptr;
}

/// The host where the routes lead; nullptr while nobody could hear an administrator there.
HostNode* ClusterFaultWorld::running_host(std::string_view database) {
  const ProcessId where = cluster_.primary_host(number_of(database));
  if (where == 0 || !cluster_.process(where).running()) return nullptr;
  return cluster_.host(where);
}

}  // namespace tidemark::model
