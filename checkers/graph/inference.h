// All versions of a history, of every kind of data: what the judges of this room begin with.
#pragma once

#include <optional>

#include "checkers/graph/column_order.h"
#include "checkers/graph/findings.h"
#include "checkers/graph/list_versions.h"
#include "checkers/graph/register_versions.h"
#include "checkers/graph/set_versions.h"

namespace tidemark::checkers::graph {

class Inference {
 public:
  /// `history` must outlive it.
  Inference(const History& history, std::uint64_t most_anomalies);

  void add_data_edges(EdgeList& edges);
  /// Fills in a step whose transactions and relation are known. False: there is no such edge.
  bool explain(Step& step) const;
  /// An anomaly of this name that tells the cycle.
  Anomaly told(std::string name, const std::vector<Step>& edges) const;

  const History& history;
  std::vector<Family> families;
  Presence presence;
  Findings findings;
  ListVersions lists;
  SetVersions sets;
  RegisterVersions registers;
  std::optional<ColumnOrder> columns;  // always there
};

}  // namespace tidemark::checkers::graph
