#include "checkers/graph/versions.h"

#include <algorithm>

namespace tidemark::checkers::graph {
namespace {

/// For sources that are targets as well: a chain of helpers that leads to all targets before a place, and one that
/// leads to all after it.
void fan_out_to_others(EdgeList& edges, Relation relation, const std::vector<Node>& targets,
                       const std::vector<std::size_t>& places) {
  const std::size_t count = targets.size();
  std::vector<Node> before(count);  // before[i] leads to targets[0 .. i]
  std::vector<Node> after(count);   // after[i] leads to targets[i ..]
  for (std::size_t i = 0; i < count; ++i) {
    before[i] = edges.add_helper();
    edges.add(before[i], targets[i], relation);
    if (i > 0) edges.add(before[i], before[i - 1], relation);
  }
  for (std::size_t i = count; i-- > 0;) {
    after[i] = edges.add_helper();
    edges.add(after[i], targets[i], relation);
    if (i + 1 < count) edges.add(after[i], after[i + 1], relation);
  }
  for (const std::size_t place : places) {
    if (place > 0) edges.add(targets[place], before[place - 1], relation);
    if (place + 1 < count) edges.add(targets[place], after[place + 1], relation);
  }
}

}  // namespace

void fan_out(EdgeList& edges, Relation relation, const std::vector<Node>& sources, const std::vector<Node>& targets) {
  if (sources.size() <= 1 || targets.size() <= 1) {
    for (const Node source : sources) {
      for (const Node target : targets) edges.add(source, target, relation);
    }
    return;
  }
  std::vector<std::size_t> both;
  Node helper = kNoNode;
  for (const Node source : sources) {
    const auto place = std::lower_bound(targets.begin(), targets.end(), source);
    if (place != targets.end() && *place == source) {
      both.push_back(static_cast<std::size_t>(place - targets.begin()));
      continue;
    }
    if (helper == kNoNode) {
      helper = edges.add_helper();
      for (const Node target : targets) edges.add(helper, target, relation);
    }
    edges.add(source, helper, relation);
  }
  if (!both.empty()) fan_out_to_others(edges, relation, targets, both);
}

}  // namespace tidemark::checkers::graph
