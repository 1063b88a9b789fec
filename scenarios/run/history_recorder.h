// HistoryRecorder: what clients do -> operations of a history, streamed to a file and to the checkers.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "checkers/consistency/known_order.h"
#include "checkers/history/history_io.h"
#include "checkers/session/session_checker.h"
#include "model/client/client_observer.h"
#include "model/types/observer.h"
#include "scenarios/scenario.h"

namespace tidemark::scenarios {

class HistoryRecorder final : public model::ClientObserver {
 public:
  /// `paths`: one history file per database, empty = none; as many as the scenario has databases.
  HistoryRecorder(const Scenario& scenario, std::uint64_t seed, const std::vector<std::string>& paths);
  ~HistoryRecorder() override;

  void on_invoke(const model::ClientInvocation& invocation) override;
  void on_complete(const model::ClientOperation& operation) override;

  /// An insert of the shop is a write and then a read of one session, but one operation of a client, who gets the
  /// read's bookmark only. The write's own, which the application did get, is taken from here. The application may
  /// run the whole handler again, so one operation can have several answered inserts.
  void on_response(const model::ResponseTruth& response);

  /// A restore is being committed: clients see an older state from now on. The checkers judge what ended before; of
  /// what is open they are told that its outcome is unknown. The file gets everything.
  void on_restore(std::uint32_t database);

  /// Called when a client says that its operation surely had no effect (database, session, when it was invoked); never
  /// for a session that has an operation of unknown outcome, whose request may still be under way. Empty = nobody.
  using FailedListener = std::function<void(std::uint32_t, std::uint32_t, sim::Instant)>;
  void on_client_failed(FailedListener listener) { failed_listener_ = std::move(listener); }

  struct Pending {
    std::uint64_t count = 0;
    sim::Instant oldest;
  };
  Pending pending(std::uint32_t database) const;
  std::uint64_t operations() const { return operations_; }
  std::uint64_t unknown_outcomes() const { return unknown_outcomes_; }
  /// Of all operations that ended. One that is still open at the end of a run is for LIVE.
  sim::Duration longest_wait() const { return longest_wait_; }

  /// Judges the rest and closes the files. Appends the verdicts that the scenario asks for, one set over all databases.
  void finish(std::vector<checkers::Verdict>& verdicts);

 private:
  struct Judge;
  struct Answer {
    std::string bookmark;
    sim::Instant sent;
    bool created = false;  // an entry of the log
  };
  struct Open {
    sim::Instant invoked;
    std::uint32_t session = 0;
    model::OperationKind kind = model::OperationKind::kList;
    std::vector<model::MicroOp> ops;
    std::optional<model::OrderBody> order;  // inserts
    std::vector<Answer> answers;            // of the copies to the insert statement itself
  };

  void emit(std::uint32_t database, checkers::Operation& operation);
  void emit_insert(const model::ClientOperation& operation, const std::vector<Answer>& answers);
  void emit_unplaced(std::uint32_t database, checkers::Operation& write);
  void emit_plain(const model::ClientOperation& operation);
  checkers::OrderRows rows_of(Judge& judge, const model::ResultSetRef& rows) const;
  static void abandon(Judge& judge, std::uint32_t process, const Open& open);
  void note_outcome(const model::ClientOperation& operation);
  void advance(Judge& judge);
  static void release(Judge& judge, std::int64_t until_ns);
  static void end_sessions(Judge& judge, std::int64_t until_ns);

  const CheckOptions checks_;
  std::vector<std::unique_ptr<Judge>> judges_;                // by database
  std::map<std::uint32_t, std::uint32_t> insert_of_session_;  // session -> process, while an insert is open
  std::uint64_t operations_ = 0;
  std::uint64_t unknown_outcomes_ = 0;
  sim::Duration longest_wait_;
  std::set<std::uint32_t> uncertain_sessions_;  // with an operation of unknown outcome
  FailedListener failed_listener_;
};

}  // namespace tidemark::scenarios
