#include "model/srs/leader.h"

#include <algorithm>

#include "base/assert.h"
#include "model/srs/leader_links.h"

namespace tidemark::model::srs {

SrsLeader::SrsLeader(const RelaySetup& setup, LeaderStart start, const std::vector<std::uint32_t>& followers)
    : setup_(setup),
      epoch_(start.epoch),
      log_(start.position),
      quorum_(setup.options.followers, setup.options.quorum, start.position, setup.bugs),
      confirmed_(start.position),
      announced_(start.position),
      flush_timer_(*this, &SrsLeader::flush, setup.env.process()),
      cold_(setup, PageTable(start.position, std::move(start.image)), *this),
      previous_upload_(start.position) {
  TIDEMARK_ASSERT(followers.size() == setup.options.followers);
  TIDEMARK_ASSERT(epoch_ >= start.position.epoch && epoch_ >= 1);
  for (std::uint32_t index = 0; index < followers.size(); ++index) {
    followers_.push_back(std::make_unique<FollowerLink>(*this, setup_.env.process(), index, followers[index]));
  }
  const std::int64_t period_ns = setup.options.confirm_flush_period.ns();
  if (period_ns > 0) {
    sim::RandomStream& random = setup.env.random("confirm-flush");
    flush_phase_ns_ = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(period_ns)));
  }
}

SrsLeader::~SrsLeader() = default;

Bookmark SrsLeader::submit(CommittedTransaction transaction) {
  const Bookmark previous = log_.last();
  const EntryRef entry = Entry::make(previous, epoch_, setup_.today(), std::move(transaction));
  log_.push(entry);
  setup_.observer.on_commit(setup_.database, entry);
  if (broken_) return entry->bookmark();
  ask_flush(FlushCause::kNextEntry);
  auto* append = new Append;
  const sim::PayloadRef message(append);
  append->epoch = epoch_;
  append->entries.push_back(entry);
  for (const auto& follower : followers_) follower->send(message);
  for (const auto& replica : replicas_) {
    if (replica->registered()) replica->connection().send(message);
  }
  // Bug C16: a transaction that finds another one in flight joins its group and is given the bookmark before its own.
  return setup_.bugs.has(Bug::kC16) && confirmed_ < previous ? previous : entry->bookmark();
}

sim::Task<GateStatus> SrsLeader::until_confirmed(Bookmark bookmark) {
  BookmarkWaiters<GateStatus>::Ticket ticket(gate_, bookmark);  // registered before checked
  if (confirmed_ >= bookmark) co_return GateStatus::kOpen;
  if (broken_) co_return GateStatus::kBroken;
  co_return co_await ticket.wait(setup_.env.process());
}

void SrsLeader::on_ack(FollowerLink& link, const Ack& ack) {
  if (ack.epoch > epoch_) {
    fail();  // somebody else leads
    return;
  }
  // The position must be one of this log; what was trimmed here was acknowledged long ago.
  if (!log_.reaches(ack.bookmark)) return;
  if (!link.streaming()) {
    link.set_streaming();
    send_after(link.connection(), ack.bookmark);
    auto* confirm = new Confirm;
    const sim::PayloadRef message(confirm);
    confirm->epoch = epoch_;
    confirm->bookmark = announced_;
    confirm->flushed_at = confirm->confirmed_at = setup_.env.now();
    link.send(message);
  }
  quorum_.note(link.index(), setup_.bugs.has(Bug::kA5) ? log_.last() : ack.bookmark);
  confirm_up_to(quorum_.reached());
}

void SrsLeader::confirm_up_to(const Bookmark& bookmark) {
  if (broken_ || bookmark <= confirmed_) return;
  TIDEMARK_ASSERT(log_.reaches(confirmed_) && log_.reaches(bookmark));
  const Bookmark before = confirmed_;
  confirmed_ = bookmark;
  for (std::size_t i = log_.first_after(before); i < log_.size() && log_[i].entry->bookmark() <= bookmark; ++i) {
    log_[i].confirmed_at = setup_.env.now();
    cold_.add(log_[i].entry);
  }
  setup_.observer.on_confirmed(setup_.database, confirmed_);
  gate_.wake(before, confirmed_, GateStatus::kOpen);
  ask_flush(FlushCause::kConfirmed);
}

/// Arms the flush for its next instant, when a confirm is due. Bug F25: a confirm rides on the next entry instead.
void SrsLeader::ask_flush(FlushCause cause) {
  if (setup_.bugs.has(Bug::kF25)) {
    if (cause == FlushCause::kNextEntry) flush();
    return;
  }
  if (cause == FlushCause::kNextEntry || announced_ == confirmed_ || flush_timer_.armed()) return;
  const std::int64_t period_ns = setup_.options.confirm_flush_period.ns();
  if (period_ns <= 0) {
    flush();
    return;
  }
  const std::int64_t since_ns = (setup_.env.now().ns() - flush_phase_ns_ + period_ns) % period_ns;
  setup_.env.process().scheduler().arm_after(flush_timer_, sim::Duration::nanoseconds(period_ns - since_ns));
}

void SrsLeader::flush() {
  if (broken_ || announced_ == confirmed_) return;
  auto* confirm = new Confirm;
  const sim::PayloadRef message(confirm);
  confirm->epoch = epoch_;
  confirm->bookmark = confirmed_;
  confirm->flushed_at = setup_.env.now();
  for (std::size_t i = log_.first_after(announced_); i < log_.size() && log_[i].entry->bookmark() <= confirmed_; ++i) {
    confirm->newly.push_back({log_[i].entry->bookmark(), log_[i].confirmed_at});
  }
  TIDEMARK_ASSERT(!confirm->newly.empty());
  confirm->confirmed_at = confirm->newly.back().at;
  announced_ = confirmed_;
  // Bug A20: followers are told only while entries are on their way to them.
  const bool tell_followers = !setup_.bugs.has(Bug::kA20) || confirmed_ < log_.last();
  for (const auto& follower : followers_) {
    if (tell_followers) follower->send(message);
  }
  for (const auto& replica : replicas_) {
    if (replica->registered()) replica->connection().send(message);
  }
}

void SrsLeader::adopt(std::unique_ptr<sim::Connection> connection, const Register& request) {
  replicas_.push_back(std::make_unique<ReplicaLink>(*this, std::move(connection)));
  on_register(*replicas_.back(), request);
}

/// The answer, the missing entries, and the place in the list of receivers are one step: nothing can come in between.
void SrsLeader::on_register(ReplicaLink& link, const Register& request) {
  auto* answer = new Registered;
  const sim::PayloadRef message(answer);
  answer->accepted = !broken_ && log_.reaches(request.have);
  answer->epoch = epoch_;
  answer->confirmed = announced_;  // what came later is told by the next Confirm
  link.connection().send(message);
  if (!answer->accepted) return;
  send_after(link.connection(), request.have);
  link.set_registered();
}

void SrsLeader::send_after(sim::Connection& connection, const Bookmark& have) {
  for (std::size_t i = log_.first_after(have); i < log_.size();) {
    auto* append = new Append;
    const sim::PayloadRef message(append);
    append->epoch = epoch_;
    for (; i < log_.size() && append->entries.size() < setup_.options.catch_up_batch; ++i)
      append->entries.push_back(log_[i].entry);
    connection.send(message);
  }
}

void SrsLeader::remove(ReplicaLink& link) {
  std::erase_if(replicas_, [&](const auto& replica) { return replica.get() == &link; });
}

std::size_t SrsLeader::registered_replicas() const {
  return static_cast<std::size_t>(
      std::count_if(replicas_.begin(), replicas_.end(), [](const auto& r) { return r->registered(); }));
}

/// Followers may drop what is in cold storage. The leader keeps one segment more: a replica that has read the list of
/// segments just before an upload can still register.
void SrsLeader::on_uploaded(const Bookmark& up_to) {
  auto* trim = new Trim;
  const sim::PayloadRef message(trim);
  trim->epoch = epoch_;
  trim->bookmark = up_to;
  for (const auto& follower : followers_) follower->send(message);
  log_.drop_up_to(std::min(previous_upload_, announced_));
  previous_upload_ = up_to;
}

void SrsLeader::fail() {
  if (broken_) return;
  broken_ = true;
  flush_timer_.cancel();
  cold_.stop();
  gate_.wake_all(GateStatus::kBroken);
}

}  // namespace tidemark::model::srs
