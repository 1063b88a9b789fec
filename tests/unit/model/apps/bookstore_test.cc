// Bookstore: what its users do next, which carts and orders can have come of what was asked for, what is told as
// broken.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "model/apps/bookstore/book_truths.h"
#include "model/apps/bookstore/bookstore.h"
#include "model/apps/bookstore/store_sql.h"
#include "model/apps/bookstore/users.h"

namespace tidemark::model::bookstore {
namespace {

using Numbers = std::vector<std::int64_t>;

ResultSetRef table(const std::vector<Numbers>& rows, std::size_t columns) {
  ResultSet::Builder builder(column_names(std::vector<std::string>(columns, "c")));
  for (const Numbers& row : rows)
    for (const std::int64_t cell : row) builder.add_integer(cell);
  return builder.finish();
}

ResultSetRef state(std::int64_t last) {
  return table({{last}}, 1);
}
/// Line, book, quantity.
ResultSetRef cart(const std::vector<Numbers>& lines) {
  return table(lines, 3);
}
/// Order, key, seq, line, book, quantity.
ResultSetRef orders(const std::vector<Numbers>& lines) {
  return table(lines, 6);
}

ActionBody add(std::int64_t customer, std::int64_t number, std::int64_t book, std::int64_t quantity) {
  return {"add", {customer, number, book, quantity}};
}
ActionBody update(std::int64_t customer, std::int64_t number, std::int64_t book, std::int64_t quantity) {
  return {"update", {customer, number, book, quantity}};
}
ActionBody remove(std::int64_t customer, std::int64_t number, std::int64_t book) {
  return {"remove", {customer, number, book}};
}
ActionBody checkout(std::int64_t customer, std::int64_t number) {
  return {"checkout", {customer, number}};
}

// --- the ledger ------------------------------------------------------------------------------------------------------

struct Ledger : CustomerLedger {
  void done(const ActionBody& request, ActionOutcome outcome = ActionOutcome::kOk,
            const std::vector<CartLine>& shows = {}) {
    begun(request);
    ended(request, outcome, shows);
  }
};

TEST(CustomerLedger, KnowsTheCartAfterEachRequest) {
  Ledger ledger;
  ledger.done(add(4, 10, 7, 2));
  ledger.done(add(4, 20, 8, 1));
  ledger.done(update(4, 30, 7, 5), ActionOutcome::kOk, {{30, 7, 5}, {20, 8, 1}});
  ledger.done(remove(4, 40, 8));
  EXPECT_EQ(ledger.cart_problem({}, 0), "");
  EXPECT_EQ(ledger.cart_problem({{10, 7, 2}}, 10), "");
  EXPECT_EQ(ledger.cart_problem({{10, 7, 2}, {20, 8, 1}}, 20), "");
  EXPECT_EQ(ledger.cart_problem({{30, 7, 5}, {20, 8, 1}}, 30), "");
  EXPECT_EQ(ledger.cart_problem({{30, 7, 5}}, 45), "");
  EXPECT_EQ(ledger.cart_problem({{20, 8, 1}}, 20),
            "line 10 (2 of book 7) is missing, which is there since add 10 was acknowledged");
  EXPECT_EQ(ledger.cart_problem({{10, 7, 2}}, 30),
            "line 10 (2 of book 7) is there, and line 30 (5 of book 7) is due since update 30 was acknowledged");
  EXPECT_EQ(ledger.cart_problem({{30, 7, 5}, {20, 8, 1}}, 40),
            "line 20 (1 of book 8) is there, and nothing of book 8 is due since remove 40 was acknowledged");
  EXPECT_EQ(ledger.cart_problem({{10, 7, 3}}, 10),
            "line 10 (3 of book 7) is there, and line 10 (2 of book 7) is due since add 10 was acknowledged");
  EXPECT_EQ(ledger.cart_problem({{99, 9, 1}}, 0), "line 99 (1 of book 9) is there, and nothing of book 9 is due");
}

TEST(CustomerLedger, ACheckoutEmptiesTheCart) {
  Ledger ledger;
  ledger.done(add(4, 10, 7, 2));
  ledger.done(checkout(4, 20));
  EXPECT_EQ(ledger.cart_problem({}, 20), "");
  EXPECT_EQ(ledger.cart_problem({{10, 7, 2}}, 19), "");
  EXPECT_NE(ledger.cart_problem({{10, 7, 2}}, 20), "");
  EXPECT_EQ(ledger.placed_up_to(20), Numbers{20});
  EXPECT_EQ(ledger.placed_up_to(19), Numbers{});
}

TEST(CustomerLedger, WhatIsUnknownMayHaveHappenedInItsPlaceOnly) {
  Ledger ledger;
  ledger.done(add(4, 10, 7, 2));
  ledger.done(remove(4, 20, 7), ActionOutcome::kUnknown);
  ledger.done(add(4, 30, 8, 1), ActionOutcome::kUnknown);
  EXPECT_EQ(ledger.cart_problem({{10, 7, 2}}, 30), "") << "neither";
  EXPECT_EQ(ledger.cart_problem({{30, 8, 1}}, 30), "") << "both";
  EXPECT_NE(ledger.cart_problem({}, 10), "") << "not yet";
  EXPECT_NE(ledger.cart_problem({{10, 7, 2}, {30, 8, 1}}, 20), "") << "the cart of before cannot hold it";
  ledger.done(add(4, 40, 7, 3));
  EXPECT_NE(ledger.cart_problem({{30, 8, 1}}, 40), "") << "what was unknown is over";
  ledger.done(checkout(4, 50), ActionOutcome::kUnknown);
  EXPECT_EQ(ledger.cart_problem({}, 50), "");
  EXPECT_TRUE(ledger.may_have_placed(50));
  EXPECT_TRUE(ledger.may_have_bought(7));
  EXPECT_TRUE(ledger.may_have_bought(8));
  EXPECT_FALSE(ledger.may_have_bought(9));
}

TEST(CustomerLedger, WhatFailedDidNothing) {
  Ledger ledger;
  ledger.done(add(4, 10, 7, 2), ActionOutcome::kFail);
  EXPECT_NE(ledger.cart_problem({{10, 7, 2}}, 10), "");
  EXPECT_EQ(ledger.number_problem(10), "add 10 has failed");
  EXPECT_EQ(ledger.number_problem(11), "nobody has sent a request 11");
  EXPECT_EQ(ledger.number_problem(0), "");
  // Sent again after an answer that was lost, and refused: the first attempt may have done it.
  ledger.done(add(4, 20, 7, 2), ActionOutcome::kUnknown);
  ledger.done(add(4, 20, 7, 2), ActionOutcome::kFail);
  EXPECT_EQ(ledger.cart_problem({{20, 7, 2}}, 20), "");
  EXPECT_EQ(ledger.number_problem(20), "");
}

TEST(CustomerLedger, ANumberThatIsUsedTwiceSaysNothing) {
  Ledger ledger;
  ledger.done(add(4, 10, 7, 2));
  ledger.done(add(4, 10, 8, 2));
  EXPECT_EQ(ledger.cart_problem({{10, 7, 2}}, 10), "");
  EXPECT_EQ(ledger.number_problem(12), "");
}

// --- the truths ------------------------------------------------------------------------------------------------------

class BookstoreUsers : public testing::Test {
 protected:
  void begin(std::uint32_t session, const ActionBody& action) { truths.begun({session, action, {}}); }
  void end(std::uint32_t session, const ActionBody& action, std::vector<ResultSetRef> shown,
           ActionOutcome outcome = ActionOutcome::kOk) {
    truths.ended({session, action, outcome, shown, {}, {}}, [this](std::string_view name, std::string witness) {
      broken[std::string(name)] = std::move(witness);
    });
  }
  void act(std::uint32_t session, const ActionBody& action, std::vector<ResultSetRef> shown,
           ActionOutcome outcome = ActionOutcome::kOk) {
    begin(session, action);
    end(session, action, std::move(shown), outcome);
  }
  /// Customer 4 orders 2 of book 7: order 1, at place 1 of the log.
  void one_order() {
    act(9, add(4, 10, 7, 2), {state(10), cart({{10, 7, 2}})});
    act(9, checkout(4, 20), {state(20), cart({}), orders({{1, 20, 1, 10, 7, 2}})});
  }
  std::set<std::string> names_broken() const {
    std::set<std::string> names;
    for (const auto& [name, witness] : broken) names.insert(name);
    return names;
  }
  using Names = std::set<std::string>;

  BookTruths truths{12};
  std::map<std::string, std::string> broken;
};

TEST_F(BookstoreUsers, AreContentWithAStoreThatIsRight) {
  one_order();
  act(9, {"orders", {std::int64_t{4}}}, {state(20), orders({{1, 20, 1, 10, 7, 2}})});
  act(9, {"cart", {std::int64_t{4}}}, {state(20), cart({})});
  act(8, {"cart", {std::int64_t{4}}}, {state(10), cart({{10, 7, 2}})});
  act(8, {"item", {std::int64_t{4}, std::int64_t{8}}}, {state(10), cart({})});
  act(8, {"orders", {std::int64_t{4}}}, {state(10), orders({})});
  act(8, {"bestsellers", {}}, {table({{0, 0}}, 2), table({}, 3)});
  act(8, {"events", {}}, {state(0), table({{1, 7, 2}}, 3)});
  act(8, {"bestsellers", {}}, {table({{1, 1}}, 2), table({{7, 2, 0}}, 3)});
  act(7, {"recommendations", {std::int64_t{3}}}, {table({{7, 0, 4}}, 3)});
  act(7, {"friends_who_bought", {std::int64_t{5}, std::int64_t{7}}}, {table({{4}}, 1)});
  EXPECT_EQ(names_broken(), Names());
}

TEST_F(BookstoreUsers, SeeABookThatIsLostOnItsWayIntoAnOrder) {
  act(9, add(4, 10, 7, 2), {state(10), cart({{10, 7, 2}})});
  act(9, add(4, 15, 8, 1), {state(15), cart({{10, 7, 2}, {15, 8, 1}})});
  act(9, checkout(4, 20), {state(20), cart({}), orders({{1, 20, 1, 10, 7, 2}})});
  EXPECT_EQ(names_broken(), Names{"order-is-the-cart"});
  EXPECT_EQ(
      broken["order-is-the-cart"],
      "order 1 (checkout 20) of customer 4 is not the cart that was checked out: line 15 (1 of book 8) is missing, "
      "which is there since add 15 was acknowledged");
}

TEST_F(BookstoreUsers, SeeACartThatIsNotEmptiedAndOneThatIsNotTheirs) {
  act(9, add(4, 10, 7, 2), {state(10), cart({{10, 7, 2}})});
  act(9, checkout(4, 20), {state(20), cart({{10, 7, 2}}), orders({{1, 20, 1, 10, 7, 2}})});
  EXPECT_EQ(names_broken(), Names{"cart-as-put"});
  EXPECT_EQ(broken["cart-as-put"],
            "the cart of customer 4, as session 9 was shown it at 0.000000 s after request 20: line 10 (2 of book 7) "
            "is there, "
            "and nothing of book 7 is due since checkout 20 was acknowledged");
  broken.clear();
  act(8, {"cart", {std::int64_t{5}}}, {state(10), cart({{10, 7, 2}})});
  EXPECT_EQ(names_broken(), Names{"cart-as-put"});
}

TEST_F(BookstoreUsers, SeeTheirOwnRequestsMissing) {
  one_order();
  act(9, {"cart", {std::int64_t{4}}}, {state(10), cart({{10, 7, 2}})});
  EXPECT_EQ(names_broken(), Names{"own-requests-shown"});
  EXPECT_EQ(broken["own-requests-shown"],
            "the state of customer 4, as session 9 was shown it at 0.000000 s, is that after request 10; the session "
            "had been "
            "shown that after request 20");
}

TEST_F(BookstoreUsers, SeeOrdersThatAreMissingDoubledOrChanged) {
  one_order();
  act(9, {"orders", {std::int64_t{4}}}, {state(20), orders({})});
  EXPECT_EQ(names_broken(), Names{"orders-listed-once"});
  broken.clear();
  act(9, {"orders", {std::int64_t{4}}}, {state(20), orders({{1, 20, 1, 10, 7, 2}, {2, 20, 2, 10, 7, 2}})});
  EXPECT_EQ(broken["orders-listed-once"],
            "the list of customer 4, as session 9 was shown it at 0.000000 s, has orders 1 and 2 of one checkout, 20");
  broken.clear();
  act(9, {"orders", {std::int64_t{4}}}, {state(20), orders({{1, 20, 1, 10, 7, 3}})});
  EXPECT_EQ(names_broken(), Names{"order-is-the-cart"});
  broken.clear();
  act(8, {"orders", {std::int64_t{5}}}, {state(0), orders({{3, 33, 3, 10, 7, 3}})});
  EXPECT_EQ(names_broken(), Names{"order-is-the-cart"});
}

TEST_F(BookstoreUsers, SeeBestSellersThatDoNotAddUp) {
  one_order();
  const auto best = [&](std::int64_t position, std::int64_t head, const std::vector<Numbers>& rows) {
    broken.clear();
    act(8, {"bestsellers", {}}, {table({{position, head}}, 2), table(rows, 3)});
    return broken["best-sellers-count-orders"];
  };
  EXPECT_EQ(best(1, 1, {{7, 4, 0}}),
            "the best sellers that session 8 was shown at 0.000000 s, at position 1 of 1, show 4 sales of book 7; the "
            "orders up "
            "to there have 2");
  EXPECT_NE(best(1, 1, {}), "");
  EXPECT_NE(best(1, 1, {{7, 2, 0}, {8, 3, 0}}), "") << "not in order";
  EXPECT_NE(best(1, 1, {{7, 2, 0}, {8, 1, 0}}), "") << "nobody has ordered it";
  EXPECT_NE(best(2, 1, {{7, 2, 0}}), "") << "beyond the log";
  EXPECT_NE(best(2, 2, {{7, 1, 0}}), "") << "fewer than are known";
  EXPECT_EQ(best(2, 2, {{8, 3, 0}, {7, 2, 0}}), "") << "entry 2 is not known";
}

TEST_F(BookstoreUsers, SeeALogWithGapsOrWithParts) {
  one_order();
  const auto events = [&](std::int64_t position, const std::vector<Numbers>& rows) {
    broken.clear();
    act(1, {"events", {}}, {state(position), table(rows, 3)});
    return broken["orders-consumed-in-order"];
  };
  EXPECT_EQ(events(0, {{1, 7, 2}, {2, 8, 1}, {3, 8, 1}}), "");
  EXPECT_EQ(events(0, {{1, 7, 2}, {3, 8, 1}}),
            "entry 3 of the log, which the stream worker was given after position 0, does not follow entry 1");
  EXPECT_NE(events(0, {{1, 7, 1}}), "");
  EXPECT_NE(events(1, {{1, 7, 2}}), "");
}

TEST_F(BookstoreUsers, SeeWhoIsNoFriendAndWhatNobodyBought) {
  one_order();
  const auto recommended = [&](std::int64_t to, std::int64_t book, std::int64_t by) {
    broken.clear();
    act(8, {"recommendations", {to}}, {table({{book, 0, by}}, 3)});
    return broken["recommended-by-friends"];
  };
  EXPECT_EQ(recommended(7, 7, 4), "") << "the ring: 4 and 7";
  EXPECT_EQ(
      recommended(10, 7, 4),
      "book 7 was recommended to customer 10 (session 8) at 0.000000 s because customer 4 had bought it, who is no "
      "friend");
  EXPECT_NE(recommended(7, 8, 4), "") << "it was not in the order";
  begin(6, {"befriend", {std::int64_t{10}, std::int64_t{4}}});
  EXPECT_EQ(recommended(10, 7, 4), "");
  begin(5, add(5, 30, 9, 1));
  EXPECT_NE(recommended(4, 9, 5), "") << "only in a cart";
  begin(5, checkout(5, 40));
  EXPECT_EQ(recommended(4, 9, 5), "") << "perhaps ordered";
  broken.clear();
  act(8, {"friends_who_bought", {std::int64_t{12}, std::int64_t{7}}}, {table({{4}}, 1)});
  EXPECT_EQ(names_broken(), Names{"recommended-by-friends"});
}

/// Id, name, author, category.
ResultSetRef books(const std::vector<std::pair<std::int64_t, std::string>>& named) {
  ResultSet::Builder builder(column_names({"id", "name", "author", "category"}));
  for (const auto& [id, name] : named) {
    builder.add_integer(id);
    builder.add_text(name);
    builder.add_text("Ada Moor");
    builder.add_text("Fairy Tales");
  }
  return builder.finish();
}

TEST_F(BookstoreUsers, SeeSearchesThatMissOrShowTooMuch) {
  const ActionBody retitle = {"retitle", {std::int64_t{7}, std::string("Golden Clock 2")}};
  const auto search = [&](const std::string& phrase, const ResultSetRef& rows) {
    broken.clear();
    act(2, {"search", {phrase}}, {rows});
    return names_broken();
  };
  EXPECT_EQ(search("fairy TALES", books({{1, "Amber River"}})), Names());
  EXPECT_EQ(search("ada moor", books({{1, "Amber River"}})), Names());
  EXPECT_EQ(search("tales fairy", books({{1, "Amber River"}})), Names{"search-shows-matches"}) << "no phrase";
  EXPECT_EQ(search("river ada", books({{1, "Amber River"}})), Names{"search-shows-matches"}) << "two columns";
  act(2, retitle, {});
  EXPECT_EQ(search("golden clock", books({{7, "Golden Clock 2"}})), Names());
  EXPECT_EQ(search("golden clock", books({})), Names{"changes-are-found"});
  EXPECT_EQ(search("amber", books({})), Names());
  act(3, {"search", {std::string("golden clock")}}, {books({})});
  EXPECT_EQ(names_broken(), Names()) << "another session";
  act(2, retitle, {}, ActionOutcome::kUnknown);
  EXPECT_EQ(search("golden clock", books({})), Names()) << "nobody knows";
}

TEST_F(BookstoreUsers, AreNotJudgedByAnswersThatDidNotCome) {
  one_order();
  act(9, {"cart", {std::int64_t{4}}}, {}, ActionOutcome::kUnknown);
  act(9, {"cart", {std::int64_t{4}}}, {}, ActionOutcome::kFail);
  act(9, {"cart", {std::int64_t{4}}}, {});
  act(9, {"orders", {}}, {});
  EXPECT_EQ(names_broken(), Names());
}

// --- the users -------------------------------------------------------------------------------------------------------

WorkloadOptions options() {
  WorkloadOptions made;
  made.kind = WorkloadKind::kApplication;
  made.application = kBookstore;
  made.keys = 8;
  made.read_share = 0.5;
  return made;
}

boost::intrusive_ptr<HttpResponse> answer(std::vector<ResultSetRef> results) {
  boost::intrusive_ptr<HttpResponse> response(new HttpResponse);
  response->results = std::move(results);
  return response;
}

TEST(StreamWorker, CountsWhatItWasGivenAndBeginsAgainAfterACrash) {
  const std::unique_ptr<User> worker = user_of({kStreamWorker, 5}, options());
  sim::RandomStream random(1, "operations");
  const auto next = [&] { return worker->next({}, random); };
  ActionBody asked = next();
  EXPECT_EQ(asked.name, "events");
  worker->answered(asked, answer({state(3), table({{4, 7, 2}, {4, 8, 1}, {5, 7, 1}}, 3)}).get());
  const ActionBody counts = next();
  EXPECT_EQ(to_json(counts), R"({"action":"count","values":[3,5,"[[7,3],[8,1]]"]})");
  worker->answered(counts, nullptr);
  EXPECT_EQ(next().name, "events") << "what became of it is asked of the database";
  worker->answered(asked, answer({state(3), table({{4, 7, 2}}, 3)}).get());
  worker->forget();
  EXPECT_EQ(next().name, "events");
  worker->answered(asked, answer({state(5), table({}, 3)}).get());
  EXPECT_EQ(next().name, "events") << "there is nothing to count";
}

TEST(Customers, NumberTheirRequestsOverAllTheirLives) {
  const std::unique_ptr<User> customer = user_of({3, 5}, options());
  sim::RandomStream random(1, "operations");
  std::int64_t before = 0;
  std::map<std::string, int> done;
  for (int i = 0; i < 2'000; ++i) {
    const ActionBody action = customer->next({}, random);
    ++done[action.name];
    if (i % 100 == 99) customer->forget();
    if (action.name == "add") customer->answered(action, answer({state(1), cart({{1, 7, 1}})}).get());
    if (!is_numbered(action.name)) continue;
    EXPECT_EQ(number_of(action, 0), 4);
    EXPECT_GT(number_of(action, 1), before);
    before = number_of(action, 1);
    EXPECT_EQ(before % 5, 4) << "nobody else has this number";
  }
  for (const ActionShape& shape : bookstore_application().make(options())->actions()) {
    const std::set<std::string> others = {"events", "count", "publish", "retitle"};
    EXPECT_EQ(done[shape.name] > 0, !others.contains(shape.name)) << shape.name;
  }
}

TEST(Bookstore, TheRingOfFriendsIsWhatTheSchemaMakes) {
  EXPECT_TRUE(friends_at_first(1, 2, 12));
  EXPECT_TRUE(friends_at_first(2, 1, 12));
  EXPECT_TRUE(friends_at_first(12, 1, 12));
  EXPECT_TRUE(friends_at_first(4, 7, 12));
  EXPECT_FALSE(friends_at_first(4, 6, 12));
  EXPECT_FALSE(friends_at_first(4, 4, 12));
  EXPECT_FALSE(friends_at_first(12, 13, 12));
}

}  // namespace
}  // namespace tidemark::model::bookstore
