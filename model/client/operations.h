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

/// What must stay unique over all lives of a client, for whoever judges its history; the client itself forgets when it
/// crashes. Kept outside its process.
struct ClientLedger {
  std::uint32_t sessions = 0;      // opened so far
  std::uint32_t retired = 0;       // process numbers given up after an unknown outcome
  std::int64_t values = 0;         // written so far
  std::int64_t appends = 0;        // operations that appended so far
  std::uint64_t last_request = 0;  // id
  bool open = false;               // an operation is under way
};

class OperationSource {
 public:
  /// `number` of `options.clients`. `random` is the client's stream "operations". The references must outlive the
  /// source.
  OperationSource(const WorkloadOptions& options, std::uint32_t number, sim::RandomStream& random,
                  ClientLedger& ledger);

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
  ClientLedger& ledger_;
};

}  // namespace tidemark::model
