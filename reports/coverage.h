// Coverage of faults over many runs: which kind struck whom, in which phase of the protocol, and whether it had effect;
// and which kinds are so rare that the runs say little about them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "reports/run_faults.h"

namespace tidemark::reports {

/// One kind over all runs.
struct KindCoverage {
  std::string id;    // "P1"
  std::string name;  // "kill"
  std::uint64_t planned = 0;
  std::uint64_t struck = 0;
  std::uint64_t with_effect = 0;
  std::uint64_t runs_with_effect = 0;
};

/// One cell: a kind at a role in a phase. A fault that hits three followers counts three times here.
struct CoverageCell {
  std::string kind;
  std::string role;
  std::string phase;  // "" when what is hit has none
  std::uint64_t struck = 0;
  std::uint64_t with_effect = 0;
};

struct CoverageReport {
  std::uint64_t runs = 0;
  std::vector<KindCoverage> kinds;  // in the order of add_kind
  std::vector<CoverageCell> cells;  // by kind in that order, then role, then phase
  /// Named points of the code that no process came by, in any of the runs that were made for the report.
  std::vector<std::string> points_never_passed;

  /// Had effect in less than 1 % of the runs, in none included.
  bool is_rare(const KindCoverage& kind) const { return kind.runs_with_effect * 100 < runs; }
  /// Struck, and changed nothing, in any run: it is aimed at the wrong target, or does not work.
  static bool is_idle(const KindCoverage& kind) { return kind.struck > 0 && kind.with_effect == 0; }
  bool any_idle() const;
};

class CoverageCollector {
 public:
  /// All kinds there are, before the first run: those that never struck are shown too.
  void add_kind(const std::string& id, const std::string& name);
  /// A kind that add_kind() does not know is added (a run of another version).
  void add_run(const FaultFigures& figures);
  /// Once: what all runs together passed.
  void add_points(const std::map<std::string, std::uint64_t, std::less<>>& passed);
  CoverageReport report() const;

 private:
  std::size_t place_of(const std::string& id, const std::string& name);

  std::uint64_t runs_ = 0;
  std::vector<KindCoverage> kinds_;
  std::vector<std::string> points_never_passed_;
  std::map<std::string, std::size_t> places_;
  std::map<std::tuple<std::size_t, std::string, std::string>, CoverageCell> cells_;
};

std::string coverage_text(const CoverageReport& report);
/// One object: format, version, runs, kinds[], cells[], below_one_percent[], without_effect[],
/// points_never_passed[].
std::string coverage_json(const CoverageReport& report);

}  // namespace tidemark::reports
