// Building a cluster: processes, their sites, and the factories of their programs.
#include "base/assert.h"
#include "model/cluster/cluster_impl.h"
#include "model/sqlite/library.h"
#include "model/srs/follower.h"

namespace tidemark::model {
namespace {

sim::SchedulerOptions scheduler_options(const ClusterOptions& options) {
  sim::SchedulerOptions result;
  if (options.permute_ties) result.tie_seed = options.seed;
  return result;
}

ClusterOptions checked(ClusterOptions options) {
  const std::string problem = options.problem();
  TIDEMARK_ASSERT(problem.empty(), problem);
  return options;
}

sim::SiteId cold_site_of(const ClusterOptions& options) {
  const sim::SiteTable& sites = sim::SiteTable::shipped();
  return sites.at(options.cold_site.empty() ? options.databases.front().primary_site : options.cold_site);
}

}  // namespace

Cluster::Impl::Impl(ClusterOptions given, ClusterObservers given_observers)
    : options(checked(std::move(given))),
      observers(given_observers),
      observer(observers.replication != nullptr ? *observers.replication : static_cast<Observer&>(null_observer)),
      scheduler(scheduler_options(options)),
      streams(options.seed),
      network(scheduler, streams, options.network),
      object_store(scheduler, streams, options.object_store),
      cold_site(cold_site_of(options)),
      directory(network, options.databases.size()),
      applications(options.workload.kind),
      late_boot(*this) {
  sqlite::reset_for_run(options.seed);
  build();
}

// Programs refer to each other through the network only; it forgets them before they go.
Cluster::Impl::~Impl() {
  network.shut_down();
  for (auto it = nodes.rbegin(); it != nodes.rend(); ++it) it->process.reset();
}

void Cluster::Impl::build() {
  databases.resize(options.databases.size());
  for (std::uint32_t database = 0; database < databases.size(); ++database) build_database(database);
  build_workers();
  for (std::uint32_t database = 0; database < databases.size(); ++database) build_write_load(database);
  build_clients();
  build_setup();
  // Last, so that they shift no process number.
  for (std::uint32_t database = 0; database < databases.size(); ++database) {
    std::uint32_t index = static_cast<std::uint32_t>(databases[database].replicas.size());
    for (const PlacedReplica& placed : place_replicas(options.databases[database], network.sites(), streams)) {
      if (placed.idle) build_replica(database, placed, index++);
    }
  }
}

std::uint32_t Cluster::Impl::add_process(const std::string& name, NodeRole role, sim::SiteId site, bool storage) {
  const auto id = static_cast<std::uint32_t>(nodes.size() + 1);
  Node& node = nodes.emplace_back();
  node.process = std::make_unique<sim::Process>(scheduler, id, name);
  sim::Transport& transport = network.attach(*node.process, site);
  std::unique_ptr<sim::Disk> disk;
  sim::ObjectStore* cold = nullptr;
  if (storage) {
    disk = std::make_unique<sim::Disk>(scheduler, streams, options.disk, *node.process);
    cold = &object_store.client(*node.process, network.round_trips().round_trip(site, cold_site));
  }
  node.env = std::make_unique<SimEnv>(*node.process, streams, transport, std::move(disk), cold);
  NodeInfo info;
  info.process = id;
  info.name = name;
  info.role = role;
  info.site = network.sites().name(site);
  info.region = network.sites().site(site).region;
  infos.push_back(std::move(info));
  by_name.emplace(name, id);
  return id;
}

void Cluster::Impl::build_database(std::uint32_t database) {
  const DatabaseSpec& spec = options.databases[database];
  DatabaseNodes& own = databases[database];
  const sim::SiteId site = network.sites().at(spec.primary_site);
  own.primary = add_process(spec.name + "/primary", NodeRole::kPrimary, site, true);
  infos.back().database = database;
  const std::vector<sim::SiteId> places =
      place_followers(options.followers, options.relay.followers, site, network.sites(), network.round_trips());
  for (std::uint32_t index = 0; index < places.size(); ++index) {
    const std::string name = spec.name + "/follower-" + std::to_string(index + 1);
    const std::uint32_t id = add_process(name, NodeRole::kFollower, places[index], true);
    infos.back().database = database;
    infos.back().index = index;
    own.followers.push_back(id);
    process(id).set_factory([this, database, id, index](sim::Process&) -> std::unique_ptr<sim::Program> {
      return std::make_unique<srs::FollowerNode>(relay_setup(database, id), index);
    });
  }
  process(own.primary).set_factory([this, database](sim::Process&) -> std::unique_ptr<sim::Program> {
    const DatabaseNodes& mine = databases[database];
    return std::make_unique<PrimaryNode>(copy_setup(database, mine.primary, false), mine.followers);
  });
  for (const PlacedReplica& placed : place_replicas(spec, network.sites(), streams)) {
    if (!placed.idle) build_replica(database, placed, static_cast<std::uint32_t>(own.replicas.size()));
  }
  if (options.late_boot.ns() > 0 && !own.replicas.empty()) own.late = own.replicas.back();
}

void Cluster::Impl::build_replica(std::uint32_t database, const PlacedReplica& placed, std::uint32_t index) {
  const std::uint32_t id = add_process(placed.name, NodeRole::kReplica, placed.site, true);
  infos.back().database = database;
  infos.back().index = index;
  databases[database].replicas.push_back(id);
  const bool idle = placed.idle;
  process(id).set_factory([this, database, id, idle](sim::Process&) -> std::unique_ptr<sim::Program> {
    return std::make_unique<ReplicaNode>(copy_setup(database, id, idle));
  });
}

srs::RelaySetup Cluster::Impl::relay_setup(std::uint32_t database, std::uint32_t id) {
  return {
      *nodes[id - 1].env,         options.relay,    options.bugs, observer, database, options.databases[database].name,
      options.database.page_size, options.start_day};
}

CopySetup Cluster::Impl::copy_setup(std::uint32_t database, std::uint32_t id, bool idle) {
  const NodeInfo& info = infos[id - 1];
  const std::string_view colo = std::string_view(info.site).substr(0, info.site.find('/'));
  const DurableObjectIdentity identity = {database, info.region, colo, databases[database].primary};
  return {relay_setup(database, id), identity, options.database, idle ? nullptr : &directory,
          streams.stream(info.name, "sqlite-seed")()};
}

void Cluster::Impl::build_workers() {
  first_worker = static_cast<std::uint32_t>(nodes.size() + 1);
  for (const sim::SiteId site : all_colos(network.sites())) {
    const std::uint32_t id = add_process("worker/" + network.sites().name(site), NodeRole::kWorker, site, false);
    process(id).set_factory([this, id](sim::Process&) -> std::unique_ptr<sim::Program> {
      return std::make_unique<Worker>(*nodes[id - 1].env, directory, applications, options.worker,
                                      options.workload.sessions, options.bugs);
    });
  }
}

std::uint32_t Cluster::Impl::worker_at(sim::SiteId site) const {
  return first_worker + static_cast<std::uint32_t>(site.metro());
}

void Cluster::Impl::build_clients() {
  const std::vector<sim::SiteId> places = place_clients(options.workload, network.sites());
  for (std::uint32_t number = 0; number < places.size(); ++number) {
    const std::uint32_t id = add_process("client-" + std::to_string(number), NodeRole::kClient, places[number], false);
    infos.back().index = number;
    infos.back().database = number % static_cast<std::uint32_t>(databases.size());
    clients.push_back(id);
    const PlacedPops pops = pops_for(places[number], network.sites(), network.round_trips());
    ClientSettings settings;
    settings.number = number;
    settings.database = infos.back().database;
    settings.access_latency = options.access_latency;
    settings.observer = observers.clients;
    settings.pops.nearest = worker_at(pops.nearest);
    settings.pops.second = worker_at(pops.second);
    for (const sim::SiteId site : pops.other) settings.pops.other.push_back(worker_at(site));
    process(id).set_factory([this, id, settings](sim::Process&) -> std::unique_ptr<sim::Program> {
      return std::make_unique<Client>(*nodes[id - 1].env, options.workload, settings);
    });
  }
}

void Cluster::Impl::build_write_load(std::uint32_t database) {
  const DatabaseSpec& spec = options.databases[database];
  if (spec.write_load_per_second <= 0) return;
  const sim::SiteId site = network.sites().at(spec.primary_site);
  const std::uint32_t id = add_process(spec.name + "/write-load", NodeRole::kWriteLoad, site, false);
  infos.back().database = database;
  databases[database].write_load = id;
  process(id).set_factory([this, id, database, site](sim::Process&) -> std::unique_ptr<sim::Program> {
    return std::make_unique<WriteLoad>(*nodes[id - 1].env, database, worker_at(site),
                                       options.databases[database].write_load_per_second, options.workload.row_padding);
  });
}

SetupClient::Step Cluster::Impl::setup_step(std::uint32_t database, HttpRoute route, std::uint64_t id) const {
  boost::intrusive_ptr<HttpRequest> request(new HttpRequest);
  request->id = id;
  request->database = database;
  request->method = HttpMethod::kPost;
  request->route = route;
  return {worker_at(network.sites().at(options.databases[database].primary_site)), request};
}

void Cluster::Impl::build_setup() {
  const sim::SiteId site = network.sites().at(options.databases.front().primary_site);
  setup_client = add_process("setup", NodeRole::kSetup, site, false);
  process(setup_client).set_factory([this](sim::Process&) -> std::unique_ptr<sim::Program> {
    std::vector<SetupClient::Step> steps;
    for (std::uint32_t database = 0; database < databases.size(); ++database) {
      steps.push_back(setup_step(database, HttpRoute::kReset, steps.size() + 1));
      if (databases[database].write_load != 0)
        steps.push_back(setup_step(database, HttpRoute::kEventsReset, steps.size() + 1));
    }
    return std::make_unique<SetupClient>(*nodes[setup_client - 1].env, std::move(steps));
  });
}

}  // namespace tidemark::model
