#include "checkers/explain/minimal.h"

#include <gtest/gtest.h>

#include "checkers/explain/cut.h"
#include "checkers/graph/transactional.h"
#include "checkers/judge/models.h"
#include "notation.h"

namespace tidemark::checkers {
namespace {

Judgement sequential(const History& history) {
  return graph::judge_transactional(history, {graph::Isolation::kSerializable, true, false}, {});
}

Minimal minimal_of(const History& history, const Judge& judge = sequential, const MinimalOptions& options = {}) {
  const Judgement judgement = judge(history);
  return minimal_history(history, judgement.anomalies.at(0), judge, options);
}

/// "G-single-process: T0 append 1 to x | T3 read x = []".
std::string shown(const Minimal& minimal) {
  std::string text = minimal.anomaly.name + ":";
  for (const Txn& txn : minimal.history.transactions()) {
    text += (text.back() == ':' ? " T" : " | T") + std::to_string(txn.index) + " " + minimal.history.show(txn);
  }
  return text;
}

std::string minimal(std::string_view text) {
  return shown(minimal_of(testing::history_of(text)));
}

TEST(Minimal, KeepsOnlyWhatTheContradictionNeeds) {
  EXPECT_EQ(minimal(R"(
    s9: a x 7, a y 7
    s1: a x 1, a y 1, r z []
    s2: r y [7 1]
    s1: r x [7], r z []
    s9: a x 8
    s3: r x [7 1 8])"),
            "G-single-process: T1 append 1 to x | T3 read x = []");
}

TEST(Minimal, KeepsTheReadersThatShowTheOrder) {
  EXPECT_EQ(
      minimal(R"(
    s1: a x 1, a y 1, a z 1
    s2: a x 2, a y 2
    s5: a x 5, a y 5
    s3: r x [1 2 5], r z [1]
    s4: r y [2 1 5])"),
      "G0: T0 append 1 to x; append 1 to y | T1 append 2 to x; append 2 to y | T3 read x = [1 2] | T4 read y = [2 1]");
}

TEST(Minimal, DoesNotTakeAReadWithoutItsWriteForTheFault) {
  EXPECT_EQ(minimal(R"(
    s1: a x 1
    s2: r x [1]
    s3: a x 2
    s4: r x [1 2 9])"),
            "garbage-read: T3 read x = [9]");
  EXPECT_EQ(minimal(R"(
    s1: w x 1
    s2: r x 1
    s3: r y 5
    s4: r x 1)"),
            "garbage-read: T2 read y = 5");
}

TEST(Minimal, KeepsTheClassOfTheAnomaly) {
  EXPECT_EQ(minimal("s1: a x 1 !\ns1: a x 2\ns2: r x [1 2]"), "G1a: T0 append 1 to x | T2 read x = [1]");
  EXPECT_EQ(minimal("s1: w x 1\ns1: w x 2\ns2: r x 2\ns2: r y nil\ns2: r x 1"),
            "G-single-process: T0 write x = 1 | T1 write x = 2 | T2 read x = 2 | T4 read x = 1");
}

TEST(Minimal, TellsWhereEachTransactionCameFrom) {
  const History history = testing::history_of("s5: a x 7\ns1: a x 1\ns5: r x [7 1]\ns1: r x [7]");
  const Minimal result = minimal_of(history);
  EXPECT_EQ(result.original, (std::vector<std::uint32_t>{1, 3}));
  EXPECT_TRUE(result.complete);
  EXPECT_EQ(result.anomaly.transactions, (std::vector<std::uint32_t>{0, 1}));
}

TEST(Minimal, StopsAtItsBudgetWithWhatItHas) {
  const History history = testing::history_of("s1: a x 1, a y 1\ns5: a x 7\ns1: r x [7], r y [1]\ns5: r x [7 1]");
  MinimalOptions options;
  options.most_judgements = 3;
  const Minimal result = minimal_of(history, sequential, options);
  EXPECT_FALSE(result.complete);
  EXPECT_EQ(sequential(result.history).anomalies.at(0).name, result.anomaly.name);
  options.most_judgements = 1;
  EXPECT_EQ(minimal_of(history, sequential, options).history.events().size(), history.events().size());
}

Judgement linearizable(const History& history) {
  return judge(history, Model::kLinearizable);
}

/// Every set of events of a valid history, left out.
void expect_all_cuts_valid(std::string_view text, const Judge& judged = sequential, const why::Orders& orders = {}) {
  const History history = testing::history_of(text);
  ASSERT_NE(judged(history).validity, Validity::kInvalid) << text;
  const why::Cutter cutter(history, orders);
  const std::uint32_t events = static_cast<std::uint32_t>(history.events().size());
  ASSERT_LE(events, 12U);
  for (std::uint32_t left_out = 0; left_out < 1U << events; ++left_out) {
    why::Kept kept(events);
    for (std::uint32_t i = 0; i < events; ++i) kept[i] = (left_out >> i & 1U) == 0 ? 1 : 0;
    std::vector<std::uint32_t> transactions(history.transactions().size());
    for (std::uint32_t i = 0; i < transactions.size(); ++i) transactions[i] = i;
    cutter.close(kept, transactions);
    const History small = cutter.cut(kept, transactions);
    const Judgement judgement = judged(small);
    ASSERT_NE(judgement.validity, Validity::kInvalid)
        << text << " without " << left_out << ": " << judgement.anomalies.at(0).name;
  }
}

TEST(Cut, NeverMakesAContradiction) {
  expect_all_cuts_valid("s1: a x 1, a y 1\ns2: r x [1], a x 2\ns1: r x [1 2], r y [1]\ns2: a y 3 ?\ns3: r y [1 3]");
  expect_all_cuts_valid("s1: w x 1, w y 1\ns2: r x 1, w x 2\ns1: cas x 2 3\ns3: r x 3, w x 4 ?\ns1: r x 4, r y 1");
  expect_all_cuts_valid("s1: add x 1\ns2: r x {1}, add x 2\ns1: add x 3 ?\ns3: r x {1 2 3}\ns3: r y {}");
  expect_all_cuts_valid("s1: w x 1\ns1: w x 1\ns2: r x 1\ns2: w x 2\ns1: r x 2\ns1: cas x 2 1\ns3: r x 1");
}

TEST(Cut, NeverMakesAContradictionInRealTime) {
  const why::Orders orders{true, true};
  const auto expect = [&](std::string_view text) { expect_all_cuts_valid(text, linearizable, orders); };
  expect(R"(
    s1: w x 1   @1-2
    s2: r x 1   @3-4
    s1: w x 2   @5-6
    s1: w x 1   @7-10
    s2: r x 1   @11-12
    s3: cas x 1 2  @11-14
    s2: r x 2   @15-16
    s4: w x 1   @1-40
    s2: r x 1   @17-50)");
  expect(R"(
    s1: w x 1   @1-20
    s2: w x 1   @2-30
    s3: w x 2   @3-25
    s4: r x 1   @4-9
    s4: r x 2   @10-12
    s4: r x 1   @13-15
    s5: w x 3 ? @14-15
    s4: r x 3   @35-36
    s4: r x 3   @40-41)");
}

TEST(Minimal, LeavesOutWritesThatCannotBeTheSource) {
  const History history = testing::history_of(R"(
    s1: w x 1   @1-2
    s2: r x 1   @3-4
    s1: w x 2   @5-6
    s2: r x 2   @7-8
    s1: w x 1   @9-10
    s1: w x 2   @11-12
    s2: r x 1   @13-14)");
  MinimalOptions options;
  options.orders.real_time = true;
  EXPECT_EQ(shown(minimal_of(history, linearizable, options)),
            "nonlinearizable: T4 write x = 1 | T5 write x = 2 | T6 read x = 1");
}

TEST(Minimal, GivesBackWhatDoesNotFailInThisWay) {
  const History history = testing::history_of("s1: a x 1\ns1: r x [1]");
  Anomaly other;
  other.name = "G0";
  const Minimal result = minimal_history(history, other, sequential);
  EXPECT_EQ(result.history.transactions().size(), 2U);
  EXPECT_FALSE(result.complete);
}

}  // namespace
}  // namespace tidemark::checkers
