#include "model/cluster/fault_world.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "model/cluster/host_node.h"
#include "model/control/database_control.h"

namespace tidemark::model {
namespace {

sim::FaultRole fault_role(NodeRole role) {
  switch (role) {
    case NodeRole::kPrimary:
    case NodeRole::kHost:
      return sim::kRolePrimary;
    case NodeRole::kFollower:
      return sim::kRoleFollower;
    case NodeRole::kReplica:
      return sim::kRoleReplica;
    case NodeRole::kWorker:
      return sim::kRoleWorker;
    case NodeRole::kControl:
      return sim::kRoleControl;
    case NodeRole::kClient:
    case NodeRole::kWriteLoad:
    case NodeRole::kSetup:
      break;
  }
  return sim::kRoleClient;
}

struct NamedType {
  std::string_view name;
  MessageType type;
};

/// Of the storage relay first: what duplicates and reordering may hit.
constexpr NamedType kRelayTypes[] = {
    {"Append", MessageType::kAppend},   {"Ack", MessageType::kAck},           {"Confirm", MessageType::kConfirm},
    {"Trim", MessageType::kTrim},       {"Register", MessageType::kRegister}, {"Registered", MessageType::kRegistered},
    {"Seal", MessageType::kSeal},       {"Sealed", MessageType::kSealed},     {"Fetch", MessageType::kFetch},
    {"Fetched", MessageType::kFetched}, {"Join", MessageType::kJoin},
};
constexpr NamedType kOtherTypes[] = {
    {"D1Request", MessageType::kD1Request},
    {"D1Response", MessageType::kD1Response},
    {"HttpRequest", MessageType::kHttpRequest},
    {"HttpResponse", MessageType::kHttpResponse},
    {"SocketFrame", MessageType::kSocketFrame},
    {"Appoint", MessageType::kAppoint},
    {"LeaderReport", MessageType::kLeaderReport},
    {"Grant", MessageType::kGrant},
    {"Reconfigure", MessageType::kReconfigure},
    {"Reconfigured", MessageType::kReconfigured},
    {"ReconfiguredAck", MessageType::kReconfiguredAck},
    {"Retire", MessageType::kRetire},
    {"Wake", MessageType::kWake},
};

}  // namespace

ClusterFaultWorld::ClusterFaultWorld(Cluster& cluster) : cluster_(cluster) {
  for (const NodeInfo& info : cluster.nodes()) {
    // In no plan: what stands by for faults, and the client whose work is done before the first fault.
    const bool tool = info.role == NodeRole::kSetup || info.role == NodeRole::kWriteLoad;
    if (info.reserve || tool) continue;
    sim::TopologyNode node;
    node.process = info.process;
    node.name = info.name;
    node.role = fault_role(info.role);
    const bool of_database =
        node.role == sim::kRolePrimary || node.role == sim::kRoleFollower || node.role == sim::kRoleReplica;
    if (of_database) node.database = cluster.options().databases.at(info.database).name;
    node.index = info.index;
    node.site = info.site;
    node.region = info.region;
    topology_.nodes.push_back(std::move(node));
  }
}

std::uint32_t ClusterFaultWorld::number_of(std::string_view database) const {
  const std::vector<DatabaseSpec>& all = cluster_.options().databases;
  const auto found = std::find_if(all.begin(), all.end(), [&](const DatabaseSpec& d) { return d.name == database; });
  TIDEMARK_ASSERT(found != all.end(), "a database of the topology");
  return static_cast<std::uint32_t>(found - all.begin());
}

sim::FaultWorld::ProcessId ClusterFaultWorld::primary(std::string_view database) const {
  const ProcessId host = cluster_.primary_host(number_of(database));
  const ProcessId first = cluster_.first_life_of(host);  // plans know of no second one
  return first == 0 ? host : first;
}

std::string ClusterFaultWorld::phase_of(ProcessId id) const {
  if (!cluster_.process(id).running()) return cluster_.process(id).program() == nullptr ? "down" : "paused";
  if (HostNode* const host = cluster_.host(id); host != nullptr) return std::string(to_text(host->phase()));
  switch (cluster_.nodes().at(id - 1).role) {
    case NodeRole::kReplica:
      return cluster_.replica_relay(id) == nullptr ? "booting" : "serving";
    case NodeRole::kControl: {
      control::DatabaseControl* const first = cluster_.control(0);
      return first == nullptr ? "down" : std::string(control::to_text(first->state()));
    }
    default:
      return "running";
  }
}

sim::PayloadTypes ClusterFaultWorld::relay_types() const {
  sim::PayloadTypes types;
  for (const NamedType& named : kRelayTypes) types.push_back(static_cast<std::uint16_t>(named.type));
  return types;
}

sim::PayloadTypes ClusterFaultWorld::payload_types(std::string_view name) const {
  sim::PayloadTypes types;
  for (const NamedType& named : kRelayTypes) {
    if (named.name == name) types.push_back(static_cast<std::uint16_t>(named.type));
  }
  for (const NamedType& named : kOtherTypes) {
    if (named.name == name) types.push_back(static_cast<std::uint16_t>(named.type));
  }
  return types;
}

}  // namespace tidemark::model
