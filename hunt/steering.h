// Steering of a hunt: which choice (steer/campaign.h) a run is.
//
// What is chosen for a run depends on the results of all runs that are at least kWindow runs before it, and on no
// others: the runs in between may be under way. So a campaign is the same for any number of workers up to kWindow, and
// goes on after a kill as if there had been none.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hunt/outcome.h"
#include "hunt/results.h"
#include "hunt/seeds.h"
#include "steer/campaign.h"

namespace tidemark::hunt {

class Steering {
 public:
  static constexpr std::uint64_t kWindow = 16;

  /// Knows what `results` has. `scenario` must outlive it.
  Steering(const scenarios::Scenario& scenario, const Shard& shard, const Results& results);

  /// Enough is known. Runs are asked for in ascending order.
  bool may_choose(std::uint64_t run) const;
  /// The run is under way from now on.
  steer::Choice choose(std::uint64_t run);
  /// The first result of a run that is under way; `reached` is empty when its worker died.
  void done(const steer::Choice& choice, const steer::Reached& reached, bool failed);

  /// Of all runs that are known, those in the window included.
  std::size_t cells() const { return cells_.size(); }
  std::size_t corpus() const { return campaign_.corpus(); }

 private:
  struct Known {
    steer::Choice choice;
    steer::Reached reached;
    bool failed = false;
  };
  void learn(std::uint64_t run, Known known);

  const std::uint64_t distance_;  // between run numbers
  steer::Campaign campaign_;
  std::map<std::uint64_t, Known> known_;  // not yet told to the campaign
  std::set<std::uint64_t> under_way_;
  std::set<steer::Cell> cells_;
};

/// What a worker does with a choice; outcome.seed is the number of the run.
using RunChoice = std::function<Outcome(const steer::Choice& choice, steer::Reached& reached)>;
/// One run of the scenario. A choice that cannot be run is an outcome as well (class "error").
Outcome run_choice(const scenarios::Scenario& scenario, const steer::Choice& choice, steer::Reached& reached);

/// The row that the results file gets for a run.
SteeredRun steered_run(const steer::Choice& choice, const steer::Reached& reached);
/// Nothing when the row is not sound.
std::optional<steer::Choice> choice_of(const SteeredRun& row);

}  // namespace tidemark::hunt
