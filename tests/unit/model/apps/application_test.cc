// Applications: what their users draw, what a handler answers, what the bank's customers rely on.
#include <gtest/gtest.h>

#include <set>

#include "model/apps/all/catalogue.h"
#include "model/apps/application_host.h"
#include "model/apps/bank/bank_truths.h"
#include "model/apps/sql/sql_application.h"
#include "request_side.h"

namespace tidemark::model::testing {
namespace {

using Step = ScriptedCopy::Step;

/// Does what its function says.
class Handler final : public Application {
 public:
  using Code = sim::Task<void> (*)(Call& call);
  explicit Handler(Code code) : code_(code) {}
  std::vector<ActionShape> actions() const override { return {{"act", "", true}}; }
  std::string schema() const override { return "CREATE TABLE t (n)"; }
  std::unique_ptr<User> user(ClientPlace) const override { return nullptr; }
  sim::Task<void> handle(Call& call) const override { return code_(call); }

 private:
  const Code code_;
};

struct HostSide : RequestSide {
  explicit HostSide(Handler::Code code)
      : host({worker_node, database, options, SessionMode::kBookmark}, std::make_shared<Handler>(code)) {}
  HttpAnswer act() {
    boost::intrusive_ptr<HttpRequest> request(new HttpRequest);
    request->method = HttpMethod::kPost;
    request->route = HttpRoute::kAction;
    request->body = ActionBody{"act", {std::int64_t{7}}};
    return run_request(host, request);
  }
  ApplicationHost host;
};

sim::Task<void> read_and_show(Call& call) {
  const bool read = co_await call.run("SELECT ?", call.value(0));
  if (read) call.show(call.rows());
}

sim::Task<void> read_and_refuse(Call& call) {
  const bool read = co_await call.run("SELECT 1");
  if (read) call.refuse("not today");
}

TEST(ApplicationHost, ShowsWhatTheHandlerShows) {
  HostSide side(&read_and_show);
  const HttpAnswer answer = side.act();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->results.size(), 1U);
  EXPECT_TRUE(answer->has_bookmark);
  EXPECT_EQ(std::get<std::int64_t>(side.copy.seen[0]->statements[0].params[0]), 7);
}

TEST(ApplicationHost, ARefusalCarriesTheBookmark) {
  const HttpAnswer answer = HostSide(&read_and_refuse).act();
  EXPECT_EQ(answer->status, 409);
  EXPECT_EQ(answer->error, "refused: not today");
  EXPECT_TRUE(answer->has_bookmark);
  EXPECT_FALSE(answer->effect_unknown);
}

TEST(ApplicationHost, TriesAgainOnlyWhileNothingCanHaveBeenWritten) {
  HostSide side(&read_and_show);
  const std::string lost = "D1_ERROR: Network connection lost.";
  side.copy.script = {HostSide::fails(lost), HostSide::fails(lost), HostSide::fails(lost), Step()};
  EXPECT_EQ(side.act()->status, 200);
  EXPECT_EQ(side.copy.seen.size(), 4U);
  HostSide unknown(&read_and_show);
  unknown.copy.script = {HostSide::fails(lost, true), HostSide::fails(lost, true), HostSide::fails(lost, true)};
  const HttpAnswer answer = unknown.act();
  EXPECT_EQ(answer->status, 500);
  EXPECT_TRUE(answer->effect_unknown);
  EXPECT_FALSE(answer->has_bookmark) << "as the template: an error carries none";
}

SqlGenerator generator(SqlGenerator::Kind kind, std::int64_t low = 0, std::int64_t high = 0) {
  SqlGenerator made;
  made.kind = kind;
  made.low = low;
  made.high = high;
  return made;
}

SqlValue drawn(const SqlGenerator& generator, std::int64_t sequence, ClientPlace place = {2, 5}) {
  sim::RandomStream random(7, "values");
  return generate(generator, place, sequence, sim::Instant::from_ns(1'234'567'890), random);
}

TEST(SqlApplication, GeneratorsGiveWhatTheySay) {
  using Kind = SqlGenerator::Kind;
  EXPECT_EQ(drawn(generator(Kind::kUniform, -4, -4), 1), SqlValue(std::int64_t{-4}));
  EXPECT_EQ(drawn(generator(Kind::kSequence), 3), SqlValue(std::int64_t{3}));
  EXPECT_EQ(drawn(generator(Kind::kClient), 3), SqlValue(std::int64_t{2}));
  EXPECT_EQ(drawn(generator(Kind::kNow), 3), SqlValue(std::int64_t{1234}));
  EXPECT_EQ(std::get<std::string>(drawn(generator(Kind::kText, 5, 5), 1)).size(), 5U);
  std::set<std::int64_t> unique;
  for (std::uint32_t client = 0; client < 5; ++client)
    for (std::int64_t i = 1; i <= 10; ++i)
      EXPECT_TRUE(unique.insert(std::get<std::int64_t>(drawn(generator(Kind::kUnique), i, {client, 5}))).second);
}

TEST(SqlApplication, StatementsAreChosenByWeight) {
  auto workload = std::make_shared<SqlWorkload>();
  workload->statements = {{"often", 9, {"SELECT :a"}, false, {{"a", generator(SqlGenerator::Kind::kZipf, 10, 12)}}},
                          {"never", 0, {"SELECT 1"}, false, {}},
                          {"seldom", 1, {"SELECT 1"}, false, {}}};
  const SqlApplication application(workload);
  const std::unique_ptr<User> user = application.user({0, 1});
  sim::RandomStream random(1, "operations");
  std::map<std::string, int> chosen;
  std::map<std::int64_t, int> values;
  for (int i = 0; i < 10'000; ++i) {
    const ActionBody action = user->next({}, random);
    ++chosen[action.name];
    if (action.name == "often") ++values[std::get<std::int64_t>(action.values.at(0))];
  }
  EXPECT_NEAR(chosen["often"], 9'000, 150);
  EXPECT_EQ(chosen.count("never"), 0U);
  EXPECT_EQ(values.size(), 3U);
  EXPECT_GT(values[10], values[11]);
  EXPECT_GT(values[11], values[12]);
}

TEST(Catalogue, WhatUsersDoIsAmongTheActions) {
  for (const ApplicationInfo& info : application_catalogue()) {
    WorkloadOptions options;
    options.kind = WorkloadKind::kApplication;
    options.application = info.name;
    const auto application = make_application(options);
    const std::unique_ptr<User> user = application->user({3, 7});
    sim::RandomStream random(1, "operations");
    for (int i = 0; i < 1'000; ++i) {
      const ActionBody action = user->next({}, random);
      EXPECT_EQ(action_problem(action, application->actions()), "") << info.name;
    }
  }
  const std::vector<ActionShape> shapes = {{"put", "it*", true}};
  EXPECT_EQ(action_problem({"put", {std::int64_t{1}, std::string("a"), SqlValue()}}, shapes), "");
  EXPECT_NE(action_problem({"put", {std::string("1"), std::string("a"), SqlValue()}}, shapes), "");
  EXPECT_NE(action_problem({"put", {std::int64_t{1}}}, shapes), "");
  EXPECT_NE(action_problem({"get", {}}, shapes), "");
}

/// Rows of whole numbers.
ResultSetRef table(std::vector<std::vector<std::int64_t>> rows, std::size_t columns) {
  ResultSet::Builder builder(column_names(std::vector<std::string>(columns, "c")));
  for (const std::vector<std::int64_t>& row : rows)
    for (const std::int64_t cell : row) builder.add_integer(cell);
  return builder.finish();
}

class BankCustomers : public ::testing::Test {
 protected:
  void end(std::uint32_t session, const ActionBody& action, std::vector<ResultSetRef> shown = {},
           ActionOutcome outcome = ActionOutcome::kOk) {
    truths.ended({session, action, outcome, shown, {}, {}}, [this](std::string_view name, std::string witness) {
      broken[std::string(name)] = std::move(witness);
    });
  }
  static ActionBody transfer(std::int64_t reference) {
    return {"transfer", {reference, std::int64_t{1}, std::int64_t{2}, std::int64_t{30}}};
  }
  static ActionBody statement(std::int64_t account) { return {"statement", {account}}; }
  BankTruths truths{2};
  std::map<std::string, std::string> broken;
};

TEST_F(BankCustomers, AreContentWithABankThatIsRight) {
  end(1, {"balances", {}}, {table({{1, 100}, {2, 100}}, 2)});
  end(1, transfer(7));
  end(1, statement(1), {table({{70}}, 1), table({{7, -30}}, 2)});
  end(1, statement(2), {table({{130}}, 1), table({{7, 30}}, 2)});
  end(2, statement(2), {table({{100}}, 1), table({}, 2)});
  end(2, transfer(8), {}, ActionOutcome::kUnknown);
  end(2, statement(2), {table({{100}}, 1), table({}, 2)});
  EXPECT_TRUE(broken.empty()) << broken.begin()->second;
}

TEST_F(BankCustomers, SeeEachThingThatIsWrong) {
  end(1, {"balances", {}}, {table({{1, 100}, {2, 70}}, 2)});
  EXPECT_EQ(broken["balances-add-up"], "session 1 was shown balances that add up to 170; 2 accounts hold 200");
  end(1, statement(1), {table({{70}}, 1), table({}, 2)});
  EXPECT_EQ(broken["statement-adds-up"],
            "the statement of account 1 that session 1 was shown has entries that make 100, and a balance of 70");
  end(1, transfer(7));
  end(1, statement(2), {table({{100}}, 1), table({}, 2)});
  EXPECT_EQ(
      broken["transfers-are-shown"],
      "transfer 7 (30 from account 1 to 2) was acknowledged to session 1 and is missing from the statement of account "
      "2 that session 1 was shown");
  end(1, statement(1), {table({{40}}, 1), table({{7, -30}, {7, -30}}, 2)});
  EXPECT_EQ(broken["transfers-once"], "transfer 7 stands twice in the statement of account 1 that session 1 was shown");
  EXPECT_EQ(broken.size(), 4U);
}

}  // namespace
}  // namespace tidemark::model::testing
