#include "model/srs/follower.h"

#include <algorithm>

#include "base/assert.h"

namespace tidemark::model::srs {

FollowerNode::FollowerNode(const RelaySetup& setup, std::uint32_t index, const Bookmark& base)
    : setup_(setup),
      index_(index),
      base_(base),
      log_(setup.env.files(), setup.database_name + ".log", setup.page_size, *this),
      failed_(log_.state() == LogState::kCorrupt),
      epoch_(stored().epoch),
      confirmed_(base),
      announced_(base),
      refresh_timer_(*this, &FollowerNode::refresh, setup.env.process()),
      refresh_distance_(setup.options.ack_refresh) {
  setup_.env.network().listen(this);
}

FollowerNode::~FollowerNode() {
  setup_.env.network().listen(nullptr);
}

void FollowerNode::on_accept(std::unique_ptr<sim::Connection> connection) {
  connection->set_receiver(this);
  if (!failed_) send_ack(*connection, log_.durable().is_origin() ? base_ : log_.durable());
  connections_.push_back(std::move(connection));
}

void FollowerNode::on_close(sim::Connection& connection, sim::CloseReason) {
  if (leader_ == &connection) leader_ = nullptr;
  std::erase_if(connections_, [&](const auto& open) { return open.get() == &connection; });
}

void FollowerNode::on_message(sim::Connection& connection, const sim::PayloadRef& message) {
  if (failed_) return;
  switch (static_cast<MessageType>(message->type())) {
    case MessageType::kAppend: {
      const auto& request = static_cast<const Append&>(*message);
      if (accepts(request.epoch, connection)) append(request);
      return;
    }
    case MessageType::kConfirm: {
      const auto& request = static_cast<const Confirm&>(*message);
      if (accepts(request.epoch, connection)) confirm(request.bookmark);
      return;
    }
    case MessageType::kTrim: {
      const auto& request = static_cast<const Trim&>(*message);
      if (accepts(request.epoch, connection)) trim(request.bookmark);
      return;
    }
    default:
      TIDEMARK_ASSERT(false, "a follower got a message that is not for followers");
  }
}

/// The fence: a newer epoch takes over, an older one learns that it is over.
bool FollowerNode::accepts(std::uint32_t epoch, sim::Connection& connection) {
  if (epoch < epoch_) {
    send_ack(connection, log_.durable());
    return false;
  }
  epoch_ = epoch;
  leader_ = &connection;
  return true;
}

void FollowerNode::append(const Append& message) {
  TIDEMARK_ASSERT(!message.entries.empty());
  for (const EntryRef& entry : message.entries) {
    if (log_.holds(entry->bookmark())) continue;  // sent again
    if (entry->previous() != stored()) {
      ack(log_.durable());  // a gap or another log: say where this one stands, store nothing
      return;
    }
    if (!log_.append(*entry)) {
      on_disk_failure();
      return;
    }
  }
  confirm(announced_);
  if (setup_.bugs.has(Bug::kA1)) ack(log_.last());
}

void FollowerNode::on_durable() {
  setup_.observer.on_follower_durable(setup_.database, setup_.env.process().id(), log_.durable());
  refresh_distance_ = setup_.options.ack_refresh;
  ack(log_.durable());
}

void FollowerNode::on_disk_failure() {
  failed_ = true;
  refresh_timer_.cancel();
}

void FollowerNode::ack(const Bookmark& bookmark) {
  if (leader_ == nullptr) return;
  send_ack(*leader_, bookmark);
  setup_.env.process().scheduler().arm_after(refresh_timer_, refresh_distance_);
}

void FollowerNode::send_ack(sim::Connection& connection, const Bookmark& bookmark) {
  auto* message = new Ack;
  const sim::PayloadRef shared(message);
  message->follower = index_;
  message->epoch = epoch_;
  message->bookmark = bookmark;
  if (bookmark != base_) setup_.observer.on_follower_ack(setup_.database, setup_.env.process().id(), bookmark);
  connection.send(shared);
}

void FollowerNode::refresh() {
  if (leader_ == nullptr) return;
  send_ack(*leader_, log_.durable());
  if (confirmed_ >= log_.last()) return;
  refresh_distance_ = refresh_distance_ * 2;
  setup_.env.process().scheduler().arm_after(refresh_timer_, refresh_distance_);
}

/// What is confirmed is known for entries that are here; a confirm that runs ahead waits for its entry.
void FollowerNode::confirm(const Bookmark& bookmark) {
  announced_ = std::max(announced_, bookmark);
  if (announced_ <= confirmed_ || !log_.holds(announced_)) return;
  confirmed_ = announced_;
  setup_.observer.on_follower_confirmed(setup_.database, setup_.env.process().id(), confirmed_);
}

void FollowerNode::trim(const Bookmark& up_to) {
  log_.trim(up_to);
  setup_.observer.on_follower_trim(setup_.database, setup_.env.process().id(), std::min(up_to, log_.durable()));
}

}  // namespace tidemark::model::srs
