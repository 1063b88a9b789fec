// The log of a durability follower, byte by byte: docs/log_format.md. Shared by the writer (follower_log.h) and the
// scanner (log_scan.h); nothing else knows the layout.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/srs/byte_codec.h"
#include "model/types/entry.h"

namespace tidemark::model::srs {

inline constexpr std::uint32_t kLogMagic = 0x4c4d4454;     // "TDML"
inline constexpr std::uint32_t kRecordMagic = 0x524d4454;  // "TDMR"
inline constexpr std::uint32_t kLogVersion = 2;
inline constexpr std::uint32_t kLogPrefixBytes = 32;
inline constexpr std::uint32_t kRecordHeaderBytes = 112;
inline constexpr std::uint32_t kListItemBytes = 12;  // page number and page checksum

enum class RecordType : std::uint32_t {
  kEntry = 1,
  /// The log was cut: it goes on after `bookmark`, which an earlier record holds (or which is the base). No pages.
  kCut = 2,
};

/// A record is this header, the list of its pages, and the pages.
struct RecordHeader {
  RecordType type = RecordType::kEntry;
  EntryKind kind = EntryKind::kTransaction;
  sim::Instant committed;            // of the entry
  std::uint32_t pages = 0;           // in the record
  std::uint32_t database_pages = 0;  // size of the database after the entry
  std::uint32_t page_size = 0;
  Bookmark previous;
  Bookmark bookmark;
  std::uint64_t durable_end = 0;    // bytes of this file known to be durable when the record was written
  std::uint64_t list_checksum = 0;  // of the list of pages
  std::uint64_t bytes() const {
    return kRecordHeaderBytes + std::uint64_t{pages} * (kListItemBytes + std::uint64_t{page_size});
  }
};

struct ListItem {
  std::uint32_t page = 0;
  std::uint64_t checksum = 0;
};

using PrefixBytes = std::array<std::byte, kLogPrefixBytes>;

/// Every checksum of a file is seeded with the generation of its log and with the place of what it covers: bytes of
/// another life of the log, or at a wrong place, are not taken.
struct LogIdentity {
  std::uint32_t page_size = 4096;
  std::uint64_t generation = 0;  // of the Join that the log began with
};

PrefixBytes encode_prefix(const LogIdentity& log);
/// Empty when `bytes` is the prefix of this log, else what is wrong with it, in words.
std::string prefix_problem(std::span<const std::byte> bytes, const LogIdentity& log);

/// Header and list of `entry`; the pages follow.
std::vector<std::byte> encode_record_head(const Entry& entry, std::uint64_t durable_end, std::uint64_t offset,
                                          const LogIdentity& log);
/// The whole record of a cut after `bookmark`.
std::vector<std::byte> encode_cut(const Bookmark& bookmark, std::uint64_t durable_end, std::uint64_t offset,
                                  const LogIdentity& log);
bool decode_header(std::span<const std::byte> bytes, std::uint64_t offset, const LogIdentity& log, RecordHeader& out);
/// `bytes` is the list of the record with this header.
bool decode_list(std::span<const std::byte> bytes, const RecordHeader& header, std::vector<ListItem>& out);

}  // namespace tidemark::model::srs
