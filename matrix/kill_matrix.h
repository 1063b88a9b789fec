// Kill matrix: how many seeds it takes until a planted mistake is seen, by which check, and at what cost.
//
// Each target (a mistake in a scenario) is hunted from several starts, which are disjoint ranges of seeds: start k has
// the seeds k * kSeedsPerStart + 1, + 2, ... A start ends with the first run that kills the mistake, or with the
// budget. A run that crashes kills nothing: a mistake is to be seen by a check, not by an accident.
//
// What depends on the machine is the wall time alone.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "matrix/trial.h"

namespace tidemark::matrix {

inline constexpr std::uint64_t kSeedsPerStart = 1'000'000;
/// What the two tiers may take in the scenario that their row names.
inline constexpr std::uint64_t kFirstTierSeeds = 100;
inline constexpr std::uint64_t kSecondTierSeeds = 400;
/// Where every mistake is hunted as well: nothing there is made for any of them.
inline constexpr const char* kSwarm = "faults/swarm";

/// One start of one target.
struct Chase {
  std::uint64_t start = 0;
  std::uint64_t runs = 0;             // the killing one included
  std::optional<std::uint64_t> seed;  // of the kill, if steered the number of the run; nothing: it survived
  bool is_steered = false;
  std::string check;             // that killed it
  std::uint64_t crashes = 0;     // runs that came to no verdict
  std::set<std::string> others;  // checks that were violated and do not count
  double virtual_seconds = 0;    // of all runs
  double wall_seconds = 0;
  bool killed() const { return seed.has_value(); }
};

/// What is left of a killing run when everything that it does not need is taken away.
struct Shrunk {
  std::size_t operations = 0;
  std::size_t faults = 0;
  bool scripted = false;    // else the operations are drawn, not counted
  std::string failure;      // the class by which it fails
  bool reproduces = false;  // the file, loaded and run once more, fails by that class
  double wall_seconds = 0;
};

struct Row {
  Target target;
  std::uint64_t budget = 0;  // runs per start
  std::vector<Chase> chases;
  std::vector<Chase> steered;  // the same starts, each as a steered campaign (steer/); only if asked for
  std::optional<Shrunk> shrunk;
  /// Runs until the kill at this share of the starts, by nearest rank; nothing: it survived there.
  std::optional<std::uint64_t> runs_at(double share) const;
  std::optional<std::uint64_t> steered_at(double share) const;
  /// Killed from at least half of the starts.
  bool killed() const { return runs_at(0.5).has_value(); }
  std::size_t kills() const;
  /// The checks that killed it, most frequent first.
  std::vector<std::string> checks() const;
};

struct MatrixOptions {
  std::vector<Target> targets;
  std::uint64_t starts = 1;
  std::uint64_t first_start = 0;
  std::uint64_t budget = 0;      // runs per start; 0 = what the tier may take
  double seconds = 0;            // wall clock of the runs of a start; 0 = any
  std::size_t jobs = 1;          // worker processes
  double seconds_per_run = 300;  // a run that takes longer counts as crashed
  bool steer = false;            // hunt from each start twice: blind, and steered
  Judge judge = violated_checks;
};

/// Every mistake of the tier (0 = of both), or those with these ids, in its own scenario and, if wanted, in kSwarm.
std::vector<Target> targets_of(const std::vector<std::string>& ids, int tier, bool directed, bool swarm);

/// Told after each start that has ended.
using OnChase = std::function<void(const Row& row, const Chase& chase)>;
/// Asked now and then: true = no further runs; what is known so far is returned.
using Stop = std::function<bool()>;

/// Hunts all targets in worker processes. The result does not depend on `jobs`, but for wall times.
std::vector<Row> run_matrix(const MatrixOptions& options, const OnChase& on_chase = {}, const Stop& stop = {});

/// One start in this process.
Chase chase_here(const Target& target, std::uint64_t start, std::uint64_t budget, const Judge& judge = violated_checks);

std::uint64_t budget_of(const Target& target);

}  // namespace tidemark::matrix
