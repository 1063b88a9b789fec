// SampleSet: durations of which percentiles are wanted, in bounded memory.
//
// Up to kExact samples are kept as they are; percentiles are then exact (nearest rank: the smallest sample such that at
// least p of all are not larger). Beyond, they are counted in a histogram with 256 buckets per power of two: a
// percentile is then the middle of its bucket, within 0.2 % of the exact one. Negative samples count as they are while
// exact, as zero in the histogram. Sum and count stay exact.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace tidemark::reports {

class SampleSet {
 public:
  static constexpr std::size_t kExact = 65'536;

  void add(std::int64_t value_ns);
  void add(const SampleSet& other);

  std::uint64_t count() const { return count_; }
  bool exact() const { return buckets_.empty(); }
  /// Of p in (0, 1]; 0 when empty.
  std::int64_t percentile_ns(double p) const;
  std::int64_t least_ns() const { return least_; }
  std::int64_t most_ns() const { return most_; }
  /// 0 when empty.
  double mean_ns() const;

  /// In ascending order: every sample with count 1, or every bucket's middle with its count.
  void for_each(const std::function<void(std::int64_t value_ns, std::uint64_t count)>& visit) const;

 private:
  void count_in_bucket(std::int64_t value_ns, std::uint64_t count);
  void go_over_to_buckets();
  const std::vector<std::int64_t>& sorted() const;

  mutable std::vector<std::int64_t> samples_;
  mutable bool is_sorted_ = true;
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::int64_t least_ = 0;
  std::int64_t most_ = 0;
  __extension__ __int128 sum_ = 0;
};

}  // namespace tidemark::reports
