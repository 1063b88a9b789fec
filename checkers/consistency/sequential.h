// check_sequential: is there one order of all transactions that keeps each session's order and explains every read?
#pragma once

#include <vector>

#include "checkers/history/operation.h"
#include "checkers/history/verdict.h"

namespace tidemark::checkers {

/// Two verdicts: "sequential" and "bookmark-order". First the bookmark order is tried as the witness; when it does not
/// fit, append and orders histories are decided by the dependency graph (black box, exact), registers by their version
/// column. A history with a restore (Operation::restored_to) is judged by the bookmark order alone.
std::vector<Verdict> check_sequential(const std::vector<Operation>& history);

}  // namespace tidemark::checkers
