#include "hunt/seeds.h"

#include <algorithm>

namespace tidemark::hunt {
namespace {

/// The first seed of the shard from `seed` on.
std::optional<std::uint64_t> first_of(const Shard& shard, std::uint64_t seed) {
  const std::uint64_t step = (shard.index - 1 + shard.count - seed % shard.count) % shard.count;
  if (step > UINT64_MAX - seed) return std::nullopt;
  return seed + step;
}

}  // namespace

SeedSource::SeedSource(SeedRange range, Shard shard, std::vector<std::uint64_t> done,
                       const std::vector<std::uint64_t>& before)
    : range_(range), shard_(shard), known_(std::move(done)) {
  const auto belongs = [&](std::uint64_t seed) {
    return seed >= range_.first && seed <= range_.last && shard_.has(seed);
  };
  std::sort(known_.begin(), known_.end());
  for (const std::uint64_t seed : before) {
    const bool is_new = !std::binary_search(known_.begin(), known_.end(), seed) &&
                        std::find(before_.begin(), before_.end(), seed) == before_.end();
    if (belongs(seed) && is_new) before_.push_back(seed);
  }
  at_ = first_of(shard_, range_.first);
  const auto here = static_cast<std::uint64_t>(std::count_if(known_.begin(), known_.end(), belongs));
  // All 2^64 seeds count as one less.
  if (at_ && *at_ <= range_.last) left_ = std::min((range_.last - *at_) / shard_.count, UINT64_MAX - 1) + 1 - here;
  known_.insert(known_.end(), before_.begin(), before_.end());
  std::sort(known_.begin(), known_.end());
}

std::optional<std::uint64_t> SeedSource::next() {
  if (next_before_ < before_.size()) {
    --left_;
    return before_[next_before_++];
  }
  while (at_ && *at_ <= range_.last) {
    const std::uint64_t seed = *at_;
    at_ = seed > UINT64_MAX - shard_.count ? std::nullopt : std::optional(seed + shard_.count);
    while (next_known_ < known_.size() && known_[next_known_] < seed) ++next_known_;
    if (next_known_ < known_.size() && known_[next_known_] == seed) continue;
    --left_;
    return seed;
  }
  return std::nullopt;
}

bool is_run_twice(std::uint64_t seed) {
  // A multiplication and a fold: neighbouring seeds must not fall into the same part.
  std::uint64_t mixed = (seed ^ seed >> 32) * 0x9e3779b97f4a7c15ULL;
  mixed = (mixed ^ mixed >> 29) * 0xd6e8feb86659fd93ULL;
  return (mixed ^ mixed >> 32) % 20 == 0;
}

}  // namespace tidemark::hunt
