#include "model/srs/cold_format.h"

#include <algorithm>
#include <cstring>

#include "base/digest.h"
#include "model/srs/byte_codec.h"

namespace tidemark::model::srs {
namespace {

constexpr std::size_t kHeadBytes =
    32;  // magic, version, page size, bytes of the index (4 each), checksums of index and head (8 each)

/// Reads an object front to back, whatever its parts are.
class RopeReader {
 public:
  explicit RopeReader(const sim::ObjectBody& body) : body_(body), left_(body.size()) {}
  std::uint64_t left() const { return left_; }

  /// False when fewer bytes are left.
  bool copy(std::span<std::byte> into) {
    if (into.size() > left_) return false;
    for (std::size_t done = 0; done < into.size();) {
      const sim::Buffer& part = *body_.parts[part_];
      const std::size_t size = std::min(into.size() - done, part.size() - at_);
      if (size != 0) std::memcpy(into.data() + done, part.data() + at_, size);
      done += size;
      at_ += size;
      if (at_ == part.size()) next_part();
    }
    left_ -= into.size();
    return true;
  }
  /// The next `size` bytes; the part itself when it is exactly that.
  sim::BufferRef take(std::size_t size) {
    while (part_ < body_.parts.size() && body_.parts[part_]->size() == 0) next_part();
    if (part_ < body_.parts.size() && at_ == 0 && body_.parts[part_]->size() == size) {
      left_ -= size;
      sim::BufferRef whole = body_.parts[part_];
      next_part();
      return whole;
    }
    if (size > left_) return nullptr;
    std::vector<std::byte> bytes(size);
    copy(bytes);
    return sim::Buffer::copy(bytes);
  }

 private:
  void next_part() {
    ++part_;
    at_ = 0;
  }
  const sim::ObjectBody& body_;
  std::uint64_t left_;
  std::size_t part_ = 0;
  std::size_t at_ = 0;
};

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

/// The checked index of an object.
bool read_index(RopeReader& rope, std::uint32_t magic, std::uint32_t page_size, std::vector<std::byte>& index,
                std::string& problem) {
  std::byte bytes[kHeadBytes];
  if (!rope.copy(bytes)) return problem = "the head is incomplete", false;
  ByteReader head(bytes);
  const std::uint32_t found_magic = head.u32();
  const std::uint32_t version = head.u32();
  const std::uint32_t found_page_size = head.u32();
  const std::uint32_t index_bytes = head.u32();
  const std::uint64_t index_checksum = head.u64();
  if (head.u64() != digest_bytes(std::span(bytes).first(kHeadBytes - 8)).low)
    return problem = "the head is damaged", false;
  if (found_magic != magic) return problem = "an object of another kind", false;
  if (version != kColdVersion) return problem = "an unknown version", false;
  if (found_page_size != page_size) return problem = "another page size", false;
  if (index_bytes > rope.left()) return problem = "the index is incomplete", false;
  index.resize(index_bytes);
  rope.copy(index);
  if (digest_bytes(index).low != index_checksum) return problem = "the index is damaged", false;
  return true;
}

bool read_page(RopeReader& rope, std::uint32_t page_size, std::uint64_t checksum, sim::BufferRef& page,
               std::string& problem) {
  page = rope.take(page_size);
  if (page == nullptr) return problem = "a page is missing", false;
  if (page->digest().low != checksum) return problem = "a page is damaged", false;
  return true;
}

bool read_entry(ByteReader& index, RopeReader& rope, std::uint32_t page_size, Bookmark& position,
                std::vector<EntryRef>& out, std::string& problem) {
  const Bookmark bookmark = index.bookmark();
  CommittedTransaction transaction;
  transaction.database_pages = index.u32();
  const std::uint32_t frames = index.u32();
  for (std::uint32_t i = 0; i < frames && index.ok(); ++i) {
    EntryFrame frame;
    frame.page = index.u32();
    if (!read_page(rope, page_size, index.u64(), frame.bytes, problem)) return false;
    transaction.frames.push_back(std::move(frame));
  }
  if (!index.ok()) return problem = "the index ends within an entry", false;
  out.push_back(Entry::restore(position, bookmark, std::move(transaction)));
  if (!out.back()->chained()) return problem = "an entry's digest does not fit its content", false;
  position = bookmark;
  return true;
}

}  // namespace

std::string segment_key(std::string_view database, const Bookmark& first, const Bookmark& last) {
  return std::string(database) + "/segment/" + first.text() + "_" + last.text();
}

std::string snapshot_key(std::string_view database, const Bookmark& at) {
  return std::string(database) + "/snapshot/" + at.text();
}

bool parse_key(std::string_view database, std::string_view key, ColdKey& out) {
  constexpr std::string_view kSegment = "/segment/";
  constexpr std::string_view kSnapshot = "/snapshot/";
  if (!key.starts_with(database)) return false;
  key.remove_prefix(database.size());
  if (key.starts_with(kSnapshot)) {
    out.kind = ColdKey::Kind::kSnapshot;
    if (!Bookmark::parse(key.substr(kSnapshot.size()), out.first)) return false;
    out.last = out.first;
    return true;
  }
  if (!key.starts_with(kSegment)) return false;
  key.remove_prefix(kSegment.size());
  out.kind = ColdKey::Kind::kSegment;
  return key.size() == 2 * Bookmark::kTextLength + 1 && key[Bookmark::kTextLength] == '_' &&
         Bookmark::parse(key.substr(0, Bookmark::kTextLength), out.first) &&
         Bookmark::parse(key.substr(Bookmark::kTextLength + 1), out.last);
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

sim::ObjectBody encode_snapshot(const PageReader& image, const Bookmark& label, std::uint32_t page_size) {
  ByteWriter index;
  index.bookmark(label);
  index.u32(image.pages());
  sim::ObjectBody body;
  body.parts.push_back(nullptr);
  for (std::uint32_t number = 1; number <= image.pages(); ++number) {
    body.parts.push_back(image.page(number));
    index.u64(body.parts.back()->digest().low);
  }
  body.parts.front() = encode_head(kSnapshotMagic, page_size, index.bytes());
  return body;
}

bool decode_segment(const sim::ObjectBody& body, std::uint32_t page_size, std::vector<EntryRef>& out,
                    std::string& problem) {
  RopeReader rope(body);
  std::vector<std::byte> bytes;
  if (!read_index(rope, kSegmentMagic, page_size, bytes, problem)) return false;
  ByteReader index(bytes);
  const std::uint32_t entries = index.u32();
  Bookmark position = index.bookmark();
  for (std::uint32_t i = 0; i < entries; ++i) {
    if (!read_entry(index, rope, page_size, position, out, problem)) return false;
  }
  if (index.left() != 0 || rope.left() != 0) return problem = "bytes behind the end", false;
  return true;
}

bool decode_snapshot(const sim::ObjectBody& body, std::uint32_t page_size, PageTable& out, std::string& problem) {
  RopeReader rope(body);
  std::vector<std::byte> bytes;
  if (!read_index(rope, kSnapshotMagic, page_size, bytes, problem)) return false;
  ByteReader index(bytes);
  const Bookmark label = index.bookmark();
  const std::uint32_t count = index.u32();
  if (index.left() != count * sizeof(std::uint64_t))
    return problem = "the index does not fit the number of pages", false;
  std::vector<sim::BufferRef> pages(count);
  for (sim::BufferRef& page : pages) {
    if (!read_page(rope, page_size, index.u64(), page, problem)) return false;
  }
  if (!index.ok() || index.left() != 0 || rope.left() != 0) return problem = "bytes behind the end", false;
  out = PageTable(label, std::move(pages));
  return true;
}

}  // namespace tidemark::model::srs
