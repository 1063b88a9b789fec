// plan.json: what was decided before a run, so that it can be carried out again without the generators: which process
// stands where, and every fault with its targets, time and parameters.
//
//   {"format": "tidemark-plan", "version": 2, "scenario": "swarm", "seed": 7, "nodes": [...],
//    "phase": "30 s", "beyond_budget": false,
//    "faults": [{"id": 1, "kind": "P1", "name": "kill", "target": ["primary@shop"], "when": "5 s", "for": "1 s",
//                "parameters": {...}}]}
//
// A run without faults has no "phase". The texts are those of scenario files (docs/faults.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "scenarios/run/runner.h"
#include "sim/nemesis/fault.h"

namespace tidemark::cli {

struct StoredPlan {
  std::uint64_t seed = 0;
  /// Nothing: the run had no faults.
  std::optional<sim::FaultPlan> faults;
};

std::string plan_document(const scenarios::RunResult& result);
/// Of a plan that is to be run: the processes are not known yet.
std::string plan_document(const std::string& scenario, std::uint64_t seed, const sim::FaultPlan& plan);
/// Throws UsageError with the path when the file cannot be read, is no plan, or holds a fault that cannot be. Targets
/// and the budget are checked by the run.
StoredPlan read_plan(const std::string& path);

}  // namespace tidemark::cli
