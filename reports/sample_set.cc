#include "reports/sample_set.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/assert.h"

namespace tidemark::reports {
namespace {

constexpr int kBits = 8;  // 256 buckets per power of two
constexpr std::uint64_t kPerOctave = 1U << kBits;

// Values below 256 have a bucket each; above, a bucket is the top 9 bits of the value and its number of lower bits.
std::size_t bucket_of(std::uint64_t value) {
  if (value < kPerOctave) return value;
  const int lower_bits = std::bit_width(value) - (kBits + 1);
  return static_cast<std::size_t>(lower_bits) * kPerOctave + (value >> lower_bits);
}

std::int64_t middle_of(std::size_t bucket) {
  if (bucket < 2 * kPerOctave) return static_cast<std::int64_t>(bucket);
  const std::size_t lower_bits = bucket / kPerOctave - 1;
  const std::uint64_t top = bucket - lower_bits * kPerOctave;
  return static_cast<std::int64_t>((top << lower_bits) + (std::uint64_t{1} << lower_bits) / 2);
}

}  // namespace

void SampleSet::add(std::int64_t value_ns) {
  least_ = count_ == 0 ? value_ns : std::min(least_, value_ns);
  most_ = count_ == 0 ? value_ns : std::max(most_, value_ns);
  ++count_;
  sum_ += value_ns;
  if (!exact()) return count_in_bucket(value_ns, 1);
  is_sorted_ = is_sorted_ && (samples_.empty() || samples_.back() <= value_ns);
  samples_.push_back(value_ns);
  if (samples_.size() > kExact) go_over_to_buckets();
}

void SampleSet::add(const SampleSet& other) {
  if (other.exact()) {
    for (const std::int64_t value : other.samples_) add(value);
    return;
  }
  if (exact()) go_over_to_buckets();
  least_ = count_ == 0 ? other.least_ : std::min(least_, other.least_);
  most_ = count_ == 0 ? other.most_ : std::max(most_, other.most_);
  count_ += other.count_;
  sum_ += other.sum_;
  buckets_.resize(std::max(buckets_.size(), other.buckets_.size()));
  for (std::size_t i = 0; i < other.buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
}

void SampleSet::count_in_bucket(std::int64_t value_ns, std::uint64_t count) {
  const std::size_t bucket = bucket_of(static_cast<std::uint64_t>(std::max<std::int64_t>(value_ns, 0)));
  if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
  buckets_[bucket] += count;
}

void SampleSet::go_over_to_buckets() {
  buckets_.resize(1);
  for (const std::int64_t value : samples_) count_in_bucket(value, 1);
  samples_.clear();
  samples_.shrink_to_fit();
}

const std::vector<std::int64_t>& SampleSet::sorted() const {
  if (!is_sorted_) std::sort(samples_.begin(), samples_.end());
  is_sorted_ = true;
  return samples_;
}

std::int64_t SampleSet::percentile_ns(double p) const {
  TIDEMARK_ASSERT(p > 0 && p <= 1, "a percentile is a share of all samples");
  if (count_ == 0) return 0;
  const auto rank = static_cast<std::uint64_t>(std::ceil(p * static_cast<double>(count_) - 1e-9));
  const std::uint64_t wanted = std::clamp<std::uint64_t>(rank, 1, count_);
  if (exact()) return sorted()[wanted - 1];
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted) return std::clamp(middle_of(i), least_, most_);
  }
  TIDEMARK_ASSERT(false, "the buckets hold every sample");
}

double SampleSet::mean_ns() const {
  return count_ == 0 ? 0.0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

void SampleSet::for_each(const std::function<void(std::int64_t, std::uint64_t)>& visit) const {
  if (exact()) {
    for (const std::int64_t value : sorted()) visit(value, 1);
    return;
  }
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    if (buckets_[i] != 0) visit(middle_of(i), buckets_[i]);
  }
}

}  // namespace tidemark::reports
