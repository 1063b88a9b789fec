// FollowerNode: what it says, and what it reads back from its log.

#include <algorithm>

#include "model/srs/follower.h"

namespace tidemark::model::srs {
namespace {
/// An answer to a Fetch ends with the entry that exceeds this. Ours.
constexpr std::uint64_t kFetchBytes = 4'000'000;
}  // namespace

/// What may be said to be durable here.
Bookmark FollowerNode::held() const {
  if (log_ == nullptr) return {};
  // Bug A13: says what was durable before the newest sync.
  return setup_.bugs.has(Bug::kA13) ? std::max(durable_before_, log_->base()) : log_->durable();
}

void FollowerNode::ack() {
  if (failed_) return;
  if (leader_ != nullptr) send_ack(*leader_, held());
  if (leader_ != nullptr && setup_.env.unlikely("follower/ack-twice", sim::BuggifyClass::kBranch))
    send_ack(*leader_, held());
  setup_.env.process().scheduler().arm_after(refresh_timer_, refresh_distance_);
}

/// What came cannot be stored. The leader is told so at once, but not again for each message that is already on its
/// way: a gap would be answered with as many acks as there are commits until the leader sends again.
void FollowerNode::refuse() {
  // Bug A35: it says so for each message behind the gap.
  if (leader_ == nullptr || !told(*leader_) || setup_.bugs.has(Bug::kA35)) {
    ack();
    return;
  }
  refresh_distance_ = setup_.options.ack_refresh;
  setup_.env.process().scheduler().arm(refresh_timer_, told_.at + refresh_distance_);
}

bool FollowerNode::told(const sim::Connection& connection) const {
  return told_.to == &connection && told_.epoch == epoch_ && told_.bookmark == held() && told_.state == state_ &&
         told_.generation == generation_ && told_.base == (log_ != nullptr ? log_->base() : Bookmark{}) &&
         setup_.env.now() < told_.at + setup_.options.ack_refresh;
}

void FollowerNode::send_ack(sim::Connection& connection, const Bookmark& bookmark) {
  if (failed_ || !settled_) return;
  auto* message = new Ack;
  const sim::PayloadRef shared(message);
  message->follower = setup_.env.process().id();
  message->epoch = epoch_;
  message->bookmark = bookmark;
  message->state = state_;
  message->generation = generation_;
  message->base = log_ != nullptr ? log_->base() : Bookmark{};
  if (bookmark != message->base) {
    setup_.observer.on_follower_ack(setup_.database, setup_.env.process().id(), bookmark);
  }
  told_ = {&connection,    message->epoch,      message->bookmark, message->base,
           message->state, message->generation, setup_.env.now()};
  connection.send(shared);
}

void FollowerNode::send_sealed(sim::Connection& connection) {
  auto* message = new Sealed;
  const sim::PayloadRef shared(message);
  message->follower = setup_.env.process().id();
  message->epoch = std::max(epoch_, meta_.durable().promise);
  message->state = state_;
  message->generation = generation_;
  if (log_ != nullptr) {
    message->base = log_->base();
    message->last = log_->durable();
    message->confirmed = confirmed_;
  }
  connection.send(shared);
}

void FollowerNode::refresh() {
  if (full_) {
    full_ = false;
    drop_leader();  // what was refused is sent again on the next connection
    return;
  }
  note_durable_end();
  if (leader_ == nullptr) return;
  if (setup_.env.unlikely("follower/hang-up", sim::BuggifyClass::kEarly)) {
    drop_leader();
    return;
  }
  send_ack(*leader_, held());
  if (!works() || (state_ == FollowerState::kMember && confirmed_ >= log_->last())) return;
  refresh_distance_ = refresh_distance_ * 2;
  setup_.env.process().scheduler().arm_after(refresh_timer_, refresh_distance_);
}

/// The newest record has no record behind it that says that it was durable; so the state file says it, soon after the
/// last write. From then on the loss of that record cannot pass for a torn tail.
void FollowerNode::note_durable_end() {
  if (!works()) return;
  FollowerRecord record = meta_.newest();
  record.durable_end = log_->durable_end();
  record.confirmed = std::max(record.confirmed, confirmed_);
  if (record != meta_.newest()) meta_.save(record);
}

void FollowerNode::drop_leader() {
  if (leader_ == nullptr) return;
  on_close(*leader_, sim::CloseReason::kReset);  // destroying this end resets the stream
}

void FollowerNode::fetch(const Fetch& message, sim::Connection& connection) {
  auto* answer = new Fetched;
  const sim::PayloadRef shared(answer);
  answer->follower = setup_.env.process().id();
  answer->epoch = std::max(epoch_, meta_.durable().promise);
  answer->after = message.after;
  const bool readable =
      settled_ && works() && message.epoch >= epoch_ && log_->holds(message.after) && message.after <= log_->durable();
  if (readable && !setup_.env.unlikely("follower/fetch-fails", sim::BuggifyClass::kError)) {
    const bool few = setup_.env.unlikely("follower/fetch-one", sim::BuggifyClass::kOrder);
    const RecordStatus status =
        log_->read_after(message.after, {few ? 1 : message.most_entries, kFetchBytes}, answer->entries);
    answer->ok = status == RecordStatus::kGood;
    if (status == RecordStatus::kBad) {
      damage(answer->entries.empty() ? message.after : answer->entries.back()->bookmark());
    }
    if (!answer->ok) answer->entries.clear();
  }
  connection.send(shared);
}

Orphans FollowerNode::orphans() const {
  if (!works() || failed_) return {};
  return {log_->base(), std::min(confirmed_, log_->durable())};
}

std::vector<EntryRef> FollowerNode::read_orphans() {
  const Orphans range = orphans();
  std::vector<EntryRef> entries;
  const RecordStatus status = log_->read_after(range.base, {}, entries);
  if (status == RecordStatus::kBad) {
    damage(entries.empty() ? range.base : entries.back()->bookmark());
    advance();
    return {};
  }
  if (status != RecordStatus::kGood) return {};
  std::erase_if(entries, [&](const EntryRef& entry) { return entry->bookmark() > range.confirmed; });
  return entries;
}

}  // namespace tidemark::model::srs
