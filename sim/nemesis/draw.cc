#include "sim/nemesis/draw.h"

#include <algorithm>
#include <set>

#include "sim/core/distribution.h"
#include "sim/nemesis/swarm_habits.h"

namespace tidemark::sim {
namespace {

constexpr std::int64_t kMillion = 1'000'000;
constexpr int kTries = 6;  // per instance that does not fit
/// Marks an id that was given, while the plan is drawn.
constexpr std::uint64_t kGiven = 1ULL << 63;
constexpr Duration kGrid = Duration::milliseconds(1);
constexpr Duration kLongestWait = Duration::seconds(20);

/// Times of drawn faults lie on a grid of 1 ms: plans stay readable and shrink well.
Duration on_grid(Duration duration) {
  return std::max(kGrid, duration / kGrid.ns() * kGrid.ns());
}
Duration drawn_length(Duration mean, RandomStream& random) {
  return mean < kGrid ? kGrid : on_grid(DurationDistribution::exponential(mean).sample(random));
}
bool lasts(FaultKind kind) {
  const FaultShape shape = info(kind).shape;
  return shape == FaultShape::kInterval || shape == FaultShape::kOutage;
}

class Drawer {
 public:
  Drawer(const FaultSpec& spec, const Topology& topology, StreamRegistry& streams)
      : spec_(spec), topology_(topology), streams_(streams), budget_(spec.budget) {
    drawn_.plan.phase = spec.phase;
    drawn_.plan.beyond_budget = spec.beyond_budget;
  }

  DrawnPlan run() {
    // What a person wrote exactly comes first: the random rest has to fit around it.
    for (std::size_t i = 0; i < spec_.requests.size() && drawn_.problem.empty(); ++i)
      if (spec_.requests[i].every == Duration{}) exact(i);
    for (std::size_t i = 0; i < spec_.requests.size() && drawn_.problem.empty(); ++i)
      if (spec_.requests[i].every != Duration{}) process(i);
    if (spec_.swarm && drawn_.problem.empty()) swarm();
    number();
    return std::move(drawn_);
  }

 private:
  RandomStream& stream_of(std::size_t request) {
    return streams_.stream("faults/" + std::to_string(request + 1), "draw");
  }
  /// False with a problem.
  bool aim(const FaultRequest& request, std::size_t number, RandomStream& random, Fault& fault) {
    std::string problem;
    fault = make_fault(request.kind);
    fault.targets = draw_targets(request.targets, topology_, info(request.kind).roles, random, problem);
    for (const FaultParameter& parameter : request.parameters) {
      const auto place = std::find_if(fault.parameters.begin(), fault.parameters.end(),
                                      [&](const FaultParameter& own) { return own.name == parameter.name; });
      if (place == fault.parameters.end()) {
        problem = info(request.kind).id + " has no parameter \"" + parameter.name + "\"";
      } else {
        *place = parameter;
      }
    }
    fault.start = request.start;
    if (lasts(request.kind)) fault.duration = request.duration;
    if (!problem.empty()) drawn_.problem = "request " + std::to_string(number + 1) + ": " + problem;
    return problem.empty();
  }
  void exact(std::size_t number) {
    Fault fault;
    if (!aim(spec_.requests[number], number, stream_of(number), fault)) return;
    const std::uint64_t given = spec_.requests[number].id;
    fault.id = given != 0 ? given | kGiven : drawn_.plan.faults.size() + 1;
    drawn_.plan.faults.push_back(std::move(fault));
  }
  void process(std::size_t number) {
    const FaultRequest& request = spec_.requests[number];
    RandomStream& random = stream_of(number);
    Duration at = drawn_length(request.every, random);
    for (std::uint32_t made = 0; at < spec_.phase && made < request.most; ++made) {
      Fault fault;
      if (!aim(request, number, random, fault)) return;
      fault.start = {};
      fault.start.after = at;
      if (lasts(request.kind)) fault.duration = drawn_length(request.duration, random);
      clip(fault);
      fit(fault, [&](Fault& again) {
        again.targets = draw_targets(request.targets, topology_, info(request.kind).roles, random, drawn_.problem);
      });
      at += drawn_length(request.every, random);
    }
  }

  // --- Swarm ---

  void swarm() {
    const SwarmRequest& request = *spec_.swarm;
    RandomStream& random = streams_.stream("faults/swarm", "draw");
    std::vector<FaultKind> in_play;
    std::vector<FaultKind>& possible = possible_;
    for (const FaultKindInfo& row : fault_kinds()) {
      const bool asked = request.kinds.empty() ||
                         std::find(request.kinds.begin(), request.kinds.end(), row.kind) != request.kinds.end();
      if (!asked || !row.injectable()) continue;
      const bool chosen = random.chance(static_cast<std::uint64_t>(request.kinds_in_play), kMillion);
      if (swarm_targets(row.kind, topology_).empty()) continue;
      possible.push_back(row.kind);
      if (chosen) in_play.push_back(row.kind);
    }
    if (in_play.empty()) in_play = possible;
    if (in_play.empty()) return;
    const std::uint64_t count = request.least + random.below(request.most - request.least + 1);
    const std::size_t others = drawn_.plan.faults.size();
    for (std::uint64_t i = 0; i < count && drawn_.plan.faults.size() < others + request.most; ++i) {
      const std::size_t before = drawn_.plan.faults.size();
      swarm_fault(request, in_play[random.below(in_play.size())], random);
      const bool kept = drawn_.plan.faults.size() > before;
      if (kept && drawn_.plan.faults.size() < others + request.most)
        companion(request, Fault(drawn_.plan.faults.back()), random);
    }
  }
  void swarm_fault(const SwarmRequest& request, FaultKind kind, RandomStream& random) {
    Fault fault = make_fault(kind);
    aim_swarm(fault, random);
    if (fault.targets.empty()) return;
    start_swarm(request, fault, random);
    if (lasts(kind)) fault.duration = drawn_length(request.duration * swarm_habit(kind).longer, random);
    draw_parameters(request, fault, random);
    clip(fault);
    fit(fault, [&](Fault& again) {
      aim_swarm(again, random);
      draw_parameters(request, again, random);
      again.start = {};
      start_at_time(again, random);
      clip(again);
    });
  }
  void aim_swarm(Fault& fault, RandomStream& random) {
    const std::vector<std::string> choices = swarm_targets(fault.kind, topology_);
    std::string problem;
    fault.targets =
        draw_targets({choices[random.below(choices.size())]}, topology_, info(fault.kind).roles, random, problem);
  }
  /// Perhaps a fault that makes happen what `first` acts on (SwarmHabit), of a kind that was asked for, in play or not.
  void companion(const SwarmRequest& request, const Fault& first, RandomStream& random) {
    const SwarmHabit& habit = swarm_habit(first.kind);
    if (habit.companions.empty() || !random.chance(habit.together, 100)) return;
    std::vector<Fault> choices;
    for (const SwarmCompanion& one : habit.companions) {
      if (std::find(possible_.begin(), possible_.end(), one.kind) == possible_.end()) continue;
      Fault fault = make_fault(one.kind);
      fault.targets = companion_targets(one, first, random);
      if (!fault.targets.empty()) choices.push_back(std::move(fault));
    }
    if (choices.empty()) return;
    Fault fault = choices[random.below(choices.size())];
    const auto steps = static_cast<std::uint64_t>(std::max<std::int64_t>(1, first.duration.ns() / 4 / kGrid.ns()));
    fault.start = first.start;
    fault.start.after += kGrid * static_cast<std::int64_t>(random.below(steps) + (habit.late ? steps * 2 : 0));
    if (lasts(fault.kind))
      fault.duration = std::min(drawn_length(request.duration, random), on_grid(first.duration / (habit.late ? 4 : 2)));
    draw_parameters(request, fault, random);
    clip(fault);
    fit(fault, [](Fault& again) { again.duration = on_grid(again.duration / 2); });
  }
  std::vector<std::string> companion_targets(const SwarmCompanion& one, const Fault& first,
                                             RandomStream& random) const {
    const FaultRoles roles = info(one.kind).roles;
    std::vector<std::string> targets;
    bool nodes = false;
    for (const std::string& selector : first.targets) {
      Target target;
      if (!parse_target(selector, topology_, target)) continue;
      const FaultRole role = role_of(target, topology_);
      nodes = nodes || (role & kRolesProcess) != 0;
      if ((role & roles) != 0) targets.push_back(selector);
    }
    std::string none;  // a topology without such nodes has no such companion
    if (targets.empty() && !nodes && !one.otherwise.empty())
      targets = draw_targets({one.otherwise}, topology_, roles, random, none);
    return targets;
  }
  void start_at_time(Fault& fault, RandomStream& random) {
    if (info(fault.kind).shape == FaultShape::kRun) return;
    const auto steps = static_cast<std::uint64_t>(std::max<std::int64_t>(1, spec_.phase.ns() * 9 / 10 / kGrid.ns()));
    fault.start.after = kGrid * static_cast<std::int64_t>(random.below(steps));
  }
  void start_swarm(const SwarmRequest& request, Fault& fault, RandomStream& random) {
    const std::vector<std::string> databases = topology_.databases();
    const bool triggered = random.chance(static_cast<std::uint64_t>(request.on_triggers), kMillion);
    if (!triggered || databases.empty() || info(fault.kind).shape == FaultShape::kRun) {
      start_at_time(fault, random);
      return;
    }
    using On = FaultStart::On;
    const On choices[] = {On::kBookmark, On::kBookmark, On::kEpoch,   On::kCheckpoint,
                          On::kSnapshot, On::kTrim,     On::kTakeover};
    fault.start.on = choices[random.below(request.takeover_phases.empty() ? 6 : 7)];
    fault.start.subject = databases[random.below(databases.size())];
    fault.start.number = 1 + random.below(fault.start.on == On::kBookmark ? 200 : 3);
    if (fault.start.on == On::kTakeover) {
      fault.start.word = request.takeover_phases[random.below(request.takeover_phases.size())];
      fault.start.number = 1;
    }
    if (random.chance(1, 2)) fault.start.after = kGrid * static_cast<std::int64_t>(random.below(100));
  }
  void draw_parameters(const SwarmRequest& request, Fault& fault, RandomStream& random) {
    const std::vector<ParameterInfo>& rows = info(fault.kind).parameters;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const ParameterInfo& row = rows[i];
      FaultParameter& value = fault.parameters[i];
      value = {row.name, row.fallback, row.word};
      if (row.name == "image") continue;  // for enumerations; survivors are drawn
      if (!random.chance(static_cast<std::uint64_t>(request.odd_parameters), kMillion)) continue;
      if (row.type == ParameterType::kText) continue;
      if (row.type == ParameterType::kChoice) {
        value.word = row.choices[random.below(row.choices.size())];
        continue;
      }
      // A tenth to ten times the default, in powers of about two, inside the range.
      std::int64_t number = std::max<std::int64_t>(row.fallback, 1) / 10;
      number <<= random.below(7);
      if (row.type == ParameterType::kDuration) number = number / kGrid.ns() * kGrid.ns();
      value.number = std::clamp(number, row.low, row.high);
    }
    if (fault.kind == FaultKind::kP4) draw_point(fault, random);
    // A request goes on waiting after the cut has ended; that must not pass for a system that does not come to rest.
    if (fault.kind == FaultKind::kR5) fault.set("timeout", std::min(fault.number("timeout"), kLongestWait.ns()));
  }

  /// P4: an I/O or send; which one is small as often as large, for what happens at the start and in steady state.
  static void draw_point(Fault& fault, RandomStream& random) {
    if (fault.word("at") == "point") fault.set("at", random.chance(1, 2) ? "io" : "send");
    fault.set("n", static_cast<std::int64_t>(1 + random.below(std::uint64_t{2} << random.below(10))));
  }

  // --- The budget ---

  /// Nothing goes on after the fault phase.
  void clip(Fault& fault) const {
    if (!lasts(fault.kind) || fault.start.on != FaultStart::On::kTime) return;
    fault.start.after = std::min(fault.start.after, spec_.phase);
    fault.duration = std::max(kGrid, std::min(fault.duration, spec_.phase - fault.start.after));
  }
  bool fits(const Fault& fault) {
    drawn_.plan.faults.push_back(fault);
    const bool good = problem_of(fault, topology_).empty() &&
                      (spec_.beyond_budget || !budget_.excess(drawn_.plan, topology_).has_value());
    drawn_.plan.faults.pop_back();
    return good;
  }
  /// Keeps the fault, perhaps shorter or drawn again, or leaves it out.
  template <typename Again>
  void fit(Fault& fault, Again again) {
    for (int attempt = 0; attempt < kTries; ++attempt) {
      fault.id = drawn_.plan.faults.size() + 1;
      if (fits(fault)) {
        drawn_.plan.faults.push_back(fault);
        return;
      }
      Fault shorter = fault;
      if (lasts(fault.kind) && fault.duration > kGrid * 4) {
        shorter.duration = on_grid(fault.duration / 4);
        if (fits(shorter)) {
          drawn_.plan.faults.push_back(shorter);
          ++drawn_.shortened;
          return;
        }
      }
      again(fault);
      if (fault.targets.empty()) break;
    }
    ++drawn_.left_out;
  }
  /// Ids follow the order of the beginnings, for people who read the plan.
  void number() {
    std::vector<Fault>& faults = drawn_.plan.faults;
    const auto key = [](const Fault& fault) {
      return fault.start.on == FaultStart::On::kTime ? fault.start.after : Duration::max();
    };
    std::stable_sort(faults.begin(), faults.end(), [&](const Fault& a, const Fault& b) { return key(a) < key(b); });
    std::set<std::uint64_t> given;
    for (const Fault& fault : faults)
      if ((fault.id & kGiven) != 0) given.insert(fault.id);
    std::uint64_t next = 0;
    for (Fault& fault : faults) {
      if ((fault.id & kGiven) != 0) {
        fault.id &= ~kGiven;
        continue;
      }
      do ++next;
      while (given.count(next | kGiven) != 0);
      fault.id = next;
    }
  }

  const FaultSpec& spec_;
  const Topology& topology_;
  StreamRegistry& streams_;
  const FaultBudget budget_;
  std::vector<FaultKind> possible_;  // of the swarm
  DrawnPlan drawn_;
};

}  // namespace

DrawnPlan draw(const FaultSpec& spec, const Topology& topology, StreamRegistry& streams) {
  return Drawer(spec, topology, streams).run();
}

FaultPlan draw_plan(const FaultSpec& spec, const Topology& topology, StreamRegistry& streams) {
  DrawnPlan drawn = draw(spec, topology, streams);
  TIDEMARK_ASSERT(drawn.problem.empty(), drawn.problem);
  return std::move(drawn.plan);
}

}  // namespace tidemark::sim
