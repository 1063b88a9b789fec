// The database of the bookstore: its tables, what each action does to them, and what must hold in every served state.
//
//   customers(id, last)                          `last`: number of the newest request of the customer that was served
//   books, book_search, book_terms               the catalogue, its full-text index, and what the index holds
//   carts(customer, book, quantity, line)        `line`: number of the request that put the book there
//   orders(id, key, customer), order_items       `key`: number of the request that placed it
//   order_log(seq, order_id)                     append-only, without gaps: what the stream worker consumes
//   friends, purchased                           the edges of the graph
//   bestsellers(book, quantity), streams(name, position)
//
// Each request that changes a cart or places an order has a number; those of a customer count up. It takes effect only
// if its number is above `last`, and sets it in the same transaction: to send it again does nothing, and one that
// comes late, after a newer one, does nothing either.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/apps/application.h"

namespace tidemark::model::bookstore {

/// What is done wrong on purpose (docs/apps/bookstore.md).
struct Mistakes {
  bool checkout_in_two = false;
  bool edges_apart = false;
  bool no_order_key = false;
  bool late_requests = false;
  bool position_apart = false;
  bool unfenced_count = false;
  bool index_apart = false;
  bool strangers_recommend = false;
};
Mistakes mistakes_of(const WorkloadOptions& options);
std::vector<ApplicationMistake> known_mistakes();

std::string schema(const WorkloadOptions& options, const Mistakes& mistakes);
std::vector<Assertion> assertions();

/// The friendships that the schema makes, among customers 1 to `customers`.
bool friends_at_first(std::int64_t one, std::int64_t other, std::int64_t customers);

/// Orders that the stream worker takes at a time.
inline constexpr std::int64_t kOrdersAtATime = 4;
/// Rows of a list, as in the published application.
inline constexpr std::int64_t kListLength = 20;

/// One transaction for what only reads. Empty: no such action.
///   cart, item              the customer's state (last); the lines (line, book, quantity, name, price)
///   orders                  the state; the lines of all orders (order, key, seq, line, book, quantity, price)
///   bestsellers             position, head; book, quantity, name
///   events                  position; seq, book, quantity
///   recommendations         book, name, friend
///   friends_who_bought      friend
///   books, category, book, search    id, name, author, category, price, rating
std::vector<Statement> reads_of(const ActionBody& action, const Mistakes& mistakes);

/// add, update, remove: the change; the state; the cart.
std::vector<Statement> cart_change(const ActionBody& action, const Mistakes& mistakes);
/// The last statements of a change of the cart and of a checkout.
std::vector<Statement> cart_after(std::int64_t customer);
/// The cart becomes an order, by the rule of changes(): each statement happens only if the one before it did.
std::vector<Statement> order_of_cart(std::int64_t customer, std::int64_t number, const Mistakes& mistakes);
/// The same of lines that were read before, `[[line, book, quantity], ...]`, whoever has ordered them since.
std::vector<Statement> order_of_lines(std::int64_t customer, std::int64_t number, std::string lines);
Statement empty_cart(std::int64_t customer);
Statement purchased_edges(std::int64_t customer, std::int64_t number);
/// The lines of the order that this request has placed, as `orders` shows them.
Statement placed_order(std::int64_t number);

/// The position moves from `from` to `to`, and only if it does the sales are added: `[[book, quantity], ...]`.
std::vector<Statement> count_sales(std::int64_t from, std::int64_t to, std::string sales, const Mistakes& mistakes);
/// Sales alone.
Statement add_sales(std::string sales);
Statement move_position(std::int64_t from, std::int64_t to);
Statement read_position();

}  // namespace tidemark::model::bookstore
