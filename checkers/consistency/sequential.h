// check_sequential: is there one order of all transactions that keeps each session's order and explains every read?
#pragma once

#include <vector>

#include "checkers/history/operation.h"
#include "checkers/history/verdict.h"

namespace tidemark::checkers {

/// Two verdicts: "sequential" and "bookmark-order". First the bookmark order is tried as the witness, in near-linear
/// time. Where it does not fit, the contents decide "sequential", by judge() with the model of that name: graph, then
/// search (contents.h says what they are). A bookmark order that does not fit is no violation of "sequential" by
/// itself: where the contents do not decide either, the verdict is unknown. But a history with a restore
/// (Operation::restored_to) is judged by the bookmark order alone, which knows what came back.
std::vector<Verdict> check_sequential(const std::vector<Operation>& history);

}  // namespace tidemark::checkers
