// The graph itself, at sizes where recursion, time limits or searches without a plan would show.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "append_workload.h"
#include "checkers/graph/classify.h"
#include "checkers/graph/versions.h"
#include "draws.h"
#include "judged.h"
#include "register_workload.h"

namespace tidemark::checkers::graph {
namespace {

constexpr Mask kAll = bit(Relation::kWw) | bit(Relation::kWr) | bit(Relation::kRw) | bit(Relation::kSo);

TEST(Graph, WalksAChainOfAMillionWithoutRecursion) {
  constexpr Node kLength = 1'000'000;
  EdgeList edges(kLength);
  for (Node i = 1; i < kLength; ++i) edges.add(i - 1, i, Relation::kWw);
  EXPECT_TRUE(components(CsrGraph(edges), kAll).empty());
  EXPECT_EQ(topological_order(CsrGraph(edges), kAll).size(), kLength);
  edges.add(kLength - 1, 0, Relation::kSo);
  const CsrGraph ring(edges);
  EXPECT_EQ(components(ring, kAll).at(0).size(), kLength);
  ClassifyOptions options;
  options.mask = kAll;
  const Classified classified = classify(ring, options);
  ASSERT_EQ(classified.cycles.size(), 1U);
  EXPECT_EQ(classified.cycles[0].name(), "G0-process");
  EXPECT_EQ(classified.cycles[0].cycle.size(), kLength);
}

TEST(Graph, FindsTheSmallestCycleOfAKnot) {
  EdgeList edges(8);  // a ring of eight with a shortcut
  for (Node i = 0; i < 8; ++i) edges.add(i, (i + 1) % 8, Relation::kWr);
  edges.add(5, 3, Relation::kWr);
  ClassifyOptions options;
  options.mask = kAll;
  const Classified classified = classify(CsrGraph(edges), options);
  ASSERT_EQ(classified.cycles.size(), 1U);
  EXPECT_EQ(classified.cycles[0].name(), "G1c");
  EXPECT_EQ(classified.cycles[0].cycle.size(), 3U);
  EXPECT_EQ(classified.cycles[0].cycle[0].from, 3U) << "told from its smallest transaction on";
}

/// All cycles of a small graph that visit each transaction once, by what they are.
class AllCycles {
 public:
  explicit AllCycles(const EdgeList& edges) : edges_(edges) {
    for (Node start = 0; start < edges.transactions(); ++start) extend(start, start, 0, {});
  }
  /// The most basic of them: cycles without sessions come first, but for those without rw edges.
  std::string most_basic() const {
    for (const char* name : {"G0", "G0-process", "G1c", "G1c-process", "G-single", "G-nonadjacent", "G2-item",
                             "G-single-process", "G-nonadjacent-process", "G2-item-process"}) {
      if (std::find(names_.begin(), names_.end(), name) != names_.end()) return name;
    }
    return "";
  }

  static std::string name_of(const std::vector<Relation>& cycle) {
    const auto count = [&](Relation relation) { return std::count(cycle.begin(), cycle.end(), relation); };
    const auto rw = count(Relation::kRw);
    bool adjacent = false;
    for (std::size_t i = 0; i < cycle.size(); ++i) {
      adjacent = adjacent || (cycle[i] == Relation::kRw && cycle[(i + 1) % cycle.size()] == Relation::kRw);
    }
    const std::string name = rw > 0 ? (rw == 1    ? "G-single"
                                       : adjacent ? "G2-item"
                                                  : "G-nonadjacent")
                                    : (count(Relation::kWr) > 0 ? "G1c" : "G0");
    return count(Relation::kSo) > 0 ? name + "-process" : name;
  }

 private:
  void extend(Node start, Node at, unsigned visited, std::vector<Relation> walked) {
    for (const EdgeList::Edge& edge : edges_.edges()) {
      if (edge.from != at || edge.arc.to() < start || (visited >> edge.arc.to() & 1) != 0) continue;
      walked.push_back(edge.arc.relation());
      if (edge.arc.to() == start) {
        names_.push_back(name_of(walked));
      } else {
        extend(start, edge.arc.to(), visited | 1U << edge.arc.to(), walked);
      }
      walked.pop_back();
    }
  }

  const EdgeList& edges_;
  std::vector<std::string> names_;
};

void check_cycle(const EdgeList& edges, const FoundCycle& found) {
  std::vector<Relation> relations;
  for (std::size_t i = 0; i < found.cycle.size(); ++i) {
    const Hop& hop = found.cycle[i];
    EXPECT_EQ(hop.to, found.cycle[(i + 1) % found.cycle.size()].from);
    const auto is_it = [&](const EdgeList::Edge& edge) {
      return edge.from == hop.from && edge.arc.to() == hop.to && edge.arc.relation() == hop.relation;
    };
    EXPECT_TRUE(std::any_of(edges.edges().begin(), edges.edges().end(), is_it));
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(hop.from, found.cycle[j].from) << "visited twice";
    relations.push_back(hop.relation);
  }
  EXPECT_EQ(found.name(), AllCycles::name_of(relations));
}

TEST(Graph, ClassifiesByTheMostBasicOfAllCycles) {
  Draws draws(20261122);
  std::map<std::string, int> told;
  for (int i = 0; i < 60'000 && !::testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE(i);
    const Node nodes = 2 + draws.below(5);
    EdgeList edges(nodes);
    const std::uint32_t rw = draws.below(10);  // in ten
    for (std::uint32_t j = nodes + draws.below(2 * nodes); j > 0; --j) {
      const Node from = draws.below(nodes);
      const Node to = draws.below(nodes);
      if (from == to) continue;
      constexpr Relation kOthers[] = {Relation::kWw, Relation::kWr, Relation::kSo, Relation::kWr};
      edges.add(from, to, draws.below(10) < rw ? Relation::kRw : kOthers[draws.below(4)]);
    }
    const CsrGraph graph(edges);
    if (components(graph, kAll).size() != 1) continue;
    const std::string wanted = AllCycles(edges).most_basic();
    ClassifyOptions options;
    options.mask = kAll;
    const Classified all = classify(graph, options);
    ASSERT_EQ(all.cycles.size(), 1U);
    check_cycle(edges, all.cycles[0]);
    EXPECT_EQ(all.cycles[0].name(), wanted);
    ++told[wanted];
    options.forbidden = Forbidden::kNoRw;
    EXPECT_EQ(classify(graph, options).acyclic, wanted.rfind("G0", 0) != 0 && wanted.rfind("G1", 0) != 0);
  }
  EXPECT_EQ(told.size(), 10U);
  for (const auto& [name, count] : told) EXPECT_GT(count, 3) << name;
}

TEST(Graph, DecidesWhateverTheBudget) {
  EdgeList edges(200);
  for (Node i = 0; i < 200; ++i) edges.add(i, (i + 1) % 200, i % 2 == 0 ? Relation::kRw : Relation::kWr);
  for (const std::uint64_t budget : {std::uint64_t{0}, std::uint64_t{10'000'000}}) {
    ClassifyOptions options;
    options.mask = kAll;
    options.step_budget = budget;
    for (const Forbidden forbidden : {Forbidden::kAll, Forbidden::kRwApart, Forbidden::kNoRw}) {
      options.forbidden = forbidden;
      EXPECT_EQ(classify(CsrGraph(edges), options).acyclic, forbidden == Forbidden::kNoRw) << budget;
    }
  }
}

TEST(Graph, LeadsFromEachSourceToAllTargetsButItself) {
  EdgeList edges(6);
  fan_out(edges, Relation::kRw, {0, 2, 3}, {2, 3, 4, 5});
  const CsrGraph graph(edges);
  for (const Node source : {0U, 2U, 3U}) {
    std::vector<bool> reached(graph.nodes(), false);
    std::vector<Node> open;
    for (const Arc arc : graph.arcs(source)) open.push_back(arc.to());
    while (!open.empty()) {
      const Node node = open.back();
      open.pop_back();
      if (reached[node]) continue;
      reached[node] = true;
      if (!graph.is_helper(node)) continue;
      for (const Arc arc : graph.arcs(node)) open.push_back(arc.to());
    }
    for (Node target = 0; target < 6; ++target) EXPECT_EQ(reached[target], target >= 2 && target != source);
  }
}

TEST(Graph, JudgesGeneratedListsAndFindsEachPlantedViolation) {
  testing::AppendWorkload workload;
  workload.transactions = 20'000;
  const auto verdict = [&](const TransactionalModel& model) {
    const History history = testing::make_append_history(workload);
    JudgeOptions options;
    options.want_order = true;
    const Judgement judgement = judge_transactional(history, model, options);
    if (judgement.validity == Validity::kValid) return std::to_string(judgement.order.size() > 19'000);
    return judgement.anomalies.at(0).name;
  };
  EXPECT_EQ(verdict(kSequential), "1");
  EXPECT_EQ(verdict(kStrict), "1");
  workload.stale_reads = 3;
  EXPECT_EQ(verdict(kSequential), "G-single-process");
  EXPECT_EQ(verdict(kSerializable), "1");
  workload.stale_reads = 0;
  workload.write_skews = 3;
  EXPECT_EQ(verdict(kSequential), "G2-item");
  workload.write_skews = 0;
  workload.old_reads = 1;
  EXPECT_EQ(verdict(kSequential), "G-single-process");
}

TEST(Graph, JudgesGeneratedRegistersAndFindsWriteSkew) {
  testing::RegisterWorkload workload;
  workload.transactions = 1'000;
  workload.keys = 100;
  workload.sessions = 10;
  EXPECT_EQ(judge_transactional(testing::make_register_history(workload), kSequential, {}).validity, Validity::kValid);
  workload.write_skews = 1;
  const Judgement judgement = judge_transactional(testing::make_register_history(workload), kSequential, {});
  EXPECT_EQ(judgement.validity, Validity::kInvalid);
}

TEST(Graph, SaysTheSameTwice) {
  testing::AppendWorkload workload;
  workload.transactions = 5'000;
  workload.stale_reads = 5;
  workload.write_skews = 5;
  const History history = testing::make_append_history(workload);
  const Judgement a = judge_transactional(history, kSequential, {});
  const Judgement b = judge_transactional(history, kSequential, {});
  ASSERT_EQ(a.anomalies.size(), b.anomalies.size());
  EXPECT_EQ(a.steps, b.steps);
  for (std::size_t i = 0; i < a.anomalies.size(); ++i) {
    EXPECT_EQ(a.anomalies[i].transactions, b.anomalies[i].transactions);
  }
}

}  // namespace
}  // namespace tidemark::checkers::graph
