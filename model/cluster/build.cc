// Building a cluster: processes, their sites, and the factories of their programs.
#include "base/assert.h"
#include "model/apps/all/catalogue.h"
#include "model/client/script.h"
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
      application(make_application(options.workload)),
      applications(options.workload.kind, application),
      late_boot(*this) {
  sqlite::reset_for_run(options.seed);
  build();
}

// Programs refer to each other through the network only; it forgets them before they go.
Cluster::Impl::~Impl() {
  directory.close();
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
  // Last, so that they shift no process number: idle replicas, and what only takes part when something goes wrong.
  for (std::uint32_t database = 0; database < databases.size(); ++database) {
    std::uint32_t index = static_cast<std::uint32_t>(databases[database].replicas.size());
    for (const PlacedReplica& placed : place_replicas(options.databases[database], network.sites(), streams)) {
      if (placed.idle) build_replica(database, placed, index++);
    }
  }
  build_control();
  for (std::uint32_t database = 0; options.reserves && database < databases.size(); ++database)
    build_reserves(database);
}

/// The control plane, the hosts and the followers in reserve; then it is known where everything may live.
void Cluster::Impl::build_control() {
  const sim::SiteId site = network.sites().at(options.databases.front().primary_site);
  control = add_process("control", NodeRole::kControl, site, true);
  for (std::uint32_t database = 0; database < databases.size(); ++database) {
    DatabaseNodes& own = databases[database];
    const DatabaseSpec& spec = options.databases[database];
    const sim::SiteId home = network.sites().at(spec.primary_site);
    std::uint32_t number = 0;
    for (const sim::SiteId standby :
         place_standbys(options.control.standby_hosts, home, network.sites(), network.round_trips())) {
      own.standbys.push_back(static_cast<std::uint32_t>(nodes.size() + 1));
      build_host(database, spec.name + "/standby-" + std::to_string(++number), NodeRole::kHost, standby);
      infos.back().index = number;
    }
    number = options.relay.followers;
    for (const sim::SiteId spare : place_spares(options.control.spare_followers, home, follower_sites(database))) {
      own.spares.push_back(static_cast<std::uint32_t>(nodes.size() + 1));
      build_follower(database, spare, number++);
    }
    places.push_back({spec.name, {own.primary}, own.followers, own.spares, {}});
    places.back().hosts.insert(places.back().hosts.end(), own.standbys.begin(), own.standbys.end());
  }
  process(control).set_factory([this](sim::Process&) -> std::unique_ptr<sim::Program> {
    return std::make_unique<control::ControlPlane>(*nodes[control - 1].env, options.control, options.bugs, places);
  });
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
  node.env = std::make_unique<SimEnv>(*node.process, streams, transport, std::move(disk), cold, buggify);
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

std::vector<sim::SiteId> Cluster::Impl::follower_sites(std::uint32_t database) {
  const sim::SiteId home = network.sites().at(options.databases[database].primary_site);
  return place_followers(options.followers, options.relay.followers, home, network.sites(), network.round_trips());
}

void Cluster::Impl::build_database(std::uint32_t database) {
  const DatabaseSpec& spec = options.databases[database];
  DatabaseNodes& own = databases[database];
  own.primary = static_cast<std::uint32_t>(nodes.size() + 1);
  build_host(database, spec.name + "/primary", NodeRole::kPrimary, network.sites().at(spec.primary_site));
  const std::vector<sim::SiteId> sites = follower_sites(database);
  for (std::uint32_t index = 0; index < sites.size(); ++index) {
    own.followers.push_back(static_cast<std::uint32_t>(nodes.size() + 1));
    build_follower(database, sites[index], index);
  }
  for (const PlacedReplica& placed : place_replicas(spec, network.sites(), streams)) {
    if (!placed.idle) build_replica(database, placed, static_cast<std::uint32_t>(own.replicas.size()));
  }
  if (options.late_boot.ns() > 0 && !own.replicas.empty()) own.late = own.replicas.back();
}

void Cluster::Impl::build_host(std::uint32_t database, const std::string& name, NodeRole role, sim::SiteId site) {
  const std::uint32_t id = add_process(name, role, site, true);
  infos.back().database = database;
  process(id).set_factory([this, database, id](sim::Process&) -> std::unique_ptr<sim::Program> {
    return std::make_unique<HostNode>(copy_setup(database, id, false), options.control, control,
                                      databases[database].tally);
  });
}

void Cluster::Impl::build_follower(std::uint32_t database, sim::SiteId site, std::uint32_t index) {
  const std::string name = options.databases[database].name + "/follower-" + std::to_string(index + 1);
  const std::uint32_t id = add_process(name, NodeRole::kFollower, site, true);
  infos.back().database = database;
  infos.back().index = index;
  process(id).set_factory([this, database, id, index](sim::Process&) -> std::unique_ptr<sim::Program> {
    return std::make_unique<srs::FollowerNode>(relay_setup(database, id), index);
  });
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
  const auto first = first_lives.find(id);
  return {*nodes[id - 1].env,
          options.relay,
          options.bugs,
          observer,
          database,
          options.databases[database].name,
          options.database.page_size,
          options.start_day,
          &directory,
          first == first_lives.end() ? 0 : first->second};
}

CopySetup Cluster::Impl::copy_setup(std::uint32_t database, std::uint32_t id, bool idle) {
  const NodeInfo& info = infos[id - 1];
  const std::string_view colo = std::string_view(info.site).substr(0, info.site.find('/'));
  const DurableObjectIdentity identity = {database, info.region, colo, databases[database].primary, &directory};
  return {relay_setup(database, id), identity, options.database, idle ? nullptr : &directory,
          streams.stream(info.name, "sqlite-seed")()};
}

void Cluster::Impl::build_workers() {
  first_worker = static_cast<std::uint32_t>(nodes.size() + 1);
  for (const sim::SiteId site : all_colos(network.sites())) {
    const std::uint32_t id = add_process("worker/" + network.sites().name(site), NodeRole::kWorker, site, false);
    directory.add_worker(id);
    process(id).set_factory([this, id](sim::Process&) -> std::unique_ptr<sim::Program> {
      return std::make_unique<Worker>(*nodes[id - 1].env, directory, applications, options.worker,
                                      options.workload.sessions, options.bugs);
    });
  }
}

std::uint32_t Cluster::Impl::worker_at(sim::SiteId site) const {
  return first_worker + static_cast<std::uint32_t>(site.metro());
}

std::vector<ClientSettings::Scripted> Cluster::Impl::script_of(std::uint32_t client) const {
  std::vector<ClientSettings::Scripted> script;
  for (const ScriptedOperation& operation : options.workload.script) {
    if (operation.client != client) continue;
    script.push_back({&operation, operation.via.empty() ? 0 : worker_at(network.sites().at(operation.via))});
  }
  return script;
}

void Cluster::Impl::build_clients() {
  const std::vector<sim::SiteId> cities = place_clients(options.workload, network.sites());
  for (std::uint32_t number = 0; number < cities.size(); ++number) {
    const std::uint32_t id = add_process("client-" + std::to_string(number), NodeRole::kClient, cities[number], false);
    infos.back().index = number;
    infos.back().database = number % static_cast<std::uint32_t>(databases.size());
    clients.push_back(id);
    const PlacedPops pops = pops_for(cities[number], network.sites(), network.round_trips());
    ClientSettings settings;
    settings.number = number;
    settings.database = infos.back().database;
    settings.access_latency = options.access_latency;
    settings.observer = observers.clients;
    const std::string& home = options.databases[settings.database].primary_site;
    settings.object = worker_at(network.sites().at(home));
    settings.pops.nearest = worker_at(pops.nearest);
    settings.pops.second = worker_at(pops.second);
    for (const sim::SiteId site : pops.other) settings.pops.other.push_back(worker_at(site));
    settings.script = script_of(number);
    if (application != nullptr) {
      settings.user = application->user({number, static_cast<std::uint32_t>(cities.size())});
      for (const ActionShape& action : application->actions())
        settings.actions[action.name] = {action.writes, action.method, action.route};
    }
    settings.ledger = std::make_shared<ClientLedger>();
    settings.ledger->values = values_in(options.workload);
    ledgers.push_back(settings.ledger);
    process(id).on_crash([this, settings](sim::Process&) {
      ClientRecords(settings, options.workload, *settings.ledger).lost(scheduler.now());
    });
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
