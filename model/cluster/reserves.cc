// Processes that only a fault brings in, and those that a fault has taken away for good.
#include <algorithm>

#include "base/assert.h"
#include "model/cluster/cluster_impl.h"
#include "sim/disk/disk.h"

namespace tidemark::model {
namespace {

constexpr std::uint32_t kReplicasToAdd = 2;

}  // namespace

/// A second life stands in the data centre of the first; a replica to come at a host site that is drawn.
void Cluster::Impl::build_reserves(std::uint32_t database) {
  const DatabaseNodes& own = databases[database];
  const std::vector<std::uint32_t> in_use = own.replicas;  // building a replica adds it
  build_second_life(own.primary);
  for (const std::uint32_t host : own.standbys) build_second_life(host);
  for (const std::uint32_t replica : in_use) build_second_life(replica);
  for (std::uint32_t number = 1; number <= kReplicasToAdd; ++number) {
    const std::string name = options.databases[database].name + "/replica-added-" + std::to_string(number);
    const std::vector<sim::SiteId>& hosts = network.sites().hosts();
    const sim::SiteId site = hosts[streams.stream(name, "site").below(hosts.size())];
    build_replica(database, {name, site, false}, static_cast<std::uint32_t>(in_use.size()) + number - 1);
    infos.back().reserve = true;
    away.insert(infos.back().process);
  }
  databases[database].replicas = in_use;
}

void Cluster::Impl::build_second_life(std::uint32_t first) {
  const NodeInfo info = infos[first - 1];
  const sim::SiteId site = network.sites().at(info.site);
  const std::string name = info.name + "-again";
  if (info.role == NodeRole::kReplica) {
    build_replica(info.database, {name, site, false}, info.index);
  } else {
    build_host(info.database, name, NodeRole::kHost, site);
    infos.back().index = info.index;
    places[info.database].known_as[infos.back().process] = first;
  }
  infos.back().reserve = true;
  away.insert(infos.back().process);
  first_lives[infos.back().process] = first;
}

bool Cluster::takes_part(std::uint32_t id) const {
  return impl_->away.count(id) == 0;
}

void Cluster::leave(std::uint32_t id) {
  if (!impl_->away.insert(id).second) return;
  sim::Process& gone = impl_->process(id);
  if (gone.state() != sim::ProcessState::kStopped) gone.crash();
  gone.stay_down();
  const NodeInfo& info = impl_->infos.at(id - 1);
  if (info.role != NodeRole::kReplica) return;
  Impl::DatabaseNodes& own = impl_->databases[info.database];
  std::erase(own.replicas, id);
  if (own.late == id) own.late = 0;
}

void Cluster::join(std::uint32_t id) {
  const NodeInfo& info = impl_->infos.at(id - 1);
  TIDEMARK_ASSERT(info.role == NodeRole::kReplica && !takes_part(id) && first_life_of(id) == 0);
  sim::Process& fresh = impl_->process(id);
  if (fresh.state() != sim::ProcessState::kStopped) return;  // its crash is still to be carried out
  impl_->away.erase(id);
  disk(id)->power_loss();
  disk(id)->wipe();
  impl_->databases[info.database].replicas.push_back(id);
  fresh.start();
}

bool Cluster::maintain(std::uint32_t replica, std::string_view operation) {
  ReplicaNode* const node = impl_->program<ReplicaNode>(replica);
  return node != nullptr && node->maintain(operation);
}

std::vector<std::uint32_t> Cluster::absent_replicas(std::uint32_t database) const {
  std::vector<std::uint32_t> absent;
  for (const std::uint32_t id : impl_->away) {
    const NodeInfo& info = impl_->infos.at(id - 1);
    if (info.role == NodeRole::kReplica && info.database == database && first_life_of(id) == 0) absent.push_back(id);
  }
  return absent;
}

std::uint32_t Cluster::second_life_of(std::uint32_t id) const {
  for (const auto& [second, first] : impl_->first_lives) {
    if (first == id) return second;
  }
  return 0;
}

std::uint32_t Cluster::first_life_of(std::uint32_t id) const {
  const auto found = impl_->first_lives.find(id);
  return found == impl_->first_lives.end() ? 0 : found->second;
}

}  // namespace tidemark::model
