#include "model/apps/northwind/northwind.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "model/apps/northwind/dump.h"
#include "model/apps/northwind/northwind_truths.h"
#include "model/apps/northwind/queries.h"
#include "model/apps/northwind/staff.h"
#include "model/apps/northwind/tables.h"

namespace tidemark::model {
namespace {

using northwind::Flaw;
using northwind::Table;

/// Of the mistake import-in-parts. The first part makes all tables.
constexpr std::size_t kStatementsOfAPart = 40;
constexpr std::int64_t kLastPage = 1'000'000;
constexpr std::int64_t kLatestMs = 4'000'000'000'000;  // about the year 2096

/// What is done wrong on purpose.
struct NorthwindMistakes {
  bool import_in_parts = false;
  bool export_in_several_reads = false;
  bool count_and_page_apart = false;
  bool restore_by_clock = false;
  bool no_references = false;
};

/// Up to `most` of them, from `from` on.
std::vector<Statement> taken(std::vector<Statement>& statements, std::size_t from, std::size_t most) {
  const auto begin = statements.begin() + static_cast<std::ptrdiff_t>(from);
  const auto end = begin + static_cast<std::ptrdiff_t>(std::min(most, statements.size() - from));
  return {std::make_move_iterator(begin), std::make_move_iterator(end)};
}

class Northwind final : public Application {
 public:
  explicit Northwind(const WorkloadOptions& options) : options_(options) {
    mistakes_.import_in_parts = makes_mistake(options, "import-in-parts");
    mistakes_.export_in_several_reads = makes_mistake(options, "export-in-several-reads");
    mistakes_.count_and_page_apart = makes_mistake(options, "count-and-page-apart");
    mistakes_.restore_by_clock = makes_mistake(options, "restore-by-clock");
    mistakes_.no_references = makes_mistake(options, "no-references");
  }

  std::vector<ActionShape> actions() const override {
    return {{"list", "ti", false},   {"search", "tt", false}, {"customer", "t", false},  {"employee", "i", false},
            {"product", "i", false}, {"order", "i", false},   {"place", "itiiii", true}, {"cancel", "i", true},
            {"import", "ii", true},  {"export", "", false},   {"remember", "", false},   {"slip", "", true},
            {"restore", "ti", true}};
  }
  std::string schema() const override { return ""; }
  std::vector<std::string> load() const override {
    return northwind::dump_of(0, Flaw::kNone, !mistakes_.no_references);
  }
  std::unique_ptr<User> user(ClientPlace place) const override { return northwind::make_user(place, options_); }
  /// What an administrator does begins at the primary: a replica may not have the newest state.
  SessionToken opens_with(const ActionBody& action, const SessionToken& header) const override {
    const bool newest = action.name == "export" || action.name == "remember";
    return newest ? SessionToken::first_primary() : header;
  }
  sim::Task<void> handle(Call& call) const override;
  std::vector<Assertion> assertions() const override;
  std::unique_ptr<Truths> truths() const override { return std::make_unique<NorthwindTruths>(); }

 private:
  sim::Task<void> list(Call& call) const;
  sim::Task<void> write(Call& call) const;
  sim::Task<void> import_dump(Call& call) const;
  sim::Task<void> export_all(Call& call) const;
  sim::Task<void> restore(Call& call) const;
  /// `apart`: a query each, not one transaction.
  static sim::Task<void> show(Call& call, std::vector<Statement> queries, bool apart);

  const WorkloadOptions options_;
  NorthwindMistakes mistakes_;
};

sim::Task<void> Northwind::handle(Call& call) const {
  const std::string& action = call.action();
  if (action == "list") return list(call);
  if (action == "import") return import_dump(call);
  if (action == "export") return export_all(call);
  if (action == "restore") return restore(call);
  if (action == "place" || action == "cancel" || action == "slip") return write(call);
  std::vector<Statement> queries;
  if (action == "remember") {
    queries.push_back(northwind::count_of("Order"));
  } else if (action == "search") {
    const bool products = call.value(0) == SqlValue(std::string("Product"));
    queries.push_back(northwind::search_of(products, call.value(1)));
  } else {
    queries = northwind::queries_of(call);
  }
  return show(call, std::move(queries), false);
}

sim::Task<void> Northwind::show(Call& call, std::vector<Statement> queries, bool apart) {
  const std::size_t at_once = apart ? 1 : queries.size();
  for (std::size_t from = 0; from < queries.size(); from += at_once) {
    std::vector<Statement> some = taken(queries, from, at_once);
    const std::size_t count = some.size();
    const bool done = co_await call.batch(std::move(some));
    if (!done) co_return;
    for (std::size_t i = 0; i < count; ++i) call.show(call.rows(i));
  }
}

sim::Task<void> Northwind::list(Call& call) const {
  const auto* const name = std::get_if<std::string>(&call.value(0));
  const bool known = name != nullptr && northwind::find_table(*name) != nullptr;
  const std::int64_t page = call.integer(1);
  if (!known || page < 0 || page > kLastPage) {
    call.not_found();
    co_return;
  }
  std::vector<Statement> queries;
  queries.push_back(northwind::count_of(*name));
  queries.push_back(northwind::page_of(*name, page));
  co_await show(call, std::move(queries), mistakes_.count_and_page_apart);
}

sim::Task<void> Northwind::write(Call& call) const {
  std::vector<Statement> writes;
  if (call.action() == "place") {
    writes = northwind::order_of(call);
  } else if (call.action() == "cancel") {
    // Its details go with it, by the reference.
    writes.push_back(
        bound("DELETE FROM \"Order\" WHERE \"Id\" = ?1 AND \"Id\" > ?2", call.value(0), northwind::kLastOrder));
  } else {
    writes.push_back(bound("DELETE FROM \"OrderDetail\""));
  }
  const bool done = co_await call.batch(std::move(writes));
  if (done && call.action() == "place" && call.changes() == 0) call.refuse("there is an order of this number already");
}

sim::Task<void> Northwind::import_dump(Call& call) const {
  const std::int64_t flaw = call.integer(1);
  if (flaw < 0 || flaw >= northwind::kFlaws) {
    call.not_found();
    co_return;
  }
  std::vector<Statement> rest;
  for (std::string& sql : northwind::dump_of(call.integer(0), static_cast<Flaw>(flaw), !mistakes_.no_references))
    rest.push_back({std::move(sql), {}});
  const std::size_t at_once = mistakes_.import_in_parts ? kStatementsOfAPart : rest.size();
  for (std::size_t from = 0; from < rest.size(); from += at_once) {
    std::vector<Statement> part = taken(rest, from, at_once);
    if (from != 0) part.insert(part.begin(), bound("PRAGMA defer_foreign_keys = on"));
    const bool done = co_await call.batch(std::move(part));
    if (!done) co_return;
  }
}

sim::Task<void> Northwind::export_all(Call& call) const {
  return show(call, northwind::export_queries(), mistakes_.export_in_several_reads);
}

sim::Task<void> Northwind::restore(Call& call) const {
  const auto* const text = std::get_if<std::string>(&call.value(0));
  const SessionToken to = text == nullptr ? SessionToken() : SessionToken::parse(*text);
  const std::int64_t noted_ms = call.integer(1);
  if (to.kind() != SessionToken::Kind::kBookmark || noted_ms < 0 || noted_ms > kLatestMs) {
    call.not_found();
    co_return;
  }
  bool done = false;
  if (mistakes_.restore_by_clock) {
    done = co_await call.restore_to_time(sim::Instant::from_ns(noted_ms * 1'000'000));
  } else {
    done = co_await call.restore(to);
  }
  if (done) call.show(call.rows());
}

/// Rows of `child` whose `column` names no row of `parent`.
std::string dangling(const std::string& child, const std::string& column, const std::string& parent) {
  using northwind::quoted;
  return "SELECT '" + child + "' AS child, c.\"Id\" AS row, c." + quoted(column) + " AS names, '" + parent +
         "' AS parent FROM " + quoted(child) + " c WHERE c." + quoted(column) +
         " IS NOT NULL AND NOT EXISTS (SELECT 1 FROM " + quoted(parent) + " p WHERE p.\"Id\" = c." + quoted(column) +
         ")";
}

std::string all_dangling() {
  std::string sql;
  for (const Table& table : northwind::tables()) {
    for (const northwind::Column& column : table.columns) {
      if (column.references.empty()) continue;
      const std::string_view parent = column.references.substr(1, column.references.find('"', 1) - 1);
      if (!sql.empty()) sql += " UNION ALL ";
      sql += dangling(std::string(table.name), std::string(column.name), std::string(parent));
    }
  }
  return sql;
}

/// Tables of which a state has another number of rows than a dump. Orders that were taken since do not count; a slip
/// takes all details.
std::string not_whole() {
  std::string counts;
  for (const Table& table : northwind::tables()) {
    const bool orders = table.name == "Order", details = table.name == "OrderDetail";
    if (table.rows == 0) continue;
    if (!counts.empty()) counts += " UNION ALL ";
    counts += "SELECT '" + std::string(table.name) + "' AS name, " + std::to_string(table.rows) +
              " AS due, count(*) AS n FROM " + northwind::quoted(table.name);
    if (orders) counts += " WHERE \"Id\" <= " + std::to_string(northwind::kLastOrder);
    if (details) counts += " WHERE \"OrderId\" <= " + std::to_string(northwind::kLastOrder);
  }
  return "SELECT name, due, n FROM (" + counts + ") WHERE n <> due AND NOT (name = 'OrderDetail' AND n = 0)";
}

std::string editions() {
  std::string sql;
  for (const auto& [table, column] : {std::pair{"Category", "\"Description\""}, std::pair{"Supplier", "\"HomePage\""},
                                      std::pair{"Employee", "\"Notes\""}}) {
    if (!sql.empty()) sql += " UNION ALL ";
    sql += "SELECT '" + std::string(table) + "' AS name, \"Id\" AS row, " + northwind::edition_in(column) +
           " AS edition FROM " + northwind::quoted(table);
  }
  return sql;
}

std::vector<Assertion> Northwind::assertions() const {
  return {
      {"foreign-keys-hold", all_dangling(), "row {row} of {child} names {names} of {parent}, which is not there"},
      {"import-is-whole", not_whole(), "{name} has {n} rows of a dump, not {due}"},
      {"failed-import-leaves-nothing", "SELECT name, row, -edition AS dump FROM (" + editions() + ") WHERE edition < 0",
       "row {row} of {name} is of dump {dump}, which could not be imported"},
  };
}

}  // namespace

ApplicationInfo northwind_application() {
  return {kNorthwind,
          "The dashboard of a shop with 13 tables: pages, orders, import, export, Time Travel.",
          {{"import-in-parts", "A dump is imported in several batches: import-is-whole, failed-import-leaves-nothing."},
           {"export-in-several-reads", "Each table is exported by a query of its own: export-is-one-state."},
           {"count-and-page-apart", "Count and page of a list are two queries: count-and-page-agree."},
           {"restore-by-clock", "Back to the second that was noted, not to the bookmark: restore-is-the-bookmark."},
           {"no-references", "The tables as published, without foreign keys: foreign-keys-hold."}},
          [](const WorkloadOptions& options) -> std::shared_ptr<const Application> {
            return std::make_shared<Northwind>(options);
          }};
}

}  // namespace tidemark::model
