#include "model/srs/follower.h"
#include "model/types/points.h"

#include <algorithm>

namespace tidemark::model::srs {
namespace {
/// From an error of the disk to the next start of the process. Ours: what a supervisor takes.
constexpr sim::Duration kRestartPause = sim::Duration::seconds(1);
}  // namespace

FollowerNode::FollowerNode(const RelaySetup& setup, std::uint32_t index)
    : setup_(setup),
      meta_(setup.env.files(), file_name(".meta"), setup.bugs, *this),
      refresh_timer_(*this, &FollowerNode::refresh, setup.env.process()),
      refresh_distance_(setup.options.ack_refresh),
      orphan_watch_(setup, index, *this) {
  recover();
  setup_.env.network().listen(this);
  advance();
}

FollowerNode::~FollowerNode() {
  setup_.env.network().listen(nullptr);
}

void FollowerNode::on_accept(std::unique_ptr<sim::Connection> connection) {
  connection->set_receiver(this);
  send_ack(*connection, held());
  connections_.push_back(std::move(connection));
}

void FollowerNode::on_close(sim::Connection& connection, sim::CloseReason) {
  if (leader_ == &connection) leader_ = nullptr;
  if (told_.to == &connection) told_.to = nullptr;
  std::erase_if(seals_, [&](const OpenSeal& open) { return open.connection == &connection; });
  std::erase_if(connections_, [&](const auto& open) { return open.get() == &connection; });
}

void FollowerNode::on_message(sim::Connection& connection, const sim::PayloadRef& message) {
  if (failed_) return;
  switch (static_cast<MessageType>(message->type())) {
    case MessageType::kAppend:
      from_leader(static_cast<const Append&>(*message).epoch, connection, message);
      break;
    case MessageType::kConfirm:
      from_leader(static_cast<const Confirm&>(*message).epoch, connection, message);
      break;
    case MessageType::kTrim:
      from_leader(static_cast<const Trim&>(*message).epoch, connection, message);
      break;
    case MessageType::kJoin: {
      const auto& request = static_cast<const Join&>(*message);
      if (accepts(request.epoch, connection)) join(request);
      break;
    }
    case MessageType::kSeal:
      seal(static_cast<const Seal&>(*message), connection);
      break;
    case MessageType::kFetch:
      fetch(static_cast<const Fetch&>(*message), connection);
      break;
    default:
      break;  // not for followers
  }
  advance();
}

/// The fence: a newer epoch takes over, an older one learns that it is over.
bool FollowerNode::accepts(std::uint32_t epoch, sim::Connection& connection) {
  if (epoch < epoch_) {
    if (!told(connection)) send_ack(connection, held());
    return false;
  }
  epoch_ = epoch;
  leader_ = &connection;
  promise(epoch);
  orphan_watch_.heard();
  return true;
}

void FollowerNode::promise(std::uint32_t epoch) {
  if (epoch <= meta_.newest().promise) return;
  FollowerRecord record = meta_.newest();
  record.promise = epoch;
  meta_.save(record);
}

void FollowerNode::from_leader(std::uint32_t epoch, sim::Connection& connection, const sim::PayloadRef& message) {
  if (!accepts(epoch, connection)) return;
  if (joining_.has_value()) {
    joining_->waiting.push_back(message);  // it is meant for the log that begins with the Join
  } else {
    log_message(message);
  }
}

void FollowerNode::log_message(const sim::PayloadRef& message) {
  if (message->type() == static_cast<std::uint16_t>(MessageType::kAppend)) {
    append(static_cast<const Append&>(*message));
  } else if (message->type() == static_cast<std::uint16_t>(MessageType::kConfirm)) {
    confirm(static_cast<const Confirm&>(*message).bookmark);
  } else {
    trim(static_cast<const Trim&>(*message).bookmark);
  }
}

void FollowerNode::append(const Append& message) {
  if (!works()) {
    refuse();  // blank or damaged: only a Join helps
    return;
  }
  if (full_) return;
  for (const EntryRef& entry : message.entries) {
    if (take(*entry) == Step::kStop) return;
    // The rest is not stored: what comes next is a gap, and the leader sends again.
    if (setup_.env.unlikely("follower/append-part", sim::BuggifyClass::kOrder)) break;
  }
  confirm(announced_);
  if (setup_.bugs.has(Bug::kA1) && leader_ != nullptr) send_ack(*leader_, log_->last());
}

FollowerNode::Step FollowerNode::take(const Entry& entry) {
  if (entry.bookmark() <= log_->base() || log_->holds(entry.bookmark())) return Step::kDone;  // sent again
  // Bug A19 does not look at what the entry follows.
  const bool follows = entry.previous() == log_->last() || setup_.bugs.has(Bug::kA19);
  if (!follows && !log_->holds(entry.previous())) {
    // Bug A11: "I do not know this position" is taken for "there is nothing".
    if (setup_.bugs.has(Bug::kA11)) static_cast<void>(cut(log_->base()));
    refuse();  // a gap, or another log: say where this one stands, store nothing
    return Step::kStop;
  }
  if (!follows) {
    // Entries of an older leader that never were confirmed. What is known to be confirmed never goes.
    if (entry.previous() < confirmed_) {
      refuse();
      return Step::kStop;
    }
    // Bug A10: after a restart it has forgotten that it holds more than the leader believes.
    if (!(setup_.bugs.has(Bug::kA10) && recovered_log_) && cut(entry.previous()) == Step::kStop) return Step::kStop;
  }
  if (!reach(setup_.env.process(), Point::kFollowerAppend)) return Step::kStop;
  setup_.observer.on_follower_stored(setup_.database, setup_.env.process().id(), log_->end_of_entries(),
                                     entry.previous(), entry.bookmark());
  return written(log_->append(entry));
}

FollowerNode::Step FollowerNode::cut(const Bookmark& after) {
  if (!reach(setup_.env.process(), Point::kFollowerCut)) return Step::kStop;
  setup_.observer.on_follower_rewound(setup_.database, setup_.env.process().id(), after, confirmed_);
  const Step step = written(log_->cut(after));
  if (step == Step::kStop) return step;
  confirm_floor_ = std::min(confirm_floor_, after);
  durable_ = std::min(durable_, after);
  durable_before_ = std::min(durable_before_, after);
  setup_.observer.on_follower_cut(setup_.database, setup_.env.process().id(), log_->durable());
  return step;
}

FollowerNode::Step FollowerNode::written(FollowerLog::Write write) {
  if (write == FollowerLog::Write::kDone) return Step::kDone;
  if (write == FollowerLog::Write::kFailed) {
    on_disk_failure();
    return Step::kStop;
  }
  full_ = true;
  ack();
  return Step::kStop;
}

/// What is confirmed is known for entries that are here; a confirm that runs ahead waits for its entry.
void FollowerNode::confirm(const Bookmark& bookmark) {
  if (!works()) return;
  // Bug A22 believes whatever comes, even if it is lower.
  announced_ = setup_.bugs.has(Bug::kA22) ? bookmark : std::max(announced_, bookmark);
  if (announced_ == confirmed_ || announced_ < confirm_floor_) return;
  if (!log_->holds(announced_) && !setup_.bugs.has(Bug::kA33)) return;  // Bug A33 takes the leader's word for it
  confirmed_ = announced_;
  observe_confirmed();
  if (setup_.bugs.has(Bug::kE16)) trim(confirmed_);  // Bug E16: confirmed, so surely in cold storage as well
  orphan_watch_.update();
}

void FollowerNode::observe_confirmed() {
  setup_.observer.on_follower_confirmed(setup_.database, setup_.env.process().id(), confirmed_);
}

/// First the state file says where the log begins, then the bytes go: advance_trim().
void FollowerNode::trim(const Bookmark& up_to) {
  if (setup_.env.unlikely("follower/trim-later", sim::BuggifyClass::kEarly)) return;
  if (!works() || up_to <= meta_.newest().base || up_to > log_->durable() || !log_->holds(up_to)) return;
  confirm(up_to);
  FollowerRecord record = meta_.newest();
  record.base = up_to;
  record.begin = log_->offset_after(up_to);
  record.durable_end = log_->durable_end();
  record.confirmed = std::max(record.confirmed, confirmed_);
  meta_.save(record);
}

void FollowerNode::seal(const Seal& message, sim::Connection& connection) {
  if (message.epoch < epoch_) {
    send_sealed(connection);  // refused: it carries the newer promise
    return;
  }
  // Bug A8: the promise is given, but what the older leader still sends is stored and acknowledged as before.
  if (!setup_.bugs.has(Bug::kA8)) {
    epoch_ = message.epoch;
    leader_ = &connection;
  }
  promise(message.epoch);
  orphan_watch_.heard();
  std::erase_if(seals_, [&](const OpenSeal& open) { return open.connection == &connection; });
  seals_.push_back({&connection, message.epoch, generation_, log_ != nullptr ? log_->end() : 0});
}

void FollowerNode::on_log_durable(FollowerLog& log) {
  if (failed_ || &log != log_.get() || log.durable() == durable_) {
    advance();
    return;
  }
  durable_before_ = durable_;
  durable_ = log.durable();
  refresh_distance_ = setup_.options.ack_refresh;
  if (setup_.env.unlikely("follower/note-durable-end", sim::BuggifyClass::kEarly)) note_durable_end();
  if (settled_) {
    setup_.observer.on_follower_durable(setup_.database, setup_.env.process().id(), log.synced());
    if (!reach(setup_.env.process(), Point::kFollowerDurable)) return;
    if (setup_.bugs.has(Bug::kA28) || setup_.env.unlikely("follower/ack-later", sim::BuggifyClass::kEarly)) {
      // Bug A28: acks leave with the timer only.
      if (!refresh_timer_.armed()) setup_.env.process().scheduler().arm_after(refresh_timer_, refresh_distance_);
    } else {
      ack();
    }
  }
  advance();
}

void FollowerNode::on_meta_durable() {
  advance();
}

void FollowerNode::on_disk_failure() {
  if (failed_) return;
  failed_ = true;
  refresh_timer_.cancel();
  orphan_watch_.stop();
  setup_.env.process().restart(kRestartPause);
}

}  // namespace tidemark::model::srs
