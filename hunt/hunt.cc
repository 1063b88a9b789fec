#include "hunt/hunt.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "base/assert.h"

namespace tidemark::hunt {
namespace {

constexpr double kProgressEvery = 0.1;
constexpr std::uint64_t kMostUncommitted = 5000;
/// With one worker, second runs wait until so many are due, then a fresh process does them.
constexpr std::size_t kSecondRunsAtOnce = 32;
constexpr int kExitUnknown = 2;

struct SecondRun {
  Outcome first;
  std::uint64_t process = 0;  // that did the first
};

/// A run that ended with its worker.
Outcome outcome_of_lost(const Completion& lost) {
  Outcome outcome;
  outcome.seed = lost.id;
  outcome.verdict = "none";
  outcome.witness = lost.message;
  outcome.code = kExitDefect;
  switch (lost.end) {
    case JobEnd::kSignal:
      outcome.failure = reports::crash_class(lost.code);
      break;
    case JobEnd::kHang:
      outcome.failure = reports::hang_class();
      outcome.code = kExitUnknown;
      break;
    case JobEnd::kMemory:
      outcome.failure = reports::memory_class();
      outcome.code = kExitUnknown;
      break;
    default:
      outcome.failure = reports::exit_class(lost.code);
  }
  return outcome;
}

/// Limits of time and memory are those of this machine and moment: only a run within them says something twice.
bool is_worth_a_second(const Outcome& outcome) {
  if (!outcome.failed()) return is_run_twice(outcome.seed);
  return *outcome.failure != reports::hang_class() && *outcome.failure != reports::memory_class();
}

Outcome contradiction(const Outcome& first, const Outcome& second) {
  const bool in_order = std::pair(first.digest, first.verdict) <= std::pair(second.digest, second.verdict);
  Outcome outcome = in_order ? first : second;
  const Outcome& other = in_order ? second : first;
  const auto told = [](const Outcome& o) {
    return (o.digest.empty() ? "no digest" : "digest " + o.digest) + ", verdict " + o.verdict +
           (o.failure ? " (" + o.failure->text() + ")" : "");
  };
  outcome.witness = "one run: " + told(outcome) + "; another: " + told(other);
  outcome.other_digest = other.digest;
  outcome.verdict = "none";
  outcome.code = kExitDefect;
  outcome.failure = reports::nondeterminism_class();
  return outcome;
}

class Hunt {
 public:
  Hunt(const HuntOptions& options, Results& results, const RunSeed& run, HuntObserver& observer)
      : options_(options),
        results_(results),
        observer_(observer),
        source_(options.range, options.shard, results.seeds(), options.before),
        is_endless_(options.range.last == UINT64_MAX),
        begin_(wall_seconds()),
        pool_(options.pool, [&run](const std::string& request) { return pack(run(std::stoull(request))); }) {}

  HuntReport run() {
    HuntReport report;
    while (!stopping()) {
      hand_out();
      if (first_runs_.empty() && second_runs_.empty() && waiting_.empty()) break;
      for (const Completion& completion : pool_.wait(kProgressEvery)) complete(completion);
      commit();
    }
    results_.commit();
    report.end = end_.value_or(source_.left() > 0 ? HuntEnd::kTime : HuntEnd::kAllSeeds);
    report.progress = progress();
    for (const auto& [seed, process] : first_runs_) report.in_flight.push_back(seed);
    for (const auto& [seed, second] : second_runs_) report.in_flight.push_back(seed);
    for (const SecondRun& second : waiting_) report.in_flight.push_back(second.first.seed);
    std::sort(report.in_flight.begin(), report.in_flight.end());
    return report;
  }

 private:
  bool out_of_time() const { return options_.seconds > 0 && wall_seconds() - begin_ >= options_.seconds; }
  bool may_begin() const { return source_.left() > 0 && !out_of_time(); }

  bool stopping() {
    if (end_) return true;
    const double now = wall_seconds();
    if (now - told_ < kProgressEvery) return false;
    told_ = now;
    observer_.on_progress(progress());
    if (observer_.interrupted()) end_ = HuntEnd::kInterrupted;
    return end_.has_value();
  }

  void hand_out() {
    for (std::size_t worker = 0; worker < pool_.workers(); ++worker)
      while (pool_.has_room(worker) && give(worker)) {
      }
  }

  /// Gives this worker what it may do: second runs first. False: nothing.
  bool give(std::size_t worker) {
    if (give_second(worker)) return true;
    if (may_begin() && !is_second_due()) return give_first(worker);
    // All that waits was done by this very process: a fresh one takes its place.
    if (waiting_.empty() || !pool_.is_idle(worker)) return false;
    pool_.replace(worker);
    return give_second(worker);
  }

  bool is_second_due() const {
    if (waiting_.size() >= kSecondRunsAtOnce) return true;
    return options_.until_fail &&
           std::any_of(waiting_.begin(), waiting_.end(), [](const SecondRun& run) { return run.first.failed(); });
  }

  bool give_first(std::size_t worker) {
    const std::optional<std::uint64_t> seed = source_.next();
    if (!seed) return false;
    first_runs_.emplace(*seed, pool_.process(worker));
    pool_.give(worker, *seed, std::to_string(*seed));
    return true;
  }

  bool give_second(std::size_t worker) {
    const std::uint64_t process = pool_.process(worker);
    const auto other =
        std::find_if(waiting_.begin(), waiting_.end(), [&](const SecondRun& run) { return run.process != process; });
    if (other == waiting_.end()) return false;
    const std::uint64_t seed = other->first.seed;
    second_runs_.emplace(seed, std::move(*other));
    waiting_.erase(other);
    pool_.give(worker, seed, std::to_string(seed));
    return true;
  }

  void complete(const Completion& completion) {
    if (end_) return;
    Outcome outcome = completion.end == JobEnd::kDone ? unpack(completion.answer) : outcome_of_lost(completion);
    TIDEMARK_ASSERT(outcome.seed == completion.id, "a worker ran another seed");
    outcome.wall_seconds = completion.seconds;
    ++progress_.runs;
    const auto second = second_runs_.find(outcome.seed);
    if (second == second_runs_.end()) {
      first_runs_.erase(outcome.seed);
      progress_.virtual_seconds += outcome.virtual_seconds;
      if (is_worth_a_second(outcome)) {
        waiting_.push_back({std::move(outcome), completion.process});
      } else {
        finish(outcome);
      }
      return;
    }
    Outcome first = std::move(second->second.first);
    second_runs_.erase(second);
    Outcome both = agree(first, outcome) ? std::move(first) : contradiction(first, outcome);
    both.twice = true;
    finish(both);
  }

  void finish(const Outcome& outcome) {
    results_.add(outcome);
    ++progress_.done;
    if (!outcome.failed()) return;
    ++progress_.failed;
    observer_.on_failure(outcome);
    if (options_.until_fail) end_ = HuntEnd::kFailure;
  }

  void commit() {
    const double now = wall_seconds();
    if (now - committed_ < options_.commit_every && results_.uncommitted() < kMostUncommitted) return;
    committed_ = now;
    results_.commit();
  }

  HuntProgress progress() const {
    HuntProgress progress = progress_;
    progress.left =
        is_endless_ ? UINT64_MAX : source_.left() + first_runs_.size() + second_runs_.size() + waiting_.size();
    progress.wall_seconds = wall_seconds() - begin_;
    return progress;
  }

  const HuntOptions& options_;
  Results& results_;
  HuntObserver& observer_;
  SeedSource source_;
  const bool is_endless_;
  const double begin_;
  Pool pool_;
  std::map<std::uint64_t, std::uint64_t> first_runs_;  // seed -> process
  std::map<std::uint64_t, SecondRun> second_runs_;     // under way
  std::deque<SecondRun> waiting_;                      // for a process that did not do the first
  HuntProgress progress_;
  std::optional<HuntEnd> end_;
  double told_ = 0;
  double committed_ = 0;
};

}  // namespace

HuntReport hunt(const HuntOptions& options, Results& results, const RunSeed& run, HuntObserver& observer) {
  return Hunt(options, results, run, observer).run();
}

int exit_code_of(const std::vector<ClassRow>& classes) {
  for (const int code : {kExitDefect, 1, 3, 64, kExitUnknown}) {
    const bool found =
        std::any_of(classes.begin(), classes.end(), [&](const ClassRow& row) { return row.cheapest.code == code; });
    if (found) return code;
  }
  return 0;
}

}  // namespace tidemark::hunt
