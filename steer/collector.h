// Collector: sees a run and notes which cells it reached, from the first fault on. It changes nothing: a run has the
// same digest with and without it.
//
//   Collector seen;
//   RunRequest request{...};
//   request.events = &seen; request.observer = &seen; request.watcher = &seen;
//   run_scenario(request);
//   seen.cells().features();
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "model/types/null_observer.h"
#include "scenarios/run/runner.h"
#include "sim/core/scheduler.h"
#include "steer/cells.h"

namespace tidemark::steer {

/// A moment of a run at which something seldom happened: where a fault may strike in a run of the same seed.
struct Mark {
  sim::Duration at;  // since the fault phase began
  std::string node;  // a process by name
  Cell cell = 0;     // without its fault
  friend bool operator==(const Mark&, const Mark&) = default;
};

class Collector final : public model::NullObserver, public sim::EventSink, public scenarios::RunWatcher {
 public:
  const CellMap& cells() const { return cells_; }
  /// In the order of their times; of each cell the first few only.
  const std::vector<Mark>& marks() const { return marks_; }

  // RunWatcher
  void on_world(model::Cluster& cluster, const scenarios::Scenario& scenario) override;
  void on_fault_plan(const sim::FaultPlan& plan) override;
  void on_fault_phase(bool begins) override;
  void on_rest(model::Cluster& cluster, const std::vector<sim::FaultReport>& faults) override;
  // EventSink
  void on_event(const sim::EventRecord& event) override;
  // Observer
  void on_commit(std::uint32_t database, const model::EntryRef& entry) override;
  void on_confirmed(std::uint32_t database, const model::Bookmark& bookmark) override;
  void on_checkpoint(std::uint32_t database, std::uint32_t node, bool primary, const model::Bookmark& up_to) override;
  void on_follower_ack(std::uint32_t database, std::uint32_t follower, const model::Bookmark& bookmark) override;
  void on_follower_trim(std::uint32_t database, std::uint32_t follower, const model::Bookmark& up_to) override;
  void on_replica_boot(std::uint32_t database, std::uint32_t replica, const model::Bookmark& at,
                       const model::PageReader& pages) override;
  void on_published(std::uint32_t database, std::uint32_t replica, const model::EntryRef& entry,
                    const model::PageReader& pages) override;
  void on_snapshot(std::uint32_t database, const model::Bookmark& label, const model::PageReader& pages) override;
  void on_segment(std::uint32_t database, const model::Bookmark& previous, const model::Bookmark& last) override;
  void on_cold_removed(std::uint32_t database, const model::Bookmark& up_to) override;
  void on_follower_set(std::uint32_t database, std::span<const std::uint32_t> followers) override;
  void on_promise(std::uint32_t database, std::uint32_t follower, std::uint32_t epoch) override;
  void on_follower_cut(std::uint32_t database, std::uint32_t follower, const model::Bookmark& last) override;
  void on_follower_rewound(std::uint32_t database, std::uint32_t follower, const model::Bookmark& after,
                           const model::Bookmark& confirmed) override;
  void on_leader(std::uint32_t database, std::uint32_t host, std::uint32_t epoch, const model::Bookmark& at) override;
  void on_leader_gone(std::uint32_t database, std::uint32_t host, std::uint32_t epoch) override;
  void on_restore(std::uint32_t database, const model::Bookmark& restored, const model::Bookmark& target,
                  const model::Bookmark& undo) override;
  void on_time_found(std::uint32_t database, sim::Instant asked, const model::Bookmark& newest,
                     const model::Bookmark& found) override;
  void on_resumed(std::uint32_t database, std::uint32_t replica, const model::Bookmark& kept) override;
  void on_failure(std::uint32_t database, std::uint32_t session, bool unknown, const model::Bookmark& created) override;
  void on_response(const model::ResponseTruth& response) override;

 private:
  struct Node {
    Role role = Role::kClient;
    bool counted = false;  // its events of the engine are
    std::uint32_t database = 0;
    std::uint8_t phase = 0;  // when last looked at
  };
  struct Active {
    std::uint64_t id = 0;
    std::uint8_t fault = 0;
    bool instant = false;
    sim::Instant until;  // of an instant one
  };

  std::uint8_t look(std::uint32_t process);
  void look_at_leader(std::uint32_t database);
  void on_nemesis(const sim::EventRecord& event);
  void refresh_kinds();
  void forget_instants(sim::Instant now);
  /// Counts a cell for every kind of fault in force.
  void count(Role role, std::uint8_t phase, std::uint8_t step);
  void step(Step step, std::uint32_t process, bool is_mark);
  void mark(std::uint32_t process, Cell cell);
  std::uint32_t leader(std::uint32_t database) const;

  CellMap cells_;
  std::vector<Mark> marks_;
  std::vector<std::pair<Cell, unsigned>> marked_;  // how often each cell has a mark
  model::Cluster* cluster_ = nullptr;
  const sim::FaultPlan* plan_ = nullptr;
  std::vector<Node> nodes_;                        // by process id
  std::vector<std::vector<std::uint32_t>> hosts_;  // by database
  std::vector<std::uint8_t> leader_phases_;        // by database: a Phase from kBeside0 on
  bool counting_ = false;
  sim::Instant begin_;
  std::vector<Active> active_;
  std::vector<std::uint8_t> kinds_;  // of active_, each once; {0} when there is none
};

}  // namespace tidemark::steer
