#include "model/sqlite/vfs.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "model/sqlite/library.h"
#include "model/sqlite/vfs_methods.h"
#include "model/sqlite/wal_checksum.h"
#include "model/sqlite/wal_scan.h"

namespace tidemark::model::sqlite {
namespace {

/// Names only have to differ within the process; nothing of a run depends on them.
std::string next_vfs_name() {
  static std::uint64_t made = 0;
  return "tidemark-" + std::to_string(++made);
}

}  // namespace

Vfs::Vfs(sim::FileSystem& files, std::string_view database, std::uint32_t page_size, Surroundings surroundings)
    : files_(files),
      database_(database),
      wal_(database_ + "-wal"),
      journal_(database_ + "-journal"),
      page_size_(page_size),
      surroundings_(std::move(surroundings)),
      name_(next_vfs_name()) {
  TIDEMARK_ASSERT(page_size >= 512 && page_size <= 65536 && (page_size & (page_size - 1)) == 0);
  TIDEMARK_ASSERT(surroundings_.random && surroundings_.unix_ms && surroundings_.on_sleep);
  set_up_library();
  fill_vfs(vfs_, *this, name_.c_str());
  TIDEMARK_ASSERT(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK);
}

Vfs::~Vfs() {
  TIDEMARK_ASSERT(connections_ == 0, "a connection outlives its Vfs");
  sqlite3_vfs_unregister(&vfs_);
}

sim::File& Vfs::database_file() {
  return files_.open(database_, {0, 0, page_size_});
}

sim::File& Vfs::wal_file() {
  return files_.open(wal_, {kWalHeaderBytes, kFrameHeaderBytes, page_size_});
}

std::byte* Vfs::index_region(std::uint32_t index, bool create) {
  if (index < regions_.size()) return regions_[index]->data();
  if (!create) return nullptr;
  while (regions_.size() <= index) {
    regions_.push_back(std::make_unique<std::array<std::byte, kIndexRegionBytes>>());  // value-initialised: zeros
  }
  return regions_[index]->data();
}

bool Vfs::read_index_header(IndexHeader& out) const {
  if (regions_.empty()) return false;
  const std::byte* region = regions_.front()->data();
  if (std::memcmp(region, region + sizeof(IndexHeader), sizeof(IndexHeader)) != 0) return false;
  std::memcpy(&out, region, sizeof out);
  if (out.initialised == 0 || out.version != kWalVersion) return false;
  constexpr std::size_t kChecked = offsetof(IndexHeader, header_checksum);
  return walk_checksum({region, kChecked}, {}) == out.header_checksum;
}

CheckpointInfo* Vfs::checkpoint_info() {
  if (regions_.empty()) return nullptr;
  return reinterpret_cast<CheckpointInfo*>(regions_.front()->data() + 2 * sizeof(IndexHeader));
}

sim::IoStatus Vfs::write_page(sim::File& file, std::uint64_t offset, std::uint64_t block, sim::BufferRef page) {
  PageDigests& digests = &file == &wal_file() ? wal_digests_ : database_digests_;
  const sim::IoStatus status = file.write_shared(offset, page);
  if (status == sim::IoStatus::kOk) digests.note(block, page);
  return status;
}

sim::BufferRef Vfs::read_page(const sim::File& file, bool wal, std::uint64_t block) {
  const PageDigests& digests = wal ? wal_digests_ : database_digests_;
  for (int attempt = 0; attempt < 2; ++attempt) {
    sim::IoStatus status = sim::IoStatus::kOk;
    sim::BufferRef page = file.try_body(block, status);
    if (status != sim::IoStatus::kOk) continue;
    if (page == nullptr) {
      if (!digests.noted(block)) return nullptr;
      continue;
    }
    if (page->size() != page_size_) {
      if (!digests.noted(block)) return page;
      continue;
    }
    if (digests.fits(block, page)) return page;
  }
  damaged_ = true;
  return nullptr;
}

bool Vfs::scrub() {
  IndexHeader header;
  const std::uint32_t visible = read_index_header(header) ? header.last_frame : 0;
  const std::uint64_t pages = database_file().size() / page_size_;
  for (std::uint64_t block = 0; block < pages && !damaged_; ++block) read_page(database_file(), false, block);
  for (std::uint64_t frame = 0; frame < visible && !damaged_; ++frame) read_page(wal_file(), true, frame);
  // Headers, which nobody reads while the wal-index is there. What was written wrongly is no fault of the disk, and
  // must be seen by those who judge.
  const bool bad = !damaged_ && visible > 0 && scan_wal(wal_file(), visible).valid_frames < visible;
  if (bad && !heads_as_written(visible)) damaged_ = true;
  return !damaged_;
}

bool Vfs::heads_as_written(std::uint32_t frames) {
  const sim::File& wal = wal_file();
  const auto fits = [&](std::uint64_t offset, std::span<std::byte> bytes, auto&& same) {
    for (int attempt = 0; attempt < 2; ++attempt) {
      sim::IoStatus status = sim::IoStatus::kOk;
      const bool read = wal.try_read(offset, bytes, status) == bytes.size() && status == sim::IoStatus::kOk;
      if (read && same()) return true;
    }
    return false;
  };
  std::array<std::byte, kWalHeaderBytes> header{};
  if (!fits(0, header, [&] { return wal_heads_.header_fits(0, header); })) return false;
  std::array<std::byte, kFrameHeaderBytes> head{};
  for (std::uint32_t frame = 1; frame <= frames; ++frame)
    if (!fits(frame_offset(frame, page_size_), head, [&] { return wal_heads_.fits(frame, head); })) return false;
  return true;
}

bool Vfs::intact() {
  const auto good = [this](const sim::File& file, const PageDigests& digests, std::uint64_t block) {
    const sim::BufferRef page = file.body(block);
    if (page == nullptr || page->size() != page_size_) return !digests.noted(block);
    return digests.fits(block, page);
  };
  IndexHeader header;
  const std::uint64_t frames = read_index_header(header) ? header.last_frame : 0;
  const std::uint64_t pages = database_file().size() / page_size_;
  for (std::uint64_t block = 0; block < pages; ++block)
    if (!good(database_file(), database_digests_, block)) return false;
  for (std::uint64_t frame = 0; frame < frames; ++frame)
    if (!good(wal_file(), wal_digests_, frame)) return false;
  return !damaged_;
}

void Vfs::note_truncate(bool wal, std::uint64_t size) {
  if (!wal) return database_digests_.cut(size / page_size_);
  wal_digests_.cut(size < kWalHeaderBytes ? 0 : (size - kWalHeaderBytes) / (kFrameHeaderBytes + page_size_));
}

bool Vfs::take_sync(sim::Instant& complete) {
  complete = sync_complete_;
  return std::exchange(sync_started_, false);
}

sim::Instant Vfs::sync(sim::File& file) {
  ++counters_.syncs;
  const sim::Instant complete = file.sync(nullptr);
  if (file.sync_status() != sim::IoStatus::kOk) damaged_ = true;
  // Within one batch of syncs the latest counts; a batch begins after take_sync.
  sync_complete_ = std::max(sync_complete_, complete);
  sync_started_ = true;
  return complete;
}

std::uint32_t Vfs::database_pages() {
  IndexHeader header;
  if (read_index_header(header) && header.pages != 0) return header.pages;
  return static_cast<std::uint32_t>(database_file().size() / page_size_);
}

}  // namespace tidemark::model::sqlite
