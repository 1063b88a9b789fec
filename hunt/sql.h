// The little of SQLite that the results file needs: a connection and statements that throw.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace tidemark::hunt {

/// what() is SQLite's message, code() its primary result code.
class SqlError : public std::runtime_error {
 public:
  SqlError(int code, const std::string& message) : std::runtime_error(message), code_(code) {}
  int code() const { return code_; }

 private:
  int code_;
};

class Connection {
 public:
  /// ":memory:" or a file, on the real file system. `create`: if it is missing.
  Connection(const std::string& path, bool create);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void run(const std::string& sql);
  /// First column of the first row.
  std::int64_t number(const std::string& sql);
  std::string text(const std::string& sql);
  [[noreturn]] void fail() const;

 private:
  friend class Statement;
  sqlite3* db_ = nullptr;
};

class Statement {
 public:
  Statement(Connection& connection, const std::string& sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// Parameters are counted from 1, columns from 0.
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, double value);
  Statement& bind(int index, const std::string& value);
  Statement& bind_null(int index);
  /// True when there is a row.
  bool step();
  void reset();
  std::int64_t number(int column) const;
  double real(int column) const;
  std::string text(int column) const;
  bool is_null(int column) const;

 private:
  Connection& connection_;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace tidemark::hunt
