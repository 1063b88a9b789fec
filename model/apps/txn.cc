#include "model/apps/txn.h"

#include <string>
#include <utility>

#include "base/assert.h"
#include "sim/core/wait.h"

namespace tidemark::model {
namespace {

constexpr std::string_view kReadRegister = "SELECT v, ver FROM registers WHERE k = ?";
constexpr std::string_view kWriteRegister =
    "INSERT INTO registers (k, v, ver, padding) VALUES (?, ?, 1, ?) "
    "ON CONFLICT (k) DO UPDATE SET v = excluded.v, ver = ver + 1, padding = excluded.padding RETURNING ver";
constexpr std::string_view kReadList = "SELECT v FROM lists WHERE k = ?";
constexpr std::string_view kAppendList =
    "INSERT INTO lists (k, v, padding) VALUES (?, ?, ?) "
    "ON CONFLICT (k) DO UPDATE SET v = v || ',' || excluded.v, padding = excluded.padding";
constexpr std::string_view kReset =
    "DROP TABLE IF EXISTS registers; DROP TABLE IF EXISTS lists; "
    "CREATE TABLE registers (k INTEGER PRIMARY KEY, v INTEGER, ver INTEGER, padding TEXT); "
    "CREATE TABLE lists (k INTEGER PRIMARY KEY, v TEXT, padding TEXT)";

std::string_view sql_of(MicroOp::Kind kind) {
  switch (kind) {
    case MicroOp::Kind::kReadRegister:
      return kReadRegister;
    case MicroOp::Kind::kWriteRegister:
      return kWriteRegister;
    case MicroOp::Kind::kReadList:
      return kReadList;
    case MicroOp::Kind::kAppendList:
      return kAppendList;
  }
  return kReadRegister;
}

SqlValue padding_of(std::uint32_t bytes) {
  if (bytes == 0) return std::monostate();
  return std::string(bytes, 'x');
}

PreparedStatement prepare(D1Session& session, const MicroOp& op, std::uint32_t padding) {
  PreparedStatement statement = session.prepare(sql_of(op.kind));
  if (!op.writes()) return std::move(statement).bind(op.key);
  if (op.kind == MicroOp::Kind::kWriteRegister) return std::move(statement).bind(op.key, op.value, padding_of(padding));
  return std::move(statement).bind(op.key, std::to_string(op.value), padding_of(padding));
}

bool any_write(const TxnBody& body) {
  for (const MicroOp& op : body.ops) {
    if (op.writes()) return true;
  }
  return false;
}

const TxnBody& body_of(const HttpRequest& request) {
  const auto* body = std::get_if<TxnBody>(&request.body);
  TIDEMARK_ASSERT(body != nullptr && !body->ops.empty(), "a transaction has micro-operations");
  return *body;
}

HttpAnswer success(const QueryResult& result, const SessionToken& bookmark) {
  HttpAnswer response(new HttpResponse);
  for (const StatementResult& statement : result.response->results) {
    const bool has_rows = statement.rows && statement.rows->columns() > 0;
    response->results.push_back(has_rows ? statement.rows : ResultSetRef());
    response->changes += statement.meta.changes;
  }
  response->query_bookmarks.push_back(result.response->bookmark);
  set_served_by(*response, result.meta());
  set_bookmark(*response, bookmark);
  return response;
}

}  // namespace

TxnApp::TxnApp(const AppContext& context) : context_(context), random_(context.env.random("retry")) {}

sim::Task<HttpAnswer> TxnApp::handle(HttpRequestRef request) {
  if (request->route == HttpRoute::kTxn) {
    const bool together = request->method == HttpMethod::kGet || body_of(*request).concurrent;
    return together ? run_together(std::move(request)) : run_transaction(std::move(request));
  }
  return reset(std::move(request));
}

sim::Task<HttpAnswer> TxnApp::reset(HttpRequestRef request) {
  if (request->route != HttpRoute::kReset || request->method != HttpMethod::kPost) co_return not_found();
  RequestSession session(context_, *request);
  PreparedStatement statement = session.next().prepare(kReset);
  const QueryResult result = co_await statement.run();
  if (result.ok()) {
    HttpAnswer response = success(result, session.bookmark());
    response->results.clear();
    co_return response;
  }
  HttpAnswer response = server_error(result.error());
  response->effect_unknown = result.response->outcome_unknown;
  co_return response;
}

sim::Task<HttpAnswer> TxnApp::run_transaction(HttpRequestRef request) {
  const TxnBody& body = body_of(*request);
  RequestSession requested(context_, *request);
  const sim::Instant started = context_.env.now();
  const bool writes = any_write(body);
  for (std::uint32_t attempt = 1;; ++attempt) {
    D1Session& session = requested.next();
    QueryResult result;
    if (body.ops.size() == 1) {
      PreparedStatement statement = prepare(session, body.ops.front(), body.padding);
      result = co_await statement.run();
    } else {
      std::vector<Statement> statements;
      for (const MicroOp& op : body.ops) statements.push_back(prepare(session, op, body.padding).statement());
      result = co_await session.batch(std::move(statements));
    }
    if (result.ok()) {
      HttpAnswer response = success(result, session.bookmark());
      response->d1_latency = context_.env.now() - started;
      co_return response;
    }
    if (writes || !worth_retrying(result.error()) || attempt >= context_.options.app_attempts) {
      HttpAnswer response = server_error(result.error());
      response->effect_unknown = writes && result.response->outcome_unknown;
      co_return response;
    }
    co_await sim::sleep(context_.env.process(), retry_delay(random_, attempt));
  }
}

/// Lives in the frame of run_together, which waits for every query before it returns.
struct TxnApp::Together {
  Together(const AppContext& context, HttpRequestRef asked) : request(std::move(asked)), shared(context, *request) {}
  HttpRequestRef request;
  RequestSession shared;
  std::vector<QueryResult> results;
  std::size_t pending = 0;
  sim::WaitQueue done;
};

sim::Task<HttpAnswer> TxnApp::run_together(HttpRequestRef request) {
  const TxnBody& body = body_of(*request);
  const bool writes = any_write(body);
  if (writes && request->method == HttpMethod::kGet) co_return server_error("GET /api/txn only reads");
  const sim::Instant started = context_.env.now();
  Together queries(context_, request);
  queries.results.resize(body.ops.size());
  queries.pending = body.ops.size();
  for (std::size_t i = 0; i < body.ops.size(); ++i) context_.env.process().spawn(run_one(queries, i));
  while (queries.pending > 0) co_await queries.done.wait(context_.env.process());

  HttpAnswer response(new HttpResponse);
  for (const QueryResult& result : queries.results) {
    if (!result.ok()) {
      // One of several failed: what the others did stays done.
      HttpAnswer failed = server_error(result.error());
      failed->effect_unknown = writes;
      co_return failed;
    }
    const bool has_rows = result.rows() && result.rows()->columns() > 0;
    response->results.push_back(has_rows ? result.rows() : ResultSetRef());
    response->query_bookmarks.push_back(result.response->bookmark);
  }
  set_served_by(*response, queries.results.back().meta());
  set_bookmark(*response, queries.shared.bookmark());
  response->d1_latency = context_.env.now() - started;
  co_return response;
}

sim::Task<void> TxnApp::run_one(Together& queries, std::size_t index) {
  const TxnBody& body = body_of(*queries.request);
  const MicroOp op = body.ops[index];
  const bool own = context_.sessions == SessionMode::kUnconstrainedAlways;
  D1Session alone = context_.database.with_session(SessionToken::first_unconstrained(), queries.request->session);
  PreparedStatement statement = prepare(own ? alone : queries.shared.next(), op, body.padding);
  queries.results[index] = co_await statement.all();
  if (--queries.pending == 0) queries.done.notify_all();
}

}  // namespace tidemark::model
