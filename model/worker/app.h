// App: a user's application, as code that a worker hosts. Implementations are in model/apps.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "model/env.h"
#include "model/protocol/http.h"
#include "model/protocol/rpc.h"
#include "model/protocol/socket.h"
#include "model/types/options.h"
#include "model/worker/session.h"

namespace tidemark::model {

/// What an application is given. The references outlive it.
struct AppContext {
  Env& env;
  D1Database database;
  const WorkerOptions& options;
  SessionMode sessions = SessionMode::kBookmark;
  RpcServer* sockets = nullptr;  // says something to a client over its socket, at any time; nullptr: there are none
  /// Process::id() of the worker of every PoP, this one's too: they answer requests of clients and of each other.
  std::span<const std::uint32_t> workers = {};
};

class App {
 public:
  virtual ~App() = default;
  /// Resolves with the answer (never nullptr); its id need not be set. Several requests run at the same time.
  virtual sim::Task<boost::intrusive_ptr<HttpResponse>> handle(HttpRequestRef request) = 0;

  /// A client wants a socket. False: this application has none. If true, the client is told right after.
  virtual bool socket_opened(RpcPeer) { return false; }
  /// Of open sockets only, each in the order in which it was said.
  virtual void socket_said(RpcPeer, SocketFrameRef) {}
  virtual void socket_gone(RpcPeer) {}
};

/// Makes the application of a database inside one worker.
class AppFactory {
 public:
  virtual ~AppFactory() = default;
  virtual std::unique_ptr<App> make(std::uint32_t database, const AppContext& context) const = 0;
};

}  // namespace tidemark::model
