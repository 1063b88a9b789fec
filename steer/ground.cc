#include "steer/ground.h"

#include "model/cluster/cluster.h"
#include "model/cluster/fault_world.h"
#include "model/types/null_observer.h"
#include "scenarios/fault_spec.h"
#include "scenarios/run/cluster_options.h"
#include "scenarios/run/runner.h"
#include "scenarios/swarm.h"

namespace tidemark::steer {
namespace {

constexpr std::int64_t kAlways = 1'000'000;

}  // namespace

Ground::Ground(const scenarios::Scenario& scenario, std::uint64_t seed) {
  const scenarios::Scenario drawn = scenarios::draw_scenario(scenario, seed);
  model::ClusterOptions options = scenarios::cluster_options(drawn, seed);
  options.reserves = true;
  const std::string problem = options.problem();
  if (!problem.empty()) throw scenarios::ScenarioError("scenario " + scenario.name + ": " + problem);
  model::NullObserver nobody;
  model::Cluster cluster(std::move(options), {&nobody, nullptr});
  const model::ClusterFaultWorld world(cluster);
  topology_ = world.topology();
  spec_ = scenarios::fault_spec(drawn);
  sim::DrawnPlan plan = sim::draw(spec_, topology_, cluster.streams());
  if (!plan.problem.empty()) throw scenarios::ScenarioError("scenario " + scenario.name + ": " + plan.problem);
  drawn_ = std::move(plan.plan);
}

std::vector<sim::Fault> Ground::draw_fault(sim::RandomStream& random) const {
  sim::FaultSpec one = spec_;
  one.requests.clear();
  one.beyond_budget = true;  // the whole plan is judged later
  const std::size_t choices = spec_.requests.size();
  const bool from_swarm = spec_.swarm && (choices == 0 || random.chance(2, 3));
  if (from_swarm) {
    one.swarm->least = 1;
    one.swarm->most = 2;
    one.swarm->kinds_in_play = kAlways;
  } else {
    one.swarm.reset();
    if (choices == 0) return {};
    one.requests.push_back(spec_.requests[random.below(choices)]);
    if (info(one.requests.back().kind).shape == sim::FaultShape::kRun) return {};
  }
  sim::StreamRegistry streams(random());
  sim::DrawnPlan drawn = sim::draw(one, topology_, streams);
  std::vector<sim::Fault>& faults = drawn.plan.faults;
  if (!from_swarm && faults.size() > 1) faults = {faults[random.below(faults.size())]};
  return std::move(faults);
}

std::optional<sim::Fault> Ground::redraw(const sim::Fault& fault, sim::RandomStream& random) const {
  sim::FaultSpec one = spec_;
  one.requests.clear();
  one.beyond_budget = true;
  if (!one.swarm) one.swarm.emplace();
  one.swarm->kinds = {fault.kind};
  one.swarm->kinds_in_play = kAlways;
  one.swarm->least = one.swarm->most = 1;
  sim::StreamRegistry streams(random());
  sim::DrawnPlan drawn = sim::draw(one, topology_, streams);
  if (drawn.plan.faults.empty()) return std::nullopt;
  return std::move(drawn.plan.faults.front());
}

std::string Ground::problem(const sim::FaultPlan& plan, std::vector<std::uint64_t>& blamed) const {
  blamed.clear();
  std::string problem = sim::problem_of(plan, topology_);
  if (!problem.empty()) return problem;
  const auto excess = sim::FaultBudget(spec_.budget).check(plan, topology_);
  if (!excess) return {};
  blamed = excess->faults;
  return excess->sentence;
}

}  // namespace tidemark::steer
