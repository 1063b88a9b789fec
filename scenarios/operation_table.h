// [[operation]]: one operation of a client as text, for workloads with arrival = "script".
//
//   [[operation]]
//   client = 3
//   at = "1.204 s"                            # since the clients started
//   do = ["append 17 to 3", "read 4"]         # one transaction
//   session = "new"                           # same (default), new, first-primary
//   together = true                           # every statement a query of its own, at the same time
//   via = "LHR"                               # enters at this PoP from now on
//
// What `do` can say: orders: "list", "order o7 of c3, quantity 12", "reset"; register: "read 3", "write 17 to 3";
// append: "read 3", "append 17 to 3"; sql and application: "transfer(3, 'note', null)", one action.
#pragma once

#include <string>
#include <vector>

#include "model/types/options.h"
#include "scenarios/diagnostics.h"
#include "scenarios/document.h"
#include "scenarios/fault_table.h"
#include "scenarios/validate.h"

namespace tidemark::scenarios {

/// For messages, the JSON Schema and the documentation; as fault_keys().
const std::vector<FaultKey>& operation_keys();

/// Every mistake of a single table becomes a message with its place. `places` learns where keys stand:
/// "operation[3].do".
model::ScriptedOperation read_operation(const FaultTable& table, std::size_t element, Places& places,
                                        Diagnostics& diagnostics);

/// What the tables of a scenario contradict: its workload, its length, each other.
void check_operations(const Scenario& scenario, const Places& places, Diagnostics& diagnostics);

/// The lines of the table without its head; read_operation of them gives an equal operation.
std::string operation_toml(const model::ScriptedOperation& operation);
/// "append 17 to 3".
std::string to_text(const model::ScriptedStep& step);

}  // namespace tidemark::scenarios
