#include "cli/point_tally.h"

#include "model/types/points.h"

namespace tidemark::cli {

PointTally::PointTally() {
  for (const model::PointInfo& point : model::points()) passed_.emplace(point.name, 0);
}

void PointTally::on_world(model::Cluster& cluster, const scenarios::Scenario&) {
  for (const model::NodeInfo& node : cluster.nodes()) cluster.process(node.process).set_act_watch(this);
}

bool PointTally::on_act(sim::Process&, sim::ProcessAct act, std::string_view what) {
  if (act == sim::ProcessAct::kPoint) ++passed_.find(what)->second;
  return true;
}

}  // namespace tidemark::cli
