// HistoryRecorder: what clients do -> operations of a history, streamed to a file and to the checkers.
#pragma once

#include <cstdint>
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

  struct Pending {
    std::uint64_t count = 0;
    sim::Instant oldest;
  };
  Pending pending(std::uint32_t database) const;
  std::uint64_t operations() const { return operations_; }

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
    std::optional<model::OrderBody> order;  // inserts
    std::vector<Answer> answers;            // of the copies to the insert statement itself
  };

  void emit(std::uint32_t database, checkers::Operation& operation);
  void emit_insert(const model::ClientOperation& operation, const std::vector<Answer>& answers);
  void emit_unplaced(std::uint32_t database, checkers::Operation& write);
  void emit_plain(const model::ClientOperation& operation);
  checkers::OrderRows rows_of(Judge& judge, const model::ResultSetRef& rows) const;
  void advance(Judge& judge);
  static void release(Judge& judge, std::int64_t until_ns);
  static void end_sessions(Judge& judge, std::int64_t until_ns);

  const CheckOptions checks_;
  std::vector<std::unique_ptr<Judge>> judges_;                // by database
  std::map<std::uint32_t, std::uint32_t> insert_of_session_;  // session -> process, while an insert is open
  std::uint64_t operations_ = 0;
};

}  // namespace tidemark::scenarios
