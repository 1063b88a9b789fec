// The faults of a run, from the runner to its report, and back from run.json.
#pragma once

#include <simdjson.h>

#include "reports/run_faults.h"
#include "scenarios/run/runner.h"

namespace tidemark::cli {

reports::FaultFigures fault_figures(const scenarios::RunResult& result);
/// Of a document that has them (reports::add_fault_members). Throws simdjson::simdjson_error.
reports::FaultFigures parse_fault_figures(simdjson::dom::element run);

}  // namespace tidemark::cli
