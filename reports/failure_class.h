// FailureClass: what a failed run is filed under, so that two seeds with the same cause are one finding.
//
// The class of a run is the check that was broken first in virtual time, and the shape of its witness
// (reports/witness_shape.h). What was broken at the same instant, or shows only at the end of the run and so has no
// instant (liveness last of all), comes in the order of the table below. Checks that see a cause come before those that
// see what follows from it:
//
//   1 what the protocol promises itself   Q DUR LOG ONE CMONO BM FENCE HIDE TXN VMONO WAIT FRESH META IMG SNAP PITR GC
//                                         CKPT GATE ERR LAG RES
//   2 the files at the end                WAL integrity equal-copies
//   3 what it promises to clients         bookmark-order sequential
//   4 what it promises to sessions        read-your-writes monotonic-reads monotonic-writes writes-follow-reads
//   5 safety checks that are not listed   by name
//   6 liveness                            LIVE, then others by name
//   7 what was expected and did not come  expected: NAME
//   8 what could not be decided           unknown: NAME
//
// Within 1, 3 and 4 the order is the one given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checkers/history/verdict.h"

namespace tidemark::reports {

struct FailureClass {
  std::string check;  // name of the verdict; "expected", "unknown", "crash", "hang", "memory", "non-determinism"
  std::string shape;  // of the witness; for "expected" and "unknown" the check, for "crash" the signal; may be empty

  /// "CHECK: SHAPE", or CHECK alone.
  std::string text() const;
  /// 16 hex digits of XXH3-64 of text().
  std::string id() const;

  friend bool operator==(const FailureClass& a, const FailureClass& b) {
    return a.check == b.check && a.shape == b.shape;
  }
  friend bool operator!=(const FailureClass& a, const FailureClass& b) { return !(a == b); }
};

/// The violation that a run is filed under, as above: of what is not in `expect`. Null when there is none. It points
/// into `verdicts`.
const checkers::Verdict* first_violation(const std::vector<checkers::Verdict>& verdicts,
                                         const std::vector<std::string>& expect = {});

/// Empty when the run was as it should be: all valid, or all of `expect` violated and nothing else. A run that was
/// stopped at its first violation has not missed what was expected: pass `stopped`.
std::optional<FailureClass> failure_class(const std::vector<checkers::Verdict>& verdicts,
                                          const std::vector<std::string>& expect = {}, bool stopped = false);

/// Of runs that came to no verdict.
FailureClass crash_class(int signal);
FailureClass exit_class(int code);  // a worker that ended by itself, as after a failed assertion
FailureClass hang_class();
FailureClass memory_class();
FailureClass nondeterminism_class();

}  // namespace tidemark::reports
