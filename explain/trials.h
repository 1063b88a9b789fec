// Trials: a failing run again with one thing changed, many times, in worker processes.
//
// A trial is a function of (run, change) alone, so the answers do not depend on the number of workers.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "reports/failure_class.h"
#include "scenarios/run/runner.h"

namespace tidemark::explain {

/// The run that is explained. What was drawn is decided: the scenario is RunResult::scenario.
struct Case {
  const scenarios::Scenario& scenario;
  std::uint64_t seed = 0;
  const sim::FaultPlan* plan = nullptr;  // nullptr: a run without faults
  bool stop_at_violation = false;
};

/// What is changed. Plain; of a trial only one is set.
struct Change {
  bool no_faults = false;
  std::optional<std::size_t> without;  // place in the plan
  std::optional<std::size_t> moved;    // likewise, by `by`
  sim::Duration by;
  std::optional<sim::Instant> rekeyed;  // later draws are those of `future`
  std::uint64_t future = 0;

  std::string text() const;
  static Change parse(const std::string& text);
};

enum class Ending : std::uint8_t {
  kSame,        // the same failure: a violation of the same class, whatever is broken besides
  kOther,       // others only
  kNone,        // as it should be
  kImpossible,  // the changed plan cannot be carried out (beyond the budget, for example)
  kDefect,      // the program crashed or hung
};

struct Outcome {
  Ending ending = Ending::kNone;
  std::string what;                // class of another failure, or why it is impossible
  std::optional<sim::Instant> at;  // of a failure: when the invariant broke; of others: the earliest
};

class Trials {
 public:
  /// At most `most` trials; `jobs` at a time. `progress` (may be empty): done, wanted.
  Trials(const Case& run, reports::FailureClass wanted, std::size_t jobs, std::size_t most,
         std::function<void(std::size_t, std::size_t)> progress);

  /// Nothing for the last ones when the trials that are left are too few.
  std::vector<std::optional<Outcome>> run(const std::vector<Change>& changes);
  std::size_t left() const { return most_ - done_; }
  std::size_t done() const { return done_; }

 private:
  const Case& case_;
  const reports::FailureClass wanted_;
  const std::size_t jobs_;
  const std::size_t most_;
  const std::function<void(std::size_t, std::size_t)> progress_;
  std::size_t done_ = 0;
};

/// The run with this change, in this process.
Outcome carry_out(const Case& run, const reports::FailureClass& wanted, const Change& change);

}  // namespace tidemark::explain
