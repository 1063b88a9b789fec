#include "matrix/shrink_rows.h"

#include <algorithm>

#include "shrink/shrinker.h"

namespace tidemark::matrix {
namespace {

/// In a process of its own: it may be a crash.
bool fails_by(const std::string& file, const std::string& failure, const shrink::TrialLimits& limits) {
  shrink::Trials once(shrink::run_trial, limits);
  const auto found = once.first(
      1, [&](std::size_t) { return file; }, [&](const shrink::Outcome& outcome) { return outcome.failure == failure; },
      [] { return false; });
  return found.has_value();
}

}  // namespace

void shrink_rows(std::vector<Row>& rows, const ShrinkLimits& limits, const std::function<void(const Row&)>& on_row,
                 const Stop& stop) {
  for (Row& row : rows) {
    if (stop && stop()) return;
    const auto kill = std::find_if(row.chases.begin(), row.chases.end(), [](const Chase& c) { return c.killed(); });
    if (kill == row.chases.end()) continue;
    shrink::Request request;
    request.scenario = scenario_with(row.target.scenario, row.target.bug->id);
    request.seed = *kill->seed;
    request.limits.jobs = limits.jobs;
    request.most_seconds = limits.seconds;
    const shrink::Result result = shrink::shrink(request);
    if (result.failure.empty()) continue;
    row.shrunk = {result.after.operations,
                  result.after.faults,
                  result.scripted,
                  result.failure,
                  fails_by(shrink::shrunk_file(result, "a kill"), result.failure, request.limits),
                  result.wall_seconds};
    if (on_row) on_row(row);
  }
}

}  // namespace tidemark::matrix
