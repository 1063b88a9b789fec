#include "model/apps/northwind/tables.h"

#include <algorithm>

namespace tidemark::model::northwind {
namespace {

// Types as the sample declares them: their affinities are TEXT, INTEGER, NUMERIC and REAL.
constexpr std::string_view kNumberKey = "INTEGER PRIMARY KEY";
constexpr std::string_view kTextKey = "VARCHAR(8000) PRIMARY KEY";
constexpr std::string_view kText = "VARCHAR(8000) NULL";
constexpr std::string_view kNumber = "INTEGER NOT NULL";
constexpr std::string_view kMoney = "DECIMAL NOT NULL";

std::vector<Table> make_tables() {
  return {
      {"Region", {{"Id", kNumberKey}, {"RegionDescription", kText}}, 4},
      {"Territory",
       {{"Id", kTextKey}, {"TerritoryDescription", kText}, {"RegionId", kNumber, "\"Region\" (\"Id\")"}},
       53},
      {"Employee",
       {{"Id", kNumberKey},
        {"LastName", kText},
        {"FirstName", kText},
        {"Title", kText},
        {"TitleOfCourtesy", kText},
        {"BirthDate", kText},
        {"HireDate", kText},
        {"Address", kText},
        {"City", kText},
        {"Region", kText},
        {"PostalCode", kText},
        {"Country", kText},
        {"HomePhone", kText},
        {"Extension", kText},
        {"Photo", "BLOB NULL"},
        {"Notes", kText},
        {"ReportsTo", "INTEGER NULL", "\"Employee\" (\"Id\")"},
        {"PhotoPath", kText}},
       9},
      {"EmployeeTerritory",
       {{"Id", kTextKey},
        {"EmployeeId", kNumber, "\"Employee\" (\"Id\")"},
        {"TerritoryId", kText, "\"Territory\" (\"Id\")"}},
       49},
      {"Category", {{"Id", kNumberKey}, {"CategoryName", kText}, {"Description", kText}}, 8},
      {"Supplier",
       {{"Id", kNumberKey},
        {"CompanyName", kText},
        {"ContactName", kText},
        {"ContactTitle", kText},
        {"Address", kText},
        {"City", kText},
        {"Region", kText},
        {"PostalCode", kText},
        {"Country", kText},
        {"Phone", kText},
        {"Fax", kText},
        {"HomePage", kText}},
       29},
      {"Product",
       {{"Id", kNumberKey},
        {"ProductName", kText},
        {"SupplierId", kNumber, "\"Supplier\" (\"Id\")"},
        {"CategoryId", kNumber, "\"Category\" (\"Id\")"},
        {"QuantityPerUnit", kText},
        {"UnitPrice", kMoney},
        {"UnitsInStock", kNumber},
        {"UnitsOnOrder", kNumber},
        {"ReorderLevel", kNumber},
        {"Discontinued", kNumber}},
       77},
      {"Shipper", {{"Id", kNumberKey}, {"CompanyName", kText}, {"Phone", kText}}, 3},
      {"Customer",
       {{"Id", kTextKey},
        {"CompanyName", kText},
        {"ContactName", kText},
        {"ContactTitle", kText},
        {"Address", kText},
        {"City", kText},
        {"Region", kText},
        {"PostalCode", kText},
        {"Country", kText},
        {"Phone", kText},
        {"Fax", kText}},
       91},
      {"CustomerDemographic", {{"Id", kTextKey}, {"CustomerDesc", kText}}, 0},
      {"CustomerCustomerDemo",
       {{"Id", kTextKey, "\"Customer\" (\"Id\")"}, {"CustomerTypeId", kText, "\"CustomerDemographic\" (\"Id\")"}},
       0},
      {"Order",
       {{"Id", kNumberKey},
        {"CustomerId", kText, "\"Customer\" (\"Id\")"},
        {"EmployeeId", kNumber, "\"Employee\" (\"Id\")"},
        {"OrderDate", kText},
        {"RequiredDate", kText},
        {"ShippedDate", kText},
        {"ShipVia", "INTEGER NULL", "\"Shipper\" (\"Id\")"},
        {"Freight", kMoney},
        {"ShipName", kText},
        {"ShipAddress", kText},
        {"ShipCity", kText},
        {"ShipRegion", kText},
        {"ShipPostalCode", kText},
        {"ShipCountry", kText}},
       kLastOrder - kFirstOrder + 1},
      {"OrderDetail",
       {{"Id", kTextKey},
        {"OrderId", kNumber, "\"Order\" (\"Id\") ON DELETE CASCADE"},
        {"ProductId", kNumber, "\"Product\" (\"Id\")"},
        {"UnitPrice", kMoney},
        {"Quantity", kNumber},
        {"Discount", "DOUBLE NOT NULL"}},
       2155},
  };
}

}  // namespace

const std::vector<Table>& tables() {
  static const std::vector<Table> kTables = make_tables();
  return kTables;
}

const Table* find_table(std::string_view name) {
  const auto found =
      std::find_if(tables().begin(), tables().end(), [&](const Table& table) { return table.name == name; });
  return found == tables().end() ? nullptr : &*found;
}

std::string quoted(std::string_view name) {
  return "\"" + std::string(name) + "\"";
}

std::string create(const Table& table, bool with_references) {
  std::string sql = "CREATE TABLE " + quoted(table.name) + " (";
  for (const Column& column : table.columns) {
    if (&column != &table.columns.front()) sql += ", ";
    sql += quoted(column.name) + " " + std::string(column.type);
    if (with_references && !column.references.empty()) sql += " REFERENCES " + std::string(column.references);
  }
  return sql + ")";
}

std::vector<std::string> drops() {
  std::vector<std::string> all = {"DROP VIEW IF EXISTS \"ProductDetails_V\""};
  for (auto table = tables().rbegin(); table != tables().rend(); ++table)
    all.push_back("DROP TABLE IF EXISTS " + quoted(table->name));
  return all;
}

std::vector<std::string> creates(bool with_references) {
  std::vector<std::string> all;
  for (const Table& table : tables()) all.push_back(create(table, with_references));
  all.push_back(create_view());
  return all;
}

std::string create_view() {
  return "CREATE VIEW \"ProductDetails_V\" AS SELECT p.*, c.\"CategoryName\", c.\"Description\" AS "
         "\"CategoryDescription\", s.\"CompanyName\" AS \"SupplierName\", s.\"Region\" AS \"SupplierRegion\" FROM "
         "\"Product\" p JOIN \"Category\" c ON p.\"CategoryId\" = c.\"Id\" JOIN \"Supplier\" s ON s.\"Id\" = "
         "p.\"SupplierId\"";
}

}  // namespace tidemark::model::northwind
