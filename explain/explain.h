// Explain: why a run failed, on one page.
//
//   1 which invariant was broken first, in plain words, and by which event
//   2 what led to it: its causal past, condensed (story.h)
//   3 which faults were needed (needs.h)
//   4 when it became inevitable (futures.h)
//
// The run is carried out again three times and more: once to see how it fails, once up to the violation with a
// narrator, and once for each trial. All of them in the world of the first: same scenario, seed and plan.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "explain/futures.h"
#include "explain/needs.h"
#include "explain/story.h"
#include "explain/trials.h"

namespace tidemark::explain {

struct ExplainOptions {
  std::size_t lines = 40;  // of the story, at most
  bool full = false;       // every line of the causal past
  bool needs = true;
  bool curve = true;
  sim::Duration delta = sim::Duration::milliseconds(50);  // by which faults are moved
  std::uint32_t points = 8;
  std::uint32_t futures = 8;
  std::size_t runs = 300;  // trials, at most
  std::size_t jobs = 1;
  std::function<void(std::size_t, std::size_t)> progress;  // trials done, at most
};

struct Explanation {
  std::string scenario;
  std::uint64_t seed = 0;
  std::string digest;
  std::uint64_t events = 0;
  reports::FailureClass failure;  // of the first violation: what counts as the same failure
  Violation first;
  std::string guarantee;
  std::vector<checkers::Verdict> others;  // broken, too
  Story story;
  std::optional<Needs> needs;  // nothing: the run had no faults
  std::optional<Curve> curve;
  std::vector<StoryLine> steepest;  // what happened there
  std::string contents;             // what the history alone says, where it does (set by the caller)
  std::size_t trials = 0;
  bool enough_trials = true;

  /// Of the first violation; nothing: it shows at the end.
  std::optional<sim::Instant> at() const;
};

/// Nothing when the run does not fail. What run_scenario() throws passes.
std::optional<Explanation> explain_run(const scenarios::Scenario& scenario, std::uint64_t seed,
                                       const sim::FaultPlan* plan, const ExplainOptions& options);

}  // namespace tidemark::explain
