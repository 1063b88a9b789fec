// A topological order that is kept while edges come and go (Pearce and Kelly 2006: only what lies between the two ends
// of a new edge moves).
//
// An edge bears the reason why it is there: kKnown, or the literal of a decision (clauses.h) that may be taken back.
// Edges go in the reverse order of their coming. To take one away never moves anything.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "checkers/graph/clauses.h"
#include "checkers/graph/csr_graph.h"

namespace tidemark::checkers::graph {

class MovingOrder {
 public:
  /// `order`: all nodes of the graph, such that every arc leads forwards. All arcs are known.
  MovingOrder(const CsrGraph& graph, const std::vector<Node>& order);

  std::uint32_t place(Node node) const { return place_[node]; }
  const std::vector<Node>& nodes() const { return at_; }

  /// False: it would close a cycle; path() leads from `to` to `from` then, and nothing has changed.
  bool add(Node from, Node to, Literal why);
  std::size_t edges_added() const { return added_.size(); }
  /// Takes the last ones away until so many are left.
  void remove_down_to(std::size_t edges);

  /// Is one of `targets` (not `from`) reachable? Then path() leads there, with as few decisions as possible, and
  /// path_end() is the one.
  bool reaches(Node from, std::span<const Node> targets);
  /// The decisions among the edges of the last path, each once, in no particular order.
  const std::vector<Literal>& path() const { return path_; }
  Node path_end() const { return path_end_; }
  /// The nodes of the last path, from its end to its start.
  const std::vector<Node>& path_nodes() const { return path_nodes_; }

  /// Nodes that changed their places since this was emptied last; some of them more than once.
  std::vector<Node>& moved() { return moved_; }
  /// Edges looked at.
  std::uint64_t steps() const { return steps_; }

 private:
  struct Link {
    Node node;
    Literal why;
  };
  struct Origin {
    Node from = kNoNode;
    Literal why = kKnown;
  };

  bool search(Node from, std::uint32_t last_place);
  void tell_path(Node from, Node end);
  void look_back(Node from, std::uint32_t first_place);
  void move();

  std::vector<std::uint32_t> place_;
  std::vector<Node> at_;
  std::vector<std::vector<Link>> out_;
  std::vector<std::vector<Node>> in_;
  std::vector<std::pair<Node, Node>> added_;
  std::uint64_t steps_ = 0;
  std::vector<Node> moved_;

  // Of the last search.
  std::vector<std::uint32_t> seen_;    // by node: the search that found it
  std::vector<std::uint32_t> done_;    // the search that has looked at its edges
  std::vector<std::uint32_t> target_;  // the search that looks for it
  std::vector<Origin> origin_;
  std::uint32_t search_ = 0;
  std::vector<Node> level_;     // to be looked at, with as many decisions on the way as now
  std::vector<Node> next_;      // with one more
  std::vector<Node> forwards_;  // all that were looked at
  std::vector<Node> backwards_;
  std::vector<std::uint32_t> free_places_;
  std::vector<Literal> path_;
  std::vector<Node> path_nodes_;
  Node path_end_ = kNoNode;
};

}  // namespace tidemark::checkers::graph
