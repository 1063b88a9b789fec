// Call: one action under way in a worker: what was asked, the queries made for it, and what is answered.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/apps/common.h"

namespace tidemark::model {

/// A statement with the values of its parameters.
template <typename... Values>
Statement bound(std::string_view sql, Values&&... values) {
  Statement statement;
  statement.sql = sql;
  statement.params.reserve(sizeof...(Values));
  (statement.params.emplace_back(std::forward<Values>(values)), ...);
  return statement;
}

/// How an application is written (g++ 12 miscompiles a co_await in a condition, and one with a braced list inside):
///
///   const bool found = co_await call.run("SELECT balance FROM accounts WHERE id = ?", call.value(0));
///   if (!found) co_return;
///   call.show(call.rows());
class Call {
 public:
  Call(const AppContext& context, const HttpRequest& request, RequestSession& session);

  const std::string& action() const { return body_.name; }
  /// The action's values, by position; null when there are fewer (a scenario can write any action down).
  const SqlValue& value(std::size_t index) const;
  /// 0 when it is no number.
  std::int64_t integer(std::size_t index) const;
  const std::vector<SqlValue>& values() const { return body_.values; }

  /// One query of the session. False when it failed: return, the answer will be the error.
  template <typename... Values>
  sim::Task<bool> run(std::string_view sql, Values&&... values) {
    std::vector<Statement> one;
    one.push_back(bound(sql, std::forward<Values>(values)...));
    return batch(std::move(one));
  }
  /// Several as one transaction.
  sim::Task<bool> batch(std::vector<Statement> statements);
  /// Of the last query; of a batch, of its statement so.
  const ResultSetRef& rows(std::size_t statement = 0) const { return last_.rows(statement); }
  std::int64_t changes(std::size_t statement = 0) const { return last_.meta(statement).changes; }
  /// Time passes in the worker, as between two queries of slow code.
  sim::Task<void> pause(sim::Duration duration);

  /// Becomes part of the answer.
  void show(const ResultSetRef& rows) { shown_.push_back(rows); }
  /// The application says no: the answer is status 409 with this reason.
  void refuse(std::string_view why) { refused_ = why; }

  // For ApplicationHost.
  bool worth_another_try() const;
  HttpAnswer answer(sim::Instant started) const;

 private:
  bool note();

  const AppContext& context_;
  const ActionBody& body_;
  RequestSession& session_;
  QueryResult last_;
  std::vector<ResultSetRef> shown_;
  std::string refused_;
  std::int64_t changes_ = 0;
  Effects effects_;
};

}  // namespace tidemark::model
