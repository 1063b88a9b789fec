#include "model/apps/bookstore/shown.h"

namespace tidemark::model::bookstore {

std::uint32_t row_count(const ResultSetRef& rows) {
  return rows ? rows->rows() : 0;
}

ResultSetRef result(std::span<const ResultSetRef> shown, std::size_t number) {
  return number < shown.size() ? shown[number] : nullptr;
}

std::string text_at(const ResultSetRef& rows, std::uint32_t row, std::uint32_t column) {
  if (row >= row_count(rows) || column >= rows->columns()) return "";
  const Cell& cell = rows->row(row)[column];
  return cell.type == CellType::kText ? std::string(cell.text()) : "";
}

std::vector<CartLine> cart_lines(const ResultSetRef& rows) {
  std::vector<CartLine> lines;
  for (std::uint32_t row = 0; row < row_count(rows); ++row)
    lines.push_back({number_at(rows, row, 0), number_at(rows, row, 1), number_at(rows, row, 2)});
  return lines;
}

std::vector<ShownOrder> shown_orders(const ResultSetRef& rows) {
  std::vector<ShownOrder> orders;
  for (std::uint32_t row = 0; row < row_count(rows); ++row) {
    const std::int64_t id = number_at(rows, row, 0);
    if (orders.empty() || orders.back().id != id)
      orders.push_back({id, number_at(rows, row, 1), number_at(rows, row, 2), {}});
    orders.back().lines.push_back({number_at(rows, row, 3), number_at(rows, row, 4), number_at(rows, row, 5)});
  }
  return orders;
}

std::vector<Event> shown_events(const ResultSetRef& rows) {
  std::vector<Event> events;
  for (std::uint32_t row = 0; row < row_count(rows); ++row)
    events.push_back({number_at(rows, row, 0), number_at(rows, row, 1), number_at(rows, row, 2)});
  return events;
}

bool is_numbered(const std::string& action) {
  return action == "add" || action == "update" || action == "remove" || action == "checkout";
}

bool shows_state(const std::string& action) {
  return is_numbered(action) || action == "cart" || action == "item" || action == "orders";
}

}  // namespace tidemark::model::bookstore
