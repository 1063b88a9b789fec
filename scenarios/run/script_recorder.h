// ScriptRecorder: the operations of a run as a script, so that it can be played without its generators. Passes
// everything on to the observer that it stands before.
#pragma once

#include <vector>

#include "model/client/client_observer.h"
#include "model/cluster/cluster.h"
#include "model/types/script.h"
#include "scenarios/scenario.h"

namespace tidemark::scenarios {

class ScriptRecorder final : public model::ClientObserver {
 public:
  /// `script` is filled in the order of the run; times count from the start of the clients. All must outlive it.
  ScriptRecorder(const Scenario& scenario, model::ClientObserver& next, std::vector<model::ScriptedOperation>& script)
      : scenario_(scenario), next_(next), script_(script) {}
  /// Before the run.
  void attach(model::Cluster& cluster);

  void on_hostile(const model::HostileAnswer& answer) override { next_.on_hostile(answer); }
  void on_plan(const model::ClientPlan& plan) override;
  void on_invoke(const model::ClientInvocation& invocation) override { next_.on_invoke(invocation); }
  void on_complete(const model::ClientOperation& operation) override { next_.on_complete(operation); }

 private:
  const Scenario& scenario_;
  model::ClientObserver& next_;
  std::vector<model::ScriptedOperation>& script_;
  model::Cluster* cluster_ = nullptr;
};

}  // namespace tidemark::scenarios
