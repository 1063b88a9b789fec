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

}  // namespace
}  // namespace tidemark::checkers
