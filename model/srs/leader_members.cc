// SrsLeader: one follower takes another one's place without a moment in which the quorum means less.

#include "base/assert.h"
#include "model/srs/leader.h"
#include "model/srs/leader_links.h"
#include "model/srs/leader_newcomer.h"
#include "model/types/points.h"

namespace tidemark::model::srs {

void SrsLeader::reconfigure(const Reconfigure& order) {
  if (broken_ || retiring_ || order.epoch != epoch_ || order.version != version_ + 1 ||
      order.index >= followers_.size())
    return;
  if (newcomer_ && newcomer_->link->follower() == order.process && newcomer_->index == order.index) {
    if (newcomer_->phase == Newcomer::Phase::kComplete) announce_newcomer();
    return;
  }
  if (newcomer_) quorum_.end_joint();
  newcomer_ = std::make_unique<Newcomer>(*this, setup_.env.process(), quorum_.newcomer_slot(), order);
  if (!skips_catch_up()) return;
  announce_newcomer();
  put_newcomer_in_place();
}

/// An acknowledgement of the newcomer as a member. What was confirmed before the joint phase it must hold itself;
/// what is confirmed later has a quorum in both sets.
void SrsLeader::newcomer_progress(const FollowerTruth& truth) {
  if (newcomer_->phase == Newcomer::Phase::kLearning) {
    newcomer_->phase = Newcomer::Phase::kJoint;
    newcomer_->confirmed_before = confirmed_;
    quorum_.begin_joint(newcomer_->index);
  }
  if (newcomer_->phase == Newcomer::Phase::kJoint && truth.durable >= newcomer_->confirmed_before) {
    if (!reach(setup_.env.process(), Point::kLeaderNewcomer)) return;
    newcomer_->phase = Newcomer::Phase::kComplete;
    announce_newcomer();
  }
}

void SrsLeader::announce_newcomer() {
  if (listener_ == nullptr) return;
  const boost::intrusive_ptr<Reconfigured> report(new Reconfigured);
  report->database = setup_.database;
  report->epoch = epoch_;
  report->version = newcomer_->version;
  report->index = newcomer_->index;
  report->process = newcomer_->link->follower();
  listener_->on_newcomer_complete(*report);
}

std::optional<std::uint32_t> SrsLeader::unrecorded_version() const {
  if (!newcomer_ || newcomer_->phase != Newcomer::Phase::kComplete) return std::nullopt;
  return newcomer_->version;
}

void SrsLeader::reconfigured_recorded(std::uint32_t version) {
  if (broken_ || !newcomer_ || newcomer_->version != version || newcomer_->phase != Newcomer::Phase::kComplete) return;
  put_newcomer_in_place();
}

/// The old follower's connection ends with its link; it keeps what it has until somebody wipes it.
void SrsLeader::put_newcomer_in_place() {
  const std::uint32_t index = newcomer_->index;
  version_ = newcomer_->version;
  quorum_.finish_joint(index);
  newcomer_->link->move_to_slot(index);
  followers_[index] = std::move(newcomer_->link);
  newcomer_.reset();
  report_set();
  count();  // the old set does not hold anything up any more
}

std::vector<std::uint32_t> SrsLeader::follower_processes() const {
  std::vector<std::uint32_t> processes;
  for (const auto& follower : followers_) processes.push_back(follower->follower());
  return processes;
}

void SrsLeader::report_set() {
  setup_.observer.on_follower_set(setup_.database, follower_processes());
}

}  // namespace tidemark::model::srs
