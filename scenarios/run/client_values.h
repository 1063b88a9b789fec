// What a client asked and got, in the words of a history.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "checkers/history/operation.h"
#include "model/client/client_observer.h"

namespace tidemark::scenarios {

/// Everything but the value and f.
checkers::Operation head_of(const model::ClientOperation& from);
/// The value of an operation of the register or the append workload. Reads are known of operations that are ok.
checkers::MicroOps registers_of(const model::ClientOperation& from);
checkers::MicroOps lists_of(const model::ClientOperation& from);
checkers::OrderRow row_of(const model::OrderBody& body);

/// Is this statement the insert of `order`? A handler that a client has given up goes on in the worker, in the same
/// session, so the session alone does not tell.
bool inserts(std::string_view sql, std::span<const model::SqlValue> params, const model::OrderBody& order);
/// Is this one of the writes of `ops`? Their values are written once in a run.
bool writes_one_of(std::span<const model::SqlValue> params, const std::vector<model::MicroOp>& ops);
bool writes(const model::ClientInvocation& invocation);

}  // namespace tidemark::scenarios
