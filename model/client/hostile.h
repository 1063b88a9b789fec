// Hostile requests (fault X9): texts whose class is hard to tell, or that ask for what D1 does not give. Each must be
// answered as its row says and change nothing, at whichever copy it arrives. The expected texts are those of SQLite and
// of D1's documentation (limits; statements that are not supported).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/client/client_observer.h"
#include "model/protocol/http.h"
#include "model/types/options.h"

namespace tidemark::model {

struct HostileRequest {
  std::string name;  // "an INSERT behind WITH"
  SqlBody body;
  /// Part of the error's text; empty: it is answered with success, and still changes nothing.
  std::string error;
};

/// Number modulo how many there are. The texts name a table of the workload; actions get those that name none.
HostileRequest hostile_request(WorkloadKind kind, std::uint64_t number);
std::uint64_t hostile_requests();

/// Empty when the answer is as it must be; else a sentence. A request that found no copy, or one that fell, is as it
/// must be.
std::string judge_hostile(const HostileRequest& request, const HttpResponse& response);

}  // namespace tidemark::model
