// Zipf: ranks 0 to n-1 with P(rank) proportional to 1 / (rank + 1)^exponent, sampled from an integer table (one draw, a
// binary search). The table is made with sim/core's own log and exp, so it is the same everywhere.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/core/random.h"

namespace tidemark::model {

class Zipf {
 public:
  /// `count` at least 1; exponent 0 = uniform.
  Zipf(std::uint32_t count, double exponent);
  std::uint32_t sample(sim::RandomStream& random) const;

 private:
  std::vector<std::uint64_t> upper_;  // of 2^64, exclusive; the last one is implied
};

}  // namespace tidemark::model
