#include "explain/explain.h"

#include <algorithm>

#include "base/assert.h"

namespace tidemark::explain {
namespace {

constexpr std::size_t kSteepestLines = 6;

/// When clients begin; a run without any: its first event.
sim::Instant beginning(const Narrator& narrator) {
  for (const Line& line : narrator.lines())
    if (line.session != 0 && narrator.nodes()[line.process].role == model::NodeRole::kClient) return line.when;
  return sim::Instant();
}

StoryOptions story_options(const Explanation& made, const ExplainOptions& options) {
  StoryOptions story;
  story.most = options.lines;
  story.full = options.full;
  if (!made.needs) return story;
  for (const FaultNeed& fault : made.needs->faults) {
    if (fault.needed()) story.needed.insert(fault.id);
    if (fault.verdict(made.at()) == "irrelevant") story.irrelevant.insert(fault.id);
  }
  return story;
}

std::vector<StoryLine> plain_lines(const Narrator& narrator, const std::vector<Line>& lines) {
  std::vector<StoryLine> told;
  for (const Line& line : lines) {
    StoryLine one;
    one.event = line.event;
    one.when = line.when;
    one.node = line.fault != 0 ? "nemesis" : narrator.nodes()[line.process].name;
    one.text = line.text;
    one.fault = line.fault != 0;
    told.push_back(std::move(one));
  }
  return told;
}

}  // namespace

std::optional<sim::Instant> Explanation::at() const {
  if (first.at_end) return std::nullopt;
  return first.when;
}

std::optional<Explanation> explain_run(const scenarios::Scenario& scenario, std::uint64_t seed,
                                       const sim::FaultPlan* plan, const ExplainOptions& options) {
  scenarios::RunRequest first{scenario, seed, "", "", nullptr, nullptr, plan};
  const scenarios::RunResult result = scenarios::run_scenario(first);
  const auto broken = earliest(result.verdicts, scenario.expect);
  if (!broken) return std::nullopt;
  const auto failure = reports::failure_class({*broken});
  TIDEMARK_ASSERT(failure.has_value(), "a violation has a class");

  Explanation made;
  made.scenario = scenario.name;
  made.seed = seed;
  made.digest = result.digest;
  made.events = result.events;
  made.failure = *failure;
  made.guarantee = guarantee_of(broken->name);
  // Not one of the database's: an assertion or a truth of the application that the scenario runs.
  if (made.guarantee.empty()) made.guarantee = "What the application promises its users: " + broken->name + ".";
  for (const checkers::Verdict& verdict : result.verdicts)
    if (verdict.validity == checkers::Validity::kInvalid && verdict.name != broken->name)
      made.others.push_back(verdict);

  const bool faulty = plan != nullptr || result.scenario.has_faults();
  const Case run{result.scenario, seed, faulty ? &result.plan : nullptr, false};
  Narrator narrator;
  scenarios::RunRequest again{run.scenario, seed, "", "", nullptr, nullptr, run.plan};
  again.until = instant_of(*broken);
  narrator.watch(again);
  scenarios::run_scenario(again);
  made.first = locate(narrator, *broken);

  Trials trials(run, *failure, options.jobs, options.runs, options.progress);
  const auto reports = made.first.at_end ? std::vector<sim::FaultReport>() : narrator.faults();
  if (options.needs && faulty && !result.plan.faults.empty())
    made.needs = find_needs(trials, result.plan, reports, options.delta);
  made.story = tell(narrator, made.first, story_options(made, options));
  if (options.curve) {
    const sim::Instant begin = std::min(beginning(narrator), made.first.when);
    made.curve = find_curve(trials, {begin, made.first.when, options.points, options.futures});
    made.steepest = plain_lines(narrator, steepest_lines(*made.curve, narrator, made.first.database, kSteepestLines));
    made.enough_trials = made.curve->complete;
  }
  if (made.needs) made.enough_trials &= made.needs->complete;
  made.trials = trials.done();
  return made;
}

}  // namespace tidemark::explain
