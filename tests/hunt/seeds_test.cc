#include "hunt/seeds.h"

#include <gtest/gtest.h>

namespace tidemark::hunt {
namespace {

using Seeds = std::vector<std::uint64_t>;

Seeds all_of(SeedSource source) {
  Seeds seeds;
  while (const auto seed = source.next()) {
    seeds.push_back(*seed);
    if (seeds.size() > 1000) break;
  }
  EXPECT_EQ(source.left(), 0U);
  return seeds;
}

TEST(SeedSource, GivesWhatIsNotDone) {
  EXPECT_EQ(all_of({{3, 8}, {}, {4, 7, 100}, {}}), (Seeds{3, 5, 6, 8}));
  EXPECT_EQ(SeedSource({3, 8}, {}, {4, 7, 100}, {}).left(), 4U);
  EXPECT_TRUE(all_of({{3, 4}, {}, {4, 3}, {}}).empty());
}

TEST(SeedSource, TriesFormerFailuresFirstAndOnce) {
  EXPECT_EQ(all_of({{1, 6}, {}, {2}, {5, 2, 9, 5, 1}}), (Seeds{5, 1, 3, 4, 6}));
}

TEST(SeedSource, GivesEachSeedToOneShard) {
  Seeds united;
  for (std::uint64_t index = 1; index <= 3; ++index) {
    for (const std::uint64_t seed : all_of({{5, 21}, {index, 3}, {7}, {20}})) united.push_back(seed);
  }
  std::sort(united.begin(), united.end());
  EXPECT_EQ(united, (Seeds{5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21}));
}

TEST(SeedSource, EndsWithTheLastSeedThereIs) {
  EXPECT_EQ(all_of({{UINT64_MAX - 2, UINT64_MAX}, {}, {}, {}}).size(), 3U);
  EXPECT_EQ(all_of({{UINT64_MAX - 2, UINT64_MAX}, {1, 2}, {}, {}}), (Seeds{UINT64_MAX - 1}));
  SeedSource everything({0, UINT64_MAX}, {}, {}, {});
  EXPECT_EQ(everything.left(), UINT64_MAX);
  EXPECT_EQ(everything.next(), 0U);
}

TEST(SeedSource, HasTheSecondRunOfOneInTwenty) {
  int twice = 0;
  for (std::uint64_t seed = 1; seed <= 100'000; ++seed) twice += is_run_twice(seed) ? 1 : 0;
  EXPECT_NEAR(twice, 5000, 250);
}

}  // namespace
}  // namespace tidemark::hunt
