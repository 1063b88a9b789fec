#include "checkers/graph/csr_graph.h"

#include <algorithm>
#include <functional>
#include <queue>

#include "base/assert.h"

namespace tidemark::checkers::graph {
namespace {

/// Tarjan's algorithm with its own stack, in the form of Pearce (2016): one number for each node, and only nodes that
/// can reach an earlier one wait for their component. So a graph without cycles costs the numbers and the path alone.
class ComponentSearch {
 public:
  ComponentSearch(const CsrGraph& graph, Mask mask) : graph_(graph), mask_(mask), number_(graph.nodes(), kUnseen) {
    path_.reserve(graph.nodes());  // what is not used is not touched
  }

  std::vector<Component> run() {
    for (Node root = 0; root < graph_.nodes(); ++root) {
      if (number_[root] != kUnseen) continue;
      enter(root);
      while (!path_.empty()) step();
    }
    return std::move(found_);
  }

 private:
  static constexpr Node kUnseen = 0;
  static constexpr Node kDone = UINT32_MAX;  // its component is known

  /// A node on the path. Its number is the smallest one that it was found to reach, its own in the beginning.
  struct Frame {
    Node node : 31;
    Node reaches_back : 1;  // an earlier node of the path
    std::uint32_t next;     // arc to look at
  };
  static_assert(kMostNodes <= 1U << 31);

  void enter(Node node) {
    number_[node] = ++last_number_;
    path_.push_back({node, 0, graph_.first_arc(node)});
  }

  void reach(Frame& frame, Node number) {
    if (number >= number_[frame.node]) return;  // kDone is greater than all
    number_[frame.node] = number;
    frame.reaches_back = 1;
  }

  void step() {
    Frame& frame = path_.back();
    const std::uint32_t end = graph_.first_arc(frame.node + 1);
    while (frame.next < end) {
      const Arc arc = graph_.arc(frame.next++);
      if (!arc.in(mask_)) continue;
      if (number_[arc.to()] == kUnseen) return enter(arc.to());
      reach(frame, number_[arc.to()]);
    }
    leave();
  }

  void leave() {
    const Frame frame = path_.back();
    path_.pop_back();
    const Node number = number_[frame.node];
    if (frame.reaches_back != 0) {
      waiting_.push_back(frame.node);
      return reach(path_.back(), number);
    }
    // What waits since this node was entered reaches it, and nothing earlier.
    std::size_t first = waiting_.size();
    while (first > 0 && number_[waiting_[first - 1]] >= number) --first;
    number_[frame.node] = kDone;
    if (first == waiting_.size()) return;
    waiting_.push_back(frame.node);
    for (std::size_t i = first; i < waiting_.size(); ++i) number_[waiting_[i]] = kDone;
    found_.emplace_back(waiting_.begin() + static_cast<std::ptrdiff_t>(first), waiting_.end());
    std::sort(found_.back().begin(), found_.back().end());
    waiting_.resize(first);
  }

  const CsrGraph& graph_;
  Mask mask_;
  std::vector<Node> number_;
  std::vector<Frame> path_;
  std::vector<Node> waiting_;  // left, but their component is not complete
  std::vector<Component> found_;
  Node last_number_ = 0;
};

}  // namespace

CsrGraph::CsrGraph(const EdgeList& list)
    : transactions_(list.transactions()), starts_(list.nodes() + 1, 0), arcs_(list.size()) {
  TIDEMARK_ASSERT(list.nodes() <= kMostNodes && list.size() < UINT32_MAX, "the caller limits the size of a history");
  for (const EdgeList::Edge& edge : list.edges()) ++starts_[edge.from];
  std::uint32_t total = 0;
  for (std::uint32_t& start : starts_) {
    const std::uint32_t count = start;
    start = total;
    total += count;
  }
  for (const EdgeList::Edge& edge : list.edges()) arcs_[starts_[edge.from]++] = edge.arc;
  // Each start has moved to the start of the next node.
  for (std::size_t node = starts_.size() - 1; node > 0; --node) starts_[node] = starts_[node - 1];
  if (!starts_.empty()) starts_[0] = 0;
}

std::vector<Component> components(const CsrGraph& graph, Mask mask) {
  std::vector<Component> found = ComponentSearch(graph, mask).run();
  std::sort(found.begin(), found.end(), [](const Component& a, const Component& b) { return a[0] < b[0]; });
  return found;
}

Subgraph part_of(const CsrGraph& graph, const Component& members, Mask mask, std::vector<Node>& scratch) {
  TIDEMARK_ASSERT(scratch.size() >= graph.nodes(), "scratch has a place for each node");
  // A stale place of another component names a node that is not this one: no clearing is needed.
  for (Node i = 0; i < members.size(); ++i) scratch[members[i]] = i;
  const auto is_member = [&](Node node) { return scratch[node] < members.size() && members[scratch[node]] == node; };
  const auto transactions =
      static_cast<Node>(std::lower_bound(members.begin(), members.end(), graph.transactions()) - members.begin());
  EdgeList list(transactions);
  for (std::size_t i = transactions; i < members.size(); ++i) list.add_helper();
  for (Node i = 0; i < members.size(); ++i) {
    for (const Arc arc : graph.arcs(members[i])) {
      if (arc.in(mask) && is_member(arc.to())) list.add(i, scratch[arc.to()], arc.relation());
    }
  }
  return {CsrGraph(list), members};
}

std::vector<Node> topological_order(const CsrGraph& graph, Mask mask) {
  std::vector<std::uint32_t> missing(graph.nodes(), 0);
  for (Node node = 0; node < graph.nodes(); ++node) {
    for (const Arc arc : graph.arcs(node)) missing[arc.to()] += arc.in(mask) ? 1 : 0;
  }
  std::priority_queue<Node, std::vector<Node>, std::greater<>> ready;
  std::vector<Node> helpers;
  const auto make_ready = [&](Node node) {
    if (graph.is_helper(node)) {
      helpers.push_back(node);
    } else {
      ready.push(node);
    }
  };
  for (Node node = 0; node < graph.nodes(); ++node) {
    if (missing[node] == 0) make_ready(node);
  }
  std::vector<Node> order;
  order.reserve(graph.nodes());
  while (!helpers.empty() || !ready.empty()) {
    Node node = 0;
    if (helpers.empty()) {
      node = ready.top();
      ready.pop();
    } else {
      node = helpers.back();
      helpers.pop_back();
    }
    order.push_back(node);
    for (const Arc arc : graph.arcs(node)) {
      if (arc.in(mask) && --missing[arc.to()] == 0) make_ready(arc.to());
    }
  }
  if (order.size() != graph.nodes()) order.clear();
  return order;
}

}  // namespace tidemark::checkers::graph
