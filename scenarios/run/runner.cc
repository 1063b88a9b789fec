#include "scenarios/run/runner.h"

#include <fmt/core.h>

#include <algorithm>
#include <stdexcept>

#include "scenarios/run/cluster_options.h"
#include "scenarios/run/copies_checker.h"
#include "scenarios/run/history_recorder.h"
#include "scenarios/run/truth_recorder.h"

namespace tidemark::scenarios {
namespace {

using checkers::Validity;
using checkers::Verdict;

std::vector<std::string> history_paths(const RunRequest& request) {
  std::vector<std::string> paths;
  const std::string folder = request.history_path.substr(0, request.history_path.rfind('/') + 1);
  for (const DatabaseSpec& database : request.scenario.databases) {
    const bool wanted = !request.history_path.empty() && request.scenario.checks.history;
    const std::string further = fmt::format("{}history-{}.jsonl", folder, database.name);
    paths.push_back(!wanted ? "" : paths.empty() ? request.history_path : further);
  }
  return paths;
}

/// A run that did not get to its end: a liveness violation with this cause.
Verdict stuck(const std::string& witness) {
  Verdict verdict;
  verdict.name = "LIVE";
  verdict.validity = Validity::kInvalid;
  verdict.witness = witness;
  verdict.observations = 1;
  verdict.liveness = true;
  return verdict;
}

/// Runs the phases. Empty when all went as it should, else what held the run up.
std::string run_phases(model::Cluster& cluster, const Scenario& scenario) {
  sim::RunEnd end = cluster.setup();
  if (end == sim::RunEnd::kStuck)
    return "Virtual time stood still during the setup. " + cluster.scheduler().stuck_report();
  if (end != sim::RunEnd::kIdle) {
    return fmt::format("The cluster was not set up by {}: {}", to_text(cluster.scheduler().now()),
                       cluster.unfinished());
  }
  end = cluster.run(scenario.duration);
  if (end == sim::RunEnd::kStuck) return "Virtual time stood still. " + cluster.scheduler().stuck_report();
  if (cluster.quiesce(scenario.quiet_limit)) {
    // Quiet means that replicas have everything; followers may be about to hear of the last confirm.
    cluster.run(scenario.relay.confirm_flush_period + sim::Duration::seconds(1));
    return {};
  }
  return fmt::format("Not at rest {} after the clients stopped: {}", to_text(scenario.quiet_limit),
                     cluster.unfinished());
}

bool is_listed(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void sort_by_name(std::vector<Verdict>& verdicts) {
  const std::vector<std::string>& order = verdict_names();
  const auto place = [&order](const Verdict& v) {
    return std::find(order.begin(), order.end(), v.name) - order.begin();
  };
  std::stable_sort(verdicts.begin(), verdicts.end(),
                   [&](const Verdict& a, const Verdict& b) { return place(a) < place(b); });
}

}  // namespace

int RunResult::exit_code(const std::vector<std::string>& expect) const {
  bool safety = false, liveness = false, unknown = false;
  for (const Verdict& verdict : this->verdicts) {
    const bool expected = is_listed(expect, verdict.name);
    if (expected) {
      safety = safety || verdict.validity != Validity::kInvalid;  // it did not happen
    } else if (verdict.validity == Validity::kInvalid) {
      (verdict.liveness ? liveness : safety) = true;
    } else if (verdict.validity == Validity::kUnknown) {
      unknown = true;
    }
  }
  for (const std::string& name : expect) {
    const bool judged = std::any_of(verdicts.begin(), verdicts.end(), [&](const Verdict& v) { return v.name == name; });
    safety = safety || !judged;
  }
  return safety ? 1 : liveness ? 3 : unknown ? 2 : 0;
}

std::string RunResult::verdict(const std::vector<std::string>& expect) const {
  switch (exit_code(expect)) {
    case 0:
      return expect.empty() ? "valid" : "expected";
    case 2:
      return "unknown";
    default:
      return "invalid";
  }
}

RunResult run_scenario(const RunRequest& request) {
  const Scenario& scenario = request.scenario;
  model::ClusterOptions options = cluster_options(scenario, request.seed);
  const std::string problem = options.problem();
  if (!problem.empty()) throw std::invalid_argument(problem);

  HistoryRecorder history(scenario, request.seed, history_paths(request));
  TruthRecorder truth(scenario, history, request.measurements);
  model::Cluster cluster(std::move(options), {&truth, &history});
  cluster.scheduler().set_sink(request.events);
  truth.attach(cluster);

  RunResult result;
  const std::string held_up = run_phases(cluster, scenario);
  // The digest is that of the run; what follows only looks.
  result.seed = request.seed;
  result.digest = cluster.scheduler().digest().hex();
  result.events = cluster.scheduler().events();
  result.virtual_seconds = cluster.scheduler().now().since_start().s();
  result.statistics = cluster.statistics();
  result.draws = cluster.streams().draw_counts();
  result.nodes = cluster.nodes();
  cluster.scheduler().set_sink(nullptr);

  history.finish(result.verdicts);
  truth.finish(held_up, result.verdicts);
  result.operations = history.operations();
  if (!held_up.empty()) {
    // The checker's witness says who is behind; why the run was held up comes first. A run that did not get to its end
    // is never valid, even when liveness is not judged.
    const auto live =
        std::find_if(result.verdicts.begin(), result.verdicts.end(), [](const Verdict& v) { return v.name == "LIVE"; });
    const std::string behind = live == result.verdicts.end() || live->witness.empty() ? "" : "\n" + live->witness;
    if (live != result.verdicts.end()) result.verdicts.erase(live);
    result.verdicts.push_back(stuck(held_up + behind));
  }
  if (scenario.checks.integrity || !request.databases_folder.empty()) {
    CopiesChecker copies(request.databases_folder);
    if (held_up.empty()) cluster.export_databases(copies);
    const std::vector<Verdict> found = copies.finish();
    if (scenario.checks.integrity) result.verdicts.insert(result.verdicts.end(), found.begin(), found.end());
  }
  sort_by_name(result.verdicts);
  return result;
}

}  // namespace tidemark::scenarios
