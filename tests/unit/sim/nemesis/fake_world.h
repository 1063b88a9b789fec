// A small database-like world over the real network, disks, clocks and object store: every process writes, syncs,
// reads, sends, reconnects, looks at its clock, and waits, all the time, so that every fault has something to change.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "sim/core/wait.h"
#include "sim/nemesis/nemesis.h"

namespace tidemark::sim::test {

inline Instant at(Duration since_start) {
  return Instant{} + since_start;
}

class Note final : public Payload {
 public:
  explicit Note(std::uint64_t number) : Payload(7), number_(number) {}
  std::uint32_t wire_bytes() const override { return 3000; }
  std::uint64_t digest() const override { return number_ * 1000003; }
  std::string describe() const override { return "note"; }

 private:
  const std::uint64_t number_;
};

class FakeWorld;

/// The busy program of every node.
class Busy final : public Program, public Acceptor, public Receiver, private IoCompletion {
 public:
  Busy(FakeWorld& world, Process& process);
  void on_accept(std::unique_ptr<Connection> connection) override;
  void on_message(Connection&, const PayloadRef&) override;
  void on_close(Connection&, CloseReason) override {}

 private:
  void on_io(IoStatus) override {}
  static Task<void> work(Busy* self);
  static Task<void> wait(Busy* self);
  static Task<void> store(Busy* self);
  void files(std::uint64_t round);
  void connect();
  void send(std::uint64_t round);

  FakeWorld& world_;
  Process& process_;
  std::vector<std::unique_ptr<Connection>> out_;
  std::vector<std::unique_ptr<Connection>> in_;
  WaitQueue queue_;
};

struct FakeOptions {
  std::uint64_t seed = 1;
  int hosts = 2;
};

class FakeWorld final : public FaultWorld {
 public:
  explicit FakeWorld(FakeOptions options = {}) : streams_(options.seed) {
    for (int i = 1; i <= options.hosts; ++i) add("db-a/host-" + std::to_string(i), kRolePrimary, "IAD");
    for (int i = 1; i <= 5; ++i) add("db-a/follower-" + std::to_string(i), kRoleFollower, "IAD/" + std::to_string(i));
    add("db-a/replica-eeur", kRoleReplica, "FRA");
    add("db-a/replica-apac", kRoleReplica, "SIN");
    add("worker/FRA", kRoleWorker, "FRA");
    add("client-1", kRoleClient, "FRA");
    add("control", kRoleControl, "IAD");
    for (auto& process : processes_) process->start();
  }
  ~FakeWorld() override { network_.shut_down(); }

  void run(Duration until) { scheduler_.run_until(at(until)); }
  std::uint32_t id(const std::string& name) const { return topology_.find(name)->process; }
  Process& named(const std::string& name) { return process(id(name)); }

  const Topology& topology() const override { return topology_; }
  Scheduler& scheduler() override { return scheduler_; }
  StreamRegistry& streams() override { return streams_; }
  Network& network() override { return network_; }
  Process& process(ProcessId id) override { return *processes_[id - 1]; }
  Disk* disk(ProcessId id) override { return disks_[id - 1].get(); }
  NodeClock* clock(ProcessId id) override { return clocks_[id - 1].get(); }
  SimObjectStore* object_store() override { return &store_; }
  Buggify* buggify() override { return &buggify_; }
  ProcessId primary(std::string_view) const override { return leader; }
  std::string phase_of(ProcessId id) const override { return id == leader ? "serving" : "following"; }
  PayloadTypes relay_types() const override { return {7}; }
  PayloadTypes payload_types(std::string_view name) const override {
    return name == "note" ? PayloadTypes{7} : PayloadTypes{};
  }

  Count stop_gracefully(ProcessId) override { return call("stop"); }
  Count restart_elsewhere(ProcessId, RandomStream&) override { return call("elsewhere"); }
  Count double_start(ProcessId, bool on) override { return call(on ? "double" : "single"); }
  Count lose_wal_index(ProcessId) override { return call("index"); }
  void retire(ProcessId) override { call("retire"); }
  Count ties_permuted() const override { return 1; }
  Count knobs_drawn() const override { return 3; }
  Count hand_over(std::string_view) override { return call("hand-over"); }
  Count migrate_primary(std::string_view, ProcessId) override { return call("migrate"); }
  Count replace_follower(std::string_view, ProcessId) override { return call("replace"); }
  Count add_replica(std::string_view, RandomStream&) override { return call("add"); }
  Count remove_replica(ProcessId) override { return call("remove"); }
  Count restore(std::string_view, Duration, bool) override { return call("restore"); }
  Count recreate(std::string_view) override { return call("recreate"); }
  Count maintain(ProcessId, std::string_view operation) override { return call(std::string(operation)); }
  Count stale_route(ProcessId, bool on) override { return call(on ? "stale" : "fresh"); }
  Count neighbour_objects(RandomStream&, bool on) override { return call(on ? "neighbour" : "alone"); }
  Count client_fault(const ClientFault& fault) override {
    return call(info(fault.fault.kind).id + (fault.begin ? " begins" : " ends"));
  }

  std::vector<std::string> calls;
  ProcessId leader = 1;
  std::uint64_t work = 0;                                                // rounds of all programs
  std::vector<std::uint64_t> received = std::vector<std::uint64_t>(32);  // messages by process
  std::vector<std::uint64_t> rounds = std::vector<std::uint64_t>(32);

 private:
  friend class Busy;
  Count call(const std::string& what) {
    calls.push_back(what);
    return 1;
  }
  static NetworkOptions quiet() {
    NetworkOptions options;
    options.slow_path_share = 0;
    options.loss_ratio = 0;
    return options;
  }
  void add(const std::string& name, FaultRole role, const std::string& site) {
    const auto process_id = static_cast<std::uint32_t>(processes_.size() + 1);
    processes_.push_back(std::make_unique<Process>(scheduler_, process_id, name));
    Process& made = *processes_.back();
    const SiteId where = SiteTable::shipped().at(site);
    transports_.push_back(&network_.attach(made, where));
    const bool database = (role & kRolesDatabase) != 0;
    disks_.push_back(database ? std::make_unique<Disk>(scheduler_, streams_, DiskOptions{}, made) : nullptr);
    clocks_.push_back(std::make_unique<NodeClock>(scheduler_));
    TopologyNode node;
    node.process = process_id;
    node.name = name;
    node.role = role;
    if (database) node.database = "db-a";
    if (role == kRoleFollower) node.index = static_cast<std::uint32_t>(name.back() - '1');
    node.site = site;
    node.region = SiteTable::shipped().site(where).region;
    topology_.nodes.push_back(node);
    made.set_factory([this](Process& process) { return std::make_unique<Busy>(*this, process); });
  }

  Scheduler scheduler_;
  StreamRegistry streams_;
  Buggify buggify_{streams_};
  SimObjectStore store_{scheduler_, streams_, ObjectStoreOptions{}};
  Network network_{scheduler_, streams_, quiet()};
  Topology topology_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<Transport*> transports_;
  std::vector<std::unique_ptr<Disk>> disks_;
  std::vector<std::unique_ptr<NodeClock>> clocks_;
};

inline Busy::Busy(FakeWorld& world, Process& process) : world_(world), process_(process) {
  world_.transports_[process.id() - 1]->listen(this);
  process.spawn(work(this));
  process.spawn(wait(this));
  if (world_.disk(process.id()) != nullptr) process.spawn(store(this));
}

inline void Busy::on_accept(std::unique_ptr<Connection> connection) {
  connection->set_receiver(this);
  std::erase_if(in_, [](const auto& end) { return !end->is_open(); });
  in_.push_back(std::move(connection));
}

inline void Busy::on_message(Connection&, const PayloadRef&) {
  ++world_.received[process_.id()];
  queue_.notify_all();
}

/// Hosts talk to the database, everybody else to the hosts and replicas.
inline void Busy::connect() {
  const FaultRole own = world_.topology_.find(process_.id())->role;
  for (const TopologyNode& node : world_.topology_.nodes) {
    const bool wanted = own == kRolePrimary ? node.role == kRoleFollower || node.role == kRoleReplica
                                            : node.role == kRolePrimary || node.role == kRoleReplica;
    if (!wanted || node.process == process_.id()) continue;
    out_.push_back(world_.transports_[process_.id() - 1]->connect(node.process, this));
  }
}

inline void Busy::send(std::uint64_t round) {
  if (round % 25 == 0) {  // all anew, now and then
    out_.clear();
    connect();
  }
  for (auto& connection : out_) connection->send(PayloadRef(new Note(round)));
}

inline void Busy::files(std::uint64_t round) {
  Disk* disk = world_.disk(process_.id());
  if (disk == nullptr) return;
  const std::vector<std::byte> bytes(700, static_cast<std::byte>(round));
  File& log = disk->open("log");
  log.write(log.size(), bytes);
  log.sync(this);
  File& loose = disk->open("loose");  // never synced
  loose.write(loose.size(), bytes);
  std::vector<std::byte> back(200);
  IoStatus status = IoStatus::kOk;
  log.try_read(0, back, status);
  if (round % 5 == 0) {
    disk->open("new").write(0, bytes);
    disk->rename("new", "name-" + std::to_string(round % 20));
  }
}

inline Task<void> Busy::work(Busy* self) {
  self->connect();
  for (std::uint64_t round = 1;; ++round) {
    co_await sleep(self->process_, 10_ms);
    ++self->world_.work;
    ++self->world_.rounds[self->process_.id()];
    self->world_.clocks_[self->process_.id() - 1]->now();
    self->process_.act(ProcessAct::kPoint, "round");
    for (const BuggifyClass of : {BuggifyClass::kBranch, BuggifyClass::kEarly, BuggifyClass::kError})
      for (int site = 0; site < 8; ++site) self->world_.buggify_.fires("site-" + std::to_string(site), of);
    std::vector<int> order{1, 2, 3};
    for (int site = 0; site < 8; ++site) {
      self->world_.buggify_.delay("wait-" + std::to_string(site));
      self->world_.buggify_.reorder("order-" + std::to_string(site), order);
    }
    self->files(round);
    self->send(round);
    self->queue_.notify_all();
  }
}

inline Task<void> Busy::wait(Busy* self) {
  for (;;) co_await self->queue_.wait(self->process_);
}

inline Task<void> Busy::store(Busy* self) {
  ObjectStore& store = self->world_.store_.client(self->process_, 2_ms);
  for (int i = 0;; ++i) {
    ObjectBody body;
    body.parts.push_back(Buffer::copy(std::vector<std::byte>(100, std::byte{1})));
    const std::string key = self->process_.name() + "/" + std::to_string(i % 4);
    co_await store.put(key, body);
    co_await store.get(key);
    co_await store.list(self->process_.name() + "/");
    if (i % 4 == 3) co_await store.remove(key);
    co_await sleep(self->process_, 20_ms);
  }
}

/// One fault from 500 ms on, for 1 s (if it lasts), on these concrete targets.
inline FaultPlan plan_of(Fault fault, std::vector<std::string> targets) {
  fault.id = 1;
  fault.targets = std::move(targets);
  fault.start.after = 500_ms;
  FaultPlan plan;
  plan.phase = 5_s;
  plan.beyond_budget = true;
  plan.faults.push_back(std::move(fault));
  return plan;
}

}  // namespace tidemark::sim::test
