// The graph itself, at sizes where recursion, time limits or searches without a plan would show.
#include <gtest/gtest.h>

#include "append_workload.h"
#include "checkers/graph/classify.h"
#include "checkers/graph/versions.h"
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
