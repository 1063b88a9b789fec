#include "scenarios/check_sql.h"

#include <fmt/core.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/assert.h"
#include "model/sqlite/library.h"
#include "model/sqlite/security.h"
#include "scenarios/scenario.h"
#include "scenarios/source_text.h"

namespace tidemark::scenarios {
namespace {

using model::Assertion;
using model::SqlStatement;
using model::SqlWorkload;

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using StatementOwner = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

constexpr std::size_t kLongestText = 100'000;  // D1 limits
constexpr int kStepsBetweenLooks = 10'000;
constexpr std::uint64_t kMostSteps = 20'000'000;  // some tenths of a second

std::string value_text(sqlite3_stmt* row, int column) {
  const unsigned char* text = sqlite3_column_text(row, column);
  return text == nullptr ? "NULL" : reinterpret_cast<const char*>(text);
}

/// A database in memory under the rules for users.
class Bench {
 public:
  Bench() {
    model::sqlite::set_up_library();
    const int status = sqlite3_open(":memory:", &handle_);
    TIDEMARK_ASSERT(status == SQLITE_OK, "a database in memory can always be opened");
    model::sqlite::install_security(handle_, trust_);
    sqlite3_exec(handle_, "PRAGMA foreign_keys = ON", nullptr, nullptr, nullptr);
    trust_.trusted = false;
    sqlite3_progress_handler(handle_, kStepsBetweenLooks, &Bench::look, this);
  }
  ~Bench() { sqlite3_close(handle_); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  struct Compiled {
    StatementOwner statement;  // nullptr: there is none, or an error
    std::string error;
    std::size_t at = 0;   // of the error, in the text
    std::size_t end = 0;  // of the statement, in the text
  };
  /// The first statement of `sql` from `from` on.
  Compiled compile(const std::string& sql, std::size_t from) {
    Compiled compiled;
    sqlite3_stmt* statement = nullptr;
    const char* tail = nullptr;
    steps_ = 0;
    const int status = sqlite3_prepare_v2(handle_, sql.c_str() + from, -1, &statement, &tail);
    compiled.statement.reset(statement);
    compiled.end = tail == nullptr ? sql.size() : static_cast<std::size_t>(tail - sql.c_str());
    if (status != SQLITE_OK) fail(compiled, sql, from);
    return compiled;
  }
  /// Runs it to its end; its rows are passed over. Empty, or what SQLite says.
  std::string run(sqlite3_stmt* statement) {
    steps_ = 0;
    int status = SQLITE_ROW;
    while (status == SQLITE_ROW) status = sqlite3_step(statement);
    return status == SQLITE_DONE ? "" : message();
  }
  std::string message() const {
    return steps_ > kMostSteps ? "runs for too long" : std::string(sqlite3_errmsg(handle_));
  }
  void begin_steps() { steps_ = 0; }
  /// SQLite refuses a VACUUM only when it runs.
  bool vacuums(const std::string& sql) {
    const Compiled program = compile("EXPLAIN " + sql, 0);
    for (bool any = program.statement != nullptr; any && sqlite3_step(program.statement.get()) == SQLITE_ROW;)
      if (value_text(program.statement.get(), 1) == "Vacuum") return true;
    return false;
  }

 private:
  static int look(void* self) {
    auto& bench = *static_cast<Bench*>(self);
    bench.steps_ += kStepsBetweenLooks;
    return bench.steps_ > kMostSteps ? 1 : 0;
  }
  void fail(Compiled& compiled, const std::string& sql, std::size_t from) {
    const int offset = sqlite3_error_offset(handle_);
    compiled.error = message();
    compiled.at = from + static_cast<std::size_t>(std::max(offset, 0));
    if (offset >= 0) return;
    // SQLite says no place: where the name stands that it does not know, or else where the statement begins.
    compiled.at = std::min(sql.find_first_not_of(" \t\r\n", from), sql.size());
    if (!compiled.error.starts_with("no such ")) return;
    const std::string name = compiled.error.substr(compiled.error.find(": ") + 2);
    if (const std::size_t found = sql.find(name, from); found != std::string::npos) compiled.at = found;
  }

  sqlite3* handle_ = nullptr;
  model::sqlite::Trust trust_;
  std::uint64_t steps_ = 0;
};

bool is_blank(std::string_view sql) {
  return sql.find_first_not_of(" \t\r\n;") == std::string_view::npos;
}

/// {names} of a sentence.
struct Placeholder {
  std::string name;
  std::size_t at = 0;  // of its brace
};
std::vector<Placeholder> placeholders(std::string_view says) {
  std::vector<Placeholder> found;
  for (std::size_t at = says.find('{'); at != std::string_view::npos; at = says.find('{', at + 1)) {
    const std::size_t end = says.find_first_of("{}", at + 1);
    if (end != std::string_view::npos && says[end] == '}')
      found.push_back({std::string(says.substr(at + 1, end - at - 1)), at});
  }
  return found;
}

/// Why the authorizer says no, as far as a user can do something about it.
std::string with_reason(std::string error) {
  if (error == "not authorized")
    error += ": no ATTACH, BEGIN, SAVEPOINT, VACUUM, and few PRAGMAs; a statement is a transaction, and so is a batch";
  return error;
}

class Check {
 public:
  Check(SqlWorkload& workload, std::string_view file, const Places& places, Diagnostics& diagnostics)
      : workload_(workload), source_(file), places_(places), diagnostics_(diagnostics) {}

  void check() {
    for (std::size_t i = 0; i < workload_.schema.size(); ++i)
      run_schema(workload_.schema[i], fmt::format("sql.schema[{}]", i));
    if (model::joined(workload_.schema).size() > kLongestText)
      error("sql.schema", fmt::format("is longer than {} bytes, the limit of one text", kLongestText));
    // What does not fit a schema that is wrong says nothing.
    if (!diagnostics_.empty()) return;
    std::set<std::string> names;
    std::uint64_t weights = 0;
    for (std::size_t i = 0; i < workload_.statements.size(); ++i) {
      SqlStatement& statement = workload_.statements[i];
      const std::string path = fmt::format("statement[{}]", i);
      if (!names.insert(statement.name).second)
        error(path + ".name", fmt::format("a statement is named \"{}\" already", statement.name));
      weights += statement.weight;
      check_statement(statement, path);
    }
    if (weights == 0) error("statement[0].weight", "a workload needs a statement whose weight is not 0");
    names.clear();
    for (std::size_t i = 0; i < workload_.assertions.size(); ++i) {
      const Assertion& assertion = workload_.assertions[i];
      const std::string path = fmt::format("assertion[{}]", i);
      if (!names.insert(assertion.name).second)
        error(path + ".name", fmt::format("an assertion is named \"{}\" already", assertion.name));
      const std::vector<std::string>& checks = verdict_names();
      if (std::find(checks.begin(), checks.end(), assertion.name) != checks.end())
        error(path + ".name", fmt::format("\"{}\" is the name of a check of the database", assertion.name));
      check_assertion(assertion, path);
    }
  }

 private:
  void error(const std::string& path, const std::string& message) {
    diagnostics_.add(places_.of(path), path + ": " + message);
  }
  /// At a byte of the text that stands at `path`.
  void error_in(const std::string& path, std::size_t at, const std::string& message) {
    diagnostics_.add(source_.at(places_.of(path), at), path + ": " + message);
  }

  void run_schema(const std::string& sql, const std::string& path) {
    if (sql.find('\0') != std::string::npos) return error(path, "has a NUL character");
    for (std::size_t at = 0; at < sql.size();) {
      const std::size_t begin = std::min(sql.find_first_not_of(" \t\r\n;", at), sql.size());
      const Bench::Compiled compiled = bench_.compile(sql, at);
      if (!compiled.error.empty()) return error_in(path, compiled.at, with_reason(compiled.error));
      if (compiled.statement != nullptr) {
        if (sqlite3_bind_parameter_count(compiled.statement.get()) > 0)
          return error_in(path, begin, "a schema has no parameters");
        if (const std::string problem = bench_.run(compiled.statement.get()); !problem.empty())
          return error_in(path, begin, problem);
      }
      if (compiled.end <= at) return;
      at = compiled.end;
    }
  }

  /// One statement and nothing behind it; nullptr after an error.
  StatementOwner compile_one(const std::string& sql, const std::string& path, std::string_view otherwise) {
    if (sql.find('\0') != std::string::npos) return error(path, "has a NUL character"), nullptr;
    Bench::Compiled compiled = bench_.compile(sql, 0);
    if (!compiled.error.empty()) return error_in(path, compiled.at, with_reason(compiled.error)), nullptr;
    if (bench_.vacuums(sql)) return error_in(path, compiled.at, with_reason("not authorized")), nullptr;
    if (compiled.statement == nullptr) return error(path, "there is no statement"), nullptr;
    const Bench::Compiled rest = bench_.compile(sql, compiled.end);
    if (!is_blank(std::string_view(sql).substr(compiled.end)) && (rest.statement != nullptr || !rest.error.empty())) {
      const std::size_t next = std::min(sql.find_first_not_of(" \t\r\n;", compiled.end), sql.size());
      return error_in(path, next, fmt::format("one statement only{}", otherwise)), nullptr;
    }
    return std::move(compiled.statement);
  }

  void check_statement(SqlStatement& statement, const std::string& path) {
    std::set<std::string> used;
    for (std::size_t i = 0; i < statement.sql.size(); ++i) {
      const std::string place = statement.is_batch ? fmt::format("{}.batch[{}]", path, i) : path + ".sql";
      const std::string& sql = statement.sql[i];
      const StatementOwner compiled = compile_one(sql, place, "; write several as batch = [...]");
      if (compiled == nullptr) continue;
      statement.writes = statement.writes || sqlite3_stmt_readonly(compiled.get()) == 0;
      const model::OrderedSql ordered = model::ordered_sql(sql);
      if (static_cast<std::size_t>(sqlite3_bind_parameter_count(compiled.get())) != ordered.names.size()) {
        error(place, "write every parameter as :name, with letters, digits and _");
        continue;
      }
      for (const model::OrderedSql::Name& name : ordered.names) {
        used.insert(name.name);
        if (std::any_of(statement.parameters.begin(), statement.parameters.end(),
                        [&](const auto& p) { return p.name == name.name; }))
          continue;
        std::vector<std::string> known;
        for (const model::SqlParameter& parameter : statement.parameters) known.push_back(parameter.name);
        error_in(place, name.at,
                 fmt::format("nothing says where :{0} comes from{1}; add \"{0} = ...\" to with", name.name,
                             did_you_mean(name.name, known)));
      }
    }
    for (std::size_t i = 0; i < statement.parameters.size(); ++i)
      if (!used.contains(statement.parameters[i].name) && diagnostics_.empty())
        error(fmt::format("{}.with[{}]", path, i), fmt::format(":{} is in no statement", statement.parameters[i].name));
  }

  void check_assertion(const Assertion& assertion, const std::string& path) {
    const StatementOwner compiled = compile_one(assertion.sql, path + ".sql", "");
    if (compiled == nullptr) return;
    sqlite3_stmt* const query = compiled.get();
    if (sqlite3_stmt_readonly(query) == 0 || sqlite3_column_count(query) == 0)
      return error(path + ".sql", "must be a query that changes nothing");
    if (sqlite3_bind_parameter_count(query) > 0) {
      const model::OrderedSql ordered = model::ordered_sql(assertion.sql);
      return error_in(path + ".sql", ordered.names.empty() ? 0 : ordered.names.front().at,
                      "an assertion has no parameters");
    }
    std::vector<std::string> columns;
    for (int i = 0; i < sqlite3_column_count(query); ++i) columns.emplace_back(sqlite3_column_name(query, i));
    for (const auto& [name, at] : placeholders(assertion.says))
      if (std::find(columns.begin(), columns.end(), name) == columns.end())
        error_in(path + ".says", at, fmt::format("the query has no column {}{}", name, did_you_mean(name, columns)));
    bench_.begin_steps();
    const int status = sqlite3_step(query);
    if (status == SQLITE_DONE) return;
    if (status != SQLITE_ROW) return error(path + ".sql", bench_.message());
    std::string row;
    for (int i = 0; i < sqlite3_column_count(query); ++i)
      row += fmt::format("{}{} = {}", i == 0 ? "" : ", ", columns[static_cast<std::size_t>(i)], value_text(query, i));
    error(path + ".sql", fmt::format("is broken from the start: the schema alone gives the row ({})", row));
  }

  SqlWorkload& workload_;
  const SourceText source_;
  const Places& places_;
  Diagnostics& diagnostics_;
  Bench bench_;
};

}  // namespace

void check_sql(SqlWorkload& workload, std::string_view file, const Places& places, Diagnostics& diagnostics) {
  Check(workload, file, places, diagnostics).check();
}

}  // namespace tidemark::scenarios
