#include "sim/nemesis/draw.h"

#include <algorithm>

#include "sim/core/distribution.h"

namespace tidemark::sim {
namespace {

constexpr std::int64_t kMillion = 1'000'000;
constexpr int kTries = 6;  // per instance that does not fit
constexpr Duration kGrid = Duration::milliseconds(1);

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
    fault.id = drawn_.plan.faults.size() + 1;
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
    std::vector<FaultKind> possible;
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
    for (std::uint64_t i = 0; i < count; ++i) swarm_fault(request, in_play[random.below(in_play.size())], random);
  }
  void swarm_fault(const SwarmRequest& request, FaultKind kind, RandomStream& random) {
    Fault fault = make_fault(kind);
    aim_swarm(fault, random);
    if (fault.targets.empty()) return;
    start_swarm(request, fault, random);
    if (lasts(kind)) fault.duration = drawn_length(request.duration, random);
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
    for (std::size_t i = 0; i < faults.size(); ++i) faults[i].id = i + 1;
  }

  const FaultSpec& spec_;
  const Topology& topology_;
  StreamRegistry& streams_;
  const FaultBudget budget_;
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

std::vector<std::string> swarm_targets(FaultKind kind, const Topology& topology) {
  const FaultRoles roles = info(kind).roles;
  std::vector<std::string> selectors;
  const auto any = [&](FaultRole role, std::initializer_list<const char*> texts) {
    const bool there = (roles & role) != 0 && !topology.of_role(role).empty();
    if (there) selectors.insert(selectors.end(), texts.begin(), texts.end());
    return there;
  };
  if ((roles & kRoleRun) != 0) return {"run"};
  switch (kind) {
    case FaultKind::kR1:
      for (const TopologyNode& node : topology.nodes)
        for (const std::string& place : {"region:" + node.region, "site:" + node.site})
          if (std::find(selectors.begin(), selectors.end(), place) == selectors.end()) selectors.push_back(place);
      return selectors;
    case FaultKind::kR2:
      any(kRoleFollower, {"followers:2"});
      return selectors;
    case FaultKind::kR3:
      any(kRoleFollower, {"followers"});
      any(kRoleReplica, {"replicas"});
      return selectors;
    case FaultKind::kR4:
      any(kRoleFollower, {"majority"});
      return selectors;
    case FaultKind::kN12:
      for (const std::string& database : topology.databases())
        if (topology.of_role(kRoleFollower, database).size() >= 5) selectors.push_back("followers@" + database);
      return selectors;
    default:
      break;
  }
  any(kRolePrimary, {"primary", "primary", "hosts:1"});
  any(kRoleFollower, {"followers:1", "followers:1", "minority"});
  any(kRoleReplica, {"replicas:1", "replicas:1"});
  any(kRoleWorker, {"workers:1"});
  any(kRoleClient, {"clients:1"});
  any(kRoleControl, {"control"});
  if ((roles & kRoleColdStore) != 0 && topology.object_store) selectors.insert(selectors.end(), {"cold", "cold"});
  if ((roles & kRoleLink) != 0 && !topology.of_role(kRolePrimary).empty() && !topology.of_role(kRoleFollower).empty())
    selectors.insert(selectors.end(), {"link:hosts:1-followers:1", "link:hosts:1>followers:1"});
  return selectors;
}

}  // namespace tidemark::sim
