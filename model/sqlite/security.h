// What a statement of a user may do: the restrictions that workerd puts on SQLite (sqlite.c++ setupSecurity,
// api/sql.c++; facts: D1 limits page). No ATTACH, no transaction control, no temp objects, few pragmas, few virtual
// tables, names that start with _cf_ are reserved, and engine limits.
#pragma once

#include <sqlite3.h>

namespace tidemark::model::sqlite {

/// Switch that the connection holds: internal statements (BEGIN, COMMIT, the set-up pragmas) pass while it is true.
struct Trust {
  bool trusted = true;
};

/// Installs authorizer, limits and flags. `trust` must outlive the connection.
void install_security(sqlite3* connection, Trust& trust);

}  // namespace tidemark::model::sqlite
