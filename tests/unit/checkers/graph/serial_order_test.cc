// The search for a serial order by itself, without saturation before it, and dense histories through the whole judge.
#include "checkers/graph/serial_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "checkers/graph/greedy_order.h"
#include "checkers/graph/inference.h"
#include "checkers/graph/order_edges.h"
#include "checkers/graph/saturation.h"
#include "draws.h"
#include "judged.h"
#include "register_workload.h"

namespace tidemark::checkers::graph {
namespace {

/// Empty, or what is wrong with `order` as a proof that the history is valid.
std::string replayed(const History& history, const std::vector<std::uint32_t>& order, bool sessions) {
  const std::vector<Txn>& all = history.transactions();
  std::vector<Value> held(history.keys());
  std::vector<std::uint32_t> last(history.sessions(), 0);
  std::vector<std::uint8_t> seen(all.size(), 0);
  for (const std::uint32_t number : order) {
    const Txn& txn = all[number];
    if (txn.outcome == Outcome::kFail || seen[number]++ != 0) return "stands where it must not";
    // One of unknown outcome stands behind what its session did before, however far.
    const bool ok = txn.outcome == Outcome::kOk;
    if (sessions && ok && last[txn.session] > number) return "the order of a session is lost";
    last[txn.session] = std::max(last[txn.session], number);
    for (const Event& event : history.events(txn)) {
      if (event.kind == EventKind::kWrite) held[event.key] = event.value;
      if (event.kind == EventKind::kRead && event.known && held[event.key] != event.value) return "a read is wrong";
    }
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].outcome == Outcome::kOk && seen[i] == 0) return "one is missing";
  }
  return "";
}

/// Up to seven transactions, each of which reads some keys, then writes some: what is read was written by one of the
/// others, or by nobody.
History small_history(Draws& draws) {
  constexpr std::uint32_t kKeys = 3;
  const std::uint32_t transactions = 4 + draws.below(4);
  std::vector<std::vector<std::uint32_t>> writers(kKeys);
  std::vector<std::uint32_t> writes(transactions, 0);
  for (std::uint32_t i = 0; i < transactions; ++i) {
    for (std::uint32_t key = 0; key < kKeys; ++key) {
      if (draws.below(3) == 0) continue;
      writes[i] |= 1U << key;
      writers[key].push_back(i);
    }
  }
  HistoryBuilder builder;
  for (std::uint32_t i = 0; i < transactions; ++i) {
    builder.begin(builder.session(builder.integer(draws.below(3))));
    for (std::uint32_t key = 0; key < kKeys; ++key) {
      const std::uint32_t name = builder.key(builder.integer(key));
      if (draws.below(5) < 2) {
        const std::uint32_t from = draws.below(24) == 0 || writers[key].empty()
                                       ? i
                                       : writers[key][draws.below(static_cast<std::uint32_t>(writers[key].size()))];
        builder.event(EventKind::kRead, name, from == i ? Value{} : builder.integer(100 * (key + 1) + from));
      }
    }
    for (std::uint32_t key = 0; key < kKeys; ++key) {
      const std::uint32_t name = builder.key(builder.integer(key));
      if ((writes[i] >> key & 1) != 0) builder.event(EventKind::kWrite, name, builder.integer(100 * (key + 1) + i));
    }
    builder.finish({});
  }
  return builder.build(false);
}

bool some_order_explains(const History& history, bool sessions) {
  std::vector<std::uint32_t> order(history.transactions().size());
  std::iota(order.begin(), order.end(), 0U);
  do {
    if (replayed(history, order, sessions).empty()) return true;
  } while (std::next_permutation(order.begin(), order.end()));
  return false;
}

struct Searched {
  bool cyclic = false;  // before anything was searched
  bool findings = false;
  OrderFound found;
};

Searched searched(const History& history, bool sessions) {
  Inference inference(history, 8);
  EdgeList edges(static_cast<Node>(history.transactions().size()));
  inference.registers.forget_repeats();
  inference.add_data_edges(edges);
  if (sessions) add_session_edges(history, inference.presence, edges);
  Searched result;
  result.findings = !inference.findings.anomalies([](Direct) { return true; }).empty();
  result.cyclic = topological_order(CsrGraph(edges), 0xff).empty();
  if (result.cyclic || result.findings) return result;
  result.found = find_serial_order(history, inference.presence, inference.registers, edges, 10'000'000);
  if (result.found.end == OrderFound::End::kCycle) {
    EXPECT_TRUE(topological_order(CsrGraph(edges), 0xff).empty()) << "a cycle was told that is not there";
  }
  return result;
}

TEST(SerialOrder, IsFoundExactlyIfOneOfAllOrdersExplainsTheReads) {
  Draws draws(7);
  std::uint32_t ends[3] = {0, 0, 0};
  for (std::uint32_t i = 0; i < 60'000; ++i) {
    const History history = small_history(draws);
    const bool sessions = i % 2 == 0;
    const Searched result = searched(history, sessions);
    if (result.cyclic || result.findings) continue;
    ASSERT_NE(result.found.end, OrderFound::End::kBudget);
    const bool valid = result.found.end == OrderFound::End::kFound;
    ++ends[static_cast<std::size_t>(result.found.end)];
    ASSERT_EQ(valid, some_order_explains(history, sessions)) << "history " << i;
    if (valid) {
      ASSERT_EQ(replayed(history, result.found.order, sessions), "") << "history " << i;
    } else if (result.found.end == OrderFound::End::kNone) {
      ASSERT_FALSE(result.found.pairs.empty());
      ASSERT_GE(result.found.transactions.size(), 2U);
    }
  }
  EXPECT_GT(ends[0], 100U);
  EXPECT_GT(ends[1], 100U);
  EXPECT_GT(ends[2], 10U);
}

// What follows in a window must follow in the whole: then an order is found as before, or none as before.
TEST(Windows, AddNothingThatDoesNotFollow) {
  Draws draws(8);
  std::size_t inferred = 0;
  std::size_t valid = 0;
  std::size_t cyclic = 0;
  for (std::uint32_t i = 0; i < 40'000; ++i) {
    const History history = small_history(draws);
    Inference inference(history, 8);
    EdgeList edges(static_cast<Node>(history.transactions().size()));
    inference.registers.forget_repeats();
    inference.add_data_edges(edges);
    if (!inference.findings.anomalies([](Direct) { return true; }).empty()) continue;
    if (topological_order(CsrGraph(edges), 0xff).empty()) continue;
    const std::size_t before = edges.size();
    const Saturated result = saturate_by_closure(history, inference.registers, edges, {}, 2 + i % 5);
    ASSERT_TRUE(result.complete || result.cyclic);
    inferred += edges.size() - before;
    const bool explained = some_order_explains(history, false);
    ASSERT_EQ(result.cyclic, topological_order(CsrGraph(edges), 0xff).empty()) << "history " << i;
    if (result.cyclic) {
      ASSERT_FALSE(explained) << "history " << i;
      ++cyclic;
      continue;
    }
    const OrderFound found = find_serial_order(history, inference.presence, inference.registers, edges, 10'000'000);
    ASSERT_EQ(found.end == OrderFound::End::kFound, explained) << "history " << i;
    valid += explained ? 1 : 0;
  }
  EXPECT_GT(inferred, 1'000U);
  EXPECT_GT(valid, 1'000U);
  EXPECT_GT(cyclic, 1'000U);
}

// No order of x follows alone, nor one of y; but whichever is taken for both, a cycle closes.
TEST(SerialOrder, NamesThePairsOfWritersIfNoOrderOfThemFits) {
  const History history = testing::history_of(R"(
    s1: w x 1, w d 1
    s2: w x 2, w a 2
    s3: w y 3, w c 3
    s4: w y 4, w b 4
    s5: r x 1, r c 3, r b 4
    s6: r x 2, r c 3, r b 4
    s7: r y 3, r d 1, r a 2
    s8: r y 4, r d 1, r a 2)");
  ASSERT_FALSE(some_order_explains(history, false));
  for (const TransactionalModel& model : {kSequential, kSerializable}) {
    const Judgement judgement = judge_transactional(history, model, {});
    EXPECT_EQ(told(judgement, history), "no-order T0 T1 T2 T3 T4 T5 T6 T7");
    EXPECT_EQ(judgement.anomalies[0].fact,
              "whichever of two writers of a key comes first, some read contradicts: T0 and T1 (x), T2 and T3 (y)");
  }
}

struct Dense {
  std::size_t transactions;
  std::size_t operations;
  std::uint32_t keys;
  std::uint32_t sessions;
  std::size_t reads_of_100;
  std::size_t delay;
};

History dense_history(const Dense& dense, std::size_t skews) {
  testing::RegisterWorkload workload;
  workload.transactions = dense.transactions;
  workload.operations = dense.operations;
  workload.keys = dense.keys;
  workload.sessions = dense.sessions;
  workload.reads_of_100 = dense.reads_of_100;
  workload.delay = dense.delay;
  workload.write_skews = skews;
  return testing::make_register_history(workload);
}

// Windows of a tenth of the history tell much of what follows, where records are few places behind.
TEST(Windows, TellMuchOfWhatFollows) {
  const History history = dense_history({4'000, 3, 100, 50, 50, 100}, 0);
  const auto forced = [&](Node width) {
    Inference inference(history, 8);
    EdgeList edges(static_cast<Node>(history.transactions().size()));
    inference.add_data_edges(edges);
    EXPECT_TRUE(saturate_by_closure(history, inference.registers, edges, {}, width).complete);
    // What the edges leave to the guess.
    const RegisterAccesses accesses(history, inference.registers);
    return greedy_order(history, inference.presence, accesses, CsrGraph(edges), kNoNode).forced;
  };
  const std::uint64_t whole = forced(1'000'000);
  const std::uint64_t windows = forced(400);
  const std::uint64_t nothing = forced(2);
  EXPECT_LE(whole, windows);
  EXPECT_LE(windows, nothing * 4 / 5);
}

// Hundreds wait for few keys: not all are woken with every reader that comes.
TEST(Greedy, DoesNotWakeAllThatWaitTogether) {
  const History history = dense_history({10'000, 3, 10, 50, 50, 100}, 0);
  Inference inference(history, 8);
  EdgeList edges(static_cast<Node>(history.transactions().size()));
  inference.add_data_edges(edges);
  const RegisterAccesses accesses(history, inference.registers);
  const GreedyOrder order = greedy_order(history, inference.presence, accesses, CsrGraph(edges), kNoNode);
  EXPECT_GT(order.woken, 1'000U);
  EXPECT_LT(order.woken, 200'000U);
}

TEST(DenseRegisters, OfALargeHistoryWithoutSessionsAreDecided) {
  JudgeOptions options;
  options.want_order = true;
  const History history = dense_history({21'000, 3, 100, 50, 50, 100}, 0);
  const Judgement judgement = judge_transactional(history, kSerializable, options);
  ASSERT_EQ(judgement.validity, Validity::kValid) << judgement.reason;
  EXPECT_EQ(replayed(history, judgement.order, false), "");
}

constexpr Dense kDense[] = {
    {1'500, 20, 10, 20, 20, 100},  {1'500, 20, 10, 100, 50, 100},  {1'500, 20, 10, 20, 80, 400},
    {1'500, 20, 100, 100, 20, 40}, {1'500, 20, 1'000, 5, 50, 100}, {1'500, 20, 3'000, 100, 80, 200},
    {4'000, 3, 10, 20, 50, 60},    {4'000, 4, 100, 100, 60, 100},  {900, 10, 10, 30, 20, 900},
};

TEST(DenseRegisters, AreProvedValidByAnOrderThatReplays) {
  JudgeOptions options;
  options.want_order = true;
  for (const Dense& dense : kDense) {
    const History history = dense_history(dense, 0);
    for (const TransactionalModel& model : {kSequential, kSerializable}) {
      const Judgement judgement = judge_transactional(history, model, options);
      ASSERT_EQ(judgement.validity, Validity::kValid) << judgement.reason << " " << (&dense - kDense);
      EXPECT_EQ(replayed(history, judgement.order, model.sessions), "") << (&dense - kDense);
    }
  }
}

TEST(DenseRegisters, WithWriteSkewAreInvalidOrHaveAnOrderAllTheSame) {
  JudgeOptions options;
  options.want_order = true;
  std::size_t invalid = 0;
  for (const Dense& dense : kDense) {
    const History history = dense_history(dense, 3);
    for (const TransactionalModel& model : {kSequential, kSerializable}) {
      const Judgement judgement = judge_transactional(history, model, options);
      ASSERT_NE(judgement.validity, Validity::kUnknown) << judgement.reason << " " << (&dense - kDense);
      // Nobody may have read what tells that the two writes were there at all.
      if (judgement.validity == Validity::kValid) {
        EXPECT_EQ(replayed(history, judgement.order, model.sessions), "") << (&dense - kDense);
      } else {
        ++invalid;
        EXPECT_FALSE(judgement.anomalies.empty());
      }
    }
  }
  EXPECT_GE(invalid, 12U);
}

TEST(DenseRegisters, AreUnknownWhenTheBudgetEnds) {
  JudgeOptions options;
  options.step_budget = 10;
  const Judgement judgement = judge_transactional(dense_history(kDense[0], 0), kSerializable, options);
  EXPECT_EQ(judgement.validity, Validity::kUnknown);
  EXPECT_EQ(
      judgement.reason,
      "what follows from the reads leaves several orders open, and none that fits was found in 15670 steps; the last "
      "one contradicts reads of 171 of 2472 versions");
}

// What a search takes for each edge where it goes well is not counted: else the longest histories would be searched
// twice.
TEST(DenseRegisters, OfALongHistoryAreDecidedByTheFirstSearch) {
  JudgeOptions options;
  options.step_budget = 10;
  for (const std::size_t transactions : {std::size_t{1'100}, std::size_t{11'000}}) {
    const Judgement judgement =
        judge_transactional(dense_history({transactions, 20, 1'000, 50, 50, 100}, 0), kSequential, options);
    EXPECT_EQ(judgement.validity, Validity::kValid) << judgement.reason;
    EXPECT_GT(judgement.steps, options.step_budget);
  }
}

}  // namespace
}  // namespace tidemark::checkers::graph
