#include "sim/core/clock.h"

#include <gtest/gtest.h>

namespace tidemark::sim {
namespace {

class ClockTest : public testing::Test {
 protected:
  void run_to(Duration since_start) { scheduler.run_until(Instant{} + since_start); }
  Duration read() const { return clock.now().since_start(); }
  Scheduler scheduler;
  NodeClock clock{scheduler};
};

TEST_F(ClockTest, TellsTheTruthWithoutFaults) {
  run_to(5_s);
  EXPECT_EQ(read(), 5_s);
  EXPECT_EQ(clock.offset(), 0_ns);
}

TEST_F(ClockTest, OffsetsAddAndEndOneByOne) {
  run_to(10_s);
  const ClockFaultId ahead = clock.inject(ClockOffset{300_ms});
  const ClockFaultId behind = clock.inject(ClockOffset{Duration{} - 20_s});
  EXPECT_EQ(read(), 10_s + 300_ms - 20_s);  // before the start of the run
  clock.end(behind);
  EXPECT_EQ(read(), 10300_ms);
  EXPECT_TRUE(clock.active(ahead));
  EXPECT_FALSE(clock.active(behind));
  EXPECT_EQ(clock.effects(ahead), 2U);
  EXPECT_EQ(clock.effects(behind), 1U);
  clock.end_all();
  EXPECT_EQ(read(), 10_s);
}

TEST_F(ClockTest, DriftGrowsFromItsInjectionInExactParts) {
  run_to(100_s);
  const ClockFaultId fast = clock.inject(ClockDrift{50});
  EXPECT_EQ(read(), 100_s);
  EXPECT_EQ(clock.effects(fast), 0U);
  run_to(120_s);
  EXPECT_EQ(read(), 120_s + 1_ms);
  clock.inject(ClockDrift{-250});
  run_to(124_s);
  EXPECT_EQ(read(), 124_s + 1200_us - 1_ms);
}

TEST_F(ClockTest, WavesSwingBetweenTheirAmplitudes) {
  const ClockFaultId triangle = clock.inject(ClockWave{100_ms, 8_s, ClockWave::Form::kTriangle});
  run_to(1_s);
  EXPECT_EQ(clock.offset(), 50_ms);
  run_to(2_s);
  EXPECT_EQ(clock.offset(), 100_ms);
  run_to(6_s);
  EXPECT_EQ(clock.offset(), Duration{} - 100_ms);
  run_to(8_s);
  EXPECT_EQ(clock.offset(), 0_ns);
  clock.end(triangle);
  clock.inject(ClockWave{1_s, 12_s, ClockWave::Form::kSine});
  run_to(9_s);
  EXPECT_NEAR(clock.offset().ms(), 500.0, 0.5);
  run_to(11_s);
  EXPECT_EQ(clock.offset(), 1_s);
  run_to(15_s);
  EXPECT_NEAR(clock.offset().ms(), -500.0, 0.5);
  run_to(17_s);
  EXPECT_EQ(clock.offset(), Duration{} - 1_s);
  run_to(20_s);
  EXPECT_EQ(clock.offset(), 0_ns);
}

TEST_F(ClockTest, StrobeAlternates) {
  clock.inject(ClockStrobe{1_s, Duration{} - 1_s, 5_ms});
  EXPECT_EQ(clock.offset(), 1_s);
  run_to(5_ms);
  EXPECT_EQ(clock.offset(), Duration{} - 1_s);
  run_to(12_ms);
  EXPECT_EQ(clock.offset(), 1_s);
}

TEST_F(ClockTest, FrozenClockStandsStillThenCatchesUp) {
  clock.inject(ClockDrift{1000});
  run_to(10_s);
  const ClockFaultId freeze = clock.inject(ClockFreeze{});
  run_to(60_s);
  EXPECT_EQ(read(), 10_s + 10_ms);
  clock.inject(ClockOffset{7_s});
  EXPECT_EQ(read(), 17_s + 10_ms);
  clock.end(freeze);
  EXPECT_EQ(read(), 67_s + 60_ms);
  EXPECT_EQ(clock.effects(freeze), 2U);
}

}  // namespace
}  // namespace tidemark::sim
