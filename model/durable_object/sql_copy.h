// SqlCopy: the database copy under a Durable Object, as the object needs it.
#pragma once

#include <cstdint>
#include <vector>

#include "model/protocol/messages.h"
#include "model/sqlite/database.h"
#include "model/types/bookmark.h"
#include "sim/core/task.h"

namespace tidemark::model {

enum class StatementClass : std::uint8_t {
  kReads,
  kWrites,   // at least one statement writes, by SQLite's own flag
  kInvalid,  // SQLite does not accept one of the statements in the present state of this copy
};

class SqlCopy {
 public:
  virtual ~SqlCopy() = default;
  /// Of all statements of a request, without running anything.
  virtual StatementClass classify(const D1Request& request) = 0;
  /// Runs the request as one transaction. Takes no virtual time; Outcome::cost says what it was worth.
  virtual sqlite::Outcome run(const D1Request& request) = 0;
  /// Primary: has run() committed something that has no place in the log yet? Never true at a replica.
  virtual bool has_pending() const { return false; }
  /// Primary, with something pending: gives it its place in the log and ships it. The bookmark of the new entry.
  virtual Bookmark submit_pending() { return {}; }
  /// Primary: back pressure. Resolves when the copy can take a request; usually at once.
  virtual sim::Task<void> until_room() { co_return; }
};

/// On a real Database.
class DatabaseCopy : public SqlCopy {
 public:
  /// Not owned.
  explicit DatabaseCopy(sqlite::Database& database) : database_(database) {}
  StatementClass classify(const D1Request& request) override;
  sqlite::Outcome run(const D1Request& request) override;

 private:
  sqlite::Database& database_;
  std::vector<sqlite::StatementView> views_;  // kept for its memory
};

}  // namespace tidemark::model
