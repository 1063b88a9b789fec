// The SQL of the dashboard's pages.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/apps/call.h"

namespace tidemark::model::northwind {

/// Of a list: how many rows there are, and those of a page (from 0).
Statement count_of(const std::string& table);
Statement page_of(const std::string& table, std::int64_t page);
/// Products or customers in which the word stands.
Statement search_of(bool products, const SqlValue& word);
/// Of the page about one customer, employee, product or order.
std::vector<Statement> queries_of(const Call& call);
/// A new order with its details. Where its number is known nothing happens.
std::vector<Statement> order_of(const Call& call);

}  // namespace tidemark::model::northwind
