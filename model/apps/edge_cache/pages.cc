#include "model/apps/edge_cache/pages.h"

namespace tidemark::model {
namespace {

constexpr std::string_view kState = "SELECT revision FROM state";
constexpr std::string_view kColumns = "SELECT id, category, name, revision FROM items ";
constexpr std::string_view kCount = "UPDATE state SET revision = revision + 1 WHERE changes() = 1";

std::string text_at(const ResultSetRef& rows, std::uint32_t row, std::uint32_t column) {
  if (!rows || row >= rows->rows() || column >= rows->columns()) return "";
  const Cell& cell = rows->row(row)[column];
  return cell.type == CellType::kText ? std::string(cell.text()) : "";
}

std::string columns_and(std::string_view rest) {
  return std::string(kColumns) + std::string(rest);
}

}  // namespace

bool is_page(std::string_view action) {
  return action == "item" || action == "list" || action == "newest";
}

std::string url_of(const ActionBody& page) {
  if (page.name == "item") return "/items/" + std::to_string(number_of(page, 0));
  if (page.name == "list") return "/categories/" + std::to_string(number_of(page, 0)) + "/items";
  return "/items?newest";
}

std::vector<Statement> queries_of(const ActionBody& page) {
  const std::int64_t id = number_of(page, 0);
  std::vector<Statement> both;
  if (page.name == "item") {
    both.push_back(bound(kState));
    both.push_back(bound(columns_and("WHERE id = ?"), id));
  } else if (page.name == "list") {
    both.push_back(bound(
        "SELECT s.revision, c.label, c.revision AS labelled FROM state s LEFT JOIN categories c ON c.id = ?", id));
    both.push_back(bound(columns_and("WHERE category = ? ORDER BY added DESC, id DESC LIMIT ?"), id, kListLength));
  } else {
    both.push_back(bound(kState));
    both.push_back(bound(columns_and("ORDER BY added DESC, id DESC LIMIT ?"), kNewestLength));
  }
  return both;
}

std::string record_of_item(std::int64_t id) {
  return "item " + std::to_string(id);
}

std::string record_of_category(std::int64_t id) {
  return "category " + std::to_string(id);
}

void note_dependencies(CachedAnswer& answer) {
  const ShownPage page = read_page(answer.shown);
  // An item that is not there yet depends on itself too.
  if (answer.request.name == "item") {
    answer.records.push_back(record_of_item(number_of(answer.request, 0)));
    return;
  }
  for (const ShownPage::Row& row : page.rows) answer.records.push_back(record_of_item(row.id));
  if (answer.request.name == "list") answer.records.push_back(record_of_category(number_of(answer.request, 0)));
  answer.tables.emplace_back(kItemsTable);
}

// A write that changes nothing (an item that is not there; one that is added again) counts for nothing: changes() is
// that of the statement before.
std::vector<Statement> writes_of(const ActionBody& write) {
  const auto value = [&](std::size_t index) { return index < write.values.size() ? write.values[index] : SqlValue(); };
  std::vector<Statement> all;
  if (write.name == "rename") {
    all.push_back(bound("UPDATE items SET name = ?2, revision = (SELECT revision + 1 FROM state) WHERE id = ?1",
                        value(0), value(1)));
  } else if (write.name == "add") {
    all.push_back(
        bound("INSERT INTO items (id, category, name, added, revision) SELECT ?1, ?2, ?3, revision + 1, "
              "revision + 1 FROM state WHERE true ON CONFLICT DO NOTHING",
              value(0), value(1), value(2)));
  } else {
    all.push_back(bound("UPDATE categories SET label = ?2, revision = (SELECT revision + 1 FROM state) WHERE id = ?1",
                        value(0), value(1)));
  }
  all.push_back(bound(kCount));
  all.push_back(bound(kState));
  if (write.name == "relabel") {
    all.push_back(bound("SELECT id, id AS category, label, revision FROM categories WHERE id = ?", value(0)));
  } else {
    all.push_back(bound(columns_and("WHERE id = ?"), value(0)));
  }
  return all;
}

ResultSetRef source_of(bool from_cache, std::string_view pop, sim::Duration age) {
  static const ColumnNames kNames = column_names({"source", "pop", "age_ms"});
  ResultSet::Builder builder(kNames);
  builder.add_text(from_cache ? "cache" : "database");
  builder.add_text(pop);
  builder.add_integer(age.ns() / 1'000'000);
  return builder.finish();
}

ShownPage read_page(std::span<const ResultSetRef> shown) {
  ShownPage page;
  if (shown.size() < 2) return page;
  page.revision = number_at(shown[0], 0, 0);
  page.label = text_at(shown[0], 0, 1);
  page.label_revision = number_at(shown[0], 0, 2);
  for (std::uint32_t row = 0; shown[1] && row < shown[1]->rows(); ++row) {
    page.rows.push_back({number_at(shown[1], row, 0), number_at(shown[1], row, 1), number_at(shown[1], row, 3),
                         text_at(shown[1], row, 2)});
  }
  if (shown.size() < 3) return page;
  page.from_cache = text_at(shown[2], 0, 0) == "cache";
  page.pop = text_at(shown[2], 0, 1);
  page.age_ms = number_at(shown[2], 0, 2);
  return page;
}

}  // namespace tidemark::model
