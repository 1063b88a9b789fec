// Call: one action under way in a worker: what was asked, the queries made for it, and what is answered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/apps/common.h"

namespace tidemark::model {

class WorkerMemory;  // model/apps/application.h

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
  /// `memory` may be nullptr.
  Call(const AppContext& context, const HttpRequest& request, RequestSession& session, WorkerMemory* memory);

  const std::string& action() const { return body_.name; }
  /// The action's values, by position; null when there are fewer (a scenario can write any action down).
  const SqlValue& value(std::size_t index) const;
  /// 0 when it is no number.
  std::int64_t integer(std::size_t index) const;
  const std::vector<SqlValue>& values() const { return body_.values; }
  const ActionBody& asked() const { return body_; }

  /// One query of the session. False when it failed: return, the answer will be the error.
  template <typename... Values>
  sim::Task<bool> run(std::string_view sql, Values&&... values) {
    std::vector<Statement> one;
    one.push_back(bound(sql, std::forward<Values>(values)...));
    return batch(std::move(one));
  }
  /// Several as one transaction.
  sim::Task<bool> batch(std::vector<Statement> statements);
  /// Time Travel of the database to a bookmark, or to the newest state at that time by the leader's clock, as
  /// its administrator would order it. Counts as a query; see D1Session::restore().
  sim::Task<bool> restore(SessionToken to);
  sim::Task<bool> restore_to_time(sim::Instant time);
  /// Of the last query; of a batch, of its statement so.
  const ResultSetRef& rows(std::size_t statement = 0) const { return last_.rows(statement); }
  std::int64_t changes(std::size_t statement = 0) const { return last_.meta(statement).changes; }
  /// Did the last query make an entry of the log? For notes: no answer says it.
  bool made_entry() const { return last_.response != nullptr && !last_.response->truth.created.is_origin(); }
  /// The bookmark that came with the last query, which was not in vain.
  const SessionToken& read_at() const { return last_.response->bookmark; }
  /// What the session holds: its next query carries it.
  const SessionToken& held() const { return session_.token(); }
  /// What the application keeps in this worker, as Application::memory() made it.
  WorkerMemory* memory() const { return memory_; }
  /// Time passes in the worker, as between two queries of slow code.
  sim::Task<void> pause(sim::Duration duration);

  /// The error of the last query; empty when there is none.
  std::string_view error() const { return failed() ? std::string_view(last_.error()) : std::string_view(); }
  bool failed() const { return last_.response != nullptr && !last_.ok(); }
  /// getBookmark() of the session.
  SessionToken bookmark() const { return session_.bookmark(); }

  /// Becomes part of the answer.
  void show(const ResultSetRef& rows) { shown_.push_back(rows); }
  /// What is shown was read before, at this bookmark: the answer carries it, or the session's where that is newer.
  void as_of(const SessionToken& read_at) { as_of_ = read_at; }
  /// The application says no: the answer is status 409 with this reason.
  void refuse(std::string_view why) { refused_ = why; }
  /// There is nothing at this place: status 404. The only answer that needs no query.
  void not_found() { not_found_ = true; }
  /// The header x-d1-bookmark of the answer; kNone = there is none. Unless a handler says so it is the session's
  /// bookmark, and an error (status 500) has none.
  void hand_on(const SessionToken& token) { handed_on_ = token; }
  /// What the handler tells of itself to the application's truths. Not sent. All attempts' notes are kept.
  void note(std::string_view text) { notes_.emplace_back(text); }

  // For ApplicationHost.
  bool worth_another_try(bool repeatable) const;
  /// The next attempt of the same action, in the same session.
  void begin_again();
  HttpAnswer answer(sim::Instant started) const;

 private:
  bool note();
  SessionToken bookmark_out() const;

  const AppContext& context_;
  const ActionBody& body_;
  RequestSession& session_;
  WorkerMemory* const memory_;
  QueryResult last_;  // without a response: no query was made
  SessionToken as_of_;
  std::vector<ResultSetRef> shown_;
  std::string refused_;
  bool not_found_ = false;
  std::optional<SessionToken> handed_on_;
  std::vector<std::string> notes_;
  std::int64_t changes_ = 0;
  Effects effects_;
  Effects earlier_;  // of the attempts before
};

}  // namespace tidemark::model
