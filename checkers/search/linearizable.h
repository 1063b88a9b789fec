// Linearizability of single keys: registers with compare-and-set, key-value texts, lists, sets, counters.
//
// Guarantee: every operation takes effect at one instant between its call and its end. One of unknown outcome takes
// effect at some instant after its call, or never.
//
// Linearizability is local: the history is judged key by key (Herlihy and Wing). A transaction of several events is
// judged when they are all of one key; with one that touches several keys the verdict is unknown.
//
// Assumes: real time (call and ret) in the history; what state.h says of the beginning. A failed operation did not
// happen; a compare-and-set that failed found another value, if JudgeOptions::failed_cas_compared. Unknown: events of
// banks, several kinds of data in a key, a budget was used up. Cost: near linear where few operations overlap;
// exponential in the number that do, in the worst case.
#pragma once

#include "checkers/record/judgement.h"

namespace tidemark::checkers::search {

/// Valid: `order`, on request, is one linearization of all keys together. Invalid: "nonlinearizable" for each key with
/// the operations that cannot be placed (at most 6), or "garbage-read" where a value was read that nothing could write.
Judgement judge_linearizable(const History& history, const JudgeOptions& options = {});

}  // namespace tidemark::checkers::search
