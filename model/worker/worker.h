// Worker: the program of one PoP. Serves HTTP requests of clients by running the application that they address;
// stateless but for its connections to database copies.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "model/env.h"
#include "model/protocol/rpc.h"
#include "model/types/bugs.h"
#include "model/types/options.h"
#include "model/worker/app.h"
#include "model/worker/router.h"

namespace tidemark::model {

class Worker final : public sim::Program, public RpcHandler {
 public:
  /// Listens from now on. The references outlive the worker.
  Worker(Env& env, const Directory& directory, const AppFactory& apps, const WorkerOptions& options,
         SessionMode sessions, BugSet bugs);
  ~Worker() override;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  std::uint32_t open_requests() const { return open_; }

 private:
  void on_request(RpcPeer from, const sim::PayloadRef& message) override;
  void on_gone(RpcPeer peer) override;
  void on_frame(RpcPeer from, SocketFrameRef frame);
  sim::Task<void> serve(RpcPeer from, HttpRequestRef request);
  App& app_of(std::uint32_t database);

  Env& env_;
  const Directory& directory_;
  const AppFactory& factory_;
  const WorkerOptions& options_;
  const SessionMode sessions_;
  const BugSet bugs_;
  Router router_;
  RpcServer server_;
  std::map<std::uint32_t, std::unique_ptr<App>> apps_;  // by database, made at the first request
  std::map<RpcPeer, std::uint32_t> sockets_;            // open ones, with their databases
  std::uint32_t open_ = 0;
};

}  // namespace tidemark::model
