// A compact directed graph of transactions: who must stand before whom, and why.
//
// Nodes below transactions() are transactions; the others are helpers, which stand for many edges at once: a path
// u -> helper -> ... -> v over helpers alone is one edge u -> v of the relation of its first arc. An arc takes 4 bytes,
// a node 4; building needs 8 bytes more for each arc. No recursion; the arcs of a node keep the order in which they
// were added, so that everything found in the graph is the same on every machine.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "checkers/record/judgement.h"

namespace tidemark::checkers::graph {

using Node = std::uint32_t;
inline constexpr Node kNoNode = UINT32_MAX;
inline constexpr Node kMostNodes = 1U << 29;

using Mask = std::uint8_t;  // a set of relations
constexpr Mask bit(Relation relation) {
  return static_cast<Mask>(1U << static_cast<unsigned>(relation));
}

class Arc {
 public:
  Arc(Node to, Relation relation) : packed_(to << 3 | static_cast<std::uint32_t>(relation)) {}
  Arc() : packed_(0) {}
  Node to() const { return packed_ >> 3; }
  Relation relation() const { return static_cast<Relation>(packed_ & 7); }
  bool in(Mask mask) const { return (mask >> (packed_ & 7) & 1) != 0; }

 private:
  std::uint32_t packed_;
};

/// Edges in the making, and the number of nodes. Edges of a node to itself are left out: they say nothing.
class EdgeList {
 public:
  explicit EdgeList(Node transactions) : transactions_(transactions), nodes_(transactions) {}
  void add(Node from, Node to, Relation relation) {
    if (from != to) edges_.push_back({from, Arc(to, relation)});
  }
  Node add_helper() { return nodes_++; }
  void reserve(std::size_t edges) { edges_.reserve(edges); }
  Node transactions() const { return transactions_; }
  Node nodes() const { return nodes_; }
  std::size_t size() const { return edges_.size(); }

  struct Edge {
    Node from;
    Arc arc;
  };
  std::span<const Edge> edges() const { return edges_; }

 private:
  Node transactions_;
  Node nodes_;
  std::vector<Edge> edges_;
};

class CsrGraph {
 public:
  CsrGraph() = default;
  explicit CsrGraph(const EdgeList& list);
  Node transactions() const { return transactions_; }
  Node nodes() const { return starts_.empty() ? 0 : static_cast<Node>(starts_.size() - 1); }
  bool is_helper(Node node) const { return node >= transactions_; }
  std::size_t arc_count() const { return arcs_.size(); }
  std::span<const Arc> arcs(Node node) const {
    return {arcs_.data() + starts_[node], arcs_.data() + starts_[node + 1]};
  }
  /// Of the arcs of all nodes, node by node. first_arc(nodes()): their end.
  std::uint32_t first_arc(Node node) const { return starts_[node]; }
  Arc arc(std::uint32_t number) const { return arcs_[number]; }

 private:
  Node transactions_ = 0;
  std::vector<std::uint32_t> starts_;  // of the arcs of each node, and the end
  std::vector<Arc> arcs_;
};

using Component = std::vector<Node>;  // ascending

/// The strongly connected components of at least two nodes, in the graph of the arcs in `mask` (Tarjan 1972, Pearce
/// 2016). Sorted by their smallest node. Linear time; 4 bytes for each node, 8 for each node on the longest path, 4 for
/// each node of a component.
std::vector<Component> components(const CsrGraph& graph, Mask mask);

/// The part of a graph between some nodes, under new numbers.
struct Subgraph {
  CsrGraph graph;
  std::vector<Node> names;  // the old number of each node
};
/// `scratch`: at least graph.nodes() long; what it held is lost for `members` alone.
Subgraph part_of(const CsrGraph& graph, const Component& members, Mask mask, std::vector<Node>& scratch);

/// A topological order of the arcs in `mask`, the smallest number first where there is a choice, helpers as early as
/// they can be; empty if there is a cycle.
std::vector<Node> topological_order(const CsrGraph& graph, Mask mask);

}  // namespace tidemark::checkers::graph
