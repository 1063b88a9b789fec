#include "model/srs/primary_storage.h"

#include <utility>

#include "base/assert.h"
#include "model/sqlite/image.h"
#include "model/srs/surroundings.h"
#include "model/types/points.h"

namespace tidemark::model::srs {
namespace {
/// until_room() waits when the WAL is this many times longer than checkpoint_frames. Ours.
constexpr std::uint64_t kRoomFactor = 4;

std::string database_file(const RelaySetup& setup) {
  return setup.database_name + ".sqlite";
}

/// Nothing of an earlier life may be seen: it can hold transactions that the log does not.
bool keep_files(const RelaySetup& setup) {
  sim::FileSystem& files = setup.env.files();
  const std::string name = database_file(setup);
  if (setup.bugs.has(Bug::kB8) && files.exists(name)) return true;
  for (const std::string& file : {name, name + "-wal", name + "-journal"}) {
    if (files.exists(file)) files.remove(file);
  }
  files.sync_directory();
  return false;
}

}  // namespace

PrimaryStorage::PrimaryStorage(const RelaySetup& setup, const sqlite::DatabaseSettings& settings,
                               std::vector<sim::BufferRef> pages)
    : setup_(setup),
      kept_(keep_files(setup)),
      vfs_(setup.env.files(), database_file(setup), setup.page_size, surroundings_of(setup)) {
  open(settings, pages);
  if (database_ != nullptr) watch();
}

void PrimaryStorage::open(const sqlite::DatabaseSettings& settings, const std::vector<sim::BufferRef>& pages) {
  if (!kept_ && !pages.empty() && sqlite::install_image(vfs_, pages) != sim::IoStatus::kOk) {
    problem_ = "the disk refused the image";
    return;
  }
  sqlite::SqlError error;
  database_ = sqlite::Database::open(vfs_, sqlite::Role::kPrimary, settings, error);
  if (database_ == nullptr) problem_ = error.text;
}

void PrimaryStorage::watch() {
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

bool PrimaryStorage::failed() const {
  return database_ == nullptr || (vfs_.damaged() && !setup_.bugs.has(Bug::kD10));
}

/// The truth first, from the wal-index alone; then the capture, which may have its mistakes.
void PrimaryStorage::on_write_unlock() {
  sqlite::IndexHeader header;
  if (vfs_.read_index_header(header)) {
    if (header.salts != std::exchange(seen_salts_, header.salts)) seen_frame_ = 0;
    const std::uint32_t before = std::exchange(seen_frame_, header.last_frame);
    if (header.last_frame > before)
      setup_.observer.on_sqlite_commit(setup_.database, setup_.env.process().id(), header.last_frame - before,
                                       header.pages);
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
  const bool early = wal_frames() > 0 && setup_.env.unlikely("primary/checkpoint-now", sim::BuggifyClass::kEarly);
  if ((early || wal_frames() > setup_.options.checkpoint_frames) && !checkpointing_)
    setup_.env.process().spawn(checkpoint());
  return told;
}

void PrimaryStorage::note_confirmed() {
  while (!unconfirmed_.empty() && unconfirmed_.front().bookmark <= relay_->confirmed()) {
    confirmed_ = unconfirmed_.front();
    unconfirmed_.pop_front();
  }
}

/// A disk that takes longer than storage_timeout has failed.
sim::Task<void> PrimaryStorage::until_durable(sim::Instant instant) {
  sim::Process& process = setup_.env.process();
  const sim::Instant now = process.scheduler().now();
  if (instant <= now) co_return;
  if (instant - now > setup_.options.storage_timeout) {
    vfs_.set_damaged();
    co_return;
  }
  co_await sim::sleep(process, instant - now);
}

sim::Task<void> PrimaryStorage::checkpoint() {
  checkpointing_ = true;
  sim::Process& process = setup_.env.process();
  const sim::Duration pause = setup_.env.extra_delay("primary/checkpoint-later");
  if (pause.ns() > 0) co_await sim::sleep(process, pause);
  const GateStatus gate = co_await relay_->until_confirmed(relay_->committed());
  if (gate == GateStatus::kOpen) {
    co_await until_durable(checkpointer_->prepare());
    note_confirmed();
    const sqlite::WalPosition newest = capture_->position();
    // A WAL that could not be synced must not be copied from: failed() tells the owner.
    sqlite::CheckpointReport report;
    if (!reach(process, Point::kCheckpointBegin)) co_return;
    if (!failed()) report = checkpointer_->backfill(confirmed_.end);
    if (!reach(process, Point::kCheckpointCopied)) co_return;
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
    co_await until_durable(report.durable);
    checkpointer_->finish();
  }
  checkpointing_ = false;
  room_.notify_all();
}

sim::Task<void> PrimaryStorage::until_quiet() {
  while (checkpointing_) co_await room_.wait(setup_.env.process());
}

bool PrimaryStorage::checkpoint_now() {
  if (checkpointing_ || failed()) return false;
  setup_.env.process().spawn(checkpoint());
  return true;
}

sim::Task<void> PrimaryStorage::until_room() {
  if (wal_frames() < kRoomFactor * setup_.options.checkpoint_frames || !checkpointing_) co_return;
  co_await room_.wait(setup_.env.process());
}

}  // namespace tidemark::model::srs
