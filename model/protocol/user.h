// User: what a user of an application does next. The client's half of an application (model/apps/application.h); the
// client asks it before each operation and tells it what came of it.
#pragma once

#include <cstdint>
#include <memory>

#include "model/protocol/http.h"
#include "model/protocol/rpc.h"
#include "sim/core/connection.h"
#include "sim/core/process.h"
#include "sim/core/random.h"
#include "sim/core/time.h"

namespace tidemark::model {

/// Which client of how many. Numbers count from 0.
struct ClientPlace {
  std::uint32_t number = 0;
  std::uint32_t clients = 1;
};

/// How an action begins.
enum class Opening : std::uint8_t {
  kSame,          // with the bookmark that the client holds
  kNew,           // on a new page, which holds none
  kFirstPrimary,  // on a new page, whose first request carries the constraint
};

/// As what an action goes over the wire.
struct ActionRoute {
  bool writes = false;  // it may change something
  HttpMethod method = HttpMethod::kPost;
  HttpRoute route = HttpRoute::kAction;
};

/// Where a page is open.
struct PagePlace {
  sim::Process& process;  // of the client
  sim::Transport& network;
  std::uint32_t object = 0;  // Process::id() of the worker beside the database: where sockets lead
  std::uint32_t database = 0;
};

/// A page that stays open and talks over connections of its own (model/protocol/socket.h), where requests and answers
/// are not enough. One for each life of its client.
class Page {
 public:
  virtual ~Page() = default;
  /// Does one action, in place of a request to a worker; called when the one before has ended. `request` has body and
  /// session. Resolves with an HttpResponse that says what the user was shown, or with nothing where the user is not
  /// told what became of it.
  virtual sim::Task<RpcAnswer> act(HttpRequestRef request) = 0;
  /// The client is on another network, or its connection was cut: what is on the wire is lost.
  virtual void lose_connection() = 0;
};

/// One for each client, over all its lives. Draws from `random` only (the client's own stream), so that no client
/// shifts another.
class User {
 public:
  virtual ~User() = default;
  virtual ActionBody next(sim::Instant now, sim::RandomStream& random) = 0;
  /// Of the action that next() has just given.
  virtual Opening opening() const { return Opening::kSame; }
  /// What the last action came to. `response` is nullptr when no answer came.
  virtual void answered(const ActionBody&, const HttpResponse* /*response*/) {}
  /// The client has crashed: what the page had in memory is gone. What must stay unique has to stay.
  virtual void forget() {}
  /// nullptr: its actions are requests to the nearest worker. The user outlives the page.
  virtual std::unique_ptr<Page> page(const PagePlace&) { return nullptr; }
};

}  // namespace tidemark::model
