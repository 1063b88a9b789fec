// `tidemark faults`: the closed list of fault kinds.
#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/output.h"
#include "reports/json_writer.h"
#include "sim/nemesis/fault.h"

namespace tidemark::cli {
namespace {

using reports::JsonWriter;
using sim::FaultKindInfo;
using sim::ParameterInfo;
using sim::ParameterType;

bool is_word(const ParameterInfo& row) {
  return row.type == ParameterType::kChoice || row.type == ParameterType::kText;
}

void add_parameter(JsonWriter& json, const ParameterInfo& row) {
  json.begin_object().key("name").text(row.name).key("meaning").text(row.doc);
  json.key("default").text(to_text(row, {row.name, row.fallback, row.word}));
  if (is_word(row)) {
    json.key("choices").begin_array();
    for (const std::string& choice : row.choices) json.text(choice);
    json.end_array();
  } else {
    json.key("least")
        .text(to_text(row, {row.name, row.low, ""}))
        .key("most")
        .text(to_text(row, {row.name, row.high, ""}));
  }
  json.end_object();
}

std::string faults_json() {
  JsonWriter json(JsonWriter::Style::kIndented);
  json.begin_array();
  for (const FaultKindInfo& kind : sim::fault_kinds()) {
    json.begin_object().key("id").text(kind.id).key("name").text(kind.name).key("meaning").text(kind.meaning);
    json.key("hits").text(sim::roles_text(kind.roles)).key("time").text(shape_text(kind.shape));
    json.key("costs").text(cost_text(kind.cost)).key("injectable").boolean(kind.injectable());
    json.key("parameters").begin_array();
    for (const ParameterInfo& row : kind.parameters) add_parameter(json, row);
    json.end_array().end_object();
  }
  return json.end_array().str() + "\n";
}

std::string faults_text() {
  std::string text;
  for (const FaultKindInfo& kind : sim::fault_kinds()) {
    text += fmt::format("{:<4} {}: {}\n     hits {}; {}\n", kind.id, kind.name, kind.meaning,
                        sim::roles_text(kind.roles), shape_text(kind.shape));
    for (const ParameterInfo& row : kind.parameters)
      text += fmt::format("     {} = {}: {}\n", row.name, to_text(row, {row.name, row.fallback, row.word}), row.doc);
  }
  return text + "\nWrite them as [[fault]] tables of a scenario file: docs/faults.md.\n";
}

}  // namespace

int faults_command(const std::string& format) {
  print(format == "json" ? faults_json() : format == "markdown" ? sim::fault_kinds_markdown() : faults_text());
  return kExitValid;
}

}  // namespace tidemark::cli
