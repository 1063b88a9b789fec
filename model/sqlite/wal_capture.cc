#include "model/sqlite/wal_capture.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "model/sqlite/wal_index.h"

namespace tidemark::model::sqlite {

WalCapture::WalCapture(Vfs& vfs, CommitListener& listener, BugSet bugs)
    : vfs_(vfs), listener_(listener), bugs_(bugs), page_step_(vfs.page_size()) {
  IndexHeader header;
  if (vfs_.read_index_header(header)) {
    position_.frame = header.last_frame;
    salts_ = header.salts;
    checksum_ = header.frame_checksum;
  }
  largest_size_ = vfs_.wal_file().size();
  vfs_.listen(this);
}

WalCapture::~WalCapture() {
  vfs_.listen(nullptr);
}

void WalCapture::on_write_unlock() {
  IndexHeader header;
  if (!vfs_.read_index_header(header)) return;  // SQLite failed before it had a header: nothing was committed
  if (header.salts != salts_) {
    salts_ = header.salts;
    ++position_.generation;
    position_.frame = 0;
  }
  if (header.last_frame == position_.frame) return;  // rolled back
  TIDEMARK_ASSERT(header.last_frame > position_.frame || vfs_.damaged(), "the WAL lost committed frames");
  CommittedTransaction transaction;
  if (vfs_.damaged() || !collect(header, transaction)) {
    vfs_.set_damaged();
    return;
  }
  position_.frame = header.last_frame;
  if (bugs_.has(Bug::kC1)) {
    const std::uint64_t size = vfs_.wal_file().size();
    if (size <= std::exchange(largest_size_, std::max(size, largest_size_))) return;
  }
  deliver(std::move(transaction), position_);
}

bool WalCapture::collect(const IndexHeader& header, CommittedTransaction& transaction) {
  sim::File& wal = vfs_.wal_file();
  sim::IoStatus status = sim::IoStatus::kOk;
  if (position_.frame == 0) {
    std::byte sum[sizeof(Checksum)];
    if (wal.try_read(kWalChecksumAt, sum, status) != sizeof sum || status != sim::IoStatus::kOk) return false;
    if (!vfs_.wal_heads().header_fits(kWalChecksumAt, sum)) return false;
    checksum_ = {get_u32(sum), get_u32(sum + 4)};
  }
  most_pages_ = std::max(most_pages_, header.pages);
  // Bug C7: a database does not get smaller.
  transaction.database_pages = bugs_.has(Bug::kC7) ? most_pages_ : header.pages;
  transaction.frames.reserve(header.last_frame - position_.frame);
  bool repairing = false;
  for (std::uint32_t frame = position_.frame + 1; frame <= header.last_frame; ++frame) {
    const std::uint64_t offset = frame_offset(frame, vfs_.page_size());
    std::byte head[kFrameHeaderBytes];
    if (wal.try_read(offset, head, status) != sizeof head || status != sim::IoStatus::kOk) return false;
    // The disk may bring other bytes than were written: no assertion.
    if (!vfs_.wal_heads().fits(frame, head)) return false;
    const std::uint32_t commit = get_u32(head + kFrameCommitAt);
    if (commit != (frame == header.last_frame ? header.pages : 0)) return false;
    sim::BufferRef body = vfs_.read_page(wal, true, frame - 1);
    if (body == nullptr || body->size() != vfs_.page_size()) return false;
    repairing = repairing || std::memcmp(head + kFrameSaltsAt, &header.salts, sizeof header.salts) != 0;
    const Checksum before = walk_checksum({head, kFrameSaltsAt}, checksum_);
    if (repairing) {
      checksum_ = page_step_.advance(before, page_contribution(*body));
      std::memcpy(head + kFrameSaltsAt, &header.salts, sizeof header.salts);
      put_u32(head + kFrameChecksumAt, checksum_.first);
      put_u32(head + kFrameChecksumAt + 4, checksum_.second);
      vfs_.wal_heads().note(offset, head, vfs_.page_size());
      wal.write(offset, head);
    } else {
      // SQLite has just walked over the page: its contribution follows from the checksums before and after.
      checksum_ = {get_u32(head + kFrameChecksumAt), get_u32(head + kFrameChecksumAt + 4)};
      remember_contribution(*body, page_step_.contribution(before, checksum_));
    }
    transaction.frames.push_back({get_u32(head + kFramePageAt), std::move(body)});
  }
  if (repairing) finish_repair(header);
  return repairing || checksum_ == header.frame_checksum;
}

void WalCapture::finish_repair(IndexHeader header) {
  // Connections take the corrected running checksum over with their next transaction, as they take over any change.
  header.frame_checksum = checksum_;
  WalIndex(vfs_).write_header(header);
  vfs_.sync(vfs_.wal_file());
  ++repairs_;
}

void WalCapture::deliver(CommittedTransaction transaction, WalPosition end) {
  ++transactions_;
  constexpr std::size_t kBugBuffer = 2;
  if (bugs_.has(Bug::kC2) && transaction.frames.size() > kBugBuffer) {
    CommittedTransaction part;
    part.database_pages = transaction.database_pages;
    const auto cut = transaction.frames.begin() + kBugBuffer;
    part.frames.assign(transaction.frames.begin(), cut);
    transaction.frames.erase(transaction.frames.begin(), cut);
    listener_.on_commit(std::move(part), end);
  }
  listener_.on_commit(std::move(transaction), end);
}

}  // namespace tidemark::model::sqlite
