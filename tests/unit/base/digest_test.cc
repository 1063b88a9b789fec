#include "base/digest.h"

#include <gtest/gtest.h>

#include <set>

namespace tidemark {
namespace {

TEST(Digest, TextFormGoesBothWays) {
  const Digest128 digest{0x0123456789abcdefULL, 0xfedcba9876543210ULL};
  EXPECT_EQ(digest.hex(), "0123456789abcdeffedcba9876543210");
  Digest128 parsed;
  ASSERT_TRUE(Digest128::parse(digest.hex(), parsed));
  EXPECT_EQ(parsed, digest);
  EXPECT_FALSE(Digest128::parse("0123", parsed));
  EXPECT_FALSE(Digest128::parse("0123456789ABCDEFfedcba9876543210", parsed));
}

TEST(Digest, NumbersArePinned) {
  EXPECT_EQ(hash_name("hello"), 0x9555e8555c62dcfdULL);
  EXPECT_EQ(digest_text("hello").hex(), "ad07521903e9e3e0bd161366c2716d94");
  EXPECT_EQ(mix(mix({}, 1), 2).hex(), "835f0cc3e1d700432d09bfff23ca99b2");
}

TEST(Digest, ChainDependsOnWhatCameBefore) {
  EXPECT_NE(digest_text("b", digest_text("a")), digest_text("a", digest_text("b")));
  EXPECT_NE(hash_name("a", 1), hash_name("a", 2));
}

TEST(Digest, MixingSmallNumbersDoesNotCollide) {
  std::set<Digest128> seen;
  for (std::uint64_t a = 0; a < 100; ++a)
    for (std::uint64_t b = 0; b < 100; ++b) seen.insert(mix(mix({}, a), b));
  EXPECT_EQ(seen.size(), 10'000U);
}

}  // namespace
}  // namespace tidemark
