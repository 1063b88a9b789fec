// The shop: what its worker asks and answers, what its customers do, and what its pages show.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "model/apps/all/catalogue.h"
#include "model/apps/application_host.h"
#include "model/apps/orders/order_truths.h"
#include "model/apps/orders/shop.h"
#include "request_side.h"

namespace tidemark::model::testing {
namespace {

using Step = ScriptedCopy::Step;
using Sqls = std::vector<std::string>;

SessionToken at(std::uint32_t sequence) {
  return SessionToken::of({1, sequence, 20'000, {}});
}

struct ShopSide : ApplicationSide {
  explicit ShopSide(const std::string& mistake = "") : ApplicationSide("orders", mistake) {}
  HttpAnswer order(const SessionToken& header = SessionToken()) {
    return ask({"order", {std::string("c3"), std::string("o17"), std::int64_t{5}}}, header);
  }
  static Step done(std::uint32_t sequence) {
    Step step;
    step.bookmark = at(sequence);
    return step;
  }
};

const std::string kLost = "D1_ERROR: Network connection lost.";

TEST(Shop, AnOrderIsInsertedAndListedInOneSession) {
  ShopSide side;
  side.copy.script = {ShopSide::done(4), ShopSide::done(5)};
  const HttpAnswer answer = side.order(at(2));
  EXPECT_EQ(side.copy.sqls(), (Sqls{"INSERT", "SELECT"}));
  EXPECT_EQ(side.copy.seen[1]->token.text(), at(4).text());
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->bookmark.text(), at(5).text());
  EXPECT_EQ(answer->results.size(), 1U);
  EXPECT_EQ(answer->notes, std::vector<std::string>{std::string(kOrderPlaced)});
}

TEST(Shop, AMissingTableIsMadeInTheSameSession) {
  ShopSide side;
  side.copy.script = {ShopSide::fails("D1_ERROR: no such table: Orders: SQLITE_ERROR"), ShopSide::done(1),
                      ShopSide::done(2)};
  const HttpAnswer answer = side.ask({"list", {}});
  EXPECT_EQ(side.copy.sqls(), (Sqls{"SELECT", "CREATE", "SELECT"}));
  EXPECT_EQ(side.copy.seen[2]->token.text(), at(1).text());
  EXPECT_TRUE(answer->notes.empty()) << "it was there already, as far as this copy says";
}

TEST(Shop, TheWholeOfAnOrderIsRepeated) {
  ShopSide side;
  side.copy.script = {ShopSide::done(4), ShopSide::fails(kLost), ShopSide::fails(kLost, true), ShopSide::done(5),
                      ShopSide::done(6)};
  const HttpAnswer answer = side.order();
  EXPECT_EQ(side.copy.sqls(), (Sqls{"INSERT", "SELECT", "INSERT", "INSERT", "SELECT"}));
  EXPECT_EQ(answer->status, 200);
  EXPECT_FALSE(answer->effect_unknown) << "the order is in the table, whichever attempt placed it";
  EXPECT_EQ(answer->bookmark.text(), at(6).text());
}

TEST(Shop, AResetOfUnknownOutcomeIsNotRepeated) {
  ShopSide side;
  side.copy.script = {ShopSide::fails(kLost, true), ShopSide::done(1)};
  const HttpAnswer answer = side.ask({"reset", {}});
  EXPECT_EQ(side.copy.seen.size(), 1U);
  EXPECT_TRUE(answer->effect_unknown);
  ShopSide sure;
  sure.copy.script = {ShopSide::fails(kLost), ShopSide::done(1)};
  EXPECT_EQ(sure.ask({"reset", {}})->status, 200);
  EXPECT_EQ(sure.copy.seen.size(), 2U);
}

TEST(Shop, AnErrorHandsTheBookmarkOn) {
  for (const std::string mistake : {"", "error-drops-bookmark"}) {
    ShopSide side(mistake);
    side.copy.script = {ShopSide::done(4), ShopSide::fails("D1_ERROR: timeout")};
    const HttpAnswer answer = side.order(at(2));
    EXPECT_EQ(answer->status, 500);
    EXPECT_EQ(answer->has_bookmark, mistake.empty());
    EXPECT_EQ(answer->bookmark.text(), mistake.empty() ? at(4).text() : "");
    EXPECT_EQ(answer->notes, std::vector<std::string>{std::string(kOrderPlaced)});
  }
}

TEST(Shop, AnotherPlaceIsNotFoundAndAsksNothing) {
  ShopSide side;
  const HttpAnswer answer = side.ask({"other", {std::string("/")}}, SessionToken::first_primary());
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->to_json(), "Not found");
  EXPECT_FALSE(answer->has_bookmark);
  EXPECT_TRUE(side.copy.seen.empty());
  EXPECT_EQ(side.ask({"other", {std::string("/")}}, at(3))->bookmark.text(), at(3).text());
  ShopSide null("null-bookmark");
  EXPECT_EQ(null.ask({"other", {std::string("/")}}, SessionToken::first_primary())->bookmark.text(), "null");
  EXPECT_EQ(null.ask({"other", {std::string("/")}}, at(3))->bookmark.text(), at(3).text());
}

TEST(Shop, MistakesOfTheBookmarkReachTheDatabase) {
  ShopSide unthreaded("unthreaded-route");
  unthreaded.copy.script = {ShopSide::done(9)};
  EXPECT_FALSE(unthreaded.ask({"list", {}}, at(5))->has_bookmark);
  EXPECT_EQ(unthreaded.copy.seen[0]->token.kind(), SessionToken::Kind::kFirstUnconstrained);
  unthreaded.order(at(5));
  EXPECT_EQ(unthreaded.copy.seen[1]->token.text(), at(5).text()) << "the other route does";
  ShopSide other("other-database");
  other.copy.script = {ShopSide::done(9)};
  other.ask({"list", {}}, SessionToken::first_primary());
  EXPECT_EQ(other.copy.seen[0]->token.kind(), SessionToken::Kind::kBookmark);
  other.ask({"list", {}}, at(5));
  EXPECT_EQ(other.copy.seen[1]->token.text(), at(5).text());
}

TEST(Shop, ATwoUnitResetIsTwoQueries) {
  EXPECT_EQ((ShopSide("two-unit-reset").ask({"reset", {}})->status), 200);
  ShopSide side("two-unit-reset");
  side.ask({"reset", {}});
  EXPECT_EQ(side.copy.sqls(), (Sqls{"DROP T", "CREATE"}));
  ShopSide right;
  right.ask({"reset", {}});
  EXPECT_EQ(right.copy.seen.size(), 1U);
}

TEST(Shopper, OpensPagesAndNeverRepeatsAnOrder) {
  for (const std::string mistake : {"", "first-unconstrained"}) {
    const auto application = ShopSide::application("orders", mistake);
    const std::unique_ptr<User> user = application->user({2, 5});
    sim::RandomStream random(1, "operations");
    const Opening page = mistake.empty() ? Opening::kFirstPrimary : Opening::kNew;
    std::map<Opening, int> openings;
    std::set<std::string> orders;
    for (int i = 0; i < 1'000; ++i) {
      if (i == 500) user->forget();
      const ActionBody action = user->next(sim::Instant::from_ns(i * 100'000'000LL), random);
      ++openings[user->opening()];
      EXPECT_TRUE((i != 0 && i != 500) || user->opening() == page);
      if (action.name != "order") continue;
      EXPECT_EQ(std::get<std::string>(action.values[0]), "c2");
      EXPECT_TRUE(orders.insert(std::get<std::string>(action.values[1])).second);
    }
    EXPECT_NEAR(openings[page], 1'000 / 8, 40);
    EXPECT_EQ(openings.size(), 2U);
  }
}

class ShopCustomers : public ::testing::Test {
 protected:
  struct Act {
    std::uint32_t session = 1;
    ActionBody action;
    ActionOutcome outcome = ActionOutcome::kOk;
    std::vector<std::string> list{};  // of customer c3
    SessionToken received{};
    SessionToken sent = SessionToken::first_primary();
    std::string error{};
    std::vector<std::string> notes{};
    std::uint32_t page = 0;  // 0 = the session's
    bool made_up = false;
  };
  /// Each action takes 10 ms, and the next begins 10 ms later.
  void begin(const Act& act) {
    begun_ = now_;
    truths.begun({act.session, act.action, begun_});
    now_ = now_ + sim::Duration::milliseconds(10);
  }
  void finish(const Act& act) {
    ResultSet::Builder builder(column_names({"customerId", "orderId", "quantity"}));
    for (const std::string& order : act.list) {
      builder.add_text("c3");
      builder.add_text(order);
      builder.add_integer(5);
    }
    const std::vector<ResultSetRef> shown = {builder.finish()};
    const bool shows = act.outcome == ActionOutcome::kOk && act.action.name != "reset";
    const std::uint32_t page = act.page == 0 ? act.session : act.page;
    truths.ended(
        {act.session, act.action, act.outcome,
         shows ? std::span<const ResultSetRef>(shown) : std::span<const ResultSetRef>(), begun_, now_, page, 3,
         act.made_up, act.sent, act.received, act.error, act.notes},
        [this](std::string_view name, std::string witness) { broken.try_emplace(std::string(name), witness); });
    now_ = now_ + sim::Duration::milliseconds(10);
  }
  void end(const Act& act) {
    begin(act);
    finish(act);
  }
  static ActionBody list() { return {"list", {}}; }
  static ActionBody reset() { return {"reset", {}}; }
  static ActionBody order(const std::string& number) { return {"order", {std::string("c3"), number, std::int64_t{5}}}; }
  std::set<std::string> names() const {
    std::set<std::string> all;
    for (const auto& [name, witness] : broken) all.insert(name);
    return all;
  }
  OrderTruths truths{SessionToken::first_primary()};
  std::map<std::string, std::string> broken;

 private:
  sim::Instant begun_;
  sim::Instant now_ = sim::Instant::from_ns(1'000'000'000);
};

TEST_F(ShopCustomers, AreContentWithAShopThatIsRight) {
  end({1, order("o1"), ActionOutcome::kOk, {"o1"}, at(2)});
  end({1, list(), ActionOutcome::kOk, {"o1", "o2"}, at(3)});
  end({1, order("o3"), ActionOutcome::kUnknown, {}, {}});
  end({5, list(), ActionOutcome::kOk, {"o1", "o2"}, at(3), at(3), "", {}, 1});
  end({9, list(), ActionOutcome::kOk, {"o2", "o1"}, at(3)});
  begin({2, reset(), ActionOutcome::kOk, {}, at(4)});
  end({1, list(), ActionOutcome::kOk, {}, at(4)});
  finish({2, reset(), ActionOutcome::kOk, {}, at(4)});
  end({1, list(), ActionOutcome::kOk, {"o3"}, at(5)});
  EXPECT_EQ(names(), std::set<std::string>());
}

TEST_F(ShopCustomers, MissAnOrderThatWasPlaced) {
  end({4, order("o17"), ActionOutcome::kOk, {"o17"}, at(2)});
  end({8, list(), ActionOutcome::kOk, {}, {}, at(2), "", {}, 4});
  EXPECT_EQ(broken["orders-are-listed"],
            "order c3/o17 was placed by session 4 at 1.010000 s and is missing from its list, now of session 8, at "
            "1.030000 s");
  EXPECT_EQ(
      broken["lists-never-go-back"],
      "session 8 was shown order c3/o17 at 1.010000 s and no longer at 1.030000 s, and nobody has reset the shop");
}

TEST_F(ShopCustomers, MissAnOrderWhoseAnswerWasAnError) {
  end({4, order("o17"), ActionOutcome::kUnknown, {}, {}, at(1), "D1_ERROR: timeout", {std::string(kOrderPlaced)}});
  end({8, list(), ActionOutcome::kOk, {}, at(1), at(1), "", {}, 4});
  EXPECT_EQ(names(), std::set<std::string>{"orders-are-listed"});
}

TEST_F(ShopCustomers, AResetBeforeTheOrderExplainsNothing) {
  end({2, reset(), ActionOutcome::kOk, {}, at(1)});
  end({2, reset(), ActionOutcome::kFail, {}, at(1)});
  end({4, order("o17"), ActionOutcome::kOk, {"o17"}, at(2)});
  end({4, list(), ActionOutcome::kOk, {}, at(3)});
  EXPECT_EQ(names(), (std::set<std::string>{"orders-are-listed", "lists-never-go-back"}));
}

TEST_F(ShopCustomers, AResetWithoutAnAnswerMayComeAtAnyTime) {
  end({2, reset(), ActionOutcome::kUnknown, {}, {}});
  end({4, order("o17"), ActionOutcome::kOk, {"o17"}, at(2)});
  end({4, list(), ActionOutcome::kOk, {}, at(3)});
  EXPECT_EQ(names(), std::set<std::string>());
}

TEST_F(ShopCustomers, ExpectAPageToOpenUpToDate) {
  end({4, order("o17"), ActionOutcome::kOk, {"o17"}, at(2)});
  end({9, list(), ActionOutcome::kOk, {}, at(1)});
  EXPECT_EQ(
      broken["pages-open-up-to-date"],
      "order c3/o17 was placed by session 4 at 1.010000 s and is missing from the first list of the page that the "
      "same customer opened at 1.020000 s, shown to session 9 at 1.030000 s");
  broken.clear();
  end({10, list(), ActionOutcome::kOk, {}, at(1), at(1)});  // somebody has presented a bookmark
  EXPECT_EQ(names(), std::set<std::string>());
}

TEST_F(ShopCustomers, APageKeepsTheGreatestBookmarkAndItsList) {
  end({4, order("o17"), ActionOutcome::kOk, {"o17"}, at(5)});
  end({4, list(), ActionOutcome::kOk, {}, at(3)});
  EXPECT_EQ(names(), std::set<std::string>()) << "the answer is thrown away";
  end({4, order("o18"), ActionOutcome::kOk, {"o17", "o18"}, at(4)});
  EXPECT_EQ(broken["orders-are-listed"],
            "order c3/o18 was placed by session 4 at 1.050000 s and is missing from its list at 1.050000 s (it keeps "
            "the list "
            "of 1.010000 s: the bookmark of the answer is older than its own)");
}

TEST_F(ShopCustomers, SeeEverythingElseThatIsWrong) {
  end({4, list(), ActionOutcome::kOk, {"o1", "o2", "o1"}, at(2)});
  EXPECT_EQ(broken["orders-once"], "order c3/o1 stands twice in the list that session 4 was shown at 1.010000 s");
  end({4, order("o3"), ActionOutcome::kFail, {}, at(2), at(2), "D1_ERROR: UNIQUE constraint failed: Orders.orderId"});
  EXPECT_EQ(broken.count("retried-orders-succeed"), 1U);
  end({4, list(), ActionOutcome::kFail, {}, at(2), SessionToken::parse("null"), "D1_ERROR: invalid bookmark"});
  EXPECT_NE(broken["bookmarks-are-accepted"].find("its page sends the bookmark \"null\""), std::string::npos);
  end({4, list(), ActionOutcome::kOk, {"o1", "o2"}, at(3), at(2), "", {std::string(kTableMade)}});
  EXPECT_EQ(broken.count("table-stays"), 1U);
  EXPECT_EQ(broken.size(), 4U);
}

TEST_F(ShopCustomers, ExpectNothingOfABookmarkThatWasMadeUp) {
  end({4, order("o17"), ActionOutcome::kOk, {"o17"}, at(2), {}, "", {}, 0, true});
  end({4, list(), ActionOutcome::kOk, {}, {}, {}, "", {std::string(kTableMade)}, 0, true});
  end({4, list(), ActionOutcome::kFail, {}, {}, {}, "D1_ERROR: invalid bookmark", {}, 0, true});
  EXPECT_EQ(names(), std::set<std::string>());
}

}  // namespace
}  // namespace tidemark::model::testing
