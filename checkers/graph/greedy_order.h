// A greedy walk along a graph: takes what can come next, but does not overwrite a version of a register that somebody
// must still read, unless nothing else is left.
#pragma once

#include <vector>

#include "checkers/graph/register_versions.h"

namespace tidemark::checkers::graph {

struct GreedyOrder {
  std::vector<Node> nodes;   // all of the graph, in an order that keeps its arcs
  std::uint64_t forced = 0;  // so many overwrote what must still be read; 0: every register holds what each read found
};

/// What waits is taken all the same when `patience` places of the history have been passed by: an order that stays near
/// that of the records has faults that are near each other. kNoNode: only when nothing else is left.
/// `graph` has no cycles. Cost: n log n; what waits for several readers may be looked at more often.
GreedyOrder greedy_order(const History& history, const Presence& presence, const RegisterVersions& registers,
                         const CsrGraph& graph, Node patience);

}  // namespace tidemark::checkers::graph
