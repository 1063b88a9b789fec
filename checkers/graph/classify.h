// What is wrong with a graph that has cycles: the class of the most basic cycle of each knot, and the smallest of its
// class.
//
// The classes are Adya's, as Elle names them: G0 only ww; G1c ww and wr; G-single exactly one rw; G-nonadjacent several
// rw, none next to another; G2-item others. "-process" is added when no such cycle exists without the order of a
// session, "-realtime" when none exists without real time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checkers/graph/csr_graph.h"
#include "checkers/graph/cycle_search.h"

namespace tidemark::checkers::graph {

/// From the most basic class on.
enum class CycleClass : std::uint8_t { kG0, kG1c, kGSingle, kGNonadjacent, kG2Item };

struct FoundCycle {
  CycleClass cls = CycleClass::kG0;
  Relation order = Relation::kWw;  // kSo: "-process", kRt: "-realtime", others: neither
  Cycle cycle;
  std::string name() const;
};

/// Which cycles a model forbids, as far as it is a question of the class.
enum class Forbidden : std::uint8_t {
  kAll,      // serializability of any strength
  kRwApart,  // snapshot isolation: every class but G2-item
  kNoRw,     // read committed: G0 and G1c
};

struct ClassifyOptions {
  Mask mask = 0;  // the relations of the model
  Forbidden forbidden = Forbidden::kAll;
  std::uint64_t most_cycles = 8;
  std::uint64_t step_budget = 20'000'000;
};

struct Classified {
  bool acyclic = true;             // no cycle of a forbidden class; exact, whatever the budget
  std::vector<FoundCycle> cycles;  // one of each knot, in the order of their classes
  std::uint64_t steps = 0;
};

/// Linear when there is no cycle; beyond that the budget bounds the search for small cycles: a larger cycle, or one of
/// a later class, may be told then. Memory: 8 bytes for each node of a knot, 4 for each arc, 16 for each node of the
/// search.
Classified classify(const CsrGraph& graph, const ClassifyOptions& options);

}  // namespace tidemark::checkers::graph
