#include <gtest/gtest.h>

#include "model/apps/events.h"
#include "model/apps/orders.h"
#include "model/apps/txn.h"
#include "request_side.h"

namespace tidemark::model::testing {
namespace {

using Step = ScriptedCopy::Step;

struct AppSide : RequestSide {
  explicit AppSide(WorkloadKind kind = WorkloadKind::kOrders, SessionMode mode = SessionMode::kBookmark)
      : app(Applications(kind).make(0, {worker_node, database, options, mode})) {}

  boost::intrusive_ptr<HttpRequest> make(HttpMethod method, HttpRoute route, HttpBody body = {},
                                         SessionToken token = {}) {
    boost::intrusive_ptr<HttpRequest> request(new HttpRequest);
    request->method = method;
    request->route = route;
    request->body = std::move(body);
    request->bookmark = std::move(token);
    return request;
  }
  HttpAnswer handle(boost::intrusive_ptr<HttpRequest> request) { return run_request(*app, std::move(request)); }
  static Step returns(std::uint32_t sequence) {
    Step step;
    step.bookmark = SessionToken::of(bookmark(sequence));
    return step;
  }
  std::unique_ptr<App> app;
};

const OrderBody kOrder = {"c1", "o1", 7};

TEST(OrdersApp, PostInsertsAndListsInOneSession) {
  AppSide side;
  side.copy.script = {AppSide::returns(5), AppSide::returns(5)};
  const HttpAnswer answer = side.handle(side.make(HttpMethod::kPost, HttpRoute::kOrders, kOrder));
  ASSERT_EQ(answer->status, 200);
  EXPECT_EQ(side.copy.sqls(), (std::vector<std::string>{"INSERT", "SELECT"}));
  EXPECT_EQ(side.copy.seen[0]->token.text(), "first-unconstrained");
  EXPECT_EQ(side.copy.seen[1]->token.bookmark(), bookmark(5));
  EXPECT_EQ(std::get<std::string>(side.copy.seen[0]->statements[0].params[0]), "c1") << "customerId is bound first";
  EXPECT_EQ(answer->bookmark.bookmark(), bookmark(5));
}

TEST(OrdersApp, RendersTheTemplatesJson) {
  AppSide side;
  const SessionToken token = SessionToken::of(bookmark(1));
  const HttpAnswer answer = side.handle(side.make(HttpMethod::kGet, HttpRoute::kOrders, {}, token));
  EXPECT_EQ(answer->to_json(),
            "{\"d1Latency\":0,\"results\":[{\"v\":1}],\"servedByRegion\":\"WEUR\",\"servedByPrimary\":false,"
            "\"sessionBookmark\":\"" +
                token.text() + "\"}");
}

TEST(OrdersApp, AnUnknownPathIs404WithABookmarkHeader) {
  AppSide side;
  const HttpAnswer answer =
      side.handle(side.make(HttpMethod::kGet, HttpRoute::kUnknown, {}, SessionToken::of(bookmark(2))));
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->to_json(), "Not found");
  EXPECT_TRUE(answer->has_bookmark);
}

TEST(OrdersApp, AnErrorIs500WithoutABookmarkHeader) {
  AppSide side;
  side.copy.script = {AppSide::returns(5), AppSide::fails("D1_ERROR: D1 DB is overloaded. Too many requests queued.")};
  const HttpAnswer answer = side.handle(side.make(HttpMethod::kPost, HttpRoute::kOrders, kOrder));
  EXPECT_EQ(answer->status, 500);
  EXPECT_FALSE(answer->has_bookmark);
  EXPECT_TRUE(answer->effect_unknown) << "the insert had its effect, the answer does not tell";
  EXPECT_EQ(answer->to_json(),
            "{\"error\":\"D1_ERROR: D1 DB is overloaded. Too many requests queued.\",\"errorDetails\":"
            "\"Error: D1_ERROR: D1 DB is overloaded. Too many requests queued.\"}");
}

TEST(OrdersApp, AFailedInsertSurelyHadNoEffect) {
  AppSide side;
  side.copy.script = {AppSide::fails("D1_ERROR: D1 DB is overloaded. Too many requests queued.")};
  const HttpAnswer answer = side.handle(side.make(HttpMethod::kPost, HttpRoute::kOrders, kOrder));
  EXPECT_EQ(answer->status, 500);
  EXPECT_FALSE(answer->effect_unknown);
}

TEST(OrdersApp, CreatesTheMissingTableThroughTheSameSessionAndRunsOnceMore) {
  AppSide side;
  side.copy.script = {AppSide::fails("D1_ERROR: no such table: Orders: SQLITE_ERROR"), AppSide::returns(3),
                      AppSide::returns(4)};
  const HttpAnswer answer = side.handle(side.make(HttpMethod::kGet, HttpRoute::kOrders));
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(side.copy.sqls(), (std::vector<std::string>{"SELECT", "CREATE", "SELECT"}));
  EXPECT_EQ(side.copy.seen[2]->token.bookmark(), bookmark(3));
}

TEST(OrdersApp, RepeatsInsertAndSelectAtMostFiveTimesForErrorsWorthIt) {
  AppSide side;
  side.copy.script = {AppSide::fails("D1_ERROR: Network connection lost.", true)};
  const HttpAnswer answer = side.handle(side.make(HttpMethod::kPost, HttpRoute::kOrders, kOrder));
  EXPECT_EQ(answer->status, 500);
  EXPECT_EQ(side.copy.seen.size(), 5U);
  EXPECT_TRUE(answer->effect_unknown);
  side.copy.seen.clear();
  side.copy.script = {AppSide::fails("D1_ERROR: Cannot resolve D1 DB due to transient issue on remote node.")};
  side.handle(side.make(HttpMethod::kPost, HttpRoute::kOrders, kOrder));
  EXPECT_EQ(side.copy.seen.size(), 1U) << "the template's three substrings do not match this one";
}

TEST(OrdersApp, ASuccessAfterALostAnswerIsOfUnknownEffect) {
  AppSide side;
  side.copy.script = {AppSide::fails("D1_ERROR: Network connection lost.", true), AppSide::returns(4)};
  const HttpAnswer answer = side.handle(side.make(HttpMethod::kPost, HttpRoute::kOrders, kOrder));
  EXPECT_EQ(answer->status, 200);
  EXPECT_TRUE(answer->effect_unknown);
}

TEST(OrdersApp, ResetIsOnePreparedText) {
  AppSide side;
  const HttpAnswer answer = side.handle(side.make(HttpMethod::kPost, HttpRoute::kReset));
  EXPECT_EQ(answer->status, 200);
  ASSERT_EQ(side.copy.seen.size(), 1U);
  EXPECT_EQ(side.copy.seen[0]->statements.size(), 1U);
  EXPECT_FALSE(side.copy.seen[0]->batch);
}

TEST(SessionModes, DecideWhatTheFirstQueryCarries) {
  AppSide primary(WorkloadKind::kOrders, SessionMode::kFirstPrimary);
  primary.handle(primary.make(HttpMethod::kGet, HttpRoute::kOrders));
  EXPECT_EQ(primary.copy.seen[0]->token.text(), "first-primary");
  AppSide off(WorkloadKind::kOrders, SessionMode::kUnconstrainedAlways);
  off.copy.script = {AppSide::returns(5)};
  off.handle(off.make(HttpMethod::kPost, HttpRoute::kOrders, kOrder, SessionToken::of(bookmark(3))));
  EXPECT_EQ(off.copy.seen[0]->token.text(), "first-unconstrained");
  EXPECT_EQ(off.copy.seen[1]->token.text(), "first-unconstrained");
}

TEST(TxnApp, ASingleOperationIsAStatementAndSeveralAreABatch) {
  AppSide side(WorkloadKind::kRegister);
  TxnBody one{{{MicroOp::Kind::kWriteRegister, 1, 10}}, 0};
  side.handle(side.make(HttpMethod::kPost, HttpRoute::kTxn, one));
  EXPECT_FALSE(side.copy.seen[0]->batch);
  TxnBody two{{{MicroOp::Kind::kReadList, 1, 0}, {MicroOp::Kind::kAppendList, 1, 11}}, 0};
  const HttpAnswer answer = side.handle(side.make(HttpMethod::kPost, HttpRoute::kTxn, two));
  EXPECT_TRUE(side.copy.seen[1]->batch);
  EXPECT_EQ(side.copy.seen[1]->statements.size(), 2U);
  EXPECT_EQ(answer->results.size(), 2U);
}

TEST(TxnApp, IssuesBothReadsOfAGetBeforeEitherIsAnswered) {
  AppSide side(WorkloadKind::kRegister);
  Step slow = AppSide::returns(9);
  slow.delay = 50_ms;
  side.copy.script = {slow, AppSide::returns(8)};
  TxnBody reads{{{MicroOp::Kind::kReadRegister, 1, 0}, {MicroOp::Kind::kReadRegister, 2, 0}}, 0};
  const HttpAnswer answer = side.handle(side.make(HttpMethod::kGet, HttpRoute::kTxn, reads));
  ASSERT_EQ(answer->status, 200);
  EXPECT_EQ(side.copy.seen[1]->token.text(), "first-unconstrained") << "not the bookmark of the other";
  EXPECT_EQ(answer->query_bookmarks[0].bookmark(), bookmark(9));
  EXPECT_EQ(answer->query_bookmarks[1].bookmark(), bookmark(8));
  EXPECT_EQ(answer->bookmark.bookmark(), bookmark(9)) << "the newest";
}

TEST(TxnApp, NeverRepeatsAWrite) {
  AppSide side(WorkloadKind::kRegister);
  side.copy.script = {AppSide::fails("D1_ERROR: Network connection lost.", true)};
  TxnBody one{{{MicroOp::Kind::kWriteRegister, 1, 10}}, 0};
  const HttpAnswer answer = side.handle(side.make(HttpMethod::kPost, HttpRoute::kTxn, one));
  EXPECT_EQ(side.copy.seen.size(), 1U);
  EXPECT_TRUE(answer->effect_unknown);
}

TEST(RetryDelay, IsUniformBelowADoublingBoundWithACap) {
  sim::RandomStream random(1, "test");
  sim::Duration most_first;
  sim::Duration most_late;
  for (int i = 0; i < 2000; ++i) {
    most_first = std::max(most_first, retry_delay(random, 1));
    most_late = std::max(most_late, retry_delay(random, 20));
  }
  EXPECT_LT(most_first, 100_ms);
  EXPECT_GT(most_first, 90_ms);
  EXPECT_LT(most_late, 3_s);
  EXPECT_GT(most_late, 2900_ms);
}

}  // namespace
}  // namespace tidemark::model::testing
