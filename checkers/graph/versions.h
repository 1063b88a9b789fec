// Versions: what is known of the versions of keys of one kind, and the edges that follow from it.
#pragma once

#include "checkers/graph/csr_graph.h"
#include "checkers/graph/presence.h"

namespace tidemark::checkers::graph {

class Versions {
 public:
  virtual ~Versions() = default;
  /// ww, wr and rw edges. After all kinds have told Presence what they observed.
  virtual void add_edges(const Presence& presence, EdgeList& edges) = 0;
  /// Derives the edge step.from -> step.to of step.relation from the history once more, and fills in key and versions.
  /// False: not an edge of these keys.
  virtual bool explain(const Presence& presence, Step& step) const = 0;
};

/// Edges from each source to each target, but none from a transaction to itself. Linear in size through helpers. Both
/// ascending, without repetition; `edges` grows by at most 6 for each.
void fan_out(EdgeList& edges, Relation relation, const std::vector<Node>& sources, const std::vector<Node>& targets);

}  // namespace tidemark::checkers::graph
