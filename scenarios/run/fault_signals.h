// FaultSignals: tells the nemesis what triggers of faults wait for, as ground truth sees it.
//
//   bookmark N     the Nth entry of the database was confirmed, counted from the start of the run
//   epoch N        a leader began to serve in epoch N or later
//   checkpoint N   the Nth checkpoint of a copy that is the primary; snapshot, trim (of any follower) likewise
//   takeover W     a host of the database entered this phase; seen with the next event of the run
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "model/cluster/cluster.h"
#include "model/types/null_observer.h"
#include "sim/core/scheduler.h"
#include "sim/nemesis/nemesis.h"

namespace tidemark::scenarios {

class FaultSignals final : public model::NullObserver, public sim::EventSink {
 public:
  /// From now on signals go to `nemesis`, which has been armed. Phases of takeovers are watched only if its plan waits
  /// for one. `events` (may be nullptr) gets what the scheduler's sink got before.
  void attach(model::Cluster& cluster, sim::Nemesis& nemesis, sim::EventSink* events);
  /// No signal any more.
  void detach();

  void on_event(const sim::EventRecord& event) override;

  void on_commit(std::uint32_t database, const model::EntryRef& entry) override;
  void on_confirmed(std::uint32_t database, const model::Bookmark& bookmark) override;
  void on_checkpoint(std::uint32_t database, std::uint32_t node, bool primary, const model::Bookmark& up_to) override;
  void on_follower_trim(std::uint32_t database, std::uint32_t follower, const model::Bookmark& up_to) override;
  void on_snapshot(std::uint32_t database, const model::Bookmark& label, const model::PageReader& pages) override;
  void on_leader(std::uint32_t database, std::uint32_t host, std::uint32_t epoch, const model::Bookmark& at) override;

 private:
  using On = sim::FaultStart::On;
  struct Counts {
    std::vector<model::Bookmark> unconfirmed;  // ascending
    std::uint64_t confirmed = 0;
    std::uint64_t checkpoints = 0;
    std::uint64_t snapshots = 0;
    std::uint64_t trims = 0;
  };
  struct Host {
    std::uint32_t process = 0;
    std::uint32_t database = 0;
    std::string phase;
  };
  Counts& counts(std::uint32_t database);
  void signal(On on, std::uint32_t database, std::uint64_t number, std::string_view word = {});

  model::Cluster* cluster_ = nullptr;
  sim::Nemesis* nemesis_ = nullptr;
  sim::EventSink* events_ = nullptr;
  std::vector<Counts> counts_;
  std::vector<Host> hosts_;
};

}  // namespace tidemark::scenarios
