#include "matrix/kill_matrix.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <utility>

#include "base/assert.h"
#include "hunt/pool.h"
#include "steer/trial.h"

namespace tidemark::matrix {
namespace {

constexpr double kLookEvery = 0.2;  // seconds

std::uint64_t seed_of(std::uint64_t start, std::uint64_t run) {
  return start * kSeedsPerStart + run;
}

/// Numbers and names, one per line.
std::string pack(const Trial& trial) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &trial.virtual_seconds, sizeof bits);
  std::string text = std::to_string(bits);
  for (const std::string& check : trial.violated) text += "\n" + check;
  return text;
}

Trial unpack(const std::string& text) {
  Trial trial;
  std::size_t begin = std::min(text.find('\n'), text.size());
  std::uint64_t bits = 0;
  const auto read = std::from_chars(text.data(), text.data() + begin, bits);
  TIDEMARK_ASSERT(read.ec == std::errc(), "an answer of another program");
  std::memcpy(&trial.virtual_seconds, &bits, sizeof bits);
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin + 1), text.size());
    trial.violated.push_back(text.substr(begin + 1, end - begin - 1));
    begin = end;
  }
  return trial;
}

/// A start that goes on.
struct Open {
  std::size_t row = 0;
  Chase chase;
  // Of a steered one:
  std::unique_ptr<steer::Campaign> campaign;
  steer::Choice choice;
};

constexpr char kSteered = '!';

/// "ROW SEED" or "ROW !CHOICE".
std::string request_of(const Open& one) {
  return std::to_string(one.row) + " " + std::to_string(seed_of(one.chase.start, one.chase.runs + 1));
}
std::string request_of(Open& one, const scenarios::Scenario& scenario) {
  if (!one.campaign) one.campaign = std::make_unique<steer::Campaign>(scenario);
  one.choice = one.campaign->choose(seed_of(one.chase.start, one.chase.runs + 1));
  return std::to_string(one.row) + " " + kSteered + choice_text(one.choice);
}

std::string steered_answer(const scenarios::Scenario& scenario, const std::string& choice, const Judge& judge) {
  steer::Reached reached;
  const Trial trial = try_choice(scenario, steer::parse_choice(choice), reached, judge);
  return with_reached(reached, pack(trial));
}

/// What all workers do: "ROW SEED" or "ROW !CHOICE". Each loads a scenario when it first needs it.
hunt::Work worker_of(const std::vector<Row>& rows, const Judge& judge) {
  auto loaded = std::make_shared<std::map<std::size_t, scenarios::Scenario>>();
  return [&rows, &judge, loaded](const std::string& request) {
    std::size_t row = 0;
    std::uint64_t seed = 0;
    const std::size_t space = request.find(' ');
    std::from_chars(request.data(), request.data() + space, row);
    const Target& target = rows[row].target;
    if (loaded->count(row) == 0) loaded->emplace(row, scenario_with(target.scenario, target.bug->id));
    if (request[space + 1] == kSteered) return steered_answer(loaded->at(row), request.substr(space + 2), judge);
    std::from_chars(request.data() + space + 1, request.data() + request.size(), seed);
    return pack(try_seed(loaded->at(row), seed, judge));
  };
}

/// Takes the trial in; true when the chase is over.
bool take(const Target& target, std::uint64_t budget, double seconds, const Trial* trial, Chase& chase) {
  ++chase.runs;
  if (trial == nullptr) {
    ++chase.crashes;
  } else {
    chase.virtual_seconds += trial->virtual_seconds;
    chase.check = killer_of(target, trial->violated);
    if (!chase.check.empty()) chase.seed = seed_of(chase.start, chase.runs);
    if (chase.check.empty()) chase.others.insert(trial->violated.begin(), trial->violated.end());
  }
  return chase.killed() || chase.runs >= budget || (seconds > 0 && chase.wall_seconds >= seconds);
}

std::vector<Row> rows_of(const MatrixOptions& options) {
  std::vector<Row> rows;
  for (const Target& target : options.targets) {
    rows.push_back({target, options.budget != 0 ? options.budget : budget_of(target), {}, {}, {}});
    scenario_with(target.scenario, target.bug->id);  // what is wrong with it is told here, not by every worker
  }
  return rows;
}

}  // namespace

std::uint64_t budget_of(const Target& target) {
  if (!target.directed) return kFirstTierSeeds;
  return target.bug->tier == 1 ? kFirstTierSeeds : kSecondTierSeeds;
}

namespace {

std::optional<std::uint64_t> nearest_rank(const std::vector<Chase>& chases, double share) {
  std::vector<std::uint64_t> runs;
  for (const Chase& chase : chases) {
    if (chase.killed()) runs.push_back(chase.runs);
  }
  std::sort(runs.begin(), runs.end());
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(chases.size())));
  const std::size_t place = rank == 0 ? 0 : rank - 1;
  if (place >= runs.size()) return std::nullopt;
  return runs[place];
}

}  // namespace

std::optional<std::uint64_t> Row::runs_at(double share) const {
  return nearest_rank(chases, share);
}
std::optional<std::uint64_t> Row::steered_at(double share) const {
  return nearest_rank(steered, share);
}

std::size_t Row::kills() const {
  return static_cast<std::size_t>(
      std::count_if(chases.begin(), chases.end(), [](const Chase& chase) { return chase.killed(); }));
}

std::vector<std::string> Row::checks() const {
  std::map<std::string, std::size_t> counts;
  for (const Chase& chase : chases) {
    if (chase.killed()) ++counts[chase.check];
  }
  std::vector<std::string> names;
  for (const auto& [name, count] : counts) names.push_back(name);
  std::stable_sort(names.begin(), names.end(),
                   [&](const std::string& a, const std::string& b) { return counts[a] > counts[b]; });
  return names;
}

std::vector<Target> targets_of(const std::vector<std::string>& ids, int tier, bool directed, bool swarm) {
  std::vector<Target> targets;
  for (const model::BugInfo& bug : model::bug_catalogue()) {
    if (tier != 0 && bug.tier != tier) continue;
    if (!ids.empty() && std::find(ids.begin(), ids.end(), bug.id) == ids.end()) continue;
    if (directed) targets.push_back({&bug, std::string(bug.scenario), true});
    if (swarm) targets.push_back({&bug, kSwarm, false});
  }
  return targets;
}

std::vector<Row> run_matrix(const MatrixOptions& options, const OnChase& on_chase, const Stop& stop) {
  std::vector<Row> rows = rows_of(options);
  std::vector<Open> open;
  std::deque<std::size_t> ready;
  std::map<std::size_t, scenarios::Scenario> scenarios;  // of campaigns, by row
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::uint64_t start = options.first_start; start < options.first_start + options.starts; ++start) {
      for (const bool steered : {false, true}) {
        if (steered && !options.steer) continue;
        ready.push_back(open.size());
        Chase chase;
        chase.start = start;
        chase.is_steered = steered;
        open.push_back({row, chase, nullptr, {}});
      }
    }
    if (options.steer) scenarios.emplace(row, scenario_with(rows[row].target.scenario, rows[row].target.bug->id));
  }
  hunt::PoolOptions pooled;
  pooled.jobs = options.jobs;
  pooled.seconds_per_job = options.seconds_per_run;
  hunt::Pool pool(pooled, worker_of(rows, options.judge));
  std::size_t under_way = 0;
  while (!ready.empty() || under_way > 0) {
    const bool stopped = stop && stop();
    if (stopped) break;
    for (std::size_t worker = 0; worker < pool.workers(); ++worker) {
      while (!ready.empty() && pool.has_room(worker)) {
        Open& next = open[ready.front()];
        pool.give(worker, ready.front(),
                  next.chase.is_steered ? request_of(next, scenarios.at(next.row)) : request_of(next));
        ready.pop_front();
        ++under_way;
      }
    }
    for (const hunt::Completion& done : pool.wait(kLookEvery)) {
      --under_way;
      Open& one = open[done.id];
      Row& row = rows[one.row];
      one.chase.wall_seconds += done.seconds;
      const bool came = done.end == hunt::JobEnd::kDone;
      steer::Reached reached;
      const Trial trial = !came                  ? Trial{}
                          : one.chase.is_steered ? unpack(take_reached(done.answer, reached))
                                                 : unpack(done.answer);
      if (one.chase.is_steered) one.campaign->take(one.choice, reached, !came || !trial.violated.empty());
      if (!take(row.target, row.budget, options.seconds, came ? &trial : nullptr, one.chase)) {
        ready.push_front(done.id);  // to the end with it before another begins
        continue;
      }
      one.campaign.reset();
      (one.chase.is_steered ? row.steered : row.chases).push_back(one.chase);
      if (on_chase) on_chase(row, one.chase);
    }
  }
  for (Row& row : rows) {
    for (std::vector<Chase>* const chases : {&row.chases, &row.steered})
      std::sort(chases->begin(), chases->end(), [](const Chase& a, const Chase& b) { return a.start < b.start; });
  }
  return rows;
}

Chase chase_here(const Target& target, std::uint64_t start, std::uint64_t budget, const Judge& judge) {
  const scenarios::Scenario scenario = scenario_with(target.scenario, target.bug->id);
  Chase chase;
  chase.start = start;
  for (bool over = false; !over;) {
    const Trial trial = try_seed(scenario, seed_of(start, chase.runs + 1), judge);
    over = take(target, budget, 0, &trial, chase);
  }
  return chase;
}

}  // namespace tidemark::matrix
