#include "steer/plan_text.h"

#include <charconv>
#include <sstream>

namespace tidemark::steer {
namespace {

constexpr const char* kPhase = "phase ";
constexpr const char* kBeyond = " beyond-budget";

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields;
  std::size_t begin = 0;
  while (begin <= line.size()) {
    const std::size_t end = std::min(line.find('\t', begin), line.size());
    fields.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return fields;
}

std::optional<sim::Fault> parse_fault(const std::string& line) {
  const std::vector<std::string> words = split(line);
  if (words.size() < 4) return std::nullopt;
  sim::FaultFields fields;
  fields.id = words[0];
  fields.kind = words[1];
  fields.start = words[2];
  fields.duration = words[3];
  for (std::size_t i = 4; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    if (!words[i].empty() && words[i][0] == '@') {
      fields.targets.push_back(words[i].substr(1));
    } else if (equals != std::string::npos) {
      fields.parameters.emplace_back(words[i].substr(0, equals), words[i].substr(equals + 1));
    } else {
      return std::nullopt;
    }
  }
  std::string problem;
  return sim::from_fields(fields, problem);
}

bool number(const std::string& text, std::int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string plan_text(const sim::FaultPlan& plan) {
  std::string text = kPhase + to_text(plan.phase) + (plan.beyond_budget ? kBeyond : "") + "\n";
  for (const sim::Fault& fault : plan.faults) {
    const sim::FaultFields fields = to_fields(fault);
    text += fields.id + "\t" + fields.kind + "\t" + fields.start + "\t" + fields.duration;
    for (const std::string& target : fields.targets) text += "\t@" + target;
    for (const auto& [name, value] : fields.parameters) text += "\t" + name + "=" + value;
    text += "\n";
  }
  return text;
}

std::optional<sim::FaultPlan> parse_plan(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  if (!std::getline(lines, line) || line.rfind(kPhase, 0) != 0) return std::nullopt;
  sim::FaultPlan plan;
  const std::size_t beyond = line.find(kBeyond);
  plan.beyond_budget = beyond != std::string::npos;
  const std::size_t from = std::string(kPhase).size();
  if (!sim::parse_duration(line.substr(from, std::min(beyond, line.size()) - from), plan.phase)) return std::nullopt;
  while (std::getline(lines, line)) {
    std::optional<sim::Fault> fault = parse_fault(line);
    if (!fault) return std::nullopt;
    plan.faults.push_back(std::move(*fault));
  }
  return plan;
}

std::string marks_text(const std::vector<Mark>& marks) {
  std::string text;
  for (const Mark& mark : marks)
    text += std::to_string(mark.at.ns()) + "\t" + mark.node + "\t" + std::to_string(mark.cell) + "\n";
  return text;
}

std::optional<std::vector<Mark>> parse_marks(const std::string& text) {
  std::vector<Mark> marks;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> words = split(line);
    std::int64_t at = 0, cell = 0;
    if (words.size() != 3 || !number(words[0], at) || !number(words[2], cell)) return std::nullopt;
    marks.push_back({sim::Duration::nanoseconds(at), words[1], static_cast<Cell>(cell)});
  }
  return marks;
}

}  // namespace tidemark::steer
