// The C side of Vfs: SQLite's method tables.
#pragma once

#include <sqlite3.h>

namespace tidemark::model::sqlite {

class Vfs;

/// Fills in the object that sqlite3_vfs_register wants. `name` must stay alive.
void fill_vfs(sqlite3_vfs& out, Vfs& vfs, const char* name);

}  // namespace tidemark::model::sqlite
