#include "checkers/graph/inference.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "checkers/graph/order_edges.h"

namespace tidemark::checkers::graph {

namespace {

/// Why no order of versions follows for a key of Family::kOther.
std::string why_orderless(const History& history, std::uint32_t key) {
  EventKinds kinds = 0;
  const std::vector<Txn>& all = history.transactions();
  for (Node number = 0; number < all.size(); ++number) {
    for (const Event& event : history.events(all[number])) {
      if (event.key != key) continue;
      if (event.kind == EventKind::kClear) {
        return fmt::format("{} is cleared by {}: no order of versions follows where a key begins again",
                           history.show_key(key), name_of(history, number));
      }
      kinds |= bit(event.kind);
    }
  }
  const auto within = [kinds](EventKinds allowed) { return (kinds & ~allowed) == 0; };
  const char* why = "is used as several kinds of data";
  if (within(bit(EventKind::kWrite) | bit(EventKind::kRead) | bit(EventKind::kCas) | bit(EventKind::kAppendText))) {
    why = "is a text that is appended to";
  } else if (within(bit(EventKind::kIncrement) | bit(EventKind::kReadCounter))) {
    why = "is a counter";
  } else if (within(bit(EventKind::kTransfer) | bit(EventKind::kReadBalance))) {
    why = "is an account of a bank";
  }
  return fmt::format("{} {}: no order of versions follows", history.show_key(key), why);
}

}  // namespace

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
  findings.undecided(why_orderless(of, key));
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
