// SeedSource: which seeds a hunt runs, in which order.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace tidemark::hunt {

struct SeedRange {
  std::uint64_t first = 1;
  std::uint64_t last = UINT64_MAX;
};

/// One of `count` parts of all seeds: those with seed % count == index - 1.
struct Shard {
  std::uint64_t index = 1;  // from 1 to count
  std::uint64_t count = 1;

  bool has(std::uint64_t seed) const { return seed % count == index - 1; }
};

class SeedSource {
 public:
  /// `done` and its order do not matter; `before` are tried before the others, in their order, as far as they belong to
  /// the range and the shard.
  SeedSource(SeedRange range, Shard shard, std::vector<std::uint64_t> done, const std::vector<std::uint64_t>& before);

  /// Each seed once; nothing at the end.
  std::optional<std::uint64_t> next();
  /// How many next() has still to give.
  std::uint64_t left() const { return left_; }

 private:
  const SeedRange range_;
  const Shard shard_;
  std::vector<std::uint64_t> known_;  // sorted: done, or in before_
  std::vector<std::uint64_t> before_;
  std::size_t next_before_ = 0;
  std::optional<std::uint64_t> at_;  // the next of the range, if there is one
  std::size_t next_known_ = 0;
  std::uint64_t left_ = 0;
};

/// Of the seeds whose run was as it should be, the part that is run a second time: one of twenty, by the seed alone.
bool is_run_twice(std::uint64_t seed);

}  // namespace tidemark::hunt
