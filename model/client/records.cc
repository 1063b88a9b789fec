#include "model/client/records.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "base/assert.h"

namespace tidemark::model {
namespace {

constexpr std::uint32_t kLanes = 2;  // operations of one client that workloads have open at the same time
/// Faults open more: their process numbers have a range of their own.
constexpr std::uint32_t kFurtherLanes = 98;
constexpr std::uint32_t kFurtherProcesses = 1U << 31;

std::span<const MicroOp> ops_of(const HttpRequest& request) {
  const auto* body = std::get_if<TxnBody>(&request.body);
  return body == nullptr ? std::span<const MicroOp>() : std::span<const MicroOp>(body->ops);
}

bool shows_table(OperationKind kind) {
  return kind == OperationKind::kList || kind == OperationKind::kInsert;
}

OperationOutcome outcome_of(const PlannedOperation& planned, const RpcAnswer& answer) {
  if (!answer.message) {
    return planned.writes && !answer.never_sent ? OperationOutcome::kInfo : OperationOutcome::kFail;
  }
  const auto& response = static_cast<const HttpResponse&>(*answer.message);
  if (planned.writes && response.effect_unknown) return OperationOutcome::kInfo;
  return response.status == 200 ? OperationOutcome::kOk : OperationOutcome::kFail;
}

}  // namespace

std::uint32_t ClientRecords::process_number(std::uint32_t lane) const {
  const std::uint32_t clients = std::max(options_.clients, 1U);
  if (lane < kLanes) return settings_.number + clients * (kLanes * ledger_.retired + lane);
  TIDEMARK_ASSERT(lane < kLanes + kFurtherLanes, "too many queries at once");
  return kFurtherProcesses + settings_.number + clients * (kFurtherLanes * ledger_.retired + lane - kLanes);
}

ClientInvocation ClientRecords::invocation_of(const ClientLedger::Open& open, std::uint32_t lane) const {
  ClientInvocation invocation;
  invocation.database = open.request->database;
  invocation.client = settings_.number;
  invocation.process = process_number(lane);
  invocation.session = open.request->session;
  invocation.page = ledger_.page;
  invocation.kind = open.planned.kind;
  invocation.invoked = open.invoked;
  invocation.made_up = ledger_.made_up;
  invocation.order = std::get_if<OrderBody>(&open.request->body);
  const std::span<const MicroOp> ops = ops_of(*open.request);
  invocation.ops = open.planned.concurrent() && !ops.empty() ? ops.subspan(lane, 1) : ops;
  invocation.action = std::get_if<ActionBody>(&open.request->body);
  invocation.writes = open.planned.writes;
  invocation.bookmark_in = &open.request->bookmark;
  return invocation;
}

void ClientRecords::invoke(const PlannedOperation& planned, const HttpRequestRef& request, sim::Instant at,
                           std::uint32_t ended_session) {
  ledger_.open.emplace(ClientLedger::Open{planned, request, at});
  if (settings_.observer == nullptr) return;
  for (std::uint32_t lane = 0; lane < planned.queries; ++lane) {
    ClientInvocation invocation = invocation_of(*ledger_.open, lane);
    invocation.ended_session = std::exchange(ended_session, 0);
    settings_.observer->on_invoke(invocation);
  }
}

OperationOutcome ClientRecords::complete(const RpcAnswer& answer, sim::Instant at) {
  TIDEMARK_ASSERT(ledger_.open.has_value());
  const OperationOutcome outcome = outcome_of(ledger_.open->planned, answer);
  count(outcome);
  report(*ledger_.open, static_cast<const HttpResponse*>(answer.message.get()), outcome, at);
  if (outcome == OperationOutcome::kInfo) ++ledger_.retired;
  ledger_.open.reset();
  return outcome;
}

void ClientRecords::lost(sim::Instant at) {
  if (!ledger_.open) return;
  const OperationOutcome outcome = outcome_of(ledger_.open->planned, {});
  count(outcome);
  report(*ledger_.open, nullptr, outcome, at);
  ++ledger_.retired;
  ledger_.open.reset();
}

void ClientRecords::report(const ClientLedger::Open& open, const HttpResponse* response, OperationOutcome outcome,
                           sim::Instant at) {
  if (settings_.observer == nullptr) return;
  ClientOperation operation;
  operation.invocation = invocation_of(open, 0);
  operation.outcome = outcome;
  operation.completed = at;
  operation.error = response != nullptr ? std::string_view(response->error) : "connection to the worker lost";
  const SessionToken none;
  operation.bookmark_out = response != nullptr && response->has_bookmark ? &response->bookmark : &none;
  if (ledger_.made_up && operation.bookmark_out != &none)
    operation.bookmark_out = response->query_bookmarks.empty() ? &none : &response->query_bookmarks.back();
  if (response != nullptr) operation.notes = response->notes;
  if (response != nullptr && response->status == 200) {
    operation.served_by_region = response->served_by_region;
    operation.served_by_primary = response->served_by_primary;
  }
  if (open.planned.concurrent()) return report_together(open, operation, response);
  if (outcome == OperationOutcome::kOk) {
    const bool table = shows_table(open.planned.kind);
    if (table && !response->results.empty()) operation.rows = response->results.front();
    if (!table) operation.results = response->results;
    operation.inserted = response->changes > 0;
  }
  settings_.observer->on_complete(operation);
}

/// In the order of their bookmarks; of equal ones the write, which is the first, goes before.
void ClientRecords::report_together(const ClientLedger::Open& open, ClientOperation operation,
                                    const HttpResponse* response) {
  const std::uint32_t lanes = open.planned.queries;
  std::vector<std::uint32_t> order(lanes);
  std::iota(order.begin(), order.end(), 0U);
  const bool ok = operation.outcome == OperationOutcome::kOk;
  if (ok) {
    TIDEMARK_ASSERT(response->results.size() == lanes && response->query_bookmarks.size() == lanes);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return response->query_bookmarks[a].text_less(response->query_bookmarks[b]);
    });
  }
  for (const std::uint32_t lane : order) {
    operation.invocation = invocation_of(open, lane);
    if (ok) {
      if (shows_table(open.planned.kind)) operation.rows = response->results[lane];
      operation.results = std::span(response->results).subspan(lane, 1);
      operation.bookmark_out = &response->query_bookmarks[lane];
    }
    settings_.observer->on_complete(operation);
  }
}

void ClientRecords::count(OperationOutcome outcome) {
  switch (outcome) {
    case OperationOutcome::kOk:
      ++ledger_.statistics.ok;
      break;
    case OperationOutcome::kFail:
      ++ledger_.statistics.fail;
      break;
    case OperationOutcome::kInfo:
      ++ledger_.statistics.info;
      break;
  }
}

}  // namespace tidemark::model
