#include "hunt/sql.h"

#include "model/sqlite/library.h"

namespace tidemark::hunt {

Connection::Connection(const std::string& path, bool create) {
  // Workers are forked from this process: the library must be as they need it before it is used first.
  model::sqlite::set_up_library();
  const int flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(path.c_str(), &db_, flags, "unix");
  if (code == SQLITE_OK) return;
  const std::string message = sqlite3_errmsg(db_);
  sqlite3_close(db_);
  throw SqlError(code & 0xff, message);
}

Connection::~Connection() {
  sqlite3_close(db_);
}

void Connection::fail() const {
  throw SqlError(sqlite3_errcode(db_) & 0xff, sqlite3_errmsg(db_));
}

void Connection::run(const std::string& sql) {
  if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

std::int64_t Connection::number(const std::string& sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.number(0) : 0;
}

std::string Connection::text(const std::string& sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.text(0) : "";
}

Statement::Statement(Connection& connection, const std::string& sql) : connection_(connection) {
  if (sqlite3_prepare_v2(connection.db_, sql.c_str(), -1, &statement_, nullptr) != SQLITE_OK) connection.fail();
}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

Statement& Statement::bind(int index, std::int64_t value) {
  if (sqlite3_bind_int64(statement_, index, value) != SQLITE_OK) connection_.fail();
  return *this;
}

Statement& Statement::bind(int index, double value) {
  if (sqlite3_bind_double(statement_, index, value) != SQLITE_OK) connection_.fail();
  return *this;
}

Statement& Statement::bind(int index, const std::string& value) {
  const auto length = static_cast<int>(value.size());
  if (sqlite3_bind_text(statement_, index, value.data(), length, SQLITE_TRANSIENT) != SQLITE_OK) connection_.fail();
  return *this;
}

Statement& Statement::bind_null(int index) {
  if (sqlite3_bind_null(statement_, index) != SQLITE_OK) connection_.fail();
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) connection_.fail();
  return false;
}

void Statement::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(statement_, column);
}
double Statement::real(int column) const {
  return sqlite3_column_double(statement_, column);
}
bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::string Statement::text(int column) const {
  const unsigned char* bytes = sqlite3_column_text(statement_, column);
  const int length = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? "" : std::string(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
}

}  // namespace tidemark::hunt
