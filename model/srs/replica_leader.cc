#include "model/srs/replica_leader.h"

#include <algorithm>
#include <span>

#include "base/assert.h"
#include "model/sqlite/image.h"
#include "model/types/points.h"
#include "sim/core/wait.h"

namespace tidemark::model::srs {
namespace {
/// How long the thread of bug G22 is away between its check and its registration.
constexpr sim::Duration kLostTurn = sim::Duration::milliseconds(1);
constexpr std::size_t kMostEarly = 64;
constexpr std::size_t kBugQueue = 2;   // hidden entries that fit with bug F19
constexpr std::size_t kBugBuffer = 4;  // frames that fit with bug F31
}  // namespace

void ReplicaLeader::on_message(sim::Connection&, const sim::PayloadRef& message) {
  switch (static_cast<MessageType>(message->type())) {
    case MessageType::kRegistered:
      return on_registered(static_cast<const Registered&>(*message));
    case MessageType::kAppend:
      return on_append(static_cast<const Append&>(*message));
    case MessageType::kConfirm:
      return on_confirm(boost::static_pointer_cast<const Confirm>(message));
    default:
      return;  // a message that went astray
  }
}

void ReplicaLeader::on_append(const Append& message) {
  if (!ready() || ((!registered_ || message.epoch != epoch_) && !takes_late())) return;
  const Bookmark before = reached();
  for (const EntryRef& entry : message.entries) {
    // Sent again after a lost connection, or a copy. Bug F5: it is appended again.
    if (entry->bookmark() <= received_ && !(setup_.bugs.has(Bug::kF5) && entry->bookmark() > visible_)) continue;
    // Bug F8: it subscribes from now; what was confirmed between its image and the subscription is passed over.
    if (setup_.bugs.has(Bug::kF8) && entry->bookmark() <= registered_confirmed_) {
      received_ = visible_ = entry->bookmark();
      continue;
    }
    if (entry->previous() != received_ && !setup_.bugs.has(Bug::kF4) && !setup_.bugs.has(Bug::kF5)) {
      connect();  // a gap is never stored: ask for what follows the newest entry here
      break;
    }
    // Bug F19: a full queue drops what comes, and goes on with what comes later.
    if (setup_.bugs.has(Bug::kF19) && hidden_.size() >= kBugQueue) {
      received_ = entry->bookmark();
      continue;
    }
    // Bug F31: a transaction that is larger than the buffer waits for the rest of itself.
    if (setup_.bugs.has(Bug::kF31) && entry->frames().size() > kBugBuffer) break;
    if (!store(entry)) return;
    if (setup_.env.unlikely("replica/register-again", sim::BuggifyClass::kOrder)) {
      connect();
      break;
    }
  }
  waiters_.wake(before, reached(), true);
  complete_publishes();
  if (setup_.bugs.has(Bug::kF1)) show_up_to(received_);
}

bool ReplicaLeader::store(const EntryRef& entry) {
  if (!entry->chained()) {
    connect();  // it was damaged on its way: ask for it again
    return false;
  }
  if (!reach(setup_.env.process(), Point::kReplicaStore)) return false;
  // Bug E24: a restore is taken for an epoch start, which is page 1 as it is.
  const bool as_epoch_start = entry->kind() == EntryKind::kRestore && setup_.bugs.has(Bug::kE24);
  std::vector<EntryFrame> page_one;
  if (as_epoch_start) page_one.push_back({1, sqlite::Image(*vfs_).page(1)});
  std::span<const EntryFrame> frames = as_epoch_start ? page_one : entry->frames();
  sim::IoStatus status = sim::IoStatus::kOk;
  // Bug F23: a large entry comes in two messages, and each is taken for a transaction.
  if (setup_.bugs.has(Bug::kF23) && frames.size() > 1) {
    status = writer_->append(frames.first(1), entry->database_pages());
    frames = frames.subspan(1);
  }
  if (status == sim::IoStatus::kOk) status = writer_->append(frames, entry->database_pages());
  if (status != sim::IoStatus::kOk) {
    give_up("the disk is full or broken");
    return false;
  }
  received_ = entry->bookmark();
  hidden_.push_back(entry);
  arrivals_.push_back({entry->bookmark(), setup_.env.now(), {}, false, {}, {}, {}});
  setup_.observer.on_received(setup_.database, setup_.env.process().id(), entry);
  return true;
}

void ReplicaLeader::on_confirm(boost::intrusive_ptr<const Confirm> confirm) {
  if (setup_.bugs.has(Bug::kF28)) return confirm_by_number(*confirm);
  if (!registered_) {
    early_.push_back(std::move(confirm));
    if (early_.size() > kMostEarly) early_.pop_front();
    return;
  }
  if (confirm->epoch != epoch_) return;
  queue_publish({confirm->bookmark, confirm->flushed_at, setup_.env.now(), {}, confirm->newly, false, {}});
}

/// Bug F28: the confirm is taken for whatever entry has its number here, of any epoch.
void ReplicaLeader::confirm_by_number(const Confirm& confirm) {
  for (const EntryRef& entry : hidden_) {
    if (entry->bookmark().sequence != confirm.bookmark.sequence) continue;
    queue_publish({entry->bookmark(), confirm.flushed_at, setup_.env.now(), {}, confirm.newly, false, {}});
    return;
  }
}

void ReplicaLeader::queue_publish(Publish publish) {
  publish.delay = publish_delay_.sample(publish_random_) + setup_.env.extra_delay("replica/publish-later");
  publishes_.push_back(std::move(publish));
  complete_publishes();
}

/// A confirm counts once exactly its entry is here, with everything before it.
void ReplicaLeader::complete_publishes() {
  for (Publish& publish : publishes_) {
    if (publish.complete) continue;
    const bool here = publish.target <= visible_ ||
                      std::any_of(hidden_.begin(), hidden_.end(),
                                  [&](const EntryRef& entry) { return entry->bookmark() == publish.target; });
    if (!here) break;
    publish.complete = true;
    publish.due = last_due_ = std::max(setup_.env.now() + publish.delay, last_due_);
  }
  if (!publishes_.empty() && publishes_.front().complete && !publish_timer_.armed()) {
    setup_.env.process().scheduler().arm(publish_timer_, publishes_.front().due);
  }
}

void ReplicaLeader::publish_due() {
  while (!publishes_.empty() && publishes_.front().complete && publishes_.front().due <= setup_.env.now()) {
    const Publish publish = std::move(publishes_.front());
    publishes_.pop_front();
    if (!hidden_.empty() && hidden_.front()->bookmark() < publish.target &&
        setup_.env.unlikely("replica/publish-in-two", sim::BuggifyClass::kOrder))
      show_up_to(hidden_.front()->bookmark());
    // Bug F2: a confirm exposes whatever has been received.
    show_up_to(setup_.bugs.has(Bug::kF2) ? received_ : publish.target);
    note_told(publish);
    report_lag();
  }
  complete_publishes();
  if (vfs_->damaged()) return give_up("the disk failed");
  const bool early =
      writer_->last_frame() > 0 && setup_.env.unlikely("replica/checkpoint-now", sim::BuggifyClass::kEarly);
  if ((early || writer_->last_frame() > setup_.options.checkpoint_frames) && !checkpointing_)
    setup_.env.process().spawn(checkpoint());
}

void ReplicaLeader::show_up_to(const Bookmark& target) {
  std::uint32_t count = 0;
  while (count < hidden_.size() && hidden_[count]->bookmark() <= target) ++count;
  if (count == 0) return;
  if (!reach(setup_.env.process(), Point::kReplicaPublish)) return;
  const Bookmark before = reached();
  const EntryRef newest = hidden_[count - 1];
  const bool restored = std::any_of(hidden_.begin(), hidden_.begin() + count,
                                    [](const EntryRef& entry) { return entry->kind() == EntryKind::kRestore; });
  writer_->publish(count);
  if (restored && database_->forget_schema()) return give_up("the schema cannot be read");
  hidden_.erase(hidden_.begin(), hidden_.begin() + count);
  visible_ = newest->bookmark();
  setup_.observer.on_published(setup_.database, setup_.env.process().id(), newest, sqlite::Image(*vfs_));
  for (Arrival& arrival : arrivals_) {
    if (arrival.bookmark > visible_) break;
    if (!arrival.shown.has_value()) arrival.shown = setup_.env.now();
  }
  if (!reach(setup_.env.process(), Point::kReplicaPublished)) return;
  // Bug G27: whoever waits is woken by whatever is published, and does not look again.
  if (setup_.bugs.has(Bug::kG27)) return waiters_.wake_all(true);
  waiters_.wake(before, reached(), true);
}

void ReplicaLeader::note_told(const Publish& publish) {
  for (const Confirm::Newly& newly : publish.newly) {
    const auto found = std::lower_bound(arrivals_.begin(), arrivals_.end(), newly.bookmark,
                                        [](const Arrival& a, const Bookmark& b) { return a.bookmark < b; });
    if (found == arrivals_.end() || found->bookmark != newly.bookmark || found->told) continue;
    found->told = true;
    found->confirmed = newly.at;
    found->flushed = publish.flushed;
    found->confirm_arrived = publish.arrived;
  }
}

/// One sample for each entry that was confirmed while this replica was registered, in their order; none for what came
/// with the boot or the catch-up, which was confirmed before.
void ReplicaLeader::report_lag() {
  for (; !arrivals_.empty() && arrivals_.front().shown.has_value(); arrivals_.pop_front()) {
    const Arrival& entry = arrivals_.front();
    if (!entry.told && entry.bookmark <= registered_confirmed_) continue;
    if (!entry.told) return;  // confirms that overtake each other: its own one is still to come
    LagTruth lag;
    lag.database = setup_.database;
    lag.replica = setup_.env.process().id();
    lag.bookmark = entry.bookmark;
    lag.confirmed = entry.confirmed;
    lag.flushed = entry.flushed;
    lag.arrived = std::min(entry.confirm_arrived, *entry.shown);
    lag.complete = std::max(lag.arrived, entry.at);
    // Bug L1: the clock was read when the entry came, not when it became visible.
    lag.published = setup_.bugs.has(Bug::kL1) ? entry.at : *entry.shown;
    lag.clock_error = clock_error_;
    setup_.observer.on_lag(lag);
  }
}

/// What a waiting read waits for. Bug G5 takes what was received for what is visible.
const Bookmark& ReplicaLeader::reached() const {
  return setup_.bugs.has(Bug::kG5) ? received_ : visible_;
}

sim::Task<bool> ReplicaLeader::until_visible(Bookmark bookmark, sim::Instant deadline) {
  struct Deadline final : sim::Timer {
    Deadline(BookmarkWaiters<bool>::Ticket& waiting, sim::Process& process)
        : Timer(&Deadline::due, sim::EventKind::kTimer, &process), ticket(waiting) {}
    static void due(Timer& timer) { static_cast<Deadline&>(timer).ticket.end(false); }
    BookmarkWaiters<bool>::Ticket& ticket;
  };
  const bool checks_first = setup_.bugs.has(Bug::kG22);
  if (checks_first) {
    if (reached() >= bookmark) co_return true;
    co_await sim::sleep(setup_.env.process(), kLostTurn);
  }
  BookmarkWaiters<bool>::Ticket ticket(waiters_, bookmark);  // registered before checked
  if (!checks_first && reached() >= bookmark) co_return true;
  Deadline timer(ticket, setup_.env.process());
  setup_.env.process().scheduler().arm(timer, deadline);
  co_return co_await ticket.wait(setup_.env.process());
}

void ReplicaLeader::give_up(std::string reason) {
  problem_ = std::move(reason);
  registered_ = false;
  setup_.env.process().restart({});
}

bool ReplicaLeader::checkpoint_now() {
  if (checkpointing_ || !ready()) return false;
  setup_.env.process().spawn(checkpoint());
  return true;
}

/// The WAL is durable before pages move, the database file is durable before the WAL starts again.
sim::Task<void> ReplicaLeader::checkpoint() {
  checkpointing_ = true;
  sim::Process& process = setup_.env.process();
  const sim::Instant latest = setup_.env.now() + setup_.options.storage_timeout;
  const Bookmark up_to = visible_;
  const sim::Instant wal_durable = checkpointer_->prepare();
  if (wal_durable > setup_.env.now()) co_await sim::sleep(process, std::min(wal_durable, latest) - setup_.env.now());
  if (!reach(process, Point::kCheckpointBegin)) co_return;
  const sqlite::CheckpointReport report = checkpointer_->backfill();
  if (!reach(process, Point::kCheckpointCopied)) co_return;
  if (report.ran) {
    setup_.observer.on_checkpoint(setup_.database, process.id(), false, up_to);
    ++checkpoints_;
  }
  if (report.durable > setup_.env.now())
    co_await sim::sleep(process, std::max(std::min(report.durable, latest) - setup_.env.now(), sim::Duration()));
  if (std::max(wal_durable, report.durable) > latest) co_return give_up("a sync does not complete");
  checkpointer_->finish();
  if (vfs_->damaged() || writer_->status() != sim::IoStatus::kOk) co_return give_up("the disk failed");
  checkpointing_ = false;
}

}  // namespace tidemark::model::srs
