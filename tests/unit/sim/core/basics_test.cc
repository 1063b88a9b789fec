// Time, buffers and the frame pool.
#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "sim/core/buffer.h"
#include "sim/core/frame_pool.h"
#include "sim/core/time.h"

namespace tidemark::sim {
namespace {

TEST(Time, TextOfInstantsHasAFixedForm) {
  EXPECT_EQ(to_text(Instant::from_ns(12'345'678'901)), "12.345678 s");
  EXPECT_EQ(to_text(Instant()), "0.000000 s");
  EXPECT_EQ(to_text(Instant::max()), "9223372036.854775 s");
}

TEST(Time, TextOfDurationsKeepsTheNumberExact) {
  EXPECT_EQ(to_text(20_ms), "20 ms");
  EXPECT_EQ(to_text(1500_ms), "1.5 s");
  EXPECT_EQ(to_text(300_us), "300 us");
  EXPECT_EQ(to_text(1'000'001_ns), "1.000001 ms");
  EXPECT_EQ(to_text(7_ns), "7 ns");
  EXPECT_EQ(to_text(0_ns), "0 s");
  EXPECT_EQ(to_text(0_ns - 250_us), "-250 us");
  EXPECT_EQ(to_text(Duration::nanoseconds(std::numeric_limits<std::int64_t>::min())), "-9223372036.854775808 s");
}

TEST(Buffer, CopiesAndSharesAndKnowsItsDigest) {
  const std::size_t before = FramePool::bytes_in_use();
  {
    std::array<std::byte, 4096> page{};
    std::memset(page.data(), 7, page.size());
    const BufferRef buffer = Buffer::copy(page);
    const BufferRef shared = buffer;
    EXPECT_EQ(shared->data(), buffer->data());
    EXPECT_EQ(0, std::memcmp(buffer->data(), page.data(), page.size()));
    EXPECT_EQ(buffer->digest(), digest_bytes(page));
    EXPECT_NE(buffer->digest(), Buffer::zeros(4096)->digest());
    EXPECT_EQ(Buffer::zeros(10)->bytes()[9], std::byte{0});
    EXPECT_EQ(Buffer::zeros(0)->size(), 0U);
  }
  EXPECT_EQ(FramePool::bytes_in_use(), before);
}

TEST(FramePool, CountsBytesAndGivesDistinctBlocks) {
  const std::size_t before = FramePool::bytes_in_use();
  for (const std::size_t size : {1U, 64U, 65U, 4096U, 4352U, 4353U, 100'000U}) {
    void* a = FramePool::allocate(size);
    void* b = FramePool::allocate(size);
    std::memset(a, 1, size);
    std::memset(b, 2, size);
    EXPECT_EQ(static_cast<unsigned char*>(a)[size - 1], 1);
    EXPECT_EQ(FramePool::bytes_in_use(), before + 2 * size);
    FramePool::release(a, size);
    FramePool::release(b, size);
  }
  EXPECT_EQ(FramePool::bytes_in_use(), before);
}

}  // namespace
}  // namespace tidemark::sim
