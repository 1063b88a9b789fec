#include "model/sqlite/checkpoint.h"

#include <sqlite3.h>

#include <algorithm>

#include "base/assert.h"
#include "model/sqlite/wal_index.h"

namespace tidemark::model::sqlite {

Checkpointer::Checkpointer(Database& primary, const WalCapture& capture, BugSet bugs)
    : database_(primary), vfs_(primary.vfs()), writer_(nullptr), capture_(&capture), bugs_(bugs) {
  TIDEMARK_ASSERT(primary.role() == Role::kPrimary);
}

Checkpointer::Checkpointer(Database& replica, WalWriter& writer, BugSet bugs)
    : database_(replica), vfs_(replica.vfs()), writer_(&writer), capture_(nullptr), bugs_(bugs) {
  TIDEMARK_ASSERT(replica.role() == Role::kReplica);
}

Checkpointer::~Checkpointer() {
  unpin();
}

sim::Instant Checkpointer::prepare() {
  IndexHeader header;
  prepared_ = vfs_.read_index_header(header);
  prepared_frame_ = header.last_frame;
  prepared_salts_ = header.salts;
  return vfs_.sync(vfs_.wal_file());
}

CheckpointReport Checkpointer::backfill(WalPosition confirmed) {
  TIDEMARK_ASSERT(capture_ != nullptr);
  const WalPosition now = capture_->position();
  TIDEMARK_ASSERT(confirmed <= now, "confirmed lies behind the newest commit");
  std::uint32_t limit = confirmed.generation == now.generation ? confirmed.frame : 0;
  if (bugs_.has(Bug::kD1)) limit = now.frame;
  return copy_up_to(limit);
}

CheckpointReport Checkpointer::backfill() {
  TIDEMARK_ASSERT(writer_ != nullptr);
  const CheckpointReport report = copy_up_to(prepared_frame_);
  if (bugs_.has(Bug::kF14) && report.ran) writer_->copy_hidden();
  return report;
}

CheckpointReport Checkpointer::copy_up_to(std::uint32_t limit) {
  CheckpointReport report;
  IndexHeader header;
  const CheckpointInfo* info = vfs_.checkpoint_info();
  if (!prepared_ || info == nullptr || !vfs_.read_index_header(header)) return report;
  prepared_ = false;
  report.limit = header.salts == prepared_salts_ ? std::min(limit, prepared_frame_) : 0;
  report.visible = header.last_frame;
  report.backfilled_before = report.backfilled = info->backfilled;
  if (report.limit <= info->backfilled || !pin(report.limit)) return report;
  const std::uint64_t syncs = vfs_.counters().syncs;
  const sim::BufferRef passed_over = page_to_pass_over(info->backfilled + 1);
  report.code =
      sqlite3_wal_checkpoint_v2(database_.main().handle(), "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  report.ran = report.code == SQLITE_OK;
  if (passed_over != nullptr)
    vfs_.write_page(vfs_.database_file(), passed_place_ * vfs_.page_size(), passed_place_, passed_over);
  report.backfilled = info->backfilled;
  TIDEMARK_ASSERT(report.backfilled <= std::max(report.limit, report.backfilled_before),
                  "a checkpoint passed its limit");
  // A checkpoint that stops before the newest frame does not sync the database file by itself.
  if (report.backfilled > report.backfilled_before && vfs_.counters().syncs < syncs + 2)
    vfs_.sync(vfs_.database_file());
  if (vfs_.counters().syncs != syncs) report.durable = vfs_.latest_sync();
  return report;
}

/// Bug D5: the page of the first frame is left out. What the database file has in its place; nullptr without the bug.
sim::BufferRef Checkpointer::page_to_pass_over(std::uint32_t first_frame) {
  if (!bugs_.has(Bug::kD5)) return nullptr;
  passed_place_ = WalIndex(vfs_).page_of(first_frame) - 1;
  return vfs_.database_file().body(passed_place_);
}

bool Checkpointer::finish() {
  unpin();
  prepared_ = false;
  return writer_ != nullptr && writer_->restart();
}

CheckpointReport Checkpointer::run(WalPosition confirmed) {
  prepare();
  const CheckpointReport report = backfill(confirmed);
  finish();
  return report;
}

CheckpointReport Checkpointer::run(bool* restarted) {
  prepare();
  const CheckpointReport report = backfill();
  const bool again = finish();
  if (restarted != nullptr) *restarted = again;
  return report;
}

bool Checkpointer::pin(std::uint32_t frame) {
  unpin();
  CheckpointInfo* info = vfs_.checkpoint_info();
  LockTable& locks = vfs_.locks();
  for (int slot = 1; slot < static_cast<int>(kReadMarks) && pinned_slot_ < 0; ++slot) {
    if (info->read_mark[slot] == frame && locks.lock_slots(locks_, kReadLock0 + slot, 1, false)) pinned_slot_ = slot;
  }
  for (int slot = 1; slot < static_cast<int>(kReadMarks) && pinned_slot_ < 0; ++slot) {
    if (!locks.lock_slots(locks_, kReadLock0 + slot, 1, true)) continue;
    info->read_mark[slot] = frame;
    locks.unlock_slots(locks_, kReadLock0 + slot, 1);
    TIDEMARK_ASSERT(locks.lock_slots(locks_, kReadLock0 + slot, 1, false));
    pinned_slot_ = slot;
  }
  return pinned_slot_ >= 0;
}

void Checkpointer::unpin() {
  if (pinned_slot_ >= 0) vfs_.locks().unlock_slots(locks_, kReadLock0 + pinned_slot_, 1);
  pinned_slot_ = -1;
}

}  // namespace tidemark::model::sqlite
