// ApplicationHost: an Application inside a worker. A request with an action does the action, whatever its route; POST
// /api/reset without one makes the tables.
//
// The session of a request is opened by the workload's session mode. An action that failed with an error worth retrying
// is done once more, in the same session, while surely nothing of it was written; after that only where the application
// calls it repeatable.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>

#include "model/apps/application.h"
#include "model/worker/app.h"

namespace tidemark::model {

class ApplicationHost final : public App {
 public:
  /// `application` is not nullptr.
  ApplicationHost(const AppContext& context, std::shared_ptr<const Application> application);
  sim::Task<HttpAnswer> handle(HttpRequestRef request) override;
  bool socket_opened(RpcPeer peer) override;
  void socket_said(RpcPeer peer, SocketFrameRef frame) override { object_->said(peer, std::move(frame)); }
  void socket_gone(RpcPeer peer) override { object_->gone(peer); }

 private:
  sim::Task<HttpAnswer> act(HttpRequestRef request);
  sim::Task<HttpAnswer> reset(HttpRequestRef request);

  const AppContext context_;
  const std::shared_ptr<const Application> application_;
  std::set<std::string, std::less<>> repeatable_;  // actions
  const std::unique_ptr<WorkerMemory> memory_;
  sim::RandomStream& random_;                      // retry delays
  const std::unique_ptr<LiveObject> object_;
};

}  // namespace tidemark::model
