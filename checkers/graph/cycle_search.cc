#include "checkers/graph/cycle_search.h"

#include <algorithm>
#include <utility>

namespace tidemark::checkers::graph {

CycleSearch::CycleSearch(const CsrGraph& graph)
    : graph_(graph), seen_in_(graph.nodes(), 0), origin_(graph.nodes(), Origin{0, Relation::kSo}) {}

void CycleSearch::reach(Node node, const Origin& origin) {
  if (node == start_) {
    // From the start over helpers alone back to the start is no cycle.
    if (closed_ || origin.from == start_) return;
    closed_ = true;
    last_ = origin;
    return;
  }
  if (seen_in_[node] == search_) return;
  const bool helper = graph_.is_helper(node);
  if (scope_.place != nullptr && !helper && (*scope_.place)[node] > scope_.last_place) return;
  seen_in_[node] = search_;
  origin_[node] = origin;
  (helper ? helpers_ : next_).push_back(node);
}

// Helpers belong to the level of the arc that led to them. Those that the start reaches at once may be needed again, by
// another transaction on its way to the start.
void CycleSearch::expand_helpers(bool first) {
  for (std::size_t i = 0; i < helpers_.size() && !closed_; ++i) {
    const Node helper = helpers_[i];
    for (const Arc arc : graph_.arcs(helper)) {
      ++steps_;
      reach(arc.to(), origin_[helper]);
    }
  }
  if (first) {
    for (const Node helper : helpers_) seen_in_[helper] = 0;
  }
  helpers_.clear();
}

void CycleSearch::expand(Node node) {
  for (const Arc arc : graph_.arcs(node)) {
    ++steps_;
    if (arc.in(scope_.mask)) reach(arc.to(), {node, arc.relation()});
  }
}

Cycle CycleSearch::through(Node start, Arc first, const CycleScope& scope) {
  ++search_;
  scope_ = scope;
  start_ = start;
  closed_ = false;
  helpers_.clear();
  next_.clear();
  reach(first.to(), {start, first.relation()});
  expand_helpers(true);
  for (std::size_t length = 2; !next_.empty() && length <= scope.most; ++length) {
    std::swap(level_, next_);
    next_.clear();
    for (std::size_t i = 0; i < level_.size() && !closed_; ++i) expand(level_[i]);
    expand_helpers(false);
    if (closed_) return told();
  }
  return {};
}

Cycle CycleSearch::told() const {
  Cycle cycle;
  Node to = start_;
  for (Origin origin = last_;; origin = origin_[origin.from]) {
    cycle.push_back({origin.from, to, origin.relation});
    to = origin.from;
    if (origin.from == start_) break;
  }
  std::reverse(cycle.begin(), cycle.end());
  return cycle;
}

}  // namespace tidemark::checkers::graph
