#include "model/control/database_control.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "model/types/points.h"
#include "sim/core/scheduler.h"

namespace tidemark::model::control {
namespace {

/// Pause before the next attempt after a failed takeover; doubles up to kLongestPause.
constexpr sim::Duration kFirstPause = sim::Duration::milliseconds(100);
constexpr sim::Duration kLongestPause = sim::Duration::seconds(5);

template <typename Message>
std::pair<Message*, sim::PayloadRef> make(std::uint32_t database, std::uint32_t epoch) {
  auto* message = new Message;
  sim::PayloadRef reference(message);
  message->database = database;
  message->epoch = epoch;
  return {message, std::move(reference)};
}

}  // namespace

std::string_view to_text(DatabaseState state) {
  switch (state) {
    case DatabaseState::kAsleep:
      return "asleep";
    case DatabaseState::kWaiting:
      return "waiting";
    case DatabaseState::kAppointing:
      return "appointing";
    case DatabaseState::kTakingOver:
      return "taking over";
    case DatabaseState::kServing:
      return "serving";
    case DatabaseState::kRetiring:
      return "retiring";
  }
  return "unknown";
}

/// After a restart nothing is known of grants given just before: the lease of an unknown leader runs from now, and it
/// has the time of a detection to report.
DatabaseControl::DatabaseControl(Env& env, const ControlOptions& options, const BugSet& bugs, std::uint32_t database,
                                 const DatabasePlaces& places, HostLinks& links)
    : env_(env),
      options_(options),
      bugs_(bugs),
      database_(database),
      places_(places),
      links_(links),
      file_(env.process(), env.files(), bugs, places.name),
      check_(*this),
      last_heard_(env.now()),
      lease_end_(env.now()) {
  TIDEMARK_ASSERT(!places.hosts.empty() && !places.followers.empty());
  std::optional<DatabaseRecord> stored = file_.load();
  // Bug D14 leaves records that a power loss tears; they read as none.
  TIDEMARK_ASSERT(!file_.damaged() || bugs.has(Bug::kD14), "the control plane's disk is taken to be reliable");
  if (!stored.has_value()) {
    record_.followers = places.followers;
    wait_for(places.hosts.front());
    return;
  }
  record_ = std::move(*stored);
  if (record_.asleep) {
    move(DatabaseState::kAsleep);
    return;
  }
  lease_end_ = env.now() + options.lease;
  move(DatabaseState::kServing);
  arm(env.now() + options.detection_timeout);
}

DatabaseControl::~DatabaseControl() = default;

void DatabaseControl::move(DatabaseState state) {
  state_ = state;
}

void DatabaseControl::arm(sim::Instant at) {
  env_.process().scheduler().arm(check_, std::max(at, env_.now()), database_);
}

void DatabaseControl::wait_for(std::uint32_t preferred) {
  move(DatabaseState::kWaiting);
  change_.reset();
  given_up_serving_ = false;
  preferred_ = preferred;
  sim::Duration pause{};
  if (failures_ > 0) pause = std::min(kFirstPause * (std::int64_t{1} << std::min(failures_ - 1, 6U)), kLongestPause);
  lease_end_ = std::max(lease_end_, env_.now() + pause);
  patience_ = lease_end_ + options_.detection_timeout;
  arm(lease_end_);
}

/// The next host in the list that is connected; the same one when there is no other.
std::uint32_t DatabaseControl::next_host_after(std::uint32_t host) const {
  const auto found = std::find(places_.hosts.begin(), places_.hosts.end(), host);
  const auto start = static_cast<std::size_t>(found - places_.hosts.begin());
  for (std::size_t i = 1; i < places_.hosts.size(); ++i) {
    const std::uint32_t next = places_.hosts[(start + i) % places_.hosts.size()];
    if (next != host && links_.connected(next)) return next;
  }
  return host;
}

sim::Duration DatabaseControl::takeover_limit() const {
  if (bugs_.has(Bug::kB17)) return options_.takeover_timeout;
  return options_.takeover_timeout * std::min(std::int64_t{1} << std::min(failures_, 30U), kLongestFactor);
}

void DatabaseControl::check() {
  const sim::Instant silent = last_heard_ + options_.detection_timeout;
  switch (state_) {
    case DatabaseState::kWaiting:
      check_waiting();
      return;
    case DatabaseState::kServing:
      if (env_.now() < silent && !env_.unlikely("control/suspect", sim::BuggifyClass::kEarly)) return arm(silent);
      failures_ = 0;
      wait_for(next_host_after(record_.host));
      given_up_serving_ = true;
      return;
    case DatabaseState::kTakingOver:
      if (env_.now() < std::min(silent, deadline_)) return arm(std::min(silent, deadline_));
      failed_attempt();
      return;
    case DatabaseState::kRetiring:
      if (env_.now() < std::min(silent, deadline_)) return arm(std::min(silent, deadline_));
      wait_for(target_ != 0 ? target_ : next_host_after(record_.host));
      return;
    case DatabaseState::kAsleep:
      // The host that slept is gone, and with it the place to which requests are routed.
      if (!links_.connected(record_.host)) wait_for(next_host_after(record_.host));
      return;
    case DatabaseState::kAppointing:
      return;
  }
}

void DatabaseControl::check_waiting() {
  if (env_.now() < lease_end_) return arm(lease_end_);
  const sim::Duration pause = env_.extra_delay("control/appoint-later");
  if (pause.ns() > 0) return arm(env_.now() + pause);
  if (env_.unlikely("control/other-host", sim::BuggifyClass::kOrder)) preferred_ = next_host_after(preferred_);
  std::uint32_t chosen = 0;
  if (links_.connected(preferred_)) {
    chosen = preferred_;
  } else if (env_.now() >= patience_) {
    const std::uint32_t other = next_host_after(preferred_);
    if (links_.connected(other)) chosen = other;
  }
  if (chosen != 0) {
    env_.process().spawn(appoint(chosen));
  } else if (env_.now() < patience_) {
    arm(patience_);
  }
  // Else the next host that connects is taken, see on_report.
}

void DatabaseControl::failed_attempt() {
  ++failures_;
  wait_for(next_host_after(record_.host));
}

sim::Task<void> DatabaseControl::appoint(std::uint32_t host) {
  move(DatabaseState::kAppointing);
  ++record_.epoch;
  record_.host = host;
  record_.asleep = false;
  if (!reach(env_.process(), Point::kControlAppoint)) co_return;
  const bool saved = co_await file_.save(record_);
  if (!saved) {
    disk_failed();
    co_return;
  }
  if (!reach(env_.process(), Point::kControlRecorded)) co_return;
  auto [message, reference] = make<Appoint>(database_, record_.epoch);
  message->fresh = !record_.ever_served;
  message->version = record_.version;
  message->followers = record_.followers;
  links_.send(host, std::move(reference));
  sent_on_ = links_.connection_of(host);
  move(DatabaseState::kTakingOver);
  last_heard_ = env_.now();
  deadline_ = env_.now() + takeover_limit();
  arm(std::min(deadline_, last_heard_ + options_.detection_timeout));
}

sim::Task<void> DatabaseControl::remember() {
  const bool saved = co_await file_.save(record_);
  if (!saved) disk_failed();
}

void DatabaseControl::on_report(std::uint32_t host, const LeaderReport& report) {
  if (report.epoch == 0) {
    on_idle_host(host);
    return;
  }
  if (report.epoch != record_.epoch || host != record_.host || state_ == DatabaseState::kAppointing) {
    grant(host, report, true);
    return;
  }
  if (state_ == DatabaseState::kWaiting) {
    const bool keeps_its_place = given_up_serving_ && report.phase == LeaderPhase::kServing;
    if (!keeps_its_place) {
      grant(host, report, true);
      return;
    }
    move(DatabaseState::kServing);
    arm(env_.now() + options_.detection_timeout);
  }
  if (state_ == DatabaseState::kAsleep && report.phase != LeaderPhase::kRetired) return;
  last_heard_ = env_.now();
  grant(host, report, false);
  on_phase(report);
}

void DatabaseControl::grant(std::uint32_t host, const LeaderReport& report, bool refused) {
  auto [message, reference] = make<Grant>(database_, report.epoch);
  message->number = report.number;
  message->refused = refused;
  if (!refused) lease_end_ = std::max(lease_end_, env_.now() + options_.lease);
  if (env_.unlikely("control/grant-lost", sim::BuggifyClass::kError)) return;
  links_.send(host, std::move(reference));
}

void DatabaseControl::on_phase(const LeaderReport& report) {
  switch (report.phase) {
    case LeaderPhase::kServing:
    case LeaderPhase::kRestoring:
      if (state_ == DatabaseState::kRetiring) return ask_retire();  // the first one may be lost
      if (state_ != DatabaseState::kServing) {
        move(DatabaseState::kServing);
        failures_ = 0;
      }
      if (!record_.ever_served) {
        record_.ever_served = true;
        env_.process().spawn(remember());
      }
      if (report.idle && options_.evict_after.ns() > 0 && !change_.has_value() && !stays_awake_) {
        target_ = 0;
        ask_retire();
        return;
      }
      look_after_followers(report);
      return;
    case LeaderPhase::kRetired:
      on_retired();
      return;
    case LeaderPhase::kBroken:
      lease_end_ = env_.now();  // it answers nothing any more; its next life will say that it is idle
      return;
    default:
      return;
  }
}

/// A host without an appointment. If it was appointed, it has started anew since. Its lease goes on: what starts anew
/// may be a second life of the host, while the first one answers reads.
void DatabaseControl::on_idle_host(std::uint32_t host) {
  if (host == record_.host) {
    switch (state_) {
      case DatabaseState::kTakingOver:
        // On the connection of the Appoint it was sent before the Appoint came: that is still under way.
        if (links_.connection_of(host) == sent_on_) return;
        failed_attempt();
        return;
      case DatabaseState::kServing:
        wait_for(host);
        return;
      case DatabaseState::kRetiring:
        wait_for(target_ != 0 ? target_ : host);
        return;
      default:
        break;
    }
  }
  if (state_ == DatabaseState::kWaiting) check_waiting();
}

void DatabaseControl::ask_retire() {
  if (state_ != DatabaseState::kRetiring) {
    move(DatabaseState::kRetiring);
    deadline_ = env_.now() + options_.takeover_timeout;
    arm(std::min(deadline_, last_heard_ + options_.detection_timeout));
  }
  links_.send(record_.host, make<Retire>(database_, record_.epoch).second);
}

void DatabaseControl::on_retired() {
  lease_end_ = env_.now();  // it said so itself: it answers nothing any more
  if (state_ == DatabaseState::kAsleep) return;
  if (state_ == DatabaseState::kRetiring && target_ == 0 && !stays_awake_) {
    record_.asleep = true;
    change_.reset();
    move(DatabaseState::kAsleep);
    check_.cancel();
    env_.process().spawn(remember());
    return;
  }
  wait_for(state_ == DatabaseState::kRetiring && target_ != 0 ? target_ : record_.host);
}

void DatabaseControl::on_wake() {
  if (state_ == DatabaseState::kAsleep) wait_for(record_.host);
}

void DatabaseControl::stay_awake(bool on) {
  stays_awake_ = on;
  if (on) on_wake();
}

void DatabaseControl::on_disconnected(std::uint32_t host) {
  // A host that retires starts anew and connects again; one that is dead does not.
  if (state_ == DatabaseState::kAsleep && host == record_.host) arm(env_.now() + options_.detection_timeout);
}

bool DatabaseControl::evict() {
  if (state_ != DatabaseState::kServing || stays_awake_) return false;
  target_ = 0;
  ask_retire();
  return true;
}

bool DatabaseControl::hand_over(std::uint32_t host) {
  const bool known = std::find(places_.hosts.begin(), places_.hosts.end(), host) != places_.hosts.end();
  if (!known || state_ != DatabaseState::kServing || host == record_.host) return false;
  target_ = host;
  ask_retire();
  return true;
}

}  // namespace tidemark::model::control
