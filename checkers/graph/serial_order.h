// An order of transactions in which every register holds what each read found, or the proof that there is none: for
// what saturation.h leaves open.
//
// An order is guessed (greedy_order.h) and looked at. Where a version is overwritten before a reader of it comes, the
// two writers must stand in the one way or in the other: what the edges forbid is added as an edge (as saturation
// would), else it is decided for the way that moves less, and the order is repaired. A cycle among decisions becomes a
// clause (clauses.h); the decisions change until no version is overwritten too early, or no decision is left to blame.
// So a decision is needed only where the guess is wrong, which is rare even in histories of thousands of writers of a
// key; pairs that nobody asks about cost nothing. Compare Cobra (Tan 2020) and PolySI (Huang 2023), which decide all.
//
// Cost: exponential in the worst case, within the budget. Memory: 16 bytes for each edge, 40 for each write.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "checkers/graph/register_versions.h"

namespace tidemark::checkers::graph {

struct OrderFound {
  enum class End : std::uint8_t {
    kFound,   // `order`
    kCycle,   // the edges that were added close a cycle
    kNone,    // whatever is decided for `pairs`, a cycle closes
    kBudget,  // not known
  };
  End end = End::kBudget;
  std::vector<Node> order;  // all present transactions
  struct Pair {
    Node one;
    Node other;
    std::uint32_t key;
  };
  std::vector<Pair> pairs;         // of writers of one key: a sufficient set, which need not be a smallest one
  std::vector<Node> transactions;  // on the cycles that close, ascending
  std::size_t contradicted = 0;    // kBudget: versions that are read too late, in the order at hand,
  std::size_t read = 0;            // of so many that are read
  std::uint64_t steps = 0;         // edges and clauses looked at
  std::uint64_t conflicts = 0;
};

/// `edges`: without cycles. Adds to `edges` and `registers` what was found to follow. All keys of `history`
/// but registers must be decided by the edges.
OrderFound find_serial_order(const History& history, const Presence& presence, RegisterVersions& registers,
                             EdgeList& edges, std::uint64_t step_budget);

}  // namespace tidemark::checkers::graph
