// `tidemark report coverage`: faults of stored runs, or of runs made for it.
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/point_tally.h"
#include "cli/progress.h"
#include "cli/run_faults.h"
#include "cli/run_folder.h"
#include "cli/seed.h"
#include "cli/simulate.h"
#include "reports/coverage.h"

namespace tidemark::cli {
namespace {

namespace fs = std::filesystem;

/// The run folders that `folder` stands for: itself, or those in it (`tidemark run --seeds A..B --out folder`), by
/// length of the name and name, so that seeds come in their order.
std::vector<std::string> run_folders(const std::string& folder) {
  if (fs::exists(folder + "/run.json")) return {folder};
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (fs::exists(entry.path() / "run.json")) names.push_back(entry.path().filename().string());
  if (names.empty()) throw UsageError(folder + ": holds no run");
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  for (std::string& name : names) name = folder + "/" + name;
  return names;
}

/// Runs every seed; says on stderr which ended badly. The gravest exit code.
int run_all(reports::CoverageCollector& collector, PointTally& points, const CoverageArguments& arguments,
            const std::string& input) {
  const scenarios::Scenario scenario = load_or_throw(input, arguments.sets);
  std::uint64_t first = scenario.seed, last = scenario.seed;
  std::string error;
  if (!arguments.seeds.empty() && !parse_seed_range(arguments.seeds, first, last, error))
    throw UsageError("--seeds " + error);
  int worst = kExitValid;
  const Progress progress;
  for (std::uint64_t seed = first;; ++seed) {
    progress.running(seed);
    scenarios::RunRequest request{scenario, seed, "", ""};
    request.watcher = &points;
    const scenarios::RunResult result = simulate(request);
    progress.done();
    collector.add_run(fault_figures(result));
    const int code = result.exit_code(scenario.expect);
    if (code != kExitValid)
      print_message(fmt::format("warning: seed {} of {} is {}\n", seed, input, result.verdict(scenario.expect)));
    worst = graver(worst, code);
    if (seed == last) return worst;
  }
}

}  // namespace

int coverage_command(const CoverageArguments& arguments) {
  reports::CoverageCollector collector;
  for (const sim::FaultKindInfo& kind : sim::fault_kinds())
    if (kind.injectable()) collector.add_kind(kind.id, kind.name);
  int code = kExitValid;
  PointTally points;
  bool any_made = false;
  for (const std::string& input : arguments.inputs) {
    if (!fs::is_directory(input)) {
      code = graver(code, run_all(collector, points, arguments, input));
      any_made = true;
      continue;
    }
    if (!arguments.seeds.empty() || !arguments.sets.empty())
      throw UsageError(input + ": --seeds and --set are for scenarios, not for stored runs");
    for (const std::string& folder : run_folders(input)) collector.add_run(read_run_report(folder).faults);
  }
  if (any_made) collector.add_points(points.passed());
  const reports::CoverageReport report = collector.report();
  const std::string text = arguments.format == "json" ? coverage_json(report) : coverage_text(report);
  if (arguments.out.empty()) {
    print(text);
  } else {
    write_file(arguments.out, text);
  }
  return report.any_idle() ? graver(code, kExitSafety) : code;
}

}  // namespace tidemark::cli
