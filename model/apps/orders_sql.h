// The statements of Cloudflare's d1-starter-sessions-api template: what the two forms of the shop have in common, the
// workload whose history the checkers of consistency know (model/apps/orders.h) and the application with truths of its
// own (model/apps/orders/).
#pragma once

#include <string_view>

namespace tidemark::model::orders_sql {

inline constexpr std::string_view kSelectAll = "SELECT * FROM Orders";
inline constexpr std::string_view kInsert =
    "INSERT INTO Orders (customerId, orderId, quantity) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
inline constexpr std::string_view kCreate =
    "CREATE TABLE IF NOT EXISTS Orders (customerId TEXT NOT NULL, orderId TEXT NOT NULL, quantity INTEGER NOT NULL, "
    "PRIMARY KEY (customerId, orderId))";
/// One text, and so one transaction.
inline constexpr std::string_view kReset =
    "DROP TABLE IF EXISTS Orders; CREATE TABLE IF NOT EXISTS Orders (customerId TEXT NOT NULL, orderId TEXT NOT NULL, "
    "quantity INTEGER NOT NULL, PRIMARY KEY (customerId, orderId))";
/// Part of the error's text where the table is not there.
inline constexpr std::string_view kNoTable = "no such table: Orders: SQLITE_ERROR";

}  // namespace tidemark::model::orders_sql
