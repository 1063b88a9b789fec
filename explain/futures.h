// Futures: when the failure became inevitable. From an instant on, everything that is drawn is drawn anew (the faults
// stay as planned); how many of these futures fail in the same way is the probability of the failure, seen from there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "explain/narrator.h"
#include "explain/trials.h"

namespace tidemark::explain {

struct FuturePoint {
  sim::Instant from;
  std::uint32_t futures = 0;
  std::uint32_t failed = 0;  // in the same way
  double probability() const { return futures == 0 ? 0 : static_cast<double>(failed) / futures; }
};

struct FutureOptions {
  sim::Instant first;  // the first point; the last one is `failure`
  sim::Instant failure;
  std::uint32_t points = 8;
  std::uint32_t futures = 8;      // of each point
  std::uint32_t refinements = 4;  // further points, each within the steepest part
};

struct Curve {
  std::vector<FuturePoint> points;  // ascending
  /// The steepest part is between points[steepest] and the next one; nothing: the probability does not rise.
  std::optional<std::size_t> steepest;
  /// The first instant from which on every future fails; nothing: there is none.
  std::optional<sim::Instant> inevitable;
  bool complete = false;  // the trials sufficed
};

Curve find_curve(Trials& trials, const FutureOptions& options);

/// What happened in the steepest part: at most `most` lines of the database, those that matter most.
std::vector<Line> steepest_lines(const Curve& curve, const Narrator& narrator, int database, std::size_t most);

}  // namespace tidemark::explain
