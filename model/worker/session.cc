#include "model/worker/session.h"

#include "base/assert.h"

namespace tidemark::model {
namespace {

bool is_constraint(const SessionToken& token) {
  return token.kind() == SessionToken::Kind::kFirstPrimary || token.kind() == SessionToken::Kind::kFirstUnconstrained;
}

// Mistake G2: the numbers without leading zeros, compared as text.
bool less_with_variable_width(const SessionToken& a, const SessionToken& b) {
  if (a.kind() != SessionToken::Kind::kBookmark || b.kind() != SessionToken::Kind::kBookmark) return a.text_less(b);
  if (a.bookmark().epoch != b.bookmark().epoch) return a.bookmark().epoch < b.bookmark().epoch;
  return std::to_string(a.bookmark().sequence) < std::to_string(b.bookmark().sequence);
}

bool all_read_by_keyword(const std::vector<Statement>& statements) {
  for (const Statement& statement : statements) {
    if (!reads_by_keyword(statement.sql)) return false;
  }
  return true;
}

/// Of a restore, as if a query had made the entry.
boost::intrusive_ptr<const D1Response> as_query(const RestoreResponse& restore) {
  boost::intrusive_ptr<D1Response> response(new D1Response);
  response->success = restore.success;
  response->error = restore.error;
  response->outcome_unknown = restore.outcome_unknown;
  if (!restore.success) return response;
  ResultSet::Builder row(column_names({"target", "undo", "restored"}));
  row.add_text(restore.target.text());
  row.add_text(restore.undo.text());
  row.add_text(restore.restored.text());
  response->results.emplace_back().rows = row.finish();
  response->bookmark = SessionToken::of(restore.restored);
  response->truth.created = restore.restored;
  return response;
}

}  // namespace

sim::Task<QueryResult> PreparedStatement::run() const {
  return session_.execute({statement_}, false);
}

D1Session::D1Session(Router& router, std::uint32_t database, const WorkerOptions& options, BugSet bugs,
                     SessionToken start, bool keeps_bookmark, std::uint32_t observed_session)
    : router_(router),
      database_(database),
      options_(options),
      bugs_(bugs),
      keeps_bookmark_(keeps_bookmark),
      observed_session_(observed_session),
      token_(std::move(start)) {
  TIDEMARK_ASSERT(!keeps_bookmark || token_.kind() != SessionToken::Kind::kNone);
}

SessionToken D1Session::bookmark() const {
  return is_constraint(token_) ? SessionToken() : token_;
}

void D1Session::keep_newest(const SessionToken& received) {
  if (!keeps_bookmark_ || received.kind() == SessionToken::Kind::kNone) return;
  bool newer = is_constraint(token_) || token_.text_less(received);
  if (bugs_.has(Bug::kG1)) newer = true;
  if (bugs_.has(Bug::kG2)) newer = is_constraint(token_) || less_with_variable_width(token_, received);
  if (bugs_.has(Bug::kG26)) newer = is_constraint(token_) || received.text_less(token_);
  if (newer) token_ = received;
}

sim::Task<QueryResult> D1Session::execute(std::vector<Statement> statements, bool batch) {
  TIDEMARK_ASSERT(!statements.empty());
  QueryResult result;
  boost::intrusive_ptr<const D1Request> previous;
  for (std::uint32_t attempt = 1;; ++attempt) {
    boost::intrusive_ptr<D1Request> request(new D1Request);
    request->database = database_;
    request->batch = batch;
    request->token = token_;
    request->session = observed_session_;
    request->statements = previous ? previous->statements : std::move(statements);
    previous = request;
    result.response = co_await router_.send(std::move(request));
    result.total_attempts = attempt;
    if (result.ok() || !result.response->retryable || attempt > options_.read_retries) break;
    // Bug G29: writes are tried again as well.
    if (!bugs_.has(Bug::kG29) && !all_read_by_keyword(previous->statements)) break;
    if (router_.env().unlikely("session/no-retry", sim::BuggifyClass::kError)) break;
  }
  if (result.ok()) keep_newest(result.response->bookmark);
  if (!result.ok() && bugs_.has(Bug::kG25)) token_ = SessionToken::first_unconstrained();
  co_return result;
}

sim::Task<QueryResult> D1Session::restore(boost::intrusive_ptr<RestoreRequest> request) {
  request->database = database_;
  const boost::intrusive_ptr<const RestoreResponse> done = co_await router_.restore(std::move(request));
  QueryResult result;
  result.response = as_query(*done);
  if (result.ok()) keep_newest(result.response->bookmark);
  co_return result;
}

D1Session D1Database::with_session(const SessionToken& argument, std::uint32_t observed_session) const {
  const bool missing = argument.kind() == SessionToken::Kind::kNone;
  return {router_, database_,       options_, bugs_, missing ? SessionToken::first_unconstrained() : argument,
          true,    observed_session};
}

D1Session D1Database::plain() const {
  return {router_, database_, options_, bugs_, SessionToken(), false, 0};
}

}  // namespace tidemark::model
