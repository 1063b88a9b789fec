// Orders: the application of Cloudflare's d1-starter-sessions-api template, as code.
//
//   GET  /api/orders   select all
//   POST /api/orders   insert one (on conflict do nothing), then select all, in the same session
//   POST /api/reset    drop and create the table, one prepared text
//   other              404
//
// Answers carry x-d1-bookmark, the error answer (500) does not. If the table is missing it is created through the same
// session and the handler runs once more. Errors worth retrying repeat the whole handler, insert and select.
#pragma once

#include "model/apps/common.h"

namespace tidemark::model {

class OrdersApp final : public App {
 public:
  explicit OrdersApp(const AppContext& context);
  sim::Task<HttpAnswer> handle(HttpRequestRef request) override;

 private:
  /// What one run of the handler gives: the last result, or the one that failed.
  struct Run {
    QueryResult last;
    bool is_reset = false;
    std::int64_t changes = 0;
    Effects effects;
  };
  sim::Task<Run> run_route(RequestSession& session, HttpRequestRef request);
  sim::Task<Run> run_with_table(RequestSession& session, HttpRequestRef request);
  HttpAnswer success(const Run& run, const RequestSession& session) const;

  const AppContext context_;
  sim::RandomStream& random_;  // retry delays
};

}  // namespace tidemark::model
