#include "cli/seed.h"

#include <gtest/gtest.h>

#include "cli/exit_codes.h"

namespace tidemark::cli {
namespace {

TEST(Seed, IsDecimalHexOrACommit) {
  std::uint64_t seed = 0;
  std::string error;
  ASSERT_TRUE(parse_seed("42", seed, error));
  EXPECT_EQ(seed, 42U);
  ASSERT_TRUE(parse_seed("0xFf", seed, error));
  EXPECT_EQ(seed, 255U);
  ASSERT_TRUE(parse_seed("18446744073709551615", seed, error));
  EXPECT_EQ(seed, ~std::uint64_t{0});
  ASSERT_TRUE(parse_seed("0123456789abcdef0123456789abcdef01234567", seed, error));
  EXPECT_EQ(seed, 0x89abcdef01234567U);
}

TEST(Seed, EverythingElseIsAnError) {
  std::uint64_t seed = 0;
  std::string error;
  for (const char* bad :
       {"", "-1", "+1", "1.5", "0x", "0xg", "18446744073709551616", "0x10000000000000000", "12a", " 1",
        "0123456789abcdef0123456789abcdef0123456", "0123456789abcdef0123456789abcdef0123456g"}) {
    EXPECT_FALSE(parse_seed(bad, seed, error)) << bad;
    EXPECT_NE(error.find("is not a seed"), std::string::npos);
  }
}

TEST(SeedRange, IncludesBothEnds) {
  std::uint64_t first = 0, last = 0;
  std::string error;
  ASSERT_TRUE(parse_seed_range("1..100", first, last, error));
  EXPECT_EQ(first, 1U);
  EXPECT_EQ(last, 100U);
  for (const char* bad : {"5", "5..", "..5", "9..3", "1...3"})
    EXPECT_FALSE(parse_seed_range(bad, first, last, error)) << bad;
}

TEST(ExitCodes, SafetyIsGraverThanLivenessThanUnknown) {
  EXPECT_EQ(graver(0, 0), 0);
  EXPECT_EQ(graver(2, 0), 2);
  EXPECT_EQ(graver(2, 3), 3);
  EXPECT_EQ(graver(3, 1), 1);
  EXPECT_EQ(graver(1, 2), 1);
}

}  // namespace
}  // namespace tidemark::cli
