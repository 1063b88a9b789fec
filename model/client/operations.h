// OperationSource: which operation a client does next. Draws from the client's own streams only, so that no client
// shifts another; written values are unique over all clients.
#pragma once

#include <cstdint>

#include "model/client/ledger.h"
#include "model/protocol/user.h"
#include "model/types/options.h"
#include "model/types/zipf.h"
#include "sim/core/distribution.h"
#include "sim/core/random.h"

namespace tidemark::model {

class OperationSource {
 public:
  /// `number` of `options.clients`. `random` is the client's stream "operations". The references must outlive the
  /// source.
  OperationSource(const WorkloadOptions& options, std::uint32_t number, sim::RandomStream& random,
                  ClientLedger& ledger);

  /// `together`: so many queries at once, if the operation can have several (a list, or a transaction); 0 = as drawn.
  PlannedOperation next(sim::Instant now, std::uint32_t together = 0);
  /// What `user` does next. Whether it writes is the caller's to say.
  PlannedOperation next_action(User& user, sim::Instant now);
  /// The same write once more, for whoever got no answer. A row of an order is the same row; a value of a register or
  /// list names the attempt, so that a history tells the two apart. An action has the same values: whether it
  /// bears that is for the application to see to.
  PlannedOperation again(PlannedOperation planned);

 private:
  PlannedOperation next_of_orders(sim::Instant now, std::uint32_t together);
  PlannedOperation next_of_txn(std::uint32_t together);
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
