// Orders: the shop of Cloudflare's d1-starter-sessions-api template, with its page (docs/apps/orders.md).
//
//   list()                            GET  /api/orders   select all
//   order(customer, order, quantity)  POST /api/orders   insert, on conflict do nothing; then select all
//   reset()                           POST /api/reset    drop and create, one prepared text
//   other(path)                       GET  anything else: 404, without a query
//
// The database begins empty: whoever finds no table makes it and does the whole again. Customer and order are chosen by
// the page, so that an order that is sent again is the same order.
#pragma once

#include <string_view>

#include "model/apps/application.h"

namespace tidemark::model {

/// Of Call::note(): the order is in the table; and: there was no table, and now there is one.
inline constexpr std::string_view kOrderPlaced = "the order is placed";
inline constexpr std::string_view kTableMade = "there was no table";

ApplicationInfo orders_application();

}  // namespace tidemark::model
