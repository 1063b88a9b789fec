// CrashPoints: the shipped scenario faults/takeover_every_io, with its second fault moved to any point of the run.
//
// A crash point is (process, I/O or send, number, before or after it, power kept or lost, disk image). Which numbers
// there are is counted in runs in which the second fault waits for an act that never comes; the first fault, the death
// of the primary, strikes in every run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/run/runner.h"

namespace tidemark {

struct CrashPoint {
  std::string node;         // "shop/follower-1"
  std::string at = "io";    // or "send"
  std::uint64_t n = 1;      // counted from the start of the fault phase
  bool after = false;       // false: the act does not happen any more
  bool power = false;       // true: the machine loses power as well
  std::uint64_t image = 0;  // power: which disk image is left, from 1; 0: drawn

  /// The overrides of `tidemark run faults/takeover_every_io` that crash there.
  std::vector<std::string> overrides() const;
};

/// What a run with a crash came to.
struct CrashOutcome {
  bool struck = false;
  std::uint64_t images = 0;  // of a point with an image: how many there are
  bool every_image = false;  // ... and that these are all that are possible
  std::string violations;    // one line each; empty: all verdicts are valid
};

class CrashPoints {
 public:
  /// `bugs`: mistakes that are switched on in each run, as in scenario files.
  explicit CrashPoints(std::string bugs = "none");

  /// The run in which only the primary dies.
  const scenarios::RunResult& reference() const { return reference_; }
  /// Of the reference run.
  std::uint64_t checkpoints() const { return checkpoints_; }
  std::uint64_t snapshots() const { return snapshots_; }
  /// Processes that do anything in the fault phase, in the order of their ids.
  std::vector<std::string> nodes() const;
  /// How often the process does this in the fault phase of the reference run.
  std::uint64_t acts(const std::string& node, const std::string& at) const;
  CrashOutcome crash(const CrashPoint& point) const;

 private:
  scenarios::RunResult run(const CrashPoint& point, model::Observer* observer = nullptr) const;

  const std::string bugs_;
  std::uint64_t checkpoints_ = 0;
  std::uint64_t snapshots_ = 0;
  scenarios::RunResult reference_;
};

}  // namespace tidemark
