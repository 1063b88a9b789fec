#include "cli/run_folder.h"

#include <fmt/core.h>
#include <simdjson.h>

#include <filesystem>

#include "cli/build_info.h"
#include "cli/commands.h"
#include "cli/json_document.h"
#include "cli/output.h"
#include "cli/plan_file.h"
#include "cli/run_faults.h"
#include "scenarios/loader.h"

namespace tidemark::cli {
namespace {

using reports::JsonWriter;

constexpr std::uint64_t kRunVersion = 1;

std::string run_document(const reports::RunReport& report, const scenarios::RunResult& result) {
  JsonWriter json(JsonWriter::Style::kIndented);
  json.begin_object().key("format").text("tidemark-run").key("version").number(kRunVersion);
  add_run_members(json, report);
  const model::ClusterStatistics& s = result.statistics;
  json.key("statistics")
      .begin_object()
      .key("operations_ok")
      .number(s.operations_ok)
      .key("operations_fail")
      .number(s.operations_fail);
  json.key("operations_info")
      .number(s.operations_info)
      .key("write_loads")
      .number(s.write_loads)
      .key("queries")
      .number(s.queries);
  json.key("forwarded")
      .number(s.forwarded)
      .key("bookmark_waits")
      .number(s.bookmark_waits)
      .key("overloaded")
      .number(s.overloaded);
  json.key("entries").number(s.entries).end_object().key("draws").begin_object();
  for (const sim::StreamRegistry::Draws& draws : result.draws) json.key(draws.name).number(draws.draws);
  return json.end_object().end_object().str() + "\n";
}

checkers::Verdict verdict_of(simdjson::dom::element object) {
  checkers::Verdict verdict;
  verdict.name = text_member(object, "name");
  const std::string text = text_member(object, "verdict");
  verdict.validity = checkers::Validity::kUnknown;
  for (const checkers::Validity validity : {checkers::Validity::kValid, checkers::Validity::kInvalid}) {
    if (text == to_text(validity)) verdict.validity = validity;
  }
  verdict.witness = text_member(object, "witness");
  verdict.observations = object["observations"].get_uint64().value();
  verdict.liveness = object["liveness"].get_bool().value();
  if (object["at_ns"].error() == simdjson::SUCCESS) verdict.at_ns = object["at_ns"].get_int64().value();
  return verdict;
}

reports::RunReport parse_run(simdjson::dom::element run) {
  reports::RunReport report;
  report.scenario = text_member(run, "scenario");
  report.seed = run["seed"].get_uint64().value();
  report.verdict = text_member(run, "verdict");
  report.digest = text_member(run, "digest");
  report.events = run["events"].get_uint64().value();
  report.operations = run["operations"].get_uint64().value();
  report.virtual_seconds = run["virtual_seconds"].get_double().value();
  report.wall_seconds = run["wall_seconds"].get_double().value();
  report.stopped = run["stopped_at_violation"].error() == simdjson::SUCCESS;
  const simdjson::dom::array checks = run["checks"].get_array().value();
  for (const simdjson::dom::element check : checks) report.checks.push_back(verdict_of(check));
  const simdjson::dom::array expect = run["expect"].get_array().value();
  for (const simdjson::dom::element name : expect) report.expect.emplace_back(name.get_string().value());
  simdjson::dom::array actions;  // not in folders of old
  if (run["actions"].get_array().get(actions) == simdjson::SUCCESS)
    for (const simdjson::dom::element action : actions)
      report.actions.push_back({text_member(action, "name"), action["ok"].get_uint64().value(),
                                action["failed"].get_uint64().value(), action["unknown"].get_uint64().value(),
                                text_member(action, "error")});
  if (run["faults"].error() == simdjson::SUCCESS) report.faults = parse_fault_figures(run);
  report.reproduce = text_member(run, "reproduce");
  const simdjson::dom::element build = run["build"].value();
  report.build = {text_member(build, "version"), text_member(build, "commit"), build["dirty"].get_bool().value(),
                  text_member(build, "compiler"), text_member(build, "sqlite")};
  return report;
}

}  // namespace

reports::RunReport report_of(const scenarios::Scenario& scenario, const scenarios::RunResult& result,
                             double wall_seconds, const std::string& reproduce) {
  reports::RunReport report;
  report.scenario = scenario.name;
  report.seed = result.seed;
  report.verdict = result.verdict(scenario.expect);
  report.digest = result.digest;
  report.events = result.events;
  report.operations = result.operations;
  report.virtual_seconds = result.virtual_seconds;
  report.wall_seconds = wall_seconds;
  report.stopped = result.stopped;
  report.checks = result.verdicts;
  for (const scenarios::ActionCount& action : result.actions)
    report.actions.push_back({action.name, action.ok, action.failed, action.unknown, action.error});
  report.expect = scenario.expect;
  report.faults = fault_figures(result);
  report.reproduce = reproduce;
  report.build = build_identity();
  return report;
}

void write_run_folder(const std::string& folder, const reports::RunReport& report, const scenarios::RunResult& result) {
  make_folder(folder);
  write_file(folder + "/scenario.toml", scenarios::resolved_toml(result.scenario));
  write_file(folder + "/plan.json", plan_document(result));
  write_file(folder + "/run.json", run_document(report, result));
}

reports::RunReport read_run_report(const std::string& folder) {
  reports::RunReport report;
  read_json(folder + "/run.json", "tidemark-run", kRunVersion,
            [&report](simdjson::dom::element run) { report = parse_run(run); });
  return report;
}

StoredRun read_run_folder(const std::string& folder) {
  StoredRun stored;
  read_json(folder + "/run.json", "tidemark-run", kRunVersion, [&stored](simdjson::dom::element run) {
    stored.report = parse_run(run);
    const simdjson::dom::object draws = run["draws"].get_object().value();
    for (const auto& [name, count] : draws) stored.draws.push_back({std::string(name), count.get_uint64().value()});
  });
  const std::string scenario_path = folder + "/scenario.toml";
  scenarios::LoadResult loaded = scenarios::load_scenario(read_file(scenario_path), scenario_path);
  if (!loaded.ok()) throw UsageError(loaded.diagnostics.text());
  stored.scenario = std::move(loaded.scenario);
  stored.plan = read_plan(folder + "/plan.json").faults;
  stored.has_trace = std::filesystem::exists(folder + "/trace.bin");
  return stored;
}

}  // namespace tidemark::cli
