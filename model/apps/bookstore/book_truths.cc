#include "model/apps/bookstore/book_truths.h"

#include <algorithm>

#include "model/apps/bookstore/store_sql.h"

namespace tidemark::model::bookstore {
namespace {

std::string session_text(std::uint32_t session) {
  return "session " + std::to_string(session);
}

std::string customer_text(std::int64_t customer) {
  return "customer " + std::to_string(customer);
}

/// "the cart of customer 4, as session 9 was shown it at 3.2 s".
std::string seen(const std::string& what, const EndedAction& action) {
  return what + " of " + customer_text(number_of(action.action, 0)) + ", as " + session_text(action.session) +
         " was shown it at " + sim::to_text(action.completed);
}

}  // namespace

std::vector<std::string> BookTruths::names() const {
  return {"cart-as-put",
          "own-requests-shown",
          "order-is-the-cart",
          "orders-listed-once",
          "best-sellers-count-orders",
          "orders-consumed-in-order",
          "recommended-by-friends",
          std::string(SearchTruth::kShowsMatches),
          std::string(SearchTruth::kFindsChanges)};
}

void BookTruths::begun(const BegunAction& begun) {
  const ActionBody& action = begun.action;
  const std::int64_t customer = number_of(action, 0);
  if (is_numbered(action.name)) ledgers_[customer].begun(action);
  if (action.name == "befriend") befriended_.emplace(customer, number_of(action, 1));
  search_.begun(action);
}

void BookTruths::ended(const EndedAction& action, const Broken& broken) {
  const std::string& name = action.action.name;
  if (is_numbered(name)) end_request(action, broken);
  search_.ended(action, broken);
  if (action.outcome != ActionOutcome::kOk) return;
  if (shows_state(name)) see_state(action, broken);
  if (name == "cart" || name == "item" || is_numbered(name)) see_cart(action, broken);
  if (name == "orders") see_orders(action, result(action.shown, 1), broken);
  if (name == "bestsellers") see_best_sellers(action, broken);
  if (name == "events") see_events(action, broken);
  if (name == "recommendations" || name == "friends_who_bought") see_recommendations(action, broken);
}

void BookTruths::end_request(const EndedAction& action, const Broken& broken) {
  CustomerLedger& ledger = ledgers_[number_of(action.action, 0)];
  ledger.ended(action.action, action.outcome, cart_lines(result(action.shown, 1)));
  if (action.action.name == "checkout" && action.outcome == ActionOutcome::kOk)
    see_orders(action, result(action.shown, 2), broken);
}

/// The customer's state never goes back within a session, and the newest request is one that was sent.
void BookTruths::see_state(const EndedAction& action, const Broken& broken) {
  const ResultSetRef state = result(action.shown, 0);
  if (row_count(state) == 0) return;
  const std::int64_t customer = number_of(action.action, 0), last = number_at(state, 0, 0);
  const std::string problem = ledgers_[customer].number_problem(last);
  if (!problem.empty())
    broken("cart-as-put",
           seen("the state", action) + ", is that after request " + std::to_string(last) + ", and " + problem);
  std::int64_t& newest = newest_[{action.session, customer}];
  if (last < newest && !action.made_up)
    broken("own-requests-shown", seen("the state", action) + ", is that after request " + std::to_string(last) +
                                     "; the session had been shown that after request " + std::to_string(newest));
  newest = std::max(newest, last);
}

void BookTruths::see_cart(const EndedAction& action, const Broken& broken) {
  const ResultSetRef state = result(action.shown, 0);
  if (row_count(state) == 0) return;
  const std::int64_t last = number_at(state, 0, 0);
  const std::vector<CartLine> lines = cart_lines(result(action.shown, 1));
  const CustomerLedger& ledger = ledgers_[number_of(action.action, 0)];
  const std::string problem =
      action.action.name == "item"
          ? ledger.line_problem(number_of(action.action, 1), lines.empty() ? nullptr : &lines.front(), last)
          : ledger.cart_problem(lines, last);
  if (problem.empty()) return;
  broken("cart-as-put", seen("the cart", action) + " after request " + std::to_string(last) + ": " + problem);
}

/// All orders of the customer; after a checkout, those that it has placed.
void BookTruths::see_orders(const EndedAction& action, const ResultSetRef& rows, const Broken& broken) {
  const std::int64_t customer = number_of(action.action, 0);
  std::map<std::int64_t, std::int64_t> listed;  // ids by key
  for (const ShownOrder& order : shown_orders(rows)) {
    const auto [other, first] = listed.emplace(order.key, order.id);
    if (!first)
      broken("orders-listed-once", seen("the list", action) + ", has orders " + std::to_string(other->second) +
                                       " and " + std::to_string(order.id) + " of one checkout, " +
                                       std::to_string(order.key));
    see_order(action, order, broken);
  }
  if (action.action.name != "orders" || row_count(result(action.shown, 0)) == 0) return;
  const std::int64_t last = number_at(result(action.shown, 0), 0, 0);
  for (const std::int64_t key : ledgers_[customer].placed_up_to(last)) {
    if (!listed.contains(key))
      broken("orders-listed-once", "the order of checkout " + std::to_string(key) +
                                       " was acknowledged, and is missing " + "from " + seen("the list", action) +
                                       " after request " + std::to_string(last));
  }
}

/// What it holds is judged when it is seen for the first time, by the cart before its checkout; it stays like that.
void BookTruths::see_order(const EndedAction& action, const ShownOrder& order, const Broken& broken) {
  const std::int64_t customer = number_of(action.action, 0);
  const std::string which = "order " + std::to_string(order.id) + " (checkout " + std::to_string(order.key) + ")";
  const auto [known, first] = orders_.try_emplace(order.id, KnownOrder{customer, order});
  if (!first) {
    const ShownOrder& before = known->second.order;
    const bool same = before.key == order.key && before.seq == order.seq && before.lines == order.lines;
    if (!same) broken("order-is-the-cart", which + " in " + seen("the list", action) + ", is not what it was before");
    return;
  }
  log_.emplace(order.seq, order.id);
  for (const CartLine& line : order.lines) bought_.emplace(customer, line.book);
  const CustomerLedger& ledger = ledgers_[customer];
  if (!ledger.may_have_placed(order.key)) {
    broken("order-is-the-cart", which + " in " + seen("the list", action) + ", is of no checkout of this customer");
    return;
  }
  const std::string problem = ledger.cart_problem(order.lines, order.key - 1);
  if (!problem.empty())
    broken("order-is-the-cart",
           which + " of " + customer_text(customer) + " is not the cart that was checked out: " + problem);
}

/// Quantities by book, of known orders.
std::map<std::int64_t, std::int64_t> BookTruths::sold_up_to(std::int64_t position) const {
  std::map<std::int64_t, std::int64_t> sold;
  for (auto it = log_.begin(); it != log_.end() && it->first <= position; ++it)
    for (const CartLine& line : orders_.at(it->second).order.lines) sold[line.book] += line.quantity;
  return sold;
}

bool BookTruths::knows_all_up_to(std::int64_t position) const {
  return std::distance(log_.begin(), log_.upper_bound(position)) == position;
}

void BookTruths::see_best_sellers(const EndedAction& action, const Broken& broken) {
  const std::int64_t position = number_at(result(action.shown, 0), 0, 0),
                     head = number_at(result(action.shown, 0), 0, 1);
  const std::string list = "the best sellers that " + session_text(action.session) + " was shown at " +
                           sim::to_text(action.completed) + ", at position " + std::to_string(position) + " of " +
                           std::to_string(head);
  const auto wrong = [&](const std::string& what) { broken("best-sellers-count-orders", list + ", " + what); };
  if (position > head) wrong("count orders that there are not");
  std::map<std::int64_t, std::int64_t> due = sold_up_to(position);
  const bool all = knows_all_up_to(position);
  const ResultSetRef rows = result(action.shown, 1);
  std::int64_t before = 0;
  for (std::uint32_t row = 0; row < row_count(rows); ++row) {
    const std::int64_t book = number_at(rows, row, 0), counted = number_at(rows, row, 1), sold = due[book];
    if (row > 0 && counted > before) wrong("are not in the order of their sales");
    before = counted;
    if (counted < sold || (all && counted != sold))
      wrong("show " + std::to_string(counted) + " sales of book " + std::to_string(book) +
            "; the orders up to there have " + std::to_string(sold));
    due.erase(book);
  }
  if (row_count(rows) >= kListLength) return;
  for (const auto& [book, sold] : due)
    if (sold > 0) wrong("lack book " + std::to_string(book) + ", of which " + std::to_string(sold) + " were ordered");
}

/// The log has no gaps, and each order comes with all its lines.
void BookTruths::see_events(const EndedAction& action, const Broken& broken) {
  const std::int64_t position = number_at(result(action.shown, 0), 0, 0);
  std::map<std::int64_t, std::map<std::int64_t, std::int64_t>> orders;  // quantities by place and book
  for (const Event& event : shown_events(result(action.shown, 1))) orders[event.seq][event.book] += event.quantity;
  std::int64_t due = position;
  for (const auto& [seq, lines] : orders) {
    const std::string entry = "entry " + std::to_string(seq) +
                              " of the log, which the stream worker was given after position " +
                              std::to_string(position);
    if (seq != ++due) broken("orders-consumed-in-order", entry + ", does not follow entry " + std::to_string(due - 1));
    due = seq;
    const auto known = log_.find(seq);
    if (known == log_.end()) continue;
    std::map<std::int64_t, std::int64_t> ordered;
    for (const CartLine& line : orders_.at(known->second).order.lines) ordered[line.book] += line.quantity;
    if (ordered != lines)
      broken("orders-consumed-in-order",
             entry + ", is not order " + std::to_string(known->second) + " as it was placed");
  }
}

bool BookTruths::are_friends(std::int64_t one, std::int64_t other) const {
  return friends_at_first(one, other, customers_) || befriended_.contains({one, other}) ||
         befriended_.contains({other, one});
}

bool BookTruths::may_have_bought(std::int64_t customer, std::int64_t book) const {
  if (bought_.contains({customer, book})) return true;
  const auto ledger = ledgers_.find(customer);
  return ledger != ledgers_.end() && ledger->second.may_have_bought(book);
}

/// recommendations: book, name, friend; friends_who_bought: friend.
void BookTruths::see_recommendations(const EndedAction& action, const Broken& broken) {
  const bool by_book = action.action.name == "friends_who_bought";
  const std::int64_t customer = number_of(action.action, 0);
  const ResultSetRef rows = result(action.shown, 0);
  for (std::uint32_t row = 0; row < row_count(rows); ++row) {
    const std::int64_t book = by_book ? number_of(action.action, 1) : number_at(rows, row, 0);
    const std::int64_t friend_of = number_at(rows, row, by_book ? 0 : 2);
    const std::string what = "book " + std::to_string(book) + " was recommended to " + customer_text(customer) + " (" +
                             session_text(action.session) + ") at " + sim::to_text(action.completed) + " because " +
                             customer_text(friend_of) + " had bought it";
    if (!are_friends(customer, friend_of)) broken("recommended-by-friends", what + ", who is no friend");
    if (!may_have_bought(friend_of, book)) broken("recommended-by-friends", what + ", who has not");
  }
}

}  // namespace tidemark::model::bookstore
