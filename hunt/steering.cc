#include "hunt/steering.h"

#include "base/assert.h"
#include "steer/plan_text.h"
#include "steer/trial.h"

namespace tidemark::hunt {

SteeredRun steered_run(const steer::Choice& choice, const steer::Reached& reached) {
  SteeredRun row;
  row.run = choice.run;
  row.seed = choice.seed;
  row.way = to_text(choice.way);
  row.parent = choice.parent;
  row.how = choice.how;
  if (choice.plan) row.plan = steer::plan_text(*choice.plan);
  row.reached = steer::reached_text(reached);
  return row;
}

std::optional<steer::Choice> choice_of(const SteeredRun& row) {
  steer::Choice choice;
  choice.run = row.run;
  choice.seed = row.seed;
  choice.parent = row.parent;
  choice.how = row.how;
  if (!steer::parse_way(row.way, choice.way)) return std::nullopt;
  if (row.plan.empty()) return choice;
  choice.plan = steer::parse_plan(row.plan);
  return choice.plan ? std::optional(choice) : std::nullopt;
}

Steering::Steering(const scenarios::Scenario& scenario, const Shard& shard, const Results& results)
    : distance_(kWindow * shard.count), campaign_(scenario) {
  results.each_steered([this](const SteeredRun& row, bool failed) {
    std::optional<steer::Choice> choice = choice_of(row);
    steer::Reached reached;
    const bool sound = choice.has_value() && steer::parse_reached(row.reached, reached);
    TIDEMARK_ASSERT(sound, "a row whose hash is right, and which this program did not write");
    learn(row.run, {std::move(*choice), std::move(reached), failed});
  });
}

void Steering::learn(std::uint64_t run, Known known) {
  for (const steer::Feature feature : known.reached.features) cells_.insert(steer::cell_of(feature));
  known_.emplace(run, std::move(known));
}

bool Steering::may_choose(std::uint64_t run) const {
  return under_way_.empty() || run < distance_ || *under_way_.begin() > run - distance_;
}

steer::Choice Steering::choose(std::uint64_t run) {
  TIDEMARK_ASSERT(may_choose(run));
  while (run >= distance_ && !known_.empty() && known_.begin()->first <= run - distance_) {
    const Known& next = known_.begin()->second;
    campaign_.take(next.choice, next.reached, next.failed);
    known_.erase(known_.begin());
  }
  under_way_.insert(run);
  return campaign_.choose(run);
}

void Steering::done(const steer::Choice& choice, const steer::Reached& reached, bool failed) {
  under_way_.erase(choice.run);
  learn(choice.run, {choice, reached, failed});
}

}  // namespace tidemark::hunt
