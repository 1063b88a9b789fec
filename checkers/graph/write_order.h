// The order in which the writes of a history must stand where a guarantee of sessions asks for one by itself. Private
// to session_guarantees.cc.
#pragma once

#include "checkers/graph/csr_graph.h"
#include "checkers/graph/presence.h"
#include "checkers/graph/register_orders.h"

namespace tidemark::checkers::graph {

/// The nodes of `edges` twice: 2n stands for what transaction n writes, 2n + 1 for what it has read; a cycle is a
/// contradiction. Monotonic writes, where only the even ones matter: versions of a key, and writes of a session in its
/// order. `follow`, writes follow reads: besides versions, what a transaction and those before it in its session had
/// read. `edges`: data and sessions. `orders`: what is known of orders that reads leave open.
EdgeList edges_of_writes(const History& history, const Presence& presence, const EdgeList& edges,
                         const RegisterOrders& orders, bool follow);

}  // namespace tidemark::checkers::graph
