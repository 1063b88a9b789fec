// What this program was built from: goes into run.json, and says whether a replay can be expected to agree.
#pragma once

#include "reports/run_report.h"

namespace tidemark::cli {

/// Of this program. Commit and dirty flag are those of the source tree when it was built.
const reports::BuildIdentity& build_identity();

/// "tidemark 0.1.0 (commit 1a2b3c4d5e6f, clean; GNU 12.2.0; SQLite 3.40.1 ...)".
std::string version_text();

}  // namespace tidemark::cli
