// What happens in a worker stays in it: crashes, failed assertions, hangs, full memory, runs that are not
// deterministic.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <stdexcept>

#include "base/assert.h"
#include "small_hunt.h"

namespace tidemark::hunt {
namespace {

[[noreturn]] void fill_memory() {
  constexpr std::size_t kBlock = 8U << 20;
  for (;;) {
    auto* block = new char[kBlock];
    std::memset(block, 1, kBlock);
    // It has to stay, and the compiler must not see that nobody reads it.
    asm volatile("" : : "r"(block) : "memory");
  }
}

Outcome bad_run(std::uint64_t seed) {
  switch (seed) {
    case 3:
      std::abort();
    case 5:
      for (;;) pause();
    case 8:
      fill_memory();
    case 9:
      throw std::runtime_error("planted exception");
    case 12:
      TIDEMARK_ASSERT(seed == 0, "planted assertion");
      break;
    default:
      break;
  }
  return plain_run(seed);
}

std::map<std::uint64_t, Outcome> outcomes(const HuntOptions& options, const RunSeed& run) {
  Results results("", campaign());
  HuntObserver observer;
  hunt(options, results, run, observer);
  std::map<std::uint64_t, Outcome> all;
  results.each([&](const Outcome& outcome) { all.emplace(outcome.seed, outcome); });
  return all;
}

HuntOptions tight_options(std::size_t jobs) {
  HuntOptions options = small_options(1, 16, jobs);
  options.pool.seconds_per_job = 4;
  options.pool.bytes_per_job = 256U << 20;
  return options;
}

class Containment : public testing::TestWithParam<std::size_t> {};

TEST_P(Containment, ClassesWhatEndsAWorkerAndGoesOn) {
  const auto all = outcomes(tight_options(GetParam()), bad_run);
  ASSERT_EQ(all.size(), 16U);
  EXPECT_EQ(all.at(3).failure->text(), "crash: signal 6");
  EXPECT_EQ(all.at(5).failure->text(), "hang");
  EXPECT_EQ(all.at(8).failure->text(), "memory");
  EXPECT_EQ(all.at(9).failure->text(), "crash: exit code 70");
  EXPECT_NE(all.at(9).witness.find("planted exception"), std::string::npos);
  EXPECT_EQ(all.at(12).failure->text(), "crash: exit code 70");
  EXPECT_NE(all.at(12).witness.find("planted assertion"), std::string::npos);
  for (const std::uint64_t seed : {3, 5, 8, 9, 12}) EXPECT_EQ(all.at(seed).verdict, "none");
  for (const std::uint64_t seed : {1, 2, 4, 6, 7, 10, 11, 13, 14, 15, 16}) {
    EXPECT_EQ(all.at(seed).digest, plain_run(seed).digest);
    EXPECT_FALSE(all.at(seed).failed());
  }
  // Limits are not tried twice: the machine may have been busy.
  EXPECT_TRUE(all.at(3).twice);
  EXPECT_FALSE(all.at(5).twice);
  EXPECT_FALSE(all.at(8).twice);
}

INSTANTIATE_TEST_SUITE_P(Jobs, Containment, testing::Values(1, 3));

TEST(Containment, HasExitCodesOfItsOwn) {
  const auto code_of = [](std::uint64_t seed) {
    HuntOptions options = tight_options(1);
    options.range = {seed, seed};
    Results results("", campaign());
    HuntObserver observer;
    hunt(options, results, bad_run, observer);
    return exit_code_of(results.classes());
  };
  EXPECT_EQ(code_of(3), kExitDefect);
  EXPECT_EQ(code_of(8), 2);
  EXPECT_EQ(code_of(1), 0);
}

/// One word of memory per seed and run, shared with the workers.
struct Notes {
  std::uint64_t process[64][2];
};

TEST(SecondRun, IsDoneByAnotherProcess) {
  void* shared = mmap(nullptr, sizeof(Notes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  for (const std::size_t jobs : {1U, 2U}) {
    auto* notes = new (shared) Notes{};
    const auto all = outcomes(small_options(1, 60, jobs), [notes](std::uint64_t seed) {
      std::uint64_t* process = notes->process[seed];
      process[process[0] == 0 ? 0 : 1] = static_cast<std::uint64_t>(getpid());
      return plain_run(seed);
    });
    int twice = 0;
    for (const auto& [seed, outcome] : all) {
      EXPECT_EQ(outcome.twice, outcome.failed() || is_run_twice(seed)) << seed;
      EXPECT_EQ(notes->process[seed][1] != 0, outcome.twice) << seed;
      EXPECT_NE(notes->process[seed][0], notes->process[seed][1]) << seed;
      twice += outcome.twice ? 1 : 0;
    }
    EXPECT_GT(twice, 3);
  }
  munmap(shared, sizeof(Notes));
}

TEST(SecondRun, FindsWhatIsNotDeterministic) {
  Results results("", campaign());
  HuntObserver observer;
  hunt(
      small_options(1, 40), results,
      [](std::uint64_t seed) {
        Outcome outcome = plain_run(seed);
        if (seed == 34) outcome.digest = std::to_string(getpid());
        return outcome;
      },
      observer);
  EXPECT_EQ(exit_code_of(results.classes()), kExitDefect);
  bool found = false;
  results.each([&](const Outcome& outcome) {
    if (outcome.seed != 34) return;
    found = true;
    EXPECT_EQ(outcome.failure->text(), "non-determinism");
    EXPECT_FALSE(outcome.other_digest.empty());
    EXPECT_NE(outcome.digest, outcome.other_digest);
    EXPECT_NE(outcome.witness.find(outcome.other_digest), std::string::npos);
  });
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace tidemark::hunt
