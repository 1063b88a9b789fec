// What clients do, as records of a history: their order, their bookmarks, what is known of unknown outcomes.
#include "scenarios/run/history_recorder.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "model/types/value.h"
#include "scenarios/run/merge_verdicts.h"

namespace tidemark::scenarios {
namespace {

using model::ClientInvocation;
using model::ClientOperation;
using model::OperationKind;
using model::OperationOutcome;

sim::Instant at(std::int64_t ns) {
  return sim::Instant::from_ns(ns);
}

model::Bookmark bookmark(std::uint32_t epoch, std::uint32_t sequence) {
  model::Bookmark made;
  made.epoch = epoch;
  made.sequence = sequence;
  made.day = 20000;
  return made;
}

model::ResultSetRef table(const std::vector<model::OrderBody>& rows) {
  model::ResultSet::Builder builder(model::column_names({"customerId", "orderId", "quantity"}));
  for (const model::OrderBody& row : rows) {
    builder.add_text(row.customer);
    builder.add_text(row.order);
    builder.add_integer(row.quantity);
  }
  return builder.finish();
}

/// One database, its recorder, and the story's clients.
class HistoryRecorderTest : public ::testing::Test {
 protected:
  HistoryRecorderTest() {
    scenario_.name = "story";
    scenario_.databases.resize(1);
    path_ = std::filesystem::path(::testing::TempDir()) / "tidemark_history_recorder_test.jsonl";
    recorder_.emplace(scenario_, 1, std::vector<std::string>{path_});
  }
  ~HistoryRecorderTest() override { std::filesystem::remove(path_); }

  ClientInvocation invoke(std::uint32_t process, std::uint32_t session, OperationKind kind, std::int64_t when) {
    ClientInvocation invocation;
    invocation.process = process;
    invocation.session = session;
    invocation.kind = kind;
    invocation.invoked = at(when);
    if (kind == OperationKind::kInsert) invocation.order = &order_;
    recorder_->on_invoke(invocation);
    return invocation;
  }
  void complete(const ClientInvocation& invocation, OperationOutcome outcome, std::int64_t when,
                const model::Bookmark& shown = {}, model::ResultSetRef rows = nullptr) {
    const model::SessionToken token = model::SessionToken::of(shown);
    ClientOperation operation;
    operation.invocation = invocation;
    operation.outcome = outcome;
    operation.completed = at(when);
    if (outcome == OperationOutcome::kOk) operation.bookmark_out = &token;
    operation.rows = std::move(rows);
    operation.inserted = outcome == OperationOutcome::kOk;
    recorder_->on_complete(operation);
  }
  /// The primary's answer to the insert statement of the session.
  void answered(std::uint32_t session, const model::Bookmark& made, std::int64_t sent) {
    model::ResponseTruth response;
    response.session = session;
    response.returned = &made;
    response.created = made;
    response.sent = at(sent);
    response.sql = kInsert;
    response.params = params_;
    recorder_->on_response(response);
  }
  void created(std::uint32_t session, const model::Bookmark& entry) {
    recorder_->on_created(0, session, kInsert, params_, entry);
  }

  std::vector<checkers::Operation> history() {
    recorder_->finish(verdicts_);
    return checkers::read_history(path_);
  }
  checkers::Validity verdict(const std::string& name) const {
    for (const checkers::Verdict& verdict : verdicts_)
      if (verdict.name == name) return verdict.validity;
    ADD_FAILURE() << "no verdict " << name;
    return checkers::Validity::kUnknown;
  }

  static constexpr std::string_view kInsert = "INSERT INTO Orders VALUES (?1, ?2, ?3)";
  const model::OrderBody order_{"ann", "o1", 3};
  const std::vector<model::SqlValue> params_{std::string("ann"), std::string("o1"), std::int64_t{3}};
  Scenario scenario_;
  std::string path_;
  std::optional<HistoryRecorder> recorder_;
  std::vector<checkers::Verdict> verdicts_;
};

TEST_F(HistoryRecorderTest, AnInsertOfTheShopIsAWriteAndThenARead) {
  const auto insert = invoke(1, 1, OperationKind::kInsert, 10);
  created(1, bookmark(1, 1));
  answered(1, bookmark(1, 1), 20);
  complete(insert, OperationOutcome::kOk, 40, bookmark(1, 2), table({order_}));
  const auto records = history();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].f, "insert");
  EXPECT_EQ(records[0].bookmark_out, bookmark(1, 1).text()) << "the write's own, which the client does not get";
  EXPECT_EQ(records[0].complete_ns, 20);
  EXPECT_EQ(records[1].f, "list");
  EXPECT_EQ(records[1].bookmark_in, bookmark(1, 1).text());
  EXPECT_EQ(records[1].bookmark_out, bookmark(1, 2).text());
  EXPECT_EQ(records[1].invoke_ns, 20);
  EXPECT_EQ(verdict("sequential"), checkers::Validity::kValid);
}

TEST_F(HistoryRecorderTest, RecordsStandInTheOrderOfCompletion) {
  const auto insert = invoke(1, 1, OperationKind::kInsert, 10);
  const auto list = invoke(2, 2, OperationKind::kList, 12);
  answered(1, bookmark(1, 1), 20);
  complete(list, OperationOutcome::kOk, 30, bookmark(1, 0), table({}));
  complete(insert, OperationOutcome::kOk, 40, bookmark(1, 1), table({order_}));
  const auto records = history();
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].f, "insert") << "answered at 20, though its request ended last";
  EXPECT_EQ(records[1].session, 2U);
  EXPECT_EQ(records[2].complete_ns, 40);
}

TEST_F(HistoryRecorderTest, TheAnswerToAnEarlierRequestIsNotTakenForThisOne) {
  const auto insert = invoke(1, 1, OperationKind::kInsert, 30);
  answered(1, bookmark(1, 1), 20);  // sent before this one was invoked
  complete(insert, OperationOutcome::kOk, 40, bookmark(1, 1), table({order_}));
  const auto records = history();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].outcome, checkers::Outcome::kInfo) << "it took effect, at a place that nobody knows";
}

TEST_F(HistoryRecorderTest, AnOperationThatIsOpenAtTheEndHasAnUnknownOutcome) {
  invoke(1, 1, OperationKind::kInsert, 10);
  created(1, bookmark(1, 1));
  const auto list = invoke(2, 2, OperationKind::kList, 20);
  complete(list, OperationOutcome::kOk, 30, bookmark(1, 1), table({order_}));
  invoke(3, 3, OperationKind::kList, 25);
  recorder_->end(at(50));
  const auto records = history();
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].session, 2U);
  EXPECT_EQ(records[1].f, "insert");
  EXPECT_EQ(records[1].outcome, checkers::Outcome::kInfo);
  EXPECT_EQ(records[1].invoke_ns, 10);
  EXPECT_EQ(records[1].complete_ns, 50);
  EXPECT_EQ(records[2].f, "list");
  EXPECT_EQ(records[2].outcome, checkers::Outcome::kInfo);
  EXPECT_EQ(verdict("sequential"), checkers::Validity::kValid) << "what session 2 saw was written by somebody";
  EXPECT_EQ(recorder_->operations(), 1U) << "that ended";
}

TEST_F(HistoryRecorderTest, AWriteWithoutAnAnswerIsWhereGroundTruthPutsIt) {
  const auto insert = invoke(1, 1, OperationKind::kInsert, 10);
  complete(insert, OperationOutcome::kInfo, 20);
  // The request is still under way, and makes its entry after the client has given up.
  created(1, bookmark(1, 7));
  const auto early = invoke(2, 2, OperationKind::kList, 30);
  complete(early, OperationOutcome::kOk, 40, bookmark(1, 8), table({order_}));
  const auto late = invoke(2, 2, OperationKind::kList, 50);
  complete(late, OperationOutcome::kOk, 60, bookmark(1, 9), table({}));
  EXPECT_EQ(history().size(), 3U);
  EXPECT_EQ(recorder_->unknown_outcomes(), 1U);
  EXPECT_EQ(verdict("sequential"), checkers::Validity::kInvalid) << "its row was seen, and then it was gone";
}

TEST_F(HistoryRecorderTest, AnUncertainSessionIsNeverSaidToHaveFailed) {
  std::vector<std::uint32_t> failed;
  recorder_->on_client_failed([&](std::uint32_t, std::uint32_t session, sim::Instant) { failed.push_back(session); });
  complete(invoke(1, 1, OperationKind::kInsert, 10), OperationOutcome::kInfo, 20);
  complete(invoke(2, 1, OperationKind::kList, 30), OperationOutcome::kFail, 40);
  complete(invoke(3, 2, OperationKind::kList, 30), OperationOutcome::kFail, 45);
  EXPECT_EQ(failed, (std::vector<std::uint32_t>{2})) << "a request of session 1 may still be under way";
  EXPECT_EQ(recorder_->longest_wait(), sim::Duration::nanoseconds(15));
  EXPECT_EQ(history().size(), 3U);
}

TEST_F(HistoryRecorderTest, ARestoreIsAnOperationOnlyWhenItTookEffect) {
  recorder_->restore_began(0, bookmark(1, 5), bookmark(1, 2), at(10));
  EXPECT_EQ(recorder_->pending(0).count, 0U) << "clients wait for nothing";
  recorder_->restore_ended(0, bookmark(1, 5), true, at(20));
  recorder_->restore_began(0, bookmark(1, 7), bookmark(1, 2), at(30));
  recorder_->restore_ended(0, bookmark(1, 7), false, at(40));
  complete(invoke(1, 1, OperationKind::kList, 50), OperationOutcome::kOk, 60, bookmark(1, 5), table({}));
  const auto records = history();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].restored_to, bookmark(1, 2).text());
  EXPECT_EQ(records[0].bookmark_out, bookmark(1, 5).text());
}

TEST(MergeVerdict, KeepsTheWorseAndOfTwoViolationsTheEarlier) {
  const auto verdict = [](checkers::Validity validity, std::optional<std::int64_t> at_ns) {
    return checkers::Verdict{"sequential", validity, "w", 1, false, at_ns};
  };
  std::vector<checkers::Verdict> merged;
  merge_verdict(merged, verdict(checkers::Validity::kUnknown, std::nullopt));
  merge_verdict(merged, verdict(checkers::Validity::kInvalid, 700));
  merge_verdict(merged, verdict(checkers::Validity::kInvalid, 300));
  merge_verdict(merged, verdict(checkers::Validity::kInvalid, 500));
  merge_verdict(merged, verdict(checkers::Validity::kValid, std::nullopt));
  ASSERT_EQ(merged.size(), 1U);
  EXPECT_EQ(merged[0].validity, checkers::Validity::kInvalid);
  EXPECT_EQ(merged[0].at_ns, 300);
  EXPECT_EQ(merged[0].observations, 5U);
}

}  // namespace
}  // namespace tidemark::scenarios
