#include "sim/nemesis/fault.h"

#include <algorithm>
#include <set>

#include "base/assert.h"

namespace tidemark::sim {
namespace {

/// Triggers name a database, except those that count what one process does.
bool of_node(FaultStart::On on) {
  return on == FaultStart::On::kIo || on == FaultStart::On::kSend || on == FaultStart::On::kPoint;
}

std::string start_problem(const Fault& fault, const Topology& topology) {
  const FaultStart& start = fault.start;
  if (start.after < Duration{}) return "begins at a negative time";
  if (start.number == 0) return "the number of a trigger is at least 1";
  if (start.on == FaultStart::On::kTime) return {};
  if (of_node(start.on)) {
    if (topology.find(start.subject) == nullptr) return "waits for \"" + start.subject + "\", which is no process";
    return {};
  }
  const std::vector<std::string> databases = topology.databases();
  if (std::find(databases.begin(), databases.end(), start.subject) == databases.end())
    return "waits for \"" + start.subject + "\", which is no database";
  return {};
}

std::string duration_problem(const Fault& fault) {
  const FaultShape shape = info(fault.kind).shape;
  if (fault.duration < Duration{}) return "ends before it begins";
  if (shape == FaultShape::kInterval || shape == FaultShape::kOutage) {
    if (fault.duration == Duration{}) return "has no duration";
  } else if (shape == FaultShape::kInstant && fault.duration != Duration{}) {
    return "happens once: it has no duration";
  }
  return {};
}

std::string target_problem(const Fault& fault, const Topology& topology) {
  const FaultKindInfo& row = info(fault.kind);
  if (fault.targets.empty()) return "has no target";
  for (const std::string& selector : fault.targets) {
    Target target;
    if (!parse_target(selector, topology, target)) return "\"" + selector + "\" is no target of this run";
    const FaultRole role = role_of(target, topology);
    if ((role & row.roles) == 0)
      return "\"" + selector + "\" is a " + roles_text(role) + "; this kind hits: " + roles_text(row.roles);
  }
  return {};
}

std::string parameter_problem(const Fault& fault) {
  const FaultKindInfo& row = info(fault.kind);
  if (fault.parameters.size() != row.parameters.size()) return "does not have the parameters of its kind";
  for (std::size_t i = 0; i < row.parameters.size(); ++i) {
    if (fault.parameters[i].name != row.parameters[i].name) return "does not have the parameters of its kind";
    const std::string problem = range_problem(row.parameters[i], fault.parameters[i]);
    if (!problem.empty()) return problem;
  }
  if (fault.kind == FaultKind::kP4 && fault.word("at") == "point" && fault.word("point").empty())
    return "point names no point of the code";
  return {};
}

const FaultParameter& find_parameter(const Fault& fault, std::string_view name) {
  const auto found = std::find_if(fault.parameters.begin(), fault.parameters.end(),
                                  [&](const FaultParameter& parameter) { return parameter.name == name; });
  TIDEMARK_ASSERT(found != fault.parameters.end(), "a kind was asked for a parameter that it does not have");
  return *found;
}

}  // namespace

std::int64_t Fault::number(std::string_view name) const {
  return find_parameter(*this, name).number;
}
const std::string& Fault::word(std::string_view name) const {
  return find_parameter(*this, name).word;
}
void Fault::set(std::string_view name, std::int64_t number) {
  const_cast<FaultParameter&>(find_parameter(*this, name)).number = number;
}
void Fault::set(std::string_view name, std::string word) {
  const_cast<FaultParameter&>(find_parameter(*this, name)).word = std::move(word);
}

std::string Fault::title() const {
  return "fault " + std::to_string(id) + " (" + info(kind).id + " " + info(kind).name + ")";
}

Fault make_fault(FaultKind kind) {
  Fault fault;
  fault.kind = kind;
  const FaultKindInfo& row = info(kind);
  if (row.shape == FaultShape::kInterval || row.shape == FaultShape::kOutage) fault.duration = Duration::seconds(1);
  if (row.shape == FaultShape::kRun) fault.duration = kUntilHeal;
  for (const ParameterInfo& parameter : row.parameters)
    fault.parameters.push_back({parameter.name, parameter.fallback, parameter.word});
  return fault;
}

std::string problem_of(const Fault& fault, const Topology& topology) {
  if (!info(fault.kind).injectable()) return fault.title() + " cannot be injected: " + info(fault.kind).meaning;
  for (const std::string& problem : {target_problem(fault, topology), start_problem(fault, topology),
                                     duration_problem(fault), parameter_problem(fault)})
    if (!problem.empty()) return fault.title() + ": " + problem;
  return {};
}

std::string problem_of(const FaultPlan& plan, const Topology& topology) {
  std::set<std::uint64_t> ids;
  for (const Fault& fault : plan.faults) {
    if (fault.id == 0 || !ids.insert(fault.id).second) return fault.title() + ": its number is not its own";
    const std::string problem = problem_of(fault, topology);
    if (!problem.empty()) return problem;
    if (fault.start.on == FaultStart::On::kTime && fault.start.after > plan.phase)
      return fault.title() + ": begins at " + to_text(fault.start.after) + ", after the fault phase of " +
             to_text(plan.phase);
  }
  return {};
}

Digest128 digest_of(const FaultPlan& plan) {
  Digest128 digest = digest_text(plan.beyond_budget ? "beyond budget" : "in budget");
  digest = mix(digest, static_cast<std::uint64_t>(plan.phase.ns()));
  for (const Fault& fault : plan.faults) {
    const FaultFields fields = to_fields(fault);
    for (const std::string* text : {&fields.id, &fields.kind, &fields.start, &fields.duration})
      digest = digest_text(*text, digest);
    for (const std::string& target : fields.targets) digest = digest_text(target, digest);
    for (const auto& [name, value] : fields.parameters) digest = digest_text(value, digest_text(name, digest));
  }
  return digest;
}

}  // namespace tidemark::sim
