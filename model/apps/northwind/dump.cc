#include "model/apps/northwind/dump.h"

#include <array>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "model/apps/northwind/tables.h"

namespace tidemark::model::northwind {
namespace {

constexpr std::size_t kRowsOfAStatement = 25;
constexpr std::size_t kLongestStatement = 100'000;

constexpr std::array<std::string_view, 16> kBegins = {"Al", "Ber", "Cas", "Dor", "El",  "Fen", "Gar", "Hol",
                                                      "In", "Jar", "Kel", "Lor", "Mar", "Nor", "Os",  "Per"};
constexpr std::array<std::string_view, 16> kEnds = {"ado", "bury", "chester", "den",  "ester", "ford", "gate", "ham",
                                                    "ino", "kirk", "land",    "mont", "nova",  "ora",  "port", "wick"};
constexpr std::array<std::string_view, 8> kGoods = {"Tea",   "Syrup", "Chocolate",   "Cheese",
                                                    "Bread", "Ham",   "Dried Pears", "Crab"};
constexpr std::array<std::string_view, 8> kCategories = {"Beverages", "Condiments", "Confections", "Dairy",
                                                         "Grains",    "Meat",       "Produce",     "Seafood"};
constexpr std::array<std::string_view, 6> kTitles = {"Owner",         "Sales Agent",       "Order Administrator",
                                                     "Sales Manager", "Marketing Manager", "Accounting Manager"};
constexpr std::array<std::string_view, 8> kCountries = {"Norway", "Spain",  "Brazil", "Japan",
                                                        "Canada", "France", "Italy",  "Sweden"};
constexpr std::array<std::string_view, 4> kRegions = {"Eastern", "Western", "Northern", "Southern"};
constexpr std::array<std::string_view, 3> kShippers = {"Speedy Freight", "United Parcels", "Federal Cargo"};

/// Numbers of one row: the same for the same edition, table and row, on every machine.
class Draws {
 public:
  Draws(std::int64_t edition, std::size_t table, std::int64_t row)
      : state_(static_cast<std::uint64_t>(edition) * 0x9e3779b97f4a7c15ULL + table * 0xbf58476d1ce4e5b9ULL +
               static_cast<std::uint64_t>(row) * 0x94d049bb133111ebULL) {}
  /// Of 0 to n - 1. (splitmix64)
  std::int64_t below(std::int64_t n) {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    z ^= z >> 31;
    return static_cast<std::int64_t>(z % static_cast<std::uint64_t>(n));
  }
  template <std::size_t N>
  std::string of(const std::array<std::string_view, N>& words) {
    return std::string(words[static_cast<std::size_t>(below(N))]);
  }
  std::string name() {
    std::string text = of(kBegins);
    return text + of(kEnds);
  }
  std::string goods() {
    std::string text = name() + " ";
    return text + of(kGoods);
  }
  std::string digits(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += static_cast<char>('0' + below(10));
    return text;
  }
  std::string phone() {
    std::string text = "(" + digits(3);
    return text + ") 555-" + digits(4);
  }
  std::string date(std::int64_t first_year, std::int64_t years) {
    const auto two = [](std::int64_t number) {
      std::string text = number < 10 ? "0" : "";
      return text + std::to_string(number);
    };
    std::string text = std::to_string(first_year + below(years));
    text += "-" + two(1 + below(12));
    return text + "-" + two(1 + below(28));
  }

 private:
  std::uint64_t state_;
};

/// The values of a row as SQL writes them, without quotes in texts.
class Row {
 public:
  Row& number(std::int64_t value) { return add(std::to_string(value)); }
  Row& text(std::string_view value) {
    TIDEMARK_ASSERT(value.find('\'') == std::string_view::npos, "nothing here needs quoting");
    return add("'" + std::string(value) + "'");
  }
  Row& null() { return add("NULL"); }
  Row& money(std::int64_t cents) {
    const std::int64_t rest = cents % 100;
    return add(std::to_string(cents / 100) + (rest < 10 ? ".0" : ".") + std::to_string(rest));
  }
  Row& line(const std::string& value) { return add(value); }
  std::string str() const { return "(" + text_ + ")"; }

 private:
  Row& add(const std::string& value) {
    if (!text_.empty()) text_ += ", ";
    text_ += value;
    return *this;
  }
  std::string text_;
};

std::string edition_text(std::int64_t edition, const std::string& rest) {
  return "Edition " + std::to_string(edition) + ": " + rest;
}

std::string territory_id(std::int64_t number) {
  const std::string digits = std::to_string(1'581 + number * 1'847 % 98'000);
  return std::string(5 - digits.size(), '0') + digits;
}

/// Street, city, region, postal code, country.
void add_address(Row& row, Draws& draws) {
  const std::string number = std::to_string(1 + draws.below(9'000));
  row.text(number + " " + draws.name() + " Street").text(draws.name());
  if (draws.below(3) == 0) {
    row.null();
  } else {
    row.text(draws.of(kRegions));
  }
  row.text(draws.digits(5)).text(draws.of(kCountries));
}

void add_contact(Row& row, Draws& draws) {
  row.text(draws.goods() + " Company");
  const std::string first = draws.name();
  row.text(first + " " + draws.name()).text(draws.of(kTitles));
}

Row employee(std::int64_t edition, std::int64_t number, Draws& draws) {
  Row row;
  row.number(number + 1).text(draws.name()).text(draws.name()).text(draws.of(kTitles)).text("Dr.");
  row.text(draws.date(1950, 20)).text(draws.date(1992, 3));
  add_address(row, draws);
  row.text(draws.phone()).text(draws.digits(4)).null();
  row.text(
      edition_text(edition, "has sold " + draws.goods() + " since the first year of the house, and travels a lot"));
  // All report to the second, and some to the fifth, who reports to the second.
  if (number == 1) {
    row.null();
  } else {
    row.number(number > 4 && number < 8 ? 5 : 2);
  }
  return row.text("http://example.com/photos/" + std::to_string(number + 1) + ".bmp");
}

Row supplier(std::int64_t edition, std::int64_t number, Draws& draws) {
  Row row;
  row.number(number + 1);
  add_contact(row, draws);
  add_address(row, draws);
  row.text(draws.phone()).null();
  return row.text(edition_text(edition, "http://example.com/suppliers/" + std::to_string(number + 1)));
}

Row product(std::int64_t edition, std::int64_t number, Draws& draws) {
  Row row;
  row.number(number + 1).text(draws.goods() + " " + std::to_string(number + 1));
  row.number(1 + draws.below(29)).number(1 + draws.below(8));
  row.text(std::to_string(1 + draws.below(48)) + " boxes");
  // Prices are the edition's.
  row.money(250 + draws.below(9'000) + edition % 100).number(1'000 + draws.below(100)).number(draws.below(50));
  return row.number(draws.below(30)).number(draws.below(10) == 0 ? 1 : 0);
}

Row customer(std::int64_t number, Draws& draws) {
  Row row;
  row.text(customer_id(number));
  add_contact(row, draws);
  add_address(row, draws);
  return row.text(draws.phone()).text(draws.phone());
}

Row order(std::int64_t number, Draws& draws) {
  Row row;
  row.number(kFirstOrder + number).text(customer_id(draws.below(91))).number(1 + draws.below(9));
  row.text(draws.date(2012, 2)).text(draws.date(2014, 1));
  if (draws.below(40) == 0) {
    row.null();
  } else {
    row.text(draws.date(2014, 1));
  }
  row.number(1 + draws.below(3)).money(100 + draws.below(50'000));
  row.text(draws.goods());
  add_address(row, draws);
  return row;
}

/// 495 of the 830 orders have three details, the others two.
std::int64_t details_before(std::int64_t order) {
  return 2 * order + order * 495 / 830;
}

Row detail(std::int64_t number) {
  std::int64_t of = number * 830 / 2155;
  while (details_before(of + 1) <= number) ++of;
  while (details_before(of) > number) --of;
  Draws draws(0, 12, of);
  // Different products of one order.
  const std::int64_t product = 1 + (draws.below(77) + (number - details_before(of)) * 13) % 77;
  Row row;
  const std::string id = std::to_string(kFirstOrder + of) + "/" + std::to_string(product);
  row.text(id).number(kFirstOrder + of).number(product);
  row.money(200 + draws.below(12'000) + product).number(1 + draws.below(60));
  return row.line(draws.below(3) == 0 ? "0.05" : "0.0");
}

std::string row_of(std::size_t table, std::int64_t edition, std::int64_t number) {
  Draws draws(edition, table, number);
  Row row;
  switch (table) {
    case 0:
      row.number(number + 1).text(kRegions[static_cast<std::size_t>(number)]);
      break;
    case 1:
      row.text(territory_id(number)).text(draws.name()).number(1 + number % 4);
      break;
    case 2:
      row = employee(edition, number, draws);
      break;
    case 3: {
      const std::string territory = territory_id(number);
      row.text(std::to_string(1 + number % 9) + "/" + territory).number(1 + number % 9).text(territory);
      break;
    }
    case 4:
      row.number(number + 1).text(kCategories[static_cast<std::size_t>(number)]);
      row.text(edition_text(edition, draws.goods() + " and the like"));
      break;
    case 5:
      row = supplier(edition, number, draws);
      break;
    case 6:
      row = product(edition, number, draws);
      break;
    case 7:
      row.number(number + 1).text(kShippers[static_cast<std::size_t>(number)]).text(draws.phone());
      break;
    case 8:
      row = customer(number, draws);
      break;
    case 11:
      row = order(number, draws);
      break;
    default:
      row = detail(number);
  }
  return row.str();
}

void add_rows(std::vector<std::string>& statements, std::size_t table, std::int64_t edition, Flaw flaw) {
  const Table& into = tables()[table];
  std::string statement;
  std::size_t rows = 0;
  for (std::int64_t number = 0; number < into.rows; ++number) {
    const bool dangling = flaw == Flaw::kDangling && into.name == "OrderDetail" && number + 1 == into.rows;
    statement += rows == 0 ? "INSERT INTO " + quoted(into.name) + " VALUES " : ", ";
    statement += dangling ? "('dangling', " + std::to_string(kLastOrder) + ", 9999, 1.0, 1, 0.0)"
                          : row_of(table, edition, number);
    if (++rows < kRowsOfAStatement && number + 1 < into.rows) continue;
    TIDEMARK_ASSERT(statement.size() < kLongestStatement, "rows are short");
    statements.push_back(std::move(statement));
    statement.clear();
    rows = 0;
  }
}

/// What a query of an export makes of the rows of a table: the statements that insert them.
std::string inserts_of(const Table& table) {
  std::string sql = "SELECT 'INSERT INTO " + quoted(table.name) + " VALUES (' || ";
  for (const Column& column : table.columns) {
    if (&column != &table.columns.front()) sql += " || ', ' || ";
    sql += "quote(" + quoted(column.name) + ")";
  }
  return sql + " || ')' AS sql FROM " + quoted(table.name) + " ORDER BY rowid";
}

}  // namespace

std::string customer_id(std::int64_t number) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  Draws draws(0, 8, number);
  std::string id;
  for (int i = 0; i < 3; ++i) id += kLetters[static_cast<std::size_t>(draws.below(26))];
  id += kLetters[static_cast<std::size_t>(number / 26 % 26)];
  return id + kLetters[static_cast<std::size_t>(number % 26)];
}

std::string edition_in(const std::string& column) {
  return "CAST(substr(" + column + ", 9) AS INTEGER)";
}

std::vector<std::string> dump_of(std::int64_t edition, Flaw flaw, bool with_references) {
  // Rows of a table may refer to later ones of the same, and dropping a table counts as deleting its rows.
  std::vector<std::string> statements = {"PRAGMA defer_foreign_keys = on"};
  for (std::string& drop : drops()) statements.push_back(std::move(drop));
  for (std::string& create : creates(with_references)) statements.push_back(std::move(create));
  for (std::size_t table = 0; table < tables().size(); ++table) {
    add_rows(statements, table, edition, flaw);
    if (tables()[table].name != "Order") continue;
    if (flaw == Flaw::kBadStatement) statements.emplace_back("INSERT INTO \"Ordre\" VALUES (1)");
    if (flaw == Flaw::kTooLong)
      statements.push_back("UPDATE \"Order\" SET \"ShipName\" = '" + std::string(kLongestStatement, 'x') + "'");
  }
  return statements;
}

std::vector<Statement> export_queries() {
  std::vector<Statement> queries;
  const auto add = [&](std::string sql) { queries.push_back({std::move(sql), {}}); };
  // Whoever maintains the database may keep tables of his own in it.
  std::string names = "'" + std::string(kView) + "'";
  for (const Table& table : tables()) names += ", '" + std::string(table.name) + "'";
  const std::string schema = "SELECT sql FROM sqlite_schema WHERE tbl_name IN (" + names + ") AND ";
  add("SELECT 'PRAGMA defer_foreign_keys = on' AS sql");
  add(schema + "type = 'table' ORDER BY rowid");
  for (const Table& table : tables()) add(inserts_of(table));
  add(schema + "type <> 'table' AND sql IS NOT NULL ORDER BY rowid");
  return queries;
}

}  // namespace tidemark::model::northwind
