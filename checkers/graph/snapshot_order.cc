#include "checkers/graph/snapshot_order.h"

#include <algorithm>

namespace tidemark::checkers::graph {
namespace {

constexpr Node begins(Node transaction) {
  return transaction * 2;
}
constexpr Node commits(Node transaction) {
  return transaction * 2 + 1;
}

EdgeList instants_of(const CsrGraph& graph, Mask mask) {
  const Node transactions = graph.transactions();
  EdgeList list(transactions * 2);
  for (Node helper = transactions; helper < graph.nodes(); ++helper) list.add_helper();
  for (Node from = 0; from < graph.nodes(); ++from) {
    if (from < transactions) list.add(begins(from), commits(from), Relation::kSo);
    for (const Arc arc : graph.arcs(from)) {
      if (!arc.in(mask)) continue;
      const bool rw = arc.relation() == Relation::kRw;
      const Node source = graph.is_helper(from) ? from + transactions : rw ? begins(from) : commits(from);
      const Node to = arc.to();
      list.add(source, graph.is_helper(to) ? to + transactions : rw ? commits(to) : begins(to), arc.relation());
    }
  }
  return list;
}

}  // namespace

bool find_snapshot_order(const CsrGraph& graph, Mask mask, std::vector<std::vector<Node>> unordered) {
  EdgeList list = instants_of(graph, mask);
  // The smallest number comes first where there is a choice, so a commit mostly follows its beginning at once.
  const std::vector<Node> order = topological_order(CsrGraph(list), mask | bit(Relation::kSo));
  if (order.empty()) return graph.nodes() == 0;
  std::vector<std::uint32_t> place(order.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  for (std::vector<Node>& group : unordered) {
    std::sort(group.begin(), group.end(), [&](Node a, Node b) { return place[begins(a)] < place[begins(b)]; });
    for (std::size_t i = 1; i < group.size(); ++i) list.add(commits(group[i - 1]), begins(group[i]), Relation::kWw);
  }
  return !topological_order(CsrGraph(list), mask | bit(Relation::kSo)).empty();
}

}  // namespace tidemark::checkers::graph
