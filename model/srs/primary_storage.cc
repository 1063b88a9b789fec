#include "model/srs/primary_storage.h"

#include <utility>

#include "base/assert.h"
#include "model/sqlite/image.h"
#include "model/srs/surroundings.h"

namespace tidemark::model::srs {
namespace {
/// until_room() waits when the WAL is this many times longer than checkpoint_frames. Ours.
constexpr std::uint64_t kRoomFactor = 4;
}  // namespace

PrimaryStorage::PrimaryStorage(const RelaySetup& setup, const sqlite::DatabaseSettings& settings)
    : setup_(setup), vfs_(setup.env.files(), setup.database_name + ".sqlite", setup.page_size, surroundings_of(setup)) {
  sqlite::SqlError error;
  database_ = sqlite::Database::open(vfs_, sqlite::Role::kPrimary, settings, error);
  TIDEMARK_ASSERT(database_ != nullptr, error.text);
  capture_ = std::make_unique<sqlite::WalCapture>(vfs_, static_cast<sqlite::CommitListener&>(*this), setup_.bugs);
  capture_hook_ = capture_.get();
  checkpointer_ = std::make_unique<sqlite::Checkpointer>(*database_, *capture_, setup_.bugs);
  sqlite::IndexHeader header;
  if (vfs_.read_index_header(header)) {
    seen_frame_ = header.last_frame;
    seen_salts_ = header.salts;
  }
  confirmed_.end = capture_->position();
  vfs_.listen(this);
}

PrimaryStorage::~PrimaryStorage() {
  checkpointer_.reset();
  capture_.reset();
}

std::vector<sim::BufferRef> PrimaryStorage::image() {
  return sqlite::copy_image(sqlite::Image(vfs_));
}

void PrimaryStorage::set_relay(PrimaryRelay& relay) {
  TIDEMARK_ASSERT(relay_ == nullptr && pending_.empty() && capture_->transactions() == 0);
  relay_ = &relay;
  confirmed_.bookmark = relay.confirmed();
}

/// The truth first, from the wal-index alone; then the capture, which may have its mistakes.
void PrimaryStorage::on_write_unlock() {
  sqlite::IndexHeader header;
  if (vfs_.read_index_header(header)) {
    if (header.salts != std::exchange(seen_salts_, header.salts)) seen_frame_ = 0;
    const std::uint32_t before = std::exchange(seen_frame_, header.last_frame);
    if (header.last_frame > before)
      setup_.observer.on_sqlite_commit(setup_.database, header.last_frame - before, header.pages);
  }
  capture_hook_->on_write_unlock();
}

void PrimaryStorage::on_commit(CommittedTransaction transaction, sqlite::WalPosition end) {
  pending_.push_back({std::move(transaction), end});
}

Bookmark PrimaryStorage::submit_pending() {
  TIDEMARK_ASSERT(relay_ != nullptr);
  Bookmark told = relay_->committed();
  while (!pending_.empty()) {
    Pending next = std::move(pending_.front());
    pending_.pop_front();
    told = relay_->submit(std::move(next.transaction));
    unconfirmed_.push_back({relay_->committed(), next.end});
  }
  note_confirmed();
  if (wal_frames() > setup_.options.checkpoint_frames && !checkpointing_) setup_.env.process().spawn(checkpoint());
  return told;
}

void PrimaryStorage::note_confirmed() {
  while (!unconfirmed_.empty() && unconfirmed_.front().bookmark <= relay_->confirmed()) {
    confirmed_ = unconfirmed_.front();
    unconfirmed_.pop_front();
  }
}

sim::Task<void> PrimaryStorage::checkpoint() {
  checkpointing_ = true;
  sim::Process& process = setup_.env.process();
  const GateStatus gate = co_await relay_->until_confirmed(relay_->committed());
  if (gate == GateStatus::kOpen) {
    const sim::Instant wal_durable = checkpointer_->prepare();
    if (wal_durable > process.scheduler().now()) co_await sim::sleep(process, wal_durable - process.scheduler().now());
    note_confirmed();
    const sqlite::WalPosition newest = capture_->position();
    const sqlite::CheckpointReport report = checkpointer_->backfill(confirmed_.end);
    if (report.ran) {
      // Frames past the confirmed one can only be there by a mistake: then name the newest that was copied.
      Bookmark up_to = confirmed_.bookmark;
      for (const Placed& placed : unconfirmed_) {
        if (placed.end.generation == newest.generation && placed.end.frame <= report.backfilled)
          up_to = placed.bookmark;
      }
      setup_.observer.on_checkpoint(setup_.database, process.id(), true, up_to);
      ++checkpoints_;
    }
    if (report.durable > process.scheduler().now())
      co_await sim::sleep(process, report.durable - process.scheduler().now());
    checkpointer_->finish();
  }
  checkpointing_ = false;
  room_.notify_all();
}

sim::Task<void> PrimaryStorage::until_room() {
  if (wal_frames() < kRoomFactor * setup_.options.checkpoint_frames || !checkpointing_) co_return;
  co_await room_.wait(setup_.env.process());
}

}  // namespace tidemark::model::srs
