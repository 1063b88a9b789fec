// checkpoints.txt of a run folder: the running digest at some hundred events of the run, and how often every random
// stream had been drawn from by then. Without a trace it says between which events another run begins to differ.
//
//   tidemark-checkpoints 1
//   stream 0 net/IAD->FRA/jitter
//   point 64 1250000000 4e67d3e963ef5603b57220fe1a3c2b84 0:12 7:3
//
// A point: number of the event, instant in ns, digest including it, and draws (of stream: count) that are more than at
// the point before. It is taken before the event happens.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/cluster/cluster.h"
#include "scenarios/run/runner.h"
#include "sim/core/scheduler.h"
#include "sim/trace/checkpoints.h"
#include "sim/trace/compare_runs.h"

namespace tidemark::cli {

struct RunCheckpoints {
  struct Drawn {
    std::uint32_t stream = 0;
    std::uint32_t times = 0;
  };
  struct Point {
    sim::Checkpoint digest;
    std::vector<Drawn> drawn;  // since the point before; ascending
  };
  std::vector<std::string> streams;
  std::vector<Point> points;  // in the order of the run
};

/// Makes them while the run goes on: at the multiples of a stride that doubles when there are too many. Memory: 8 bytes
/// for each stream that was drawn from between two points.
class CheckpointRecorder final : public sim::EventSink, public scenarios::RunWatcher {
 public:
  static constexpr std::size_t kMost = 128;
  void on_world(model::Cluster& cluster, const scenarios::Scenario& scenario) override;
  void on_rest(model::Cluster& cluster, const std::vector<sim::FaultReport>& faults) override;
  void on_event(const sim::EventRecord& event) override;
  const RunCheckpoints& checkpoints() const { return made_; }

 private:
  model::Cluster* cluster_ = nullptr;
  void thin_out();
  std::vector<RunCheckpoints::Drawn> drawn_since();

  std::uint64_t stride_ = 1;
  std::vector<std::uint64_t> draws_;  // by stream, at the newest point
  RunCheckpoints made_;
};

/// Throws UsageError when it cannot be written.
void write_checkpoints(const std::string& folder, const RunCheckpoints& checkpoints);
/// Nothing when the folder has none (it is of an older version). Throws UsageError when the file is damaged.
std::optional<RunCheckpoints> read_checkpoints(const std::string& folder);

/// A stream that the plan of faults is drawn from. A replay has the plan already.
bool draws_the_plan(std::string_view stream);
/// Without those.
std::vector<sim::StreamRegistry::Draws> of_the_run(std::vector<sim::StreamRegistry::Draws> draws);

struct CheckpointDifference {
  sim::DifferingInterval interval;           // of events; 0, 0: all compared ones are equal
  std::uint64_t draws_seen_at = 0;           // event at which draws differ first; 0: they do not
  std::vector<sim::StreamDifference> draws;  // there
  bool any() const { return interval.up_to != 0 || draws_seen_at != 0; }
};
CheckpointDifference compare(const RunCheckpoints& stored, const RunCheckpoints& replayed);

}  // namespace tidemark::cli
