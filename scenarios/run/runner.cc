#include "scenarios/run/runner.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "scenarios/run/application_judge.h"
#include "scenarios/run/cluster_options.h"
#include "scenarios/run/copies_checker.h"
#include "scenarios/run/fault_run.h"
#include "scenarios/run/history_recorder.h"
#include "scenarios/run/observer_tee.h"
#include "scenarios/run/operation_count.h"
#include "scenarios/run/script_recorder.h"
#include "scenarios/run/truth_recorder.h"
#include "scenarios/swarm.h"

namespace tidemark::scenarios {
namespace {

constexpr sim::Duration kSetupLimit = sim::Duration::seconds(120);

using checkers::Validity;
using checkers::Verdict;

std::vector<std::string> history_paths(const RunRequest& request, const Scenario& scenario) {
  std::vector<std::string> paths;
  const std::string folder = request.history_path.substr(0, request.history_path.rfind('/') + 1);
  for (const DatabaseSpec& database : scenario.databases) {
    const bool wanted = !request.history_path.empty() && scenario.checks.history;
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

/// Hands what clients do to two observers, in this order.
class ClientTee final : public model::ClientObserver {
 public:
  /// `second` may be nullptr.
  ClientTee(model::ClientObserver& first, model::ClientObserver* second) : first_(first), second_(second) {}
  void on_hostile(const model::HostileAnswer& answer) override {
    first_.on_hostile(answer);
    if (second_ != nullptr) second_->on_hostile(answer);
  }
  void on_invoke(const model::ClientInvocation& invocation) override {
    first_.on_invoke(invocation);
    if (second_ != nullptr) second_->on_invoke(invocation);
  }
  void on_complete(const model::ClientOperation& operation) override {
    first_.on_complete(operation);
    if (second_ != nullptr) second_->on_complete(operation);
  }

 private:
  model::ClientObserver& first_;
  model::ClientObserver* const second_;
};

/// What kept a run from its end. A clock that stands still is a mistake, whatever the faults were.
struct HeldUp {
  std::string text;  // empty: nothing
  bool clock_stands = false;
};

/// Setup, load (under fault, if there are faults), healed phase, rest. `faults` may be nullptr.
/// `stopped` becomes true when a violation stops the run; nothing is done to the cluster after that.
/// The request's `until`: nothing happens after it; `cut` tells that it came.
HeldUp run_phases(model::Cluster& cluster, const Scenario& scenario, FaultRun* faults, const RunRequest& request,
                  const bool& stopped, bool& cut) {
  const sim::Instant until = request.until.value_or(sim::Instant::max());
  const auto within = [&](sim::Duration duration) {
    const sim::Duration left = until - cluster.scheduler().now();
    cut = cut || left <= duration;
    return std::min(left, duration);
  };
  sim::RunEnd end = cluster.setup(within(kSetupLimit));
  if (end == sim::RunEnd::kIdle) cut = false;  // long before the limit
  if (cut) return {};
  if (end == sim::RunEnd::kStuck)
    return {"Virtual time stood still during the setup. " + cluster.scheduler().stuck_report(), true};
  if (end != sim::RunEnd::kIdle) {
    return {
        fmt::format("The cluster was not set up by {}: {}", to_text(cluster.scheduler().now()), cluster.unfinished())};
  }
  if (faults != nullptr) faults->strike();
  if (faults != nullptr && request.watcher != nullptr) request.watcher->on_fault_phase(true);
  end = cluster.run(within(scenario.duration));
  if (cut) return {};
  if (faults != nullptr && end != sim::RunEnd::kStuck && !stopped) {
    faults->heal();
    if (request.watcher != nullptr) request.watcher->on_fault_phase(false);
    end = cluster.run(within(scenario.fault_options.healed_load));
    if (cut) return {};
  }
  if (stopped) return {};
  if (end == sim::RunEnd::kStuck) return {"Virtual time stood still. " + cluster.scheduler().stuck_report(), true};
  const sim::Duration limit = faults != nullptr ? scenario.fault_options.healed_limit : scenario.quiet_limit;
  if (cluster.quiesce(within(limit))) cut = false;
  if (cluster.quiet() || stopped || cut) return {};
  return {fmt::format("Not at rest {} after the clients stopped: {}", to_text(limit), cluster.unfinished())};
}

/// What clients saw after writes were lost beyond the budget contradicts what they had seen before; that is no news.
void excuse_loss(std::vector<Verdict>& verdicts, const std::string& budget_exceeded, bool is_unknown) {
  for (Verdict& verdict : verdicts) {
    if (verdict.validity == Validity::kValid) continue;
    verdict.validity = is_unknown ? Validity::kUnknown : Validity::kValid;
    verdict.witness = fmt::format("{}, so this says nothing: {}", budget_exceeded, verdict.witness);
  }
}

/// A run that did not get to its end is never valid, even when liveness is not judged. Why it was held up comes first;
/// the checker's witness says who is behind.
void add_held_up(std::vector<Verdict>& verdicts, const std::string& held_up) {
  const auto live = std::find_if(verdicts.begin(), verdicts.end(), [](const Verdict& v) { return v.name == "LIVE"; });
  const std::string behind = live == verdicts.end() || live->witness.empty() ? "" : "\n" + live->witness;
  if (live != verdicts.end()) verdicts.erase(live);
  verdicts.push_back(stuck(held_up + behind));
}

/// LIVE has proved that the run could not come to rest, so nobody expected copies to be compared.
void excuse_copies(std::vector<Verdict>& verdicts) {
  for (Verdict& verdict : verdicts)
    if (verdict.validity == Validity::kUnknown) verdict.validity = Validity::kValid;
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
    safety = safety || (!judged && !stopped && !cut);
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
  const Scenario scenario = draw_scenario(request.scenario, request.seed);
  const bool faulty = request.plan != nullptr || scenario.has_faults();
  model::ClusterOptions options = cluster_options(scenario, request.seed);
  options.reserves = faulty;
  const std::string problem = options.problem();
  if (!problem.empty()) throw ScenarioError(problem);

  HistoryRecorder history(scenario, request.seed, history_paths(request, scenario), request.stop_at_violation);
  const TruthOptions truth_options = TruthOptions::of(scenario);
  TruthRecorder truth(scenario, truth_options, history, request.measurements);
  std::optional<ObserverTee> tee;
  if (request.observer != nullptr) tee.emplace(truth, *request.observer);
  model::Observer& recorder = tee ? static_cast<model::Observer&>(*tee) : truth;
  FaultSignals signals;
  ObserverTee with_signals(recorder, signals);
  model::Observer& signalled = faulty ? static_cast<model::Observer&>(with_signals) : recorder;
  std::optional<ApplicationJudge> application;
  if (model::does_actions(scenario.workload.kind))
    application.emplace(scenario, request.seed, history_paths(request, scenario));
  std::optional<ObserverTee> with_application;
  if (application) with_application.emplace(signalled, *application);
  model::Observer& observer = with_application ? static_cast<model::Observer&>(*with_application) : signalled;
  OperationCount counted(history, request.lose_every);
  ClientTee recorded(counted, application ? &*application : nullptr);
  ClientTee clients(recorded, request.clients);
  std::optional<ScriptRecorder> script;
  if (request.script != nullptr) script.emplace(scenario, clients, *request.script);
  model::Cluster cluster(std::move(options),
                         {&observer, script ? static_cast<model::ClientObserver*>(&*script) : &clients});
  if (script) script->attach(cluster);
  cluster.scheduler().set_sink(request.events);
  truth.attach(cluster);
  if (application) application->attach(cluster);
  if (request.watcher != nullptr) request.watcher->on_world(cluster, scenario);

  RunResult result;
  if (request.stop_at_violation) {
    history.on_progress([&] {
      const bool excused = truth.went_on_without();
      const bool promises = history.violated() || (application && application->violated());
      if (!truth.violated() && (excused || !promises)) return;
      result.stopped = true;
      cluster.scheduler().stop();
    });
  }
  std::optional<FaultRun> faults;
  if (faulty) faults.emplace(scenario, request.plan, cluster, signals, request.events);
  if (faulty && truth_options.beyond_budget) truth.on_content_lost([&faults] { return faults->losses(); });
  if (faults && request.watcher != nullptr) request.watcher->on_fault_plan(faults->plan());
  const HeldUp held_up =
      run_phases(cluster, scenario, faults ? &*faults : nullptr, request, result.stopped, result.cut);
  // The digest is that of the run; what follows only looks.
  result.seed = request.seed;
  result.digest = cluster.scheduler().digest().hex();
  result.events = cluster.scheduler().events();
  result.virtual_seconds = cluster.scheduler().now().since_start().s();
  result.statistics = cluster.statistics();
  result.draws = cluster.streams().draw_counts();
  result.nodes = cluster.nodes();
  if (application) result.actions = application->actions();
  if (faults) faults->finish(result, truth);
  cluster.scheduler().set_sink(nullptr);
  if (request.watcher != nullptr) request.watcher->on_rest(cluster, result.faults);
  if (result.stopped || result.cut) {
    history.stop(result.verdicts);
    if (application) application->stop(result.verdicts);
    truth.stop(result.verdicts);
    result.operations = history.operations();
    result.availability = truth.availability();
    sort_by_name(result.verdicts);
    result.scenario = scenario;
    return result;
  }

  truth.end_run(held_up.text);
  history.end(cluster.scheduler().now());
  history.finish(result.verdicts);
  if (application) application->finish(result.verdicts);
  counted.judge(history.operations(), result.verdicts);
  result.budget_exceeded = truth.budget_exceeded();
  if (truth.went_on_without()) excuse_loss(result.verdicts, result.budget_exceeded, truth_options.loss_is_unknown);
  truth.finish(result.verdicts);
  result.operations = history.operations();
  result.availability = truth.availability();
  if (!held_up.text.empty() && (held_up.clock_stands || !truth.excused())) add_held_up(result.verdicts, held_up.text);
  if (scenario.checks.integrity || !request.databases_folder.empty()) {
    CopiesChecker copies(request.databases_folder);
    if (held_up.text.empty()) cluster.export_databases(copies);
    std::vector<Verdict> found = copies.finish();
    if (!held_up.text.empty() && truth.excused()) excuse_copies(found);
    if (scenario.checks.integrity) result.verdicts.insert(result.verdicts.end(), found.begin(), found.end());
  }
  sort_by_name(result.verdicts);
  result.scenario = scenario;
  return result;
}

}  // namespace tidemark::scenarios
