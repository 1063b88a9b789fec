// Outcome: what a hunt keeps of one seed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "reports/failure_class.h"
#include "scenarios/scenario.h"

namespace tidemark::hunt {

struct Outcome {
  std::uint64_t seed = 0;
  std::string verdict;  // "valid", "expected", "unknown", "invalid"; "none": the run came to no verdict
  int code = 0;         // what `tidemark run` would end with
  std::string digest;   // 32 hex digits; empty without a verdict
  std::optional<reports::FailureClass> failure;  // nothing: the run was as it should be
  std::string witness;                           // of the failure: "CHECK: text", or what a dead worker printed
  std::uint64_t events = 0;
  std::uint64_t operations = 0;
  double virtual_seconds = 0;
  double wall_seconds = 0;   // of the first run; differs from time to time
  bool twice = false;        // was run a second time, in another process
  std::string other_digest;  // of the run that contradicted; empty unless the class is non-determinism

  bool failed() const { return failure.has_value(); }
};

/// The same result? Wall time does not count, nor what a dying worker printed.
bool agree(const Outcome& a, const Outcome& b);

/// What a worker does with a seed.
using RunSeed = std::function<Outcome(std::uint64_t seed)>;

/// One run of the scenario. A scenario that cannot be run with this seed is an outcome as well (class "error").
Outcome run_seed(const scenarios::Scenario& scenario, std::uint64_t seed);

/// As text that crosses a pipe between processes of this program.
std::string pack(const Outcome& outcome);
/// Asserts that `text` was made by pack().
Outcome unpack(const std::string& text);

}  // namespace tidemark::hunt
