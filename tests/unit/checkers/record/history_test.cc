#include "checkers/record/history.h"

#include <gtest/gtest.h>

#include <array>

namespace tidemark::checkers {
namespace {

TEST(History, KeepsTransactionsEventsAndNames) {
  HistoryBuilder builder;
  const std::uint32_t x = builder.key(builder.text("x"));
  builder.begin(builder.session(builder.integer(7)));
  builder.event(EventKind::kAppend, x, builder.integer(3));
  const std::array<Value, 2> seen{builder.integer(3), builder.text("a b")};
  ASSERT_TRUE(builder.read_elements(EventKind::kReadList, x, seen));
  builder.finish({});
  const History history = builder.build(false);

  ASSERT_EQ(history.transactions().size(), 1U);
  const Txn& txn = history.transactions()[0];
  EXPECT_EQ(history.show(txn), "append 3 to x; read x = [3 \"a b\"]");
  EXPECT_EQ(history.show_session(txn.session), "7");
  EXPECT_TRUE(txn.has_write);
  EXPECT_EQ(txn.index, 0U);
  EXPECT_EQ(history.kinds(), bit(EventKind::kAppend) | bit(EventKind::kReadList));
  EXPECT_TRUE(history.times().empty());
}

TEST(History, TellsTextsFromIntegersAndNil) {
  HistoryBuilder builder;
  EXPECT_NE(builder.text("1"), builder.integer(1));
  EXPECT_EQ(builder.text("1"), builder.text("1"));
  EXPECT_TRUE(builder.integer(INT64_MIN).is_text()) << "too large to stand for itself";
  EXPECT_TRUE(builder.integer(-5).is_integer());
  EXPECT_TRUE(Value{}.is_nil());
}

TEST(History, ForgetsAnAbandonedTransaction) {
  HistoryBuilder builder;
  const std::uint32_t x = builder.key(builder.text("x"));
  const std::uint32_t session = builder.session(builder.integer(0));
  builder.begin(session);
  builder.cas(x, builder.integer(1), builder.integer(2));
  builder.abandon();
  builder.begin(session);
  builder.cas(x, builder.integer(3), builder.integer(4));
  HistoryBuilder::End end;
  end.outcome = Outcome::kInfo;
  end.ret = 9;
  builder.finish(end);
  const History history = builder.build(true);

  ASSERT_EQ(history.transactions().size(), 1U);
  EXPECT_EQ(history.show(history.transactions()[0]), "compare-and-set x from 3 to 4");
  EXPECT_EQ(history.transactions()[0].ret, kNever) << "nothing is known of the end of an unknown outcome";
}

TEST(History, LeavesOutTheMiddleOfALongList) {
  HistoryBuilder builder;
  std::vector<Value> all;
  for (int i = 0; i < 40; ++i) all.push_back(builder.integer(i));
  builder.begin(builder.session(builder.integer(0)));
  ASSERT_TRUE(builder.read_elements(EventKind::kReadList, builder.key(builder.text("x")), all));
  builder.finish({});
  const History history = builder.build(false);
  EXPECT_EQ(history.show(history.transactions()[0]), "read x = [0 1 2 3 4 5 ... 34 35 36 37 38 39]");
}

struct Timed {
  std::int64_t invoke_ns;
  std::int64_t complete_ns;
  Outcome outcome = Outcome::kOk;
};

/// Of one session, in the order of the records.
History of_times(const std::vector<Timed>& operations) {
  HistoryBuilder builder;
  for (const Timed& operation : operations) {
    builder.begin(builder.session(builder.integer(3)));
    builder.event(EventKind::kWrite, builder.key(builder.text("x")), builder.integer(operation.complete_ns + 1));
    HistoryBuilder::End end;
    end.outcome = operation.outcome;
    end.times = {operation.invoke_ns, operation.complete_ns};
    builder.finish(end);
  }
  return builder.build(false);
}

TEST(SessionOrder, IsThatOfTheRecordsWhereNothingOverlaps) {
  const History history = of_times({{0, 5}, {5, 9}, {9, 9}});
  EXPECT_TRUE(history.also_before().empty());
  EXPECT_EQ(history.chains(), 1U);
  EXPECT_TRUE(history.precedes(0, 1));
  EXPECT_TRUE(history.precedes(0, 2));
  EXPECT_FALSE(history.precedes(1, 0));
}

TEST(SessionOrder, OfTwoAtATimeThereIsNone) {
  const History history = of_times({{0, 5}, {6, 9}, {6, 9}, {9, 12}, {7, 14}, {20, 30}});
  EXPECT_FALSE(history.precedes(1, 2));
  EXPECT_FALSE(history.precedes(3, 4));
  EXPECT_FALSE(history.precedes(2, 4));
  for (const std::uint32_t later : {1U, 2U, 3U, 4U, 5U}) EXPECT_TRUE(history.precedes(0, later)) << later;
  for (const std::uint32_t earlier : {0U, 1U, 2U, 3U, 4U}) EXPECT_TRUE(history.precedes(earlier, 5)) << earlier;
  EXPECT_TRUE(history.precedes(1, 3));
  EXPECT_TRUE(history.precedes(2, 3));
}

/// What precedes() says must follow from the chains and also_before(), and nothing else may.
TEST(SessionOrder, ChainsAndTheRestSayTheSame) {
  std::uint64_t state = 1;
  const auto draw = [&](std::int64_t limit) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::int64_t>((state >> 33) % static_cast<std::uint64_t>(limit));
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<Timed> operations;
    std::int64_t now = 100;
    for (int i = 0; i < 12; ++i) {
      now += draw(4);
      const std::int64_t drawn = draw(5);
      operations.push_back({now - draw(8), now, drawn == 0 ? Outcome::kInfo : Outcome::kOk});
    }
    const History history = of_times(operations);
    const auto count = static_cast<std::uint32_t>(operations.size());
    std::vector<std::vector<bool>> before(count, std::vector<bool>(count, false));
    for (std::uint32_t a = 0; a < count; ++a) {
      for (std::uint32_t b = a + 1; b < count; ++b) {
        before[a][b] = operations[a].outcome == Outcome::kOk && history.chain(a) == history.chain(b);
      }
    }
    for (const auto& [a, b] : history.also_before()) before[a][b] = true;
    for (std::uint32_t via = 0; via < count; ++via) {
      for (std::uint32_t a = 0; a < count; ++a) {
        for (std::uint32_t b = 0; b < count; ++b) before[a][b] = before[a][b] || (before[a][via] && before[via][b]);
      }
    }
    for (std::uint32_t a = 0; a < count; ++a) {
      for (std::uint32_t b = a + 1; b < count; ++b) {
        const bool ended = operations[a].complete_ns <= operations[b].invoke_ns;
        const bool wanted = operations[a].outcome == Outcome::kOk && ended;
        EXPECT_EQ(history.precedes(a, b), wanted) << round << ": " << a << ", " << b;
        EXPECT_EQ(before[a][b], wanted) << round << ": " << a << ", " << b;
      }
    }
  }
}

TEST(SessionOrder, ASessionWithHundredsAtATimeIsOrderedByItsRecords) {
  std::vector<Timed> operations;
  for (std::int64_t i = 0; i < 300; ++i) operations.push_back({0, 10 + i});
  const History history = of_times(operations);
  EXPECT_TRUE(history.also_before().empty());
  EXPECT_TRUE(history.precedes(0, 299));
}

}  // namespace
}  // namespace tidemark::checkers
