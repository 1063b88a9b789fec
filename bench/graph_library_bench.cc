// The components of the dependency graph by Boost.Graph and by our own code: the same edges, the same answers, the
// ratio.
//
// Of half a million transactions of lists, without a cycle and with one that spans most of them. Timed are making the
// compact graph of the edges, and finding its strongly
// connected components among the arcs of given relations, with their members. CPU time, the median of five rounds.
// Output: one Markdown table. docs/decisions.md says what follows from it.
#include <algorithm>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/filtered_graph.hpp>
#include <boost/graph/strong_components.hpp>
#include <cstdio>
#include <ctime>
#include <functional>
#include <utility>
#include <vector>

#include "append_workload.h"
#include "base/assert.h"
#include "checkers/graph/inference.h"
#include "checkers/graph/order_edges.h"

namespace tidemark::bench {
namespace {

namespace graph = checkers::graph;
using Pairs = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
using BoostGraph = boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, std::uint8_t,
                                                      boost::no_property, std::uint32_t, std::uint32_t>;

constexpr graph::Mask kAll = 0xff;

/// Arcs of some relations only, as the classes of anomalies ask for.
struct InMask {
  const BoostGraph* of = nullptr;
  graph::Mask mask = kAll;
  template <typename Edge>
  bool operator()(const Edge& edge) const {
    return (mask >> (*of)[edge] & 1) != 0;
  }
};

double median_seconds(const std::function<void()>& what) {
  std::vector<double> rounds;
  for (int i = 0; i < 5; ++i) {
    timespec start{};
    timespec end{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    what();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    rounds.push_back(static_cast<double>(end.tv_sec - start.tv_sec) +
                     static_cast<double>(end.tv_nsec - start.tv_nsec) * 1e-9);
  }
  std::sort(rounds.begin(), rounds.end());
  return rounds[2];
}

/// Nodes in components of two or more.
std::size_t in_circles(const std::vector<graph::Component>& all) {
  std::size_t nodes = 0;
  for (const graph::Component& one : all) nodes += one.size();
  return nodes;
}

std::size_t in_circles(const std::vector<std::uint32_t>& component, std::size_t count) {
  std::vector<std::uint32_t> size(count, 0);
  for (const std::uint32_t number : component) ++size[number];
  std::size_t nodes = 0;
  for (const std::uint32_t one : size) nodes += one > 1 ? one : 0;
  return nodes;
}

void row(const char* name, const graph::EdgeList& edges) {
  Pairs pairs;
  std::vector<std::uint8_t> relations;
  for (const graph::EdgeList::Edge& edge : edges.edges()) {
    pairs.emplace_back(edge.from, edge.arc.to());
    relations.push_back(static_cast<std::uint8_t>(edge.arc.relation()));
  }
  const graph::CsrGraph ours(edges);
  const BoostGraph theirs(boost::edges_are_unsorted_multi_pass, pairs.begin(), pairs.end(), relations.begin(),
                          edges.nodes());
  std::vector<std::uint32_t> component(edges.nodes());
  std::size_t count = 0;
  std::size_t nodes = 0;
  const double our_graph = median_seconds([&] { graph::CsrGraph{edges}; });
  const double their_graph = median_seconds([&] {
    BoostGraph(boost::edges_are_unsorted_multi_pass, pairs.begin(), pairs.end(), relations.begin(), edges.nodes());
  });
  const double our_search = median_seconds([&] { nodes = in_circles(graph::components(ours, kAll)); });
  const double their_search = median_seconds([&] {
    const boost::filtered_graph<BoostGraph, InMask> some(theirs, InMask{&theirs, kAll});
    const auto index = boost::get(boost::vertex_index, theirs);
    count = static_cast<std::size_t>(
        boost::strong_components(some, boost::make_iterator_property_map(component.begin(), index)));
    std::vector<std::vector<std::uint32_t>> members(count);
    for (std::uint32_t node = 0; node < component.size(); ++node) members[component[node]].push_back(node);
    std::erase_if(members, [](const auto& one) { return one.size() < 2; });
  });
  TIDEMARK_ASSERT(in_circles(component, count) == nodes, "both find the same circles");
  std::printf("| %s | %u | %zu | %zu | %.3f | %.3f | %.1f | %.3f | %.3f | %.1f |\n", name, edges.nodes(), edges.size(),
              nodes, our_graph, their_graph, their_graph / our_graph, our_search, their_search,
              their_search / our_search);
  std::fflush(stdout);
}

int run() {
  std::printf(
      "| graph | nodes | edges | in circles | ours: make, s | Boost: make, s | ratio | ours: components, s | "
      "Boost: components, s | ratio |\n|---|---|---|---|---|---|---|---|---|---|\n");
  for (const std::size_t old_reads : {std::size_t{0}, std::size_t{20}}) {
    checkers::testing::AppendWorkload workload;
    workload.transactions = 500'000;
    workload.old_reads = old_reads;
    const checkers::History history = checkers::testing::make_append_history(workload);
    graph::Inference inference(history, 8);
    graph::EdgeList edges(static_cast<graph::Node>(history.transactions().size()));
    inference.add_data_edges(edges);
    graph::add_session_edges(history, inference.presence, edges);
    row(old_reads == 0 ? "lists, valid" : "lists, 20 reads of the beginning", edges);
  }
  return 0;
}

}  // namespace
}  // namespace tidemark::bench

int main() {
  return tidemark::bench::run();
}
