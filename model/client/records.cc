// What a client reports: its operations as records of a history.
#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.h"
#include "model/client/client.h"

namespace tidemark::model {
namespace {

constexpr std::uint32_t kLanes = 2;  // operations of one client that can be open at the same time

std::span<const MicroOp> ops_of(const HttpRequest& request) {
  const auto* body = std::get_if<TxnBody>(&request.body);
  return body == nullptr ? std::span<const MicroOp>() : std::span<const MicroOp>(body->ops);
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

std::uint32_t Client::process_number(std::uint32_t lane) const {
  return settings_.number + std::max(options_.clients, 1U) * (kLanes * ledger_->retired + lane);
}

ClientInvocation Client::invocation_of(const PlannedOperation& planned, const HttpRequest& request,
                                       std::uint32_t lane) const {
  ClientInvocation invocation;
  invocation.database = request.database;
  invocation.process = process_number(lane);
  invocation.session = request.session;
  invocation.kind = planned.kind;
  invocation.order = std::get_if<OrderBody>(&request.body);
  invocation.ops = planned.concurrent ? ops_of(request).subspan(lane, 1) : ops_of(request);
  invocation.bookmark_in = &request.bookmark;
  return invocation;
}

void Client::invoke(const PlannedOperation& planned, const HttpRequest& request, sim::Instant at) {
  for (std::uint32_t lane = 0; lane < (planned.concurrent ? kLanes : 1U); ++lane) {
    ClientInvocation invocation = invocation_of(planned, request, lane);
    invocation.invoked = at;
    invocation.ended_session = std::exchange(ended_session_, 0);
    settings_.observer->on_invoke(invocation);
  }
}

void Client::complete(const PlannedOperation& planned, const HttpRequest& request, sim::Instant invoked,
                      const RpcAnswer& answer) {
  const auto* response = static_cast<const HttpResponse*>(answer.message.get());
  if (response != nullptr) keep_newest(*response);
  const OperationOutcome outcome = outcome_of(planned, answer);
  count(outcome);
  if (settings_.observer != nullptr) {
    ClientOperation operation;
    operation.invocation = invocation_of(planned, request, 0);
    operation.invocation.invoked = invoked;
    operation.outcome = outcome;
    operation.completed = env_.now();
    operation.error = response != nullptr ? std::string_view(response->error) : "connection to the worker lost";
    const SessionToken none;
    operation.bookmark_out = response != nullptr && response->has_bookmark ? &response->bookmark : &none;
    if (response != nullptr && response->status == 200) {
      operation.served_by_region = response->served_by_region;
      operation.served_by_primary = response->served_by_primary;
    }
    if (planned.concurrent) {
      complete_together(planned, request, operation, response);
    } else {
      if (outcome == OperationOutcome::kOk) {
        const bool table = planned.kind == OperationKind::kList || planned.kind == OperationKind::kInsert;
        if (table && !response->results.empty()) operation.rows = response->results.front();
        if (!table) operation.results = response->results;
        operation.inserted = response->changes > 0;
      }
      settings_.observer->on_complete(operation);
    }
  }
  if (outcome == OperationOutcome::kInfo) ++ledger_->retired;
}

void Client::complete_together(const PlannedOperation& planned, const HttpRequest& request, ClientOperation operation,
                               const HttpResponse* response) {
  std::array<std::uint32_t, kLanes> order = {0, 1};
  const bool ok = operation.outcome == OperationOutcome::kOk;
  if (ok) {
    TIDEMARK_ASSERT(response->results.size() == kLanes && response->query_bookmarks.size() == kLanes);
    if (response->query_bookmarks[1].text_less(response->query_bookmarks[0])) order = {1, 0};
  }
  const sim::Instant invoked = operation.invocation.invoked;
  for (const std::uint32_t lane : order) {
    operation.invocation = invocation_of(planned, request, lane);
    operation.invocation.invoked = invoked;
    if (ok) {
      operation.results = std::span(response->results).subspan(lane, 1);
      operation.bookmark_out = &response->query_bookmarks[lane];
    }
    settings_.observer->on_complete(operation);
  }
}

void Client::count(OperationOutcome outcome) {
  switch (outcome) {
    case OperationOutcome::kOk:
      ++statistics_.ok;
      break;
    case OperationOutcome::kFail:
      ++statistics_.fail;
      break;
    case OperationOutcome::kInfo:
      ++statistics_.info;
      break;
  }
}

}  // namespace tidemark::model
