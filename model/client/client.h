// Client: the program of one end user. One request at a time; keeps the greatest bookmark it has seen, by string order,
// and sends it with the next request, whichever PoP it is on by then.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "model/client/operations.h"
#include "model/client/records.h"
#include "model/client/route.h"
#include "model/client/settings.h"
#include "model/env.h"
#include "model/protocol/rpc.h"
#include "model/types/options.h"

namespace tidemark::model {

class Client final : public sim::Program {
 public:
  /// Begins at once. `options` must outlive the client.
  Client(Env& env, const WorkloadOptions& options, ClientSettings settings);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Begins no further operation; the one under way goes on to its end.
  void stop() { stopping_ = true; }
  bool busy() const { return busy_; }
  /// Of all its lives.
  const ClientStatistics& statistics() const { return ledger_->statistics; }
  /// What the next request will carry.
  const SessionToken& bookmark() const { return bookmark_; }

  // What people do to their sessions. Each takes effect with the next operation, which opens a new session: the history
  // has a branch from there on.

  /// The next operation carries this token: an old bookmark that was saved, one of another database, of the future, or
  /// no bookmark at all. After an operation that fails with it the client begins anew without one.
  void present(const SessionToken& token) { presented_ = token; }
  /// A bookmark that the client held before, the first of its present session; kNone when there was none.
  const SessionToken& saved_bookmark() const { return saved_; }
  /// Leaves the request that is under way, if any, without waiting for its answer. True when there was one.
  bool abandon();
  /// The next request enters here (Process::id() of a worker). False when it would have anyway.
  bool move_to(std::uint32_t worker);

 private:
  sim::Task<void> run();
  sim::Task<void> operate();
  sim::Task<bool> attempt(PlannedOperation planned, bool may_lose);
  sim::Task<void> attack(std::uint64_t number);
  /// Nothing: there is no next operation.
  std::optional<sim::Duration> until_next();
  PlannedOperation plan_next();
  void connect_to(std::uint32_t worker);
  void reach(std::uint32_t worker);
  void hang_up();
  boost::intrusive_ptr<HttpRequest> new_request();
  HttpRequestRef make_request(const PlannedOperation& planned);
  std::uint32_t session() const;  // the current one
  void open_session(const PlannedOperation& planned);
  void count_session();
  sim::Task<RpcAnswer> exchange(HttpRequestRef request);
  sim::Task<RpcAnswer> ask(HttpRequestRef request);
  void give_up_waiting();
  void keep_newest(const HttpResponse& response);
  /// Hangs up when the answer takes longer than WorkloadOptions::request_timeout, or than the client's patience.
  struct MemberDeadline final : sim::Timer {
    MemberDeadline(Client& waiting, sim::Process& process)
        : Timer(&MemberDeadline::due, sim::EventKind::kTimer, &process), client(waiting) {}
    static void due(Timer& timer) { static_cast<MemberDeadline&>(timer).client.give_up_waiting(); }
    Client& client;
  };

  // Constant after construction.
  Env& env_;
  const WorkloadOptions& options_;
  const ClientSettings settings_;
  sim::RandomStream& arrivals_;
  const sim::DurationDistribution between_;  // think time, or time between arrivals
  // State.
  std::shared_ptr<ClientLedger> ledger_;
  ClientRecords records_;
  OperationSource operations_;
  Route route_;
  std::optional<RpcClient> connection_;
  const std::unique_ptr<Page> page_;  // nullptr: actions are requests
  std::uint32_t page_on_ = 0;         // the PoP whose network the page is on
  SessionToken bookmark_;
  std::optional<SessionToken> presented_;
  SessionToken saved_;
  bool saved_strange_ = false;       // saved_ comes from a session that began with a made-up bookmark
  bool presenting_ = false;          // the session began with a presented token
  std::uint32_t ended_session_ = 0;  // not yet told the observer; 0 = none
  bool opened_ = false;              // a session, in this life
  /// The next operation is of another session in the records. In the shop a row that is sent again, and any reset,
  /// look like those of a request of unknown outcome; which of them made an entry is told by the session. So it is with
  /// actions.
  bool forked_ = false;
  sim::Instant next_arrival_;  // open loop
  bool stopping_ = false;
  bool busy_ = false;
  MemberDeadline deadline_;
  std::optional<Mischief::Patience> patience_;  // with the request under way
};

}  // namespace tidemark::model
