#include "model/client/hostile.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "model/client/mischief.h"

namespace tidemark::model {
namespace {

boost::intrusive_ptr<HttpResponse> failed(const std::string& error) {
  boost::intrusive_ptr<HttpResponse> response(new HttpResponse);
  response->status = 500;
  response->error = error;
  return response;
}

TEST(Hostile, TheCatalogueNamesEachRequestOnceAndFillsItsText) {
  for (const WorkloadKind kind : {WorkloadKind::kOrders, WorkloadKind::kRegister, WorkloadKind::kAppend}) {
    std::set<std::string> names;
    for (std::uint64_t i = 0; i < hostile_requests(); ++i) {
      const HostileRequest request = hostile_request(kind, i);
      EXPECT_TRUE(names.insert(request.name).second) << request.name;
      EXPECT_EQ(request.body.sql.find('$'), std::string::npos) << request.body.sql;
    }
  }
  EXPECT_EQ(hostile_request(WorkloadKind::kOrders, 0).name,
            hostile_request(WorkloadKind::kOrders, hostile_requests()).name);
}

TEST(Hostile, AnAnswerIsHeldAgainstItsRow) {
  HttpResponse success;
  HttpResponse changed;
  changed.changes = 2;
  for (std::uint64_t i = 0; i < hostile_requests(); ++i) {
    const HostileRequest request = hostile_request(WorkloadKind::kAppend, i);
    EXPECT_EQ(judge_hostile(request, success).empty(), request.error.empty()) << request.name;
    EXPECT_NE(judge_hostile(request, changed), "") << request.name;
    EXPECT_NE(judge_hostile(request, *failed("D1_ERROR: something else")), "") << request.name;
    EXPECT_EQ(judge_hostile(request, *failed("D1_ERROR: Network connection lost.")), "") << request.name;
    if (!request.error.empty()) {
      EXPECT_EQ(judge_hostile(request, *failed("D1_ERROR: " + request.error + ": SQLITE_ERROR")), "");
    }
  }
}

TEST(Mischief, WithoutAnyIsNothingToDo) {
  Mischief mischief;
  EXPECT_FALSE(mischief.loses_answer());
  EXPECT_FALSE(mischief.pause_before_retry());
  EXPECT_EQ(mischief.queries_together(), 0U);
  EXPECT_FALSE(mischief.token_to_present({}, {}));
  EXPECT_FALSE(mischief.patience());
  EXPECT_FALSE(mischief.hostile_request());
}

TEST(Mischief, IsCarriedOutAsOftenAsAskedForAndCountedPerFault) {
  sim::StreamRegistry streams(1);
  sim::RandomStream& random = streams.stream("fault/1", "x");
  Mischief mischief;
  mischief.send_hostile(1, 2, random);
  mischief.send_hostile(2, 1, random);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(mischief.hostile_request());
  EXPECT_FALSE(mischief.hostile_request());
  EXPECT_EQ(mischief.effects(1), 2U);
  EXPECT_EQ(mischief.effects(2), 1U);
  mischief.ask_together(3, 7);
  EXPECT_EQ(mischief.queries_together(), 7U);
  mischief.end(3);
  EXPECT_EQ(mischief.queries_together(), 0U);
}

TEST(Mischief, AReplayWaitsForABookmarkThatCanBeReplayed) {
  Mischief mischief;
  mischief.replay_bookmark(1, 1);
  EXPECT_FALSE(mischief.token_to_present({}, {}));
  const SessionToken saved = SessionToken::of({1, 7, 1, {}});
  const auto token = mischief.token_to_present({}, saved);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->token.text(), saved.text());
  EXPECT_FALSE(token->strange);
  EXPECT_FALSE(mischief.token_to_present({}, saved));
}

TEST(StrangeToken, EachFormIsWhatItsNameSays) {
  sim::StreamRegistry streams(1);
  sim::RandomStream& random = streams.stream("fault/1", "x");
  const SessionToken held = SessionToken::of({3, 40, 20'000, {1, 2}});
  for (int i = 0; i < 200; ++i) {
    EXPECT_TRUE(held.text_less(strange_token(StrangeToken::kFuture, held, random)));
    EXPECT_EQ(strange_token(StrangeToken::kOtherDatabase, held, random).kind(), SessionToken::Kind::kBookmark);
    EXPECT_NE(strange_token(StrangeToken::kOtherEpoch, held, random).bookmark().epoch, 3U);
    const SessionToken malformed = strange_token(StrangeToken::kMalformed, held, random);
    EXPECT_EQ(malformed.kind(), SessionToken::Kind::kForeign) << malformed.text();
  }
  EXPECT_EQ(strange_token(StrangeToken::kEmpty, held, random).kind(), SessionToken::Kind::kNone);
}

}  // namespace
}  // namespace tidemark::model
