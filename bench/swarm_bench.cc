// The swarm: seeds per second on one core, what the checks cost, and how long 60 virtual seconds take.
//
//   swarm_bench [scenario = faults/swarm] [seeds = 40]
//
// Each seed is run with the scenario's checks and with none, one after the other (turns alternate which goes first),
// and the program stops unless both runs end with the same digest: they ran the same events. CPU time of this process;
// the median is taken over the seeds, each scaled to 60 virtual seconds.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "scenarios/loader.h"
#include "scenarios/run/runner.h"
#include "scenarios/shipped.h"

namespace tidemark {
namespace {

constexpr double kVirtualSeconds = 60;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

scenarios::Scenario load(const std::string& name) {
  std::string error;
  const auto text = scenarios::find_scenario(name, error);
  if (!text) {
    std::fprintf(stderr, "%s\n", error.c_str());
    std::exit(64);
  }
  scenarios::LoadResult loaded = scenarios::load_scenario(text->text, text->file);
  if (!loaded.ok()) {
    std::fprintf(stderr, "%s", loaded.diagnostics.text().c_str());
    std::exit(64);
  }
  return std::move(loaded.scenario);
}

scenarios::Scenario without_checks(scenarios::Scenario scenario) {
  scenarios::CheckOptions& checks = scenario.checks;
  checks.consistency = checks.sessions = checks.replication = checks.liveness = checks.integrity = false;
  checks.history = false;
  checks.page_sample_every = 0;
  return scenario;
}

struct Timed {
  double seconds = 0;
  scenarios::RunResult result;
};

Timed timed(const scenarios::Scenario& scenario, std::uint64_t seed) {
  const double begin = cpu_seconds();
  Timed timed;
  timed.result = scenarios::run_scenario({scenario, seed, "", "", nullptr, nullptr});
  timed.seconds = cpu_seconds() - begin;
  return timed;
}

/// The value below which `part` of the sorted values lie.
double quantile(const std::vector<double>& sorted, double part) {
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(part * static_cast<double>(sorted.size())))];
}

struct Totals {
  double with = 0;
  double without = 0;
  double virtual_seconds = 0;
  std::uint64_t events = 0;
  std::uint64_t bad = 0;
  std::vector<double> scaled;  // CPU seconds of 60 virtual seconds, checks on
};

void add_seed(Totals& totals, const scenarios::Scenario& scenario, const scenarios::Scenario& unchecked,
              std::uint64_t seed) {
  Timed on, off;
  if (seed % 2 == 0) on = timed(scenario, seed);
  off = timed(unchecked, seed);
  if (seed % 2 != 0) on = timed(scenario, seed);
  if (on.result.digest != off.result.digest) {
    std::fprintf(stderr, "seed %llu: the checks change the run\n", static_cast<unsigned long long>(seed));
    std::exit(1);
  }
  totals.with += on.seconds;
  totals.without += off.seconds;
  totals.virtual_seconds += on.result.virtual_seconds;
  totals.events += on.result.events;
  totals.bad += on.result.exit_code(scenario.expect) != 0 ? 1 : 0;
  totals.scaled.push_back(on.seconds * kVirtualSeconds / on.result.virtual_seconds);
}

int run(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "faults/swarm";
  const int seeds = argc > 2 ? std::atoi(argv[2]) : 40;
  const scenarios::Scenario scenario = load(name);
  const scenarios::Scenario unchecked = without_checks(scenario);
  Totals totals;
  timed(scenario, 1);  // warms up
  for (int seed = 1; seed <= seeds; ++seed) add_seed(totals, scenario, unchecked, static_cast<std::uint64_t>(seed));
  std::sort(totals.scaled.begin(), totals.scaled.end());
  const double count = static_cast<double>(seeds);
  std::printf("%s, seeds 1 to %d, %.0f virtual seconds each on average\n\n", name.c_str(), seeds,
              totals.virtual_seconds / count);
  std::printf("| figure | value |\n|---|---|\n");
  std::printf("| seeds per second and core, checks on | %.1f |\n", count / totals.with);
  std::printf("| seeds per second and core, checks off | %.1f |\n", count / totals.without);
  std::printf("| cost of the checks: time with / without | %.2f |\n", totals.with / totals.without);
  std::printf("| CPU time of 60 virtual seconds: median | %.3f s |\n", quantile(totals.scaled, 0.5));
  std::printf("| 90 %% of the seeds below | %.3f s |\n", quantile(totals.scaled, 0.9));
  std::printf("| longest | %.3f s |\n", totals.scaled.back());
  std::printf("| microseconds per event, checks on | %.2f |\n", totals.with * 1e6 / static_cast<double>(totals.events));
  std::printf("| runs that are not as they should be | %llu |\n", static_cast<unsigned long long>(totals.bad));
  return 0;
}

}  // namespace
}  // namespace tidemark

int main(int argc, char** argv) {
  return tidemark::run(argc, argv);
}
