// ApplicationHost: an Application inside a worker. POST /api/action does an action, POST /api/reset makes the tables.
//
// The session of a request is opened by the workload's session mode. An action that failed with an error worth retrying
// is done once more while surely nothing of it was written; writes are never repeated (they may not be idempotent).
#pragma once

#include <memory>

#include "model/apps/application.h"
#include "model/worker/app.h"

namespace tidemark::model {

class ApplicationHost final : public App {
 public:
  /// `application` is not nullptr.
  ApplicationHost(const AppContext& context, std::shared_ptr<const Application> application);
  sim::Task<HttpAnswer> handle(HttpRequestRef request) override;

 private:
  sim::Task<HttpAnswer> act(HttpRequestRef request);
  sim::Task<HttpAnswer> reset(HttpRequestRef request);

  const AppContext context_;
  const std::shared_ptr<const Application> application_;
  sim::RandomStream& random_;  // retry delays
};

}  // namespace tidemark::model
