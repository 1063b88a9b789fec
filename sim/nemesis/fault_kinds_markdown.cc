// The part of docs/faults.md that is made from the rows.
#include "sim/nemesis/fault.h"

namespace tidemark::sim {
namespace {

struct Section {
  char letter;
  const char* title;
};
constexpr Section kSections[] = {
    {'N', "Network"},
    {'D', "Disk"},
    {'P', "Process"},
    {'C', "Clock"},
    {'R', "Correlated"},
    {'S', "Object store"},
    {'M', "Membership and operations"},
    {'X', "Clients and sessions"},
    {'B', "Buggify"},
};

std::string range_text(const ParameterInfo& row) {
  std::string text;
  if (row.type == ParameterType::kText) return "text";
  if (row.type == ParameterType::kChoice) {
    for (const std::string& choice : row.choices) text += (text.empty() ? "" : ", ") + choice;
    return text;
  }
  const FaultParameter low{row.name, row.low, ""};
  const FaultParameter high{row.name, row.high, ""};
  return to_text(row, low) + " to " + to_text(row, high);
}

std::string kind_markdown(const FaultKindInfo& row) {
  std::string text = "### " + row.id + " " + row.name + "\n\n" + row.meaning + "\n\n";
  text += "- Hits: " + roles_text(row.roles) + ".\n";
  text += "- Time: " + std::string(shape_text(row.shape)) + ".\n";
  text += "- Costs the budget: " + std::string(cost_text(row.cost)) + ".\n";
  text += "- Effects: " + std::string(effect_text(row)) + ".\n";
  if (row.injectable()) text += "\n```toml\n" + fault_example(row) + "```\n";
  if (row.parameters.empty()) return text + "\n";
  text += "\n| parameter | default | values | meaning |\n| --- | --- | --- | --- |\n";
  for (const ParameterInfo& parameter : row.parameters) {
    const FaultParameter fallback{parameter.name, parameter.fallback, parameter.word};
    const std::string shown = to_text(parameter, fallback);
    text += "| `" + parameter.name + "` | " + (shown.empty() ? "" : "`" + shown + "`") + " | " + range_text(parameter) +
            " | " + parameter.doc + " |\n";
  }
  return text + "\n";
}

}  // namespace

std::string fault_kinds_markdown() {
  std::string text;
  for (const Section& section : kSections) {
    text += "## " + std::string(section.title) + "\n\n";
    for (const FaultKindInfo& row : fault_kinds())
      if (row.id.front() == section.letter) text += kind_markdown(row);
  }
  return text;
}

}  // namespace tidemark::sim
