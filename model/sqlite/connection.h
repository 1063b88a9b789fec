// Connection: one sqlite3 connection with its prepared statements. The machinery below Database; tests and tools use it
// with Guard::kNone to do what users may not (savepoints, VACUUM, pragmas).
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/sqlite/security.h"
#include "model/sqlite/vfs.h"
#include "model/types/value.h"

namespace tidemark::model::sqlite {

enum class Guard : std::uint8_t {
  kUser,      // workerd's security set
  kUserRead,  // and nothing is ever written
  kNone,      // Tidemark's own hands
};

struct ConnectionOptions {
  Guard guard = Guard::kUser;
  std::uint32_t cache_pages = 500;      // page cache, in pages (SQLite's default is 2,000 KiB)
  std::uint32_t statement_limit = 128;  // prepared statements kept
  /// A statement that runs for more virtual machine steps is interrupted; 0 = no bound. D1's CPU limit, as steps.
  std::uint64_t step_limit = 0;
};

/// An error of SQLite or of its rules, in D1's form.
struct SqlError {
  int code = 0;  // primary result code; 0 = no error
  int extended = 0;
  std::string text;  // "no such table: Orders: SQLITE_ERROR"
  explicit operator bool() const { return code != 0; }
};

/// What one statement did.
struct StatementOutcome {
  ResultSetRef rows;
  bool read_only = true;         // sqlite3_stmt_readonly of all its parts
  std::int64_t changes = 0;      // difference of total_changes: triggers and foreign key actions count
  std::int64_t last_row_id = 0;  // of the connection: stale, not zero, after a read (as miniflare)
  bool changed_db = false;       // changes, or last_row_id moved, or the size moved
  /// The library has no row counters (workerd patches them in). rows_read: steps of full scans, or the rows returned or
  /// changed where that is more. rows_written: the rows changed; index entries are not counted.
  std::int64_t rows_read = 0;
  std::int64_t rows_written = 0;
  std::int64_t size_after = 0;  // bytes, after the transaction that the statement was part of
  std::uint64_t vm_steps = 0;
};

/// Name of a result code: "SQLITE_CONSTRAINT".
std::string_view code_name(int code);

class Connection {
 public:
  Connection(Vfs& vfs, const ConnectionOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Opens, sets up and reads the schema. On an error the connection stays unusable.
  SqlError open();

  /// Runs `sql` (one statement or several; only the last may have parameters, the result is the last one's) in whatever
  /// transaction is open, or autocommit. On an error everything up to it stays as SQLite left it.
  SqlError run(std::string_view sql, std::span<const SqlValue> params, StatementOutcome& out);
  SqlError run(std::string_view sql);

  enum class Control : std::uint8_t { kBegin, kBeginImmediate, kCommit, kRollback };
  SqlError control(Control what);
  /// Forgets what was read of the schema; the next statement reads it again. SQLite does so by itself when the number
  /// in page 1 has changed; after a restore the same number can stand for another schema.
  SqlError forget_schema();
  bool in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

  /// Would running `sql` write, by SQLite's own judgement (sqlite3_stmt_readonly, before anything runs)? Nothing is
  /// run: a part that cannot be prepared before an earlier part ran counts as read unless that earlier part writes.
  SqlError is_write(std::string_view sql, bool& writes);
  /// More than one statement in the text?
  SqlError is_multiple(std::string_view sql, bool& multiple);

  sqlite3* handle() { return handle_; }

 private:
  struct Prepared;
  struct PreparedDelete {
    void operator()(Prepared* prepared) const;
  };
  using PreparedOwner = std::unique_ptr<Prepared, PreparedDelete>;
  SqlError error_now(int code) const;
  /// Compiles the first statement of `sql`; nullptr when there is none. `used` = bytes up to its end.
  SqlError compile(std::string_view sql, bool keep, sqlite3_stmt*& statement, std::size_t& used);
  SqlError find(std::string_view sql, Prepared*& found);
  SqlError run_parts(std::string_view sql, std::span<const SqlValue> params, StatementOutcome& out);
  SqlError run_one(Prepared& prepared, std::span<const SqlValue> params, StatementOutcome& out);
  SqlError bind(sqlite3_stmt* statement, std::span<const SqlValue> params);
  int fetch(Prepared& prepared, ResultSetRef& rows);
  void evict();
  static int on_progress(void* self);

  Vfs& vfs_;
  const ConnectionOptions options_;
  sqlite3* handle_ = nullptr;
  Trust trust_;
  std::uint64_t steps_left_ = 0;
  // Most recently used first; the map's keys are views of the texts in the list.
  std::list<PreparedOwner> statements_;
  std::unordered_map<std::string_view, std::list<PreparedOwner>::iterator> by_text_;  // looked up, never iterated
  sqlite3_stmt* control_[4] = {};
  const ResultSetRef no_rows_;
};

}  // namespace tidemark::model::sqlite
