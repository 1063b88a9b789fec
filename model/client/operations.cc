#include "model/client/operations.h"

#include <algorithm>
#include <string>
#include <utility>

namespace tidemark::model {
namespace {

// A list stays short: after so many appends of all clients together the workload moves on to fresh keys. Each client
// counts its own appends, so the clients drift apart a little, which is wanted.
constexpr std::int64_t kAppendsPerGeneration = 300;

constexpr std::uint32_t kMostOfBatch = 4;

sim::DurationDistribution resets_of_one_client(const WorkloadOptions& options) {
  if (options.reset_period.ns() == 0) return sim::DurationDistribution::constant({});
  return sim::DurationDistribution::exponential(options.reset_period * std::max(options.clients, 1U));
}

}  // namespace

OperationSource::OperationSource(const WorkloadOptions& options, std::uint32_t number, sim::RandomStream& random,
                                 ClientLedger& ledger)
    : options_(options),
      number_(number),
      random_(random),
      keys_(std::max(options.keys, 1U), options.zipf_exponent),
      read_(sim::probability(options.read_share)),
      batch_(sim::probability(options.batch_share)),
      concurrent_(sim::probability(options.concurrent_share)),
      new_session_(sim::probability(options.new_session_share)),
      first_primary_(sim::probability(options.first_primary_share)),
      resets_(options.kind == WorkloadKind::kOrders && options.reset_period.ns() > 0),
      between_resets_(resets_of_one_client(options)),
      ledger_(ledger) {}

PlannedOperation OperationSource::next(sim::Instant now, std::uint32_t together) {
  PlannedOperation planned =
      options_.kind == WorkloadKind::kOrders ? next_of_orders(now, together) : next_of_txn(together);
  planned.new_session = random_.chance_fixed(new_session_);
  planned.first_primary = planned.new_session && random_.chance_fixed(first_primary_);
  return planned;
}

PlannedOperation OperationSource::next_action(User& user, sim::Instant now) {
  PlannedOperation planned;
  ActionBody action = user.next(now, random_);
  planned.kind = OperationKind::kAction;
  planned.method = HttpMethod::kPost;
  planned.route = HttpRoute::kAction;
  planned.body = std::move(action);
  planned.new_session = random_.chance_fixed(new_session_);
  planned.first_primary = planned.new_session && random_.chance_fixed(first_primary_);
  if (const Opening opening = user.opening(); opening != Opening::kSame) {
    planned.new_session = true;
    planned.first_primary = opening == Opening::kFirstPrimary;
  }
  return planned;
}

PlannedOperation OperationSource::again(PlannedOperation planned) {
  planned.new_session = false;
  if (auto* txn = std::get_if<TxnBody>(&planned.body)) {
    for (MicroOp& op : txn->ops) {
      if (op.writes()) op.value = unique_value();
    }
  }
  return planned;
}

PlannedOperation OperationSource::next_of_orders(sim::Instant now, std::uint32_t together) {
  PlannedOperation planned;
  if (resets_ && next_reset_ == sim::Instant()) next_reset_ = now + between_resets_.sample(random_);
  if (resets_ && now >= next_reset_) {
    next_reset_ = now + between_resets_.sample(random_);
    planned.kind = OperationKind::kReset;
    planned.writes = true;
    planned.method = HttpMethod::kPost;
    planned.route = HttpRoute::kReset;
    return planned;
  }
  if (random_.chance_fixed(read_)) {
    if (together > 1) {
      planned.queries = together;
      planned.body = ListBody{together};
    }
    return planned;
  }
  planned.kind = OperationKind::kInsert;
  planned.writes = true;
  planned.method = HttpMethod::kPost;
  OrderBody order;
  order.customer = "c" + std::to_string(keys_.sample(random_));
  order.order = "o" + std::to_string(random_.below(std::max(options_.orders_per_customer, 1U)));
  if (options_.row_padding > 0) order.order += "-" + std::string(options_.row_padding, 'x');
  // From a wide range, so that no row is inserted twice with equal content: checkers tell inserts apart by it.
  order.quantity = static_cast<std::int64_t>(1 + random_.below(1'000'000'000));
  planned.body = std::move(order);
  return planned;
}

PlannedOperation OperationSource::next_of_txn(std::uint32_t together) {
  PlannedOperation planned;
  planned.kind = options_.kind == WorkloadKind::kRegister ? OperationKind::kRegister : OperationKind::kAppend;
  planned.route = HttpRoute::kTxn;
  TxnBody body;
  body.padding = options_.row_padding;
  if (random_.chance_fixed(concurrent_)) planned.queries = 2;
  if (together > 1) planned.queries = together;
  const bool concurrent = planned.concurrent();
  std::uint32_t count = planned.queries;
  if (!concurrent && random_.chance_fixed(batch_)) {
    count = static_cast<std::uint32_t>(2 + random_.below(kMostOfBatch - 1));
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    // Of concurrent queries the first may write: the reads beside it are then of the session's past or present.
    const bool write = !(concurrent && i > 0) && !random_.chance_fixed(read_);
    body.ops.push_back(micro_op(write));
    planned.writes = planned.writes || write;
  }
  body.concurrent = concurrent;
  planned.method = concurrent && !planned.writes ? HttpMethod::kGet : HttpMethod::kPost;
  planned.body = std::move(body);
  return planned;
}

MicroOp OperationSource::micro_op(bool write) {
  const bool registers = options_.kind == WorkloadKind::kRegister;
  MicroOp op;
  op.key = key();
  if (!write) {
    op.kind = registers ? MicroOp::Kind::kReadRegister : MicroOp::Kind::kReadList;
    return op;
  }
  op.kind = registers ? MicroOp::Kind::kWriteRegister : MicroOp::Kind::kAppendList;
  op.value = unique_value();
  ++ledger_.appends;
  return op;
}

std::int64_t OperationSource::key() {
  const auto slot = static_cast<std::int64_t>(keys_.sample(random_));
  if (options_.kind == WorkloadKind::kRegister) return slot + 1;
  const std::int64_t generation = ledger_.appends * std::max(options_.clients, 1U) / kAppendsPerGeneration;
  return generation * std::max(options_.keys, 1U) + slot + 1;
}

std::int64_t OperationSource::unique_value() {
  return ++ledger_.values * std::max(options_.clients, 1U) + number_;
}

}  // namespace tidemark::model
