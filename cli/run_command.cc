#include <fmt/core.h>

#include <chrono>
#include <filesystem>
#include <optional>

#include "cli/checkpoint_file.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/plan_file.h"
#include "cli/progress.h"
#include "cli/run_folder.h"
#include "cli/seed.h"
#include "cli/shell_word.h"
#include "cli/simulate.h"
#include "scenarios/run/runner.h"
#include "sim/trace/trace_file.h"

namespace tidemark::cli {
namespace {

struct Seeds {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  bool many = false;
};

/// `usual` when the command line says nothing.
Seeds seeds_of(const RunArguments& arguments, std::uint64_t usual) {
  Seeds seeds{usual, usual, false};
  std::string error;
  if (!arguments.seeds.empty()) {
    if (!arguments.seed.empty()) throw UsageError("--seed and --seeds exclude each other");
    if (!parse_seed_range(arguments.seeds, seeds.first, seeds.last, error)) throw UsageError("--seeds " + error);
    seeds.many = true;
  } else if (!arguments.seed.empty()) {
    if (!parse_seed(arguments.seed, seeds.first, error)) throw UsageError("--seed " + error);
    seeds.last = seeds.first;
  }
  return seeds;
}

std::string reproduce_line(const RunArguments& arguments, std::uint64_t seed) {
  std::string line = fmt::format("tidemark run {} --seed {}", shell_word(arguments.scenario), seed);
  if (!arguments.plan.empty()) line += " --plan " + shell_word(arguments.plan);
  if (arguments.online) line += " --online";
  for (const std::string& set : arguments.sets) line += " --set " + shell_word(set);
  return line;
}

/// One run, with its folder if one is asked for.
reports::RunReport run_once(const RunArguments& arguments, const scenarios::Scenario& scenario, std::uint64_t seed,
                            const std::string& folder, const sim::FaultPlan* plan, int& code) {
  scenarios::RunRequest request{scenario, seed, "", "", nullptr, nullptr, plan};
  request.stop_at_violation = arguments.online;
  std::optional<sim::TraceWriter> trace;
  CheckpointRecorder checkpoints;
  sim::SinkList sinks;
  if (!folder.empty()) {
    make_folder(folder);
    // What an earlier run left here would be taken for this one's.
    std::filesystem::remove(folder + "/trace.bin");
    std::filesystem::remove_all(folder + "/databases");
    request.history_path = folder + "/history.jsonl";
    if (arguments.keep_databases) make_folder(request.databases_folder = folder + "/databases");
    if (arguments.trace) sinks.add(trace.emplace(folder + "/trace.bin"));
    sinks.add(checkpoints);
    request.events = &sinks;
    request.watcher = &checkpoints;
  }
  const auto begin = std::chrono::steady_clock::now();
  const scenarios::RunResult result = simulate(request);
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (trace && !trace->finish()) throw UsageError(folder + "/trace.bin: cannot be written");
  reports::RunReport report = report_of(scenario, result, wall, reproduce_line(arguments, seed));
  if (!folder.empty()) write_run_folder(folder, report, result);
  if (!folder.empty()) write_checkpoints(folder, checkpoints.checkpoints());
  code = result.exit_code(scenario.expect);
  return report;
}

int run_one(const RunArguments& arguments, const scenarios::Scenario& scenario, std::uint64_t seed,
            const sim::FaultPlan* plan) {
  const bool json = arguments.format == "json";
  const std::string head = fmt::format("seed {}\nscenario {} ({})\n", seed, arguments.scenario, scenario.name);
  // The seed is out before the first draw, whatever happens then.
  if (json) {
    print_message(head);
  } else {
    print(head);
  }
  int code = kExitValid;
  const reports::RunReport report = run_once(arguments, scenario, seed, arguments.out, plan, code);
  print(json ? run_json(report, reports::JsonWriter::Style::kCompact) : run_text(report));
  return code;
}

int run_many(const RunArguments& arguments, const scenarios::Scenario& scenario, const Seeds& seeds) {
  const bool json = arguments.format == "json";
  std::uint64_t runs = 0, good = 0;
  int worst_code = kExitValid;
  std::optional<reports::RunReport> first_bad;
  const Progress progress;
  for (std::uint64_t seed = seeds.first;; ++seed) {
    const std::string folder = arguments.out.empty() ? "" : fmt::format("{}/{}", arguments.out, seed);
    int code = kExitValid;
    progress.running(seed);
    const reports::RunReport report = run_once(arguments, scenario, seed, folder, nullptr, code);
    progress.done();
    print(json ? run_json(report, reports::JsonWriter::Style::kCompact) : run_line(report));
    ++runs;
    good += code == kExitValid ? 1 : 0;
    worst_code = graver(worst_code, code);
    if (code != kExitValid && !first_bad) first_bad = report;
    if (seed == seeds.last || (code != kExitValid && arguments.stop_on_first)) break;
  }
  if (first_bad && !json) print(fmt::format("\nfirst failure: seed {}\n{}", first_bad->seed, run_text(*first_bad)));
  const std::string summary = fmt::format("{} runs: {} as they should be, {} not\n", runs, good, runs - good);
  if (json) {
    print_message(summary);
  } else {
    print(summary);
  }
  return worst_code;
}

}  // namespace

namespace {

/// The plan of --plan, which must fit the scenario's length.
StoredPlan plan_for(const RunArguments& arguments, const scenarios::Scenario& scenario) {
  if (!arguments.seeds.empty()) throw UsageError("--plan is of one run: it excludes --seeds");
  StoredPlan plan = read_plan(arguments.plan);
  if (!plan.faults) throw UsageError(fmt::format("{}: the run of this plan had no faults", arguments.plan));
  if (plan.faults->phase != scenario.duration)
    throw UsageError(fmt::format("{}: is for {} under fault, but scenario.duration is {}", arguments.plan,
                                 to_text(plan.faults->phase), to_text(scenario.duration)));
  return plan;
}

}  // namespace

int run_command(const RunArguments& arguments) {
  if (arguments.out.empty() && (arguments.trace || arguments.keep_databases)) {
    throw UsageError(fmt::format("{} needs a folder: --out DIR", arguments.trace ? "--trace" : "--keep-databases"));
  }
  const scenarios::Scenario scenario = load_or_throw(arguments.scenario, arguments.sets);
  StoredPlan plan{scenario.seed, std::nullopt};
  if (!arguments.plan.empty()) plan = plan_for(arguments, scenario);
  const Seeds seeds = seeds_of(arguments, plan.seed);
  if (seeds.many) return run_many(arguments, scenario, seeds);
  return run_one(arguments, scenario, seeds.first, plan.faults ? &*plan.faults : nullptr);
}

}  // namespace tidemark::cli
