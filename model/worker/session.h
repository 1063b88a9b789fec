// The D1 binding inside a worker: databases, sessions, prepared statements.
//
// A session sends with every request what it holds at that moment, and keeps the newest bookmark that comes back:
// newest by string order, so it only moves forward; several requests of one session may be under way at the same time.
// Sources: D1 post (S1), workerd d1-api.ts.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/protocol/messages.h"
#include "model/types/bugs.h"
#include "model/types/options.h"
#include "model/worker/router.h"

namespace tidemark::model {

/// What a query resolves with. total_attempts counts the automatic retries; everything else is of the last attempt.
struct QueryResult {
  boost::intrusive_ptr<const D1Response> response;
  std::uint32_t total_attempts = 1;
  bool ok() const { return response->success; }
  const std::string& error() const { return response->error; }
  const ResultSetRef& rows(std::size_t statement = 0) const { return response->results[statement].rows; }
  const ResultMeta& meta(std::size_t statement = 0) const { return response->results[statement].meta; }
};

class D1Session;

/// Belongs to the session that prepared it, which must outlive it.
class PreparedStatement {
 public:
  PreparedStatement(D1Session& session, std::string_view sql) : session_(session) { statement_.sql = sql; }
  /// Replaces the parameters. Booleans are bound as 1 and 0 by the caller.
  template <typename... Values>
  PreparedStatement&& bind(Values&&... values) && {
    statement_.params.clear();
    statement_.params.reserve(sizeof...(Values));
    (statement_.params.emplace_back(std::forward<Values>(values)), ...);
    return std::move(*this);
  }
  /// Both have the same shape. A statement can be run again: it keeps its text and parameters.
  sim::Task<QueryResult> run() const;
  sim::Task<QueryResult> all() const { return run(); }
  const Statement& statement() const { return statement_; }

 private:
  D1Session& session_;
  Statement statement_;
};

class D1Session {
 public:
  /// What withSession and the plain binding make; see D1Database.
  D1Session(Router& router, std::uint32_t database, const WorkerOptions& options, BugSet bugs, SessionToken start,
            bool keeps_bookmark, std::uint32_t observed_session);
  /// Only before the first query: statements and queries under way refer to it.
  D1Session(D1Session&&) = default;
  D1Session(const D1Session&) = delete;
  D1Session& operator=(const D1Session&) = delete;

  PreparedStatement prepare(std::string_view sql) { return PreparedStatement(*this, sql); }
  /// One SQL transaction; results in order; any failure rolls all back. Only texts and parameters of the statements
  /// count.
  sim::Task<QueryResult> batch(std::vector<Statement> statements) { return execute(std::move(statements), true); }
  /// Time Travel of the database, which is not of the session: D1 offers it to those who administer a database, over
  /// its REST API. The session is behind the restored state from then on. Result: one row with the texts of three
  /// bookmarks, `target`, `undo` and `restored`. Its connection breaks when the primary does, and what came of it is
  /// then unknown.
  sim::Task<QueryResult> restore(boost::intrusive_ptr<RestoreRequest> request);
  /// getBookmark(): kNone (JavaScript's null) while the session holds a constraint; a bookmark it was opened with at
  /// once.
  SessionToken bookmark() const;
  /// The next request of the session sends this.
  const SessionToken& token() const { return token_; }

 private:
  friend class PreparedStatement;
  sim::Task<QueryResult> execute(std::vector<Statement> statements, bool batch);
  void keep_newest(const SessionToken& received);

  Router& router_;
  const std::uint32_t database_;
  const WorkerOptions& options_;
  const BugSet bugs_;
  const bool keeps_bookmark_;
  const std::uint32_t observed_session_;
  SessionToken token_;
};

/// `env.DB`. Options and router must outlive it and its sessions.
class D1Database {
 public:
  D1Database(Router& router, std::uint32_t database, const WorkerOptions& options, BugSet bugs)
      : router_(router), database_(database), options_(options), bugs_(bugs) {}

  /// withSession(argument): kNone (missing, null, blank) means first-unconstrained. Anything that is no constraint is
  /// kept and sent as a bookmark. `observed_session` is carried along for observers.
  D1Session with_session(const SessionToken& argument, std::uint32_t observed_session = 0) const;
  /// The binding itself: sends no bookmark, which the object takes for first-primary, and keeps none.
  D1Session plain() const;
  /// Which database of the run: HttpRequest::database.
  std::uint32_t number() const { return database_; }

 private:
  Router& router_;
  std::uint32_t database_;
  const WorkerOptions& options_;
  BugSet bugs_;
};

/// Would D1 retry this text by itself? By keyword (release notes 2025-09-11): it begins with SELECT, EXPLAIN or WITH
/// and no word outside of literals, quoted names and comments starts a write. How D1 scans is not published.
bool reads_by_keyword(std::string_view sql);

}  // namespace tidemark::model
