#include "model/sqlite/image.h"

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace tidemark::model::sqlite {

Image::Image(Vfs& vfs) : vfs_(vfs) {
  IndexHeader header;
  if (vfs_.read_index_header(header)) {
    last_frame_ = header.last_frame;
    backfilled_ = vfs_.checkpoint_info()->backfilled;
  }
  pages_ = vfs_.database_pages();
}

std::uint32_t Image::frame_of(std::uint32_t number) const {
  // As a reader: regions from the newest back to the one after the last backfilled frame; in a region the last match
  // wins.
  std::uint32_t region_end = last_frame_;
  while (region_end > backfilled_) {
    const std::uint32_t past_first = region_end > kFirstRegionFrames ? region_end - kFirstRegionFrames - 1 : 0;
    const std::uint32_t region = region_end > kFirstRegionFrames ? 1 + past_first / kRegionFrames : 0;
    const std::uint32_t base = region == 0 ? 0 : kFirstRegionFrames + (region - 1) * kRegionFrames;
    const std::byte* bytes = vfs_.index_region(region, false);
    TIDEMARK_ASSERT(bytes != nullptr);
    const std::byte* pages = region == 0 ? bytes + kIndexHeaderBytes : bytes;
    const std::byte* table = bytes + kIndexRegionBytes - kRegionSlots * sizeof(std::uint16_t);
    std::uint32_t found = 0;
    for (std::uint32_t key = number * kHashFactor;; ++key) {
      std::uint16_t entry = 0;
      std::memcpy(&entry, table + key % kRegionSlots * sizeof entry, sizeof entry);
      if (entry == 0) break;
      std::uint32_t page = 0;
      std::memcpy(&page, pages + (entry - 1) * sizeof page, sizeof page);
      const std::uint32_t frame = base + entry;
      if (page == number && frame <= last_frame_ && frame > backfilled_ && frame > found) found = frame;
    }
    if (found != 0) return found;
    region_end = base;
  }
  return 0;
}

sim::BufferRef Image::page(std::uint32_t number) const {
  if (number == 0 || number > pages_) return nullptr;
  const std::uint32_t frame = frame_of(number);
  const bool wal = frame != 0;
  const std::uint32_t block = wal ? frame - 1 : number - 1;
  sim::BufferRef body = wal ? vfs_.wal_file().body(block) : vfs_.database_file().body(block);
  if (body != nullptr && !vfs_.as_written(wal, block, body)) return nullptr;
  // A page that was never written (the free tail of a database file) reads as zeros.
  return body != nullptr ? body : sim::Buffer::zeros(vfs_.page_size());
}

bool Image::at_transaction_end() const {
  if (last_frame_ == 0) return true;
  // A frame header's second word is the size of the database after the commit, zero in frames that do not commit.
  std::array<std::byte, kFrameHeaderBytes> header{};
  if (vfs_.wal_file().read(frame_offset(last_frame_, vfs_.page_size()), header) != header.size()) return false;
  if (!vfs_.wal_heads().fits(last_frame_, header)) return true;  // the disk spoilt it; readers use the wal-index
  return std::any_of(header.begin() + 4, header.begin() + 8, [](std::byte b) { return b != std::byte{0}; });
}

std::vector<sim::BufferRef> copy_image(const PageReader& image) {
  std::vector<sim::BufferRef> pages;
  pages.reserve(image.pages());
  for (std::uint32_t number = 1; number <= image.pages(); ++number) pages.push_back(image.page(number));
  return pages;
}

ExportedFiles export_files(Vfs& vfs) {
  ExportedFiles out;
  const sim::File& database = vfs.database_file();
  out.database.resize(database.size());
  database.read(0, out.database);
  const sim::File& wal = vfs.wal_file();
  IndexHeader header;
  const std::uint32_t visible = vfs.read_index_header(header) ? header.last_frame : 0;
  if (visible == 0) return out;  // everything is in the database file
  out.wal.resize(frame_offset(visible + 1, vfs.page_size()));
  TIDEMARK_ASSERT(wal.read(0, out.wal) == out.wal.size());
  return out;
}

}  // namespace tidemark::model::sqlite
