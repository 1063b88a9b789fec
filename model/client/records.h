// ClientRecords: what a client reports, its operations as records of a history. Works on the ledger, so that the
// operation that a crash cuts off can be reported without the client.
#pragma once

#include <cstdint>

#include "model/client/settings.h"
#include "model/protocol/rpc.h"
#include "model/types/options.h"

namespace tidemark::model {

class ClientRecords {
 public:
  /// All must outlive it.
  ClientRecords(const ClientSettings& settings, const WorkloadOptions& options, ClientLedger& ledger)
      : settings_(settings), options_(options), ledger_(ledger) {}

  /// The operation is under way from now on. `ended_session`: see ClientInvocation.
  void invoke(const PlannedOperation& planned, const HttpRequestRef& request, sim::Instant at,
              std::uint32_t ended_session);
  /// It ends with this answer. In a session with a made-up bookmark the header may repeat that, so the records carry
  /// the bookmark that came with the query itself.
  OperationOutcome complete(const RpcAnswer& answer, sim::Instant at);
  /// The client dies: what is under way ends without an answer, and its process numbers are not used again.
  void lost(sim::Instant at);

 private:
  std::uint32_t process_number(std::uint32_t lane) const;
  ClientInvocation invocation_of(const ClientLedger::Open& open, std::uint32_t lane) const;
  void report(const ClientLedger::Open& open, const HttpResponse* response, OperationOutcome outcome, sim::Instant at);
  void report_together(const ClientLedger::Open& open, ClientOperation operation, const HttpResponse* response);
  void count(OperationOutcome outcome);

  const ClientSettings& settings_;
  const WorkloadOptions& options_;
  ClientLedger& ledger_;
};

}  // namespace tidemark::model
