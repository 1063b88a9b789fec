#include "model/apps/northwind/queries.h"

#include <string_view>

#include "model/apps/northwind/staff.h"
#include "model/apps/northwind/tables.h"

namespace tidemark::model::northwind {
namespace {

constexpr std::string_view kCustomer = R"(SELECT * FROM "Customer" WHERE "Id" = ?1)";
constexpr std::string_view kOrdersOfCustomer = R"(
  SELECT "Id", "OrderDate", "Freight" FROM "Order" WHERE "CustomerId" = ?1 ORDER BY "Id")";
constexpr std::string_view kEmployee = R"(
  SELECT e.*, r."FirstName" || ' ' || r."LastName" AS "ReportsToName"
  FROM "Employee" e LEFT JOIN "Employee" r ON r."Id" = e."ReportsTo" WHERE e."Id" = ?1)";
constexpr std::string_view kTerritories = R"(
  SELECT t."Id", t."TerritoryDescription", g."RegionDescription"
  FROM "EmployeeTerritory" x JOIN "Territory" t ON t."Id" = x."TerritoryId" JOIN "Region" g ON g."Id" = t."RegionId"
  WHERE x."EmployeeId" = ?1 ORDER BY t."Id")";
constexpr std::string_view kProduct = R"(SELECT * FROM "ProductDetails_V" WHERE "Id" = ?1)";
constexpr std::string_view kOrder = R"(
  SELECT o.*, c."CompanyName", s."CompanyName" AS "Shipper"
  FROM "Order" o JOIN "Customer" c ON c."Id" = o."CustomerId" LEFT JOIN "Shipper" s ON s."Id" = o."ShipVia"
  WHERE o."Id" = ?1)";
constexpr std::string_view kDetails = R"(
  SELECT d."Id", p."ProductName", d."UnitPrice", d."Quantity", d."Discount"
  FROM "OrderDetail" d JOIN "Product" p ON p."Id" = d."ProductId" WHERE d."OrderId" = ?1 ORDER BY d."Id")";

constexpr std::string_view kProductsWith = R"(
  SELECT "Id", "ProductName", "QuantityPerUnit", "UnitPrice", "UnitsInStock" FROM "Product"
  WHERE "ProductName" LIKE '%' || ?1 || '%' LIMIT 50)";
constexpr std::string_view kCustomersWith = R"(
  SELECT "Id", "CompanyName", "ContactName", "ContactTitle", "City", "Country" FROM "Customer"
  WHERE "CompanyName" LIKE '%' || ?1 || '%' OR "ContactName" LIKE '%' || ?1 || '%'
     OR "ContactTitle" LIKE '%' || ?1 || '%' OR "Address" LIKE '%' || ?1 || '%' LIMIT 50)";

// changes() is that of the statement before: what follows an order happens only where the order was new.
constexpr std::string_view kNewOrder = R"(
  INSERT INTO "Order" ("Id", "CustomerId", "EmployeeId", "OrderDate", "RequiredDate", "ShipVia", "Freight", "ShipName",
                       "ShipAddress", "ShipCity", "ShipRegion", "ShipPostalCode", "ShipCountry")
  SELECT ?1, "Id", ?3, '2024-04-01', '2024-04-29', 1 + ?1 % 3, 12.5, "CompanyName",
         "Address", "City", "Region", "PostalCode", "Country"
  FROM "Customer" WHERE "Id" = ?2 ON CONFLICT DO NOTHING)";
constexpr std::string_view kNewDetails = R"(
  INSERT INTO "OrderDetail" SELECT ?1 || '/' || "Id", ?1, "Id", "UnitPrice", ?4, 0
  FROM "Product" WHERE "Id" IN (?2, ?3) AND changes() = 1)";
constexpr std::string_view kLessStock = R"(
  UPDATE "Product" SET "UnitsInStock" = max("UnitsInStock" - ?3, 0) WHERE "Id" IN (?1, ?2) AND changes() = 2)";

/// What a list shows.
std::string columns_of(const std::string& table) {
  if (table == "Customer") return R"("Id", "CompanyName", "ContactName", "ContactTitle", "City", "Country")";
  if (table == "Employee") return R"("Id", "LastName", "FirstName", "Title", "City", "HomePhone")";
  if (table == "Order") return R"("Id", "CustomerId", "OrderDate", "Freight", "ShipName", "ShipCity")";
  if (table == "Product") return R"("Id", "ProductName", "QuantityPerUnit", "UnitPrice", "UnitsInStock")";
  if (table == "Supplier") return R"("Id", "CompanyName", "ContactName", "City", "Country")";
  return "*";
}

}  // namespace

Statement count_of(const std::string& table) {
  return bound("SELECT count(*) AS total FROM " + quoted(table));
}

Statement page_of(const std::string& table, std::int64_t page) {
  return bound("SELECT " + columns_of(table) + " FROM " + quoted(table) + " ORDER BY \"Id\" LIMIT ?1 OFFSET ?2",
               kPageRows, page * kPageRows);
}

Statement search_of(bool products, const SqlValue& word) {
  return bound(products ? kProductsWith : kCustomersWith, word);
}

std::vector<Statement> queries_of(const Call& call) {
  const SqlValue& id = call.value(0);
  std::vector<Statement> queries;
  if (call.action() == "customer") {
    queries.push_back(bound(kCustomer, id));
    queries.push_back(bound(kOrdersOfCustomer, id));
  } else if (call.action() == "employee") {
    queries.push_back(bound(kEmployee, id));
    queries.push_back(bound(kTerritories, id));
  } else if (call.action() == "product") {
    queries.push_back(bound(kProduct, id));
  } else {
    queries.push_back(bound(kOrder, id));
    queries.push_back(bound(kDetails, id));
  }
  return queries;
}

std::vector<Statement> order_of(const Call& call) {
  const SqlValue &order = call.value(0), &customer = call.value(1), &employee = call.value(2), &first = call.value(3),
                 &second = call.value(4), &quantity = call.value(5);
  std::vector<Statement> writes;
  writes.push_back(bound(kNewOrder, order, customer, employee));
  writes.push_back(bound(kNewDetails, order, first, second, quantity));
  writes.push_back(bound(kLessStock, first, second, quantity));
  return writes;
}

}  // namespace tidemark::model::northwind
