#include "shrink/shrinker.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/digest.h"
#include "scenarios/loader.h"
#include "shrink/changes.h"
#include "shrink/record.h"

namespace tidemark::shrink {
namespace {

using scenarios::Scenario;
using Clock = std::chrono::steady_clock;

constexpr unsigned kSeedsOfTheRecord = 8;
/// A round that changes nothing ends it; so many are never needed.
constexpr int kMostRounds = 12;

double since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::uint64_t hash_of(const std::string& text) {
  return hash_name(text);
}

class Shrinker {
 public:
  explicit Shrinker(const Request& request) : request_(request), trials_(request.trial, request.limits) {}

  Result run() {
    if (begin()) {
      bool fixed = false;
      for (int round = 0; round < kMostRounds && !fixed && !over(); ++round) fixed = !reduce();
      result_.complete = fixed && !over();
    }
    result_.scenario = best_;
    result_.after = sizes_of(best_);
    result_.scripted = best_.workload.arrival == model::Arrival::kScript;
    result_.processes = trials_.started();
    result_.wall_seconds = since(begin_);
    result_.state = state_;
    if (!result_.failure.empty() && request_.save) request_.save(state_);
    return std::move(result_);
  }

 private:
  bool over() const {
    if (request_.stop && request_.stop()) return true;
    if (request_.most_runs != 0 && state_.runs >= request_.most_runs) return true;
    return request_.most_seconds > 0 && since(begin_) >= request_.most_seconds;
  }
  bool same(const Outcome& outcome) const { return outcome.failure == state_.failure; }

  void adopt(Scenario scenario) {
    best_ = std::move(scenario);
    state_.file = minimal_toml(best_);
    if (request_.save) request_.save(state_);
  }
  void tell(const char* what) {
    if (request_.progress) request_.progress({what, state_.runs, state_.before, sizes_of(best_)});
  }

  // --- The beginning: what to make smaller ---

  /// False: the run does not fail.
  bool begin() {
    if (request_.resume) {
      state_ = *request_.resume;
      result_.failure = state_.failure;
      const scenarios::LoadResult loaded = scenarios::load_scenario(state_.file, "state");
      TIDEMARK_ASSERT(loaded.ok(), "whoever resumes has checked the file");
      best_ = loaded.scenario;
      return true;
    }
    tell("record");
    const Recorded recorded = recorded_run();
    state_.failure = result_.failure = recorded.failure;
    if (recorded.failure.empty()) return false;
    return find_start(recorded);
  }

  /// By a trial process: the run may crash. Then nothing is written down.
  Recorded recorded_run() {
    Recorded recorded;
    Scenario as_it_is = request_.scenario;
    as_it_is.seed = request_.seed;
    const Trial trial = [this](const std::string&) {
      Outcome outcome;
      const Recorded made = shrink::record(request_.scenario, request_.seed, request_.plan ? &*request_.plan : nullptr);
      outcome.failure = made.failure;
      outcome.operations = made.operations;
      outcome.files = made.files;
      return outcome;
    };
    Trials once(trial, request_.limits);
    const auto all = [](const Outcome&) { return true; };
    const auto found = once.first(
        1, [](std::size_t) { return std::string(); }, all, [this] { return over(); });
    ++state_.runs;
    if (!found) return recorded;
    recorded.failure = found->outcome.failure;
    recorded.operations = found->outcome.operations;
    recorded.files = found->outcome.files;
    recorded.files.push_back(minimal_toml(as_it_is));
    return recorded;
  }

  /// The first of what was recorded that fails in the same way, with the seed or another.
  bool find_start(const Recorded& recorded) {
    std::vector<Scenario> starts;
    for (const std::string& file : recorded.files) {
      scenarios::LoadResult loaded = scenarios::load_scenario(file, "record");
      if (!loaded.ok()) continue;
      if (starts.empty()) state_.before = sizes_of(loaded.scenario);
      for (unsigned other = 0; other <= kSeedsOfTheRecord; ++other) {
        starts.push_back(loaded.scenario);
        if (other > 0) starts.back().seed = other;
      }
    }
    if (recorded.operations > state_.before.operations) state_.before.operations = recorded.operations;
    const auto found = trials_.first(
        starts.size(), [&](std::size_t i) { return minimal_toml(starts[i]); },
        [this](const Outcome& o) { return same(o); }, [this] { return over(); });
    state_.runs += found ? found->index + 1 : starts.size();
    if (found) adopt(starts[found->index]);
    return found.has_value();
  }

  // --- Steps ---

  struct Effort {
    unsigned seeds = 1;
    std::size_t parts = 0;  // no smaller pieces than so many parts of all; 0 = down to single ones
  };

  /// Tries the changes of the best in their order, and takes the first that helps. Nothing: none does.
  std::optional<std::size_t> first_that_helps(const std::vector<Change>& changes, unsigned seeds) {
    const std::size_t count = changes.size() * seeds;
    std::vector<std::uint64_t> tried(count, 0);
    const auto candidate = [&](std::size_t i) -> std::optional<Scenario> {
      Scenario scenario = best_;
      if (!changes[i / seeds](scenario)) return std::nullopt;
      if (i % seeds > 0) scenario.seed = i % seeds + (i % seeds >= best_.seed ? 1 : 0);
      return scenario;
    };
    std::uint64_t budget =
        request_.most_runs == 0 ? count : request_.most_runs - std::min(request_.most_runs, state_.runs);
    const auto text = [&](std::size_t i) -> std::optional<std::string> {
      if (budget == 0) return std::nullopt;
      const std::optional<Scenario> scenario = candidate(i);
      if (!scenario) return std::nullopt;
      std::string file = minimal_toml(*scenario);
      const std::uint64_t hash = hash_of(file);
      if (file == state_.file || state_.refused.count(hash) != 0) return std::nullopt;
      tried[i] = hash;
      --budget;
      return file;
    };
    const auto found = trials_.first(
        count, text, [this](const Outcome& o) { return same(o); }, [this] { return over_by_user(); });
    const std::size_t end = found ? found->index : over_by_user() ? 0 : count;
    for (std::size_t i = 0; i < end; ++i)
      if (tried[i] != 0) state_.refused.insert(tried[i]), ++state_.runs;
    if (!found) return std::nullopt;
    ++state_.runs;
    adopt(*candidate(found->index));
    return found->index / seeds;
  }
  /// What ends a step in its middle: nothing that depends on how many trials run at a time but time itself.
  bool over_by_user() const {
    if (request_.stop && request_.stop()) return true;
    return request_.most_seconds > 0 && since(begin_) >= request_.most_seconds;
  }

  /// Until none helps.
  bool repeat(const char* what, const std::function<std::vector<Change>(const Scenario&)>& make, unsigned seeds = 1) {
    bool any = false;
    while (!over()) {
      tell(what);
      if (!first_that_helps(make(best_), seeds)) break;
      any = true;
    }
    return any;
  }

  /// Takes out as much as it can: all, halves, quarters, down to single ones or to `parts` parts; the last first. For
  /// large pieces other seeds are tried at once: these trials are few, and they pay most.
  bool take_out(const char* what, const Removable& items, std::size_t keep, Effort effort) {
    bool any = false;
    const std::size_t all = items.count(best_);
    const std::size_t finest = effort.parts == 0 ? 1 : std::max<std::size_t>(1, all / effort.parts);
    for (std::size_t chunk = all; chunk >= finest && chunk > 0 && !over(); chunk = chunk == 1 ? 0 : (chunk + 1) / 2) {
      const unsigned seeds = chunk * kLargeParts >= all ? std::max(effort.seeds, request_.seeds) : effort.seeds;
      std::size_t end = items.count(best_);
      while (end > 0 && !over()) {
        tell(what);
        std::vector<Change> changes;
        std::vector<std::size_t> begins;
        for (std::size_t at = end; at > 0; at -= std::min(at, chunk)) {
          const std::size_t first = at - std::min(at, chunk);
          begins.push_back(first);
          changes.push_back([&items, first, count = at - first, keep](Scenario& s) {
            if (items.count(s) < count + keep) return false;
            items.erase(s, first, count);
            return true;
          });
        }
        const auto helped = first_that_helps(changes, seeds);
        if (!helped) break;
        any = true;
        end = begins[*helped];
      }
    }
    return any;
  }

  /// One round of everything in the order in which it pays. True if anything helped.
  bool reduce() {
    bool any = false;
    for (const Effort effort : {Effort{1, kCoarseParts}, Effort{1, 0}})
      while (remove(effort) && !over()) any = true;
    if (over()) return any;
    // Nothing helps with this seed: another one may have the luck.
    if (request_.seeds > 1 && remove({request_.seeds, 0})) return true;
    // Little is left, so trials are cheap: what hangs on a rare moment gets more of them.
    const bool little = best_.workload.script.size() <= kLittle && best_.faults.size() <= kLittle;
    if (request_.seeds > 1 && little && is_large() && remove({request_.seeds * kMoreLuck, 0})) return true;
    return polish() || any;
  }
  /// Fewer things.
  bool remove(Effort effort) {
    bool any = repeat("run time", shorter_runs, effort.seeds);
    any = repeat("kinds of faults", without_kinds, effort.seeds) || any;
    any = take_out("faults", faults(), 0, effort) || any;
    any = repeat("merged faults", merged_faults, effort.seeds) || any;
    any = take_out("databases", databases(), 0, effort) || any;
    any = take_out("clients", clients(), 1, effort) || any;
    any = take_out("operations", operations(), 0, effort) || any;
    any = take_out("replicas", replicas(), 0, effort) || any;
    any = take_out("statements", statements(), 0, effort) || any;
    any = take_out("SQL that nobody runs", sql_statements(), 0, effort) || any;
    any = take_out("assertions", sql_assertions(), 0, effort) || any;
    any = take_out("tables", sql_schema(), 0, effort) || any;
    if (best_.workload.script.size() > kFew) {
      any = repeat("near faults", operations_near_faults, request_.seeds) || any;
      any = repeat("thresholds", lower_thresholds) || any;
      any = repeat("triggers", earlier_triggers) || any;
    }
    if (is_large()) any = repeat("points", faults_at_points) || any;
    return any;
  }
  /// More than a person reads at a glance.
  bool is_large() const { return best_.workload.script.size() > kFew || best_.faults.size() > kFewFaults; }
  /// Plainer things.
  bool polish() {
    bool any = repeat("options", default_options);
    any = repeat("clients", merged_clients) || any;
    any = repeat("plainer operations", plainer_operations) || any;
    any = repeat("milder faults", milder_faults) || any;
    any = repeat("waiting", closer_times) || any;
    any = repeat("round times", rounder_times) || any;
    return any;
  }
  static constexpr std::size_t kCoarseParts = 16;
  static constexpr std::size_t kLargeParts = 8;
  static constexpr std::size_t kFew = 5;  // operations
  static constexpr std::size_t kFewFaults = 2;
  static constexpr std::size_t kLittle = 40;
  static constexpr unsigned kMoreLuck = 8;

  const Request& request_;
  const Clock::time_point begin_ = Clock::now();
  Trials trials_;
  Scenario best_;
  State state_;
  Result result_;
};

}  // namespace

Result shrink(const Request& request) {
  return Shrinker(request).run();
}

std::string shrunk_file(const Result& result, const std::string& origin) {
  const Sizes& before = result.state.before;
  const Sizes& after = result.after;
  std::string text = fmt::format("# Shrunk from {}: the least that was found to fail in the same way.\n#\n", origin);
  text += fmt::format("#   fails as         {}\n", result.failure);
  const auto row = [&text](const char* what, auto from, auto to) {
    text += fmt::format("#   {:<16} {} -> {}\n", what, from, to);
  };
  row("faults", before.faults, after.faults);
  row("operations", before.operations, after.operations);
  row("clients", before.clients, after.clients);
  row("replicas", before.replicas, after.replicas);
  row("regions", before.regions, after.regions);
  row("seconds of load", fmt::format("{:.3g}", before.seconds), fmt::format("{:.3g}", after.seconds));
  row("lines", before.lines, after.lines);
  if (!result.scripted) text += "#\n# Its operations are drawn: written down they did not fail in this way.\n";
  return text + "\n" + minimal_toml(result.scenario);
}

}  // namespace tidemark::shrink
