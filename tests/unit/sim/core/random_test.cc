#include "sim/core/random.h"

#include <gtest/gtest.h>

namespace tidemark::sim {
namespace {

std::vector<std::uint64_t> first_draws(RandomStream& stream, int count) {
  std::vector<std::uint64_t> draws;
  for (int i = 0; i < count; ++i) draws.push_back(stream());
  return draws;
}

TEST(RandomStream, DrawsThePinnedNumbers) {
  RandomStream stream(42, "net/IAD->FRA/jitter");
  EXPECT_EQ(first_draws(stream, 4), (std::vector<std::uint64_t>{0x7f8a0090ea87e4e5ULL, 0x58a023fdad5286c6ULL,
                                                                0x45e4ca1600c5202ULL, 0x72c02958aa9a7361ULL}));
  EXPECT_EQ(stream.draws(), 4U);
}

TEST(RandomStream, BelowStaysBelowAndReachesBothEnds) {
  RandomStream stream(1, "x");
  std::uint64_t seen = 0;
  for (int i = 0; i < 1'000; ++i) {
    const std::uint64_t value = stream.below(10);
    ASSERT_LT(value, 10U);
    seen |= 1U << value;
  }
  EXPECT_EQ(seen, 0x3ffU);
}

TEST(RandomStream, ProbabilityIsFixedPoint) {
  EXPECT_EQ(probability(0.0), 0U);
  EXPECT_EQ(probability(0.5), std::uint64_t{1} << 63);
  EXPECT_EQ(probability(1.0), ~std::uint64_t{0});
  RandomStream stream(1, "x");
  int hits = 0;
  for (int i = 0; i < 10'000; ++i) hits += stream.chance_fixed(probability(0.25));
  EXPECT_NEAR(hits, 2'500, 150);
}

TEST(StreamRegistry, NamesDecideTheNumbersAndOrderDoesNot) {
  StreamRegistry one(7), other(7), another_seed(8);
  one.stream("a", "x");
  const auto b = first_draws(one.stream("b", "x"), 5);
  const auto a = first_draws(one.stream("a", "x"), 5);
  EXPECT_EQ(first_draws(other.stream("b", "x"), 5), b);
  other.stream("c", "x")();  // a stream more changes no other
  EXPECT_EQ(first_draws(other.stream("a", "x"), 5), a);
  EXPECT_NE(a, b);
  EXPECT_NE(first_draws(another_seed.stream("a", "x"), 5), a);
}

TEST(StreamRegistry, AFutureChangesWhatIsDrawnLaterAndNothingElse) {
  StreamRegistry usual(7), one(7), again(7), another(7);
  const std::uint64_t first = usual.stream("a", "x")();
  for (StreamRegistry* registry : {&one, &again, &another}) EXPECT_EQ(registry->stream("a", "x")(), first);
  one.rekey(1);
  again.rekey(1);
  another.rekey(2);
  const auto drawn = first_draws(one.stream("a", "x"), 5);
  EXPECT_EQ(first_draws(again.stream("a", "x"), 5), drawn);
  EXPECT_NE(first_draws(another.stream("a", "x"), 5), drawn);
  EXPECT_NE(first_draws(usual.stream("a", "x"), 5), drawn);
  EXPECT_NE(first_draws(one.stream("b", "x"), 5), first_draws(usual.stream("b", "x"), 5)) << "made later";
  EXPECT_EQ(one.stream("a", "x").draws(), 6U) << "the count goes on";
}

TEST(StreamRegistry, KeepsReferencesAndCountsDrawsByName) {
  StreamRegistry registry(7);
  RandomStream& first = registry.stream("z", "first");
  for (int i = 0; i < 1'000; ++i) registry.stream("n" + std::to_string(i), "x");
  EXPECT_EQ(&registry.stream("z", "first"), &first);
  first();
  const auto counts = registry.draw_counts();
  ASSERT_EQ(counts.size(), 1'001U);
  EXPECT_EQ(counts.back().name, "z/first");
  EXPECT_EQ(counts.back().draws, 1U);
  EXPECT_EQ(counts.front().name, "n0/x");
}

}  // namespace
}  // namespace tidemark::sim
