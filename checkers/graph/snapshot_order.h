// Snapshot isolation as an order of instants: each transaction has a beginning and a commit.
//
// What it read or built on (ww, wr, so) committed before it began; what it missed (rw) committed after it began. A
// graph without a cycle of which every two rw edges are apart has such an order. Appends that nobody read must stand in
// some order as well, one commit before the next beginning: here the order of their beginnings is tried.
#pragma once

#include <vector>

#include "checkers/graph/csr_graph.h"

namespace tidemark::checkers::graph {

/// `unordered`: groups of transactions that wrote the same key, in an order that the graph leaves open. True: there is
/// an order of all instants. False: none was found, which proves nothing when there are groups. Linear.
bool find_snapshot_order(const CsrGraph& graph, Mask mask, std::vector<std::vector<Node>> unordered);

}  // namespace tidemark::checkers::graph
