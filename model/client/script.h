// Script: scripted operations as what a client sends, and back: what a client was about to send, written down.
#pragma once

#include <cstdint>
#include <string>

#include "model/client/ledger.h"
#include "model/client/settings.h"
#include "model/types/options.h"
#include "model/types/script.h"

namespace tidemark::model {

/// Fits the workload's kind (scenarios/operation_table.h checks it). Whether an action writes is the
/// caller's to say.
PlannedOperation planned_of(const ScriptedOperation& operation, const WorkloadOptions& options);

/// `client`, `at` and `via` are the caller's.
ScriptedOperation scripted_of(const PlannedOperation& planned, const WorkloadOptions& options);

/// Where ClientLedger::values has to begin so that a value which a client makes itself (a write that is sent again)
/// is in no script.
std::int64_t values_in(const WorkloadOptions& options);

}  // namespace tidemark::model
