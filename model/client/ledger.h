// ClientLedger: what outlives a client. A client forgets everything when it crashes; what must stay unique or true over
// all its lives, for whoever judges its history, is kept outside its process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/client/client_observer.h"
#include "model/client/mischief.h"
#include "model/protocol/http.h"
#include "sim/core/time.h"

namespace tidemark::model {

struct PlannedOperation {
  OperationKind kind = OperationKind::kList;
  bool writes = false;
  std::uint32_t queries = 1;   // more than one: at the same time in one session
  bool new_session = false;    // drop the bookmark first
  bool first_primary = false;  // and begin with "first-primary" in its place
  HttpMethod method = HttpMethod::kGet;
  HttpRoute route = HttpRoute::kOrders;
  HttpBody body;

  bool concurrent() const { return queries > 1; }
};

struct ClientStatistics {
  std::uint64_t ok = 0;
  std::uint64_t fail = 0;
  std::uint64_t info = 0;
};

struct ClientLedger {
  std::uint32_t sessions = 0;      // opened so far
  std::uint32_t page = 0;          // first of the sessions that have handed the present bookmark on
  std::uint32_t retired = 0;       // process numbers given up after an unknown outcome
  std::int64_t values = 0;         // written so far
  std::int64_t appends = 0;        // operations that appended so far
  std::uint64_t last_request = 0;  // id
  ClientStatistics statistics;
  std::optional<sim::Instant> started;  // its first life
  std::size_t scripted = 0;             // operations of the script that were begun
  struct Open {
    PlannedOperation planned;
    HttpRequestRef request;
    sim::Instant invoked;
  };
  std::optional<Open> open;  // the operation under way
  bool made_up = false;      // the present session was opened with a bookmark that no primary has issued
  Mischief mischief;
};

}  // namespace tidemark::model
