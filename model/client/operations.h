// OperationSource: which operation a client does next. Draws from the client's own streams only, so that no client
// shifts another; written values are unique over all clients.
#pragma once

#include <cstdint>

#include "model/client/client_observer.h"
#include "model/client/zipf.h"
#include "model/protocol/http.h"
#include "model/types/options.h"
#include "sim/core/distribution.h"
#include "sim/core/random.h"

namespace tidemark::model {

struct PlannedOperation {
  OperationKind kind = OperationKind::kList;
  bool writes = false;
  bool concurrent = false;     // two queries at the same time in one session
  bool new_session = false;    // drop the bookmark first
  bool first_primary = false;  // and begin with "first-primary" in its place
  HttpMethod method = HttpMethod::kGet;
  HttpRoute route = HttpRoute::kOrders;
  HttpBody body;
};

class OperationSource {
 public:
  /// `number` of `options.clients`. `random` is the client's stream "operations".
  OperationSource(const WorkloadOptions& options, std::uint32_t number, sim::RandomStream& random);

  PlannedOperation next(sim::Instant now);

 private:
  PlannedOperation next_of_orders(sim::Instant now);
  PlannedOperation next_of_txn();
  MicroOp micro_op(bool write);
  std::int64_t key();
  std::int64_t unique_value();

  const WorkloadOptions& options_;
  const std::uint32_t number_;
  sim::RandomStream& random_;
  const Zipf keys_;
  const std::uint64_t read_;  // fixed-point probabilities
  const std::uint64_t batch_;
  const std::uint64_t concurrent_;
  const std::uint64_t new_session_;
  const std::uint64_t first_primary_;
  const bool resets_;
  const sim::DurationDistribution between_resets_;
  sim::Instant next_reset_;
  std::int64_t values_ = 0;
  std::int64_t appends_ = 0;
};

}  // namespace tidemark::model
