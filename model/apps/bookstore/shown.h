// What the answers of the bookstore show, in words of its own; store_sql.h says which columns there are. Cells that are
// missing are 0 or empty: a scenario can write any action down.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/apps/application.h"

namespace tidemark::model::bookstore {

struct CartLine {
  std::int64_t line = 0, book = 0, quantity = 0;
  friend bool operator==(const CartLine&, const CartLine&) = default;
};

struct ShownOrder {
  std::int64_t id = 0;
  std::int64_t key = 0;
  std::int64_t seq = 0;
  std::vector<CartLine> lines;
};

/// One line of an order in the log.
struct Event {
  std::int64_t seq = 0, book = 0, quantity = 0;
};

std::vector<CartLine> cart_lines(const ResultSetRef& rows);
/// Rows of one order follow each other.
std::vector<ShownOrder> shown_orders(const ResultSetRef& rows);
std::vector<Event> shown_events(const ResultSetRef& rows);
/// Empty when it is no text.
std::string text_at(const ResultSetRef& rows, std::uint32_t row, std::uint32_t column);
/// nullptr when there are fewer.
ResultSetRef result(std::span<const ResultSetRef> shown, std::size_t number);
std::uint32_t row_count(const ResultSetRef& rows);

/// Requests with a number of the customer's.
bool is_numbered(const std::string& action);
/// Those whose answers show the customer's state first.
bool shows_state(const std::string& action);

}  // namespace tidemark::model::bookstore
