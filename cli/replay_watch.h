// What watches a replay: the comparison with the stored run, the log for people, the stop for a debugger.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/checkpoint_file.h"
#include "explain/narrator.h"
#include "sim/trace/compare_runs.h"
#include "sim/trace/log.h"
#include "sim/trace/trace_file.h"

namespace tidemark::cli {

/// Compares the events of the replay with a stored trace, one by one; remembers the first difference.
class TraceComparison final : public sim::EventSink {
 public:
  TraceComparison(const std::string& path, sim::NameOf name_of) : reader_(path), name_of_(std::move(name_of)) {}
  /// Throws UsageError when the trace is damaged.
  void on_event(const sim::EventRecord& event) override;
  /// After the replay: a stored trace that goes on is a difference too, unless the replay was cut.
  void finish(bool cut);
  /// Event, time, and what led to it, in the stored run and in the replay; empty: none.
  const std::string& difference() const { return difference_; }
  /// Number of the event; 0: none.
  std::uint64_t differs_at() const { return differs_at_; }

 private:
  std::optional<sim::EventRecord> next();
  void differ(const std::optional<sim::EventRecord>& stored, const std::optional<sim::EventRecord>& replayed);

  sim::TraceReader reader_;
  const sim::NameOf name_of_;
  std::vector<sim::EventRecord> events_;  // equal so far
  std::string difference_;
  std::uint64_t differs_at_ = 0;
};

/// Writes lines from an instant on to stderr: what happens in words; with kDebug every event, too.
class PeopleLog final : public explain::LineSink {
 public:
  PeopleLog(sim::Instant from, sim::LogLevel least) : from_(from), least_(least) {}
  void attach(model::Cluster* cluster);
  void on_event(const sim::EventRecord& event) override;
  void on_line(const explain::Line& line) override;

 private:
  bool on();
  const sim::Instant from_;
  const sim::LogLevel least_;
  model::Cluster* cluster_ = nullptr;
  std::unique_ptr<sim::Log> log_;
};

/// Stops the program before one event happens, for a debugger.
class Breakpoint final : public sim::EventSink {
 public:
  explicit Breakpoint(std::uint64_t event) : event_(event) {}
  void on_event(const sim::EventRecord& event) override;

 private:
  const std::uint64_t event_;
};

/// All of it for one run.
class ReplayWatch final : public scenarios::RunWatcher {
 public:
  ReplayWatch(std::optional<std::string> trace, std::unique_ptr<PeopleLog> log, std::uint64_t break_at_event);
  void watch(scenarios::RunRequest& request);

  void on_world(model::Cluster& cluster, const scenarios::Scenario& scenario) override;
  void on_fault_plan(const sim::FaultPlan& plan) override { narrator_.on_fault_plan(plan); }
  void on_rest(model::Cluster& cluster, const std::vector<sim::FaultReport>& faults) override;

  /// Valid as long as the watch.
  sim::NameOf name_of() const;
  TraceComparison* trace() { return trace_ ? &*trace_ : nullptr; }
  const RunCheckpoints& checkpoints() const { return checkpoints_.checkpoints(); }
  /// Who runs and leads, which faults are in force, at the end of the replay.
  const std::string& rest() const { return narrator_.rest(); }

 private:
  std::unique_ptr<PeopleLog> log_;
  explain::Narrator narrator_;
  std::optional<TraceComparison> trace_;
  CheckpointRecorder checkpoints_;
  Breakpoint breakpoint_;
  sim::SinkList sinks_;
};

}  // namespace tidemark::cli
