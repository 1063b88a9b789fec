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
#include "model/types/entry.h"
#include "model/types/observer.h"
#include "scenarios/scenario.h"

namespace tidemark::scenarios {

class HistoryRecorder final : public model::ClientObserver {
 public:
  /// `paths`: one history file per database, empty = none; as many as the scenario has databases.
  /// `online`: the checkers look every kOnlineBatch operations, so that a run can be stopped soon after a violation.
  HistoryRecorder(const Scenario& scenario, std::uint64_t seed, const std::vector<std::string>& paths,
                  bool online = false);
  static constexpr std::uint32_t kOnlineBatch = 32;
  ~HistoryRecorder() override;

  void on_invoke(const model::ClientInvocation& invocation) override;
  void on_complete(const model::ClientOperation& operation) override;
  void on_hostile(const model::HostileAnswer& answer) override {
    if (hostile_listener_) hostile_listener_(answer);
  }

  /// An insert of the shop is a write and then a read of one session, but one operation of a client, who gets the
  /// read's bookmark only. The write's own, which the application did get, is taken from here. The application may
  /// run the whole handler again, so one operation can have several answered inserts.
  void on_response(const model::ResponseTruth& response);

  /// An entry that a request of this session made: the place of the write, should its client never hear of it.
  void on_created(std::uint32_t database, std::uint32_t session, std::string_view sql,
                  std::span<const model::SqlValue> params, const model::Bookmark& entry);

  /// An entry of any leader, and what is confirmed: the fate of writes whose clients never heard of it.
  void on_entry(std::uint32_t database, const model::Entry& entry);
  void on_confirmed(std::uint32_t database, const model::Bookmark& bookmark);

  /// Time Travel: the entry `restored`, which brings back the state at `target`, is in the log of a leader. Until
  /// restore_ended() this is an open operation of an administrator (session 0, process kAdministrator).
  void restore_began(std::uint32_t database, const model::Bookmark& restored, const model::Bookmark& target,
                     sim::Instant now);
  /// The entry is confirmed: the operation ended well. Or it never will be: then there was no such operation.
  void restore_ended(std::uint32_t database, const model::Bookmark& restored, bool took_effect, sim::Instant now);
  static constexpr std::uint32_t kAdministrator = 0xfffffffe;

  /// Called when a client says that its operation surely had no effect (database, session, when it was invoked); never
  /// for a session that has an operation of unknown outcome, whose request may still be under way. Empty = nobody.
  using FailedListener = std::function<void(std::uint32_t, std::uint32_t, sim::Instant)>;
  void on_client_failed(FailedListener listener) { failed_listener_ = std::move(listener); }
  using HostileListener = std::function<void(const model::HostileAnswer&)>;
  void on_hostile_answer(HostileListener listener) { hostile_listener_ = std::move(listener); }

  /// Was the session opened with a bookmark that no primary has issued?
  bool made_up(std::uint32_t session) const { return made_up_sessions_.contains(session); }

  struct Pending {
    std::uint64_t count = 0;
    sim::Instant oldest;
  };
  Pending pending(std::uint32_t database) const;
  std::uint64_t operations() const { return operations_; }
  std::uint64_t unknown_outcomes() const { return unknown_outcomes_; }
  /// Of all operations that ended. One that is still open at the end of a run is for LIVE.
  sim::Duration longest_wait() const { return longest_wait_; }

  /// The run is over: an operation that is still open has an unknown outcome, and what it did may have been seen.
  void end(sim::Instant now);
  /// Judges the rest and closes the files. Appends the verdicts that the scenario asks for, one set over all databases.
  void finish(std::vector<checkers::Verdict>& verdicts);

  /// Called whenever an operation has ended and what could be judged was judged. Empty = nobody.
  void on_progress(std::function<void()> listener) { progress_listener_ = std::move(listener); }
  /// A promise to clients is broken by what was judged so far.
  bool violated() const;
  /// Instead of finish(), at a violation: closes the files and appends the broken promises.
  void stop(std::vector<checkers::Verdict>& verdicts);

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
    std::optional<model::OrderBody> order;      // inserts
    std::vector<Answer> answers;                // of the copies to the insert statement itself
    std::vector<model::Bookmark> created = {};  // entries that its requests made
    model::SessionToken bookmark_in = {};
    /// Only what the shop does may be carried out again.
    bool repeats() const { return order || kind == model::OperationKind::kReset; }
    /// What it made. Several entries of a write that is carried out once: nobody knows which is its place.
    void entries_to(checkers::Operation& operation) const {
      operation.entry = created.size() == 1 || (!created.empty() && repeats()) ? created.front().text() : "";
      operation.later_entries.clear();
      for (std::size_t i = 1; i < created.size() && repeats(); ++i)
        operation.later_entries.push_back(created[i].text());
    }
  };

  void emit(std::uint32_t database, checkers::Operation& operation);
  void emit_insert(const model::ClientOperation& operation, const Open& open);
  void emit_unplaced(std::uint32_t database, checkers::Operation& write);
  void emit_plain(const model::ClientOperation& operation, const Open& open);
  checkers::OrderRows rows_of(Judge& judge, const model::ResultSetRef& rows) const;
  void note_outcome(const model::ClientOperation& operation);
  void advance(Judge& judge);
  static void look(Judge& judge, std::int64_t watermark);
  bool made(const Judge& judge, const Open& open, std::string_view sql, std::span<const model::SqlValue> params) const;
  std::size_t resets_of(const Judge& judge, std::uint32_t session) const;
  static void learn(checkers::KnownOrderChecker& order, std::uint64_t index, const Open& open);
  static void note_index(Judge& judge, checkers::Operation& operation);
  static void release(Judge& judge, std::int64_t until_ns);
  static void end_sessions(Judge& judge, std::int64_t until_ns);

  const CheckOptions checks_;
  std::vector<std::unique_ptr<Judge>> judges_;                        // by database
  std::map<std::uint32_t, std::uint32_t> insert_of_session_;          // session -> process, while an insert is open
  std::map<std::uint32_t, std::set<std::uint32_t>> open_of_session_;  // processes
  std::uint64_t operations_ = 0;
  std::uint64_t unknown_outcomes_ = 0;
  sim::Duration longest_wait_;
  std::set<std::uint32_t> uncertain_sessions_;  // with an operation of unknown outcome
  const std::uint64_t advance_every_;           // operations between two looks of the checkers
  std::function<void()> progress_listener_;
  FailedListener failed_listener_;
  HostileListener hostile_listener_;
  std::set<std::uint32_t> made_up_sessions_;
};

}  // namespace tidemark::scenarios
