#include "model/srs/cold_format.h"

#include "base/digest.h"
#include "model/srs/byte_codec.h"

namespace tidemark::model::srs {
namespace {

sim::BufferRef encode_head(std::uint32_t magic, std::uint32_t page_size, std::span<const std::byte> index) {
  ByteWriter head;
  head.u32(magic);
  head.u32(kColdVersion);
  head.u32(page_size);
  head.u32(static_cast<std::uint32_t>(index.size()));
  head.u64(digest_bytes(index).low);
  head.u64(digest_bytes(head.bytes()).low);
  std::vector<std::byte> bytes(head.bytes().begin(), head.bytes().end());
  bytes.insert(bytes.end(), index.begin(), index.end());
  return sim::Buffer::copy(bytes);
}

std::string hex16(sim::Instant instant) {
  std::string text;
  const auto value = static_cast<std::uint64_t>(instant.ns());
  for (int shift = 60; shift >= 0; shift -= 4) text.push_back("0123456789abcdef"[value >> shift & 15]);
  return text;
}

bool parse_hex16(std::string_view text, sim::Instant& out) {
  if (text.size() != 16) return false;
  std::uint64_t value = 0;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && !(c >= 'a' && c <= 'f')) return false;
    value = value << 4 | static_cast<std::uint64_t>(digit ? c - '0' : c - 'a' + 10);
  }
  out = sim::Instant::from_ns(static_cast<std::int64_t>(value));
  return true;
}

}  // namespace

std::string segment_key(std::string_view database, const Bookmark& first, const Bookmark& last) {
  return std::string(database) + "/segment/" + first.text() + "_" + last.text();
}

std::string snapshot_key(std::string_view database, const Bookmark& at, sim::Instant recorded) {
  return std::string(database) + "/snapshot/" + at.text() + "_" + hex16(recorded);
}

bool parse_key(std::string_view database, std::string_view key, ColdKey& out) {
  constexpr std::string_view kSegment = "/segment/";
  constexpr std::string_view kSnapshot = "/snapshot/";
  constexpr std::size_t kText = Bookmark::kTextLength;
  if (!key.starts_with(database)) return false;
  key.remove_prefix(database.size());
  const bool snapshot = key.starts_with(kSnapshot);
  if (!snapshot && !key.starts_with(kSegment)) return false;
  key.remove_prefix(snapshot ? kSnapshot.size() : kSegment.size());
  if (key.size() <= kText || key[kText] != '_' || !Bookmark::parse(key.substr(0, kText), out.first)) return false;
  const std::string_view second = key.substr(kText + 1);
  out.kind = snapshot ? ColdKey::Kind::kSnapshot : ColdKey::Kind::kSegment;
  out.recorded = {};
  if (!snapshot) return Bookmark::parse(second, out.last);
  out.last = out.first;
  return parse_hex16(second, out.recorded);
}

sim::ObjectBody encode_segment(const std::vector<EntryRef>& entries, std::uint32_t page_size) {
  TIDEMARK_ASSERT(!entries.empty());
  ByteWriter index;
  index.u32(static_cast<std::uint32_t>(entries.size()));
  index.bookmark(entries.front()->previous());
  sim::ObjectBody body;
  body.parts.push_back(nullptr);  // the head comes here
  for (const EntryRef& entry : entries) {
    index.bookmark(entry->bookmark());
    index.u64(static_cast<std::uint64_t>(entry->committed().ns()));
    index.u32(static_cast<std::uint32_t>(entry->kind()));
    index.u32(entry->database_pages());
    index.u32(static_cast<std::uint32_t>(entry->frames().size()));
    for (const EntryFrame& frame : entry->frames()) {
      index.u32(frame.page);
      index.u64(frame.bytes->digest().low);
      body.parts.push_back(frame.bytes);
    }
  }
  body.parts.front() = encode_head(kSegmentMagic, page_size, index.bytes());
  return body;
}

sim::ObjectBody encode_snapshot(const PageTable& image, const Bookmark& label, std::uint32_t page_size) {
  ByteWriter index;
  index.bookmark(label);
  index.u64(static_cast<std::uint64_t>(image.recorded().ns()));
  index.u32(image.pages());
  sim::ObjectBody body;
  body.parts.push_back(nullptr);
  for (std::uint32_t number = 1; number <= image.pages(); ++number) {
    // A page that no entry wrote is there only by a mistake in the capture (bug C1).
    const sim::BufferRef page = image.page(number);
    body.parts.push_back(page != nullptr ? page : sim::Buffer::zeros(page_size));
    index.u64(body.parts.back()->digest().low);
  }
  body.parts.front() = encode_head(kSnapshotMagic, page_size, index.bytes());
  return body;
}

}  // namespace tidemark::model::srs
