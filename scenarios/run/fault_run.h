// FaultRun: the faults of one run: its plan, drawn before anything runs, and the nemesis that carries it out.
#pragma once

#include <memory>
#include <optional>

#include "model/cluster/cluster.h"
#include "model/cluster/fault_world.h"
#include "scenarios/run/fault_signals.h"
#include "scenarios/run/runner.h"
#include "scenarios/run/truth_recorder.h"
#include "scenarios/scenario.h"
#include "sim/nemesis/nemesis.h"

namespace tidemark::scenarios {

class FaultRun {
 public:
  /// Draws the plan with the streams of the cluster, or takes `given` (may be nullptr). Throws ScenarioError
  /// when the plan is not possible here, or exceeds the budget without saying so. All arguments must outlive it.
  FaultRun(const Scenario& scenario, const sim::FaultPlan* given, model::Cluster& cluster, FaultSignals& signals,
           sim::EventSink* events);

  const sim::FaultPlan& plan() const { return drawn_.plan; }
  /// The fault phase begins now.
  void strike();
  /// Every fault ends; what waits for a trigger never begins.
  void heal();
  /// Until now: whose disk lost what it had stored.
  std::vector<sim::ContentLoss> losses() const { return nemesis_.losses(); }
  /// Plan and reports into the result; what nobody will mend is told to the judge of liveness.
  void finish(RunResult& result, TruthRecorder& truth) const;

 private:
  const Scenario& scenario_;
  model::Cluster& cluster_;
  FaultSignals& signals_;
  sim::EventSink* const events_;
  model::ClusterFaultWorld world_;
  sim::DrawnPlan drawn_;
  sim::Nemesis nemesis_;
};

}  // namespace tidemark::scenarios
