#include "scenarios/run/state_books.h"

#include <fmt/core.h>
#include <sqlite3.h>

#include "base/assert.h"
#include "model/sqlite/library.h"
#include "scenarios/run/pages_vfs.h"

namespace tidemark::scenarios {
namespace {

/// A connection of its own, that leaves SQLite's generator as it was.
class Reading {
 public:
  Reading(const char* file, int flags, const char* vfs) {
    model::sqlite::set_up_library();
    sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SAVE);
    const int status = sqlite3_open_v2(file, &handle_, flags, vfs);
    TIDEMARK_ASSERT(status == SQLITE_OK, "nothing is read yet");
  }
  ~Reading() {
    sqlite3_close(handle_);
    sqlite3_test_control(SQLITE_TESTCTRL_PRNG_RESTORE);
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  /// False: SQLite refuses, see problem(). Rows are put together, their values apart by commas.
  bool run(const std::string& sql, std::vector<std::string>* rows = nullptr) {
    const char* rest = sql.c_str();
    while (*rest != '\0') {
      sqlite3_stmt* statement = nullptr;
      if (sqlite3_prepare_v2(handle_, rest, -1, &statement, &rest) != SQLITE_OK) return false;
      int status = SQLITE_DONE;
      if (statement != nullptr) {
        while ((status = sqlite3_step(statement)) == SQLITE_ROW)
          if (rows != nullptr) rows->push_back(row_text(statement));
      }
      sqlite3_finalize(statement);
      if (status != SQLITE_DONE) return false;
    }
    return true;
  }
  std::string problem() const { return sqlite3_errmsg(handle_); }

 private:
  static std::string value_text(sqlite3_stmt* row, int column) {
    switch (sqlite3_column_type(row, column)) {
      case SQLITE_NULL:
        return "NULL";
      case SQLITE_FLOAT: {
        const std::string text = fmt::format("{}", sqlite3_column_double(row, column));
        return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
      }
      case SQLITE_INTEGER:
        return std::to_string(sqlite3_column_int64(row, column));
      default:
        break;
    }
    const bool is_blob = sqlite3_column_type(row, column) == SQLITE_BLOB;
    const void* const bytes = sqlite3_column_blob(row, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(row, column));
    return (is_blob ? "x'" : "'") + (size == 0 ? "" : std::string(static_cast<const char*>(bytes), size)) + "'";
  }
  static std::string row_text(sqlite3_stmt* row) {
    std::string text;
    for (int i = 0; i < sqlite3_column_count(row); ++i) text += (i == 0 ? "" : ", ") + value_text(row, i);
    return text;
  }

  sqlite3* handle_ = nullptr;
};

std::string in_quotes(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

bool read_all(Reading& reading, model::DatabaseContent& content) {
  std::vector<std::string>& schema = content[""];
  if (!reading.run("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name", &schema)) return false;
  std::vector<std::string> names;  // in quotes
  const char* const tables =
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
  if (!reading.run(tables, &names)) return false;
  for (const std::string& in_text : names) {
    const std::string name = in_text.substr(1, in_text.size() - 2);
    if (!reading.run("SELECT * FROM " + in_quotes(name), &content[name])) return false;
  }
  return true;
}

}  // namespace

std::optional<model::DatabaseContent> StateBooks::content_at(const model::Bookmark& at) const {
  PageList pages;
  if (!images_.state_at(at, pages)) return std::nullopt;
  PagesVfs vfs(page_size_);
  vfs.show(pages);
  Reading reading("book", SQLITE_OPEN_READONLY, vfs.name());
  model::DatabaseContent content;
  if (!read_all(reading, content)) return std::nullopt;
  return content;
}

model::DatabaseContent StateBooks::load(std::span<const std::string> statements, std::string& problem) const {
  Reading reading(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, nullptr);
  model::DatabaseContent content;
  problem.clear();
  bool good = reading.run("PRAGMA foreign_keys = on; BEGIN");
  for (const std::string& statement : statements) good = good && reading.run(statement);
  good = good && reading.run("COMMIT") && read_all(reading, content);
  if (!good) {
    problem = reading.problem();
    content.clear();
  }
  return content;
}

}  // namespace tidemark::scenarios
