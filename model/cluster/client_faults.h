// Faults of clients (X1-X7, X9; sim/nemesis/fault_kinds.h). Most are handed to the client as mischief, which its next
// operations carry out; a crash and a move happen at once.
//
// What they are to the history: a request that is left, cut off by a crash, or whose answer is lost ends as info when
// it may have written (and its process number is not used again), as fail when it only read. A client that lost its
// bookmark, or goes on from another one than its newest, begins a new session. docs/decisions.md says why.
#pragma once

#include "model/cluster/cluster.h"
#include "sim/nemesis/fault_world.h"

namespace tidemark::model {

/// Begins or ends one; returns what it changed at once.
sim::FaultWorld::Count strike_client(Cluster& cluster, const sim::FaultWorld::ClientFault& fault);
/// What the client has done of it since.
sim::FaultWorld::Count client_effects(Cluster& cluster, const sim::Fault& fault, sim::FaultWorld::ProcessId client);

}  // namespace tidemark::model
