#include "model/apps/orders.h"

#include <utility>
#include <vector>

#include "base/assert.h"
#include "model/apps/orders_sql.h"
#include "sim/core/wait.h"

namespace tidemark::model {
namespace {

using namespace orders_sql;

bool served_here(const HttpRequest& request) {
  return request.route == HttpRoute::kOrders ||
         (request.route == HttpRoute::kReset && request.method == HttpMethod::kPost);
}

/// Several queries of one session at the same time. Lives in the frame of list_together, which waits for all of them.
struct Together {
  Together(const AppContext& context, const HttpRequest& request, std::uint32_t queries)
      : session(context, request), results(queries), pending(queries) {}
  RequestSession session;
  std::vector<QueryResult> results;
  std::size_t pending;
  sim::WaitQueue done;
};

sim::Task<void> list_one(const AppContext& context, HttpRequestRef request, Together& all, std::size_t index) {
  const bool own = context.sessions == SessionMode::kUnconstrainedAlways;
  D1Session alone = context.database.with_session(SessionToken::first_unconstrained(), request->session);
  PreparedStatement select = (own ? alone : all.session.next()).prepare(kSelectAll);
  all.results[index] = co_await select.all();
  if (--all.pending == 0) all.done.notify_all();
}

sim::Task<HttpAnswer> list_together(const AppContext& context, HttpRequestRef request, std::uint32_t queries) {
  const sim::Instant started = context.env.now();
  Together all(context, *request, queries);
  for (std::size_t i = 0; i < queries; ++i) context.env.process().spawn(list_one(context, request, all, i));
  while (all.pending > 0) co_await all.done.wait(context.env.process());
  HttpAnswer response(new HttpResponse);
  for (const QueryResult& result : all.results) {
    if (!result.ok()) co_return server_error(result.error());
    response->results.push_back(result.rows());
    response->query_bookmarks.push_back(result.response->bookmark);
  }
  set_served_by(*response, all.results.back().meta());
  set_bookmark(*response, all.session.bookmark());
  response->d1_latency = context.env.now() - started;
  co_return response;
}

}  // namespace

OrdersApp::OrdersApp(const AppContext& context) : context_(context), random_(context.env.random("retry")) {}

sim::Task<HttpAnswer> OrdersApp::handle(HttpRequestRef request) {
  if (const auto* list = std::get_if<ListBody>(&request->body); list != nullptr) {
    co_return co_await list_together(context_, request, list->queries);
  }
  RequestSession session(context_, *request);
  if (!served_here(*request)) {
    HttpAnswer response = not_found();
    set_bookmark(*response, session.bookmark());
    co_return response;
  }
  const sim::Instant started = context_.env.now();
  Effects effects;
  for (std::uint32_t attempt = 1;; ++attempt) {
    Run run = co_await run_with_table(session, request);
    // Repeated after an attempt of unknown outcome: what the request did in all is unknown for good.
    effects.unknown = effects.unknown || run.effects.unknown;
    effects.wrote = effects.wrote || run.effects.wrote;
    if (run.last.ok()) {
      HttpAnswer response = success(run, session);
      response->d1_latency = context_.env.now() - started;
      response->effect_unknown = effects.unknown;
      co_return response;
    }
    if (!worth_retrying(run.last.error()) || attempt >= context_.options.app_attempts) {
      HttpAnswer response = server_error(run.last.error());
      response->effect_unknown = effects.unknown || effects.wrote;
      co_return response;
    }
    co_await sim::sleep(context_.env.process(), retry_delay(random_, attempt));
  }
}

sim::Task<OrdersApp::Run> OrdersApp::run_with_table(RequestSession& session, HttpRequestRef request) {
  Run run = co_await run_route(session, request);
  if (run.last.ok() || run.last.error().find(kNoTable) == std::string::npos) co_return run;
  const Effects before = run.effects;
  PreparedStatement create = session.next().prepare(kCreate);
  QueryResult created = co_await create.run();
  if (!created.ok()) {
    run.effects.note_write(created);
    run.last = std::move(created);
    co_return run;
  }
  Run again = co_await run_route(session, std::move(request));
  again.effects.unknown = again.effects.unknown || before.unknown;
  again.effects.wrote = again.effects.wrote || before.wrote;
  co_return again;
}

sim::Task<OrdersApp::Run> OrdersApp::run_route(RequestSession& session, HttpRequestRef request) {
  Run run;
  if (request->route == HttpRoute::kReset) {
    PreparedStatement reset = session.next().prepare(kReset);
    run.last = co_await reset.run();
    run.effects.note_write(run.last);
    run.is_reset = true;
    co_return run;
  }
  if (request->method == HttpMethod::kPost) {
    const auto* order = std::get_if<OrderBody>(&request->body);
    TIDEMARK_ASSERT(order != nullptr, "a POST of an order has one");
    PreparedStatement insert = session.next().prepare(kInsert).bind(order->customer, order->order, order->quantity);
    run.last = co_await insert.run();
    run.effects.note_write(run.last);
    if (!run.last.ok()) co_return run;
    run.changes = run.last.meta().changes;
  }
  PreparedStatement select = session.next().prepare(kSelectAll);
  run.last = co_await select.all();
  co_return run;
}

HttpAnswer OrdersApp::success(const Run& run, const RequestSession& session) const {
  HttpAnswer response(new HttpResponse);
  if (!run.is_reset) response->results.push_back(run.last.rows());
  response->changes = run.changes;
  response->query_bookmarks.push_back(run.last.response->bookmark);
  set_served_by(*response, run.last.meta());
  set_bookmark(*response, session.bookmark());
  return response;
}

}  // namespace tidemark::model
