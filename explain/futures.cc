#include "explain/futures.h"

#include <algorithm>

namespace tidemark::explain {
namespace {

/// A part that is shorter is not divided further.
constexpr sim::Duration kShortest = sim::Duration::milliseconds(1);

/// Nothing when the trials do not suffice.
std::optional<FuturePoint> look_from(Trials& trials, sim::Instant from, std::uint32_t futures) {
  if (trials.left() < futures) return std::nullopt;
  std::vector<Change> changes(futures);
  for (std::uint32_t i = 0; i < futures; ++i) {
    changes[i].rekeyed = from;
    changes[i].future = i + 1;
  }
  FuturePoint point{from, futures, 0};
  for (const std::optional<Outcome>& outcome : trials.run(changes))
    if (outcome && outcome->ending == Ending::kSame) ++point.failed;
  return point;
}

void find_steepest(Curve& curve) {
  curve.steepest.reset();
  double rise = 0;
  for (std::size_t i = 0; i + 1 < curve.points.size(); ++i) {
    const double own = curve.points[i + 1].probability() - curve.points[i].probability();
    if (own <= rise) continue;
    rise = own;
    curve.steepest = i;
  }
}

void find_inevitable(Curve& curve) {
  for (auto point = curve.points.rbegin(); point != curve.points.rend() && point->failed == point->futures; ++point)
    curve.inevitable = point->from;
}

/// One more point within the steepest part.
bool refine(Trials& trials, const FutureOptions& options, Curve& curve) {
  find_steepest(curve);
  if (!curve.steepest) return false;
  const auto place = curve.points.begin() + static_cast<std::ptrdiff_t>(*curve.steepest) + 1;
  const sim::Instant from = std::prev(place)->from;
  const sim::Duration length = place->from - from;
  if (length <= kShortest) return false;
  const auto point = look_from(trials, from + length / 2, options.futures);
  curve.complete = point.has_value();
  if (point) curve.points.insert(place, *point);
  return point.has_value();
}

}  // namespace

Curve find_curve(Trials& trials, const FutureOptions& options) {
  Curve curve;
  const std::uint32_t steps = std::max(2U, options.points) - 1;
  for (std::uint32_t i = 0; i <= steps; ++i) {
    const sim::Duration length = options.failure - options.first;
    const auto point = look_from(trials, options.first + length * i / steps, options.futures);
    if (!point) return curve;
    curve.points.push_back(*point);
  }
  curve.complete = true;
  for (std::uint32_t i = 0; i < options.refinements && refine(trials, options, curve); ++i) {
  }
  find_steepest(curve);
  find_inevitable(curve);
  return curve;
}

std::vector<Line> steepest_lines(const Curve& curve, const Narrator& narrator, int database, std::size_t most) {
  std::vector<Line> lines;
  if (!curve.steepest) return lines;
  const sim::Instant from = curve.points[*curve.steepest].from;
  const sim::Instant to = curve.points[*curve.steepest + 1].from;
  for (const Rank rank : {Rank::kTurn, Rank::kKey, Rank::kStep}) {
    std::vector<Line> own;
    for (const Line& line : narrator.lines()) {
      const bool inside = line.when > from && line.when <= to && line.rank == rank;
      if (inside && (line.database < 0 || database < 0 || line.database == database)) own.push_back(line);
    }
    const std::size_t room = most - lines.size();
    if (own.size() > room) own.erase(own.begin(), own.end() - static_cast<std::ptrdiff_t>(room));
    lines.insert(lines.end(), own.begin(), own.end());
  }
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.event < b.event; });
  return lines;
}

}  // namespace tidemark::explain
