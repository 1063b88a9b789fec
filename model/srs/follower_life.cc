// FollowerNode: what it finds at its start, how a Join replaces its log, and what happens when something gets durable.

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "model/srs/follower.h"
#include "model/types/points.h"

namespace tidemark::model::srs {
namespace {

std::uint32_t epoch_of(const sim::Payload& message) {
  switch (static_cast<MessageType>(message.type())) {
    case MessageType::kAppend:
      return static_cast<const Append&>(message).epoch;
    case MessageType::kConfirm:
      return static_cast<const Confirm&>(message).epoch;
    default:
      return static_cast<const Trim&>(message).epoch;
  }
}

}  // namespace

void FollowerNode::recover() {
  using Found = FollowerMeta::Found;
  if (meta_.found() == Found::kUnreadable) {
    on_disk_failure();
    return;
  }
  const FollowerRecord& record = meta_.durable();
  epoch_ = promised_ = record.promise;
  generation_ = record.generation;
  state_ = record.state;
  const bool started_before = setup_.env.process().incarnation() > 1;
  if (meta_.found() == Found::kDamaged) {
    lost_at_start({});
  } else if (state_ == FollowerState::kBlank && started_before) {
    setup_.observer.on_follower_cut(setup_.database, setup_.env.process().id(), {});
  } else if (state_ == FollowerState::kLearner || state_ == FollowerState::kMember) {
    open_log();
  }
  if (failed_) return;
  remove_other_logs();
  settled_ = log_ == nullptr || log_->settled();
}

void FollowerNode::open_log() {
  const FollowerRecord& record = meta_.durable();
  sim::FileSystem& files = setup_.env.files();
  if (!files.exists(log_name(generation_))) {
    lost_at_start(record.base);
    return;
  }
  log_ = std::make_unique<FollowerLog>(files, log_name(generation_), LogIdentity{setup_.page_size, generation_},
                                       LogStart{record.base, record.begin, record.durable_end},
                                       FollowerLog::Begin::kRecover, setup_.bugs, *this);
  if (log_->state() == LogState::kUnreadable) {
    on_disk_failure();
    return;
  }
  if (log_->state() == LogState::kCorrupt) {
    lost_at_start(log_->last());
    return;
  }
  if (const std::optional<FollowerLog::Break>& gap = log_->gap()) {
    setup_.observer.on_follower_stored(setup_.database, setup_.env.process().id(), gap->last, gap->previous,
                                       gap->entry);
  }
  recovered_log_ = log_->entries() > 0;
  // The life before may have ended while it switched to this log, before it said so.
  if (!recovered_log_) setup_.observer.on_follower_cut(setup_.database, setup_.env.process().id(), log_->base());
  epoch_ = std::max(epoch_, log_->last().epoch);
  durable_ = durable_before_ = log_->durable();
  confirmed_ = log_->holds(record.confirmed) ? record.confirmed : record.base;
  announced_ = confirmed_;
  // An earlier life was perhaps told of more than the state file knows, but of nothing that is not here.
  confirm_floor_ = log_->last();
  if (!confirmed_.is_origin()) observe_confirmed();
}

/// Something that may have been acknowledged is bad or gone; good is what ends at `good_end` (a copy: the log goes).
void FollowerNode::lost_at_start(Bookmark good_end) {
  log_.reset();
  damage(good_end);
}

void FollowerNode::damage(Bookmark good_end) {
  state_ = FollowerState::kDamaged;
  retire(std::move(log_));
  confirmed_ = {};
  FollowerRecord record = meta_.newest();
  record.state = FollowerState::kDamaged;
  meta_.save(record);
  setup_.observer.on_follower_cut(setup_.database, setup_.env.process().id(), good_end);
  orphan_watch_.update();
  if (leader_ != nullptr) ack();
}

std::string FollowerNode::log_name(std::uint64_t generation) const {
  return setup_.database_name + "." + std::to_string(generation) + ".log";
}

/// Logs of earlier generations, and one that a Join began and did not finish.
void FollowerNode::remove_other_logs() {
  const std::string prefix = setup_.database_name + ".";
  constexpr std::string_view kSuffix = ".log";
  for (const std::string& name : setup_.env.files().list()) {
    if (!name.starts_with(prefix) || !name.ends_with(kSuffix)) continue;
    const bool in_use = name == log_name(meta_.durable().generation) || name == log_name(meta_.newest().generation) ||
                        (joining_.has_value() && name == log_name(joining_->record.generation));
    if (!in_use) setup_.env.files().remove(name);
  }
}

/// The log of the new generation is made durable under its own name before the state file speaks of it; until then the
/// old one counts.
void FollowerNode::join(const Join& message) {
  const std::uint64_t known = joining_.has_value() ? joining_->record.generation : meta_.newest().generation;
  if (message.generation <= known) {
    if (!joining_.has_value()) ack();  // sent again, or overtaken
    return;
  }
  if (!reach(setup_.env.process(), Point::kFollowerJoin)) return;
  if (joining_.has_value()) retire(std::move(joining_->log));
  joining_.reset();
  FollowerRecord record;
  record.promise = std::max(epoch_, meta_.newest().promise);
  record.state = message.target == message.base ? FollowerState::kMember : FollowerState::kLearner;
  record.generation = message.generation;
  record.base = record.confirmed = message.base;
  record.target = message.target;
  sim::FileSystem& files = setup_.env.files();
  files.remove(log_name(message.generation));
  auto log = std::make_unique<FollowerLog>(files, log_name(message.generation),
                                           LogIdentity{setup_.page_size, message.generation}, LogStart{message.base},
                                           FollowerLog::Begin::kCreate, setup_.bugs, *this);
  if (written(log->created()) == Step::kStop) return;
  joining_.emplace(Joining{record, std::move(log), false, {}});
}

/// Everything that waits for something durable, in the order in which one makes way for the next.
void FollowerNode::advance() {
  if (failed_) return;
  advance_join();
  settle();
  advance_state();
  answer_seals();
  advance_trim();
}

void FollowerNode::settle() {
  if (settled_ || (log_ != nullptr && !log_->settled())) return;
  settled_ = true;
  if (log_ != nullptr && log_->durable() != log_->base()) {
    setup_.observer.on_follower_durable(setup_.database, setup_.env.process().id(), log_->durable());
  }
  for (const auto& connection : connections_) send_ack(*connection, held());
  setup_.env.process().scheduler().arm_after(refresh_timer_, refresh_distance_);
}

void FollowerNode::advance_join() {
  if (!joining_.has_value()) return;
  if (!joining_->saved && joining_->log->settled()) {
    joining_->saved = true;
    joining_->record.promise = std::max(epoch_, meta_.newest().promise);
    meta_.save(joining_->record);
  }
  if (!joining_->saved || meta_.durable().generation != joining_->record.generation) return;
  if (!reach(setup_.env.process(), Point::kFollowerSwitch)) return;
  const std::vector<sim::PayloadRef> waiting = std::move(joining_->waiting);
  switch_log();
  ack();
  for (const sim::PayloadRef& message : waiting) {
    if (!failed_ && epoch_of(*message) >= epoch_) log_message(message);
  }
}

void FollowerNode::switch_log() {
  retire(std::move(log_));
  log_ = std::move(joining_->log);
  generation_ = joining_->record.generation;
  state_ = joining_->record.state;
  joining_.reset();
  settled_ = true;
  recovered_log_ = false;
  durable_ = durable_before_ = log_->durable();
  confirm_floor_ = std::max({confirm_floor_, announced_, confirmed_});
  confirmed_ = log_->base();
  announced_ = std::max(announced_, confirmed_);
  remove_other_logs();
  setup_.observer.on_follower_cut(setup_.database, setup_.env.process().id(), log_->base());
  // It has jumped to a base that nobody will confirm to it again.
  if (!confirmed_.is_origin() && confirmed_ >= confirm_floor_) observe_confirmed();
}

void FollowerNode::advance_state() {
  if (meta_.durable().promise > promised_) {
    promised_ = meta_.durable().promise;
    setup_.observer.on_promise(setup_.database, setup_.env.process().id(), promised_);
  }
  if (!works() || state_ != FollowerState::kLearner) return;
  if (meta_.newest().state == FollowerState::kLearner && log_->durable() >= meta_.newest().target) {
    FollowerRecord record = meta_.newest();
    record.state = FollowerState::kMember;
    record.durable_end = log_->durable_end();
    meta_.save(record);
  }
  if (meta_.durable().state == FollowerState::kMember) {
    state_ = FollowerState::kMember;
    ack();
  }
}

/// An entry that was written before the promise may become durable after it. So the answer waits until all of that is
/// durable: nothing of an older epoch is added afterwards to what it says.
void FollowerNode::answer_seals() {
  if (!settled_ || joining_.has_value()) return;
  std::erase_if(seals_, [this](const OpenSeal& open) {
    const bool same_log = log_ != nullptr && generation_ == open.generation;
    if (meta_.durable().promise < open.epoch || (same_log && log_->durable_end() < open.log_end)) return false;
    if (!reach(setup_.env.process(), Point::kFollowerSealed)) return true;
    send_sealed(*open.connection);
    if (setup_.env.unlikely("follower/sealed-twice", sim::BuggifyClass::kBranch)) send_sealed(*open.connection);
    return true;
  });
}

void FollowerNode::advance_trim() {
  const FollowerRecord& record = meta_.durable();
  if (!works() || record.generation != generation_ || record.begin <= log_->begin()) return;
  if (!reach(setup_.env.process(), Point::kFollowerTrim)) return;
  log_->trim(record.base, record.begin);
  setup_.observer.on_follower_trim(setup_.database, setup_.env.process().id(), record.base);
  orphan_watch_.heard();
  orphan_watch_.update();
}

/// A sync that is under way still calls its log.
void FollowerNode::retire(std::unique_ptr<FollowerLog> log) {
  std::erase_if(retired_, [](const auto& old) { return !old->syncing(); });
  if (log == nullptr) return;
  log->detach();
  if (log->syncing()) retired_.push_back(std::move(log));
}

}  // namespace tidemark::model::srs
