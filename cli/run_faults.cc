#include "cli/run_faults.h"

#include "cli/json_document.h"

namespace tidemark::cli {
namespace {

using reports::AvailabilityFigures;
using reports::FaultOutcome;
using simdjson::dom::element;

/// The object store, a link, the run: what is hit and is no process (as in sim::coverage_of).
void add_other_targets(FaultOutcome& outcome) {
  for (const std::string& target : outcome.targets) {
    sim::FaultRoles role = 0;
    if (target == "cold") role = sim::kRoleColdStore;
    if (target == "run") role = sim::kRoleRun;
    if (target.rfind("link:", 0) == 0) role = sim::kRoleLink;
    if (role != 0) outcome.hits.push_back({target, sim::roles_text(role), ""});
  }
}

FaultOutcome outcome_of(const sim::FaultReport& report) {
  FaultOutcome outcome;
  outcome.id = report.id;
  outcome.kind = info(report.kind).id;
  outcome.name = info(report.kind).name;
  outcome.targets = report.targets;
  outcome.status = to_text(report.status);
  if (report.struck()) outcome.start = report.begin.since_start().s();
  if (report.status == sim::FaultStatus::kEnded) outcome.end = report.end.since_start().s();
  outcome.effects = report.effects;
  outcome.overlapped = report.overlapped;
  if (!report.struck()) return outcome;
  for (const sim::FaultReport::Phase& hit : report.phases)
    outcome.hits.push_back({hit.node, sim::roles_text(hit.role), hit.phase});
  add_other_targets(outcome);
  return outcome;
}

AvailabilityFigures figures_of(const scenarios::Availability& from) {
  AvailabilityFigures figures;
  figures.without_primary = from.without_primary.s();
  figures.longest_without_primary = from.longest_without_primary.s();
  figures.longest_wait = from.longest_wait.s();
  figures.unknown_outcomes = from.unknown_outcomes;
  figures.judged = from.judged;
  figures.takeovers = from.takeovers;
  figures.restores = from.restores;
  figures.entries_confirmed = from.entries_confirmed;
  figures.confirmed_lost = from.confirmed_lost;
  figures.unconfirmed_dropped = from.unconfirmed_dropped;
  return figures;
}

std::optional<double> time_of(element object, const char* key) {
  const element value = object[key].value();
  if (value.is_null()) return std::nullopt;
  return value.get_double().value();
}

FaultOutcome parse_outcome(element object) {
  FaultOutcome outcome;
  outcome.id = object["id"].get_uint64().value();
  outcome.kind = text_member(object, "kind");
  outcome.name = text_member(object, "name");
  const simdjson::dom::array targets = object["target"].get_array().value();
  for (const element target : targets) outcome.targets.emplace_back(target.get_string().value());
  outcome.status = text_member(object, "status");
  outcome.start = time_of(object, "start");
  outcome.end = time_of(object, "end");
  outcome.effects = object["effects"].get_uint64().value();
  outcome.overlapped = object["overlapped"].get_bool().value();
  const simdjson::dom::array hits = object["hits"].get_array().value();
  for (const element hit : hits)
    outcome.hits.push_back({text_member(hit, "node"), text_member(hit, "role"), text_member(hit, "phase")});
  return outcome;
}

AvailabilityFigures parse_availability(element object) {
  AvailabilityFigures figures;
  figures.without_primary = object["without_primary"].get_double().value();
  figures.longest_without_primary = object["longest_without_primary"].get_double().value();
  figures.longest_wait = object["longest_wait"].get_double().value();
  figures.unknown_outcomes = object["unknown_outcomes"].get_uint64().value();
  figures.judged = !object["takeovers"].value().is_null();
  if (!figures.judged) return figures;
  figures.takeovers = object["takeovers"].get_uint64().value();
  figures.restores = object["restores"].get_uint64().value();
  figures.entries_confirmed = object["entries_confirmed"].get_uint64().value();
  figures.confirmed_lost = object["confirmed_lost"].get_uint64().value();
  figures.unconfirmed_dropped = object["unconfirmed_dropped"].get_uint64().value();
  return figures;
}

}  // namespace

reports::FaultFigures fault_figures(const scenarios::RunResult& result) {
  reports::FaultFigures figures;
  for (const sim::FaultReport& report : result.faults) figures.faults.push_back(outcome_of(report));
  figures.left_out = result.faults_left_out;
  figures.budget_exceeded = result.budget_exceeded;
  figures.availability = figures_of(result.availability);
  return figures;
}

reports::FaultFigures parse_fault_figures(element run) {
  reports::FaultFigures figures;
  const simdjson::dom::array faults = run["faults"].get_array().value();
  for (const element fault : faults) figures.faults.push_back(parse_outcome(fault));
  figures.left_out = run["faults_left_out"].get_uint64().value();
  std::string_view exceeded;
  if (run["budget_exceeded"].get(exceeded) == simdjson::SUCCESS) figures.budget_exceeded = exceeded;
  figures.availability = parse_availability(run["availability"].value());
  return figures;
}

}  // namespace tidemark::cli
