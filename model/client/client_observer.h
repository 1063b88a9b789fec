// ClientObserver: what the clients' operations look like from outside; the recorder of scenarios/ makes the history of
// it.
//
// One ClientOperation is one record of a history. A request of several concurrent queries of one session is
// reported as one record per query, each on a process of its own, completed in the order of their bookmarks (two
// concurrent queries of a session may be ordered either way). Everything in a record is valid during the call only,
// except what its references share. An observer must not change the run.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "model/protocol/http.h"
#include "model/types/bookmark.h"
#include "model/types/value.h"
#include "sim/core/time.h"

namespace tidemark::model {

enum class OperationKind : std::uint8_t {
  kList,      // orders: GET
  kInsert,    // orders: POST, inserts and lists
  kReset,     // orders: POST /api/reset
  kRegister,  // micro-operations on registers
  kAppend,    // micro-operations on lists
  kAction,    // sql, application: an action
};

enum class OperationOutcome : std::uint8_t {
  kOk,
  kFail,  // surely had no effect
  kInfo,  // unknown: may have taken effect, may still, or never
};

/// An invocation.
struct ClientInvocation {
  std::uint32_t database = 0;
  std::uint32_t client = 0;   // ClientSettings::number
  std::uint32_t process = 0;  // logically single-threaded; a new number after each kInfo
  std::uint32_t session = 0;  // chain of operations that hand a bookmark on; unique over all clients, from 1
  /// The first of the sessions that have handed the bookmark on to this one, which may be itself: after an unknown
  /// outcome a client begins another session, and hands its bookmark on all the same.
  std::uint32_t page = 0;
  /// The session was opened with a bookmark that no primary of the database has issued.
  bool made_up = false;
  /// The session that this client had before, where this operation begins another (on_invoke only); 0 = none. No
  /// operation of it is open and none will come.
  std::uint32_t ended_session = 0;
  OperationKind kind = OperationKind::kList;
  sim::Instant invoked;
  /// Orders: the row of an insert; nullptr otherwise.
  const OrderBody* order = nullptr;
  /// Register and append: the micro-operations in program order.
  std::span<const MicroOp> ops;
  /// Action: what is done; nullptr otherwise.
  const ActionBody* action = nullptr;
  bool writes = false;  // of an action: it may change something
  /// The header x-d1-bookmark as sent; kNone = no header.
  const SessionToken* bookmark_in = nullptr;
};

/// The end of the operation that `invocation` (the same values as in on_invoke) began.
struct ClientOperation {
  ClientInvocation invocation;
  OperationOutcome outcome = OperationOutcome::kInfo;
  sim::Instant completed;
  /// As received; kNone when there was none.
  const SessionToken* bookmark_out = nullptr;
  std::string_view served_by_region;  // "" = unknown
  bool served_by_primary = false;
  std::string_view error;  // fail and info
  /// kOk: rows of a list or insert (columns customerId, orderId, quantity in scan order: the whole table).
  ResultSetRef rows;
  /// kOk: an insert changed the table (false: the conflict clause made it a no-op).
  bool inserted = false;
  /// kOk, one per micro-operation. Register read: columns v, ver, no row = never written. Register write: column ver
  /// (of the written row). List read: column v, the elements as text joined by commas, no row = empty. Append: nullptr.
  /// Action: what it showed.
  std::span<const ResultSetRef> results;
  /// Of an action that was answered, whatever the outcome: what its handler tells of itself.
  std::span<const std::string> notes;
};

/// The answer to a request that had to be refused, or to change nothing.
struct HostileAnswer {
  std::uint32_t database = 0;
  sim::Instant invoked;
  sim::Instant completed;
  std::string_view problem;  // empty: it is as it must be
};

struct PlannedOperation;

/// What a client is about to do, before anything of it has happened. A write that is sent again is told only once.
struct ClientPlan {
  std::uint32_t client = 0;   // ClientSettings::number
  sim::Duration since_start;  // of its first life
  std::uint32_t worker = 0;   // Process::id() of the PoP at which it enters
  const PlannedOperation& planned;
};

class ClientObserver {
 public:
  virtual ~ClientObserver() = default;
  virtual void on_hostile(const HostileAnswer&) {}
  virtual void on_plan(const ClientPlan&) {}
  virtual void on_invoke(const ClientInvocation& invocation) = 0;
  virtual void on_complete(const ClientOperation& operation) = 0;
};

}  // namespace tidemark::model
