#include "cli/run_faults.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "reports/coverage.h"

namespace tidemark::cli {
namespace {

sim::FaultReport report(std::uint64_t id, sim::FaultKind kind, std::uint64_t effects, std::vector<std::string> targets,
                        std::vector<sim::FaultReport::Phase> phases) {
  sim::FaultReport report;
  report.id = id;
  report.kind = kind;
  report.status = sim::FaultStatus::kEnded;
  report.targets = std::move(targets);
  report.begin = sim::Instant::from_ns(1'500'000'000);
  report.end = sim::Instant::from_ns(2'000'000'001);
  report.effects = effects;
  report.phases = std::move(phases);
  return report;
}

scenarios::RunResult result_with_faults() {
  scenarios::RunResult result;
  result.faults = {
      report(1, sim::FaultKind::kP1, 1, {"a", "b"},
             {{"a", sim::kRoleFollower, "member"}, {"b", sim::kRolePrimary, "serving"}}),
      report(2, sim::FaultKind::kS1, 0, {"cold"}, {}),
      report(3, sim::FaultKind::kN4, 4, {"link:a>b", "link:b>a"}, {}),
      report(4, sim::FaultKind::kP14, 1, {"run"}, {}),
      report(5, sim::FaultKind::kP1, 0, {"a"}, {{"a", sim::kRoleFollower, "member"}}),
  };
  result.faults.push_back(report(6, sim::FaultKind::kP1, 0, {"cold"}, {}));
  result.faults.back().status = sim::FaultStatus::kNeverBegan;
  result.faults_left_out = 2;
  result.availability.judged = true;
  result.availability.takeovers = 3;
  result.availability.longest_wait = sim::Duration::milliseconds(2'125);
  return result;
}

TEST(RunFaults, CountTheCellsThatTheNemesisCounts) {
  const scenarios::RunResult result = result_with_faults();
  reports::CoverageCollector collector;
  for (const sim::FaultKindInfo& kind : sim::fault_kinds()) collector.add_kind(kind.id, kind.name);
  collector.add_run(fault_figures(result));
  std::vector<std::string> ours, theirs;
  const auto cell = [](const std::string& kind, const std::string& role, const std::string& phase, auto a, auto b) {
    return kind + " " + role + " " + phase + " " + std::to_string(a) + " " + std::to_string(b);
  };
  for (const reports::CoverageCell& c : collector.report().cells)
    ours.push_back(cell(c.kind, c.role, c.phase, c.struck, c.with_effect));
  for (const sim::FaultCoverage& c : sim::coverage_of(result.faults))
    theirs.push_back(cell(info(c.kind).id, sim::roles_text(c.role), c.phase, c.struck, c.with_effect));
  std::sort(ours.begin(), ours.end());
  std::sort(theirs.begin(), theirs.end());
  EXPECT_EQ(ours, theirs);
  EXPECT_EQ(ours.size(), 5U);
}

TEST(RunFaults, ReadBackWhatWasWritten) {
  const reports::FaultFigures figures = fault_figures(result_with_faults());
  const auto text = [](const reports::FaultFigures& of) {
    reports::JsonWriter json;
    json.begin_object();
    add_fault_members(json, of);
    return json.end_object().str();
  };
  simdjson::dom::parser parser;
  const reports::FaultFigures back = parse_fault_figures(parser.parse(text(figures)));
  EXPECT_EQ(text(back), text(figures));
  EXPECT_EQ(back.availability.takeovers, 3U);
  EXPECT_EQ(back.faults.at(0).end, 2.000000001);
  EXPECT_FALSE(back.faults.at(5).struck());
}

}  // namespace
}  // namespace tidemark::cli
