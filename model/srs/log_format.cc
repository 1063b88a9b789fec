#include "model/srs/log_format.h"

#include <algorithm>

#include "base/assert.h"
#include "base/digest.h"

namespace tidemark::model::srs {
namespace {

constexpr std::size_t kChecksumBytes = 8;

std::uint64_t checksum(std::span<const std::byte> bytes, std::uint64_t offset) {
  return digest_bytes(bytes, {0, offset}).low;
}

/// Fills up with zeros to `size` bytes, the last eight of which are the checksum of those before.
void seal(ByteWriter& writer, std::size_t size, std::uint64_t offset) {
  TIDEMARK_ASSERT(writer.bytes().size() + kChecksumBytes <= size);
  while (writer.bytes().size() + kChecksumBytes < size) writer.u32(0);
  writer.u64(checksum(writer.bytes(), offset));
  TIDEMARK_ASSERT(writer.bytes().size() == size);
}

bool sealed(std::span<const std::byte> bytes, std::uint64_t offset) {
  ByteReader sum(bytes.last(kChecksumBytes));
  return sum.u64() == checksum(bytes.first(bytes.size() - kChecksumBytes), offset);
}

}  // namespace

PrefixBytes encode_prefix(std::uint32_t page_size) {
  ByteWriter writer;
  writer.u32(kLogMagic);
  writer.u32(kLogVersion);
  writer.u32(page_size);
  seal(writer, kLogPrefixBytes, 0);
  PrefixBytes out;
  std::copy(writer.bytes().begin(), writer.bytes().end(), out.begin());
  return out;
}

bool check_prefix(std::span<const std::byte> bytes, std::uint32_t page_size) {
  if (bytes.size() != kLogPrefixBytes || !sealed(bytes, 0)) return false;
  ByteReader reader(bytes);
  return reader.u32() == kLogMagic && reader.u32() == kLogVersion && reader.u32() == page_size;
}

std::vector<std::byte> encode_record_head(const Entry& entry, std::uint64_t durable_end, std::uint64_t offset,
                                          std::uint32_t page_size) {
  ByteWriter list;
  for (const EntryFrame& frame : entry.frames()) {
    list.u32(frame.page);
    list.u64(frame.bytes->digest().low);
  }
  ByteWriter writer;
  writer.u32(kRecordMagic);
  writer.u32(static_cast<std::uint32_t>(RecordType::kEntry));
  writer.u32(static_cast<std::uint32_t>(entry.frames().size()));
  writer.u32(entry.database_pages());
  writer.u32(page_size);
  writer.bookmark(entry.previous());
  writer.bookmark(entry.bookmark());
  writer.u64(durable_end);
  writer.u64(digest_bytes(list.bytes()).low);
  seal(writer, kRecordHeaderBytes, offset);
  std::vector<std::byte> out(writer.bytes().begin(), writer.bytes().end());
  out.insert(out.end(), list.bytes().begin(), list.bytes().end());
  return out;
}

bool decode_header(std::span<const std::byte> bytes, std::uint64_t offset, std::uint32_t page_size, RecordHeader& out) {
  if (bytes.size() != kRecordHeaderBytes) return false;
  ByteReader reader(bytes);
  if (reader.u32() != kRecordMagic || !sealed(bytes, offset)) return false;
  if (reader.u32() != static_cast<std::uint32_t>(RecordType::kEntry)) return false;
  out.pages = reader.u32();
  out.database_pages = reader.u32();
  out.page_size = reader.u32();
  out.previous = reader.bookmark();
  out.bookmark = reader.bookmark();
  out.durable_end = reader.u64();
  out.list_checksum = reader.u64();
  return out.page_size == page_size && out.pages > 0;
}

bool decode_list(std::span<const std::byte> bytes, const RecordHeader& header, std::vector<ListItem>& out) {
  if (bytes.size() != std::size_t{header.pages} * kListItemBytes || digest_bytes(bytes).low != header.list_checksum)
    return false;
  ByteReader reader(bytes);
  out.clear();
  for (std::uint32_t i = 0; i < header.pages; ++i) {
    ListItem item;
    item.page = reader.u32();
    item.checksum = reader.u64();
    out.push_back(item);
  }
  return reader.ok();
}

}  // namespace tidemark::model::srs
