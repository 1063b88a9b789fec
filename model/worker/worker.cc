#include "model/worker/worker.h"

#include <utility>

#include "base/assert.h"
#include "sim/core/wait.h"

namespace tidemark::model {

Worker::Worker(Env& env, const Directory& directory, const AppFactory& apps, const WorkerOptions& options,
               SessionMode sessions, BugSet bugs)
    : env_(env),
      directory_(directory),
      factory_(apps),
      options_(options),
      sessions_(sessions),
      bugs_(bugs),
      router_(env, directory),
      server_(*this) {
  env_.network().listen(&server_);
}

Worker::~Worker() {
  env_.network().listen(nullptr);
}

void Worker::on_request(RpcPeer from, const sim::PayloadRef& message) {
  if (message->type() == static_cast<std::uint16_t>(MessageType::kSocketFrame))
    return on_frame(from, boost::static_pointer_cast<const SocketFrame>(message));
  TIDEMARK_ASSERT(message->type() == static_cast<std::uint16_t>(MessageType::kHttpRequest));
  env_.process().spawn(serve(from, boost::static_pointer_cast<const HttpRequest>(message)));
}

void Worker::on_frame(RpcPeer from, SocketFrameRef frame) {
  const auto socket = sockets_.find(from);
  if (socket != sockets_.end()) return app_of(socket->second).socket_said(from, std::move(frame));
  if (frame->kind != SocketFrame::Kind::kUpgrade || !app_of(frame->database).socket_opened(from)) return;
  sockets_.emplace(from, frame->database);
  server_.reply(from, accepted_frame(frame->database));
}

void Worker::on_gone(RpcPeer peer) {
  const auto socket = sockets_.find(peer);
  if (socket == sockets_.end()) return;
  App& app = app_of(socket->second);
  sockets_.erase(socket);
  app.socket_gone(peer);
}

sim::Task<void> Worker::serve(RpcPeer from, HttpRequestRef request) {
  ++open_;
  co_await sim::sleep(env_.process(), options_.request_overhead + env_.extra_delay("worker/slow"));
  boost::intrusive_ptr<HttpResponse> response = co_await app_of(request->database).handle(request);
  TIDEMARK_ASSERT(response != nullptr);
  response->id = request->id;
  // Bug G30: the header was set before the queries ran.
  if (bugs_.has(Bug::kG30) && response->has_bookmark) response->bookmark = request->bookmark;
  --open_;
  server_.reply(from, std::move(response));
}

App& Worker::app_of(std::uint32_t database) {
  std::unique_ptr<App>& app = apps_[database];
  if (!app) {
    app = factory_.make(database, {env_, D1Database(router_, database, options_, bugs_), options_, sessions_, &server_,
                                   directory_.workers()});
  }
  return *app;
}

}  // namespace tidemark::model
