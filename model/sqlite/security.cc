#include "model/sqlite/security.h"

#include <algorithm>
#include <string_view>

#include "base/assert.h"

namespace tidemark::model::sqlite {
namespace {

// workerd's list (sqlite.c++), which is also the one of the D1 documentation.
constexpr std::string_view kPragmas[] = {
    "case_sensitive_like", "data_version",       "defer_foreign_keys",        "foreign_key_check",
    "foreign_key_list",    "function_list",      "ignore_check_constraints",  "index_info",
    "index_list",          "index_xinfo",        "legacy_alter_table",        "optimize",
    "quick_check",         "recursive_triggers", "reverse_unordered_selects", "table_info",
    "table_list",          "table_xinfo",
};
constexpr std::string_view kVirtualTables[] = {"fts5", "fts5vocab", "rtree", "rtree_i32"};
// Functions that reach out of the database, and tables that show the state of the process.
constexpr std::string_view kForbiddenFunctions[] = {"load_extension", "fts3_tokenizer"};
constexpr std::string_view kForbiddenTables[] = {"sqlite_stmt", "dbstat"};

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

template <std::size_t N>
bool listed(const std::string_view (&list)[N], std::string_view name) {
  return std::any_of(std::begin(list), std::end(list), [&](std::string_view entry) { return equal(entry, name); });
}

bool reserved(std::string_view name) {
  return name.size() >= 4 && equal(name.substr(0, 4), "_cf_");
}

std::string_view text(const char* argument) {
  return argument == nullptr ? std::string_view() : argument;
}

bool allowed(int action, std::string_view first, std::string_view second, std::string_view database) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
      return true;
    case SQLITE_READ:
      return !reserved(first) && !listed(kForbiddenTables, first);
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
    case SQLITE_CREATE_TABLE:
    case SQLITE_DROP_TABLE:
    case SQLITE_CREATE_VIEW:
    case SQLITE_DROP_VIEW:
    case SQLITE_ANALYZE:
    case SQLITE_REINDEX:
      return !reserved(first);
    case SQLITE_CREATE_INDEX:
    case SQLITE_DROP_INDEX:
    case SQLITE_CREATE_TRIGGER:
    case SQLITE_DROP_TRIGGER:
    case SQLITE_ALTER_TABLE:
      return !reserved(first) && !reserved(second);
    case SQLITE_CREATE_VTABLE:
    case SQLITE_DROP_VTABLE:
      return !reserved(first) && listed(kVirtualTables, second) && database != "temp";
    case SQLITE_FUNCTION:
      return !listed(kForbiddenFunctions, second);
    case SQLITE_PRAGMA:
      // rtree asks for the page size when it is created; nobody may set it.
      return listed(kPragmas, first) || (equal(first, "page_size") && second.empty());
    default:
      return false;  // ATTACH, DETACH, BEGIN, COMMIT, SAVEPOINT, everything temporary, and what is yet unknown
  }
}

int authorize(void* trust, int action, const char* first, const char* second, const char* database, const char*) {
  if (static_cast<const Trust*>(trust)->trusted) return SQLITE_OK;
  return allowed(action, text(first), text(second), text(database)) ? SQLITE_OK : SQLITE_DENY;
}

}  // namespace

void install_security(sqlite3* connection, Trust& trust) {
  TIDEMARK_ASSERT(sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr) == SQLITE_OK);
  TIDEMARK_ASSERT(sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr) == SQLITE_OK);
  constexpr struct {
    int what, most;
  } kLimits[] = {
      {SQLITE_LIMIT_LENGTH, 4 << 20},      {SQLITE_LIMIT_SQL_LENGTH, 100000}, {SQLITE_LIMIT_COLUMN, 100},
      {SQLITE_LIMIT_EXPR_DEPTH, 100},      {SQLITE_LIMIT_COMPOUND_SELECT, 5}, {SQLITE_LIMIT_VDBE_OP, 25000},
      {SQLITE_LIMIT_FUNCTION_ARG, 127},    {SQLITE_LIMIT_ATTACHED, 0},        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50},
      {SQLITE_LIMIT_VARIABLE_NUMBER, 100}, {SQLITE_LIMIT_TRIGGER_DEPTH, 10},  {SQLITE_LIMIT_WORKER_THREADS, 0},
  };
  for (const auto& limit : kLimits) sqlite3_limit(connection, limit.what, limit.most);
  sqlite3_set_authorizer(connection, &authorize, &trust);
}

}  // namespace tidemark::model::sqlite
