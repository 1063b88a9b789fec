// Client: the program of one end user. One request at a time; keeps the greatest bookmark it has seen, by string order,
// and sends it with the next request, whichever PoP it is on by then.
#pragma once

#include <cstdint>
#include <optional>

#include "model/client/client_observer.h"
#include "model/client/operations.h"
#include "model/client/route.h"
#include "model/env.h"
#include "model/protocol/rpc.h"
#include "model/types/options.h"

namespace tidemark::model {

struct ClientSettings {
  std::uint32_t number = 0;  // 0 to WorkloadOptions::clients - 1
  std::uint32_t database = 0;
  ReachablePops pops;
  /// One way between the client and its PoP besides the network; counted before and after every request.
  sim::Duration access_latency;
  ClientObserver* observer = nullptr;  // may be nullptr
};

struct ClientStatistics {
  std::uint64_t ok = 0;
  std::uint64_t fail = 0;
  std::uint64_t info = 0;
};

class Client final : public sim::Program {
 public:
  /// Begins at once. `options` must outlive the client.
  Client(Env& env, const WorkloadOptions& options, ClientSettings settings);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Begins no further operation; the one under way goes on to its end.
  void stop() { stopping_ = true; }
  bool busy() const { return busy_; }
  const ClientStatistics& statistics() const { return statistics_; }
  /// What the next request will carry.
  const SessionToken& bookmark() const { return bookmark_; }

 private:
  sim::Task<void> run();
  sim::Task<void> operate();
  sim::Duration until_next();
  std::uint32_t process_number(std::uint32_t lane) const;
  void connect_to(std::uint32_t worker);
  HttpRequestRef make_request(const PlannedOperation& planned);
  std::uint32_t session() const;  // the current one
  ClientInvocation invocation_of(const PlannedOperation& planned, const HttpRequest& request, std::uint32_t lane) const;
  void invoke(const PlannedOperation& planned, const HttpRequest& request, sim::Instant at);
  void complete(const PlannedOperation& planned, const HttpRequest& request, sim::Instant invoked,
                const RpcAnswer& answer);
  void complete_together(const PlannedOperation& planned, const HttpRequest& request, ClientOperation operation,
                         const HttpResponse* response);
  void keep_newest(const HttpResponse& response);
  void count(OperationOutcome outcome);

  // Constant after construction.
  Env& env_;
  const WorkloadOptions& options_;
  const ClientSettings settings_;
  sim::RandomStream& arrivals_;
  const sim::DurationDistribution between_;  // think time, or time between arrivals
  // State.
  OperationSource operations_;
  Route route_;
  std::optional<RpcClient> connection_;
  SessionToken bookmark_;
  std::uint32_t sessions_ = 0;       // opened so far
  std::uint32_t ended_session_ = 0;  // not yet told the observer; 0 = none
  std::uint32_t retired_ = 0;        // process numbers given up after an unknown outcome
  sim::Instant next_arrival_;        // open loop
  bool stopping_ = false;
  bool busy_ = false;
  std::uint64_t last_request_ = 0;
  ClientStatistics statistics_;
};

}  // namespace tidemark::model
