#include "cli/plan_file.h"

#include <fmt/core.h>
#include <simdjson.h>

#include "cli/commands.h"
#include "cli/json_document.h"
#include "cli/output.h"
#include "reports/json_writer.h"

namespace tidemark::cli {
namespace {

using reports::JsonWriter;
using simdjson::dom::element;

constexpr std::uint64_t kPlanVersion = 2;

const char* role_name(model::NodeRole role) {
  switch (role) {
    case model::NodeRole::kPrimary:
      return "primary";
    case model::NodeRole::kFollower:
      return "follower";
    case model::NodeRole::kReplica:
      return "replica";
    case model::NodeRole::kWorker:
      return "worker";
    case model::NodeRole::kClient:
      return "client";
    case model::NodeRole::kWriteLoad:
      return "write-load";
    case model::NodeRole::kControl:
      return "control";
    case model::NodeRole::kHost:
      return "host";
    case model::NodeRole::kSetup:
      return "setup";
  }
  return "?";
}

void add_nodes(JsonWriter& json, const std::vector<model::NodeInfo>& nodes) {
  json.key("nodes").begin_array();
  for (const model::NodeInfo& node : nodes) {
    json.begin_object().key("process").number(node.process).key("name").text(node.name);
    json.key("role").text(role_name(node.role)).key("database").number(node.database);
    json.key("site").text(node.site).key("region").text(node.region).end_object();
  }
  json.end_array();
}

void add_fault(JsonWriter& json, const sim::Fault& fault) {
  const sim::FaultFields fields = to_fields(fault);
  json.begin_object().key("id").number(fault.id).key("kind").text(fields.kind);
  json.key("name").text(info(fault.kind).name).key("target").begin_array();
  for (const std::string& target : fields.targets) json.text(target);
  json.end_array().key("when").text(fields.start);
  if (!fields.duration.empty()) json.key("for").text(fields.duration);
  json.key("parameters").begin_object();
  for (const auto& [name, value] : fields.parameters) json.key(name).text(value);
  json.end_object().end_object();
}

std::string document_of(const std::string& scenario, std::uint64_t seed, const std::vector<model::NodeInfo>& nodes,
                        const sim::FaultPlan& plan) {
  JsonWriter json(JsonWriter::Style::kIndented);
  json.begin_object().key("format").text("tidemark-plan").key("version").number(kPlanVersion);
  json.key("scenario").text(scenario).key("seed").number(seed);
  add_nodes(json, nodes);
  if (plan.phase != sim::Duration{})
    json.key("phase").text(to_text(plan.phase)).key("beyond_budget").boolean(plan.beyond_budget);
  json.key("faults").begin_array();
  for (const sim::Fault& fault : plan.faults) add_fault(json, fault);
  return json.end_array().end_object().str() + "\n";
}

sim::Fault fault_of(element object, const std::string& path) {
  sim::FaultFields fields;
  fields.id = std::to_string(object["id"].get_uint64().value());
  fields.kind = text_member(object, "kind");
  const simdjson::dom::array targets = object["target"].get_array().value();
  for (const element target : targets) fields.targets.emplace_back(target.get_string().value());
  fields.start = text_member(object, "when");
  std::string_view duration;
  if (object["for"].get_string().get(duration) == simdjson::SUCCESS) fields.duration = duration;
  const simdjson::dom::object parameters = object["parameters"].get_object().value();
  for (const auto& [name, value] : parameters)
    fields.parameters.emplace_back(std::string(name), std::string(value.get_string().value()));
  std::string problem;
  std::optional<sim::Fault> fault = sim::from_fields(fields, problem);
  if (!fault) throw UsageError(fmt::format("{}: fault {}: {}", path, fields.id, problem));
  return std::move(*fault);
}

sim::FaultPlan plan_of(element document, const std::string& path) {
  sim::FaultPlan plan;
  plan.beyond_budget = document["beyond_budget"].get_bool().value();
  const std::string phase = text_member(document, "phase");
  if (!sim::parse_duration(phase, plan.phase))
    throw UsageError(fmt::format("{}: \"{}\" is no duration of the fault phase", path, phase));
  const simdjson::dom::array faults = document["faults"].get_array().value();
  for (const element fault : faults) plan.faults.push_back(fault_of(fault, path));
  return plan;
}

}  // namespace

std::string plan_document(const scenarios::RunResult& result) {
  return document_of(result.scenario.name, result.seed, result.nodes, result.plan);
}

std::string plan_document(const std::string& scenario, std::uint64_t seed, const sim::FaultPlan& plan) {
  return document_of(scenario, seed, {}, plan);
}

StoredPlan read_plan(const std::string& path) {
  StoredPlan stored;
  read_json(path, "tidemark-plan", kPlanVersion, [&](element document) {
    stored.seed = document["seed"].get_uint64().value();
    if (document["phase"].error() == simdjson::SUCCESS) stored.faults = plan_of(document, path);
  });
  return stored;
}

}  // namespace tidemark::cli
