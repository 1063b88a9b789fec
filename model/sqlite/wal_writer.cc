#include "model/sqlite/wal_writer.h"

#include <utility>
#include <vector>

#include "base/assert.h"
#include "model/sqlite/wal_scan.h"

namespace tidemark::model::sqlite {

WalWriter::WalWriter(Vfs& vfs, BugSet bugs)
    : vfs_(vfs), wal_(vfs.wal_file()), bugs_(bugs), index_(vfs), page_step_(vfs.page_size()) {}

WalWriter::~WalWriter() {
  if (open_) vfs_.locks().unlock_slots(locks_, kWriteLock, 1);
}

WalWriter::Opened WalWriter::open(std::uint32_t confirmed_frame) {
  TIDEMARK_ASSERT(!open_ && vfs_.open_connections() == 0, "the wal-index must be in place before a connection opens");
  TIDEMARK_ASSERT(vfs_.locks().lock_slots(locks_, kWriteLock, 1, true));
  open_ = true;
  vfs_.forget_index();
  const auto file_pages = static_cast<std::uint32_t>(vfs_.database_file().size() / vfs_.page_size());
  WalScan scan = scan_wal(wal_, file_pages == 0 ? 0 : confirmed_frame);
  const bool usable = scan.header_valid && scan.page_size == vfs_.page_size();
  Commit visible{0, file_pages, scan.header_checksum};
  if (usable && !scan.commits.empty()) {
    visible = {scan.commits.back().frame, scan.commits.back().pages, scan.commits.back().checksum};
  }
  if (usable) {
    adopt(scan, visible);
  } else {
    start_empty(0, {{static_cast<std::uint32_t>(vfs_.random()), static_cast<std::uint32_t>(vfs_.random())}});
    header_.pages = published_.pages = end_.pages = file_pages;
    index_.reset_checkpoint_info(kReadMarkUnused);
    index_.write_header(header_);
  }
  Opened opened;
  opened.frames = header_.last_frame;
  opened.transactions = usable ? static_cast<std::uint32_t>(scan.commits.size()) : 0;
  opened.pages = header_.pages;
  opened.complete = file_pages != 0 && (confirmed_frame == kEverything || confirmed_frame == header_.last_frame);
  return opened;
}

void WalWriter::adopt(const WalScan& scan, const Commit& visible) {
  const std::uint64_t end = frame_offset(visible.frame + 1, vfs_.page_size());
  if (wal_.size() > end) {
    vfs_.note_truncate(true, end);
    status_ = wal_.truncate(end);
    vfs_.sync(wal_);
  }
  sequence_ = scan.sequence;
  for (std::uint32_t frame = 1; frame <= visible.frame; ++frame) index_.append(frame, scan.frame_pages[frame - 1]);
  published_ = end_ = visible;
  header_ = {};
  header_.salts = scan.salts;
  header_.last_frame = visible.frame;
  header_.pages = visible.pages;
  header_.frame_checksum = visible.checksum;
  vfs_.index_region(0, true);
  index_.reset_checkpoint_info(visible.frame == 0 ? kReadMarkUnused : visible.frame);
  index_.write_header(header_);
}

void WalWriter::start_empty(std::uint32_t sequence, const Salts& salts) {
  const WalHeaderBytes bytes = make_wal_header(vfs_.page_size(), sequence, salts);
  // Bug C10: the header in the file keeps the salts of the WAL before.
  const bool keeps_header = bugs_.has(Bug::kC10) && sequence > 0;
  const sim::IoStatus status = keeps_header ? sim::IoStatus::kOk : wal_.write(0, bytes.bytes);
  if (!keeps_header) vfs_.wal_heads().note(0, bytes.bytes, vfs_.page_size());
  if (status != sim::IoStatus::kOk) status_ = status;
  vfs_.sync(wal_);
  vfs_.index_region(0, true);
  sequence_ = sequence;
  header_.salts = salts;
  header_.last_frame = 0;
  header_.frame_checksum = bytes.checksum;
  published_ = end_ = {0, header_.pages, bytes.checksum};
  hidden_.clear();
}

sim::IoStatus WalWriter::write_frame(std::uint32_t frame, const EntryFrame& content, std::uint32_t commit_pages,
                                     Checksum& state) {
  std::byte head[kFrameHeaderBytes];
  put_u32(head + kFramePageAt, content.page);
  put_u32(head + kFrameCommitAt, commit_pages);
  std::memcpy(head + kFrameSaltsAt, &header_.salts, sizeof header_.salts);
  state = walk_checksum({head, kFrameSaltsAt}, state);
  state = page_step_.advance(state, page_contribution(*content.bytes));
  put_u32(head + kFrameChecksumAt, state.first);
  put_u32(head + kFrameChecksumAt + 4, state.second);
  const std::uint64_t offset = frame_offset(frame, vfs_.page_size());
  vfs_.wal_heads().note(offset, head, vfs_.page_size());
  if (const sim::IoStatus status = wal_.write(offset, head); status != sim::IoStatus::kOk) return status;
  return vfs_.write_page(wal_, offset + kFrameHeaderBytes, frame - 1, content.bytes);
}

sim::IoStatus WalWriter::append(std::span<const EntryFrame> frames, std::uint32_t database_pages) {
  TIDEMARK_ASSERT(open_ && !frames.empty() && database_pages != 0);
  if (vfs_.dead()) return sim::IoStatus::kError;
  Commit commit{end_.frame, database_pages, end_.checksum};
  for (const EntryFrame& frame : frames) {
    TIDEMARK_ASSERT(frame.bytes != nullptr && frame.bytes->size() == vfs_.page_size());
    const bool last = &frame == &frames.back();
    const sim::IoStatus status = write_frame(++commit.frame, frame, last ? database_pages : 0, commit.checksum);
    if (status != sim::IoStatus::kOk) return status;
  }
  // Entered only now: a failed write leaves no trace in the hash tables.
  for (std::uint32_t i = 0; i < frames.size(); ++i) index_.append(end_.frame + 1 + i, frames[i].page);
  end_ = commit;
  hidden_.push_back(commit);
  return sim::IoStatus::kOk;
}

void WalWriter::publish(std::uint32_t transactions) {
  TIDEMARK_ASSERT(open_ && transactions >= 1 && transactions <= hidden_.size());
  const std::uint32_t before = transactions == 1 ? published_.frame : hidden_[transactions - 2].frame;
  published_ = hidden_[transactions - 1];
  hidden_.erase(hidden_.begin(), hidden_.begin() + transactions);
  header_.last_frame = published_.frame;
  header_.pages = published_.pages;
  header_.frame_checksum = published_.checksum;
  header_.change += transactions;
  if (bugs_.has(Bug::kF10) && published_.frame - before > 1) --header_.last_frame;
  // Bug F11: connections hear of every second publish only, and keep the pages that they have until then.
  if (bugs_.has(Bug::kF11) && header_.change % 2 == 1) return;
  index_.write_header(header_);
}

void WalWriter::drop_hidden(std::uint32_t keep) {
  TIDEMARK_ASSERT(open_ && keep <= hidden_.size());
  if (keep == hidden_.size()) return;
  end_ = keep == 0 ? published_ : hidden_[keep - 1];
  hidden_.resize(keep);
  index_.remove_above(end_.frame);
  vfs_.note_truncate(true, frame_offset(end_.frame + 1, vfs_.page_size()));
  if (const sim::IoStatus status = wal_.truncate(frame_offset(end_.frame + 1, vfs_.page_size()));
      status != sim::IoStatus::kOk) {
    status_ = status;
  }
}

/// Bug F14: what a checkpoint of a replica must not touch goes into the database file.
void WalWriter::copy_hidden() {
  for (std::uint32_t frame = published_.frame + 1; frame <= end_.frame; ++frame) {
    const std::uint64_t place = index_.page_of(frame) - 1;
    sim::BufferRef body = vfs_.read_page(wal_, true, frame - 1);
    if (body != nullptr) vfs_.write_page(vfs_.database_file(), place * vfs_.page_size(), place, std::move(body));
  }
}

bool WalWriter::read_hidden(std::vector<CommittedTransaction>& transactions) {
  std::uint32_t frame = published_.frame;
  for (const Commit& commit : hidden_) {
    CommittedTransaction& transaction = transactions.emplace_back();
    transaction.database_pages = commit.pages;
    while (frame < commit.frame) {
      sim::BufferRef body = vfs_.read_page(wal_, true, frame++);
      if (body == nullptr || body->size() != vfs_.page_size()) return false;
      transaction.frames.push_back({index_.page_of(frame), std::move(body)});
    }
  }
  return true;
}

bool WalWriter::restart() {
  TIDEMARK_ASSERT(open_);
  CheckpointInfo* info = vfs_.checkpoint_info();
  TIDEMARK_ASSERT(info != nullptr);
  if (header_.last_frame == 0 || header_.last_frame != published_.frame || info->backfilled != header_.last_frame)
    return false;
  if (vfs_.dead()) return false;
  // Readers at mark 0 stay: they look at the database file only, and nobody copies into it while they hold their lock.
  LockTable& locks = vfs_.locks();
  if (!locks.lock_slots(locks_, kReadLock0 + 1, static_cast<int>(kReadMarks) - 1, true)) return false;
  std::vector<CommittedTransaction> waiting;
  if (!read_hidden(waiting)) {
    status_ = sim::IoStatus::kError;
    locks.unlock_slots(locks_, kReadLock0 + 1, static_cast<int>(kReadMarks) - 1);
    return false;
  }
  start_empty(sequence_ + 1, next_salts(header_.salts, static_cast<std::uint32_t>(vfs_.random())));
  index_.reset_checkpoint_info(0);
  index_.write_header(header_);
  ++generation_;
  for (const CommittedTransaction& transaction : waiting) {
    if (const sim::IoStatus status = append(transaction); status != sim::IoStatus::kOk) {
      status_ = status;
      break;
    }
  }
  locks.unlock_slots(locks_, kReadLock0 + 1, static_cast<int>(kReadMarks) - 1);
  return true;
}

sim::IoStatus install_image(Vfs& vfs, std::span<const sim::BufferRef> pages) {
  TIDEMARK_ASSERT(vfs.open_connections() == 0 && !pages.empty());
  vfs.forget_index();
  if (vfs.files().exists(vfs.journal_name())) vfs.files().remove(vfs.journal_name());
  vfs.note_truncate(true, 0);
  if (const sim::IoStatus status = vfs.wal_file().truncate(0); status != sim::IoStatus::kOk) return status;
  sim::File& database = vfs.database_file();
  const std::uint64_t page_size = vfs.page_size();
  for (std::size_t i = 0; i < pages.size(); ++i) {
    if (pages[i] == nullptr) return sim::IoStatus::kError;  // a log with a hole, as bug C1 makes them
    TIDEMARK_ASSERT(pages[i]->size() == page_size);
    const sim::IoStatus status = vfs.write_page(database, i * page_size, i, pages[i]);
    if (status != sim::IoStatus::kOk) return status;
  }
  vfs.note_truncate(false, pages.size() * page_size);
  if (const sim::IoStatus status = database.truncate(pages.size() * page_size); status != sim::IoStatus::kOk)
    return status;
  vfs.sync(database);
  return sim::IoStatus::kOk;
}

}  // namespace tidemark::model::sqlite
