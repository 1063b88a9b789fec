// DurableObject: the home of one database instance, primary or replica. Answers D1Requests.
//
//   request --> primary: slot -> run -> SQL time -> submit -> output gate -> answer
//           --> replica: first-primary, no bookmark, or writes: forward to the primary, answer with what it says
//                        else wait until visible >= bookmark (not for first-unconstrained) -> slot -> run -> SQL time
//                        -> answer
//
// The algorithm is that of the D1 read replication post (S1). Its corners:
// - A request without a bookmark counts as first-primary here (S1); the default of the session API is another one.
// - The primary does not look at the bookmark. Reads pass the output gate too: they may have seen an unconfirmed write.
//   So do SQL errors, which tell about the state as well.
// - The returned bookmark is that of the state that was read, taken in the same instant as the read: at the primary the
//   request's own entry or else the newest one, at a replica the visible one after the wait.
// - What writes is decided by SQLite, here, after routing. A batch or a text of several statements goes to the primary
//   if one of them writes. A statement that SQLite does not accept (no such table yet) is looked at once more after the
//   wait, then runs locally, where it fails or not.
// - The slot is held for the SQL time, not during bookmark waits and gates. A write is shipped at the end of its SQL
//   time.
// - A text that is no bookmark sorts above every bookmark in nearly all cases, so a wait for it would never end. What
//   D1 does is not known; here a replica refuses reads that carry one with "D1_ERROR: invalid bookmark".
// - A bookmark from the future waits until it comes true.
// - Errors carry no bookmark (unknown for D1; so it is in miniflare).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "model/durable_object/query_slot.h"
#include "model/durable_object/sql_copy.h"
#include "model/env.h"
#include "model/protocol/locator.h"
#include "model/protocol/messages.h"
#include "model/protocol/relay.h"
#include "model/protocol/rpc.h"
#include "model/types/bugs.h"
#include "model/types/observer.h"
#include "model/types/options.h"

namespace tidemark::model {

/// Who this object is. Strings live as long as the object.
struct DurableObjectIdentity {
  std::uint32_t database = 0;
  std::string_view region;    // "WEUR"
  std::string_view colo;      // "FRA"
  std::uint32_t primary = 0;  // replicas: Process::id() of a primary that never moves; without a locator
  const Locator* locator = nullptr;
};

/// The copy's own parts, in the same process; they outlive the object. Exactly one relay is set: it decides the role.
struct DurableObjectParts {
  SqlCopy* copy = nullptr;
  PrimaryRelay* primary_relay = nullptr;
  ReplicaRelay* replica_relay = nullptr;
  Observer* observer = nullptr;  // may be nullptr
};

struct DurableObjectStatistics {
  std::uint64_t executed = 0;
  std::uint64_t forwarded = 0;
  std::uint64_t waited = 0;  // for a bookmark
  std::uint64_t overloaded = 0;
};

class DurableObject final : public RpcHandler {
 public:
  DurableObject(Env& env, const DurableObjectIdentity& identity, const DatabaseOptions& options, BugSet bugs,
                const DurableObjectParts& parts);
  DurableObject(const DurableObject&) = delete;
  DurableObject& operator=(const DurableObject&) = delete;

  /// Where the owner brings connections: server().adopt(...) or Transport::listen(&server()).
  RpcServer& server() { return server_; }
  bool is_primary() const { return parts_.primary_relay != nullptr; }
  /// Requests that are not answered yet.
  std::uint32_t open_requests() const { return open_; }
  const DurableObjectStatistics& statistics() const { return statistics_; }

  /// answer(), counted as an open request and told to the observer: for owners that bring requests without server().
  sim::Task<boost::intrusive_ptr<D1Response>> handle(boost::intrusive_ptr<const D1Request> request);
  /// One request from its arrival to its answer. server() uses it; tests call it directly.
  sim::Task<boost::intrusive_ptr<D1Response>> answer(boost::intrusive_ptr<const D1Request> request);

  /// Primary, Time Travel: whoever is under way here gets an error soon: a definite one if nothing was run for it, an
  /// unknown outcome if it wrote. Requests that come later are not meant. The owner waits until none is open.
  void cancel_open() { ++cancellations_; }

 private:
  using RequestRef = boost::intrusive_ptr<const D1Request>;
  using ResponseRef = boost::intrusive_ptr<D1Response>;

  void on_request(RpcPeer from, const sim::PayloadRef& message) override;
  sim::Task<void> serve(RpcPeer from, RequestRef request);
  sim::Task<ResponseRef> answer_at_primary(RequestRef request);
  void tell_created(const D1Request& request, const Bookmark& entry) const;
  sim::Task<ResponseRef> answer_at_replica(RequestRef request);
  /// Of bug G7: what was read, and of which state, before the wait.
  struct EarlyRead {
    std::optional<sqlite::Outcome> outcome;
    Bookmark state;
  };
  sim::Task<ResponseRef> answer_locally(RequestRef request, std::optional<Bookmark> sampled_before, EarlyRead early);
  sim::Task<ResponseRef> forward(RequestRef request, bool writes);
  void read_here(const D1Request& request, D1Response& response);
  sim::Task<bool> wait_until_visible(Bookmark bookmark);
  RpcClient* primary_client();
  ResponseRef lost_connection(const D1Request& request, bool unknown) const;
  ResponseRef cancelled(const D1Request& request, bool wrote, const Bookmark& created) const;

  ResponseRef refuse(const D1Request& request, SlotResult reason);
  ResponseRef fail(const D1Request& request, std::string_view error) const;
  /// Rows and meta of a success, or the SQL error.
  ResponseRef respond(const D1Request& request, const sqlite::Outcome& outcome) const;
  sim::Duration cost_of(const sqlite::Outcome& outcome) const;
  void report(const D1Request& request, const D1Response& response, sim::Instant arrived) const;

  // Constant after construction.
  Env& env_;
  const DurableObjectIdentity identity_;
  const DatabaseOptions options_;
  const BugSet bugs_;
  const DurableObjectParts parts_;
  // State.
  QuerySlot slot_;
  RpcServer server_;
  std::map<std::uint32_t, std::unique_ptr<RpcClient>> primaries_;  // at replicas: by process, where it is and was
  std::uint32_t open_ = 0;
  std::uint32_t cancellations_ = 0;
  DurableObjectStatistics statistics_;
};

}  // namespace tidemark::model
