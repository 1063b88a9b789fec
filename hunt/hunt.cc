#include "hunt/hunt.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "steer/trial.h"

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
  std::string request;
};

/// A run under way for the first time.
struct FirstRun {
  std::uint64_t process = 0;
  std::string request;
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
  /// `steering` may be nullptr: then a request is a seed, else a choice.
  Hunt(const HuntOptions& options, Results& results, Steering* steering, Work work, HuntObserver& observer)
      : options_(options),
        steering_(steering),
        results_(results),
        observer_(observer),
        source_(options.range, options.shard, results.seeds(), options.before),
        is_endless_(options.range.last == UINT64_MAX),
        begin_(wall_seconds()),
        pool_(options.pool, std::move(work)) {}

  HuntReport run() {
    HuntReport report;
    while (!stopping()) {
      hand_out();
      if (first_runs_.empty() && second_runs_.empty() && waiting_.empty()) break;
      for (const Completion& completion : pool_.wait(kProgressEvery)) complete(completion);
      commit();
    }
    results_.commit();
    report.end = end_.value_or(next_ || source_.left() > 0 ? HuntEnd::kTime : HuntEnd::kAllSeeds);
    report.progress = progress();
    for (const auto& [seed, first] : first_runs_) report.in_flight.push_back(seed);
    for (const auto& [seed, second] : second_runs_) report.in_flight.push_back(seed);
    for (const SecondRun& second : waiting_) report.in_flight.push_back(second.first.seed);
    std::sort(report.in_flight.begin(), report.in_flight.end());
    return report;
  }

 private:
  bool out_of_time() const { return options_.seconds > 0 && wall_seconds() - begin_ >= options_.seconds; }
  bool may_begin() const { return (next_ || source_.left() > 0) && !out_of_time(); }

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
    if (!next_) next_ = source_.next();
    if (!next_ || (steering_ != nullptr && !steering_->may_choose(*next_))) return false;
    const std::uint64_t seed = *next_;
    next_.reset();
    const std::string request = request_of(seed);
    first_runs_.emplace(seed, FirstRun{pool_.process(worker), request});
    pool_.give(worker, seed, request);
    return true;
  }

  std::string request_of(std::uint64_t seed) {
    if (steering_ == nullptr) return std::to_string(seed);
    const steer::Choice& choice = choices_.emplace(seed, steering_->choose(seed)).first->second;
    return choice_text(choice);
  }

  bool give_second(std::size_t worker) {
    const std::uint64_t process = pool_.process(worker);
    const auto other =
        std::find_if(waiting_.begin(), waiting_.end(), [&](const SecondRun& run) { return run.process != process; });
    if (other == waiting_.end()) return false;
    const std::uint64_t seed = other->first.seed;
    const std::string request = other->request;
    second_runs_.emplace(seed, std::move(*other));
    waiting_.erase(other);
    pool_.give(worker, seed, request);
    return true;
  }

  void complete(const Completion& completion) {
    if (end_) return;
    steer::Reached reached;
    Outcome outcome = completion.end != JobEnd::kDone ? outcome_of_lost(completion)
                      : steering_ == nullptr          ? unpack(completion.answer)
                                                      : unpack(take_reached(completion.answer, reached));
    TIDEMARK_ASSERT(outcome.seed == completion.id, "a worker ran another seed");
    outcome.wall_seconds = completion.seconds;
    ++progress_.runs;
    const auto second = second_runs_.find(outcome.seed);
    if (second == second_runs_.end()) {
      const std::string request = first_runs_.at(outcome.seed).request;
      first_runs_.erase(outcome.seed);
      progress_.virtual_seconds += outcome.virtual_seconds;
      if (steering_ != nullptr) note_reached(outcome, reached);
      if (is_worth_a_second(outcome)) {
        waiting_.push_back({std::move(outcome), completion.process, request});
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

  void note_reached(const Outcome& outcome, const steer::Reached& reached) {
    const auto choice = choices_.find(outcome.seed);
    steering_->done(choice->second, reached, outcome.failed());
    rows_.emplace(outcome.seed, steered_run(choice->second, reached));
    choices_.erase(choice);
  }

  void finish(const Outcome& outcome) {
    if (steering_ == nullptr) {
      results_.add(outcome);
    } else {
      const auto row = rows_.find(outcome.seed);
      results_.add(outcome, &row->second);
      rows_.erase(row);
    }
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
    progress.left = is_endless_
                        ? UINT64_MAX
                        : source_.left() + first_runs_.size() + second_runs_.size() + waiting_.size() + (next_ ? 1 : 0);
    if (steering_ != nullptr) {
      progress.cells = steering_->cells();
      progress.corpus = steering_->corpus();
    }
    progress.wall_seconds = wall_seconds() - begin_;
    return progress;
  }

  const HuntOptions& options_;
  Steering* const steering_;
  Results& results_;
  HuntObserver& observer_;
  SeedSource source_;
  const bool is_endless_;
  const double begin_;
  Pool pool_;
  std::optional<std::uint64_t> next_;               // taken from the source, and not handed out yet
  std::map<std::uint64_t, FirstRun> first_runs_;    // by seed
  std::map<std::uint64_t, SecondRun> second_runs_;  // under way
  std::deque<SecondRun> waiting_;                   // for a process that did not do the first
  // Of a steered hunt, by run: what is under way, and what waits for its second run.
  std::map<std::uint64_t, steer::Choice> choices_;
  std::map<std::uint64_t, SteeredRun> rows_;
  HuntProgress progress_;
  std::optional<HuntEnd> end_;
  double told_ = 0;
  double committed_ = 0;
};

}  // namespace

HuntReport hunt(const HuntOptions& options, Results& results, const RunSeed& run, HuntObserver& observer) {
  const Work work = [&run](const std::string& request) { return pack(run(std::stoull(request))); };
  return Hunt(options, results, nullptr, work, observer).run();
}

HuntReport hunt_steered(const HuntOptions& options, Results& results, const scenarios::Scenario& scenario,
                        const RunChoice& run, HuntObserver& observer) {
  TIDEMARK_ASSERT(options.before.empty(), "the numbers of steered runs mean nothing elsewhere");
  Steering steering(scenario, options.shard, results);
  const Work work = [&run](const std::string& request) {
    steer::Reached reached;
    const Outcome outcome = run(steer::parse_choice(request), reached);
    return with_reached(reached, pack(outcome));
  };
  return Hunt(options, results, &steering, work, observer).run();
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
