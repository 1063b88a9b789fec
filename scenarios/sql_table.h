// [sql], [[statement]], [[assertion]]: an application as SQL (docs/apps/sql.md), as text.
//
//   [sql]                                    [[statement]]
//   schema = ["CREATE TABLE ...", ...]       name = "transfer"
//                                            weight = 2
//   [[assertion]]                            batch = ["UPDATE ... :amount", "UPDATE ..."]      # or sql = "..."
//   name = "total"                           with = ["amount = uniform 1 to 9", "id = unique"]
//   sql = "SELECT ... the rows that break it"
//   says = "the total is {total}"
#pragma once

#include <string>
#include <vector>

#include "model/types/sql_workload.h"
#include "scenarios/diagnostics.h"
#include "scenarios/document.h"
#include "scenarios/fault_table.h"
#include "scenarios/validate.h"

namespace tidemark::scenarios {

/// For messages, the JSON Schema and the documentation; as fault_keys().
const std::vector<FaultKey>& sql_keys();
const std::vector<FaultKey>& statement_keys();
const std::vector<FaultKey>& assertion_keys();

/// Every mistake of a single table becomes a message with its place. `places` learns where keys and the items of lists
/// stand: "sql.schema[2]", "statement[0].batch[1]", "statement[0].with[0]".
void read_sql(const FaultTable& table, model::SqlWorkload& workload, Places& places, Diagnostics& diagnostics);
model::SqlStatement read_statement(const FaultTable& table, std::size_t element, Places& places,
                                   Diagnostics& diagnostics);
model::Assertion read_assertion(const FaultTable& table, std::size_t element, Places& places, Diagnostics& diagnostics);

/// "amount = uniform 1 to 9". False, and a cause in `error`, when it is nothing of the kind.
bool read_parameter(std::string_view text, model::SqlParameter& parameter, std::string& error);
std::string to_text(const model::SqlParameter& parameter);

/// All three kinds of tables; reading them gives an equal workload.
std::string sql_toml(const model::SqlWorkload& workload);

}  // namespace tidemark::scenarios
