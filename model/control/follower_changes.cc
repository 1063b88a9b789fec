// DatabaseControl: the follower set. Appointments: database_control.cc.
#include <algorithm>
#include <utility>

#include "model/control/database_control.h"
#include "model/types/points.h"

namespace tidemark::model::control {

void DatabaseControl::look_after_followers(const LeaderReport& report) {
  if (report.silent_followers.empty()) return;
  // One change at a time. A newcomer that does not get there in the time after which a follower is given up is given
  // up as well.
  if (change_.has_value() && env_.now() - change_->since < options_.replace_after) return;
  const std::uint32_t index = change_.has_value() ? change_->index : report.silent_followers.front();
  const std::optional<std::uint32_t> spare = next_spare();
  if (!spare.has_value() || index >= record_.followers.size()) return;
  change_ = Change{index, *spare, env_.now()};
  send_change();
}

bool DatabaseControl::replace_follower(std::uint32_t index) {
  if (state_ != DatabaseState::kServing || change_.has_value() || index >= record_.followers.size()) return false;
  const std::optional<std::uint32_t> spare = next_spare();
  if (!spare.has_value()) return false;
  change_ = Change{index, *spare, env_.now()};
  send_change();
  return true;
}

void DatabaseControl::send_change() {
  auto* message = new Reconfigure;
  sim::PayloadRef reference(message);
  message->database = database_;
  message->epoch = record_.epoch;
  message->version = record_.version + 1;
  message->index = change_->index;
  message->process = change_->process;
  links_.send(record_.host, std::move(reference));
}

std::optional<std::uint32_t> DatabaseControl::next_spare() {
  std::vector<std::uint32_t> all = places_.followers;
  all.insert(all.end(), places_.spares.begin(), places_.spares.end());
  // Begin after the one that was taken last; before the first time, with the first spare.
  const auto last = std::find(all.begin(), all.end(), last_spare_);
  const std::size_t start =
      last == all.end() ? places_.followers.size() : static_cast<std::size_t>(last - all.begin()) + 1;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::uint32_t candidate = all[(start + i) % all.size()];
    if (std::find(record_.followers.begin(), record_.followers.end(), candidate) != record_.followers.end()) continue;
    last_spare_ = candidate;
    return candidate;
  }
  return std::nullopt;
}

void DatabaseControl::on_reconfigured(std::uint32_t host, const Reconfigured& done) {
  const bool leads = host == record_.host && done.epoch == record_.epoch && state_ != DatabaseState::kAppointing;
  if (!leads || done.index >= record_.followers.size()) return;
  if (done.version == record_.version && record_.followers[done.index] == done.process) {
    env_.process().spawn(record_change(host, done.epoch, done.version));  // the answer may be lost
    return;
  }
  if (done.version != record_.version + 1) return;
  record_.version = done.version;
  record_.followers[done.index] = done.process;
  if (change_.has_value() && change_->index == done.index) change_.reset();
  env_.process().spawn(record_change(host, done.epoch, done.version));
}

sim::Task<void> DatabaseControl::record_change(std::uint32_t host, std::uint32_t epoch, std::uint32_t version) {
  const bool saved = co_await file_.save(record_);
  if (!saved) {
    disk_failed();
    co_return;
  }
  if (!reach(env_.process(), Point::kControlMember)) co_return;
  auto* message = new ReconfiguredAck;
  sim::PayloadRef reference(message);
  message->database = database_;
  message->epoch = epoch;
  message->version = version;
  links_.send(host, std::move(reference));
}

}  // namespace tidemark::model::control
