// The pages of the API of edge-cache: their URLs, the SQL behind them, what they depend on, and how answers are read.
//
//   item(id)        /items/17              one item
//   list(category)  /categories/3/items    the label of a category and its newest items
//   newest()        /items?newest          the newest items of all
//
// Every answer shows three results: the state that it was read from (`revision`, and for a list the category's `label`
// and the revision that gave it), the rows (id, category, name, revision), and where it comes from (source, pop, age in
// ms). `revision` counts the writes of the database: it is read and written with the rows, in one transaction, so it
// says of every answer, wherever that was kept, which state it shows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/apps/application.h"
#include "model/apps/edge_cache/cache_store.h"

namespace tidemark::model {

inline constexpr std::int64_t kListLength = 20;
inline constexpr std::int64_t kNewestLength = 10;

/// Is it an action that only reads a page?
bool is_page(std::string_view action);
std::string url_of(const ActionBody& page);
/// The state, then the rows: one transaction.
std::vector<Statement> queries_of(const ActionBody& page);
/// Fills in records and tables from what the page shows.
void note_dependencies(CachedAnswer& answer);
std::string record_of_item(std::int64_t id);
std::string record_of_category(std::int64_t id);
inline constexpr std::string_view kItemsTable = "items";

/// rename(item, name), add(item, category, name), relabel(category, label): what is done; the state after it; the row.
std::vector<Statement> writes_of(const ActionBody& write);
/// The statements of writes_of() and queries_of() whose results an answer shows.
inline constexpr std::size_t kWriteState = 2, kWriteRow = 3;

/// Third result of an answer. `pop`: "FRA".
ResultSetRef source_of(bool from_cache, std::string_view pop, sim::Duration age);

/// What was shown to a user, in words of its own.
struct ShownPage {
  std::int64_t revision = 0;  // of the state
  std::int64_t label_revision = 0;
  std::string label;
  struct Row {
    std::int64_t id = 0, category = 0, revision = 0;
    std::string name;
  };
  std::vector<Row> rows;
  bool from_cache = false;
  std::string pop;
  std::int64_t age_ms = 0;
};
/// Of what a page or a write has shown; missing cells are 0 or empty.
ShownPage read_page(std::span<const ResultSetRef> shown);

}  // namespace tidemark::model
