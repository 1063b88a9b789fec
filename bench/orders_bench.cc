// The orders scenarios against raw SQLite: client operations per wall second, and virtual seconds per wall second.
//
// Baseline: one in-memory database of the same library that executes the same statements in the order in which the
// simulated clients' operations completed: prepared once, every cell of every row read. Rounds take turns; the rates
// and the ratio are medians over the rounds, by CPU time of this one thread, so that what else the machine does counts
// less. The measured run has history, digest and all online checks on, with page images sampled, as the scenario says.
#include <sqlite3.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "model/client/client_observer.h"
#include "model/cluster/cluster.h"
#include "scenarios/loader.h"
#include "scenarios/run/cluster_options.h"
#include "scenarios/run/runner.h"
#include "scenarios/shipped.h"

namespace tidemark {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRounds = 9;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct ClientCall {
  model::OperationKind kind;
  model::OrderBody order;
};

/// Remembers what the clients did, in completion order.
class CallRecorder final : public model::ClientObserver {
 public:
  void on_invoke(const model::ClientInvocation&) override {}
  void on_complete(const model::ClientOperation& operation) override {
    ClientCall call{operation.invocation.kind, {}};
    if (operation.invocation.order != nullptr) call.order = *operation.invocation.order;
    calls.push_back(std::move(call));
  }
  std::vector<ClientCall> calls;
};

class RawSqlite {
 public:
  RawSqlite() {
    check(sqlite3_open(":memory:", &database_));
    reset();
    select_ = prepare("SELECT * FROM Orders");
    insert_ = prepare("INSERT INTO Orders (customerId, orderId, quantity) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
  }
  ~RawSqlite() {
    sqlite3_finalize(select_);
    sqlite3_finalize(insert_);
    sqlite3_close(database_);
  }
  RawSqlite(const RawSqlite&) = delete;
  RawSqlite& operator=(const RawSqlite&) = delete;

  void run(const ClientCall& call) {
    if (call.kind == model::OperationKind::kReset) return reset();
    if (call.kind == model::OperationKind::kInsert) insert(call.order);
    select();
  }
  std::uint64_t cells() const { return cells_; }

 private:
  void check(int code) {
    if (code == SQLITE_OK) return;
    std::fprintf(stderr, "raw SQLite: %s\n", sqlite3_errmsg(database_));
    std::exit(1);
  }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
    return statement;
  }
  void reset() {
    check(sqlite3_exec(
        database_,
        "DROP TABLE IF EXISTS Orders; CREATE TABLE Orders (customerId TEXT NOT NULL, orderId TEXT NOT NULL, "
        "quantity INTEGER NOT NULL, PRIMARY KEY (customerId, orderId))",
        nullptr, nullptr, nullptr));
  }
  void insert(const model::OrderBody& order) {
    sqlite3_bind_text(insert_, 1, order.customer.data(), static_cast<int>(order.customer.size()), SQLITE_STATIC);
    sqlite3_bind_text(insert_, 2, order.order.data(), static_cast<int>(order.order.size()), SQLITE_STATIC);
    sqlite3_bind_int64(insert_, 3, order.quantity);
    sqlite3_step(insert_);
    sqlite3_reset(insert_);
  }
  void select() {
    while (sqlite3_step(select_) == SQLITE_ROW) {
      for (int column = 0; column < 3; ++column) {
        if (column == 2) {
          cells_ += static_cast<std::uint64_t>(sqlite3_column_int64(select_, column)) != 0;
        } else {
          cells_ += sqlite3_column_text(select_, column) != nullptr && sqlite3_column_bytes(select_, column) >= 0;
        }
      }
    }
    sqlite3_reset(select_);
  }
  sqlite3* database_ = nullptr;
  sqlite3_stmt* select_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  std::uint64_t cells_ = 0;
};

scenarios::Scenario load(const std::string& name) {
  std::string error;
  const auto found = scenarios::find_scenario(name, error);
  if (!found) {
    std::fprintf(stderr, "%s\n", error.c_str());
    std::exit(1);
  }
  scenarios::LoadResult loaded = scenarios::load_scenario(found->text, found->file);
  if (!loaded.ok()) std::exit(1);
  return loaded.scenario;
}

std::vector<ClientCall> record_calls(const scenarios::Scenario& scenario) {
  CallRecorder recorder;
  model::Cluster cluster(scenarios::cluster_options(scenario, 1), {nullptr, &recorder});
  cluster.setup();
  cluster.run(scenario.duration);
  cluster.quiesce(scenario.quiet_limit);
  return std::move(recorder.calls);
}

struct Measured {
  double operations_per_cpu_second;
  double virtual_per_wall;
  std::uint64_t operations;
  std::uint64_t events;
};

Measured measure(const scenarios::Scenario& scenario, const std::string& history) {
  const auto start = Clock::now();
  const double cpu = cpu_seconds();
  const scenarios::RunResult result = scenarios::run_scenario({scenario, 1, history, "", nullptr, nullptr});
  const double wall = seconds_since(start);
  const double used = cpu_seconds() - cpu;
  if (result.exit_code({}) != 0) {
    std::fprintf(stderr, "%s did not come out valid\n", scenario.name.c_str());
    std::exit(1);
  }
  return {static_cast<double>(result.operations) / used, result.virtual_seconds / wall, result.operations,
          result.events};
}

void compare(const std::string& name, double target, const std::string& history) {
  const scenarios::Scenario scenario = load(name);
  const std::vector<ClientCall> calls = record_calls(scenario);
  std::vector<double> raw, ours, ratios, speeds;
  Measured last{};
  std::uint64_t cells = 0;
  for (int round = 0; round < kRounds; ++round) {
    RawSqlite database;
    const double cpu = cpu_seconds();
    for (const ClientCall& call : calls) database.run(call);
    raw.push_back(static_cast<double>(calls.size()) / (cpu_seconds() - cpu));
    cells = database.cells();
    last = measure(scenario, history);
    ours.push_back(last.operations_per_cpu_second);
    ratios.push_back(ours.back() / raw.back());
    speeds.push_back(last.virtual_per_wall);
  }
  std::printf(
      "%-24s %9llu operations, %5.1f events each, %5.1f cells each: raw SQLite %9.0f op/s, Tidemark %8.0f op/s, ratio "
      "%.2f (target %.2f), %.0f virtual s per s\n",
      name.c_str(), static_cast<unsigned long long>(last.operations),
      static_cast<double>(last.events) / static_cast<double>(last.operations),
      static_cast<double>(cells) / static_cast<double>(calls.size()), median(raw), median(ours), median(ratios), target,
      median(speeds));
}

}  // namespace
}  // namespace tidemark

int main() {
  char history[] = "/tmp/tidemark-bench-XXXXXX";
  const int file = mkstemp(history);
  if (file < 0) return 1;
  close(file);
  tidemark::compare("bench/orders_reads_95", 0.40, history);
  tidemark::compare("bench/orders_reads_50", 0.25, history);
  const tidemark::scenarios::Scenario slow = tidemark::load("bench/orders_50_per_second");
  std::vector<double> speeds;
  for (int round = 0; round < 3; ++round) speeds.push_back(tidemark::measure(slow, history).virtual_per_wall);
  std::printf("%-24s %.0f virtual seconds per wall second (target 1000)\n", "bench/orders_50_per_second",
              tidemark::median(speeds));
  unlink(history);
  return 0;
}
