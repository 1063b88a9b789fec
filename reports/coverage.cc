#include "reports/coverage.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

namespace tidemark::reports {
namespace {

std::string title(const KindCoverage& kind) {
  return kind.id + " " + kind.name;
}

std::string kinds_table(const CoverageReport& report) {
  std::size_t width = 4;
  for (const KindCoverage& kind : report.kinds) width = std::max(width, title(kind).size());
  std::string out = fmt::format("{:<{}}  {:>8}  {:>8}  {:>11}  {:>16}\n", "kind", width, "planned", "struck",
                                "with effect", "runs with effect");
  for (const KindCoverage& kind : report.kinds)
    out += fmt::format("{:<{}}  {:>8}  {:>8}  {:>11}  {:>16}\n", title(kind), width, kind.planned, kind.struck,
                       kind.with_effect, kind.runs_with_effect);
  return out;
}

std::string cells_table(const CoverageReport& report) {
  std::size_t role = 4, phase = 5;
  for (const CoverageCell& cell : report.cells) {
    role = std::max(role, cell.role.size());
    phase = std::max(phase, cell.phase.size());
  }
  std::string out = fmt::format("{:<4}  {:<{}}  {:<{}}  {:>8}  {:>11}\n", "kind", "role", role, "phase", phase,
                                "struck", "with effect");
  for (const CoverageCell& cell : report.cells)
    out += fmt::format("{:<4}  {:<{}}  {:<{}}  {:>8}  {:>11}\n", cell.kind, cell.role, role,
                       cell.phase.empty() ? "-" : cell.phase, phase, cell.struck, cell.with_effect);
  return out;
}

std::string rare_lines(const CoverageReport& report) {
  std::string out;
  for (const KindCoverage& kind : report.kinds)
    if (report.is_rare(kind)) out += fmt::format("  {} ({} of {})\n", title(kind), kind.runs_with_effect, report.runs);
  if (out.empty()) return "every kind had effect in at least 1 % of the runs\n";
  return "kinds with effect in less than 1 % of the runs:\n" + out;
}

std::string idle_lines(const CoverageReport& report) {
  std::string out;
  for (const KindCoverage& kind : report.kinds)
    if (CoverageReport::is_idle(kind)) out += fmt::format("  {} (struck {} times)\n", title(kind), kind.struck);
  return out.empty() ? "" : "fault without effect: these kinds struck and changed nothing in any run:\n" + out;
}

std::string point_lines(const CoverageReport& report) {
  std::string out;
  for (const std::string& point : report.points_never_passed) out += "  " + point + "\n";
  return out.empty() ? "" : "points of the code that nobody passed:\n" + out;
}

}  // namespace

bool CoverageReport::any_idle() const {
  return std::any_of(kinds.begin(), kinds.end(), is_idle);
}

void CoverageCollector::add_kind(const std::string& id, const std::string& name) {
  place_of(id, name);
}

std::size_t CoverageCollector::place_of(const std::string& id, const std::string& name) {
  const auto [place, is_new] = places_.emplace(id, kinds_.size());
  if (is_new) kinds_.push_back({id, name, 0, 0, 0, 0});
  return place->second;
}

void CoverageCollector::add_run(const FaultFigures& figures) {
  ++runs_;
  std::set<std::size_t> with_effect;
  for (const FaultOutcome& fault : figures.faults) {
    const std::size_t place = place_of(fault.kind, fault.name);
    KindCoverage& kind = kinds_[place];
    ++kind.planned;
    if (!fault.struck()) continue;
    const std::uint64_t one = fault.effects > 0 ? 1 : 0;
    ++kind.struck;
    kind.with_effect += one;
    if (one != 0) with_effect.insert(place);
    for (const FaultOutcome::Hit& hit : fault.hits) {
      CoverageCell& cell = cells_[{place, hit.role, hit.phase}];
      cell.kind = kind.id;
      cell.role = hit.role;
      cell.phase = hit.phase;
      ++cell.struck;
      cell.with_effect += one;
    }
  }
  for (const std::size_t place : with_effect) ++kinds_[place].runs_with_effect;
}

void CoverageCollector::add_points(const std::map<std::string, std::uint64_t, std::less<>>& passed) {
  for (const auto& [name, times] : passed)
    if (times == 0) points_never_passed_.push_back(name);
}

CoverageReport CoverageCollector::report() const {
  CoverageReport report{runs_, kinds_, {}, points_never_passed_};
  for (const auto& [key, cell] : cells_) report.cells.push_back(cell);
  return report;
}

std::string coverage_text(const CoverageReport& report) {
  std::uint64_t struck = 0, with_effect = 0;
  for (const KindCoverage& kind : report.kinds) {
    struck += kind.struck;
    with_effect += kind.with_effect;
  }
  return fmt::format("{} runs, {} faults struck, {} of them with effect\n\n", report.runs, struck, with_effect) +
         kinds_table(report) + "\n" + cells_table(report) + "\n" + rare_lines(report) + idle_lines(report) +
         point_lines(report);
}

std::string coverage_json(const CoverageReport& report) {
  JsonWriter json(JsonWriter::Style::kIndented);
  json.begin_object().key("format").text("tidemark-coverage").key("version").number(1);
  json.key("runs").number(report.runs).key("kinds").begin_array();
  for (const KindCoverage& kind : report.kinds) {
    json.begin_object().key("kind").text(kind.id).key("name").text(kind.name).key("planned").number(kind.planned);
    json.key("struck").number(kind.struck).key("with_effect").number(kind.with_effect);
    json.key("runs_with_effect").number(kind.runs_with_effect).end_object();
  }
  json.end_array().key("cells").begin_array();
  for (const CoverageCell& cell : report.cells) {
    json.begin_object().key("kind").text(cell.kind).key("role").text(cell.role).key("phase").text(cell.phase);
    json.key("struck").number(cell.struck).key("with_effect").number(cell.with_effect).end_object();
  }
  json.end_array().key("below_one_percent").begin_array();
  for (const KindCoverage& kind : report.kinds)
    if (report.is_rare(kind)) json.text(kind.id);
  json.end_array().key("without_effect").begin_array();
  for (const KindCoverage& kind : report.kinds)
    if (CoverageReport::is_idle(kind)) json.text(kind.id);
  json.end_array().key("points_never_passed").begin_array();
  for (const std::string& point : report.points_never_passed) json.text(point);
  return json.end_array().end_object().str() + "\n";
}

}  // namespace tidemark::reports
