// Sets that only grow: what was added and known stays.
//
// Guarantee: a session finds what it added itself, and what it has found before; nobody finds what nobody added. With
// `real_time`: a read finds everything whose addition had ended, or that another read had found that had ended, before
// the read was called. So a read after all additions have ended (a final read) must find them all.
//
// Assumes: sets begin empty and nothing is removed (with other events, unknown unless a contradiction is found).
// Additions of unknown outcome may be found or not; those that failed must not be.
// Cost: linear in the elements read; 24 bytes per distinct element, and per session and set its last read.
#pragma once

#include "checkers/record/judgement.h"

namespace tidemark::checkers::totals {

struct SetOptions {
  bool real_time = false;  // needs a history with real time
};

/// "never-added"; "lost-element": known and then not found (the transaction that knew it, the one that does not find
/// it); "resurrected": the same, and later in its session found again (that transaction too).
Judgement judge_set(const History& history, const JudgeOptions& options = {}, const SetOptions& set = {});

}  // namespace tidemark::checkers::totals
