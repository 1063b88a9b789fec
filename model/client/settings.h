// ClientSettings: which client this is. Constant over its lives.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/client/client_observer.h"
#include "model/client/ledger.h"
#include "model/client/route.h"
#include "model/protocol/user.h"
#include "model/types/script.h"
#include "sim/core/time.h"

namespace tidemark::model {

struct ClientSettings {
  std::uint32_t number = 0;  // 0 to WorkloadOptions::clients - 1
  std::uint32_t database = 0;
  ReachablePops pops;
  std::uint32_t object = 0;  // Process::id() of the worker beside the database, for users who have a page
  /// One way between the client and its PoP besides the network; counted before and after every request.
  sim::Duration access_latency;
  ClientObserver* observer = nullptr;  // may be nullptr
  /// Arrival::kScript: its operations by time, parts of WorkloadOptions::script.
  struct Scripted {
    const ScriptedOperation* operation = nullptr;
    std::uint32_t via = 0;  // Process::id() of the worker; 0 = where the client is
  };
  std::vector<Scripted> script;
  /// sql, application: what its user does. Shared by all lives of the client.
  std::shared_ptr<User> user;
  std::map<std::string, ActionRoute, std::less<>> actions;  // by name
  /// Shared by all lives of the client; nullptr: it has one.
  std::shared_ptr<ClientLedger> ledger;
};

}  // namespace tidemark::model
