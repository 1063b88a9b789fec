#include "scenarios/run/script_recorder.h"

#include <utility>

#include "base/assert.h"
#include "model/client/script.h"

namespace tidemark::scenarios {

void ScriptRecorder::attach(model::Cluster& cluster) {
  cluster_ = &cluster;
}

void ScriptRecorder::on_plan(const model::ClientPlan& plan) {
  TIDEMARK_ASSERT(cluster_ != nullptr);
  model::ScriptedOperation operation = scripted_of(plan.planned, scenario_.workload);
  operation.client = plan.client;
  operation.at = plan.since_start;
  operation.via = cluster_->nodes().at(plan.worker - 1).site;
  script_.push_back(std::move(operation));
}

}  // namespace tidemark::scenarios
