#include "model/types/zipf.h"

#include <algorithm>

#include "base/assert.h"
#include "sim/core/distribution.h"

namespace tidemark::model {

Zipf::Zipf(std::uint32_t count, double exponent) {
  TIDEMARK_ASSERT(count >= 1 && exponent >= 0);
  std::vector<double> weights(count);
  double total = 0;
  for (std::uint32_t rank = 0; rank < count; ++rank) {
    weights[rank] = sim::deterministic_exp(-exponent * sim::deterministic_log(static_cast<double>(rank) + 1.0));
    total += weights[rank];
  }
  double sum = 0;
  for (std::uint32_t rank = 0; rank + 1 < count; ++rank) {
    sum += weights[rank];
    upper_.push_back(sim::probability(std::min(sum / total, 1.0)));
  }
}

std::uint32_t Zipf::sample(sim::RandomStream& random) const {
  const std::uint64_t point = random();
  return static_cast<std::uint32_t>(std::upper_bound(upper_.begin(), upper_.end(), point) - upper_.begin());
}

}  // namespace tidemark::model
