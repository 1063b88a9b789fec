// Trials: what becomes of a scenario file, found out in a process of its own, so that a crash, a hang or a hunger for
// memory is an outcome like any other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tidemark::shrink {

/// Plain data of one trial.
struct Outcome {
  std::string failure;  // text of the failure class; empty: nothing failed, or the file is not valid
  double virtual_seconds = 0;
  std::uint64_t operations = 0;    // of clients
  std::vector<std::string> files;  // what a recording trial wrote down
};

/// What a trial process does with the text of a file; must not throw for a file that is not valid.
using Trial = std::function<Outcome(const std::string& text)>;

/// Loads and runs the scenario with its own seed; the class is that of reports/failure_class.h.
Outcome run_trial(const std::string& text);

struct TrialLimits {
  unsigned jobs = 1;
  double seconds = 60;                      // wall time of one trial; then it is a "hang"
  std::uint64_t memory_bytes = 4ULL << 30;  // address space; 0 = no limit
};

class Trials {
 public:
  Trials(Trial trial, TrialLimits limits) : trial_(std::move(trial)), limits_(limits) {}

  /// Runs the texts in their order, some at a time, and returns the first, in their order, whose outcome is `wanted`;
  /// how many run at a time decides nothing. `text(i)` for i from 0 to count - 1 gives a text, or nothing: not worth a
  /// trial. Nothing when none is wanted, or when `stop()` says so.
  struct Found {
    std::size_t index = 0;
    Outcome outcome;
  };
  using Texts = std::function<std::optional<std::string>(std::size_t index)>;
  using Wanted = std::function<bool(const Outcome& outcome)>;
  std::optional<Found> first(std::size_t count, const Texts& text, const Wanted& wanted,
                             const std::function<bool()>& stop);
  /// Processes that were started.
  std::uint64_t started() const { return started_; }
  void set_seconds(double seconds) { limits_.seconds = seconds; }

 private:
  struct Running;
  void start(std::vector<Running>& running, std::size_t index, const std::string& text);

  const Trial trial_;
  TrialLimits limits_;
  std::uint64_t started_ = 0;
};

}  // namespace tidemark::shrink
