// Database: SQL on one copy. Everything is synchronous and takes no virtual time; Outcome::cost says what it was worth.
//
// A request is one transaction: execute() of one statement, of several statements in one text, and batch(). An error
// rolls all of it back. On a replica nothing that writes is run (SQLITE_READONLY); the owner asks is_write() and
// forwards.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/sqlite/connection.h"
#include "model/sqlite/vfs.h"
#include "model/types/bugs.h"
#include "model/types/value.h"

namespace tidemark::model::sqlite {

enum class Role : std::uint8_t { kPrimary, kReplica };

struct DatabaseSettings {
  std::uint32_t cache_pages = 500;
  std::uint32_t statement_limit = 128;
  std::uint64_t step_limit = 0;
  /// Seed of SQLite's generator for this copy; each request gets its own number derived from it.
  std::uint64_t seed = 0;
  /// F32 is planted here.
  BugSet bugs = {};
};

/// What to run: parameters are borrowed for the call.
struct StatementView {
  std::string_view sql;
  std::span<const SqlValue> params;
};

struct SqlCost {
  std::uint64_t vm_steps = 0;
  std::uint64_t pages_read = 0;     // page cache misses
  std::uint64_t pages_written = 0;  // WAL frames
};

struct Outcome {
  SqlError error;                            // of the first statement that failed; then `statements` is empty
  std::vector<StatementOutcome> statements;  // one per statement of a batch, one for execute()
  bool wrote = false;                        // a statement was not read-only (even if it changed nothing)
  SqlCost cost;
  bool ok() const { return error.code == 0; }
};

/// A snapshot that stays while publishes and checkpoints go on. At most four snapshots per copy can be held apart (read
/// marks of the WAL); more share the nearest older mark. Ends when destroyed; must not outlive its Database.
class ReadTransaction {
 public:
  virtual ~ReadTransaction() = default;
  virtual Outcome execute(std::string_view sql, std::span<const SqlValue> params = {}) = 0;
};

class Database {
 public:
  /// kPrimary: creates the database when the file is empty or missing (page size of the Vfs, WAL mode, synchronous
  /// FULL, no automatic checkpoint, foreign keys on). kReplica: the files and the wal-index must be there
  /// (WalWriter::open). nullptr and `error` when SQLite refuses.
  static std::unique_ptr<Database> open(Vfs& vfs, Role role, const DatabaseSettings& settings, SqlError& error);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Outcome execute(std::string_view sql, std::span<const SqlValue> params = {});
  Outcome batch(std::span<const StatementView> statements);

  /// VACUUM, which no user may run: the whole database is written anew in one transaction. Primary only, and not while
  /// a transaction is open.
  Outcome vacuum();

  /// By SQLite's own flag, on primary and replica alike, without running anything. An error (no such table) is returned
  /// as the statement's own would be, with writes = false.
  SqlError is_write(std::string_view sql, bool& writes);

  /// The image was replaced under the connections (Time Travel): none of them may go on with the schema that it knows.
  SqlError forget_schema();

  /// Opens a second connection (kept for the next time) and begins. nullptr and `error` when that fails.
  std::unique_ptr<ReadTransaction> begin_read(SqlError& error);

  Role role() const { return role_; }
  Vfs& vfs() { return vfs_; }
  /// Bytes of the newest visible state.
  std::int64_t size_bytes() const { return std::int64_t{vfs_.database_pages()} * vfs_.page_size(); }
  /// The copy's main connection, for the checkpointer.
  Connection& main() { return *main_; }

 private:
  class Reader;
  Database(Vfs& vfs, Role role, const DatabaseSettings& settings);
  ConnectionOptions options(Guard guard) const;
  SqlError set_up();
  void finish(Outcome& outcome, const IoCounters& before, std::int64_t size_before);
  void rollback();

  Vfs& vfs_;
  const Role role_;
  const DatabaseSettings settings_;
  std::uint64_t requests_ = 0;
  std::unique_ptr<Connection> main_;
  std::vector<std::unique_ptr<Connection>> idle_readers_;
};

}  // namespace tidemark::model::sqlite
