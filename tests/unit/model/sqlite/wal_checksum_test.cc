#include "model/sqlite/wal_checksum.h"

#include <gtest/gtest.h>

#include <vector>

#include "sim/core/random.h"

namespace tidemark::model::sqlite {
namespace {

std::vector<std::byte> noise(sim::RandomStream& stream, std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(stream());
  return bytes;
}

TEST(WalChecksum, AdvancingByTheContributionOfAPageEqualsWalkingOverIt) {
  sim::RandomStream stream(1, "checksum");
  for (const std::size_t size : {512U, 1024U, 4096U, 65536U}) {
    const ChecksumStep step(size);
    for (int i = 0; i < 50; ++i) {
      const std::vector<std::byte> bytes = noise(stream, size);
      const Checksum before{static_cast<std::uint32_t>(stream()), static_cast<std::uint32_t>(stream())};
      const Checksum after = walk_checksum(bytes, before);
      const sim::BufferRef page = sim::Buffer::copy(bytes);
      EXPECT_EQ(page_contribution(*page), walk_checksum(bytes, {}));
      EXPECT_EQ(step.advance(before, page_contribution(*page)), after);
      EXPECT_EQ(step.contribution(before, after), page_contribution(*page));
    }
  }
}

TEST(WalChecksum, RemembersTheContributionInTheBuffer) {
  const sim::BufferRef page = sim::Buffer::zeros(512);
  remember_contribution(*page, {3, 4});
  EXPECT_EQ(page_contribution(*page), (Checksum{3, 4}));
}

TEST(WalChecksum, StepsOfTwoPartsMakeTheStepOfTheWhole) {
  sim::RandomStream stream(2, "checksum");
  const std::vector<std::byte> bytes = noise(stream, 24);
  const Checksum first = walk_checksum(std::span(bytes).first(8), {});
  const Checksum rest = walk_checksum(std::span(bytes).subspan(8), {});
  EXPECT_EQ(ChecksumStep(16).advance(first, rest), walk_checksum(bytes, {}));
}

}  // namespace
}  // namespace tidemark::model::sqlite
