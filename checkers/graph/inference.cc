#include "checkers/graph/inference.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "checkers/graph/order_edges.h"

namespace tidemark::checkers::graph {

Inference::Inference(const History& of, std::uint64_t most_anomalies)
    : history(of),
      families(graph::families(of)),
      presence(of),
      findings(most_anomalies),
      lists(of, families, presence, findings),
      sets(of, families, presence, findings),
      registers(of, families, presence, findings) {
  registers.settle(presence);
  columns.emplace(history, families, presence, registers, findings);
  const auto other = std::find(families.begin(), families.end(), Family::kOther);
  if (other == families.end()) return;
  const auto key = static_cast<std::uint32_t>(other - families.begin());
  findings.undecided(fmt::format("{} is used in a way from which no order of versions follows", of.show_key(key)));
}

void Inference::add_data_edges(EdgeList& edges) {
  lists.add_edges(presence, edges);
  sets.add_edges(presence, edges);
  registers.add_edges(presence, edges);
  columns->add_edges(edges);
}

bool Inference::explain(Step& step) const {
  if (step.relation == Relation::kSo) return session_precedes(history, step.from, step.to);
  if (step.relation == Relation::kRt) return ends_before(history, step.from, step.to);
  return lists.explain(presence, step) || sets.explain(presence, step) || registers.explain(presence, step);
}

Anomaly Inference::told(std::string name, const std::vector<Step>& edges) const {
  Anomaly anomaly;
  anomaly.name = std::move(name);
  for (Step step : edges) {
    anomaly.transactions.push_back(step.from);
    TIDEMARK_ASSERT(explain(step), "an edge of the graph follows from the history");
    anomaly.cycle.push_back(step);
  }
  // Inferred edges rest on a third transaction each.
  for (const Step& step : anomaly.cycle) {
    const InferredEdge* edge = registers.inferred(step.from, step.to, step.relation);
    if (edge == nullptr || edge->third == kNoNode) continue;
    const auto& known = anomaly.transactions;
    if (std::find(known.begin(), known.end(), edge->third) == known.end()) anomaly.transactions.push_back(edge->third);
  }
  return anomaly;
}

}  // namespace tidemark::checkers::graph
