#include "model/client/script.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace tidemark::model {
namespace {

using Kind = ScriptedStep::Kind;

std::string padding_of(const WorkloadOptions& options) {
  return options.row_padding == 0 ? std::string() : "-" + std::string(options.row_padding, 'x');
}

void plan_orders(const ScriptedOperation& operation, const WorkloadOptions& options, PlannedOperation& planned) {
  const ScriptedStep& step = operation.steps.front();
  if (step.kind == Kind::kList) {
    if (!operation.together) return;
    planned.queries = static_cast<std::uint32_t>(operation.steps.size());
    planned.body = ListBody{planned.queries};
    return;
  }
  planned.writes = true;
  planned.method = HttpMethod::kPost;
  planned.kind = step.kind == Kind::kReset ? OperationKind::kReset : OperationKind::kInsert;
  if (step.kind == Kind::kReset) {
    planned.route = HttpRoute::kReset;
  } else {
    planned.body = OrderBody{step.customer, step.order + padding_of(options), step.value};
  }
}

void plan_transaction(const ScriptedOperation& operation, const WorkloadOptions& options, PlannedOperation& planned) {
  const bool registers = options.kind == WorkloadKind::kRegister;
  planned.kind = registers ? OperationKind::kRegister : OperationKind::kAppend;
  planned.route = HttpRoute::kTxn;
  TxnBody body;
  body.padding = options.row_padding;
  body.concurrent = operation.together;
  if (operation.together) planned.queries = static_cast<std::uint32_t>(operation.steps.size());
  for (const ScriptedStep& step : operation.steps) {
    MicroOp op;
    op.key = step.key;
    op.value = step.value;
    if (step.writes()) {
      op.kind = registers ? MicroOp::Kind::kWriteRegister : MicroOp::Kind::kAppendList;
    } else {
      op.kind = registers ? MicroOp::Kind::kReadRegister : MicroOp::Kind::kReadList;
    }
    planned.writes = planned.writes || step.writes();
    body.ops.push_back(op);
  }
  planned.method = planned.concurrent() && !planned.writes ? HttpMethod::kGet : HttpMethod::kPost;
  planned.body = std::move(body);
}

void plan_action(const ScriptedOperation& operation, PlannedOperation& planned) {
  const ScriptedStep& step = operation.steps.front();
  planned.kind = OperationKind::kAction;
  planned.method = HttpMethod::kPost;
  planned.route = HttpRoute::kAction;
  planned.body = ActionBody{step.action, step.values};
}

ScriptedStep step_of(const MicroOp& op) {
  ScriptedStep step;
  step.key = op.key;
  switch (op.kind) {
    case MicroOp::Kind::kReadRegister:
    case MicroOp::Kind::kReadList:
      step.kind = Kind::kRead;
      return step;
    case MicroOp::Kind::kWriteRegister:
      step.kind = Kind::kWrite;
      break;
    case MicroOp::Kind::kAppendList:
      step.kind = Kind::kAppend;
      break;
  }
  step.value = op.value;
  return step;
}

ScriptedStep step_of(const OrderBody& body, const WorkloadOptions& options) {
  ScriptedStep step;
  step.kind = Kind::kOrder;
  step.customer = body.customer;
  step.order = body.order.substr(0, body.order.size() - padding_of(options).size());
  step.value = body.quantity;
  return step;
}

}  // namespace

PlannedOperation planned_of(const ScriptedOperation& operation, const WorkloadOptions& options) {
  TIDEMARK_ASSERT(!operation.steps.empty());
  PlannedOperation planned;
  if (options.kind == WorkloadKind::kOrders) {
    plan_orders(operation, options, planned);
  } else if (does_actions(options.kind)) {
    plan_action(operation, planned);
  } else {
    plan_transaction(operation, options, planned);
  }
  planned.new_session = operation.session != ScriptedOperation::Session::kSame;
  planned.first_primary = operation.session == ScriptedOperation::Session::kFirstPrimary;
  return planned;
}

ScriptedOperation scripted_of(const PlannedOperation& planned, const WorkloadOptions& options) {
  ScriptedOperation operation;
  using Session = ScriptedOperation::Session;
  if (planned.new_session) operation.session = planned.first_primary ? Session::kFirstPrimary : Session::kNew;
  operation.together = planned.concurrent();
  if (const auto* txn = std::get_if<TxnBody>(&planned.body)) {
    for (const MicroOp& op : txn->ops) operation.steps.push_back(step_of(op));
  } else if (const auto* order = std::get_if<OrderBody>(&planned.body)) {
    operation.steps.push_back(step_of(*order, options));
  } else if (const auto* action = std::get_if<ActionBody>(&planned.body)) {
    ScriptedStep step;
    step.kind = Kind::kAction;
    step.action = action->name;
    step.values = action->values;
    operation.steps.push_back(std::move(step));
  } else {
    ScriptedStep step;
    step.kind = planned.kind == OperationKind::kReset ? Kind::kReset : Kind::kList;
    operation.steps.assign(planned.queries, step);
  }
  return operation;
}

std::int64_t values_in(const WorkloadOptions& options) {
  std::int64_t most = 0;
  for (const ScriptedOperation& operation : options.script)
    for (const ScriptedStep& step : operation.steps) most = std::max(most, step.value);
  return options.script.empty() ? 0 : most / std::max(options.clients, 1U) + 1;
}

}  // namespace tidemark::model
