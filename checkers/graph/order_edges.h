// The order of sessions and the order in real time, as edges.
#pragma once

#include "checkers/graph/csr_graph.h"
#include "checkers/graph/presence.h"

namespace tidemark::checkers::graph {

/// From each transaction to the next of its session. A transaction of unknown outcome comes after what its session did
/// before, and nothing comes after it: it may take effect at any later time. Failed ones do not stand in the order.
void add_session_edges(const History& history, const Presence& presence, EdgeList& edges);

/// From each transaction that ended to all that began later, through a chain of helpers: at most one for each
/// transaction, and three edges.
void add_real_time_edges(const History& history, const Presence& presence, EdgeList& edges);

/// For cycles: whether the edge is there.
bool session_precedes(const History& history, std::uint32_t from, std::uint32_t to);
bool ends_before(const History& history, std::uint32_t from, std::uint32_t to);

}  // namespace tidemark::checkers::graph
