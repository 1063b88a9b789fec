#include "model/client/hostile.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tidemark::model {
namespace {

/// Texts with $T for the table, $K for its first column and $V for a row that its constraints refuse.
struct Row {
  std::string_view name;
  std::string_view sql;
  std::string_view error;
};

constexpr Row kRows[] = {
    {"an INSERT behind WITH, refused by a constraint", "WITH x(a) AS (SELECT NULL) INSERT INTO $T $V", "constraint"},
    {"an INSERT with RETURNING, refused by a constraint", "INSERT INTO $T $V RETURNING *", "constraint"},
    {"a comment, then an INSERT that is refused", "/* SELECT 1 */ -- SELECT\n INSERT INTO $T $V", "constraint"},
    {"a DELETE behind WITH that finds nothing", "WITH x AS (SELECT 1) DELETE FROM $T WHERE 0", ""},
    {"an UPDATE with RETURNING that finds nothing", "UPDATE $T SET $K = $K WHERE 0 RETURNING *", ""},
    {"EXPLAIN of an INSERT", "EXPLAIN INSERT INTO $T $V", ""},
    {"EXPLAIN QUERY PLAN of a DELETE", "EXPLAIN QUERY PLAN DELETE FROM $T", ""},
    {"a SELECT that speaks of INSERT", "SELECT 'INSERT INTO $T; DROP TABLE $T' AS \"DELETE\" -- DROP", ""},
    {"a table that exists already", "CREATE TABLE IF NOT EXISTS $T (x)", ""},
    {"a DELETE, then a statement that fails", "DELETE FROM $T; SELECT * FROM there_is_no_such_table", "no such table"},
    {"a DROP, then one that is not allowed", "DROP TABLE $T; PRAGMA user_version = 7", "not authorized"},
    {"a SELECT, then an INSERT that is refused", "SELECT 1; INSERT INTO $T $V", "constraint"},
    {"a pragma that writes", "PRAGMA user_version = 7", "not authorized"},
    {"a pragma that changes the journal", "PRAGMA journal_mode = DELETE", "not authorized"},
    {"a pragma that checkpoints", "PRAGMA wal_checkpoint(TRUNCATE)", "not authorized"},
    {"a pragma that opens the schema", "PRAGMA writable_schema = ON", "not authorized"},
    {"the schema itself", "DELETE FROM sqlite_master", "may not be modified"},
    {"a transaction of its own", "BEGIN IMMEDIATE", "not authorized"},
    {"the end of the transaction", "COMMIT", "not authorized"},
    {"the transaction rolled back", "ROLLBACK; DELETE FROM $T", "not authorized"},
    {"a savepoint", "SAVEPOINT here", "not authorized"},
    {"another database", "ATTACH DATABASE 'other.sqlite' AS other", "not authorized"},
    {"a copy to a file", "VACUUM INTO 'copy.sqlite'", "SQLITE_AUTH"},
    {"a temporary table", "CREATE TEMP TABLE t (x)", "not authorized"},
    {"a reserved name", "CREATE TABLE _cf_METADATA (x)", "not authorized"},
    {"an extension", "SELECT load_extension('x')", "not authorized"},
    {"a table of the engine's state", "SELECT * FROM sqlite_stmt", "prohibited"},
    {"no statement", " ; -- nothing\n ;", "did not contain a statement"},
    {"no SQL", "DELETE EVERYTHING NOW", "syntax error"},
    {"parameters that are not bound", "SELECT ?, ?, ?", "Wrong number of parameter bindings"},
    {"more than 100 parameters", "SELECT ?101", "variable number must be between ?1 and ?100"},
    {"a pattern of more than 50 bytes", "SELECT 'x' LIKE '%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%'",
     "LIKE or GLOB pattern too complex"},
    {"a value that is too large", "SELECT zeroblob(5000000)", "string or blob too big"},
    {"more parts than a compound SELECT may have",
     "SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6",
     "too many terms in compound SELECT"},
};
/// And these, which are made.
constexpr std::uint64_t kMade = 3;
constexpr std::size_t kLongestText = 100'000;  // bytes (D1 limits)

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

struct Table {
  std::string_view name;
  std::string_view column;
  std::string_view refused;  // a row
};

Table table_of(WorkloadKind kind) {
  switch (kind) {
    case WorkloadKind::kOrders:
      return {"Orders", "quantity", "SELECT NULL, NULL, NULL"};
    case WorkloadKind::kRegister:
      return {"registers", "v", "(k) SELECT 1 UNION ALL SELECT 1"};
    case WorkloadKind::kAppend:
    case WorkloadKind::kSql:
    case WorkloadKind::kApplication:
      break;
  }
  return {"lists", "v", "(k) SELECT 1 UNION ALL SELECT 1"};
}

HostileRequest made(std::uint64_t number) {
  switch (number) {
    case 0:
      return {"a text of more than 100,000 bytes", {"SELECT '" + std::string(kLongestText, 'x') + "'", {}}, "too long"};
    case 1:
      return {"a NUL character", {std::string("SELECT 1\0; DROP TABLE Orders", 28), {}}, "NUL character"};
    default: {
      std::string sql = "SELECT 1";
      for (int i = 0; i < 200; ++i) sql += "+1";
      return {"an expression too deep", {std::move(sql), {}}, "Expression tree is too large"};
    }
  }
}

/// What any request may meet: nobody to answer, a copy that falls, a copy from before the table, a queue that is full.
bool is_circumstance(std::string_view error) {
  constexpr std::array<std::string_view, 4> kSigns = {"Network connection lost", "caused object to be reset",
                                                      "is overloaded", "no such table"};
  return std::any_of(kSigns.begin(), kSigns.end(),
                     [error](std::string_view sign) { return error.find(sign) != std::string_view::npos; });
}

}  // namespace

std::uint64_t hostile_requests() {
  return std::size(kRows) + kMade;
}

HostileRequest hostile_request(WorkloadKind kind, std::uint64_t number) {
  number %= hostile_requests();
  // The tables of an application are its own affair: what asks for none of them remains.
  while (does_actions(kind) && number < std::size(kRows) && kRows[number].sql.find("$T") != std::string_view::npos)
    ++number;
  if (number >= std::size(kRows)) return made(number - std::size(kRows));
  const Row& row = kRows[number];
  const Table table = table_of(kind);
  std::string sql(row.sql);
  replace_all(sql, "$T", table.name);
  replace_all(sql, "$K", table.column);
  replace_all(sql, "$V", table.refused);
  return {std::string(row.name), {std::move(sql), {}}, std::string(row.error)};
}

std::string judge_hostile(const HostileRequest& request, const HttpResponse& response) {
  const std::string what = "a hostile request (" + request.name + ")";
  if (response.changes != 0) return what + " changed " + std::to_string(response.changes) + " rows";
  if (response.status == 200) {
    return request.error.empty() ? "" : what + " was answered with success; the error '" + request.error + "' is due";
  }
  if (is_circumstance(response.error)) return "";
  if (request.error.empty()) return what + " failed with '" + response.error + "'; it is to succeed";
  const bool fits = response.error.find(request.error) != std::string::npos;
  return fits ? "" : what + " failed with '" + response.error + "'; the error '" + request.error + "' is due";
}

}  // namespace tidemark::model
