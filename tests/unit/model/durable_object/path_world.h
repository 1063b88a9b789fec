// A small world for tests of the request path: processes on a quiet network, and fakes that write down what happens to
// them, in order.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/durable_object/durable_object.h"
#include "model/env.h"
#include "model/protocol/rpc.h"
#include "model/types/null_observer.h"
#include "sim/core/process.h"
#include "sim/core/random.h"
#include "sim/core/scheduler.h"
#include "sim/core/wait.h"
#include "sim/net/network.h"

namespace tidemark::model::testing {

using namespace sim::literals;

/// What happened, in order: "run INSERT", "submit 1", ...
using CallLog = std::vector<std::string>;

inline Bookmark bookmark(std::uint32_t sequence, std::uint32_t epoch = 1) {
  return {epoch, sequence, 20'000, {sequence, epoch}};
}

/// No jitter, no loss, no slow paths: a message takes the base delay and nothing else but its bytes.
inline sim::NetworkOptions quiet_network() {
  sim::NetworkOptions options;
  options.jitter_median = {};
  options.slow_path_share = 0;
  options.loss_ratio = 0;
  return options;
}

class PathWorld {
 public:
  class Node final : public Env {
   public:
    Node(PathWorld& world, std::uint32_t id, const std::string& name, const std::string& site)
        : process_(world.scheduler, id, name),
          streams_(world.streams),
          network_(world.network.attach(process_, world.network.sites().at(site))) {
      process_.start();
    }
    sim::Process& process() override { return process_; }
    sim::RandomStream& random(std::string_view purpose) override { return streams_.stream(process_.name(), purpose); }
    sim::Transport& network() override { return network_; }
    sim::FileSystem& files() override { return no_disk(), *static_cast<sim::FileSystem*>(nullptr); }
    sim::ObjectStore& cold() override { return no_disk(), *static_cast<sim::ObjectStore*>(nullptr); }

   private:
    [[noreturn]] static void no_disk() { std::abort(); }
    sim::Process process_;
    sim::StreamRegistry& streams_;
    sim::Transport& network_;
  };

  Node& node(const std::string& name, const std::string& site) {
    nodes_.push_back(std::make_unique<Node>(*this, static_cast<std::uint32_t>(nodes_.size() + 1), name, site));
    return *nodes_.back();
  }
  ~PathWorld() { network.shut_down(); }

  void run_for(sim::Duration duration) { scheduler.run_until(scheduler.now() + duration); }
  void run_all() { scheduler.run_until(scheduler.now() + sim::Duration::seconds(1000)); }

  sim::Scheduler scheduler;
  sim::StreamRegistry streams{7};
  sim::NetworkOptions options = quiet_network();
  sim::Network network{scheduler, streams, options};

 private:
  std::vector<std::unique_ptr<Node>> nodes_;
};

/// Statements are told apart by their first letter: S reads, I writes, U would write and finds nothing to change, B is
/// refused by SQLite, E fails when it runs.
class FakeCopy final : public SqlCopy {
 public:
  explicit FakeCopy(CallLog& log, PrimaryRelay* relay = nullptr) : log_(log), relay_(relay) {}
  StatementClass classify(const D1Request& request) override {
    StatementClass found = StatementClass::kReads;
    for (const Statement& statement : request.statements) {
      if (statement.sql[0] == 'I' || statement.sql[0] == 'U') found = StatementClass::kWrites;
      if (statement.sql[0] == 'B' && found == StatementClass::kReads && !accepts_b) found = StatementClass::kInvalid;
      if (statement.sql[0] == 'B' && accepts_b) found = StatementClass::kWrites;
    }
    return found;
  }
  sqlite::Outcome run(const D1Request& request) override {
    log_.push_back("run " + request.statements.front().sql);
    sqlite::Outcome outcome;
    outcome.cost.vm_steps = 1000;
    for (const Statement& statement : request.statements) {
      if (statement.sql[0] == 'E' || (statement.sql[0] == 'B' && !accepts_b)) {
        outcome.error.code = fail_with;
        outcome.error.text = "no such table: T: SQLITE_ERROR";
        return outcome;
      }
      const bool changes = statement.sql[0] == 'I';
      const bool writes = changes || statement.sql[0] == 'U';
      sqlite::StatementOutcome result;
      ResultSet::Builder rows(column_names({"v"}));
      rows.add_integer(value);
      result.rows = rows.finish();
      result.read_only = !writes;
      result.changes = changes ? 1 : 0;
      result.vm_steps = 1000;
      result.rows_read = 3;
      result.rows_written = writes ? 2 : 0;
      outcome.statements.push_back(result);
      outcome.wrote = outcome.wrote || writes;
      pending_ = pending_ || changes;
    }
    return outcome;
  }
  bool has_pending() const override { return pending_; }
  Bookmark submit_pending() override {
    pending_ = false;
    return relay_->submit({});
  }

  std::int64_t value = 0;  // what a read returns
  bool accepts_b = false;  // the table has arrived: B statements write
  int fail_with = 1;       // SQLITE_ERROR

 private:
  CallLog& log_;
  PrimaryRelay* relay_;
  bool pending_ = false;
};

class FakePrimaryRelay final : public PrimaryRelay {
 public:
  FakePrimaryRelay(CallLog& log, sim::Process& process) : log_(log), process_(process) {}
  Bookmark submit(CommittedTransaction) override {
    committed_ = bookmark(committed_.sequence + 1);
    log_.push_back("submit " + std::to_string(committed_.sequence));
    return committed_;
  }
  const Bookmark& committed() const override { return committed_; }
  const Bookmark& confirmed() const override { return confirmed_; }
  sim::Task<GateStatus> until_confirmed(Bookmark until) override {
    log_.push_back("gate " + std::to_string(until.sequence));
    while (confirmed_ < until && !broken_) co_await queue_.wait(process_);
    co_return broken_ ? GateStatus::kBroken : GateStatus::kOpen;
  }
  sim::Task<GateStatus> until_lease() override {
    while (!lease_ && !broken_) co_await queue_.wait(process_);
    co_return broken_ ? GateStatus::kBroken : GateStatus::kOpen;
  }
  /// May it still speak for the database?
  void set_lease(bool valid) {
    lease_ = valid;
    queue_.notify_all();
  }
  void confirm() {
    confirmed_ = committed_;
    log_.push_back("confirm " + std::to_string(confirmed_.sequence));
    queue_.notify_all();
  }
  void break_gate() {
    broken_ = true;
    queue_.notify_all();
  }

 private:
  CallLog& log_;
  sim::Process& process_;
  Bookmark committed_;
  Bookmark confirmed_;
  bool broken_ = false;
  bool lease_ = true;
  sim::WaitQueue queue_;
};

class FakeReplicaRelay final : public ReplicaRelay {
 public:
  explicit FakeReplicaRelay(sim::Process& process) : process_(process) {}
  const Bookmark& visible() const override { return visible_; }
  sim::Task<bool> until_visible(Bookmark until, sim::Instant deadline) override {
    while (visible_ < until && process_.scheduler().now() < deadline) co_await sim::sleep(process_, kLook);
    co_return visible_ >= until;
  }
  void show(const Bookmark& now_visible) { visible_ = now_visible; }

 private:
  static constexpr sim::Duration kLook = sim::Duration::microseconds(10);
  sim::Process& process_;
  Bookmark visible_;
};

/// Keeps every response; the rest does not concern the request path.
class ResponseLog final : public NullObserver {
 public:
  struct Seen {
    ResponseTruth truth;
    Bookmark returned;
    std::vector<std::pair<std::string, StatementCost>> costs;
  };
  std::vector<Seen> seen;
  void on_response(const ResponseTruth& truth) override {
    seen.push_back({truth, truth.returned != nullptr ? *truth.returned : Bookmark(), {}});
    for (std::size_t i = 0; i < truth.costs->count(); ++i) {
      const StatementCost cost = truth.costs->at(i);
      seen.back().costs.emplace_back(cost.sql, cost);
    }
  }
};

inline boost::intrusive_ptr<D1Request> request(const std::string& sql, SessionToken token = {}) {
  boost::intrusive_ptr<D1Request> made(new D1Request);
  made->id = 1;
  made->token = std::move(token);
  made->statements.push_back({sql, {}});
  return made;
}

/// Somebody who asks a node over the network and keeps what came back.
class Asker {
 public:
  Asker(PathWorld::Node& node, std::uint32_t peer) : node_(node), client_(node.process(), node.network(), peer) {}
  void ask(boost::intrusive_ptr<D1Request> asked) {
    asked->id = client_.next_id();
    node_.process().spawn(call(std::move(asked)));
  }
  const D1Response& answer(std::size_t index = 0) const {
    return static_cast<const D1Response&>(*answers[index].message);
  }
  std::vector<RpcAnswer> answers;
  std::vector<sim::Instant> when;
  RpcClient& client() { return client_; }

 private:
  sim::Task<void> call(boost::intrusive_ptr<D1Request> asked) {
    const std::uint64_t id = asked->id;
    RpcAnswer got = co_await client_.call(id, std::move(asked));
    answers.push_back(got);
    when.push_back(node_.now());
  }
  PathWorld::Node& node_;
  RpcClient client_;
};

/// Primary in IAD, replica in FRA, a worker beside each.
struct TwoCopies {
  explicit TwoCopies(BugSet bugs = {}, DatabaseOptions options = {}) {
    primary_identity = {0, "ENAM", "IAD", 0};
    replica_identity = {0, "EEUR", "FRA", primary_node.process().id()};
    primary.emplace(primary_node, primary_identity, options, bugs,
                    DurableObjectParts{&primary_copy, &primary_relay, nullptr, &responses});
    replica.emplace(replica_node, replica_identity, options, bugs,
                    DurableObjectParts{&replica_copy, nullptr, &replica_relay, &responses});
    primary_node.network().listen(&primary->server());
    replica_node.network().listen(&replica->server());
  }
  ~TwoCopies() {
    primary_node.network().listen(nullptr);
    replica_node.network().listen(nullptr);
  }

  CallLog log;  // of the primary
  CallLog replica_log;
  PathWorld world;
  PathWorld::Node& primary_node = world.node("db/primary", "IAD");
  PathWorld::Node& replica_node = world.node("db/replica", "FRA");
  PathWorld::Node& near_primary = world.node("worker/IAD", "IAD");
  PathWorld::Node& near_replica = world.node("worker/FRA", "FRA");
  FakePrimaryRelay primary_relay{log, primary_node.process()};
  FakeCopy primary_copy{log, &primary_relay};
  FakeCopy replica_copy{replica_log};
  FakeReplicaRelay replica_relay{replica_node.process()};
  ResponseLog responses;
  DurableObjectIdentity primary_identity;
  DurableObjectIdentity replica_identity;
  std::optional<DurableObject> primary;
  std::optional<DurableObject> replica;
  Asker at_primary{near_primary, primary_node.process().id()};
  Asker at_replica{near_replica, replica_node.process().id()};
};

}  // namespace tidemark::model::testing
