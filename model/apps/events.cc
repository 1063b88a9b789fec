#include "model/apps/events.h"

#include <string>
#include <utility>

#include "base/assert.h"
#include "model/apps/application_host.h"
#include "model/apps/console.h"
#include "model/apps/orders.h"
#include "model/apps/txn.h"

namespace tidemark::model {
namespace {

constexpr std::string_view kInsert = "INSERT OR REPLACE INTO events (id, v) VALUES (?, ?)";
constexpr std::string_view kReset = "DROP TABLE IF EXISTS events; CREATE TABLE events (id INTEGER PRIMARY KEY, v TEXT)";

bool is_event(HttpRoute route) {
  return route == HttpRoute::kEvents || route == HttpRoute::kEventsReset;
}

PreparedStatement prepare(D1Session& session, const HttpRequest& request) {
  if (request.route == HttpRoute::kEventsReset) return session.prepare(kReset);
  const auto* event = std::get_if<EventBody>(&request.body);
  TIDEMARK_ASSERT(event != nullptr, "an event has a body");
  return session.prepare(kInsert).bind(event->id, std::string(event->padding, 'e'));
}

class Composite final : public App {
 public:
  Composite(std::unique_ptr<App> main, const AppContext& context)
      : main_(std::move(main)), events_(context), console_(context) {}
  sim::Task<HttpAnswer> handle(HttpRequestRef request) override {
    if (request->route == HttpRoute::kSql) return console_.handle(std::move(request));
    return is_event(request->route) ? events_.handle(std::move(request)) : main_->handle(std::move(request));
  }
  bool socket_opened(RpcPeer peer) override { return main_->socket_opened(peer); }
  void socket_said(RpcPeer peer, SocketFrameRef frame) override { main_->socket_said(peer, std::move(frame)); }
  void socket_gone(RpcPeer peer) override { main_->socket_gone(peer); }

 private:
  std::unique_ptr<App> main_;
  EventsApp events_;
  ConsoleApp console_;
};

}  // namespace

sim::Task<HttpAnswer> EventsApp::handle(HttpRequestRef request) {
  if (request->method != HttpMethod::kPost) co_return not_found();
  RequestSession session(context_, *request);
  PreparedStatement statement = prepare(session.next(), *request);
  const QueryResult result = co_await statement.run();
  if (!result.ok()) {
    HttpAnswer failed = server_error(result.error());
    failed->effect_unknown = result.response->outcome_unknown;
    co_return failed;
  }
  HttpAnswer response(new HttpResponse);
  response->changes = result.meta().changes;
  set_served_by(*response, result.meta());
  set_bookmark(*response, session.bookmark());
  co_return response;
}

std::unique_ptr<App> Applications::make(std::uint32_t, const AppContext& context) const {
  std::unique_ptr<App> main;
  if (kind_ == WorkloadKind::kOrders) {
    main = std::make_unique<OrdersApp>(context);
  } else if (does_actions(kind_)) {
    main = std::make_unique<ApplicationHost>(context, application_);
  } else {
    main = std::make_unique<TxnApp>(context);
  }
  return std::make_unique<Composite>(std::move(main), context);
}

}  // namespace tidemark::model
