#include "model/client/route.h"

#include "base/assert.h"

namespace tidemark::model {

Route::Route(const WorkloadOptions& options, ReachablePops pops, sim::RandomStream& random, sim::Instant start)
    : pops_(std::move(pops)),
      random_(random),
      changes_(options.route_change_period.ns() > 0 && options.arrival != Arrival::kScript),
      between_(changes_ ? sim::DurationDistribution::exponential(options.route_change_period)
                        : sim::DurationDistribution::constant({})),
      near_(sim::probability(options.route_change_near_share)),
      current_(pops_.nearest) {
  TIDEMARK_ASSERT(current_ != 0);
  if (changes_) next_change_ = start + between_.sample(random_);
}

std::uint32_t Route::at(sim::Instant now) {
  while (changes_ && now >= next_change_) {
    change();
    next_change_ = next_change_ + between_.sample(random_);
  }
  return current_;
}

void Route::change() {
  const bool near = random_.chance_fixed(near_);
  if (near || pops_.other.empty()) {
    current_ = current_ == pops_.nearest ? pops_.second : pops_.nearest;
  } else {
    current_ = pops_.other[random_.below(pops_.other.size())];
  }
}

}  // namespace tidemark::model
