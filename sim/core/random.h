// Named random streams. One seed per run; every entity and purpose has a stream of its own, so that a new draw in one
// place does not shift the others (shrinking, and adding an idle replica, depend on it).
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/assert.h"

namespace tidemark::sim {

/// A generator of 64-bit integers (xoshiro256++), seeded from (run seed, name). Integer code only: the same numbers
/// with every compiler and standard library. A UniformRandomBitGenerator, so Boost.Random accepts it; std::
/// distributions must not be used with it, they differ between standard libraries.
class RandomStream {
 public:
  using result_type = std::uint64_t;
  RandomStream(std::uint64_t seed, std::string_view name);
  /// Draws from now on what a new stream of this seed and name would; draws() goes on.
  void reseed(std::uint64_t seed, std::string_view name);

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }
  result_type operator()() {
    ++draws_;
    const std::uint64_t result = rotate(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  /// Uniform in [0, bound), bound >= 1. One draw (multiply-shift; the bias is below 2^-32 for bounds below 2^32).
  std::uint64_t below(std::uint64_t bound) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>(static_cast<Wide>((*this)()) * bound >> 64);
  }
  /// True with probability parts / whole. One draw.
  bool chance(std::uint64_t parts, std::uint64_t whole) { return below(whole) < parts; }
  /// True with probability p / 2^64, as made by probability(). One draw.
  bool chance_fixed(std::uint64_t p) { return (*this)() < p; }

  std::uint64_t draws() const { return draws_; }

 private:
  static constexpr std::uint64_t rotate(std::uint64_t x, int k) { return x << k | x >> (64 - k); }
  std::uint64_t state_[4];
  std::uint64_t draws_ = 0;
};

/// A ratio in [0, 1] as the fixed-point threshold that RandomStream::chance_fixed wants.
std::uint64_t probability(double ratio);

/// All streams of one run, made on first use and kept. References stay valid for the life of the registry.
class StreamRegistry {
 public:
  explicit StreamRegistry(std::uint64_t seed) : seed_(seed), key_(seed) {}
  std::uint64_t seed() const { return seed_; }

  /// The stream `entity/purpose` ("net/IAD->FRA", "jitter"). The name decides the numbers; the order of calls does not.
  RandomStream& stream(std::string_view entity, std::string_view purpose);

  /// Another future: from now on every stream, whether it is made already or not, draws other numbers, which follow
  /// from (seed, name, future) alone. What was drawn stays drawn. `future` is at least 1.
  void rekey(std::uint64_t future);

  struct Draws {
    std::string name;
    std::uint64_t draws;
  };
  /// Sorted by name, for run.json and for comparing two runs.
  std::vector<Draws> draw_counts() const;
  /// Calls visit(name, draws) for each stream, in the order in which they were made.
  template <typename Visit>
  void each(Visit visit) const {
    for (const Named& named : streams_) visit(named.name, named.stream.draws());
  }

 private:
  // A cluster of twenty roaming clients has some ten thousand streams in the long run, so they are kept small.
  struct Named {
    RandomStream stream;
    std::string_view name;  // in names_
  };
  std::string_view keep(std::string_view name);

  const std::uint64_t seed_;
  std::uint64_t key_;  // seeds the streams: seed_, or what a future made of it
  std::deque<Named> streams_;
  std::unordered_map<std::string_view, RandomStream*> by_name_;  // looked up, never iterated
  std::deque<std::unique_ptr<char[]>> names_;                    // chunks
  std::size_t chunk_left_ = 0;
  char* chunk_ = nullptr;
};

}  // namespace tidemark::sim
