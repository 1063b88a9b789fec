// Reading segments and snapshots. Writing them and their keys: cold_format.cc.

#include <algorithm>
#include <cstring>

#include "base/digest.h"
#include "model/srs/byte_codec.h"
#include "model/srs/cold_format.h"

namespace tidemark::model::srs {
namespace {

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

/// The checked index of an object.
bool read_index(RopeReader& rope, std::uint32_t magic, std::uint32_t page_size, std::vector<std::byte>& index,
                std::string& problem) {
  std::byte bytes[kColdHeadBytes];
  if (!rope.copy(bytes)) return problem = "the head is incomplete", false;
  ByteReader head(bytes);
  const std::uint32_t found_magic = head.u32();
  const std::uint32_t version = head.u32();
  const std::uint32_t found_page_size = head.u32();
  const std::uint32_t index_bytes = head.u32();
  const std::uint64_t index_checksum = head.u64();
  if (head.u64() != digest_bytes(std::span(bytes).first(kColdHeadBytes - 8)).low)
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
               std::string& problem, PageChecks checks = PageChecks::kVerified) {
  page = rope.take(page_size);
  if (page == nullptr) return problem = "a page is missing", false;
  if (checks == PageChecks::kVerified && page->digest().low != checksum) return problem = "a page is damaged", false;
  return true;
}

bool read_entry(ByteReader& index, RopeReader& rope, std::uint32_t page_size, Bookmark& position,
                std::vector<EntryRef>& out, std::string& problem) {
  const Bookmark bookmark = index.bookmark();
  const auto committed = sim::Instant::from_ns(static_cast<std::int64_t>(index.u64()));
  const std::uint32_t kind = index.u32();
  if (kind > static_cast<std::uint32_t>(EntryKind::kRestore)) return problem = "an unknown kind of entry", false;
  CommittedTransaction transaction;
  transaction.database_pages = index.u32();
  const std::uint32_t frames = index.u32();
  for (std::uint32_t i = 0; i < frames && index.ok(); ++i) {
    EntryFrame frame;
    frame.page = index.u32();
    if (frame.page == 0) return problem = "a page without a number", false;
    if (!read_page(rope, page_size, index.u64(), frame.bytes, problem)) return false;
    transaction.frames.push_back(std::move(frame));
  }
  if (!index.ok()) return problem = "the index ends within an entry", false;
  out.push_back(Entry::restore(position, bookmark, std::move(transaction), committed, static_cast<EntryKind>(kind)));
  if (!out.back()->chained()) return problem = "an entry's digest does not fit its content", false;
  position = bookmark;
  return true;
}

}  // namespace

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

bool decode_snapshot(const sim::ObjectBody& body, std::uint32_t page_size, PageTable& out, std::string& problem,
                     PageChecks checks) {
  RopeReader rope(body);
  std::vector<std::byte> bytes;
  if (!read_index(rope, kSnapshotMagic, page_size, bytes, problem)) return false;
  ByteReader index(bytes);
  const Bookmark label = index.bookmark();
  const auto recorded = sim::Instant::from_ns(static_cast<std::int64_t>(index.u64()));
  const std::uint32_t count = index.u32();
  if (index.left() != count * sizeof(std::uint64_t))
    return problem = "the index does not fit the number of pages", false;
  std::vector<sim::BufferRef> pages(count);
  for (sim::BufferRef& page : pages) {
    if (!read_page(rope, page_size, index.u64(), page, problem, checks)) return false;
  }
  if (!index.ok() || index.left() != 0 || rope.left() != 0) return problem = "bytes behind the end", false;
  out = PageTable(label, std::move(pages), recorded);
  return true;
}

}  // namespace tidemark::model::srs
