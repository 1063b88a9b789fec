// Console: an application that runs whatever SQL it is sent, as a door left open by its developer would (fault X9).
// POST /api/sql runs the text as one query of a session of its own; the answer has no rows.
#pragma once

#include "model/apps/common.h"

namespace tidemark::model {

class ConsoleApp final : public App {
 public:
  explicit ConsoleApp(const AppContext& context) : context_(context) {}
  sim::Task<HttpAnswer> handle(HttpRequestRef request) override;

 private:
  const AppContext context_;
};

}  // namespace tidemark::model
