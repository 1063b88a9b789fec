#include "scenarios/run/wal_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

namespace tidemark::scenarios {
namespace {

// Integers are big-endian; the magic says in which order the checksum reads its words.
constexpr std::size_t kHeaderBytes = 32;
constexpr std::size_t kFrameHeaderBytes = 24;
constexpr std::uint32_t kMagicLittle = 0x377f0682;
constexpr std::uint32_t kMagicBig = 0x377f0683;
constexpr std::uint32_t kVersion = 3007000;

std::uint32_t word(std::span<const std::byte> bytes, std::size_t at, bool big) {
  // Every byte of every WAL goes through here.
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return big == (std::endian::native == std::endian::big) ? value : __builtin_bswap32(value);
}
std::uint32_t number(std::span<const std::byte> bytes, std::size_t at) {
  return word(bytes, at, true);
}

struct Sum {
  std::uint32_t first = 0;
  std::uint32_t second = 0;

  void add(std::span<const std::byte> bytes, bool big) {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      first += word(bytes, at, big) + second;
      second += word(bytes, at + 4, big) + first;
    }
  }
  bool stored(std::span<const std::byte> bytes, std::size_t at) const {
    return number(bytes, at) == first && number(bytes, at + 4) == second;
  }
};

std::string header_problem(std::span<const std::byte> wal, std::size_t page_size) {
  if (wal.size() < kHeaderBytes) return fmt::format("it has {} bytes, less than a header", wal.size());
  const std::uint32_t magic = number(wal, 0);
  if (magic != kMagicLittle && magic != kMagicBig) return fmt::format("its magic is {:08x}", magic);
  if (number(wal, 4) != kVersion) return fmt::format("its version is {}", number(wal, 4));
  if (number(wal, 8) != page_size)
    return fmt::format("its page size is {}, that of the database {}", number(wal, 8), page_size);
  Sum sum;
  sum.add(wal.first(24), magic == kMagicBig);
  return sum.stored(wal, 24) ? "" : "the checksum of its header is wrong";
}

std::string frame_problem(std::span<const std::byte> wal, std::span<const std::byte> frame, Sum& sum) {
  if (!std::equal(wal.begin() + 16, wal.begin() + 24, frame.begin() + 8))
    return fmt::format("has not the salts of the header ({:08x} {:08x}, not {:08x} {:08x})", number(frame, 8),
                       number(frame, 12), number(wal, 16), number(wal, 20));
  const bool big = number(wal, 0) == kMagicBig;
  sum.add(frame.first(8), big);
  sum.add(frame.subspan(kFrameHeaderBytes), big);
  if (!sum.stored(frame, 16)) return "has a checksum that does not continue the chain";
  return number(frame, 0) == 0 ? "is of page 0" : "";
}

}  // namespace

std::string wal_problem(std::span<const std::byte> wal, std::size_t page_size) {
  if (wal.empty()) return {};
  if (std::string problem = header_problem(wal, page_size); !problem.empty()) return problem;
  const std::size_t frame_bytes = kFrameHeaderBytes + page_size;
  if ((wal.size() - kHeaderBytes) % frame_bytes != 0) return "it does not end with a whole frame";
  Sum sum;
  sum.add(wal.first(24), number(wal, 0) == kMagicBig);
  std::size_t frames = 0;  // of the transaction that has not ended yet
  for (std::size_t at = kHeaderBytes; at < wal.size(); at += frame_bytes) {
    const std::span<const std::byte> frame = wal.subspan(at, frame_bytes);
    if (const std::string problem = frame_problem(wal, frame, sum); !problem.empty())
      return fmt::format("frame {} {}", (at - kHeaderBytes) / frame_bytes + 1, problem);
    frames = number(frame, 4) == 0 ? frames + 1 : 0;  // the size of the database after a commit, else 0
  }
  return frames == 0 ? "" : fmt::format("it ends with {} frames of a transaction without its end", frames);
}

}  // namespace tidemark::scenarios
