// What follows for registers from who read what, when one serial order must explain it all.
//
// Let => be "is before, by edges". If r reads x from w, then another writer o of x with o => r stands before w, and one
// with w => o stands after r. These edges are added until nothing more follows; a cycle is a contradiction. No cycle is
// not yet a proof (the problem is NP-complete): serial_order.h goes on.
//
// => is kept as a clock per node: how far into each session it has been reached, and from where on it reaches each.
// Only the last writer before a read, and the first one after a version, matter in each session. Cost of a round:
// (edges + reads) x sessions; published histories need up to 8 rounds. Memory: 8 bytes for each node and session.
// Without the order of sessions, sets of nodes take their place: of all nodes, or, of large histories, of those in
// windows along the records. What follows in a window follows; what follows only from what is far apart is not found
// there.
#pragma once

#include <cstdint>
#include <vector>

#include "checkers/graph/register_versions.h"

namespace tidemark::checkers::graph {

struct SaturationOptions {
  bool sessions = true;                       // the order of the sessions is among the edges
  std::uint64_t step_budget = 2'000'000'000;  // clocks compared
  std::uint64_t memory_budget = 2ULL << 30;   // bytes of clocks
};

struct Saturated {
  bool cyclic = false;
  bool complete = true;  // false: a budget ended it
  std::uint64_t steps = 0;
  std::uint64_t rounds = 0;
};

/// Adds what follows to `edges`, and to `registers` why.
Saturated saturate(const History& history, const Presence& presence, RegisterVersions& registers, EdgeList& edges,
                   const SaturationOptions& options);

/// The same without sessions, in windows of so many nodes (at least 2) along a topological order: a bit for each two
/// nodes of a window. Cost of a round: (edges + reads) x width / 64. In one window, everything follows that does.
constexpr std::uint64_t closure_bytes(Node width) {
  return std::uint64_t{width} * width / 4;
}
Saturated saturate_by_closure(const History& history, RegisterVersions& registers, EdgeList& edges,
                              const SaturationOptions& options, Node width);

}  // namespace tidemark::checkers::graph
