#include "scenarios/run/fault_run.h"

#include "scenarios/fault_spec.h"
#include "scenarios/swarm.h"

namespace tidemark::scenarios {
namespace {

using sim::FaultKind;

/// The plan, or an exception that says why it cannot be.
sim::DrawnPlan plan_of(const Scenario& scenario, const sim::FaultPlan* given, sim::FaultWorld& world) {
  const sim::FaultSpec spec = fault_spec(scenario);
  sim::DrawnPlan drawn;
  if (given != nullptr) {
    drawn.plan = *given;
  } else {
    drawn = sim::draw(spec, world.topology(), world.streams());
  }
  std::string problem = drawn.problem.empty() ? sim::problem_of(drawn.plan, world.topology()) : drawn.problem;
  if (problem.empty()) {
    const auto excess = sim::FaultBudget(spec.budget).check(drawn.plan, world.topology());
    if (excess) problem = "the plan exceeds the budget: " + excess->sentence;
  }
  if (!problem.empty()) throw ScenarioError("scenario " + scenario.name + ": " + problem);
  return drawn;
}

}  // namespace

FaultRun::FaultRun(const Scenario& scenario, const sim::FaultPlan* given, model::Cluster& cluster,
                   FaultSignals& signals, sim::EventSink* events)
    : scenario_(scenario),
      cluster_(cluster),
      signals_(signals),
      events_(events),
      world_(cluster),
      drawn_(plan_of(scenario, given, world_)),
      nemesis_(world_) {}

void FaultRun::strike() {
  world_.begin();
  nemesis_.arm(drawn_.plan);
  signals_.attach(cluster_, nemesis_, events_);
}

void FaultRun::heal() {
  signals_.detach();
  nemesis_.heal_all();
}

void FaultRun::finish(RunResult& result, TruthRecorder& truth) const {
  result.plan = drawn_.plan;
  result.faults = nemesis_.reports();
  result.faults_left_out = drawn_.left_out;
  result.buggify = cluster_.buggify().sites();
  for (sim::FaultReport& report : result.faults) {
    // Knobs belong to the scenario; the world of the nemesis does not know their defaults.
    if (report.kind == FaultKind::kB2 && report.struck()) report.effects = knobs_off_default(scenario_);
    if (report.kind != FaultKind::kR6 || report.effects == 0) continue;
    for (const std::string& target : report.targets)
      if (const model::NodeInfo* node = cluster_.find(target))
        truth.note_disabled(node->process, "lost for good (fault " + std::to_string(report.id) + ")");
  }
}

}  // namespace tidemark::scenarios
