// The order that is kept while edges come and go, against looking at everything each time.
#include "checkers/graph/moving_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "draws.h"

namespace tidemark::checkers::graph {
namespace {

constexpr Node kNodes = 9;
constexpr std::uint32_t kFar = UINT32_MAX;

struct Edge {
  Node from;
  Node to;
  Literal why;
};

/// The least number of decisions on a way to each node.
std::vector<std::uint32_t> decisions_from(const std::vector<Edge>& edges, Node from) {
  std::vector<std::uint32_t> least(kNodes, kFar);
  least[from] = 0;
  for (Node round = 0; round < kNodes; ++round) {
    for (const Edge& edge : edges) {
      if (least[edge.from] == kFar) continue;
      least[edge.to] = std::min(least[edge.to], least[edge.from] + (edge.why == kKnown ? 0 : 1));
    }
  }
  return least;
}

class Story {
 public:
  explicit Story(Draws& draws) : draws_(draws), graph_(first_graph()), order_(graph_, first_order()) {
    places_.resize(kNodes);
    note_places();
  }

  void step() {
    const std::uint32_t what = draws_.below(8);
    if (what == 0) {
      const std::size_t left = draws_.below(static_cast<std::uint32_t>(order_.edges_added()) + 1);
      order_.remove_down_to(left);
      edges_.resize(known_ + left);
      EXPECT_TRUE(order_.moved().empty()) << "to take one away never moves anything";
    } else if (what < 3) {
      reach();
    } else {
      add();
    }
    EXPECT_EQ(order_.edges_added(), edges_.size() - known_);
    check_places();
  }

 private:
  CsrGraph first_graph() {
    EdgeList list(kNodes);
    for (Node from = 0; from < kNodes; ++from) {
      for (Node to = from + 1; to < kNodes; ++to) {
        if (draws_.below(7) != 0) continue;
        list.add(from, to, Relation::kWr);
        edges_.push_back({from, to, kKnown});
      }
    }
    known_ = edges_.size();
    return CsrGraph(list);
  }

  static std::vector<Node> first_order() {
    std::vector<Node> order(kNodes);
    std::iota(order.begin(), order.end(), 0U);
    return order;
  }

  Node node() { return draws_.below(kNodes); }

  void add() {
    const Node from = node();
    const Node to = node();
    if (from == to) return;
    const Literal why = draws_.below(3) == 0 ? kKnown : 2 + draws_.below(8);
    const std::uint32_t least = decisions_from(edges_, to)[from];
    EXPECT_EQ(order_.add(from, to, why), least == kFar);
    if (least == kFar) {
      edges_.push_back({from, to, why});
    } else {
      check_path(to, from, least);
    }
  }

  void reach() {
    const Node from = node();
    std::vector<Node> targets;
    for (Node target = 0; target < kNodes; ++target) {
      if (target != from && draws_.below(3) == 0) targets.push_back(target);
    }
    if (targets.empty()) return;
    std::uint32_t least = kFar;
    const std::vector<std::uint32_t> all = decisions_from(edges_, from);
    for (const Node target : targets) least = std::min(least, all[target]);
    EXPECT_EQ(order_.reaches(from, targets), least != kFar);
    if (least == kFar) return;
    EXPECT_NE(std::find(targets.begin(), targets.end(), order_.path_end()), targets.end());
    check_path(from, order_.path_end(), least);
  }

  /// From its end to its start, over edges, with no more decisions than there must be.
  void check_path(Node start, Node end, std::uint32_t least) {
    const std::vector<Node>& nodes = order_.path_nodes();
    const std::vector<Literal>& decisions = order_.path();
    ASSERT_GE(nodes.size(), 2U);
    EXPECT_EQ(nodes.front(), end);
    EXPECT_EQ(nodes.back(), start);
    for (std::size_t i = 1; i < nodes.size(); ++i) {
      const auto leads = [&](const Edge& edge) {
        const bool told = std::find(decisions.begin(), decisions.end(), edge.why) != decisions.end();
        return edge.from == nodes[i] && edge.to == nodes[i - 1] && (edge.why == kKnown || told);
      };
      EXPECT_TRUE(std::any_of(edges_.begin(), edges_.end(), leads)) << "an edge whose reason is told";
    }
    EXPECT_LE(decisions.size(), least);
    EXPECT_EQ(decisions.empty(), least == 0);
    EXPECT_EQ(std::adjacent_find(decisions.begin(), decisions.end()), decisions.end());
  }

  void check_places() {
    for (const Edge& edge : edges_) EXPECT_LT(order_.place(edge.from), order_.place(edge.to));
    std::vector<Node> moved = order_.moved();
    for (Node i = 0; i < kNodes; ++i) {
      EXPECT_EQ(order_.nodes()[order_.place(i)], i);
      const bool told = std::find(moved.begin(), moved.end(), i) != moved.end();
      EXPECT_TRUE(told || order_.place(i) == places_[i]) << i << " has moved";
    }
    order_.moved().clear();
    note_places();
  }

  void note_places() {
    for (Node i = 0; i < kNodes; ++i) places_[i] = order_.place(i);
  }

  Draws& draws_;
  std::vector<Edge> edges_;
  std::size_t known_ = 0;  // of the graph
  CsrGraph graph_;
  MovingOrder order_;
  std::vector<std::uint32_t> places_;
};

TEST(MovingOrder, KeepsAnOrderAndFindsEveryCycle) {
  Draws draws(7);
  for (int story = 0; story < 500 && !::testing::Test::HasFailure(); ++story) {
    SCOPED_TRACE(story);
    Story one(draws);
    for (int i = 0; i < 60 && !::testing::Test::HasFailure(); ++i) one.step();
  }
}

}  // namespace
}  // namespace tidemark::checkers::graph
