// Objects of cold storage, byte by byte: docs/cold_storage.md. A segment is a run of entries, a snapshot a whole image.
// Pages travel as parts of the object of their own, shared by reference; the format is the concatenation of all parts.
//
// The key of an object says what is in it, and the log up to its last bookmark (which carries the running digest)
// says every byte: whoever writes an object of some key, and how often, writes the same object.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/srs/page_table.h"
#include "model/types/entry.h"
#include "sim/core/object_store.h"

namespace tidemark::model::srs {

inline constexpr std::uint32_t kSegmentMagic = 0x53434454;   // "TDCS"
inline constexpr std::uint32_t kSnapshotMagic = 0x50434454;  // "TDCP"
inline constexpr std::uint32_t kColdVersion = 2;
inline constexpr std::size_t kColdHeadBytes = 32;

/// `<database>/segment/<first>_<last>`: bookmarks of the first and last entry. Keys sort as the log does.
std::string segment_key(std::string_view database, const Bookmark& first, const Bookmark& last);
/// `<database>/snapshot/<bookmark>_<recorded time>`: 16 hex digits of nanoseconds (PageTable::recorded()).
std::string snapshot_key(std::string_view database, const Bookmark& at, sim::Instant recorded);

struct ColdKey {
  enum class Kind : std::uint8_t { kSegment, kSnapshot } kind = Kind::kSegment;
  Bookmark first;  // a snapshot: its label twice
  Bookmark last;
  sim::Instant recorded;  // of a snapshot
};
/// False when `key` is not a key of this database.
bool parse_key(std::string_view database, std::string_view key, ColdKey& out);

/// `entries` follow each other; at least one.
sim::ObjectBody encode_segment(const std::vector<EntryRef>& entries, std::uint32_t page_size);
/// `label` is what the snapshot claims; it is the caller's duty that it is true.
sim::ObjectBody encode_snapshot(const PageTable& image, const Bookmark& label, std::uint32_t page_size);

/// False, and `problem` in words, when the object is damaged: truncated, a checksum fails, or entries do not chain.
bool decode_segment(const sim::ObjectBody& body, std::uint32_t page_size, std::vector<EntryRef>& out,
                    std::string& problem);
/// kTrusted skips the checksums of the pages; only bug E19 does.
enum class PageChecks : std::uint8_t { kVerified, kTrusted };
bool decode_snapshot(const sim::ObjectBody& body, std::uint32_t page_size, PageTable& out, std::string& problem,
                     PageChecks checks = PageChecks::kVerified);

}  // namespace tidemark::model::srs
