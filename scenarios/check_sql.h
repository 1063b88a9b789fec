// What SQLite says of an application as SQL: its schema is run, its statements and assertions are compiled against it.
#pragma once

#include <string_view>

#include "model/types/sql_workload.h"
#include "scenarios/diagnostics.h"
#include "scenarios/validate.h"

namespace tidemark::scenarios {

/// As a user of D1 may run it (the authorizer and limits of model/sqlite/security.h), in memory. Every mistake becomes
/// a message with the place of the very character in `file`, the text of the scenario. Sets SqlStatement::writes.
void check_sql(model::SqlWorkload& workload, std::string_view file, const Places& places, Diagnostics& diagnostics);

}  // namespace tidemark::scenarios
