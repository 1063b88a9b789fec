// Canary K9: what fails once in a hundred runs is found by a hunt of a thousand.
#include <gtest/gtest.h>

#include <string>

#include "hunt/hunt.h"

namespace tidemark::hunt {
namespace {

constexpr std::uint64_t kSeeds = 1000;

/// Multiplies by the golden ratio, so that neighbours have nothing to do with each other.
bool is_unlucky(std::uint64_t seed) {
  return (seed * 0x9e3779b97f4a7c15U >> 32) % 100 == 0;
}

Outcome mostly_well(std::uint64_t seed) {
  Outcome outcome;
  outcome.seed = seed;
  outcome.verdict = "valid";
  outcome.digest = std::string(32, 'a');
  if (!is_unlucky(seed)) return outcome;
  outcome.verdict = "invalid";
  outcome.code = 1;
  outcome.failure = reports::FailureClass{"Q", "an entry on too few followers"};
  return outcome;
}

TEST(Canary, OneBadRunInAHundredIsFoundByAHuntOfAThousand) {
  std::uint64_t expected = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) expected += is_unlucky(seed) ? 1 : 0;
  ASSERT_GE(expected, 5U);
  ASSERT_LE(expected, 20U);
  HuntOptions options;
  options.range = {1, kSeeds};
  options.pool.jobs = 2;
  Results results("", Campaign{"canary", "none", "none", "canary", ""});
  HuntObserver quiet;
  const HuntReport report = hunt(options, results, mostly_well, quiet);
  EXPECT_EQ(report.end, HuntEnd::kAllSeeds);
  EXPECT_EQ(results.totals().seeds, kSeeds);
  EXPECT_EQ(results.totals().failed, expected);
  ASSERT_EQ(results.classes().size(), 1U);
  EXPECT_EQ(results.classes()[0].failure.check, "Q");
  EXPECT_EQ(results.classes()[0].count, expected);
  EXPECT_EQ(exit_code_of(results.classes()), 1);
}

}  // namespace
}  // namespace tidemark::hunt
