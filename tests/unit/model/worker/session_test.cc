#include "model/worker/session.h"

#include "scripted_copy.h"

namespace tidemark::model::testing {
namespace {

using Step = ScriptedCopy::Step;
using Kind = SessionToken::Kind;

Step returns(std::uint32_t sequence, sim::Duration delay = {}) {
  Step step;
  step.bookmark = SessionToken::of(bookmark(sequence));
  step.delay = delay;
  return step;
}

Step lost() {
  Step step;
  step.success = false;
  step.error = "D1_ERROR: Network connection lost.";
  step.retryable = true;
  return step;
}

BugSet only(Bug bug) {
  BugSet bugs;
  bugs.add(bug);
  return bugs;
}

TEST(Session, AMissingArgumentMeansFirstUnconstrained) {
  WorkerSide worker;
  D1Session session = worker.database.with_session(SessionToken::parse("  \t"));
  worker.run(session, "SELECT 1");
  EXPECT_EQ(worker.copy.seen[0]->token.kind(), Kind::kFirstUnconstrained);
}

TEST(Session, ThePlainBindingSendsNothingAndKeepsNothing) {
  WorkerSide worker;
  worker.copy.script = {returns(5)};
  D1Session plain = worker.database.plain();
  worker.run(plain, "SELECT 1");
  worker.run(plain, "SELECT 1");
  EXPECT_EQ(worker.copy.seen[1]->token.kind(), Kind::kNone);
  EXPECT_EQ(plain.bookmark().kind(), Kind::kNone);
}

TEST(Session, HasNoBookmarkUntilAnAnswerCame) {
  WorkerSide worker;
  worker.copy.script = {returns(5)};
  D1Session session = worker.database.with_session(SessionToken::first_primary());
  EXPECT_EQ(session.bookmark().kind(), Kind::kNone);
  worker.run(session, "SELECT 1");
  EXPECT_EQ(session.bookmark().bookmark(), bookmark(5));
  worker.run(session, "SELECT 1");
  EXPECT_EQ(worker.copy.seen[1]->token.bookmark(), bookmark(5));
}

TEST(Session, ReturnsTheBookmarkThatItWasOpenedWithAtOnce) {
  WorkerSide worker;
  EXPECT_EQ(worker.database.with_session(SessionToken::of(bookmark(3))).bookmark().bookmark(), bookmark(3));
}

TEST(Session, OnlyMovesForward) {
  WorkerSide worker;
  worker.copy.script = {returns(5), returns(4), returns(6)};
  D1Session session = worker.database.with_session({});
  worker.run(session, "SELECT 1");
  worker.run(session, "SELECT 1");
  EXPECT_EQ(session.bookmark().bookmark(), bookmark(5));
  worker.run(session, "SELECT 1");
  EXPECT_EQ(session.bookmark().bookmark(), bookmark(6));
}

TEST(Session, KeepsATextThatSortsAboveEveryBookmarkForEver) {
  WorkerSide worker;
  worker.copy.script = {returns(5)};
  D1Session session = worker.database.with_session(SessionToken::parse("undefined"));
  worker.run(session, "SELECT 1");
  worker.run(session, "SELECT 1");
  EXPECT_EQ(worker.copy.seen[1]->token.text(), "undefined");
}

TEST(Session, ConcurrentFirstQueriesAllSendTheConstraintAndKeepTheNewest) {
  WorkerSide worker;
  worker.copy.script = {returns(9, 10_ms), returns(8, 20_ms)};
  D1Session session = worker.database.with_session(SessionToken::first_primary());
  std::optional<QueryResult> a;
  std::optional<QueryResult> b;
  worker.start(session, "SELECT 1", a);
  worker.start(session, "SELECT 2", b);
  worker.world.run_for(1_s);
  ASSERT_TRUE(a && b);
  EXPECT_EQ(worker.copy.seen[1]->token.kind(), Kind::kFirstPrimary);
  EXPECT_EQ(session.bookmark().bookmark(), bookmark(9));
}

TEST(Session, BugG1KeepsTheLastReceived) {
  WorkerSide worker(only(Bug::kG1));
  worker.copy.script = {returns(9), returns(8)};
  D1Session session = worker.database.with_session({});
  worker.run(session, "SELECT 1");
  worker.run(session, "SELECT 1");
  EXPECT_EQ(session.bookmark().bookmark(), bookmark(8));
}

TEST(Session, BugG2ComparesTextOfVariableWidth) {
  WorkerSide worker(only(Bug::kG2));
  worker.copy.script = {returns(9), returns(10)};
  D1Session session = worker.database.with_session({});
  worker.run(session, "SELECT 1");
  worker.run(session, "SELECT 1");
  EXPECT_EQ(session.bookmark().bookmark(), bookmark(9)) << "9 sorts after 10";
}

TEST(Session, RetriesReadsTwice) {
  WorkerSide worker;
  worker.copy.script = {lost(), lost(), returns(5)};
  D1Session session = worker.database.with_session({});
  const QueryResult result = worker.run(session, "SELECT 1");
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.total_attempts, 3U);
  ASSERT_EQ(worker.copy.seen.size(), 3U);
  EXPECT_EQ(worker.copy.seen[2]->statements[0].sql, "SELECT 1");
}

TEST(Session, GivesUpAfterTheSecondRetry) {
  WorkerSide worker;
  worker.copy.script = {lost()};
  D1Session session = worker.database.with_session({});
  EXPECT_FALSE(worker.run(session, "SELECT 1").ok());
  EXPECT_EQ(worker.copy.seen.size(), 3U);
}

TEST(Session, NeverRetriesAWriteNorAnErrorThatIsNotTransient) {
  WorkerSide worker;
  worker.copy.script = {lost()};
  D1Session session = worker.database.with_session({});
  worker.run(session, "INSERT INTO t VALUES (1)");
  EXPECT_EQ(worker.copy.seen.size(), 1U);
  Step overloaded = lost();
  overloaded.retryable = false;
  worker.copy.script = {overloaded};
  worker.run(session, "SELECT 1");
  EXPECT_EQ(worker.copy.seen.size(), 2U);
}

TEST(Session, ALostCopyIsAConnectionLost) {
  WorkerSide worker;
  Step slow;
  slow.delay = 10_s;
  worker.copy.script = {slow};
  D1Session session = worker.database.with_session({});
  std::optional<QueryResult> result;
  worker.start(session, "INSERT 1", result);
  worker.world.run_for(1_s);
  worker.copy_node.process().crash();
  worker.world.run_for(1_s);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->error(), "D1_ERROR: Network connection lost.");
  EXPECT_TRUE(result->response->outcome_unknown);
}

TEST(Session, NothingIsUnknownWhenNoCopyServes) {
  WorkerSide worker;
  worker.directory.copy = 0;
  D1Session session = worker.database.with_session({});
  const QueryResult result = worker.run(session, "INSERT 1");
  EXPECT_FALSE(result.ok());
  EXPECT_FALSE(result.response->outcome_unknown);
}

TEST(ReadsByKeyword, JudgesByWordsOutsideOfLiterals) {
  EXPECT_TRUE(reads_by_keyword("SELECT * FROM t"));
  EXPECT_TRUE(reads_by_keyword("  explain query plan select 1"));
  EXPECT_TRUE(reads_by_keyword("with x as (select 1) select * from x;"));
  EXPECT_TRUE(reads_by_keyword("SELECT 'DELETE', \"update\", [drop] FROM t -- insert\n"));
  EXPECT_TRUE(reads_by_keyword("/* create */ SELECT updated FROM t"));
  EXPECT_FALSE(reads_by_keyword("INSERT INTO t VALUES (1)"));
  EXPECT_FALSE(reads_by_keyword("WITH x AS (SELECT 1) DELETE FROM t"));
  EXPECT_FALSE(reads_by_keyword("EXPLAIN DELETE FROM t"));
  EXPECT_FALSE(reads_by_keyword("SELECT 1; DROP TABLE t"));
  EXPECT_FALSE(reads_by_keyword("SELECT 1; VALUES (1)"));
  EXPECT_FALSE(reads_by_keyword("PRAGMA optimize"));
}

}  // namespace
}  // namespace tidemark::model::testing
