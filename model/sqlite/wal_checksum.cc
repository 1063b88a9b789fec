#include "model/sqlite/wal_checksum.h"

#include "base/assert.h"

namespace tidemark::model::sqlite {
namespace {

struct Pair {
  std::uint32_t a, b;
};

Pair load(const std::byte* from) {
  Pair pair{};
  std::memcpy(&pair, from, sizeof pair);
  return pair;
}

void take(Checksum& state, Pair pair) {
  state.first += pair.a + state.second;
  state.second += pair.b + state.first;
}

}  // namespace

Checksum walk_checksum(std::span<const std::byte> bytes, Checksum state) {
  TIDEMARK_ASSERT(bytes.size() % sizeof(Pair) == 0);
  const std::byte* const end = bytes.data() + bytes.size();
  for (const std::byte* at = bytes.data(); at != end; at += sizeof(Pair)) take(state, load(at));
  return state;
}

ChecksumStep::ChecksumStep(std::size_t bytes) {
  TIDEMARK_ASSERT(bytes % sizeof(Pair) == 0);
  // M^n by squaring; all powers of M commute.
  std::uint32_t power_a = 1, power_b = 1, power_d = 2;
  for (std::size_t n = bytes / sizeof(Pair); n != 0; n >>= 1) {
    if ((n & 1) != 0) {
      const std::uint32_t a = a_ * power_a + b_ * power_b;
      const std::uint32_t b = a_ * power_b + b_ * power_d;
      const std::uint32_t d = b_ * power_b + d_ * power_d;
      a_ = a, b_ = b, d_ = d;
    }
    const std::uint32_t a = power_a * power_a + power_b * power_b;
    const std::uint32_t b = power_a * power_b + power_b * power_d;
    const std::uint32_t d = power_b * power_b + power_d * power_d;
    power_a = a, power_b = b, power_d = d;
  }
}

Checksum page_contribution(const sim::Buffer& page) {
  sim::Buffer::Memo& memo = page.memo();
  if (!memo.set) {
    // Four quarters at once: the walk is one long chain of dependent additions, four chains fill the processor.
    const std::size_t quarter = page.size() / 4;
    TIDEMARK_ASSERT(quarter % sizeof(Pair) == 0 && quarter * 4 == page.size());
    Checksum part[4];
    const std::byte* at = page.data();
    for (std::size_t i = 0; i < quarter; i += sizeof(Pair)) {
      for (std::size_t k = 0; k < 4; ++k) take(part[k], load(at + k * quarter + i));
    }
    const ChecksumStep step(quarter);
    Checksum sum = part[0];
    for (std::size_t k = 1; k < 4; ++k) sum = step.advance(sum, part[k]);
    remember_contribution(page, sum);
  }
  return {memo.first, memo.second};
}

void remember_contribution(const sim::Buffer& page, Checksum contribution) {
  page.memo() = {true, contribution.first, contribution.second};
}

}  // namespace tidemark::model::sqlite
