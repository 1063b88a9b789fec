#include "model/durable_object/durable_object.h"

#include <map>
#include <string>

#include "path_world.h"

namespace tidemark::model::testing {
namespace {

BugSet only(Bug bug) {
  BugSet bugs;
  bugs.add(bug);
  return bugs;
}

TEST(DurableObjectAtPrimary, WritesRunThenShipThenWaitForTheGateThenAnswer) {
  TwoCopies db;
  db.at_primary.ask(request("INSERT"));
  db.world.run_for(1_s);
  EXPECT_EQ(db.log, (CallLog{"run INSERT", "submit 1", "gate 1"}));
  EXPECT_TRUE(db.at_primary.answers.empty()) << "nothing leaves before the quorum has confirmed";
  db.primary_relay.confirm();
  db.world.run_for(1_s);
  ASSERT_EQ(db.at_primary.answers.size(), 1U);
  EXPECT_TRUE(db.at_primary.answer().success);
  EXPECT_EQ(db.at_primary.answer().bookmark.bookmark(), bookmark(1));
}

TEST(DurableObjectAtPrimary, HoldsReadsThatSawAnUnconfirmedWrite) {
  TwoCopies db;
  db.at_primary.ask(request("INSERT"));
  db.world.run_for(1_s);
  db.at_primary.ask(request("SELECT"));
  db.world.run_for(1_s);
  EXPECT_TRUE(db.at_primary.answers.empty());
  db.primary_relay.confirm();
  db.world.run_for(1_s);
  ASSERT_EQ(db.at_primary.answers.size(), 2U);
  EXPECT_EQ(db.at_primary.answer(1).bookmark.bookmark(), bookmark(1));
}

TEST(DurableObject, TellsObserversWhatEachStatementCost) {
  TwoCopies db;
  db.at_primary.ask(request("SELECT"));
  boost::intrusive_ptr<D1Request> batch = request("SELECT 1");
  batch->batch = true;
  batch->statements.push_back({"INSERT", {}});
  db.at_replica.ask(batch);
  db.world.run_for(1_s);
  db.primary_relay.confirm();
  db.world.run_for(1_s);
  ASSERT_EQ(db.responses.seen.size(), 2U) << "what was forwarded is told once";
  const auto& read = db.responses.seen[0].costs;
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].first, "SELECT");
  EXPECT_EQ(read[0].second.duration, sim::Duration::microseconds(150)) << "overhead and 1000 steps";
  EXPECT_EQ(read[0].second.rows_read, 3);
  const auto& both = db.responses.seen[1].costs;
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[1].first, "INSERT");
  EXPECT_EQ(both[1].second.rows_written, 2);
}

TEST(DurableObjectAtPrimary, BugH8LetsReadsPassTheGate) {
  TwoCopies db(only(Bug::kH8));
  db.at_primary.ask(request("INSERT"));
  db.world.run_for(1_s);
  db.at_primary.ask(request("SELECT"));
  db.world.run_for(1_s);
  ASSERT_EQ(db.at_primary.answers.size(), 1U);
  EXPECT_EQ(db.responses.seen.front().truth.state, bookmark(1)) << "observers still hear the truth";
}

TEST(DurableObjectAtPrimary, HoldsSqlErrorsToo) {
  TwoCopies db;
  db.at_primary.ask(request("INSERT"));
  db.world.run_for(1_s);
  db.at_primary.ask(request("E"));
  db.world.run_for(1_s);
  EXPECT_TRUE(db.at_primary.answers.empty());
  db.primary_relay.confirm();
  db.world.run_for(1_s);
  ASSERT_EQ(db.at_primary.answers.size(), 2U);
  EXPECT_EQ(db.at_primary.answer(1).error, "D1_ERROR: no such table: T: SQLITE_ERROR");
  EXPECT_EQ(db.at_primary.answer(1).bookmark.kind(), SessionToken::Kind::kNone);
  EXPECT_FALSE(db.at_primary.answer(1).outcome_unknown);
}

TEST(DurableObjectAtPrimary, SaysInD1sWordsWhatWasTooMuch) {
  TwoCopies db;
  for (const auto& [code, words] :
       std::map<int, std::string>{{9, "D1_ERROR: D1 DB exceeded its CPU time limit and was reset."},
                                  {7, "D1_ERROR: D1 DB's isolate exceeded its memory limit and was reset."}}) {
    db.primary_copy.fail_with = code;
    db.at_primary.ask(request("E"));
    db.world.run_for(1_s);
    EXPECT_EQ(db.at_primary.answer(db.at_primary.answers.size() - 1).error, words);
  }
}

TEST(DurableObjectAtPrimary, ABrokenGateMakesTheOutcomeOfAWriteUnknown) {
  TwoCopies db;
  db.at_primary.ask(request("INSERT"));
  db.at_primary.ask(request("SELECT"));
  db.world.run_for(1_s);
  db.primary_relay.break_gate();
  db.world.run_for(1_s);
  ASSERT_EQ(db.at_primary.answers.size(), 2U);
  EXPECT_FALSE(db.at_primary.answer(0).success);
  EXPECT_TRUE(db.at_primary.answer(0).outcome_unknown);
  EXPECT_FALSE(db.at_primary.answer(1).success) << "it may have seen what will be lost";
  EXPECT_FALSE(db.at_primary.answer(1).outcome_unknown);
  EXPECT_TRUE(db.responses.seen.empty());
}

TEST(DurableObjectAtPrimary, AnswersFromItsStateOnlyWhileItHoldsTheReadLease) {
  TwoCopies db;
  db.primary_relay.set_lease(false);
  db.at_primary.ask(request("SELECT"));
  db.at_primary.ask(request("UPDATE nothing"));
  db.world.run_for(1_s);
  EXPECT_TRUE(db.at_primary.answers.empty()) << "another primary may have confirmed more";
  db.at_primary.ask(request("INSERT"));
  db.world.run_for(1_s);
  db.primary_relay.confirm();
  db.world.run_for(1_s);
  ASSERT_EQ(db.at_primary.answers.size(), 1U) << "the quorum's word is as good as a lease";
  EXPECT_EQ(db.at_primary.answer().bookmark.bookmark(), bookmark(1));
  db.primary_relay.set_lease(true);
  db.world.run_for(1_s);
  ASSERT_EQ(db.at_primary.answers.size(), 3U);
  EXPECT_TRUE(db.at_primary.answer(1).success && db.at_primary.answer(2).success);
}

TEST(DurableObjectAtPrimary, ALeaseThatNeverComesIsASureFailure) {
  TwoCopies db;
  db.primary_relay.set_lease(false);
  db.at_primary.ask(request("UPDATE nothing"));
  db.world.run_for(1_s);
  db.primary_relay.break_gate();
  db.world.run_for(1_s);
  ASSERT_EQ(db.at_primary.answers.size(), 1U);
  EXPECT_FALSE(db.at_primary.answer().success);
  EXPECT_FALSE(db.at_primary.answer().outcome_unknown) << "nothing was changed";
}

TEST(DurableObjectAtPrimary, DoesNotLookAtTheBookmark) {
  TwoCopies db;
  db.at_primary.ask(request("SELECT", SessionToken::of(bookmark(99))));
  db.at_primary.ask(request("SELECT", SessionToken::parse("undefined")));
  db.world.run_for(1_s);
  ASSERT_EQ(db.at_primary.answers.size(), 2U);
  EXPECT_TRUE(db.at_primary.answer(0).success && db.at_primary.answer(1).success);
}

TEST(DurableObjectAtPrimary, PipelinesWritesWhileTheGateIsShut) {
  TwoCopies db;
  db.at_primary.ask(request("INSERT a"));
  db.at_primary.ask(request("INSERT b"));
  db.world.run_for(1_s);
  EXPECT_EQ(db.log, (CallLog{"run INSERT a", "submit 1", "gate 1", "run INSERT b", "submit 2", "gate 2"}));
}

TEST(DurableObjectQueue, RunsOneQueryAtATime) {
  DatabaseOptions options;
  options.query_overhead = 10_ms;
  options.vm_step_cost = {};
  TwoCopies db({}, options);
  for (int i = 0; i < 3; ++i) db.at_primary.ask(request("SELECT"));
  db.world.run_for(10_s);
  ASSERT_EQ(db.at_primary.when.size(), 3U);
  EXPECT_GE(db.at_primary.when[1] - db.at_primary.when[0], 9_ms);
  EXPECT_GE(db.at_primary.when[2] - db.at_primary.when[1], 9_ms);
}

TEST(DurableObjectQueue, RefusesWhatIsTooMuch) {
  DatabaseOptions options;
  options.query_overhead = 10_ms;
  options.queue_limit = 1;
  TwoCopies db({}, options);
  for (int i = 0; i < 3; ++i) db.at_primary.ask(request("INSERT"));
  db.world.run_for(5_ms);
  ASSERT_EQ(db.at_primary.answers.size(), 1U) << "at once";
  EXPECT_EQ(db.at_primary.answer().error, "D1_ERROR: D1 DB is overloaded. Too many requests queued.");
  EXPECT_FALSE(db.at_primary.answer().outcome_unknown);
  EXPECT_EQ(db.primary->statistics().overloaded, 1U);
}

TEST(DurableObjectQueue, RefusesWhatWaitedTooLong) {
  DatabaseOptions options;
  options.query_overhead = 100_ms;
  options.queue_timeout = 50_ms;
  TwoCopies db({}, options);
  for (int i = 0; i < 2; ++i) db.at_primary.ask(request("SELECT"));
  db.world.run_for(1_s);
  ASSERT_EQ(db.at_primary.answers.size(), 2U);
  EXPECT_EQ(db.at_primary.answer(0).error, "D1_ERROR: D1 DB is overloaded. Requests queued for too long.");
  EXPECT_TRUE(db.at_primary.answer(1).success);
}

TEST(DurableObjectQueue, ACrashWithWaitersLeavesNothingBehind) {
  DatabaseOptions options;
  options.query_overhead = 100_ms;
  TwoCopies db({}, options);
  for (int i = 0; i < 4; ++i) db.at_primary.ask(request("SELECT"));
  db.world.run_for(50_ms);
  EXPECT_EQ(db.primary_node.process().tasks(), 4U);
  db.primary_node.process().crash();
  db.primary.reset();
  db.world.run_for(1_s);
  ASSERT_EQ(db.at_primary.answers.size(), 4U);
  for (const RpcAnswer& answer : db.at_primary.answers) EXPECT_EQ(answer.message, nullptr);
}

TEST(DurableObjectAtReplica, ReadsLocallyOnceTheBookmarkIsVisible) {
  TwoCopies db;
  db.replica_relay.show(bookmark(4));
  db.at_replica.ask(request("SELECT", SessionToken::of(bookmark(5))));
  db.world.run_for(1_s);
  EXPECT_TRUE(db.at_replica.answers.empty());
  EXPECT_EQ(db.replica->statistics().waited, 1U);
  db.replica_relay.show(bookmark(7));
  db.world.run_for(1_s);
  ASSERT_EQ(db.at_replica.answers.size(), 1U);
  EXPECT_EQ(db.at_replica.answer().bookmark.bookmark(), bookmark(7)) << "sampled with the read, not what was asked for";
  EXPECT_FALSE(db.at_replica.answer().results[0].meta.served_by_primary);
  EXPECT_EQ(db.at_replica.answer().results[0].meta.served_by_region, "EEUR");
  EXPECT_TRUE(db.log.empty());
}

TEST(DurableObjectAtReplica, AnExactlyVisibleBookmarkNeedsNoWait) {
  TwoCopies db;
  db.replica_relay.show(bookmark(5));
  db.at_replica.ask(request("SELECT", SessionToken::of(bookmark(5))));
  db.world.run_for(1_s);
  EXPECT_EQ(db.at_replica.answers.size(), 1U);
  EXPECT_EQ(db.replica->statistics().waited, 0U);
}

TEST(DurableObjectAtReplica, UnconstrainedReadsDoNotWait) {
  TwoCopies db;
  db.at_replica.ask(request("SELECT", SessionToken::first_unconstrained()));
  db.world.run_for(1_s);
  ASSERT_EQ(db.at_replica.answers.size(), 1U);
  EXPECT_EQ(db.replica_log, (CallLog{"run SELECT"}));
}

TEST(DurableObjectAtReplica, ForwardsReadsThatWantThePrimary) {
  TwoCopies db;
  db.at_replica.ask(request("SELECT", SessionToken::first_primary()));
  db.at_replica.ask(request("SELECT"));
  db.world.run_for(1_s);
  ASSERT_EQ(db.at_replica.answers.size(), 2U);
  EXPECT_EQ(db.log, (CallLog{"run SELECT", "run SELECT"}));
  EXPECT_TRUE(db.replica_log.empty());
  EXPECT_TRUE(db.at_replica.answer(0).results[0].meta.served_by_primary);
  EXPECT_EQ(db.at_replica.answer(1).results[0].meta.served_by_region, "ENAM");
}

TEST(DurableObjectAtReplica, ForwardsWritesAndReturnsThePrimarysBookmarkWithoutWaiting) {
  TwoCopies db;
  db.replica_relay.show(bookmark(0));
  db.at_replica.ask(request("INSERT", SessionToken::first_unconstrained()));
  db.world.run_for(1_s);
  EXPECT_EQ(db.log, (CallLog{"run INSERT", "submit 1", "gate 1"}));
  db.primary_relay.confirm();
  db.world.run_for(1_s);
  ASSERT_EQ(db.at_replica.answers.size(), 1U);
  EXPECT_EQ(db.at_replica.answer().bookmark.bookmark(), bookmark(1));
  ASSERT_EQ(db.responses.seen.size(), 1U) << "reported once, by the copy that was asked";
  const ResponseTruth& truth = db.responses.seen[0].truth;
  EXPECT_EQ(truth.node, db.primary_node.process().id());
  EXPECT_TRUE(truth.node_is_primary);
  EXPECT_EQ(truth.region, "ENAM");
  EXPECT_EQ(truth.created, bookmark(1));
}

TEST(DurableObjectAtReplica, ForwardsABatchWithOneWrite) {
  TwoCopies db;
  auto batch = request("SELECT", SessionToken::first_unconstrained());
  batch->batch = true;
  batch->statements.push_back({"INSERT", {}});
  db.at_replica.ask(std::move(batch));
  db.world.run_for(1_s);
  EXPECT_TRUE(db.replica_log.empty());
  EXPECT_EQ(db.log.front(), "run SELECT");
}

TEST(DurableObjectAtReplica, LooksAgainAfterTheWaitAtWhatSqliteRefused) {
  TwoCopies db;
  db.at_replica.ask(request("B", SessionToken::of(bookmark(2))));
  db.world.run_for(1_s);
  db.replica_copy.accepts_b = true;  // the table came with entry 2
  db.replica_relay.show(bookmark(2));
  db.world.run_for(1_s);
  EXPECT_TRUE(db.replica_log.empty());
  EXPECT_EQ(db.log.front(), "run B");
}

TEST(DurableObjectAtReplica, ForwardsWhatSqliteRefusesToWriteHere) {
  TwoCopies db;
  db.replica_copy.fail_with = 8;
  db.at_replica.ask(request("E", SessionToken::first_unconstrained()));
  db.world.run_for(1_s);
  EXPECT_EQ(db.replica_log.size(), 1U);
  EXPECT_EQ(db.log, (CallLog{"run E"}));
}

TEST(DurableObjectAtReplica, RefusesReadsWithATextThatIsNoBookmarkButForwardsWrites) {
  TwoCopies db;
  db.at_replica.ask(request("SELECT", SessionToken::parse("undefined")));
  db.world.run_for(1_s);
  ASSERT_EQ(db.at_replica.answers.size(), 1U);
  EXPECT_EQ(db.at_replica.answer().error, "D1_ERROR: invalid bookmark");
  EXPECT_FALSE(db.at_replica.answer().outcome_unknown);
  db.at_replica.ask(request("INSERT", SessionToken::parse("undefined")));
  db.world.run_for(1_s);
  db.primary_relay.confirm();
  db.world.run_for(1_s);
  EXPECT_TRUE(db.at_replica.answer(1).success);
}

TEST(DurableObjectAtReplica, ALostPrimaryMakesTheOutcomeOfAWriteUnknownAndAReadRetryable) {
  TwoCopies db;
  db.at_replica.ask(request("INSERT"));
  db.at_replica.ask(request("SELECT"));
  db.world.run_for(200_ms);
  db.primary_node.process().crash();
  db.primary.reset();
  db.world.run_for(20_s);
  ASSERT_EQ(db.at_replica.answers.size(), 2U);
  EXPECT_EQ(db.at_replica.answer(0).error, "D1_ERROR: Network connection lost.");
  EXPECT_TRUE(db.at_replica.answer(0).outcome_unknown);
  EXPECT_TRUE(db.at_replica.answer(1).retryable);
  EXPECT_FALSE(db.at_replica.answer(1).outcome_unknown);
}

TEST(DurableObjectAtReplica, AWriteThatNeverReachedThePrimarySurelyFailed) {
  TwoCopies db;
  db.primary_node.process().crash();
  db.primary.reset();
  db.at_replica.ask(request("INSERT"));
  db.world.run_for(20_s);
  ASSERT_EQ(db.at_replica.answers.size(), 1U);
  EXPECT_FALSE(db.at_replica.answer().outcome_unknown);
}

TEST(DurableObjectBugs, G4IsContentWithTheBookmarkBefore) {
  TwoCopies db(only(Bug::kG4));
  db.replica_relay.show(bookmark(4));
  db.at_replica.ask(request("SELECT", SessionToken::of(bookmark(5))));
  db.world.run_for(1_s);
  EXPECT_EQ(db.at_replica.answers.size(), 1U);
}

TEST(DurableObjectBugs, G8ReturnsTheBookmarkFromBeforeTheWait) {
  TwoCopies db(only(Bug::kG8));
  db.replica_relay.show(bookmark(4));
  db.at_replica.ask(request("SELECT", SessionToken::of(bookmark(5))));
  db.world.run_for(1_s);
  db.replica_relay.show(bookmark(6));
  db.world.run_for(1_s);
  ASSERT_EQ(db.responses.seen.size(), 1U);
  EXPECT_EQ(db.responses.seen[0].returned, bookmark(4));
  EXPECT_EQ(db.responses.seen[0].truth.state, bookmark(6));
}

TEST(DurableObjectBugs, G11ServesFirstPrimaryAtTheReplica) {
  TwoCopies db(only(Bug::kG11));
  db.at_replica.ask(request("SELECT", SessionToken::first_primary()));
  db.world.run_for(1_s);
  EXPECT_EQ(db.replica_log.size(), 1U);
}

TEST(DurableObjectBugs, G13ReturnsTheReplicasOwnBookmark) {
  TwoCopies db(only(Bug::kG13));
  db.at_replica.ask(request("INSERT"));
  db.world.run_for(1_s);
  db.primary_relay.confirm();
  db.world.run_for(1_s);
  ASSERT_EQ(db.responses.seen.size(), 1U);
  EXPECT_EQ(db.responses.seen[0].returned, Bookmark());
  EXPECT_EQ(db.responses.seen[0].truth.created, bookmark(1));
}

TEST(DurableObjectBugs, M1ClaimsThePrimaryForEveryAnswer) {
  TwoCopies db(only(Bug::kM1));
  db.at_replica.ask(request("SELECT", SessionToken::first_unconstrained()));
  db.world.run_for(1_s);
  ASSERT_EQ(db.responses.seen.size(), 1U);
  EXPECT_TRUE(db.responses.seen[0].truth.claimed_primary);
  EXPECT_FALSE(db.responses.seen[0].truth.node_is_primary);
}

TEST(DurableObjectMeta, TellsTheSqlTime) {
  DatabaseOptions options;
  options.query_overhead = 100_us;
  options.vm_step_cost = 50_ns;
  TwoCopies db({}, options);
  db.at_primary.ask(request("SELECT"));
  db.world.run_for(1_s);
  EXPECT_EQ(db.at_primary.answer().results[0].meta.sql_duration_ns, 150'000);
}

}  // namespace
}  // namespace tidemark::model::testing
