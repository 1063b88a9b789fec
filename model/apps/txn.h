// Txn: the application of the register and append workloads.
//
//   POST /api/txn    micro-operations as one transaction: one statement, or a batch of several
//                    (with "concurrent": every one is a query of its own, all issued at the same time in one session)
//   GET  /api/txn    reads, concurrently
//   POST /api/reset  drops and makes the tables
//
// Tables: registers(k INTEGER PRIMARY KEY, v INTEGER, ver INTEGER), ver counts the writes of the key;
// lists(k INTEGER PRIMARY KEY, v TEXT), elements joined by commas. Padding goes to a column of its own, so that it
// never takes part in a result. Reads are retried like those of the template, writes never (they are not idempotent).
#pragma once

#include <vector>

#include "model/apps/common.h"

namespace tidemark::model {

class TxnApp final : public App {
 public:
  explicit TxnApp(const AppContext& context);
  sim::Task<HttpAnswer> handle(HttpRequestRef request) override;

 private:
  struct Together;
  sim::Task<HttpAnswer> run_transaction(HttpRequestRef request);
  sim::Task<HttpAnswer> run_together(HttpRequestRef request);
  sim::Task<HttpAnswer> reset(HttpRequestRef request);
  sim::Task<void> run_one(Together& queries, std::size_t index);

  const AppContext context_;
  sim::RandomStream& random_;  // retry delays
};

}  // namespace tidemark::model
