#include "reports/sample_set.h"

#include <gtest/gtest.h>

namespace tidemark::reports {
namespace {

TEST(SampleSet, PercentileIsTheNearestRank) {
  SampleSet samples;
  for (const std::int64_t value : {50, 15, 40, 20, 35}) samples.add(value);
  EXPECT_EQ(samples.percentile_ns(0.05), 15);
  EXPECT_EQ(samples.percentile_ns(0.30), 20);
  EXPECT_EQ(samples.percentile_ns(0.40), 20);
  EXPECT_EQ(samples.percentile_ns(0.50), 35);
  EXPECT_EQ(samples.percentile_ns(1.00), 50);
  EXPECT_EQ(samples.mean_ns(), 32.0);
}

TEST(SampleSet, EmptyHasZeros) {
  const SampleSet samples;
  EXPECT_EQ(samples.percentile_ns(0.5), 0);
  EXPECT_EQ(samples.mean_ns(), 0.0);
}

TEST(SampleSet, KeepsNegativeSamplesWhileExact) {
  SampleSet samples;
  samples.add(-5);
  samples.add(3);
  EXPECT_EQ(samples.percentile_ns(0.5), -5);
  EXPECT_EQ(samples.least_ns(), -5);
  EXPECT_EQ(samples.most_ns(), 3);
}

TEST(SampleSet, HistogramOfManySamplesIsWithinTwoThousandths) {
  SampleSet samples;
  constexpr std::int64_t kCount = 200'000;
  for (std::int64_t i = 0; i < kCount; ++i) samples.add((i * 7919 % kCount + 1) * 1000);
  EXPECT_FALSE(samples.exact());
  EXPECT_EQ(samples.count(), static_cast<std::uint64_t>(kCount));
  for (const double p : {0.001, 0.01, 0.5, 0.95, 0.99, 0.999, 1.0}) {
    const double expected = p * kCount * 1000;
    EXPECT_NEAR(static_cast<double>(samples.percentile_ns(p)), expected, expected * 0.002) << p;
  }
  EXPECT_EQ(samples.mean_ns(), (kCount + 1) * 1000 / 2.0);
}

TEST(SampleSet, HoldsTheLargestNumber) {
  SampleSet samples;
  for (std::size_t i = 0; i <= SampleSet::kExact; ++i) samples.add(INT64_MAX);
  EXPECT_EQ(samples.percentile_ns(0.5), INT64_MAX);
}

TEST(SampleSet, AddingSetsGivesTheSameAsAddingTheirSamples) {
  SampleSet small, large, both, expected;
  for (std::int64_t i = 0; i < 100; ++i) small.add(i * 1'000'000), expected.add(i * 1'000'000);
  for (std::int64_t i = 0; i < 70'000; ++i) large.add(i * 777), expected.add(i * 777);
  both.add(small);
  both.add(large);
  EXPECT_EQ(both.count(), expected.count());
  EXPECT_EQ(both.mean_ns(), expected.mean_ns());
  for (const double p : {0.1, 0.5, 0.9, 0.99}) EXPECT_EQ(both.percentile_ns(p), expected.percentile_ns(p));
}

}  // namespace
}  // namespace tidemark::reports
