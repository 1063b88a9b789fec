// The run folder: what a run leaves behind, enough to repeat it.
//
//   run.json        result, faults and what they did, availability, build, draws per stream
//   plan.json       what the seed decided before the run: which process stands where, every fault (cli/plan_file.h)
//   scenario.toml   resolved: every option with its value; what a swarm drew is in it
//   history.jsonl   operations of the clients
//   checkpoints.txt digests and draws at some hundred events (cli/checkpoint_file.h)
//   trace.bin       every event, when asked for
//   databases/      files of every copy, when asked for
#pragma once

#include <optional>
#include <string>

#include "reports/run_report.h"
#include "scenarios/run/runner.h"

namespace tidemark::cli {

struct StoredRun {
  reports::RunReport report;
  scenarios::Scenario scenario;
  std::optional<sim::FaultPlan> plan;  // nothing: the run had no faults
  bool has_trace = false;
  std::vector<sim::StreamRegistry::Draws> draws;  // by the end of the run; sorted by name
};

/// The result of a run as a report.
reports::RunReport report_of(const scenarios::Scenario& scenario, const scenarios::RunResult& result,
                             double wall_seconds, const std::string& reproduce);

/// run.json, plan.json and scenario.toml. Throws UsageError when a file cannot be written.
void write_run_folder(const std::string& folder, const reports::RunReport& report, const scenarios::RunResult& result);
/// Throws UsageError when a file is missing, of another format or a newer version, or not as it should be.
StoredRun read_run_folder(const std::string& folder);
/// run.json alone. Throws likewise.
reports::RunReport read_run_report(const std::string& folder);

}  // namespace tidemark::cli
