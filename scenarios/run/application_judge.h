// ApplicationJudge: judges a workload of actions: the application's assertions in every served state, its truths over
// what users saw, and the promises of sessions; and writes its history.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checkers/history/verdict.h"
#include "model/apps/application.h"
#include "model/client/client_observer.h"
#include "model/cluster/cluster.h"
#include "model/types/null_observer.h"
#include "scenarios/run/action_history.h"
#include "scenarios/run/action_sessions.h"
#include "scenarios/run/action_tally.h"
#include "scenarios/run/served_states.h"
#include "scenarios/scenario.h"

namespace tidemark::scenarios {

class ApplicationJudge final : public model::NullObserver, public model::ClientObserver {
 public:
  /// `paths`: as HistoryRecorder's.
  ApplicationJudge(const Scenario& scenario, std::uint64_t seed, const std::vector<std::string>& paths);
  ~ApplicationJudge() override;
  void attach(model::Cluster& cluster) { cluster_ = &cluster; }

  void on_commit(std::uint32_t database, const model::EntryRef& entry) override;
  void on_confirmed(std::uint32_t database, const model::Bookmark& bookmark) override;
  void on_created(std::uint32_t database, std::uint32_t session, std::string_view sql,
                  std::span<const model::SqlValue> params, const model::Bookmark& entry) override;
  void on_response(const model::ResponseTruth& response) override;
  void on_invoke(const model::ClientInvocation& invocation) override;
  void on_complete(const model::ClientOperation& operation) override;

  bool violated() const;
  /// Over all databases.
  const std::vector<ActionCount>& actions() const { return tally_.counts(); }
  /// Closes the files and appends one verdict for each assertion, truth and promise, over all databases.
  void finish(std::vector<checkers::Verdict>& verdicts);
  /// Instead of finish(), at a violation: appends what is broken.
  void stop(std::vector<checkers::Verdict>& verdicts);

 private:
  struct Database;
  std::vector<checkers::Verdict> verdicts() const;

  const CheckOptions checks_;
  std::shared_ptr<const model::Application> application_;
  ActionTally tally_;
  std::vector<std::unique_ptr<Database>> databases_;
  model::Cluster* cluster_ = nullptr;
};

}  // namespace tidemark::scenarios
