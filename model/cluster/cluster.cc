#include "model/cluster/cluster.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "model/cluster/cluster_impl.h"
#include "model/sqlite/image.h"
#include "model/srs/follower.h"

namespace tidemark::model {
namespace {

/// How often setup() and quiesce() look whether they are done. Looking changes nothing in the run.
constexpr sim::Duration kLook = sim::Duration::milliseconds(20);

}  // namespace

void Cluster::Impl::LateBoot::due(sim::Timer& timer) {
  const Impl& impl = reinterpret_cast<LateBoot&>(timer).impl;
  for (const DatabaseNodes& own : impl.databases) {
    // A fault that has ended may have started it before its time.
    if (own.late != 0 && impl.process(own.late).state() == sim::ProcessState::kStopped) impl.process(own.late).start();
  }
}

template <typename Done>
sim::RunEnd Cluster::Impl::run_until(sim::Instant end, Done done) {
  while (!done()) {
    if (scheduler.now() >= end) return sim::RunEnd::kLimit;
    const sim::RunEnd ended = scheduler.run_until(std::min(end, scheduler.now() + kLook));
    if (ended == sim::RunEnd::kStuck || ended == sim::RunEnd::kStopped) return ended;
  }
  return sim::RunEnd::kIdle;
}

sim::RunEnd Cluster::Impl::setup(sim::Duration limit) {
  TIDEMARK_ASSERT(!process(setup_client).running(), "setup() once");
  const sim::Instant end = scheduler.now() + limit;
  process(control).start();
  keep_awake(true);
  for (const NodeInfo& info : infos) {
    if (info.role == NodeRole::kFollower || info.role == NodeRole::kWorker) process(info.process).start();
  }
  for (const NodeInfo& info : infos) {
    const bool host = info.role == NodeRole::kPrimary || info.role == NodeRole::kHost;
    if (host && !info.reserve) process(info.process).start();
  }
  if (const sim::RunEnd ended = run_until(end, [this] { return all_serve(); }); ended != sim::RunEnd::kIdle)
    return ended;
  for (const DatabaseNodes& own : databases) {
    for (const std::uint32_t replica : own.replicas) {
      if (replica != own.late) process(replica).start();
    }
  }
  process(setup_client).start();
  const sim::RunEnd ended =
      run_until(end, [this] { return set_up() || !program<SetupClient>(setup_client)->problem().empty(); });
  if (ended != sim::RunEnd::kIdle) return ended;
  if (!program<SetupClient>(setup_client)->problem().empty()) return sim::RunEnd::kLimit;
  keep_awake(false);
  start_clients();
  return sim::RunEnd::kIdle;
}

bool Cluster::Impl::all_serve() const {
  for (std::uint32_t database = 0; database < databases.size(); ++database) {
    if (primary(database) == nullptr) return false;
  }
  return true;
}

bool Cluster::Impl::set_up() const {
  if (!program<SetupClient>(setup_client)->done() || !all_serve()) return false;
  for (std::uint32_t database = 0; database < databases.size(); ++database) {
    const Bookmark& made = primary(database)->leader()->committed();
    for (const std::uint32_t replica : databases[database].replicas) {
      if (replica == databases[database].late) continue;
      ReplicaNode* const node = program<ReplicaNode>(replica);
      if (node == nullptr || node->object() == nullptr || node->leader().visible() < made) return false;
    }
  }
  return true;
}

void Cluster::Impl::start_clients() {
  for (const std::uint32_t client : clients) process(client).start();
  for (const DatabaseNodes& own : databases) {
    if (own.write_load != 0) process(own.write_load).start();
  }
  const bool any_late =
      std::any_of(databases.begin(), databases.end(), [](const DatabaseNodes& own) { return own.late != 0; });
  if (any_late) scheduler.arm_after(late_boot.timer, options.late_boot);
}

void Cluster::Impl::stop_clients() {
  for (const std::uint32_t id : clients) {
    if (Client* const client = program<Client>(id); client != nullptr) client->stop();
  }
  for (const DatabaseNodes& own : databases) {
    if (WriteLoad* const load = program<WriteLoad>(own.write_load); load != nullptr) load->stop();
  }
}

std::string Cluster::Impl::unfinished() const {
  const SetupClient* const setup = program<SetupClient>(setup_client);
  if (setup == nullptr) return all_serve() ? "setup() was not called" : "no host serves";
  if (!setup->problem().empty()) return "setup: " + setup->problem();
  if (!setup->done()) return "setup: waiting for an answer";
  for (const std::uint32_t id : clients) {
    const Client* const client = program<Client>(id);
    if (client != nullptr && client->busy()) return process(id).name() + ": a request is open";
  }
  for (std::uint32_t database = 0; database < databases.size(); ++database) {
    if (std::string what = unfinished(database); !what.empty()) return what;
  }
  return "";
}

std::string Cluster::Impl::unfinished(std::uint32_t database) const {
  const DatabaseNodes& own = databases[database];
  const WriteLoad* const load = program<WriteLoad>(own.write_load);
  if (load != nullptr && load->busy()) return process(own.write_load).name() + ": a write is open";
  HostNode* const node = primary(database);
  if (node == nullptr) return places[database].name + ": no host serves";
  const std::string& name = process(directory.primary(database)).name();
  if (node->open_requests() > 0 || node->object()->open_requests() > 0) return name + ": a request is open";
  srs::SrsLeader& leader = *node->leader();
  const Bookmark newest = leader.committed();
  if (leader.confirmed() != newest) return name + ": unconfirmed " + newest.text();
  for (const std::uint32_t id : leader.follower_processes()) {
    const srs::FollowerNode* const follower = program<srs::FollowerNode>(id);
    if (follower == nullptr) continue;
    if (!follower->has_log() || follower->log().durable() != newest)
      return process(id).name() + ": does not hold the log up to " + newest.text();
    if (follower->confirmed() != newest)
      return process(id).name() + ": was told of " + follower->confirmed().text() + ", not of " + newest.text();
  }
  for (const std::uint32_t id : own.replicas) {
    ReplicaNode* const replica = program<ReplicaNode>(id);
    if (replica == nullptr) return process(id).name() + ": down";
    if (replica->object() == nullptr) return process(id).name() + ": boots " + replica->leader().problem();
    if (replica->object()->open_requests() > 0) return process(id).name() + ": a request is open";
    if (replica->leader().visible() != newest)
      return process(id).name() + ": shows " + replica->leader().visible().text() + ", not " + newest.text();
  }
  return "";
}

ClusterStatistics Cluster::Impl::statistics() const {
  ClusterStatistics total;
  for (const auto& ledger : ledgers) {
    total.operations_ok += ledger->statistics.ok;
    total.operations_fail += ledger->statistics.fail;
    total.operations_info += ledger->statistics.info;
  }
  const auto add = [&total](const DurableObject* object) {
    if (object == nullptr) return;
    total.queries += object->statistics().executed;
    total.forwarded += object->statistics().forwarded;
    total.bookmark_waits += object->statistics().waited;
    total.overloaded += object->statistics().overloaded;
  };
  const auto add_host = [&](std::uint32_t id) {
    if (HostNode* const node = program<HostNode>(id); node != nullptr) add(node->object());
  };
  for (const DatabaseNodes& own : databases) {
    if (const WriteLoad* const load = program<WriteLoad>(own.write_load); load != nullptr)
      total.write_loads += load->confirmed();
    total.entries += own.tally.entries;
    add_host(own.primary);
    for (const std::uint32_t id : own.standbys) add_host(id);
    for (const std::uint32_t id : own.replicas) {
      if (ReplicaNode* const replica = program<ReplicaNode>(id); replica != nullptr) add(replica->object());
    }
  }
  return total;
}

/// While no request comes that would wake a database.
void Cluster::Impl::keep_awake(bool on) {
  auto* const plane = program<control::ControlPlane>(control);
  if (plane == nullptr) return;
  for (std::uint32_t database = 0; database < databases.size(); ++database) plane->database(database).stay_awake(on);
}

bool Cluster::Impl::scrub() {
  bool good = true;
  for (std::uint32_t database = 0; database < databases.size(); ++database) {
    good = primary(database)->scrub() && good;
    for (const std::uint32_t id : databases[database].replicas) good = program<ReplicaNode>(id)->scrub() && good;
  }
  return good;
}

void Cluster::Impl::export_databases(ExportSink& sink) {
  TIDEMARK_ASSERT(unfinished().empty(), "copies are exported when the cluster is quiet");
  const auto give = [&](std::uint32_t id, bool is_primary, sqlite::Vfs& vfs) {
    sqlite::ExportedFiles files = sqlite::export_files(vfs);
    sink.on_copy({process(id).name(), is_primary, std::move(files.database), std::move(files.wal)});
  };
  for (std::uint32_t database = 0; database < databases.size(); ++database) {
    give(directory.primary(database), true, primary(database)->storage()->vfs());
    for (const std::uint32_t id : databases[database].replicas)
      give(id, false, program<ReplicaNode>(id)->leader().vfs());
  }
}

Cluster::Cluster(ClusterOptions options, ClusterObservers observers)
    : impl_(std::make_unique<Impl>(std::move(options), observers)) {}
Cluster::~Cluster() = default;

sim::RunEnd Cluster::setup(sim::Duration limit) {
  return impl_->setup(limit);
}
sim::RunEnd Cluster::run(sim::Duration duration) {
  return impl_->scheduler.run_until(impl_->scheduler.now() + duration);
}
void Cluster::stop_clients() {
  impl_->stop_clients();
}

bool Cluster::quiesce(sim::Duration limit) {
  impl_->stop_clients();
  const sim::Instant end = impl_->scheduler.now() + limit;
  // A page that rotted, and that nobody has read since, is found by looking; then the copy is built anew.
  while (!(quiet() && impl_->scrub()) && impl_->scheduler.now() < end) {
    impl_->keep_awake(true);
    const sim::RunEnd ended = impl_->scheduler.run_until(std::min(end, impl_->scheduler.now() + kLook));
    if (ended == sim::RunEnd::kStuck || ended == sim::RunEnd::kStopped) return false;
  }
  return quiet();
}

bool Cluster::quiet() const {
  return impl_->unfinished().empty();
}
std::string Cluster::unfinished() const {
  return impl_->unfinished();
}
void Cluster::export_databases(ExportSink& sink) {
  impl_->export_databases(sink);
}

const ClusterOptions& Cluster::options() const {
  return impl_->options;
}
sim::Scheduler& Cluster::scheduler() {
  return impl_->scheduler;
}
sim::StreamRegistry& Cluster::streams() {
  return impl_->streams;
}
sim::Network& Cluster::network() {
  return impl_->network;
}
const sim::SiteTable& Cluster::sites() const {
  return impl_->network.sites();
}
ClusterStatistics Cluster::statistics() const {
  return impl_->statistics();
}
const std::vector<NodeInfo>& Cluster::nodes() const {
  return impl_->infos;
}

const NodeInfo* Cluster::find(std::string_view name) const {
  const auto found = impl_->by_name.find(name);
  return found == impl_->by_name.end() ? nullptr : &impl_->infos[found->second - 1];
}

sim::Process& Cluster::process(std::uint32_t id) {
  return impl_->process(id);
}

sim::Disk* Cluster::disk(std::uint32_t id) {
  return impl_->nodes.at(id - 1).env->disk();
}
sim::NodeClock& Cluster::clock(std::uint32_t id) {
  return impl_->nodes.at(id - 1).env->clock();
}
sim::SimObjectStore& Cluster::object_store() {
  return impl_->object_store;
}
sim::Buggify& Cluster::buggify() {
  return impl_->buggify;
}
void Cluster::freeze_routes(std::uint32_t database, std::uint32_t asker) {
  impl_->directory.freeze(database, asker);
}
std::uint64_t Cluster::thaw_routes(std::uint32_t database, std::uint32_t asker) {
  return impl_->directory.thaw(database, asker);
}

DurableObject* Cluster::durable_object(std::uint32_t id) {
  if (HostNode* const node = host(id); node != nullptr) return node->serving() ? node->object() : nullptr;
  const NodeRole role = impl_->infos.at(id - 1).role;
  if (role != NodeRole::kReplica || impl_->process(id).program() == nullptr) return nullptr;
  return impl_->program<ReplicaNode>(id)->object();
}

HostNode* Cluster::host(std::uint32_t id) {
  const NodeRole role = impl_->infos.at(id - 1).role;
  return role == NodeRole::kPrimary || role == NodeRole::kHost ? impl_->program<HostNode>(id) : nullptr;
}

srs::FollowerNode* Cluster::follower(std::uint32_t id) {
  return impl_->infos.at(id - 1).role == NodeRole::kFollower ? impl_->program<srs::FollowerNode>(id) : nullptr;
}

Client* Cluster::client(std::uint32_t id) {
  return impl_->infos.at(id - 1).role == NodeRole::kClient ? impl_->program<Client>(id) : nullptr;
}
ClientLedger& Cluster::client_ledger(std::uint32_t id) {
  const NodeInfo& info = impl_->infos.at(id - 1);
  TIDEMARK_ASSERT(info.role == NodeRole::kClient);
  return *impl_->ledgers.at(info.index);
}

control::DatabaseControl* Cluster::control(std::uint32_t database) {
  auto* const plane = impl_->program<control::ControlPlane>(impl_->control);
  return plane == nullptr ? nullptr : &plane->database(database);
}

std::uint32_t Cluster::primary_host(std::uint32_t database) const {
  return impl_->directory.primary(database);
}

PrimaryRelay* Cluster::primary_relay(std::uint32_t database) {
  HostNode* const node = impl_->primary(database);
  return node == nullptr ? nullptr : node->leader();
}

ReplicaRelay* Cluster::replica_relay(std::uint32_t id) {
  ReplicaNode* const node = impl_->program<ReplicaNode>(id);
  return node == nullptr || node->object() == nullptr ? nullptr : &node->leader();
}

sqlite::Vfs* Cluster::vfs(std::uint32_t id) {
  if (durable_object(id) == nullptr) return nullptr;
  if (HostNode* const node = host(id); node != nullptr) return &node->storage()->vfs();
  return &impl_->program<ReplicaNode>(id)->leader().vfs();
}

}  // namespace tidemark::model
