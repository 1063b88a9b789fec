#include "model/sqlite/wal_index.h"

#include <cstring>

#include "base/assert.h"
#include "model/sqlite/wal_checksum.h"

namespace tidemark::model::sqlite {
namespace {

/// The part of a region that maps frames: page numbers and the hash table over them.
struct Table {
  std::uint32_t* pages;  // page number of frame first + i
  std::uint16_t* slots;  // 0 = free, else i + 1
  std::uint32_t first;   // frame of pages[0]
  std::uint32_t frames;  // capacity
};

std::uint32_t region_of(std::uint32_t frame) {
  return frame <= kFirstRegionFrames ? 0 : (frame - kFirstRegionFrames - 1) / kRegionFrames + 1;
}

Table table_at(std::byte* region, std::uint32_t index) {
  auto* slots = reinterpret_cast<std::uint16_t*>(region + kRegionFrames * sizeof(std::uint32_t));
  if (index == 0) return {reinterpret_cast<std::uint32_t*>(region + kIndexHeaderBytes), slots, 1, kFirstRegionFrames};
  return {reinterpret_cast<std::uint32_t*>(region), slots, kFirstRegionFrames + (index - 1) * kRegionFrames + 1,
          kRegionFrames};
}

}  // namespace

void WalIndex::append(std::uint32_t frame, std::uint32_t page) {
  TIDEMARK_ASSERT(frame != 0 && page != 0);
  const std::uint32_t index = region_of(frame);
  const Table table = table_at(vfs_.index_region(index, true), index);
  const std::uint32_t place = frame - table.first;
  if (place == 0) {
    std::memset(table.pages, 0, table.frames * sizeof(std::uint32_t) + kRegionSlots * sizeof(std::uint16_t));
  }
  TIDEMARK_ASSERT(table.pages[place] == 0, "a frame is entered twice");
  std::uint32_t slot = page * kHashFactor % kRegionSlots;
  while (table.slots[slot] != 0) slot = (slot + 1) % kRegionSlots;
  table.pages[place] = page;
  table.slots[slot] = static_cast<std::uint16_t>(place + 1);
}

std::uint32_t WalIndex::page_of(std::uint32_t frame) const {
  const std::uint32_t index = region_of(frame);
  std::byte* region = vfs_.index_region(index, false);
  TIDEMARK_ASSERT(frame != 0 && region != nullptr);
  const Table table = table_at(region, index);
  const std::uint32_t page = table.pages[frame - table.first];
  TIDEMARK_ASSERT(page != 0, "a frame that was never entered");
  return page;
}

void WalIndex::remove_above(std::uint32_t last) {
  if (last == 0) return;  // frame 1 wipes region 0
  const std::uint32_t index = region_of(last);
  const Table table = table_at(vfs_.index_region(index, true), index);
  const std::uint32_t keep = last - table.first + 1;
  // Entries above are the youngest, so they sit at the ends of their probe chains: freeing them breaks no chain.
  for (std::uint32_t slot = 0; slot < kRegionSlots; ++slot) {
    if (table.slots[slot] > keep) table.slots[slot] = 0;
  }
  std::memset(table.pages + keep, 0, (table.frames - keep) * sizeof(std::uint32_t));
}

void WalIndex::write_header(IndexHeader header) {
  header.version = kWalVersion;
  header.initialised = 1;
  header.big_endian_checksums = 0;
  header.page_size = encode_page_size(vfs_.page_size());
  constexpr std::size_t kChecked = offsetof(IndexHeader, header_checksum);
  header.header_checksum = walk_checksum({reinterpret_cast<const std::byte*>(&header), kChecked}, {});
  std::byte* region = vfs_.index_region(0, true);
  std::memcpy(region + sizeof header, &header, sizeof header);
  std::memcpy(region, &header, sizeof header);
}

void WalIndex::reset_checkpoint_info(std::uint32_t mark) {
  CheckpointInfo* info = vfs_.checkpoint_info();
  TIDEMARK_ASSERT(info != nullptr);
  info->backfilled = 0;
  info->backfill_attempted = 0;
  info->read_mark[0] = 0;
  info->read_mark[1] = mark;
  for (std::uint32_t i = 2; i < kReadMarks; ++i) info->read_mark[i] = kReadMarkUnused;
}

}  // namespace tidemark::model::sqlite
