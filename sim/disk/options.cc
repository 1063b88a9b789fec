#include "sim/disk/options.h"

namespace tidemark::sim {

DurationDistribution lognormal_or_constant(Duration median, double sigma) {
  return sigma > 0 ? DurationDistribution::lognormal(median, sigma) : DurationDistribution::constant(median);
}

DurationDistribution DiskOptions::fsync() const {
  DurationDistribution body = lognormal_or_constant(fsync_median, fsync_sigma);
  if (fsync_tail_ratio <= 0) return body;
  return DurationDistribution::mixture(
      body, DurationDistribution::pareto(fsync_tail_minimum, fsync_tail_alpha, fsync_tail_cap), fsync_tail_ratio);
}

}  // namespace tidemark::sim
