// The tables of Northwind: names, columns and numbers of rows of the published sample (d1-northwind), and the
// references between them, which that sample leaves out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::model::northwind {

struct Column {
  std::string_view name;
  std::string_view type;
  std::string_view references = {};  // "Region" ("Id"); empty: to nothing
};

struct Table {
  std::string_view name;
  std::vector<Column> columns;  // the first is the key, "Id"
  std::int64_t rows = 0;        // of a dump
};

/// All 13: what a row refers to is of its own table or of one before.
const std::vector<Table>& tables();
/// nullptr: there is none of this name.
const Table* find_table(std::string_view name);

/// "Order", as SQL names it.
std::string quoted(std::string_view name);
/// `with_references`: else the table is as it was published.
std::string create(const Table& table, bool with_references);
/// What removes all of it, and then what makes the tables again.
std::vector<std::string> drops();
std::vector<std::string> creates(bool with_references);
inline constexpr std::string_view kView = "ProductDetails_V";
/// CREATE VIEW of this name: products with their categories and suppliers.
std::string create_view();

/// Ids of the orders of a dump.
inline constexpr std::int64_t kFirstOrder = 10'248;
inline constexpr std::int64_t kLastOrder = 11'077;

}  // namespace tidemark::model::northwind
