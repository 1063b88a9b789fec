// Checks of [faults], [[fault]], [swarm] and [control]: what each key cannot know alone.
#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "model/types/points.h"
#include "scenarios/fault_spec.h"
#include "scenarios/validate.h"
#include "sim/net/site.h"

namespace tidemark::scenarios {
namespace {

using sim::FaultRequest;
using sim::FaultStart;

class FaultCheck {
 public:
  FaultCheck(const Scenario& scenario, const Places& places, Diagnostics& diagnostics)
      : scenario_(scenario), places_(places), diagnostics_(diagnostics), topology_(expected_topology(scenario)) {}

  void run() {
    check_control();
    check_swarm();
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i) check_fault(i, scenario_.faults[i]);
    check_ids();
    if (diagnostics_.empty() && !scenario_.faults.empty()) check_budget();
  }

 private:
  void error(const std::string& path, const std::string& message) {
    diagnostics_.add(places_.of(path), path + ": " + message);
  }

  void check_ids() {
    std::set<std::uint64_t> ids;
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i) {
      const std::uint64_t id = scenario_.faults[i].id;
      if (id != 0 && !ids.insert(id).second)
        error(fmt::format("fault[{}].id", i), fmt::format("another fault has the number {}", id));
    }
  }

  void check_control() {
    const model::ControlOptions& control = scenario_.control;
    if (control.lease > control.detection_timeout)
      error("control.lease", fmt::format("{} is more than control.detection_timeout ({}): a successor could be "
                                         "appointed while the old leader still answers reads",
                                         to_text(control.lease), to_text(control.detection_timeout)));
    if (control.report_period >= control.lease)
      error("control.report_period", fmt::format("{} is not less than control.lease ({}): the lease would run out "
                                                 "between two reports",
                                                 to_text(control.report_period), to_text(control.lease)));
  }

  void check_swarm() {
    const SwarmOptions& swarm = scenario_.swarm;
    if (swarm.least > swarm.most) error("swarm.least", fmt::format("is more than swarm.most ({})", swarm.most));
    for (const auto* list : {&swarm.kinds, &swarm.without}) {
      SwarmOptions one;
      one.kinds = *list;
      std::vector<std::string> unknown;
      swarm_kinds(one, unknown);
      std::vector<std::string> words;
      for (const sim::FaultKindInfo& kind : sim::fault_kinds()) words.insert(words.end(), {kind.id, kind.name});
      for (const std::string& word : unknown)
        error(list == &swarm.kinds ? "swarm.kinds" : "swarm.without",
              fmt::format("unknown fault kind \"{}\"{}; see docs/faults.md", word, did_you_mean(word, words)));
    }
    std::vector<std::string> ignored;
    if (diagnostics_.empty() && swarm.faults && swarm_kinds(swarm, ignored).empty())
      error("swarm.kinds", "no kind is left to draw");
  }

  void check_fault(std::size_t i, const FaultRequest& fault) {
    const std::string path = fmt::format("fault[{}]", i);
    for (const std::string& target : fault.targets) check_target(path + ".target", target, fault.kind);
    check_start(path, fault);
    for (const sim::FaultParameter& parameter : fault.parameters)
      if (parameter.name == "point" && !parameter.word.empty()) check_point(path + ".point", parameter.word);
  }
  void check_target(const std::string& path, const std::string& target, sim::FaultKind kind) {
    if (is_place(target)) return check_place(path, target);
    const sim::TopologyNode* node = topology_.find(target);
    if (node != nullptr && scenario_.swarm.topology && is_drawn(*node))
      return error(
          path, fmt::format("swarm.topology draws whether there is a \"{}\"; write a role such as replicas:1", target));
    sim::RandomStream random(0, "check");
    std::string problem;
    sim::draw_targets({target}, topology_, info(kind).roles, random, problem);
    if (problem.empty()) return;
    const bool unknown = problem.find("there is no target") != std::string::npos;
    error(path, problem + (unknown ? did_you_mean(target, target_words()) : ""));
  }
  static bool is_place(const std::string& target) {
    return target.rfind("region:", 0) == 0 || target.rfind("site:", 0) == 0;
  }
  static bool is_drawn(const sim::TopologyNode& node) {
    return node.role == sim::kRoleReplica || node.role == sim::kRoleClient ||
           (node.role == sim::kRoleFollower && node.index >= 5) || (node.role == sim::kRolePrimary && node.index > 0);
  }
  /// What stands at a place is known when the run begins; that there is such a place is known now.
  void check_place(const std::string& path, const std::string& target) {
    const sim::SiteTable& sites = sim::SiteTable::shipped();
    const std::string place = target.substr(target.find(':') + 1);
    const std::vector<std::string> regions = sites.regions();
    if (target.rfind("region:", 0) == 0) {
      if (std::find(regions.begin(), regions.end(), place) == regions.end())
        error(path, fmt::format("unknown region \"{}\"{}", place, did_you_mean(place, regions)));
    } else if (!sites.find(place)) {
      error(path, fmt::format("unknown site \"{}\"", place));
    }
  }
  std::vector<std::string> target_words() const {
    std::vector<std::string> words = {"primary", "hosts",    "followers", "replicas", "workers", "clients",
                                      "control", "majority", "minority",  "cold",     "run",     "all"};
    for (const sim::TopologyNode& node : topology_.nodes) words.push_back(node.name);
    return words;
  }

  void check_point(const std::string& path, const std::string& name) {
    if (model::is_point(name)) return;
    std::vector<std::string> names;
    for (const model::PointInfo& point : model::points()) names.emplace_back(point.name);
    error(path, fmt::format("the code has no point \"{}\"{}", name, did_you_mean(name, names)));
  }
  void check_start(const std::string& path, const FaultRequest& fault) {
    const FaultStart& start = fault.start;
    const bool triggered = start.on != FaultStart::On::kTime;
    if (!triggered) {
      if (start.after <= scenario_.duration) return;
      const bool at = places_.has(path + ".at");
      return error(path + (at ? ".at" : ".when"), fmt::format("begins at {}, after the fault phase of {}",
                                                              to_text(start.after), to_text(scenario_.duration)));
    }
    const bool of_node =
        start.on == FaultStart::On::kIo || start.on == FaultStart::On::kSend || start.on == FaultStart::On::kPoint;
    const std::vector<std::string> databases = topology_.databases();
    const bool known = of_node ? topology_.find(start.subject) != nullptr
                               : std::find(databases.begin(), databases.end(), start.subject) != databases.end();
    if (!known)
      return error(path + ".when",
                   fmt::format("waits for \"{}\", which is no {}{}", start.subject, of_node ? "process" : "database",
                               did_you_mean(start.subject, of_node ? target_words() : databases)));
    if (start.on == FaultStart::On::kPoint) check_point(path + ".when", start.word);
    const std::vector<std::string>& phases = takeover_phases();
    if (start.on == FaultStart::On::kTakeover && std::find(phases.begin(), phases.end(), start.word) == phases.end())
      error(path + ".when",
            fmt::format("a takeover has no phase \"{}\"{}", start.word, did_you_mean(start.word, phases)));
  }

  /// The plan of what is written exactly, for a few seeds: who is hit may be drawn. The run checks its own plan again.
  void check_budget() {
    constexpr std::uint64_t kSeeds = 8;
    sim::FaultSpec spec = fault_spec(scenario_);
    spec.swarm.reset();
    std::vector<std::size_t> written;  // requests of the plan, in the order of their ids
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i)
      if (scenario_.faults[i].every == sim::Duration{}) written.push_back(i);
    std::erase_if(spec.requests, [](const FaultRequest& request) { return request.every != sim::Duration{}; });
    const auto key = [this](std::size_t i) {
      const FaultStart& start = scenario_.faults[i].start;
      return start.on == FaultStart::On::kTime ? start.after : sim::Duration::max();
    };
    std::stable_sort(written.begin(), written.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
    for (std::uint64_t seed = scenario_.seed; seed < scenario_.seed + kSeeds; ++seed) {
      sim::StreamRegistry streams(seed);
      const sim::DrawnPlan drawn = sim::draw(spec, topology_, streams);
      if (!drawn.problem.empty()) return;  // a place that only the run knows
      const auto excess = sim::FaultBudget(spec.budget).check(drawn.plan, topology_);
      if (!excess) continue;
      // The plan has the order of `written`.
      const std::vector<sim::Fault>& faults = drawn.plan.faults;
      const auto worst = std::find_if(faults.begin(), faults.end(),
                                      [&](const sim::Fault& fault) { return fault.id == excess->faults.back(); });
      const std::size_t last = written.at(static_cast<std::size_t>(worst - faults.begin()));
      return diagnostics_.add(places_.of(fmt::format("fault[{}].kind", last)),
                              "the plan exceeds the budget: " + excess->sentence);
    }
  }

  const Scenario& scenario_;
  const Places& places_;
  Diagnostics& diagnostics_;
  const sim::Topology topology_;
};

}  // namespace

void check_faults(const Scenario& scenario, const Places& places, Diagnostics& diagnostics) {
  FaultCheck(scenario, places, diagnostics).run();
}

}  // namespace tidemark::scenarios
