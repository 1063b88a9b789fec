// Northwind: what its worker asks, what its staff do, what they are told is broken.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "model/apps/northwind/dump.h"
#include "model/apps/northwind/northwind_truths.h"
#include "model/apps/northwind/staff.h"
#include "model/apps/northwind/tables.h"
#include "request_side.h"

namespace tidemark::model::testing {
namespace {

using northwind::Flaw;

SessionToken at(std::uint32_t sequence) {
  return SessionToken::of({1, sequence, 20'000, {}});
}

/// Answers Time Travel by script, as the front door of a host does.
class TimeTraveller final : public RpcHandler {
 public:
  explicit TimeTraveller(PathWorld::Node& node) : node_(node), server_(*this) { node.network().listen(&server_); }
  ~TimeTraveller() override { node_.network().listen(nullptr); }
  std::vector<boost::intrusive_ptr<const RestoreRequest>> seen;
  std::string error;  // empty: every restore is done
  bool hangs_up = false;

 private:
  void on_request(RpcPeer from, const sim::PayloadRef& message) override {
    seen.push_back(boost::static_pointer_cast<const RestoreRequest>(message));
    boost::intrusive_ptr<RestoreResponse> response(new RestoreResponse);
    response->id = seen.back()->id;
    response->error = error;
    response->success = error.empty();
    response->target = seen.back()->bookmark;
    response->undo = at(7).bookmark();
    response->restored = at(8).bookmark();
    if (!hangs_up) server_.reply(from, std::move(response));
  }
  PathWorld::Node& node_;
  RpcServer server_;
};

struct DashboardSide : ApplicationSide {
  explicit DashboardSide(const std::string& mistake = "") : ApplicationSide("northwind", mistake) {}
  void answers(std::uint32_t sequence) {
    copy.script.emplace_back();
    copy.script.back().bookmark = at(sequence);
  }
};

TEST(Northwind, CountAndPageAreOneTransaction) {
  DashboardSide side;
  side.answers(4);
  const HttpAnswer answer = side.ask({"list", {std::string("Order"), std::int64_t{41}}});
  ASSERT_EQ(side.copy.seen.size(), 1U);
  EXPECT_TRUE(side.copy.seen[0]->batch);
  ASSERT_EQ(side.copy.seen[0]->statements.size(), 2U);
  EXPECT_EQ(side.copy.seen[0]->statements[1].params, (std::vector<SqlValue>{std::int64_t{20}, std::int64_t{820}}));
  EXPECT_EQ(answer->results.size(), 2U);
  DashboardSide apart("count-and-page-apart");
  apart.answers(4);
  EXPECT_EQ(apart.ask({"list", {std::string("Order"), std::int64_t{0}}})->results.size(), 2U);
  EXPECT_EQ(apart.copy.seen.size(), 2U);
  EXPECT_EQ(side.ask({"list", {std::string("Orders"), std::int64_t{0}}})->status, 404);
  EXPECT_EQ(side.ask({"list", {std::string("Order"), std::int64_t{-1}}})->status, 404);
}

TEST(Northwind, ADumpIsOneBatchAndAnExportOneRead) {
  DashboardSide side;
  side.answers(4);
  side.ask({"import", {std::int64_t{3}, std::int64_t{0}}}, at(2));
  ASSERT_EQ(side.copy.seen.size(), 1U);
  EXPECT_EQ(side.copy.seen[0]->statements.size(), northwind::dump_of(3, Flaw::kNone, true).size());
  EXPECT_EQ(side.copy.seen[0]->statements[0].sql, "PRAGMA defer_foreign_keys = on");
  const HttpAnswer file = side.ask({"export", {}}, at(2));
  ASSERT_EQ(side.copy.seen.size(), 2U);
  EXPECT_EQ(side.copy.seen[1]->token.text(), "first-primary");
  EXPECT_EQ(file->results.size(), northwind::export_queries().size());
  EXPECT_EQ(side.ask({"import", {std::int64_t{3}, std::int64_t{4}}})->status, 404) << "there is no such flaw";
  DashboardSide parts("import-in-parts");
  parts.answers(4);
  parts.ask({"import", {std::int64_t{3}, std::int64_t{0}}});
  EXPECT_EQ(parts.copy.seen.size(), 5U);
  std::size_t statements = 0;
  for (const auto& part : parts.copy.seen) statements += part->statements.size();
  EXPECT_EQ(statements, northwind::dump_of(3, Flaw::kNone, true).size() + 4) << "each part defers its keys";
  DashboardSide several("export-in-several-reads");
  several.answers(4);
  several.ask({"export", {}});
  EXPECT_EQ(several.copy.seen.size(), northwind::export_queries().size());
}

TEST(Northwind, BeginsWithADumpAsOneBatch) {
  DashboardSide side;
  side.answers(1);
  boost::intrusive_ptr<HttpRequest> reset(new HttpRequest);
  reset->method = HttpMethod::kPost;
  reset->route = HttpRoute::kReset;
  const HttpAnswer answer = side.run_request(side.host, reset, 10_s);
  ASSERT_NE(answer, nullptr);
  EXPECT_EQ(answer->status, 200);
  ASSERT_EQ(side.copy.seen.size(), 1U);
  EXPECT_TRUE(side.copy.seen[0]->batch);
  EXPECT_EQ(side.copy.seen[0]->statements.size(), northwind::dump_of(0, Flaw::kNone, true).size());
}

TEST(Northwind, ARestoreIsAskedOfThePrimaryAndTheSessionIsBehindIt) {
  DashboardSide side;
  PathWorld::Node& primary = side.world.node("db/primary", "IAD");
  TimeTraveller traveller(primary);
  EXPECT_EQ(side.ask({"restore", {at(3).text(), std::int64_t{5'000}}})->status, 500) << "no primary is known";
  side.directory.primary = primary.process().id();
  const HttpAnswer answer = side.ask({"restore", {at(3).text(), std::int64_t{5'000}}}, at(6));
  ASSERT_EQ(traveller.seen.size(), 1U);
  EXPECT_FALSE(traveller.seen[0]->by_time);
  EXPECT_EQ(traveller.seen[0]->bookmark, at(3).bookmark());
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->bookmark.text(), at(8).text());
  ASSERT_EQ(answer->results.size(), 1U);
  EXPECT_EQ(answer->results[0]->names(), (std::vector<std::string>{"target", "undo", "restored"}));
  EXPECT_EQ(answer->results[0]->row(0)[1].text(), at(7).text());
  EXPECT_EQ(side.ask({"restore", {std::string("yesterday"), std::int64_t{0}}})->status, 404);
  traveller.error = "Time Travel: this bookmark is not on the log";
  const HttpAnswer refused = side.ask({"restore", {at(3).text(), std::int64_t{5'000}}});
  EXPECT_EQ(refused->status, 500);
  EXPECT_FALSE(refused->effect_unknown);
  traveller.error.clear();
  traveller.hangs_up = true;
  boost::intrusive_ptr<HttpRequest> request(new HttpRequest);
  request->body = ActionBody{"restore", {at(3).text(), std::int64_t{5'000}}};
  HttpAnswer lost;
  side.begin_request(side.host, request, lost);
  side.world.run_for(1_s);
  primary.process().crash();
  side.world.run_for(10_s);
  ASSERT_NE(lost, nullptr);
  EXPECT_TRUE(lost->effect_unknown);
}

TEST(Northwind, RestoreByClockAsksForTheSecondThatWasNoted) {
  DashboardSide side("restore-by-clock");
  PathWorld::Node& primary = side.world.node("db/primary", "IAD");
  TimeTraveller traveller(primary);
  side.directory.primary = primary.process().id();
  side.ask({"restore", {at(3).text(), std::int64_t{5'000}}});
  ASSERT_EQ(traveller.seen.size(), 1U);
  EXPECT_TRUE(traveller.seen[0]->by_time);
  EXPECT_EQ(traveller.seen[0]->time, sim::Instant::from_ns(5'000'000'000));
}

TEST(NorthwindDump, EveryEditionHasTheRowsOfTheSample) {
  const std::vector<std::string> one = northwind::dump_of(1, Flaw::kNone, true);
  EXPECT_EQ(one, northwind::dump_of(1, Flaw::kNone, true));
  EXPECT_NE(one, northwind::dump_of(2, Flaw::kNone, true));
  EXPECT_EQ(northwind::tables().size(), 13U);
  std::int64_t rows = 0;
  for (const northwind::Table& table : northwind::tables()) rows += table.rows;
  EXPECT_EQ(rows, 3'308);
  std::set<std::string> ids;
  for (std::int64_t i = 0; i < 91; ++i) ids.insert(northwind::customer_id(i));
  EXPECT_EQ(ids.size(), 91U);
  for (const std::string& statement : one) EXPECT_LT(statement.size(), 100'000U);
  EXPECT_EQ(northwind::dump_of(1, Flaw::kBadStatement, true).size(), one.size() + 1);
  EXPECT_EQ(northwind::dump_of(1, Flaw::kDangling, true).size(), one.size());
  const std::vector<std::string> published = northwind::dump_of(1, Flaw::kNone, false);
  for (const std::string& statement : published) EXPECT_EQ(statement.find("REFERENCES"), std::string::npos);
}

/// States by hand; a file is `table,row` lines.
class HandBooks final : public StateLibrary {
 public:
  std::map<Bookmark, DatabaseContent> states;
  std::optional<DatabaseContent> content_at(const Bookmark& bookmark) const override {
    const auto found = states.find(bookmark);
    if (found == states.end()) return std::nullopt;
    return found->second;
  }
  DatabaseContent load(std::span<const std::string> statements, std::string& problem) const override {
    DatabaseContent content;
    problem = statements.empty() ? "there is nothing in it" : "";
    for (const std::string& line : statements) content[line.substr(0, line.find(','))].push_back(line);
    return content;
  }
};

class Dashboard : public ::testing::Test {
 protected:
  void end(const ActionBody& action, std::vector<ResultSetRef> shown, std::vector<Bookmark> served = {},
           ActionOutcome outcome = ActionOutcome::kOk) {
    EndedAction ended{4, action, outcome, shown, {}, {}};
    ended.sent = sent;
    ended.served = served;
    ended.states = &books;
    truths.ended(
        ended, [this](std::string_view name, std::string witness) { broken[std::string(name)] = std::move(witness); });
  }
  static ResultSetRef numbers(const std::vector<std::int64_t>& all) {
    ResultSet::Builder builder(column_names({"n"}));
    for (const std::int64_t number : all) builder.add_integer(number);
    return builder.finish();
  }
  static ResultSetRef texts(const std::vector<std::string>& names, const std::vector<std::string>& cells) {
    ResultSet::Builder builder(column_names(names));
    for (const std::string& cell : cells) builder.add_text(cell);
    return builder.finish();
  }
  static ResultSetRef file(const std::vector<std::string>& lines) { return texts({"sql"}, lines); }
  static ActionBody page(std::int64_t number) { return {"list", {std::string("Order"), number}}; }
  HandBooks books;
  SessionToken sent;
  NorthwindTruths truths;
  std::map<std::string, std::string> broken;
};

TEST_F(Dashboard, CountsWhatAPageMustHave) {
  end(page(0), {numbers({3}), numbers({1, 2, 3})});
  end(page(1), {numbers({21}), numbers({1})});
  end(page(2), {numbers({21}), numbers({})});
  end(page(0), {numbers({50}), numbers(std::vector<std::int64_t>(20, 1))});
  EXPECT_TRUE(broken.empty());
  end(page(1), {numbers({21}), numbers({1, 2})});
  EXPECT_EQ(broken["count-and-page-agree"],
            "session 4 was shown page 2 of Order with 2 rows, and a count of 21, which makes 1 on this page");
}

TEST_F(Dashboard, AnExportIsAStateThatTheSessionWasAnsweredFrom) {
  const Bookmark one = at(1).bookmark(), two = at(2).bookmark(), three = at(3).bookmark();
  books.states[one] = {{"Order", {"Order,1"}}, {"OrderDetail", {"OrderDetail,1"}}};
  books.states[two] = {{"Order", {"Order,1", "Order,2"}}, {"OrderDetail", {"OrderDetail,1", "OrderDetail,2"}}};
  const ActionBody exported{"export", {}};
  end(exported, {file({"Order,1"}), file({"OrderDetail,1"})}, {one});
  end(exported, {file({"Order,1"}), file({"OrderDetail,1"})}, {one, two});
  end(exported, {file({"Order,1"}), file({})}, {three});  // nobody knows this state any more
  EXPECT_TRUE(broken.empty());
  EXPECT_EQ(truths.compared(), 2U);
  end(exported, {file({"Order,1"}), file({"OrderDetail,1", "OrderDetail,2"})}, {one, two});
  EXPECT_EQ(broken["export-is-one-state"],
            "the file that was exported for session 4 makes a database that never was; next to the state " +
                two.text() + ", which it was read from last, Order has 1 rows instead of 2");
  end(exported, {}, {one});
  EXPECT_EQ(broken["export-is-one-state"],
            "the file that was exported for session 4 cannot be loaded: there is nothing in it");
}

TEST_F(Dashboard, AnExportIsOfTheApplicationsOwnTables) {
  const Bookmark one = at(1).bookmark();
  const std::string table = ", 'table', 'Order', 'Order', 'CREATE'";
  const std::string view = ", 'view', 'ProductDetails_V', 'ProductDetails_V', 'CREATE'";
  const std::string index = ", 'index', 'maintenance_by_note', 'maintenance', 'CREATE'";
  books.states[one] = {{"", {table, view, index}}, {"Order", {"Order,1"}}, {"maintenance", {"maintenance,1"}}};
  const ActionBody exported{"export", {}};
  end(exported, {file({table, view}), file({"Order,1"})}, {one});
  EXPECT_TRUE(broken.empty()) << broken.begin()->second;
  end(exported, {file({table}), file({"Order,1"})}, {one});
  EXPECT_NE(broken["export-is-one-state"].find("the schema has 1 rows instead of 2"), std::string::npos);
}

TEST_F(Dashboard, ARestoreBringsBackWhatWasRemembered) {
  const Bookmark good = at(3).bookmark(), slip = at(5).bookmark(), restored = at(6).bookmark();
  const DatabaseContent full{{"OrderDetail", {"1", "2"}}}, empty{{"OrderDetail", {}}};
  books.states = {{good, full}, {slip, empty}, {restored, full}, {at(7).bookmark(), empty}, {at(8).bookmark(), full}};
  const auto told = [](std::uint32_t target, std::uint32_t undo, std::uint32_t entry) {
    return texts({"target", "undo", "restored"}, {at(target).text(), at(undo).text(), at(entry).text()});
  };
  end({"remember", {}}, {numbers({830})}, {good});
  end({"restore", {good.text(), std::int64_t{0}}}, {told(3, 5, 6)});
  end({"restore", {slip.text(), std::int64_t{0}}}, {told(5, 6, 7)});  // undone
  EXPECT_TRUE(broken.empty()) << broken.begin()->second;
  EXPECT_EQ(truths.compared(), 2U);
  end({"restore", {slip.text(), std::int64_t{0}}}, {told(5, 7, 8)});
  EXPECT_EQ(broken["restore-is-the-bookmark"],
            "session 4 went back to the state that was there before session 4 restored another (" + slip.text() +
                "); right after that, at " + at(8).text() + ", OrderDetail has 2 rows instead of 0");
  broken.clear();
  end({"restore", {good.text(), std::int64_t{0}}}, {told(2, 6, 7)});
  EXPECT_NE(broken["restore-is-the-bookmark"].find("the state that session 4 remembered"), std::string::npos);
  broken.clear();
  sent = at(5);
  end({"restore", {slip.text(), std::int64_t{0}}}, {told(5, 5, 7)});
  EXPECT_TRUE(broken.empty()) << broken.begin()->second;
  end({"restore", {slip.text(), std::int64_t{0}}}, {told(5, 3, 7)});
  EXPECT_EQ(broken["restore-is-the-bookmark"], "session 4 was told that " + at(3).text() +
                                                   " undoes its restore, which is from before the state " +
                                                   at(5).text() + " that it had seen already");
  broken.clear();
  end({"restore", {good.text(), std::int64_t{0}}}, {told(2, 6, 7)}, {}, ActionOutcome::kUnknown);
  EXPECT_TRUE(broken.empty()) << "nobody was told that it was done";
}

TEST(NorthwindTruths, DifferencesInWords) {
  const DatabaseContent one{{"", {"table"}}, {"T", {"1", "2"}}};
  EXPECT_EQ(first_difference(one, one), "");
  EXPECT_EQ(first_difference({{"", {"table"}}, {"T", {"1", "3"}}}, one), "T has (3) instead of (2)");
  EXPECT_EQ(first_difference({{"", {"view"}}, {"T", {"1", "2"}}}, one), "the schema has (view) instead of (table)");
  EXPECT_EQ(first_difference({{"", {"table"}}}, one), "T is not there");
  EXPECT_EQ(first_difference({{"", {"table"}}, {"T", {"1", "2"}}, {"U", {}}}, one), "U is there");
}

class Administrators : public ::testing::Test {
 protected:
  Administrators() {
    options.read_share = 0.5;
    user = northwind::make_user({0, 4}, options);
  }
  /// What it does until it does this; answered with success.
  void until(const std::string& name) {
    for (int i = 0; i < 10'000; ++i) {
      action = user->next(sim::Instant::from_ns(7'900'000'000), random);
      if (action.name == name) return;
      answer(200);
    }
    FAIL() << "it never does " << name;
  }
  void answer(std::uint16_t status, std::vector<ResultSetRef> results = {}) {
    HttpResponse response;
    response.status = status;
    response.bookmark = at(3);
    response.results = std::move(results);
    if (status == 200 && action.name == "restore" && response.results.empty()) {
      ResultSet::Builder row(column_names({"target", "undo", "restored"}));
      for (std::uint32_t i = 3; i < 6; ++i) row.add_text(at(i).text());
      response.results.push_back(row.finish());
    }
    user->answered(action, &response);
  }
  WorkloadOptions options;
  std::unique_ptr<User> user;
  sim::StreamRegistry streams{1};
  sim::RandomStream& random = streams.stream("client", "user");
  ActionBody action;
};

TEST_F(Administrators, SlipAndGoBackToTheirBookmark) {
  until("remember");
  answer(200);
  action = user->next({}, random);
  EXPECT_EQ(action.name, "slip");
  answer(500);
  action = user->next({}, random);
  EXPECT_EQ(action.name, "restore") << "whether it took effect is not known";
  EXPECT_EQ(action.values, (std::vector<SqlValue>{at(3).text(), std::int64_t{7'000}}));
  answer(500);
  action = user->next({}, random);
  EXPECT_EQ(action.name, "restore") << "once more";
}

TEST_F(Administrators, SometimesUndoARestoreAndRedoIt) {
  for (int i = 0; i < 100; ++i) {
    until("restore");
    if (std::get<std::string>(action.values[0]) == at(3).text()) {
      answer(200);
      continue;
    }
    EXPECT_EQ(std::get<std::string>(action.values[0]), at(4).text()) << "the undo bookmark";
    answer(200);
    action = user->next({}, random);
    EXPECT_EQ(action.name, "restore");
    EXPECT_EQ(std::get<std::string>(action.values[0]), at(3).text());
    return;
  }
  FAIL() << "never undone";
}

TEST_F(Administrators, ImportDumpsThatCanAndThatCannotBeImported) {
  std::set<std::int64_t> flaws;
  std::set<std::int64_t> editions;
  for (int i = 0; i < 100; ++i) {
    until("import");
    const std::int64_t edition = number_of(action, 0), flaw = number_of(action, 1);
    EXPECT_EQ(edition < 0, flaw != 0);
    EXPECT_TRUE(editions.insert(edition).second);
    flaws.insert(flaw);
    answer(200);
  }
  EXPECT_EQ(flaws, (std::set<std::int64_t>{0, 1, 2, 3}));
  options.mistakes = {"no-references"};
  user = northwind::make_user({0, 4}, options);
  for (int i = 0; i < 100; ++i) {
    until("import");
    EXPECT_NE(number_of(action, 1), static_cast<std::int64_t>(Flaw::kDangling));
    answer(200);
  }
}

}  // namespace
}  // namespace tidemark::model::testing
