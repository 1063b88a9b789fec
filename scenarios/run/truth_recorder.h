// TruthRecorder: what the observers in the model see -> the records that the replication and liveness checkers judge.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checkers/liveness/liveness_checker.h"
#include "checkers/replication/replication_checker.h"
#include "model/cluster/cluster.h"
#include "model/types/observer.h"
#include "scenarios/run/history_recorder.h"
#include "scenarios/run/runner.h"
#include "scenarios/scenario.h"

namespace tidemark::scenarios {

class TruthRecorder final : public model::Observer {
 public:
  /// `history` and `sink` (may be nullptr) are told what concerns them; not owned.
  TruthRecorder(const Scenario& scenario, HistoryRecorder& history, MeasurementSink* sink);
  ~TruthRecorder() override;
  /// Once, after the cluster was made and before it is set up.
  void attach(model::Cluster& cluster);

  void on_commit(std::uint32_t database, const model::EntryRef& entry) override;
  void on_sqlite_commit(std::uint32_t database, std::uint32_t frames, std::uint32_t database_pages) override;
  void on_confirmed(std::uint32_t database, const model::Bookmark& bookmark) override;
  void on_checkpoint(std::uint32_t database, std::uint32_t node, bool primary, const model::Bookmark& up_to) override;
  void on_follower_durable(std::uint32_t database, std::uint32_t follower, const model::Bookmark& bookmark) override;
  void on_follower_ack(std::uint32_t database, std::uint32_t follower, const model::Bookmark& bookmark) override;
  void on_follower_confirmed(std::uint32_t database, std::uint32_t follower, const model::Bookmark& bookmark) override;
  void on_follower_trim(std::uint32_t database, std::uint32_t follower, const model::Bookmark& up_to) override;
  void on_replica_boot(std::uint32_t database, std::uint32_t replica, const model::Bookmark& at,
                       const model::PageReader& pages) override;
  void on_received(std::uint32_t database, std::uint32_t replica, const model::EntryRef& entry) override;
  void on_published(std::uint32_t database, std::uint32_t replica, const model::EntryRef& entry,
                    const model::PageReader& pages) override;
  void on_lag(const model::LagTruth& lag) override;
  void on_snapshot(std::uint32_t database, const model::Bookmark& label, const model::PageReader& pages) override;
  void on_segment(std::uint32_t database, const model::Bookmark& previous, const model::Bookmark& last) override;
  void on_cold_removed(std::uint32_t, const model::Bookmark&) override {}
  void on_response(const model::ResponseTruth& response) override;

  /// After the quiet phase. Appends the verdicts that the scenario asks for. `unfinished`: what is not at rest, or
  /// empty.
  void finish(const std::string& unfinished, std::vector<checkers::Verdict>& verdicts);

 private:
  struct Database;
  struct Copy;

  std::int64_t now_ns() const;
  Copy& copy(std::uint32_t node);
  void read_image(const model::PageReader& pages, std::vector<checkers::PageImage>& image) const;
  std::string lost_transactions(std::uint32_t database) const;
  void end_of_run(std::uint32_t database, const std::string& unfinished);
  void merge_lost_into_q(std::vector<checkers::Verdict>& verdicts) const;

  const Scenario& scenario_;
  HistoryRecorder& history_;
  MeasurementSink* const sink_;
  model::Cluster* cluster_ = nullptr;
  std::optional<checkers::ReplicationChecker> replication_;
  std::optional<checkers::LivenessChecker> liveness_;
  std::vector<std::unique_ptr<Database>> databases_;
  std::vector<std::unique_ptr<Copy>> copies_;  // by process id; nullptr for nodes that are no replica
  std::vector<checkers::PageImage> pages_;     // kept for its memory
  std::uint64_t responses_ = 0;
};

}  // namespace tidemark::scenarios
