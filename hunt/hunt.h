// A hunt: many seeds in worker processes, each outcome into the results, until there is a reason to stop.
//
// Every run that was not as it should be, and one of twenty that were, is run a second time in another process: when
// the two disagree, the outcome is of class "non-determinism". An outcome is added to the results when both are
// through.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hunt/outcome.h"
#include "hunt/pool.h"
#include "hunt/results.h"
#include "hunt/seeds.h"
#include "hunt/steering.h"

namespace tidemark::hunt {

struct HuntOptions {
  SeedRange range;
  Shard shard;
  std::vector<std::uint64_t> before;  // tried first
  PoolOptions pool;
  double seconds = 0;  // wall clock, after which no further seed is begun; 0 = any
  bool until_fail = false;
  double commit_every = 0.5;  // wall-clock seconds
};

/// How far a hunt is: of this program's run, not of what the results had before.
struct HuntProgress {
  std::uint64_t done = 0;
  std::uint64_t left = 0;  // UINT64_MAX: there is no end
  std::uint64_t failed = 0;
  std::uint64_t runs = 0;      // second ones too
  double virtual_seconds = 0;  // of the first runs
  double wall_seconds = 0;
  // Of a steered hunt, with what the results had before.
  std::size_t cells = 0;   // reached by any run
  std::size_t corpus = 0;  // runs from which others are made
};

/// Is told what happens, by the thread that hunts.
class HuntObserver {
 public:
  virtual ~HuntObserver() = default;
  /// Ten times a second or so.
  virtual void on_progress(const HuntProgress& progress) { static_cast<void>(progress); }
  virtual void on_failure(const Outcome& outcome) { static_cast<void>(outcome); }
  /// True: stop at once. Asked as often as on_progress is called.
  virtual bool interrupted() { return false; }
};

enum class HuntEnd : std::uint8_t { kAllSeeds, kTime, kFailure, kInterrupted };

struct HuntReport {
  HuntEnd end = HuntEnd::kAllSeeds;
  HuntProgress progress;
  std::vector<std::uint64_t> in_flight;  // were begun and have no outcome: they are run again next time
};

/// Everything is committed on return. Throws ResultsError; std::system_error when processes cannot be made.
HuntReport hunt(const HuntOptions& options, Results& results, const RunSeed& run, HuntObserver& observer);
/// The same for the runs of a steered campaign, which the results are of: a seed of `options` is the number of a run.
/// `scenario` has faults.
HuntReport hunt_steered(const HuntOptions& options, Results& results, const scenarios::Scenario& scenario,
                        const RunChoice& run, HuntObserver& observer);

/// What a hunt with these outcomes ends with: 70 after a crash or non-determinism, else the gravest of its runs (1, 3,
/// 64, 2, 0).
int exit_code_of(const std::vector<ClassRow>& classes);

}  // namespace tidemark::hunt
