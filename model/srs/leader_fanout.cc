// SrsLeader: what goes out to everybody: entries for replicas, confirms with the flush timer, trims.

#include <algorithm>

#include "base/assert.h"
#include "model/srs/leader.h"
#include "model/srs/leader_links.h"
#include "model/srs/leader_newcomer.h"
#include "model/types/points.h"

namespace tidemark::model::srs {

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
  if (broken_ || announced_ == confirmed_ || !reach(setup_.env.process(), Point::kLeaderFlush)) return;
  const bool later = setup_.options.confirm_flush_period.ns() > 0 && !flush_timer_.armed() &&
                     setup_.env.unlikely("leader/flush-later", sim::BuggifyClass::kEarly);
  if (later && !setup_.bugs.has(Bug::kF25)) return ask_flush(FlushCause::kConfirmed);
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
  if (tell_followers && setup_.env.unlikely("leader/confirm-twice", sim::BuggifyClass::kBranch)) {
    for (const auto& follower : followers_) follower->send(message);
  }
  if (newcomer_ && tell_followers) newcomer_->link->send(message);
  for (const auto& replica : replicas_) {
    if (replica->registered()) replica->connection().send(message);
  }
}

sim::PayloadRef SrsLeader::confirm_again() const {
  auto* confirm = new Confirm;
  const sim::PayloadRef message(confirm);
  confirm->epoch = epoch_;
  confirm->bookmark = announced_;
  confirm->flushed_at = confirm->confirmed_at = setup_.env.now();
  return message;
}

sim::PayloadRef SrsLeader::trim_message() const {
  auto* trim = new Trim;
  const sim::PayloadRef message(trim);
  trim->epoch = epoch_;
  // Bug B14: the newest known position, which is neither confirmed nor in cold storage.
  trim->bookmark = setup_.bugs.has(Bug::kB14) ? log_.last() : cold_.uploaded();
  return message;
}

void SrsLeader::adopt(std::unique_ptr<sim::Connection> connection, const Register& request) {
  if (broken_) return;  // the connection ends: the replica asks for the way again
  replicas_.push_back(std::make_unique<ReplicaLink>(*this, std::move(connection)));
  on_register(*replicas_.back(), request);
}

/// The answer, the missing entries, and the place in the list of receivers are one step: nothing can come in between.
/// What a replica received from this leader is on this log; of what another leader sent it only the visible part is
/// sure to be. One that has just booted (epoch 0) holds what was in cold storage, which is confirmed.
void SrsLeader::on_register(ReplicaLink& link, const Register& request) {
  if (!link.note_asked(request)) return;  // a copy, late
  const Bookmark after = request.epoch == epoch_ || request.epoch == 0 ? request.have : request.visible;
  const auto older = [&](const auto& other) {
    return other.get() != &link && other->registered() && other->replica() == request.replica;
  };
  // Bug F7: the fan-out keeps the place that it had reached for this reader before it was reset.
  const bool stale_place =
      setup_.bugs.has(Bug::kF7) && (link.registered() || std::any_of(replicas_.begin(), replicas_.end(), older));
  std::erase_if(replicas_, older);  // a connection of the same replica that has not been noticed to be dead
  auto* answer = new Registered;
  const sim::PayloadRef message(answer);
  answer->accepted =
      !broken_ && log_.reaches(after) && !setup_.env.unlikely("leader/register-refused", sim::BuggifyClass::kError);
  answer->number = request.number;
  answer->epoch = epoch_;
  answer->confirmed = announced_;  // what came later is told by the next Confirm
  answer->after = after;
  link.connection().send(message);
  link.set_refused();
  if (!answer->accepted) return;
  send_after(link.connection(), stale_place ? log_.last() : after);
  link.set_registered(request.replica);
}

void SrsLeader::send_after(sim::Connection& connection, const Bookmark& have) {
  const bool split = setup_.env.unlikely("leader/catch-up-one-by-one", sim::BuggifyClass::kOrder);
  const std::uint32_t batch = split ? 1 : setup_.options.catch_up_batch;
  std::size_t i = log_.first_after(have);
  // Bug F29: whoever stands exactly where the log was trimmed misses the entry behind that place.
  if (setup_.bugs.has(Bug::kF29) && have == log_.start() && !have.is_origin() && i < log_.size()) ++i;
  while (i < log_.size()) {
    auto* append = new Append;
    const sim::PayloadRef message(append);
    append->epoch = epoch_;
    for (; i < log_.size() && append->entries.size() < batch; ++i) append->entries.push_back(log_[i].entry);
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

/// Followers may drop what is in cold storage.
void SrsLeader::on_uploaded(const Bookmark& up_to) {
  if (broken_) return;
  const sim::PayloadRef message = trim_message();
  for (const auto& follower : followers_) follower->send(message);
  if (newcomer_) newcomer_->link->send(message);
  if (!setup_.env.unlikely("leader/trim-tail-later", sim::BuggifyClass::kEarly)) trim_tail();
  uploads_.push_back({up_to, setup_.env.now()});
}

}  // namespace tidemark::model::srs
