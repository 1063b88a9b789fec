#include "checkers/graph/moving_order.h"

#include <algorithm>

namespace tidemark::checkers::graph {

MovingOrder::MovingOrder(const CsrGraph& graph, const std::vector<Node>& order)
    : place_(graph.nodes()),
      at_(order),
      out_(graph.nodes()),
      in_(graph.nodes()),
      seen_(graph.nodes(), 0),
      done_(graph.nodes(), 0),
      target_(graph.nodes(), 0),
      origin_(graph.nodes()) {
  for (std::uint32_t i = 0; i < at_.size(); ++i) place_[at_[i]] = i;
  std::vector<std::uint32_t> in_degree(graph.nodes(), 0);
  for (Node node = 0; node < graph.nodes(); ++node) {
    for (const Arc arc : graph.arcs(node)) ++in_degree[arc.to()];
  }
  for (Node node = 0; node < graph.nodes(); ++node) in_[node].reserve(in_degree[node]);
  for (Node node = 0; node < graph.nodes(); ++node) {
    out_[node].reserve(graph.arcs(node).size());
    for (const Arc arc : graph.arcs(node)) {
      out_[node].push_back({arc.to(), kKnown});
      in_[arc.to()].push_back(node);
    }
  }
}

bool MovingOrder::add(Node from, Node to, Literal why) {
  if (place_[from] > place_[to]) {
    ++search_;
    target_[from] = search_;
    if (search(to, place_[from])) return false;
    look_back(from, place_[to]);
    move();
  }
  out_[from].push_back({to, why});
  in_[to].push_back(from);
  added_.emplace_back(from, to);
  return true;
}

void MovingOrder::remove_down_to(std::size_t edges) {
  for (; added_.size() > edges; added_.pop_back()) {
    out_[added_.back().first].pop_back();
    in_[added_.back().second].pop_back();
  }
}

bool MovingOrder::reaches(Node from, std::span<const Node> targets) {
  ++search_;
  std::uint32_t last = 0;
  for (const Node target : targets) {
    target_[target] = search_;
    last = std::max(last, place_[target]);
  }
  return last > place_[from] && search(from, last);
}

/// Nodes with fewer decisions on the way come first, so that a path over known edges alone is found if there is one.
bool MovingOrder::search(Node from, std::uint32_t last_place) {
  level_.assign(1, from);
  next_.clear();
  forwards_.clear();
  seen_[from] = search_;
  origin_[from] = {};
  while (!level_.empty()) {
    const Node node = level_.back();
    level_.pop_back();
    if (done_[node] != search_) {
      done_[node] = search_;
      forwards_.push_back(node);
      if (target_[node] == search_ && node != from) {
        tell_path(from, node);
        return true;
      }
      steps_ += out_[node].size();
      for (const Link& link : out_[node]) {
        if (place_[link.node] > last_place || done_[link.node] == search_) continue;
        const bool known = link.why == kKnown;
        if (seen_[link.node] == search_ && (!known || origin_[link.node].why == kKnown)) continue;
        seen_[link.node] = search_;
        origin_[link.node] = {node, link.why};
        (known ? level_ : next_).push_back(link.node);
      }
    }
    if (level_.empty()) std::swap(level_, next_);
  }
  return false;
}

void MovingOrder::tell_path(Node from, Node end) {
  path_.clear();
  path_nodes_.assign(1, end);
  path_end_ = end;
  for (Node node = end; node != from; node = origin_[node].from) {
    if (origin_[node].why != kKnown) path_.push_back(origin_[node].why);
    path_nodes_.push_back(origin_[node].from);
  }
  std::sort(path_.begin(), path_.end());
  path_.erase(std::unique(path_.begin(), path_.end()), path_.end());
}

void MovingOrder::look_back(Node from, std::uint32_t first_place) {
  ++search_;
  backwards_.assign(1, from);
  seen_[from] = search_;
  for (std::size_t i = 0; i < backwards_.size(); ++i) {
    const std::vector<Node>& in = in_[backwards_[i]];
    steps_ += in.size();
    for (const Node node : in) {
      if (place_[node] < first_place || seen_[node] == search_) continue;
      seen_[node] = search_;
      backwards_.push_back(node);
    }
  }
}

/// What reaches the new edge takes the first of the places, what it reaches the others.
void MovingOrder::move() {
  const auto by_place = [this](Node a, Node b) { return place_[a] < place_[b]; };
  std::sort(backwards_.begin(), backwards_.end(), by_place);
  std::sort(forwards_.begin(), forwards_.end(), by_place);
  free_places_.clear();
  for (const Node node : backwards_) free_places_.push_back(place_[node]);
  for (const Node node : forwards_) free_places_.push_back(place_[node]);
  std::sort(free_places_.begin(), free_places_.end());
  backwards_.insert(backwards_.end(), forwards_.begin(), forwards_.end());
  for (std::size_t i = 0; i < backwards_.size(); ++i) {
    const Node node = backwards_[i];
    if (place_[node] == free_places_[i]) continue;
    place_[node] = free_places_[i];
    at_[free_places_[i]] = node;
    moved_.push_back(node);
  }
}

}  // namespace tidemark::checkers::graph
