// Events: the application of the write load. POST /api/events writes one row, POST /api/events/reset makes the table
// events(id INTEGER PRIMARY KEY, v TEXT). A known id is overwritten, so that the table stays bounded.
#pragma once

#include <memory>
#include <utility>

#include "model/apps/application.h"
#include "model/apps/common.h"

namespace tidemark::model {

class EventsApp final : public App {
 public:
  explicit EventsApp(const AppContext& context) : context_(context) {}
  sim::Task<HttpAnswer> handle(HttpRequestRef request) override;

 private:
  const AppContext context_;
};

/// The application of a database: `main` (by the workload's kind) with the events and the console beside it.
class Applications final : public AppFactory {
 public:
  /// `application`: what does the actions of a workload that has some; else nullptr.
  explicit Applications(WorkloadKind kind, std::shared_ptr<const Application> application = nullptr)
      : kind_(kind), application_(std::move(application)) {}
  std::unique_ptr<App> make(std::uint32_t database, const AppContext& context) const override;

 private:
  const WorkloadKind kind_;
  const std::shared_ptr<const Application> application_;
};

}  // namespace tidemark::model
