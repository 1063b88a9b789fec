// Distributions of durations, sampled from fixed-point quantile tables.
//
// A table is made once per set of parameters with our own exp, log and normal quantile (plain IEEE operations, no libm,
// no fused multiply-add), so every platform makes the same table; a sample is one 64-bit draw, a look-up and a linear
// interpolation in integers. The tails have their own rows: the table resolves probabilities down to 2^-40.
#pragma once

#include <cstdint>
#include <memory>

#include "sim/core/random.h"
#include "sim/core/time.h"

namespace tidemark::sim {

class DurationDistribution {
 public:
  /// Always `value`; draws nothing.
  static DurationDistribution constant(Duration value);
  /// Uniform in [low, high].
  static DurationDistribution uniform(Duration low, Duration high);
  /// exp(N(ln median, sigma)), optionally cut at `cap` (larger samples become `cap`).
  /// A median of 0 is always 0.
  static DurationDistribution lognormal(Duration median, double sigma, Duration cap = Duration::max());
  /// Exponential with this mean.
  static DurationDistribution exponential(Duration mean);
  /// Normal; may be negative (clock offsets).
  static DurationDistribution normal(Duration mean, Duration deviation);
  /// P(X > x) = (minimum / x)^alpha, cut at `cap`.
  static DurationDistribution pareto(Duration minimum, double alpha, Duration cap);
  /// With probability `ratio` the second, else the first. Two draws.
  static DurationDistribution mixture(DurationDistribution first, DurationDistribution second, double ratio);

  Duration sample(RandomStream& random) const;
  /// The value below which a fraction `p` of samples lies (of the table; mixtures: by bisection). For documentation and
  /// tests.
  Duration quantile(double p) const;

 private:
  struct Table;
  struct RowsTable;
  explicit DurationDistribution(std::shared_ptr<const Table> table) : table_(std::move(table)) {}
  std::shared_ptr<const Table> table_;
};

/// ln, exp and the standard normal quantile with plain IEEE double arithmetic: the same bits everywhere. Relative error
/// below 1e-11 over the ranges that the tables use.
double deterministic_log(double x);
/// ln(1 - x) for 0 <= x < 1, exact to the last digits for small x.
double deterministic_log1m(double x);
double deterministic_exp(double x);
double deterministic_normal_quantile(double p);

}  // namespace tidemark::sim
