#include "model/srs/log_format.h"

#include <algorithm>

#include "base/assert.h"
#include "base/digest.h"

namespace tidemark::model::srs {
namespace {

constexpr std::size_t kChecksumBytes = 8;

std::uint64_t checksum(std::span<const std::byte> bytes, std::uint64_t generation, std::uint64_t offset) {
  return digest_bytes(bytes, {generation, offset}).low;
}

/// Fills up with zeros to `size` bytes, the last eight of which are the checksum of those before.
void seal(ByteWriter& writer, std::size_t size, std::uint64_t generation, std::uint64_t offset) {
  TIDEMARK_ASSERT(writer.bytes().size() + kChecksumBytes <= size);
  while (writer.bytes().size() + kChecksumBytes < size) writer.u32(0);
  writer.u64(checksum(writer.bytes(), generation, offset));
  TIDEMARK_ASSERT(writer.bytes().size() == size);
}

bool sealed(std::span<const std::byte> bytes, std::uint64_t generation, std::uint64_t offset) {
  ByteReader sum(bytes.last(kChecksumBytes));
  return sum.u64() == checksum(bytes.first(bytes.size() - kChecksumBytes), generation, offset);
}

/// The header, with room for `more` bytes behind it.
ByteWriter encode_header(const RecordHeader& header, std::uint64_t offset, const LogIdentity& log,
                         std::size_t more = 0) {
  ByteWriter writer;
  writer.reserve(kRecordHeaderBytes + more);
  writer.u32(kRecordMagic);
  writer.u32(static_cast<std::uint32_t>(header.type));
  writer.u32(header.pages);
  writer.u32(header.database_pages);
  writer.u32(log.page_size);
  writer.bookmark(header.previous);
  writer.bookmark(header.bookmark);
  writer.u64(header.durable_end);
  writer.u64(header.list_checksum);
  writer.u32(static_cast<std::uint32_t>(header.kind));
  writer.u64(static_cast<std::uint64_t>(header.committed.ns()));
  seal(writer, kRecordHeaderBytes, log.generation, offset);
  return writer;
}

bool known(std::uint32_t type, std::uint32_t kind) {
  return (type == static_cast<std::uint32_t>(RecordType::kEntry) ||
          type == static_cast<std::uint32_t>(RecordType::kCut)) &&
         kind <= static_cast<std::uint32_t>(EntryKind::kRestore);
}

}  // namespace

PrefixBytes encode_prefix(const LogIdentity& log) {
  ByteWriter writer;
  writer.u32(kLogMagic);
  writer.u32(kLogVersion);
  writer.u32(log.page_size);
  writer.u64(log.generation);
  seal(writer, kLogPrefixBytes, 0, 0);
  PrefixBytes out;
  std::copy(writer.bytes().begin(), writer.bytes().end(), out.begin());
  return out;
}

std::string prefix_problem(std::span<const std::byte> bytes, const LogIdentity& log) {
  if (bytes.size() != kLogPrefixBytes) return "the log's own header is incomplete";
  if (!sealed(bytes, 0, 0)) return "the log's own header is damaged";
  ByteReader reader(bytes);
  if (reader.u32() != kLogMagic) return "this is not a follower's log";
  const std::uint32_t version = reader.u32();
  if (version != kLogVersion) {
    return "the log has format version " + std::to_string(version) + ", this program knows only version " +
           std::to_string(kLogVersion);
  }
  const std::uint32_t page_size = reader.u32();
  if (page_size != log.page_size) return "the log has pages of " + std::to_string(page_size) + " bytes";
  const std::uint64_t generation = reader.u64();
  if (generation != log.generation) return "the log is of generation " + std::to_string(generation);
  return "";
}

std::vector<std::byte> encode_record_head(const Entry& entry, std::uint64_t durable_end, std::uint64_t offset,
                                          const LogIdentity& log) {
  ByteWriter list;
  list.reserve(entry.frames().size() * kListItemBytes);
  for (const EntryFrame& frame : entry.frames()) {
    list.u32(frame.page);
    list.u64(frame.bytes->digest().low);
  }
  RecordHeader header;
  header.kind = entry.kind();
  header.committed = entry.committed();
  header.pages = static_cast<std::uint32_t>(entry.frames().size());
  header.database_pages = entry.database_pages();
  header.previous = entry.previous();
  header.bookmark = entry.bookmark();
  header.durable_end = durable_end;
  header.list_checksum = digest_bytes(list.bytes()).low;
  ByteWriter record = encode_header(header, offset, log, list.bytes().size());
  record.append(list.bytes());
  return record.take();
}

std::vector<std::byte> encode_cut(const Bookmark& bookmark, std::uint64_t durable_end, std::uint64_t offset,
                                  const LogIdentity& log) {
  RecordHeader header;
  header.type = RecordType::kCut;
  header.previous = header.bookmark = bookmark;
  header.durable_end = durable_end;
  header.list_checksum = digest_bytes({}).low;
  return encode_header(header, offset, log).take();
}

bool decode_header(std::span<const std::byte> bytes, std::uint64_t offset, const LogIdentity& log, RecordHeader& out) {
  if (bytes.size() != kRecordHeaderBytes) return false;
  ByteReader reader(bytes);
  if (reader.u32() != kRecordMagic || !sealed(bytes, log.generation, offset)) return false;
  const std::uint32_t type = reader.u32();
  out.pages = reader.u32();
  out.database_pages = reader.u32();
  out.page_size = reader.u32();
  out.previous = reader.bookmark();
  out.bookmark = reader.bookmark();
  out.durable_end = reader.u64();
  out.list_checksum = reader.u64();
  const std::uint32_t kind = reader.u32();
  out.committed = sim::Instant::from_ns(static_cast<std::int64_t>(reader.u64()));
  if (!known(type, kind) || out.page_size != log.page_size) return false;
  out.type = static_cast<RecordType>(type);
  out.kind = static_cast<EntryKind>(kind);
  return out.type == RecordType::kEntry || out.pages == 0;
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
