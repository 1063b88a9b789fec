// The trace file: every event of a run as a fixed-size binary record. Shared by writer and reader.
//
//   header  16 bytes  "TMTRACE\0", version (4), bytes per record (4)
//   record  64 bytes  one per event, see below
//   footer  24 bytes  "TMTREND\0", number of records (8), XXH3-64 of the 16 bytes before (8)
//
//   offset of a record  0 sequence (8)   8 instant in ns (8)   16 kind (2)   18 zero (2)   20 process (4)
//                      24 tag (8)       32 digest high (8)     40 digest low (8)
//                      48 cause (8): sequence of the event that scheduled it, 0 = none
//                      56 XXH3-64 of bytes 0..55 (8)
//
// All numbers are little-endian. Sequence numbers grow by one from record to record; instants never fall.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/digest.h"

namespace tidemark::sim::trace_format {

inline constexpr std::string_view kMagic{"TMTRACE\0", 8};
inline constexpr std::string_view kEndMagic{"TMTREND\0", 8};
inline constexpr std::uint32_t kVersion = 2;
inline constexpr std::size_t kHeaderBytes = 16;
inline constexpr std::size_t kRecordBytes = 64;
inline constexpr std::size_t kFooterBytes = 24;
inline constexpr std::size_t kKindAt = 16;
inline constexpr std::size_t kProcessAt = 20;
inline constexpr std::size_t kTagAt = 24;
inline constexpr std::size_t kDigestAt = 32;
inline constexpr std::size_t kCauseAt = 48;
inline constexpr std::size_t kCheckAt = 56;

template <typename Number>
void put(std::span<char> bytes, std::size_t at, Number number) {
  for (std::size_t i = 0; i < sizeof(Number); ++i)
    bytes[at + i] = static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i) & 0xff);
}
template <typename Number>
Number get(std::span<const char> bytes, std::size_t at) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i)
    number |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return static_cast<Number>(number);
}
inline std::uint64_t check_of(std::span<const char> bytes) {
  return hash_name({bytes.data(), bytes.size()});
}

}  // namespace tidemark::sim::trace_format
