// Orders of whole histories, by search: for state machines that a dependency graph cannot decide (values that recur,
// compare-and-set, clears, counters), of any number of keys.
//
// Guarantee: there is one order of all transactions, each whole, in which every read finds what a serial store would
// hold. Those of unknown outcome take effect anywhere after what their session did before them, or never.
//
// Assumes: what state.h says of the beginning. A failed transaction did not happen (see
// JudgeOptions::failed_cas_compared). Unknown: events of banks, several
// kinds of data in a key, a budget was used up. Cost: exponential in the number of sessions in the worst case (the
// problem is NP-complete); histories that somebody else's store produced mostly end within a few steps per transaction.
#pragma once

#include "checkers/record/judgement.h"

namespace tidemark::checkers::search {

enum class Constraint : std::uint8_t {
  kNone,      // serializable: any order
  kSession,   // sequential: sessions keep theirs
  kRealTime,  // strict serializable: what ended before another was called stands before it
};

/// Valid: `order` on request. Invalid: "no-order" with the transactions that could not come next (at most 6), or
/// "garbage-read".
Judgement judge_by_search(const History& history, Constraint constraint, const JudgeOptions& options = {});

}  // namespace tidemark::checkers::search
