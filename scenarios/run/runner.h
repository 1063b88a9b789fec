// Runner: one run of a scenario from a seed: sets the world up, records what happens, brings it to rest, judges it.
//
// A run depends on (scenario, seed) alone: the n-th run of a process gives the same digest as a fresh process. Memory
// does not grow with the length of the run: the history is streamed to a file and to the checkers, lags to a sink.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "checkers/history/verdict.h"
#include "model/cluster/cluster.h"
#include "model/types/observer.h"
#include "scenarios/run/action_tally.h"
#include "scenarios/scenario.h"
#include "sim/core/buggify.h"
#include "sim/core/scheduler.h"
#include "sim/nemesis/nemesis.h"

namespace tidemark::scenarios {

/// One lag sample and what it consists of; the parts but the clock add up to published - confirmed.
struct LagParts {
  std::uint32_t database = 0;
  std::uint32_t replica = 0;  // process id
  sim::Duration flush_wait;
  sim::Duration wire_base;
  sim::Duration wire_extra;
  sim::Duration gap;
  sim::Duration publish;
  sim::Duration clock;  // error of the replica's clock, may be negative
};

/// Gets measurements while the run goes on. Must not change the run.
class MeasurementSink {
 public:
  virtual ~MeasurementSink() = default;
  /// Once, before anything else: who takes part. `floors` has light in fibre to its primary for every node.
  virtual void on_start(const model::ClusterOptions& options, const std::vector<model::NodeInfo>& nodes,
                        const std::vector<sim::Duration>& floors) = 0;
  virtual void on_lag(const LagParts& lag) = 0;
  /// From the commit in SQLite at the primary to the quorum.
  virtual void on_commit_latency(std::uint32_t database, sim::Duration latency) = 0;
};

/// Sees a run from inside: replay and explanations. Must not change the run, but for the futures of an explanation
/// (StreamRegistry::rekey). The cluster lives until the end of on_rest().
class RunWatcher {
 public:
  virtual ~RunWatcher() = default;
  /// Before the setup. `scenario`: what runs, [swarm] has been drawn.
  virtual void on_world(model::Cluster& cluster, const Scenario& scenario) = 0;
  /// Before the faults strike, when there are any.
  virtual void on_fault_plan(const sim::FaultPlan&) {}
  /// The faults of the plan begin (true); all of them are healed (false). Neither without faults.
  virtual void on_fault_phase(bool /*begins*/) {}
  /// After the last event.
  virtual void on_rest(model::Cluster&, const std::vector<sim::FaultReport>&) {}
};

/// What the user asked for cannot be run: the scenario makes no cluster, or its plan is not possible there.
class ScenarioError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

struct RunRequest {
  const Scenario& scenario;  // valid (load_scenario was ok)
  std::uint64_t seed = 1;
  /// history.jsonl goes here (a second database's to history-<name>.jsonl beside it); empty = not written.
  std::string history_path;
  /// Every copy's files as <folder>/<node>.sqlite; empty = not kept. The folder must exist.
  std::string databases_folder;
  sim::EventSink* events = nullptr;         // not owned; tracing and replay
  MeasurementSink* measurements = nullptr;  // not owned
  /// Instead of the plan that would be drawn; not owned. Its phase is the scenario's duration.
  const sim::FaultPlan* plan = nullptr;
  model::Observer* observer = nullptr;  // gets ground truth as well, after the checkers; not owned
  /// Stop at the first violation of a promise to clients or of an invariant of the protocol. One of the protocol is
  /// noticed when the next operation of a client ends; one of a promise at most 2 * HistoryRecorder::kOnlineBatch
  /// operations after all that were open at the violation have ended. Never changes what runs until then.
  bool stop_at_violation = false;
  /// Gets what the clients did, for WorkloadOptions::script; not owned.
  std::vector<model::ScriptedOperation>* script = nullptr;
  RunWatcher* watcher = nullptr;             // not owned
  model::ClientObserver* clients = nullptr;  // gets what clients do as well, after the recorder; not owned
  /// Nothing after this instant happens: RunResult::cut. Verdicts have what was broken by then.
  std::optional<sim::Instant> until = std::nullopt;
  /// The recorder of histories is not told of every n-th operation, to see that this is noticed; 0 = of all.
  std::uint32_t lose_every = 0;
};

/// How well the databases of a run could be used, from ground truth; times add up over the databases.
struct Availability {
  /// Without a serving primary, from the first one on to the end of the run. A primary that is paused or cut off counts
  /// as serving until it is replaced or gives up. Zero in worlds without a control plane.
  sim::Duration without_primary;
  sim::Duration longest_without_primary;
  sim::Duration longest_wait;          // of a client operation, with any outcome
  std::uint64_t unknown_outcomes = 0;  // writes of clients
  bool judged = false;                 // the rest needs the replication checks; else it is zero
  std::uint64_t takeovers = 0;         // leaders that began to serve, but for the first of each database
  std::uint64_t restores = 0;          // Time Travel
  std::uint64_t entries_confirmed = 0;
  std::uint64_t confirmed_lost = 0;       // entries that were acknowledged to somebody, or could have been: must be 0
  std::uint64_t unconfirmed_dropped = 0;  // entries that nobody was told of
};

struct RunResult {
  std::uint64_t seed = 0;
  std::string digest;  // 32 hex digits: events of the run
  std::uint64_t events = 0;
  std::uint64_t operations = 0;  // of clients, with any outcome
  /// The run was stopped at a violation: digest, events, operations and virtual_seconds say where, and `verdicts` has
  /// what was broken by then and nothing else.
  bool stopped = false;
  /// Likewise, but at RunRequest::until.
  bool cut = false;
  double virtual_seconds = 0;
  /// In the order of verdict_names(); only those that the scenario asks for.
  std::vector<checkers::Verdict> verdicts;
  std::vector<ActionCount> actions;  // of an application
  std::vector<sim::StreamRegistry::Draws> draws;
  model::ClusterStatistics statistics;
  Availability availability;
  std::vector<model::NodeInfo> nodes;
  Scenario scenario;  // what ran: [swarm] has been drawn
  sim::FaultPlan plan;
  std::vector<sim::FaultReport> faults;           // in the order of the plan
  std::vector<sim::Buggify::SiteReport> buggify;  // sites that were passed while their class was on, by name
  std::uint32_t faults_left_out = 0;              // drawn, but without room in the budget
  /// "budget exceeded: 7 writes lost; ...": what faults beyond the budget destroyed, from ground truth; empty: nothing.
  std::string budget_exceeded;

  /// Exit code 0 to 3 after `expect`: 0 = all valid, or every expected verdict was violated and nothing else was;
  /// 1 = a safety violation, or an expected one that did not happen; 2 = undecided; 3 = only liveness is violated.
  int exit_code(const std::vector<std::string>& expect) const;
  /// "valid", "invalid", "unknown", "expected" (violations that were expected, and nothing else).
  std::string verdict(const std::vector<std::string>& expect) const;
};

/// Throws ScenarioError, checkers::HistoryError when the history cannot be written, std::system_error when a database
/// cannot be.
RunResult run_scenario(const RunRequest& request);

}  // namespace tidemark::scenarios
