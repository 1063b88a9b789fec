#include "explain/trials.h"

#include <fmt/format.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include "base/assert.h"
#include "explain/story.h"
#include "hunt/pool.h"

namespace tidemark::explain {
namespace {

/// Draws are those of another future after an instant.
class Fork final : public sim::EventSink, public scenarios::RunWatcher {
 public:
  Fork(sim::Instant at, std::uint64_t future) : at_(at), future_(future) {}
  void on_world(model::Cluster& cluster, const scenarios::Scenario&) override { cluster_ = &cluster; }
  void on_rest(model::Cluster&, const std::vector<sim::FaultReport>&) override { cluster_ = nullptr; }
  // Called before the event happens: the first one after the instant draws from its future already.
  void on_event(const sim::EventRecord& event) override {
    if (forked_ || event.when <= at_ || cluster_ == nullptr) return;
    forked_ = true;
    cluster_->streams().rekey(future_);
  }

 private:
  const sim::Instant at_;
  const std::uint64_t future_;
  model::Cluster* cluster_ = nullptr;
  bool forked_ = false;
};

sim::FaultPlan changed_plan(const sim::FaultPlan& plan, const Change& change) {
  sim::FaultPlan changed = plan;
  if (change.no_faults) changed.faults.clear();
  if (change.without) changed.faults.erase(changed.faults.begin() + static_cast<std::ptrdiff_t>(*change.without));
  if (change.moved) {
    sim::Duration& after = changed.faults.at(*change.moved).start.after;
    after = std::max(sim::Duration{}, after + change.by);
  }
  return changed;
}

Outcome judged(const std::vector<checkers::Verdict>& verdicts, const reports::FailureClass& wanted) {
  for (const checkers::Verdict& verdict : verdicts) {
    if (verdict.validity != checkers::Validity::kInvalid || reports::failure_class({verdict}) != wanted) continue;
    return {Ending::kSame, wanted.text(), instant_of(verdict)};
  }
  const auto other = earliest(verdicts, {});
  if (!other) return {Ending::kNone, "", std::nullopt};
  return {Ending::kOther, reports::failure_class({*other})->text(), instant_of(*other)};
}

std::string text_of(const Outcome& outcome) {
  return fmt::format("{} {} {}", static_cast<int>(outcome.ending), outcome.at ? outcome.at->ns() : -1, outcome.what);
}

Outcome outcome_of(const std::string& text) {
  int ending = 0, length = 0;
  std::int64_t at = -1;
  const int read = std::sscanf(text.c_str(), "%d %" SCNd64 " %n", &ending, &at, &length);
  TIDEMARK_ASSERT(read == 2, "an answer of a worker");
  Outcome outcome{static_cast<Ending>(ending), text.substr(static_cast<std::size_t>(length)), std::nullopt};
  if (at >= 0) outcome.at = sim::Instant::from_ns(at);
  return outcome;
}

}  // namespace

std::string Change::text() const {
  if (no_faults) return "none";
  if (without) return fmt::format("without {}", *without);
  if (moved) return fmt::format("moved {} {}", *moved, by.ns());
  if (rekeyed) return fmt::format("future {} {}", rekeyed->ns(), future);
  return "same";
}

Change Change::parse(const std::string& text) {
  Change change;
  std::uint64_t number = 0;
  std::int64_t ns = 0;
  if (text == "none") {
    change.no_faults = true;
  } else if (std::sscanf(text.c_str(), "without %" SCNu64, &number) == 1) {
    change.without = number;
  } else if (std::sscanf(text.c_str(), "moved %" SCNu64 " %" SCNd64, &number, &ns) == 2) {
    change.moved = number;
    change.by = sim::Duration::nanoseconds(ns);
  } else if (std::sscanf(text.c_str(), "future %" SCNd64 " %" SCNu64, &ns, &number) == 2) {
    change.rekeyed = sim::Instant::from_ns(ns);
    change.future = number;
  } else {
    TIDEMARK_ASSERT(text == "same", "a request to a worker");
  }
  return change;
}

Outcome carry_out(const Case& run, const reports::FailureClass& wanted, const Change& change) {
  sim::FaultPlan plan;
  scenarios::RunRequest request{run.scenario, run.seed, "", "", nullptr, nullptr};
  if (run.plan != nullptr) {
    plan = changed_plan(*run.plan, change);
    request.plan = &plan;
  }
  request.stop_at_violation = run.stop_at_violation;
  Fork fork(change.rekeyed.value_or(sim::Instant::max()), change.future);
  if (change.rekeyed) {
    request.events = &fork;
    request.watcher = &fork;
  }
  try {
    const scenarios::RunResult result = scenarios::run_scenario(request);
    return judged(result.verdicts, wanted);
  } catch (const scenarios::ScenarioError& error) {
    return {Ending::kImpossible, error.what(), std::nullopt};
  }
}

Trials::Trials(const Case& run, reports::FailureClass wanted, std::size_t jobs, std::size_t most,
               std::function<void(std::size_t, std::size_t)> progress)
    : case_(run), wanted_(std::move(wanted)), jobs_(jobs), most_(most), progress_(std::move(progress)) {}

std::vector<std::optional<Outcome>> Trials::run(const std::vector<Change>& changes) {
  std::vector<std::optional<Outcome>> outcomes(changes.size());
  const std::size_t wanted = std::min(changes.size(), left());
  if (wanted == 0) return outcomes;
  hunt::PoolOptions options;
  options.jobs = std::min(jobs_, wanted);
  hunt::Pool pool(options, [this](const std::string& request) {
    return text_of(carry_out(case_, wanted_, Change::parse(request)));
  });
  std::size_t given = 0;
  for (std::size_t complete = 0; complete < wanted;) {
    for (std::size_t worker = 0; worker < pool.workers(); ++worker)
      while (given < wanted && pool.has_room(worker)) {
        pool.give(worker, given, changes[given].text());
        ++given;
      }
    for (const hunt::Completion& one : pool.wait(0.1)) {
      outcomes[one.id] =
          one.end == hunt::JobEnd::kDone ? outcome_of(one.answer) : Outcome{Ending::kDefect, one.message, std::nullopt};
      ++complete;
      ++done_;
      if (progress_) progress_(done_, most_);
    }
  }
  return outcomes;
}

}  // namespace tidemark::explain
