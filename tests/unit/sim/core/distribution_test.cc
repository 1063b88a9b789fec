#include "sim/core/distribution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace tidemark::sim {
namespace {

using D = DurationDistribution;

double relative(double actual, double expected) {
  return std::fabs(actual - expected) / std::fabs(expected);
}

TEST(RealFunctions, AgreeWithTheMathLibrary) {
  for (double x = 1e-30; x < 1e30; x *= 1.7) {
    EXPECT_NEAR(deterministic_log(x), std::log(x), 1e-12 * std::max(1.0, std::fabs(std::log(x)))) << x;
  }
  for (double x = -50; x < 50; x += 0.37) EXPECT_LT(relative(deterministic_exp(x), std::exp(x)), 1e-12) << x;
  for (double x = 1e-13; x < 0.999; x *= 1.3) EXPECT_LT(relative(deterministic_log1m(x), std::log1p(-x)), 1e-12) << x;
}

TEST(RealFunctions, NormalQuantileMatchesTextbookValues) {
  EXPECT_NEAR(deterministic_normal_quantile(0.5), 0.0, 1e-15);
  EXPECT_NEAR(deterministic_normal_quantile(0.975), 1.959963984540054, 1e-12);
  EXPECT_NEAR(deterministic_normal_quantile(0.999), 3.090232306167813, 1e-12);
  EXPECT_NEAR(deterministic_normal_quantile(1e-6), -4.753424308822899, 1e-11);
  for (const double p : {1e-12, 1e-9, 1e-4, 0.01, 0.07, 0.2, 0.4}) {  // back through the error function
    EXPECT_LT(relative(0.5 * std::erfc(-deterministic_normal_quantile(p) / std::sqrt(2.0)), p), 1e-10) << p;
  }
}

TEST(DurationDistribution, QuantilesMatchTheFormulas) {
  const D exponential = D::exponential(10_ms);
  const D lognormal = D::lognormal(2_ms, 0.8);
  const D normal = D::normal(0_ms, 3_ms);
  const D pareto = D::pareto(1_ms, 1.5, 100000_s);
  for (const double p : {1e-6, 0.001, 0.05, 0.25, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999, 0.999999, 1 - 1e-9}) {
    const double z = deterministic_normal_quantile(p);
    EXPECT_NEAR(static_cast<double>(exponential.quantile(p).ns()), -1e7 * std::log1p(-p), 3e-4 * 1e7) << p;
    EXPECT_LT(relative(static_cast<double>(lognormal.quantile(p).ns()), 2e6 * std::exp(0.8 * z)), 5e-4) << p;
    EXPECT_NEAR(static_cast<double>(normal.quantile(p).ns()), 3e6 * z, 3e-4 * 3e6) << p;
    EXPECT_LT(relative(static_cast<double>(pareto.quantile(p).ns()), 1e6 * std::pow(1 - p, -1 / 1.5)), 5e-4) << p;
  }
}

TEST(DurationDistribution, SamplesArePinned) {
  const std::vector<D> all = {D::constant(5_ms),
                              D::uniform(1_ms, 9_ms),
                              D::lognormal(2_ms, 0.8),
                              D::exponential(10_ms),
                              D::normal(0_ms, 3_ms),
                              D::pareto(1_ms, 1.5, 1000_s),
                              D::mixture(D::constant(1_ms), D::exponential(50_ms), 0.3)};
  std::vector<std::int64_t> sums;
  for (const D& distribution : all) {
    RandomStream random(99, "distribution");
    std::uint64_t sum = 0;  // position-weighted, so that the order counts
    for (std::uint64_t i = 1; i <= 10'000; ++i)
      sum = sum * 3 + static_cast<std::uint64_t>(distribution.sample(random).ns());
    sums.push_back(static_cast<std::int64_t>(sum));
  }
  EXPECT_EQ(sums, (std::vector<std::int64_t>{534952327327139840, -3458230751724688489, -765632324750979785,
                                             8328649160970577678, -7984889490075334333, 4326093989731405197,
                                             6371977312694460191}));
}

TEST(DurationDistribution, QuantilesArePinned) {
  std::vector<std::int64_t> values;
  for (const double p : {0.0, 1e-10, 0.25, 0.5, 0.99, 1.0}) {
    values.push_back(D::lognormal(2_ms, 0.8).quantile(p).ns());
    values.push_back(D::exponential(10_ms).quantile(p).ns());
    values.push_back(D::pareto(1_ms, 1.5, 1000_s).quantile(p).ns());
  }
  EXPECT_EQ(values,
            (std::vector<std::int64_t>{7119, 0, 1000000, 12327, 0, 1000000, 1165972, 2876821, 1211414, 2000000, 6931472,
                                       1587401, 12861387, 46051818, 21544626, 561890722, 277258872, 1000000000000}));
}

TEST(DurationDistribution, QuantilesNeverFall) {
  const std::vector<D> all = {D::lognormal(2_ms, 1.3), D::exponential(10_ms), D::normal(1_ms, 3_ms),
                              D::pareto(1_ms, 0.9, 10_s), D::uniform(0_ms - 5_ms, 5_ms)};
  for (const D& distribution : all) {
    Duration previous = distribution.quantile(0);
    for (int i = 1; i <= 20'000; ++i) {
      const Duration value = distribution.quantile(i / 20'000.0);
      ASSERT_LE(previous, value);
      previous = value;
    }
  }
}

TEST(DurationDistribution, CapAndSpecialFormsHold) {
  RandomStream random(1, "x");
  EXPECT_EQ(D::constant(3_ms).sample(random), 3_ms);
  EXPECT_EQ(random.draws(), 0U) << "a constant draws nothing";
  const D capped = D::lognormal(1_ms, 2.0, 4_ms);
  const D uniform = D::uniform(2_ns, 4_ns);
  bool hit[5] = {};
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_LE(capped.sample(random), 4_ms);
    hit[uniform.sample(random).ns()] = true;
  }
  EXPECT_TRUE(!hit[0] && !hit[1] && hit[2] && hit[3] && hit[4]);
  const D mixture = D::mixture(D::constant(1_ms), D::constant(9_ms), 0.25);
  EXPECT_EQ(mixture.quantile(0.7), 1_ms);
  EXPECT_EQ(mixture.quantile(0.8), 9_ms);
}

TEST(Distribution, ALognormalWithMedianZeroIsAlwaysZero) {
  StreamRegistry streams(1);
  EXPECT_EQ(D::lognormal(0_ms, 0.8).sample(streams.stream("a", "b")).ns(), 0);
}

}  // namespace
}  // namespace tidemark::sim
