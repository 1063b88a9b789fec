// TruthRecorder: what the observers in the model see -> the records that the replication and liveness checkers judge,
// and the availability figures of a run.
//
//   truth_recorder.cc  the log, followers, leaders
//   truth_copies.cc    replicas, answers, cold storage
//   truth_losses.cc    what faults destroyed
//   truth_end.cc       the end of the run
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "checkers/liveness/liveness_checker.h"
#include "checkers/replication/replication_checker.h"
#include "model/cluster/cluster.h"
#include "model/types/observer.h"
#include "scenarios/run/cold_truth.h"
#include "scenarios/run/history_recorder.h"
#include "scenarios/run/runner.h"
#include "scenarios/scenario.h"
#include "sim/nemesis/nemesis.h"

namespace tidemark::scenarios {

struct TruthOptions {
  /// The plan may destroy more than the protocol survives: see checkers::ReplicationOptions.
  bool beyond_budget = false;
  bool loss_is_unknown = false;
  /// Reference images that are kept, in entries. A snapshot or a restore of an older state cannot be judged.
  std::uint32_t image_window = 1U << 12;

  /// As the scenario asks: more images where history is kept for restores, or where faults may delay uploads.
  static TruthOptions of(const Scenario& scenario);
};

class TruthRecorder final : public model::Observer, private ColdTruth::Listener {
 public:
  /// `history` and `sink` (may be nullptr) are told what concerns them; not owned.
  TruthRecorder(const Scenario& scenario, const TruthOptions& options, HistoryRecorder& history, MeasurementSink* sink);
  ~TruthRecorder() override;
  /// Once, after the cluster was made and before it is set up.
  void attach(model::Cluster& cluster);

  void on_commit(std::uint32_t database, const model::EntryRef& entry) override;
  void on_sqlite_commit(std::uint32_t database, std::uint32_t node, std::uint32_t frames,
                        std::uint32_t database_pages) override;
  void on_confirmed(std::uint32_t database, const model::Bookmark& bookmark) override;
  void on_checkpoint(std::uint32_t database, std::uint32_t node, bool primary, const model::Bookmark& up_to) override;
  void on_follower_durable(std::uint32_t database, std::uint32_t follower, const model::Bookmark& bookmark) override;
  void on_follower_ack(std::uint32_t database, std::uint32_t follower, const model::Bookmark& bookmark) override;
  void on_follower_confirmed(std::uint32_t database, std::uint32_t follower, const model::Bookmark& bookmark) override;
  void on_follower_trim(std::uint32_t database, std::uint32_t follower, const model::Bookmark& up_to) override;
  void on_follower_set(std::uint32_t database, std::span<const std::uint32_t> followers) override;
  void on_promise(std::uint32_t database, std::uint32_t follower, std::uint32_t epoch) override;
  void on_follower_cut(std::uint32_t database, std::uint32_t follower, const model::Bookmark& last) override;
  void on_follower_stored(std::uint32_t database, std::uint32_t follower, const model::Bookmark& last,
                          const model::Bookmark& previous, const model::Bookmark& entry) override;
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
  void on_replica_boot(std::uint32_t database, std::uint32_t replica, const model::Bookmark& at,
                       const model::PageReader& pages) override;
  void on_received(std::uint32_t database, std::uint32_t replica, const model::EntryRef& entry) override;
  void on_published(std::uint32_t database, std::uint32_t replica, const model::EntryRef& entry,
                    const model::PageReader& pages) override;
  void on_lag(const model::LagTruth& lag) override;
  /// What nodes say of cold storage; ColdTruth says what is in it.
  void on_snapshot(std::uint32_t, const model::Bookmark&, const model::PageReader&) override {}
  void on_segment(std::uint32_t, const model::Bookmark&, const model::Bookmark&) override {}
  void on_cold_removed(std::uint32_t, const model::Bookmark&) override {}
  void on_created(std::uint32_t database, std::uint32_t session, std::string_view sql,
                  std::span<const model::SqlValue> params, const model::Bookmark& entry) override;
  void on_response(const model::ResponseTruth& response) override;

  /// A fault that nobody will mend keeps the process from taking part until the end of the run. An excuse for LIVE.
  void note_disabled(std::uint32_t process, std::string why);
  /// Asks who has lost what it had stored, in a run that may exceed the budget; without it nothing is ever excused by
  /// that. Before the faults begin; must be callable until finish().
  void on_content_lost(std::function<std::vector<sim::ContentLoss>()> ask) { ask_losses_ = std::move(ask); }
  /// After the quiet phase, before finish(). `unfinished`: what is not at rest, or empty.
  void end_run(const std::string& unfinished);
  /// What was missing at the end has a proved excuse. After end_run().
  bool excused() const { return liveness_ && liveness_->excused(); }
  /// A leader went on without confirmed entries, and faults account for it: clients see a different past now.
  bool went_on_without() const { return replication_ && replication_->went_on_without(); }
  /// After end_run(). "budget exceeded: 7 writes lost; ..." when faults account for it that confirmed entries are gone,
  /// or that nobody can serve them; else empty.
  const std::string& budget_exceeded() const { return budget_exceeded_; }
  Availability availability() const;
  /// Appends the verdicts that the scenario asks for. Once, after end_run().
  void finish(std::vector<checkers::Verdict>& verdicts);

  /// An invariant of the protocol is broken.
  bool violated() const;
  /// Instead of end_run() and finish(), at a violation: appends the broken invariants.
  void stop(std::vector<checkers::Verdict>& verdicts);

 private:
  void on_snapshot_stored(std::uint32_t database, const model::Bookmark& label,
                          const model::PageReader& image) override;
  void on_segment_stored(std::uint32_t database, const model::Bookmark& previous, const model::Bookmark& last) override;
  void on_object_removed(std::uint32_t database, const model::Bookmark& last) override;
  struct Database;
  struct Copy;
  struct Delays;
  struct Disabled {
    std::uint32_t process = 0;
    std::string why;
  };
  /// What a fault took from a follower, as long as it is not a member again.
  struct Loss {
    std::string why;
    bool knows = false;
    bool cut = false;  // it has started anew, or begun to be mended, without being a member
    std::int64_t cut_ns = 0;
  };
  struct Created {  // by a request that was answered
    std::uint32_t session = 0;
    sim::Instant at;
    model::Bookmark bookmark;
  };

  std::int64_t now_ns() const;
  Copy& copy(std::uint32_t node);
  void add_nodes(checkers::ReplicationOptions& options);
  void measure_delays(Database& database, std::uint32_t host);
  void captured(Database& database, const model::Entry& entry, std::uint32_t& size_pages, bool& whole);
  void forget_uncaptured(std::uint32_t database, std::uint32_t host);
  void read_image(const model::PageReader& pages, std::vector<checkers::PageImage>& image) const;
  std::string lost_transactions(std::uint32_t database) const;
  void tell_confirmed(std::uint32_t database, const model::Bookmark& bookmark);
  void restore_ended(std::uint32_t database, const model::Bookmark& restored, const model::Bookmark& target,
                     const model::Bookmark& undo, bool took_effect);
  void note_created(std::uint32_t database, std::uint32_t session, const model::Bookmark& created);
  void hostile_answered(std::uint32_t database, const std::string& problem);
  void client_failed(std::uint32_t database, std::uint32_t session, sim::Instant invoked);
  void end_database(std::uint32_t database, const std::string& unfinished);
  void end_members(std::uint32_t database);
  void tell_disabled(std::uint32_t database, std::uint32_t process);
  // truth_losses.cc
  void tell_losses();
  void note_cut(std::uint32_t follower);
  void note_mended(std::uint32_t follower);
  std::string destroyed_by(std::uint32_t database, std::uint32_t follower) const;
  void note_budget_exceeded();
  void merge_lost_into_q(std::vector<checkers::Verdict>& verdicts) const;

  const Scenario& scenario_;
  const TruthOptions options_;
  HistoryRecorder& history_;
  MeasurementSink* const sink_;
  model::Cluster* cluster_ = nullptr;
  std::optional<checkers::ReplicationChecker> replication_;
  std::unique_ptr<ColdTruth> cold_;  // with replication_
  std::optional<checkers::LivenessChecker> liveness_;
  std::unique_ptr<Delays> delays_;
  std::vector<std::unique_ptr<Database>> databases_;
  std::vector<std::unique_ptr<Copy>> copies_;  // by process id; nullptr for nodes that are no replica
  std::vector<std::uint32_t> lives_;           // by process id: the incarnation of its last record
  std::vector<checkers::PageImage> pages_;     // kept for its memory
  std::vector<Disabled> disabled_;
  std::function<std::vector<sim::ContentLoss>()> ask_losses_;
  std::set<std::pair<std::uint64_t, std::uint32_t>> losses_told_;  // fault, process
  std::map<std::uint32_t, Loss> losses_;                           // by process id
  std::string budget_exceeded_;
  std::deque<Created> created_;  // the newest few
  std::uint64_t responses_ = 0;
};

}  // namespace tidemark::scenarios
