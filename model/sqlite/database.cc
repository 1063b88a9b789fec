#include "model/sqlite/database.h"

#include <utility>

#include "base/assert.h"
#include "base/digest.h"
#include "model/sqlite/library.h"

namespace tidemark::model::sqlite {

/// Owns a connection of its database for as long as it lives and gives it back.
class Database::Reader final : public ReadTransaction {
 public:
  Reader(Database& database, std::unique_ptr<Connection> connection)
      : database_(database), connection_(std::move(connection)) {}
  ~Reader() override {
    connection_->control(Connection::Control::kCommit);
    if (!connection_->in_transaction()) database_.idle_readers_.push_back(std::move(connection_));
  }

  Outcome execute(std::string_view sql, std::span<const SqlValue> params) override {
    Outcome outcome;
    const IoCounters before = database_.vfs_.counters();
    const std::int64_t size = database_.size_bytes();
    outcome.error = connection_->run(sql, params, outcome.statements.emplace_back());
    database_.finish(outcome, before, size);
    return outcome;
  }

 private:
  Database& database_;
  std::unique_ptr<Connection> connection_;
};

std::unique_ptr<Database> Database::open(Vfs& vfs, Role role, const DatabaseSettings& settings, SqlError& error) {
  std::unique_ptr<Database> database(new Database(vfs, role, settings));
  error = database->set_up();
  if (error) database.reset();
  return database;
}

Database::Database(Vfs& vfs, Role role, const DatabaseSettings& settings)
    : vfs_(vfs), role_(role), settings_(settings) {}

Database::~Database() = default;

ConnectionOptions Database::options(Guard guard) const {
  return {guard, settings_.cache_pages, settings_.statement_limit, settings_.step_limit};
}

SqlError Database::set_up() {
  seed_generator(settings_.seed);
  if (role_ == Role::kReplica) {
    IndexHeader header;
    TIDEMARK_ASSERT(vfs_.read_index_header(header), "a replica opened before WalWriter put the wal-index in place");
    TIDEMARK_ASSERT(vfs_.database_file().size() != 0, "a replica without an image: SQLite would delete its WAL");
    main_ = std::make_unique<Connection>(vfs_, options(Guard::kUserRead));
    return main_->open();
  }
  // Creating a database needs pragmas and a lock that users do not get: a connection of its own.
  if (vfs_.database_file().size() == 0) {
    Connection maker(vfs_, options(Guard::kNone));
    if (SqlError error = maker.open()) return error;
    if (SqlError error = maker.run("PRAGMA page_size=" + std::to_string(vfs_.page_size()))) return error;
    StatementOutcome mode;
    if (SqlError error = maker.run("PRAGMA journal_mode=WAL", {}, mode)) return error;
    if (mode.rows->rows() != 1 || mode.rows->row(0)[0].text() != "wal") {
      return {SQLITE_CANTOPEN, SQLITE_CANTOPEN, "the database did not enter WAL mode: SQLITE_CANTOPEN"};
    }
  }
  main_ = std::make_unique<Connection>(vfs_, options(Guard::kUser));
  return main_->open();
}

void Database::rollback() {
  if (main_->in_transaction()) main_->control(Connection::Control::kRollback);
}

void Database::finish(Outcome& outcome, const IoCounters& before, std::int64_t size_before) {
  const IoCounters& after = vfs_.counters();
  outcome.cost.pages_read = after.pages_read - before.pages_read;
  outcome.cost.pages_written = after.pages_written - before.pages_written;
  const std::int64_t size = size_bytes();
  for (StatementOutcome& statement : outcome.statements) {
    outcome.cost.vm_steps += statement.vm_steps;
    outcome.wrote = outcome.wrote || !statement.read_only;
    statement.size_after = size;
  }
  if (outcome.error) {
    outcome.statements.clear();
  } else if (size != size_before) {
    outcome.statements.back().changed_db = true;
  }
}

Outcome Database::execute(std::string_view sql, std::span<const SqlValue> params) {
  const StatementView only{sql, params};
  return batch({&only, 1});
}

Outcome Database::batch(std::span<const StatementView> statements) {
  Outcome outcome;
  if (statements.empty()) return outcome;
  seed_generator(mix(Digest128{settings_.seed, 1}, ++requests_).low);
  const IoCounters before = vfs_.counters();
  const std::int64_t size = size_bytes();
  // One statement is a transaction by itself; several, in a batch or in one text, need one around them.
  bool several = statements.size() > 1;
  if (!several) outcome.error = main_->is_multiple(statements.front().sql, several);
  if (several && main_->in_transaction()) rollback();  // only with bug F32
  if (several && !outcome.error) outcome.error = main_->control(Connection::Control::kBegin);
  outcome.statements.reserve(statements.size());
  for (const StatementView& statement : statements) {
    if (outcome.error) break;
    outcome.error = main_->run(statement.sql, statement.params, outcome.statements.emplace_back());
  }
  // COMMIT itself may fail: a deferred foreign key, a full disk.
  // Bug F32: a replica's lock is not let go of, so that the statements to come read the same snapshot.
  const bool ends = !(settings_.bugs.has(Bug::kF32) && role_ == Role::kReplica);
  if (several && ends && !outcome.error) outcome.error = main_->control(Connection::Control::kCommit);
  if (outcome.error) rollback();
  finish(outcome, before, size);
  return outcome;
}

/// By a connection of Tidemark's own, next to the main one.
Outcome Database::vacuum() {
  TIDEMARK_ASSERT(role_ == Role::kPrimary && !main_->in_transaction());
  Outcome outcome;
  seed_generator(mix(Digest128{settings_.seed, 1}, ++requests_).low);
  const IoCounters before = vfs_.counters();
  const std::int64_t size = size_bytes();
  Connection hands(vfs_, options(Guard::kNone));
  outcome.error = hands.open();
  if (!outcome.error) outcome.error = hands.run("PRAGMA temp_store=MEMORY");
  if (!outcome.error) outcome.error = hands.run("VACUUM", {}, outcome.statements.emplace_back());
  finish(outcome, before, size);
  return outcome;
}

SqlError Database::is_write(std::string_view sql, bool& writes) {
  return main_->is_write(sql, writes);
}

SqlError Database::forget_schema() {
  idle_readers_.clear();
  return main_->forget_schema();
}

std::unique_ptr<ReadTransaction> Database::begin_read(SqlError& error) {
  std::unique_ptr<Connection> connection;
  if (!idle_readers_.empty()) {
    connection = std::move(idle_readers_.back());
    idle_readers_.pop_back();
  } else {
    connection = std::make_unique<Connection>(vfs_, options(Guard::kUserRead));
    error = connection->open();
    if (error) return nullptr;
  }
  error = connection->control(Connection::Control::kBegin);
  // BEGIN takes no snapshot, the first read does.
  if (!error) error = connection->run("SELECT 1 FROM sqlite_schema LIMIT 1");
  if (error) return nullptr;
  return std::make_unique<Reader>(*this, std::move(connection));
}

}  // namespace tidemark::model::sqlite
