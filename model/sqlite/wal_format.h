// Layout of the two files of SQLite's write-ahead log that Tidemark reads and writes itself: the WAL file and the
// wal-index ("shared memory"). One header for writer, capture, scanner and image reader.
//
// Sources: the documents "WAL-mode File Format" and "Database File Format" of sqlite.org, library 3.40.1. WAL file
// integers are big-endian; the wal-index is in host order; checksums are over 32-bit words in the order that the magic
// names (ours: little-endian, as on the machine that runs us).
#pragma once

#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tidemark::model::sqlite {

static_assert(std::endian::native == std::endian::little, "wal-index and checksums are written in host order");

// ---- WAL file: header, then frames of header + page.
inline constexpr std::uint32_t kWalHeaderBytes = 32;
inline constexpr std::uint32_t kFrameHeaderBytes = 24;
inline constexpr std::uint32_t kWalMagic = 0x377f0682;  // checksums over little-endian words
inline constexpr std::uint32_t kWalVersion = 3007000;

/// Byte offsets in the WAL header and in a frame header.
inline constexpr std::size_t kWalPageSizeAt = 8;
inline constexpr std::size_t kWalSequenceAt = 12;
inline constexpr std::size_t kWalSaltsAt = 16;
inline constexpr std::size_t kWalChecksumAt = 24;
inline constexpr std::size_t kFramePageAt = 0;
inline constexpr std::size_t kFrameCommitAt = 4;  // database pages after the commit; 0 = not a commit frame
inline constexpr std::size_t kFrameSaltsAt = 8;
inline constexpr std::size_t kFrameChecksumAt = 16;

/// Frames are numbered from 1; frame 0 means "none".
constexpr std::uint64_t frame_offset(std::uint32_t frame, std::uint32_t page_size) {
  return kWalHeaderBytes + std::uint64_t{frame - 1} * (kFrameHeaderBytes + page_size);
}

inline std::uint32_t get_u32(const std::byte* from) {
  std::uint32_t value = 0;
  std::memcpy(&value, from, sizeof value);
  return __builtin_bswap32(value);
}
inline void put_u32(std::byte* to, std::uint32_t value) {
  value = __builtin_bswap32(value);
  std::memcpy(to, &value, sizeof value);
}

/// The eight salt bytes exactly as the WAL header holds them. Frames of an older WAL have other salts.
struct Salts {
  std::uint32_t raw[2] = {0, 0};
  friend bool operator==(const Salts&, const Salts&) = default;
};

/// Running state of SQLite's WAL checksum.
struct Checksum {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  friend bool operator==(const Checksum&, const Checksum&) = default;
};

// ---- Wal-index: regions of 32 KiB. Each maps 4,096 frames (the first 4,062: it also holds the headers) to their page
// numbers, and has a hash table of 8,192 slots from page number to frame.
inline constexpr std::size_t kIndexRegionBytes = 32768;
inline constexpr std::size_t kIndexHeaderBytes = 136;
inline constexpr std::uint32_t kRegionFrames = 4096;
inline constexpr std::uint32_t kFirstRegionFrames = 4062;
inline constexpr std::uint32_t kRegionSlots = 8192;
inline constexpr std::uint32_t kHashFactor = 383;
static_assert(kFirstRegionFrames == kRegionFrames - kIndexHeaderBytes / sizeof(std::uint32_t));

/// Two copies at offset 0 of region 0. A reader takes a header only when both are equal and the checksum holds.
struct IndexHeader {
  std::uint32_t version = 0;  // kWalVersion
  std::uint32_t unused = 0;
  std::uint32_t change = 0;  // counts transactions; what makes a connection drop its page cache
  std::uint8_t initialised = 0;
  std::uint8_t big_endian_checksums = 0;
  std::uint16_t page_size = 0;   // 1 stands for 65,536
  std::uint32_t last_frame = 0;  // mxFrame: the newest frame that is visible
  std::uint32_t pages = 0;       // database size at that frame
  Checksum frame_checksum;       // state after that frame
  Salts salts;
  Checksum header_checksum;  // over everything above
};
static_assert(sizeof(IndexHeader) == 48);

inline constexpr std::uint32_t kReadMarks = 5;
inline constexpr std::uint32_t kReadMarkUnused = 0xffffffff;

/// After the two headers. A read mark i (1 to 4) with a shared lock on it says: somebody reads at frame mark[i] or
/// newer, so a checkpoint must not pass it. Mark 0 means "reads the database file only".
struct CheckpointInfo {
  std::uint32_t backfilled = 0;  // frames that are in the database file
  std::uint32_t read_mark[kReadMarks] = {};
  std::uint8_t lock_bytes[8] = {};
  std::uint32_t backfill_attempted = 0;
  std::uint32_t unused = 0;
};
static_assert(2 * sizeof(IndexHeader) + sizeof(CheckpointInfo) == kIndexHeaderBytes);

/// Numbers of the eight lock slots.
inline constexpr int kWriteLock = 0;
inline constexpr int kCheckpointLock = 1;
inline constexpr int kRecoverLock = 2;
inline constexpr int kReadLock0 = 3;
inline constexpr int kLockSlots = 8;

constexpr std::uint16_t encode_page_size(std::uint32_t size) {
  return static_cast<std::uint16_t>((size & 0xff00U) | (size >> 16));
}
constexpr std::uint32_t decode_page_size(std::uint16_t coded) {
  return (coded & 0xfe00U) + ((coded & 0x0001U) << 16);
}

/// A place in the sequence of WALs of one copy: the WAL starts again from frame 1 after a full checkpoint, so a frame
/// number means nothing without the generation.
struct WalPosition {
  std::uint32_t generation = 0;  // 0-based, counted by whoever watches the copy since it opened it
  std::uint32_t frame = 0;
  friend constexpr auto operator<=>(const WalPosition&, const WalPosition&) = default;
};

}  // namespace tidemark::model::sqlite
