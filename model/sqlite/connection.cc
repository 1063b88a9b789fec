#include "model/sqlite/connection.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace tidemark::model::sqlite {
namespace {

constexpr int kProgressSteps = 1000;
/// Of one statement's rows. A worker of D1 has 128 MB of memory.
constexpr std::size_t kMostResultBytes = 128'000'000;

/// Position of the first byte that is not white space, a comment or a lone semicolon.
std::size_t skip_blank(std::string_view sql, std::size_t at) {
  while (at < sql.size()) {
    const char c = sql[at];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == ';') {
      ++at;
    } else if (sql.substr(at, 2) == "--") {
      at = std::min(sql.find('\n', at), sql.size());
    } else if (sql.substr(at, 2) == "/*") {
      const std::size_t end = sql.find("*/", at + 2);
      at = end == std::string_view::npos ? sql.size() : end + 2;
    } else {
      break;
    }
  }
  return at;
}

SqlError rule_error(int code, std::string_view text) {
  return {code, code, std::string(text) + ": " + std::string(code_name(code))};
}

/// EXPLAIN prints "vtab:" and an address of this process: results must not depend on it.
std::string_view without_address(std::string_view text) {
  return text.substr(0, 5) == "vtab:" ? text.substr(0, 5) : text;
}

void add_cell(ResultSet::Builder& builder, sqlite3_value* value, bool explain) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return builder.add_integer(sqlite3_value_int64(value));
    case SQLITE_FLOAT:
      return builder.add_real(sqlite3_value_double(value));
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
      const std::string_view view(text, static_cast<std::size_t>(sqlite3_value_bytes(value)));
      return builder.add_text(explain ? without_address(view) : view);
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
      const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
      return builder.add_blob(size == 0 ? std::string_view() : std::string_view(bytes, size));
    }
    default:
      return builder.add_null();
  }
}

/// Internal statements pass the authorizer while one of these lives.
class TrustedScope {
 public:
  explicit TrustedScope(Trust& trust) : trust_(trust), before_(std::exchange(trust.trusted, true)) {}
  ~TrustedScope() { trust_.trusted = before_; }
  TrustedScope(const TrustedScope&) = delete;
  TrustedScope& operator=(const TrustedScope&) = delete;

 private:
  Trust& trust_;
  const bool before_;
};

}  // namespace

std::string_view code_name(int code) {
  constexpr std::string_view kNames[] = {
      "SQLITE_OK",       "SQLITE_ERROR",      "SQLITE_INTERNAL", "SQLITE_PERM",      "SQLITE_ABORT", "SQLITE_BUSY",
      "SQLITE_LOCKED",   "SQLITE_NOMEM",      "SQLITE_READONLY", "SQLITE_INTERRUPT", "SQLITE_IOERR", "SQLITE_CORRUPT",
      "SQLITE_NOTFOUND", "SQLITE_FULL",       "SQLITE_CANTOPEN", "SQLITE_PROTOCOL",  "SQLITE_EMPTY", "SQLITE_SCHEMA",
      "SQLITE_TOOBIG",   "SQLITE_CONSTRAINT", "SQLITE_MISMATCH", "SQLITE_MISUSE",    "SQLITE_NOLFS", "SQLITE_AUTH",
      "SQLITE_FORMAT",   "SQLITE_RANGE",      "SQLITE_NOTADB"};
  const auto primary = static_cast<std::size_t>(code & 0xff);
  return primary < std::size(kNames) ? kNames[primary] : "SQLITE_UNKNOWN";
}

/// A text with its compiled statement. A text of several statements is remembered as such and compiled at each run,
/// part by part: a part may need what the one before made.
struct Connection::Prepared {
  std::string text;
  sqlite3_stmt* statement = nullptr;
  bool multiple = false;
  bool read_only = true;
  bool explain = false;   // EXPLAIN, whose rows are the program
  bool explains = false;  // EXPLAIN or EXPLAIN QUERY PLAN
  ColumnNames names = column_names({});
  ResultSize usual;  // of the last result, with some room: the next one is about as large

  void learn() {
    read_only = sqlite3_stmt_readonly(statement) != 0;
    explains = sqlite3_stmt_isexplain(statement) != 0;
    explain = sqlite3_stmt_isexplain(statement) == 1;
    std::vector<std::string> found;
    const int columns = sqlite3_column_count(statement);
    for (int i = 0; i < columns; ++i) found.emplace_back(sqlite3_column_name(statement, i));
    names = column_names(std::move(found));
  }
};

void Connection::PreparedDelete::operator()(Prepared* prepared) const {
  sqlite3_finalize(prepared->statement);
  delete prepared;
}

Connection::Connection(Vfs& vfs, const ConnectionOptions& options)
    : vfs_(vfs), options_(options), no_rows_(ResultSet::Builder(column_names({})).finish()) {
  TIDEMARK_ASSERT(options.statement_limit >= 1 && options.cache_pages >= 1);
}

Connection::~Connection() {
  by_text_.clear();
  statements_.clear();
  for (sqlite3_stmt* statement : control_) sqlite3_finalize(statement);
  if (handle_ != nullptr) TIDEMARK_ASSERT(sqlite3_close(handle_) == SQLITE_OK, "a statement outlives its connection");
}

SqlError Connection::open() {
  TIDEMARK_ASSERT(handle_ == nullptr);
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  const int code = sqlite3_open_v2(vfs_.database_name().c_str(), &handle_, flags, vfs_.vfs_name());
  if (code != SQLITE_OK) return error_now(code);
  sqlite3_extended_result_codes(handle_, 1);
  // The last close must not checkpoint: on a replica it would be the end of the hidden tail's secrecy, on a primary it
  // could pass the confirmed frame.
  TIDEMARK_ASSERT(sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr) == SQLITE_OK);
  sqlite3_wal_autocheckpoint(handle_, 0);
  if (options_.guard != Guard::kNone) install_security(handle_, trust_);
  if (options_.step_limit != 0) sqlite3_progress_handler(handle_, kProgressSteps, &on_progress, this);
  trust_.trusted = options_.guard == Guard::kNone;
  const TrustedScope trusted(trust_);
  SqlError error = run("PRAGMA temp_store=MEMORY; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=" +
                       std::to_string(options_.cache_pages));
  if (!error && options_.guard == Guard::kUserRead) error = run("PRAGMA query_only=ON");
  // Statements that were compiled with trust must not be found by a user's text.
  by_text_.clear();
  statements_.clear();
  return error;
}

SqlError Connection::forget_schema() {
  by_text_.clear();
  statements_.clear();
  const TrustedScope trusted(trust_);
  SqlError error = run("PRAGMA writable_schema=RESET");
  by_text_.clear();
  statements_.clear();
  return error;
}

int Connection::on_progress(void* self) {
  auto& connection = *static_cast<Connection*>(self);
  if (connection.steps_left_ < kProgressSteps) return 1;
  connection.steps_left_ -= kProgressSteps;
  return 0;
}

SqlError Connection::error_now(int code) const {
  SqlError error = rule_error(code & 0xff, handle_ == nullptr ? "out of memory" : sqlite3_errmsg(handle_));
  error.extended = code;
  return error;
}

SqlError Connection::compile(std::string_view sql, bool keep, sqlite3_stmt*& statement, std::size_t& used) {
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      keep ? SQLITE_PREPARE_PERSISTENT : 0, &statement, &tail);
  if (code != SQLITE_OK) return error_now(code);
  used = static_cast<std::size_t>(tail - sql.data());
  return {};
}

SqlError Connection::find(std::string_view sql, Prepared*& found) {
  auto known = by_text_.find(sql);
  // An EXPLAIN does not run the step that notices a new schema, and shows the tables of the old one, which are freed.
  if (known != by_text_.end() && (*known->second)->explains) {
    const auto place = known->second;
    by_text_.erase(known);
    statements_.erase(place);
    known = by_text_.end();
  }
  if (known != by_text_.end()) {
    statements_.splice(statements_.begin(), statements_, known->second);
    found = known->second->get();
    return {};
  }
  // SQLite takes a NUL for the end of the text: what follows would never be reached.
  if (sql.find('\0') != std::string_view::npos) return rule_error(SQLITE_ERROR, "SQL code contained a NUL character.");
  const std::size_t start = skip_blank(sql, 0);
  if (start == sql.size()) return rule_error(SQLITE_ERROR, "SQL code did not contain a statement.");
  PreparedOwner prepared(new Prepared);
  prepared->text = sql;
  const std::string_view text = prepared->text;
  std::size_t used = 0;
  if (SqlError error = compile(text.substr(start), true, prepared->statement, used)) return error;
  prepared->multiple = skip_blank(text, start + used) != text.size();
  prepared->learn();
  if (prepared->multiple) {
    sqlite3_finalize(std::exchange(prepared->statement, nullptr));
  }
  if (statements_.size() >= options_.statement_limit) evict();
  statements_.push_front(std::move(prepared));
  by_text_.emplace(statements_.front()->text, statements_.begin());
  found = statements_.front().get();
  return {};
}

void Connection::evict() {
  by_text_.erase(statements_.back()->text);
  statements_.pop_back();
}

SqlError Connection::bind(sqlite3_stmt* statement, std::span<const SqlValue> params) {
  if (static_cast<std::size_t>(sqlite3_bind_parameter_count(statement)) != params.size()) {
    return rule_error(SQLITE_ERROR, "Wrong number of parameter bindings for SQL query.");
  }
  int index = 0;
  for (const SqlValue& param : params) {
    ++index;
    int code = SQLITE_OK;
    if (const auto* integer = std::get_if<std::int64_t>(&param)) {
      code = sqlite3_bind_int64(statement, index, *integer);
    } else if (const auto* text = std::get_if<std::string>(&param)) {
      code = sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
    } else if (const auto* real = std::get_if<double>(&param)) {
      code = sqlite3_bind_double(statement, index, *real);
    } else if (const auto* blob = std::get_if<Blob>(&param)) {
      code = sqlite3_bind_blob64(statement, index, blob->bytes.data(), blob->bytes.size(), SQLITE_STATIC);
    } else {
      code = sqlite3_bind_null(statement, index);
    }
    if (code != SQLITE_OK) return error_now(code);
  }
  return {};
}

int Connection::fetch(Prepared& prepared, ResultSetRef& rows) {
  sqlite3_stmt* statement = prepared.statement;
  int code = sqlite3_step(statement);
  // A schema change makes SQLite compile the statement again inside step: SELECT * may have other columns now.
  if (sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_REPREPARE, 1) != 0) prepared.learn();
  if (prepared.names->empty()) {
    rows = no_rows_;
    return code;
  }
  ResultSet::Builder builder(prepared.names, prepared.usual);
  const int columns = static_cast<int>(prepared.names->size());
  while (code == SQLITE_ROW) {
    for (int i = 0; i < columns; ++i) add_cell(builder, sqlite3_column_value(statement, i), prepared.explain);
    const ResultSize size = builder.size();
    if (size.cells * sizeof(Cell) + size.bytes > kMostResultBytes) return SQLITE_NOMEM;
    code = sqlite3_step(statement);
  }
  rows = builder.finish();
  const ResultSize size = rows->size();
  prepared.usual = {size.cells + size.cells / 16, size.bytes + size.bytes / 16};
  return code;
}

SqlError Connection::run_one(Prepared& prepared, std::span<const SqlValue> params, StatementOutcome& out) {
  out.read_only = out.read_only && prepared.read_only;
  if (!prepared.read_only && options_.guard == Guard::kUserRead) {
    return rule_error(SQLITE_READONLY, "attempt to write a readonly database");
  }
  if (SqlError error = bind(prepared.statement, params)) return error;
  const std::int64_t changes_before = sqlite3_total_changes64(handle_);
  const int code = fetch(prepared, out.rows);
  SqlError error;
  if (code != SQLITE_DONE) error = code == SQLITE_NOMEM ? rule_error(code, "out of memory") : error_now(code);
  sqlite3_reset(prepared.statement);
  const std::int64_t changes = sqlite3_total_changes64(handle_) - changes_before;
  out.changes += changes;
  out.rows_written += changes;
  out.vm_steps += static_cast<std::uint64_t>(sqlite3_stmt_status(prepared.statement, SQLITE_STMTSTATUS_VM_STEP, 1));
  const std::int64_t scanned = sqlite3_stmt_status(prepared.statement, SQLITE_STMTSTATUS_FULLSCAN_STEP, 1);
  const std::int64_t returned = out.rows == nullptr ? 0 : std::int64_t{out.rows->rows()};
  out.rows_read += std::max({scanned, returned, prepared.read_only ? 0 : changes});
  return error;
}

SqlError Connection::run_parts(std::string_view sql, std::span<const SqlValue> params, StatementOutcome& out) {
  std::size_t at = skip_blank(sql, 0);
  while (at < sql.size()) {
    PreparedOwner part(new Prepared);
    std::size_t used = 0;
    if (SqlError error = compile(sql.substr(at), false, part->statement, used)) return error;
    part->learn();
    at = skip_blank(sql, at + used);
    const bool last = at == sql.size();
    if (!last && sqlite3_bind_parameter_count(part->statement) != 0) {
      return rule_error(SQLITE_ERROR, "Of several statements in one query only the last can have parameters.");
    }
    if (SqlError error = run_one(*part, last ? params : std::span<const SqlValue>(), out)) return error;
  }
  return {};
}

SqlError Connection::run(std::string_view sql, std::span<const SqlValue> params, StatementOutcome& out) {
  TIDEMARK_ASSERT(handle_ != nullptr);
  steps_left_ = options_.step_limit;
  Prepared* prepared = nullptr;
  const std::int64_t row_before = sqlite3_last_insert_rowid(handle_);
  if (SqlError error = find(sql, prepared)) return error;
  // A copy of the text: running a part may evict the entry that holds it.
  SqlError error = prepared->multiple ? run_parts(std::string(sql), params, out) : run_one(*prepared, params, out);
  out.last_row_id = sqlite3_last_insert_rowid(handle_);
  out.changed_db = out.changes != 0 || out.last_row_id != row_before;
  return error;
}

SqlError Connection::run(std::string_view sql) {
  StatementOutcome ignored;
  return run(sql, {}, ignored);
}

SqlError Connection::control(Control what) {
  constexpr const char* kTexts[] = {"BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"};
  const auto index = static_cast<std::size_t>(what);
  const TrustedScope trusted(trust_);
  sqlite3_stmt*& statement = control_[index];
  std::size_t used = 0;
  if (statement == nullptr) {
    if (SqlError error = compile(kTexts[index], true, statement, used)) return error;
  }
  const int code = sqlite3_step(statement);
  SqlError error;
  if (code != SQLITE_DONE) error = error_now(code);
  sqlite3_reset(statement);
  return error;
}

SqlError Connection::is_write(std::string_view sql, bool& writes) {
  writes = false;
  Prepared* prepared = nullptr;
  if (SqlError error = find(sql, prepared)) return error;
  writes = !prepared->read_only;
  if (!prepared->multiple || writes) return {};
  std::size_t at = skip_blank(sql, 0);
  bool first = true;
  while (at < sql.size() && !writes) {
    PreparedOwner part(new Prepared);
    std::size_t used = 0;
    if (SqlError error = compile(sql.substr(at), false, part->statement, used)) return first ? error : SqlError{};
    first = false;
    writes = sqlite3_stmt_readonly(part->statement) == 0;
    at = skip_blank(sql, at + used);
  }
  return {};
}

SqlError Connection::is_multiple(std::string_view sql, bool& multiple) {
  Prepared* prepared = nullptr;
  multiple = false;
  if (SqlError error = find(sql, prepared)) return error;
  multiple = prepared->multiple;
  return {};
}

}  // namespace tidemark::model::sqlite
