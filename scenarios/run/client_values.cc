#include "scenarios/run/client_values.h"

#include <algorithm>
#include <charconv>

#include "base/assert.h"

namespace tidemark::scenarios {
namespace {

using checkers::Operation;
using checkers::Outcome;
using model::ClientInvocation;
using model::ClientOperation;
using model::OperationKind;

Outcome outcome_of(model::OperationOutcome outcome) {
  switch (outcome) {
    case model::OperationOutcome::kOk:
      return Outcome::kOk;
    case model::OperationOutcome::kFail:
      return Outcome::kFail;
    case model::OperationOutcome::kInfo:
      return Outcome::kInfo;
  }
  TIDEMARK_ASSERT(false, "no such outcome");
}

std::int64_t integer_at(const model::ResultSetRef& rows, std::uint32_t column, std::int64_t otherwise) {
  if (!rows || rows->rows() == 0 || column >= rows->columns()) return otherwise;
  const model::Cell& cell = rows->row(0)[column];
  return cell.type == model::CellType::kInteger ? cell.integer : otherwise;
}

/// "1,2,3" -> elements. A text that is no such list gives what could be read of it: the checkers will object.
std::vector<std::int64_t> elements_of(const model::ResultSetRef& rows) {
  std::vector<std::int64_t> elements;
  if (!rows || rows->rows() == 0 || rows->columns() == 0) return elements;
  const model::Cell& cell = rows->row(0)[0];
  if (cell.type == model::CellType::kInteger) return {cell.integer};
  if (cell.type != model::CellType::kText) return elements;
  std::string_view text = cell.text();
  while (!text.empty()) {
    std::int64_t element = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), element);
    if (parsed.ec != std::errc{}) break;
    elements.push_back(element);
    text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
    if (!text.empty()) text.remove_prefix(1);
  }
  return elements;
}

}  // namespace

Operation head_of(const ClientOperation& from) {
  Operation operation;
  operation.session = from.invocation.session;
  operation.process = from.invocation.process;
  operation.outcome = outcome_of(from.outcome);
  operation.invoke_ns = from.invocation.invoked.ns();
  operation.complete_ns = from.completed.ns();
  if (from.invocation.bookmark_in != nullptr) operation.bookmark_in = from.invocation.bookmark_in->text();
  if (from.bookmark_out != nullptr) operation.bookmark_out = from.bookmark_out->text();
  operation.served_by_region = from.served_by_region;
  operation.served_by_primary = from.served_by_primary;
  operation.error = from.error;
  return operation;
}

checkers::MicroOps registers_of(const ClientOperation& from) {
  std::vector<checkers::RegisterOp> ops;
  const bool ok = from.outcome == model::OperationOutcome::kOk;
  for (std::size_t i = 0; i < from.invocation.ops.size(); ++i) {
    const model::MicroOp& micro = from.invocation.ops[i];
    checkers::RegisterOp op;
    op.is_write = micro.writes();
    op.key = micro.key;
    op.value = micro.value;
    op.known = op.is_write || ok;
    const model::ResultSetRef result = ok && i < from.results.size() ? from.results[i] : nullptr;
    if (op.is_write) {
      op.version = integer_at(result, 0, -1);
    } else if (ok) {
      op.value = integer_at(result, 0, 0);
      op.version = integer_at(result, 1, -1);
      const bool never_written = !result || result->rows() == 0;
      if (never_written) op.version = 0;
    }
    ops.push_back(op);
  }
  return ops;
}

checkers::MicroOps lists_of(const ClientOperation& from) {
  std::vector<checkers::ListOp> ops;
  const bool ok = from.outcome == model::OperationOutcome::kOk;
  for (std::size_t i = 0; i < from.invocation.ops.size(); ++i) {
    const model::MicroOp& micro = from.invocation.ops[i];
    checkers::ListOp op;
    op.is_append = micro.writes();
    op.key = micro.key;
    op.element = op.is_append ? micro.value : 0;
    op.known = op.is_append || ok;
    if (!op.is_append && ok && i < from.results.size()) op.elements = elements_of(from.results[i]);
    ops.push_back(std::move(op));
  }
  return ops;
}

bool inserts(std::string_view sql, std::span<const model::SqlValue> params, const model::OrderBody& order) {
  if (!sql.starts_with("INSERT") || params.size() != 3) return false;
  const auto* const customer = std::get_if<std::string>(&params[0]);
  const auto* const number = std::get_if<std::string>(&params[1]);
  const auto* const quantity = std::get_if<std::int64_t>(&params[2]);
  return customer != nullptr && *customer == order.customer && number != nullptr && *number == order.order &&
         quantity != nullptr && *quantity == order.quantity;
}

bool writes_one_of(std::span<const model::SqlValue> params, const std::vector<model::MicroOp>& ops) {
  if (params.size() != 3) return false;
  return std::any_of(ops.begin(), ops.end(), [&](const model::MicroOp& op) {
    const auto* const number = std::get_if<std::int64_t>(&params[1]);
    const auto* const text = std::get_if<std::string>(&params[1]);
    return op.writes() &&
           ((number != nullptr && *number == op.value) || (text != nullptr && *text == std::to_string(op.value)));
  });
}

bool writes(const ClientInvocation& invocation) {
  if (invocation.kind == OperationKind::kAction) return invocation.writes;
  if (invocation.kind == OperationKind::kInsert || invocation.kind == OperationKind::kReset) return true;
  return std::any_of(invocation.ops.begin(), invocation.ops.end(), [](const auto& op) { return op.writes(); });
}

checkers::OrderRow row_of(const model::OrderBody& body) {
  return {body.customer, body.order, body.quantity};
}

}  // namespace tidemark::scenarios
