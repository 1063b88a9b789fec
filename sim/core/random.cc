#include "sim/core/random.h"

#include <algorithm>

#include "base/digest.h"

namespace tidemark::sim {

// xoshiro256++ by Blackman and Vigna, its state filled by splitmix64 as they advise.
RandomStream::RandomStream(std::uint64_t seed, std::string_view name) {
  reseed(seed, name);
}

void RandomStream::reseed(std::uint64_t seed, std::string_view name) {
  std::uint64_t state = hash_name(name, seed);
  for (std::uint64_t& word : state_) {
    std::uint64_t z = state += 0x9e3779b97f4a7c15ULL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    word = z ^ z >> 31;
  }
  TIDEMARK_ASSERT((state_[0] | state_[1] | state_[2] | state_[3]) != 0, "xoshiro must not start at zero");
}

std::uint64_t probability(double ratio) {
  TIDEMARK_ASSERT(ratio >= 0.0 && ratio <= 1.0);
  if (ratio >= 1.0) return ~std::uint64_t{0};
  return static_cast<std::uint64_t>(ratio * 18446744073709551616.0);  // 2^64; exact, so the same everywhere
}

RandomStream& StreamRegistry::stream(std::string_view entity, std::string_view purpose) {
  std::string name;
  name.reserve(entity.size() + 1 + purpose.size());
  name.append(entity).append(1, '/').append(purpose);
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) return *found->second;
  const std::string_view kept = keep(name);
  RandomStream& made = streams_.emplace_back(Named{RandomStream(key_, kept), kept}).stream;
  by_name_.emplace(kept, &made);
  return made;
}

void StreamRegistry::rekey(std::uint64_t future) {
  TIDEMARK_ASSERT(future > 0);
  key_ = hash_name("future/" + std::to_string(future), seed_);
  for (auto& [stream, name] : streams_) stream.reseed(key_, name);
}

std::string_view StreamRegistry::keep(std::string_view name) {
  constexpr std::size_t kChunkBytes = 4096;
  if (chunk_left_ < name.size()) {
    chunk_left_ = std::max(kChunkBytes, name.size());
    chunk_ = names_.emplace_back(std::make_unique<char[]>(chunk_left_)).get();
  }
  const std::string_view kept(chunk_, name.size());
  name.copy(chunk_, name.size());
  chunk_ += name.size();
  chunk_left_ -= name.size();
  return kept;
}

std::vector<StreamRegistry::Draws> StreamRegistry::draw_counts() const {
  std::vector<Draws> counts;
  counts.reserve(streams_.size());
  for (const auto& [stream, name] : streams_) counts.push_back({std::string(name), stream.draws()});
  std::sort(counts.begin(), counts.end(), [](const Draws& a, const Draws& b) { return a.name < b.name; });
  return counts;
}

}  // namespace tidemark::sim
