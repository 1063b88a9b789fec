// Shortest cycles, by breadth-first search.
//
// The length of a cycle is its number of transactions: helpers count nothing. Ties go to what the graph lists first.
// The search counts the arcs that it looks at; the caller stops by that count, never by time.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "checkers/graph/csr_graph.h"

namespace tidemark::checkers::graph {

struct Hop {
  Node from;
  Node to;
  Relation relation;
};
using Cycle = std::vector<Hop>;  // transactions only; hop i ends where hop i + 1 begins, the last at the first

/// What a cycle may consist of beyond its first arc.
struct CycleScope {
  Mask mask = 0;
  const std::vector<std::uint32_t>* place = nullptr;           // if given: only transactions that do not stand behind
  std::uint32_t last_place = UINT32_MAX;                       // this place
  std::size_t most = std::numeric_limits<std::size_t>::max();  // transactions
};

/// Reuses its tables from search to search: a search costs what it looks at. 16 bytes for each node.
class CycleSearch {
 public:
  explicit CycleSearch(const CsrGraph& graph);

  /// The shortest cycle that begins with `first`, an arc of the transaction `start`; empty: there is none.
  Cycle through(Node start, Arc first, const CycleScope& scope);

  /// Arcs looked at in all searches.
  std::uint64_t steps() const { return steps_; }

 private:
  /// The edge that led to a node: from which transaction, whatever helpers lie between, and its relation.
  struct Origin {
    Node from;
    Relation relation;
  };

  void reach(Node node, const Origin& origin);
  void expand_helpers(bool first);
  void expand(Node node);
  Cycle told() const;

  const CsrGraph& graph_;
  std::uint64_t steps_ = 0;
  std::vector<std::uint32_t> seen_in_;  // of each node: the last search that reached it
  std::vector<Origin> origin_;
  std::uint32_t search_ = 0;
  // Of the search that goes on.
  CycleScope scope_;
  Node start_ = 0;
  bool closed_ = false;
  Origin last_{0, Relation::kSo};
  std::vector<Node> helpers_;  // of this level, to be expanded
  std::vector<Node> level_;
  std::vector<Node> next_;
};

}  // namespace tidemark::checkers::graph
