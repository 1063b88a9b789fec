// Counters: what is read lies between what must have been counted and what can have been.
//
// Guarantee: each read is the sum of some increments, among them at least those that its session did before, and none
// of those that it did later; a session that read v and then reads w finds the increments of v again in w. With
// `real_time`, the same of everything that had ended before the read was called, and nothing that was called after it
// had ended. A necessary condition for an order, not a sufficient one (search/ decides that).
//
// Assumes: counters begin at `start` (a read of nil: nothing was counted yet) and are never cleared (with other events,
// unknown unless a contradiction is found). Those of unknown outcome may have been counted from their call on, those
// that failed were not. Cost: O(n log n), 40 bytes per event.
#pragma once

#include "checkers/record/judgement.h"

namespace tidemark::checkers::totals {

struct CounterOptions {
  bool real_time = false;  // needs a history with real time
  std::int64_t start = 0;  // what every counter holds in the beginning
};

/// "impossible-count": the transaction that read, and of the same session the read before it where that is the bound.
Judgement judge_counter(const History& history, const JudgeOptions& options = {}, const CounterOptions& counter = {});

}  // namespace tidemark::checkers::totals
