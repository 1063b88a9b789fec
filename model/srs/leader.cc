#include "model/srs/leader.h"

#include <algorithm>

#include "base/assert.h"
#include "model/srs/leader_links.h"
#include "model/srs/leader_newcomer.h"
#include "model/types/points.h"

namespace tidemark::model::srs {

SrsLeader::SrsLeader(const RelaySetup& setup, const Appoint& appoint, LeaderStart start, Listener& listener)
    : SrsLeader(setup, appoint.version, appoint.followers, start, &listener) {
  TIDEMARK_ASSERT(start.epoch == appoint.epoch);
}

SrsLeader::SrsLeader(const RelaySetup& setup, LeaderStart start, const std::vector<std::uint32_t>& followers)
    : SrsLeader(setup, 0, followers, start, nullptr) {}

SrsLeader::SrsLeader(const RelaySetup& setup, std::uint32_t version, const std::vector<std::uint32_t>& followers,
                     const LeaderStart& start, Listener* listener)
    : setup_(setup),
      listener_(listener),
      epoch_(start.epoch),
      version_(version),
      log_(start.image.at()),
      quorum_(setup.options.followers, setup.options.quorum, setup.bugs),
      confirmed_(start.image.at()),
      announced_(start.image.at()),
      confirm_timer_(*this, &SrsLeader::fail, setup.env.process()),
      leased_(start.leased),
      flush_timer_(*this, &SrsLeader::flush, setup.env.process()),
      cold_(setup, start.image, *this, start.stock),
      previous_upload_(start.image.at()) {
  begin(start, followers);
}

/// The recovered entries, then one of this epoch: page 1 as it is after them. Only then the followers.
void SrsLeader::begin(const LeaderStart& start, const std::vector<std::uint32_t>& followers) {
  TIDEMARK_ASSERT(followers.size() == setup_.options.followers);
  TIDEMARK_ASSERT(epoch_ >= 1 && epoch_ >= start.newest().epoch);
  PageTable image = start.image;
  for (const EntryRef& entry : start.recovered) {
    log_.push(entry, setup_.env.now());
    image.apply(*entry);
  }
  proof_ = log_.last();
  if (!start.empty_log()) {
    TIDEMARK_ASSERT(image.pages() > 0, "a log that is not empty has a page 1");
    proof_ = append({{{1, image.page(1)}}, image.pages()}, EntryKind::kEpochStart)->bookmark();
  }
  for (std::uint32_t index = 0; index < followers.size(); ++index) {
    followers_.push_back(std::make_unique<FollowerLink>(*this, setup_.env.process(), index, followers[index]));
  }
  report_set();
  // Bug B11: the position of cold storage is published as the confirmed one, before anything newer is known to be.
  if (setup_.bugs.has(Bug::kB11)) setup_.observer.on_confirmed(setup_.database, confirmed_);
  const std::int64_t period_ns = setup_.options.confirm_flush_period.ns();
  if (period_ns > 0) {
    sim::RandomStream& random = setup_.env.random("confirm-flush");
    flush_phase_ns_ = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(period_ns)));
  }
}

SrsLeader::~SrsLeader() = default;

sim::Task<GateStatus> SrsLeader::start() {
  co_return co_await until_confirmed(proof_);
}

EntryRef SrsLeader::append(CommittedTransaction transaction, EntryKind kind) {
  const Bookmark previous = log_.last();
  // Bug B1: goes on with the numbers of the leader before, which may have used the next ones already.
  const bool old_numbers = setup_.bugs.has(Bug::kB1) && previous.epoch != 0;
  const std::uint32_t epoch = old_numbers ? previous.epoch : epoch_;
  EntryRef entry = Entry::make(previous, epoch, setup_.today(), std::move(transaction), setup_.env.wall_now(), kind);
  log_.push(entry, setup_.env.now());
  setup_.observer.on_commit(setup_.database, entry);
  return entry;
}

Bookmark SrsLeader::submit(CommittedTransaction transaction, EntryKind kind) {
  const Bookmark previous = log_.last();
  const EntryRef entry = append(std::move(transaction), kind);
  if (broken_) return entry->bookmark();
  ask_flush(FlushCause::kNextEntry);
  if (!reach(setup_.env.process(), Point::kLeaderSubmit)) return entry->bookmark();
  if (setup_.env.unlikely("leader/confirm-before-entry", sim::BuggifyClass::kOrder)) flush();
  ship(entry);
  if (!reach(setup_.env.process(), Point::kLeaderShipped)) return entry->bookmark();
  if (!confirm_timer_.armed()) watch_oldest();
  // Bug C16: a transaction that finds another one in flight joins its group and is given the bookmark before its own.
  return setup_.bugs.has(Bug::kC16) && confirmed_ < previous ? previous : entry->bookmark();
}

void SrsLeader::ship(const EntryRef& entry) {
  auto* append = new Append;
  const sim::PayloadRef message(append);
  append->epoch = epoch_;
  append->entries.push_back(entry);
  for (const auto& follower : followers_) {
    follower->send(message);
    follower->note_sent(setup_.env.now());
  }
  if (setup_.env.unlikely("leader/ship-twice", sim::BuggifyClass::kBranch)) {
    for (const auto& follower : followers_) follower->send(message);
  }
  if (newcomer_) newcomer_->link->send(message);
  for (const auto& replica : replicas_) {
    if (replica->registered()) replica->connection().send(message);
  }
}

sim::Task<GateStatus> SrsLeader::until_confirmed(Bookmark bookmark) {
  BookmarkWaiters<GateStatus>::Ticket ticket(gate_, bookmark);  // registered before checked
  if (confirmed_ >= bookmark) co_return GateStatus::kOpen;
  if (broken_) co_return GateStatus::kBroken;
  co_return co_await ticket.wait(setup_.env.process());
}

sim::Task<GateStatus> SrsLeader::until_drained() {
  while (confirmed_ != log_.last()) {
    const GateStatus gate = co_await until_confirmed(log_.last());
    if (gate == GateStatus::kBroken) co_return gate;
  }
  co_return broken_ ? GateStatus::kBroken : GateStatus::kOpen;
}

void SrsLeader::confirm_up_to(const Bookmark& bookmark) {
  if (broken_ || bookmark <= confirmed_) return;
  TIDEMARK_ASSERT(log_.reaches(confirmed_) && log_.reaches(bookmark));
  if (!reach(setup_.env.process(), Point::kLeaderConfirm)) return;
  const Bookmark before = confirmed_;
  confirmed_ = bookmark;
  for (std::size_t i = log_.first_after(before); i < log_.size() && log_[i].entry->bookmark() <= bookmark; ++i) {
    log_[i].confirmed_at = setup_.env.now();
    cold_.add(log_[i].entry);
  }
  watch_oldest();
  setup_.observer.on_confirmed(setup_.database, confirmed_);
  // Bug H5: the completion of one commit opens the gate for those behind it.
  gate_.wake(before, setup_.bugs.has(Bug::kH5) ? log_.last() : confirmed_, GateStatus::kOpen);
  if (setup_.env.unlikely("leader/flush-now", sim::BuggifyClass::kEarly)) flush();
  ask_flush(FlushCause::kConfirmed);
}

/// The oldest unconfirmed entry may wait for confirm_timeout. While the start is not proved the control plane watches.
void SrsLeader::watch_oldest() {
  confirm_timer_.cancel();
  if (broken_ || confirmed_ < proof_ || confirmed_ == log_.last()) return;
  const TailEntry& oldest = log_[log_.first_after(confirmed_)];
  setup_.env.process().scheduler().arm(confirm_timer_, oldest.appended_at + setup_.options.confirm_timeout);
}

void SrsLeader::set_lease(sim::Instant until) {
  leased_ = true;
  lease_until_ = std::max(lease_until_, until);
  if (lease_runs()) lease_.notify_all();
}

bool SrsLeader::lease_runs() const {
  return !leased_ || setup_.env.now() < lease_until_;
}

/// Checked again after each wait: between a renewal and the reader's turn the process may have stood still.
sim::Task<GateStatus> SrsLeader::until_lease() {
  while (!broken_) {
    if (lease_runs()) co_return GateStatus::kOpen;
    co_await lease_.wait(setup_.env.process());
  }
  co_return GateStatus::kBroken;
}

std::vector<EntryRef> SrsLeader::confirmed_tail() const {
  std::vector<EntryRef> tail;
  for (std::size_t i = 0; i < log_.size() && log_[i].entry->bookmark() <= confirmed_; ++i)
    tail.push_back(log_[i].entry);
  return tail;
}

void SrsLeader::fail() {
  if (broken_) return;
  broken_ = true;
  confirm_timer_.cancel();
  flush_timer_.cancel();
  cold_.stop();
  for (const auto& follower : followers_) follower->stop();
  if (newcomer_) newcomer_->link->stop();
  for (const auto& replica : replicas_) {
    replica->set_refused();
    replica->connection().close();
  }
  gate_.wake_all(GateStatus::kBroken);
  lease_.notify_all();
  if (listener_ != nullptr) listener_->on_broken();
}

}  // namespace tidemark::model::srs
