// `tidemark scenario check|schema|list`.
#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/load.h"
#include "cli/output.h"
#include "reports/json_writer.h"
#include "scenarios/fault_table.h"
#include "scenarios/loader.h"
#include "scenarios/operation_table.h"
#include "scenarios/quantity.h"
#include "scenarios/registry.h"
#include "scenarios/shipped.h"
#include "scenarios/sql_table.h"

namespace tidemark::cli {
namespace {

using reports::JsonWriter;
using scenarios::Key;
using scenarios::Type;
using scenarios::Unit;

/// type, pattern, bounds: what a validator of JSON Schema can know of a key.
void add_type(JsonWriter& json, const Key& key) {
  switch (key.type) {
    case Type::kDuration:
      json.key("type").text("string").key("pattern").text(unit_pattern(Unit::kDuration));
      break;
    case Type::kSize:
      json.key("type").text("string").key("pattern").text(unit_pattern(Unit::kSize));
      break;
    case Type::kBitRate:
      json.key("type").text("string").key("pattern").text(unit_pattern(Unit::kBitRate));
      break;
    case Type::kByteRate:
      json.key("type").text("string").key("pattern").text(unit_pattern(Unit::kByteRate));
      break;
    case Type::kRatio:
      json.key("type").text("string").key("pattern").text(unit_pattern(Unit::kRatio));
      break;
    case Type::kRate:
      json.key("type").text("string").key("pattern").text(unit_pattern(Unit::kRate));
      break;
    case Type::kCount:
      json.key("type").text("integer");
      break;
    case Type::kNumber:
      json.key("type").text("number");
      break;
    case Type::kSwitch:
      json.key("type").text("boolean");
      break;
    case Type::kText:
      json.key("type").text("string").key("maxLength").number(static_cast<std::int64_t>(key.range.high));
      break;
    case Type::kChoice:
      json.key("enum").begin_array();
      for (const std::string& choice : key.choices) json.text(choice);
      json.end_array();
      break;
    case Type::kTextList:
      json.key("type").text("array").key("items").begin_object().key("type").text("string").end_object();
      break;
    case Type::kBugs:
      json.key("type").text("string");
      break;
  }
  if (key.type == Type::kCount || key.type == Type::kNumber)
    json.key("minimum").number(key.range.low).key("maximum").number(key.range.high);
}

/// The default as JSON: TOML texts, numbers, true, false and lists of texts are JSON as well.
std::string default_text(const Key& key) {
  return value_text(key, key.get(scenarios::default_scenario(), 0));
}

void add_properties(JsonWriter& json, const std::string& table) {
  bool any_required = false;
  json.key("type").text("object").key("additionalProperties").boolean(false).key("properties").begin_object();
  for (const Key& key : scenarios::keys()) {
    if (key.table != table) continue;
    any_required = any_required || key.required;
    json.key(key.name).begin_object();
    add_type(json, key);
    std::string description = key.doc;
    const std::string range = range_text(key);
    if (!range.empty()) description += " Range: " + range + ".";
    if (!key.required) description += " Default: " + default_text(key) + ".";
    if (!key.source.empty()) description += " Source: " + key.source + ".";
    json.key("description").text(description).end_object();
  }
  json.end_object();
  if (!any_required) return;
  json.key("required").begin_array();
  for (const Key& key : scenarios::keys()) {
    if (key.table == table && key.required) json.text(key.name);
  }
  json.end_array();
}

/// Of [[fault]] and [[operation]]. A fault has the parameters of its kind besides.
void add_element_properties(JsonWriter& json, const std::vector<scenarios::FaultKey>& rows, bool open,
                            const std::vector<const char*>& required) {
  json.key("type").text("object").key("additionalProperties").boolean(open).key("properties").begin_object();
  for (const scenarios::FaultKey& row : rows) {
    const std::string type = row.type;
    json.key(row.name).begin_object();
    if (type == "text or list of texts") {
      json.key("type").begin_array().text("string").text("array").end_array();
      json.key("items").begin_object().key("type").text("string").end_object();
    } else {
      json.key("type").text(type == "count" ? "integer" : type == "true or false" ? "boolean" : "string");
    }
    json.key("description").text(row.doc).end_object();
  }
  json.end_object().key("required").begin_array();
  for (const char* const name : required) json.text(name);
  json.end_array();
}

void add_top_level_keys(JsonWriter& json) {
  for (const Key& key : scenarios::keys()) {
    if (!key.table.empty()) continue;
    json.key(key.name).begin_object();
    add_type(json, key);
    json.key("description").text(key.doc).end_object();
  }
}

}  // namespace

int scenario_check_command(const ScenarioCheckArguments& arguments) {
  bool all_good = true;
  for (const std::string& name : arguments.scenarios) {
    try {
      const scenarios::Scenario scenario = load_or_throw(name, arguments.sets);
      print(arguments.resolved ? scenarios::resolved_toml(scenario)
                               : fmt::format("{}: ok ({})\n", name, scenario.name));
    } catch (const UsageError& error) {
      print_message(fmt::format("{}\n", error.what()));
      all_good = false;
    }
  }
  return all_good ? kExitValid : kExitUsage;
}

int scenario_schema_command() {
  JsonWriter json(JsonWriter::Style::kIndented);
  json.begin_object()
      .key("$schema")
      .text("https://json-schema.org/draft/2020-12/schema")
      .key("title")
      .text("Tidemark scenario, version 1");
  json.key("type").text("object").key("additionalProperties").boolean(false).key("properties").begin_object();
  add_top_level_keys(json);
  for (const scenarios::TableInfo& table : scenarios::tables()) {
    if (table.name.empty()) continue;
    json.key(table.name).begin_object().key("description").text(table.doc);
    if (table.repeated) json.key("type").text("array").key("minItems").number(1).key("items").begin_object();
    if (table.name == "fault") {
      add_element_properties(json, scenarios::fault_keys(), true, {"kind"});
    } else if (table.name == "operation") {
      add_element_properties(json, scenarios::operation_keys(), false, {"client", "at", "do"});
    } else if (table.name == "statement") {
      add_element_properties(json, scenarios::statement_keys(), false, {"name"});
    } else if (table.name == "assertion") {
      add_element_properties(json, scenarios::assertion_keys(), false, {"name", "sql"});
    } else if (table.name == "sql") {
      add_element_properties(json, scenarios::sql_keys(), false, {"schema"});
    } else {
      add_properties(json, table.name);
    }
    if (table.repeated) json.end_object();
    json.end_object();
  }
  json.end_object().key("required").begin_array().text("scenario").text("database").end_array();
  print(json.end_object().str() + "\n");
  return kExitValid;
}

int scenario_list_command(const std::string& format) {
  JsonWriter json(JsonWriter::Style::kIndented);
  json.begin_array();
  std::string text;
  for (const scenarios::ShippedScenario& shipped : scenarios::shipped_scenarios()) {
    const scenarios::Scenario scenario = load_or_throw("scenarios/" + std::string(shipped.name), {});
    text += fmt::format("{:<28} {}\n", shipped.name, scenario.description);
    json.begin_object().key("name").text(shipped.name).key("description").text(scenario.description).end_object();
  }
  print(format == "json" ? json.end_array().str() + "\n" : text);
  return kExitValid;
}

}  // namespace tidemark::cli
