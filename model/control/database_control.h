// DatabaseControl: the decisions of the control plane about one database: who leads, with which followers, when
// somebody else takes over.
//
//                 Wake                     host chosen, lease of the last leader over
//    kAsleep ------------> kWaiting ---------------------------------------> kAppointing
//       ^                   ^  ^  ^                                              | the record is durable: Appoint sent
//       | kRetired,         |  |  | silence, too slow, host restarted            v
//       | was idle          |  |  `---------------------------------------- kTakingOver
//       |     kRetired, or  |  |    silence, host restarted                     | report kServing
//       |     silence, too  |  `--------------------------------------.         v
//       |     slow          |                                          `---- kServing
//       `---------------- kRetiring <------------------------------------------' hand-over asked, or idle
//
// Rules:
// - An epoch is used for one Appoint, sent once, after the record of it is durable. What is lost costs an epoch.
// - Failure detection is by silence alone, so it can be wrong. A leader that was given up and reports again before
//   somebody else was appointed keeps its place.
// - A grant lets a leader answer reads until its report's sending + lease. Nobody else is appointed before the receipt
//   of the last granted report + lease has passed here, unless that leader itself said that it has retired or given up.
//   That a host has started anew proves nothing: its former life may go on, on another machine.
// - A host that restarted while it served is appointed again. One that was silent, or failed to take over, is followed
//   by the next host that is connected, in the order of the list. Nothing moves home by itself.
// - A takeover may take takeover_timeout, twice that after each failure in a row (at most kLongestFactor times): else
//   two hosts could be appointed in turn for ever, none of them long enough. Bug B17: always the same.
// - Follower sets: a change is recorded only from the leader of the recorded epoch and only as version + 1. Spares are
//   all follower processes outside the set, taken in turn; who was replaced is a spare then.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/control/record.h"
#include "model/env.h"
#include "model/protocol/control_messages.h"
#include "model/types/bugs.h"
#include "model/types/options.h"

namespace tidemark::model::control {

/// Where a database may live. Process ids.
struct DatabasePlaces {
  std::string name;
  std::vector<std::uint32_t> hosts;      // home first; at least one
  std::vector<std::uint32_t> followers;  // the first set
  std::vector<std::uint32_t> spares;
  /// Machines that present themselves as a host of the list although they are not: a host that runs twice.
  std::map<std::uint32_t, std::uint32_t> known_as{};
};

enum class DatabaseState : std::uint8_t { kAsleep, kWaiting, kAppointing, kTakingOver, kServing, kRetiring };
std::string_view to_text(DatabaseState state);

/// The connections to hosts, as one database's control needs them.
class HostLinks {
 public:
  virtual ~HostLinks() = default;
  /// Is there a connection that looks alive?
  virtual bool connected(std::uint32_t host) const = 0;
  /// Which connection of this host it is: 1, 2, 3, ... in the order of acceptance; 0 before the first.
  virtual std::uint64_t connection_of(std::uint32_t host) const = 0;
  /// Dropped when there is none.
  virtual void send(std::uint32_t host, sim::PayloadRef message) = 0;
};

class DatabaseControl {
 public:
  static constexpr std::int64_t kLongestFactor = 16;

  /// Everything must outlive it. Reads the record and goes on from there; without one, home is appointed.
  DatabaseControl(Env& env, const ControlOptions& options, const BugSet& bugs, std::uint32_t database,
                  const DatabasePlaces& places, HostLinks& links);
  ~DatabaseControl();
  DatabaseControl(const DatabaseControl&) = delete;
  DatabaseControl& operator=(const DatabaseControl&) = delete;

  // From hosts (Process::id() of the sender).
  void on_report(std::uint32_t host, const LeaderReport& report);
  void on_reconfigured(std::uint32_t host, const Reconfigured& done);
  void on_wake();
  void on_disconnected(std::uint32_t host);

  /// Planned: the leader drains and stops, `host` (Process::id() of one of the hosts) is appointed. False when no
  /// leader serves, or it is `host` already.
  bool hand_over(std::uint32_t host);
  /// It goes to sleep until the next request, idle or not. False when no leader serves.
  bool evict();
  /// On: it is woken if it sleeps, and not put to sleep in this life of the control plane, until off: for the beginning
  /// and the end of a run, when there is nobody whose request would wake it.
  void stay_awake(bool on);
  /// An administrator replaces the follower at `index`, alive or not. False when no leader serves, a change is under
  /// way or there is no spare.
  bool replace_follower(std::uint32_t index);

  DatabaseState state() const { return state_; }
  const DatabaseRecord& record() const { return record_; }

 private:
  struct Change {
    std::uint32_t index = 0;
    std::uint32_t process = 0;
    sim::Instant since;
  };
  struct Check final : sim::Timer {
    explicit Check(DatabaseControl& owner)
        : Timer(&Check::due, sim::EventKind::kTimer, &owner.env_.process()), control(owner) {}
    static void due(sim::Timer& timer) { static_cast<Check&>(timer).control.check(); }
    DatabaseControl& control;
  };

  /// The one place where the state changes.
  void move(DatabaseState state);
  void wait_for(std::uint32_t preferred);
  void check();
  void check_waiting();
  void arm(sim::Instant at);
  void failed_attempt();
  sim::Task<void> appoint(std::uint32_t host);
  sim::Task<void> remember();
  sim::Task<void> record_change(std::uint32_t host, std::uint32_t epoch, std::uint32_t version);
  void grant(std::uint32_t host, const LeaderReport& report, bool refused);
  void on_phase(const LeaderReport& report);
  void on_idle_host(std::uint32_t host);
  void on_retired();
  void ask_retire();
  void look_after_followers(const LeaderReport& report);
  void send_change();
  void send_recorded(std::uint32_t host);
  std::optional<std::uint32_t> next_spare();
  std::uint32_t next_host_after(std::uint32_t host) const;
  sim::Duration takeover_limit() const;
  void disk_failed() { env_.process().restart(sim::Duration::seconds(1)); }

  // Constant after construction.
  Env& env_;
  const ControlOptions& options_;
  const BugSet& bugs_;
  const std::uint32_t database_;
  const DatabasePlaces& places_;
  HostLinks& links_;
  // Durable.
  RecordFile file_;
  DatabaseRecord record_;
  // Volatile.
  DatabaseState state_ = DatabaseState::kWaiting;
  Check check_;
  sim::Instant last_heard_;        // of the leader of record_.epoch
  sim::Instant deadline_;          // kTakingOver, kRetiring: then it is too slow
  sim::Instant lease_end_;         // of whoever was granted last
  sim::Instant patience_;          // kWaiting: until then only preferred_ will do
  std::uint32_t preferred_ = 0;    // kWaiting
  bool stays_awake_ = false;
  bool given_up_serving_ = false;  // kWaiting: because of silence, while it served
  std::uint32_t failures_ = 0;     // attempts in a row
  std::uint64_t sent_on_ = 0;      // kTakingOver: the connection that carried the Appoint
  std::uint32_t target_ = 0;       // kRetiring: who is next; 0 = nobody, it goes to sleep
  std::uint32_t last_spare_ = 0;   // Process::id() of the spare that was taken last
  std::optional<Change> change_;
};

}  // namespace tidemark::model::control
