#include "model/durable_object/durable_object.h"

#include <utility>

#include "base/assert.h"
#include "sim/core/wait.h"

namespace tidemark::model {
namespace {

constexpr std::string_view kConnectionLost = "D1_ERROR: Network connection lost.";
constexpr std::string_view kStorageReset = "D1_ERROR: Internal error in D1 DB storage caused object to be reset.";
constexpr std::string_view kWaitedTooLong =
    "D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.";
constexpr std::string_view kInvalidBookmark = "D1_ERROR: invalid bookmark";
constexpr std::string_view kTooMany = "D1_ERROR: D1 DB is overloaded. Too many requests queued.";
constexpr std::string_view kTooLong = "D1_ERROR: D1 DB is overloaded. Requests queued for too long.";

constexpr int kSqliteReadOnly = 8;  // SQLITE_READONLY

/// Codes that say that the disk, not the statement, is at fault: SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB,
/// SQLITE_CANTOPEN, SQLITE_PROTOCOL. A full disk (SQLITE_FULL) fails the statement only.
bool is_disk_error(int code) {
  constexpr int kPrimaryMask = 0xff;
  switch (code & kPrimaryMask) {
    case 10:
    case 11:
    case 14:
    case 15:
    case 26:
      return true;
    default:
      return false;
  }
}

bool wants_primary(const SessionToken& token) {
  return token.kind() == SessionToken::Kind::kNone || token.kind() == SessionToken::Kind::kFirstPrimary;
}

}  // namespace

DurableObject::DurableObject(Env& env, const DurableObjectIdentity& identity, const DatabaseOptions& options,
                             BugSet bugs, const DurableObjectParts& parts)
    : env_(env),
      identity_(identity),
      options_(options),
      bugs_(bugs),
      parts_(parts),
      slot_(env.process(), options.queue_limit, options.queue_timeout),
      server_(*this) {
  TIDEMARK_ASSERT(parts_.copy != nullptr);
  TIDEMARK_ASSERT((parts_.primary_relay != nullptr) != (parts_.replica_relay != nullptr));
}

void DurableObject::on_request(RpcPeer from, const sim::PayloadRef& message) {
  if (message->type() != static_cast<std::uint16_t>(MessageType::kD1Request)) return;
  env_.process().spawn(serve(from, boost::static_pointer_cast<const D1Request>(message)));
}

sim::Task<void> DurableObject::serve(RpcPeer from, RequestRef request) {
  ResponseRef response = co_await handle(std::move(request));
  const sim::Duration pause = env_.extra_delay("object/answer-later");
  if (pause.ns() > 0) co_await sim::sleep(env_.process(), pause);
  server_.reply(from, std::move(response));
}

sim::Task<DurableObject::ResponseRef> DurableObject::handle(RequestRef request) {
  const sim::Instant arrived = env_.now();
  ++open_;
  ResponseRef response = co_await answer(request);
  --open_;
  if (!request->forwarded) {
    if (response->success) {
      report(*request, *response, arrived);
    } else if (parts_.observer != nullptr) {
      parts_.observer->on_failure(identity_.database, request->session, response->outcome_unknown,
                                  response->truth.created);
    }
  }
  co_return response;
}

sim::Task<DurableObject::ResponseRef> DurableObject::answer(RequestRef request) {
  return is_primary() ? answer_at_primary(std::move(request)) : answer_at_replica(std::move(request));
}

void DurableObject::tell_created(const D1Request& request, const Bookmark& entry) const {
  if (parts_.observer == nullptr) return;
  for (const Statement& statement : request.statements)
    parts_.observer->on_created(identity_.database, request.session, statement.sql, statement.params, entry);
}

sim::Task<DurableObject::ResponseRef> DurableObject::answer_at_primary(RequestRef request) {
  PrimaryRelay& relay = *parts_.primary_relay;
  if (env_.unlikely("object/overloaded", sim::BuggifyClass::kError)) co_return refuse(*request, SlotResult::kTooMany);
  const std::uint32_t cancellations = cancellations_;
  const SlotResult granted = co_await slot_.acquire();
  if (granted != SlotResult::kGranted) co_return refuse(*request, granted);
  co_await parts_.copy->until_room();
  if (cancellations != cancellations_) {
    slot_.release();
    co_return cancelled(*request, false, {});
  }

  // Nobody else runs while the slot is held, and everything that ran before has been submitted: the newest entry is the
  // state that this transaction sees.
  const sqlite::Outcome outcome = parts_.copy->run(*request);
  ++statistics_.executed;
  if (is_disk_error(outcome.error.code)) {
    // What SQLite left on the disk is unknown. Nothing of it was shipped, and this copy will never be asked again.
    relay.give_up_copy();
    slot_.release();
    ResponseRef failed = fail(*request, kStorageReset);
    failed->retryable = true;
    failed->outcome_unknown = parts_.copy->has_pending();
    co_return failed;
  }
  Bookmark state = relay.committed();
  co_await sim::sleep(env_.process(), cost_of(outcome));
  Bookmark created;
  Bookmark told = state;  // what the caller gets; the same as `state` unless a planted mistake says otherwise
  if (parts_.copy->has_pending()) {
    told = parts_.copy->submit_pending();
    state = created = relay.committed();
    tell_created(*request, created);
  }
  slot_.release();
  if (cancellations != cancellations_) co_return cancelled(*request, outcome.wrote, created);

  ResponseRef response = respond(*request, outcome);
  const bool gated = !(bugs_.has(Bug::kH8) && !outcome.wrote);
  if (gated && relay.confirmed() < told) {
    const GateStatus gate = co_await relay.until_confirmed(told);
    // Bug H1: the answer goes out all the same. Bug H10: a failure that may still take effect is called definite.
    if (gate == GateStatus::kBroken && !bugs_.has(Bug::kH1)) {
      response = fail(*request, kStorageReset);
      response->outcome_unknown = outcome.wrote && !bugs_.has(Bug::kH10);
      response->retryable = true;
      response->truth.created = created;
      co_return response;
    }
  }
  // A write that made no entry is a read: no follower was asked about it, so no epoch fences it.
  if (created.is_origin()) {
    const GateStatus lease = co_await relay.until_lease();
    if (lease == GateStatus::kBroken) co_return lost_connection(*request, false);
  }
  if (cancellations != cancellations_) co_return cancelled(*request, outcome.wrote, created);
  // Bug G10: the newest entry, which may be somebody else's and not confirmed.
  if (bugs_.has(Bug::kG10)) told = relay.committed();
  if (response->success) response->bookmark = SessionToken::of(told);
  response->truth = {env_.process().id(), true, identity_.region, state, created, env_.now()};
  co_return response;
}

sim::Task<DurableObject::ResponseRef> DurableObject::answer_at_replica(RequestRef request) {
  std::optional<Bookmark> sampled_before;
  EarlyRead early;
  if (bugs_.has(Bug::kG8)) sampled_before = parts_.replica_relay->visible();
  StatementClass statements = parts_.copy->classify(*request);
  const bool must_forward = (wants_primary(request->token) && !bugs_.has(Bug::kG11)) ||
                            env_.unlikely("object/forward-all", sim::BuggifyClass::kBranch);
  if (must_forward || statements == StatementClass::kWrites) {
    co_return co_await forward(request, statements != StatementClass::kReads);
  }
  if (request->token.kind() == SessionToken::Kind::kForeign) co_return fail(*request, kInvalidBookmark);
  if (request->token.kind() == SessionToken::Kind::kBookmark) {
    // Bug G7: the snapshot is opened before the wait.
    if (bugs_.has(Bug::kG7)) early = {parts_.copy->run(*request), parts_.replica_relay->visible()};
    const bool visible = co_await wait_until_visible(request->token.bookmark());
    // Bug G28: a wait that has ended is taken for one that has succeeded.
    if (!visible && !bugs_.has(Bug::kG28)) co_return fail(*request, kWaitedTooLong);
    // A table that the write needs may have arrived meanwhile.
    if (statements == StatementClass::kInvalid) statements = parts_.copy->classify(*request);
    if (statements == StatementClass::kWrites) co_return co_await forward(request, true);
  }
  co_return co_await answer_locally(request, sampled_before, std::move(early));
}

sim::Task<bool> DurableObject::wait_until_visible(Bookmark bookmark) {
  if (bugs_.has(Bug::kG4) && bookmark.sequence > 0) bookmark = {bookmark.epoch, bookmark.sequence - 1, 0, {}};
  if (parts_.replica_relay->visible() >= bookmark) co_return true;
  ++statistics_.waited;
  if (env_.unlikely("object/wait-no-longer", sim::BuggifyClass::kError)) co_return false;
  co_return co_await parts_.replica_relay->until_visible(bookmark, env_.now() + options_.bookmark_wait_timeout);
}

sim::Task<DurableObject::ResponseRef> DurableObject::answer_locally(RequestRef request,
                                                                    std::optional<Bookmark> sampled_before,
                                                                    EarlyRead early) {
  const SlotResult granted = co_await slot_.acquire();
  if (granted != SlotResult::kGranted) co_return refuse(*request, granted);
  const sqlite::Outcome outcome = early.outcome ? std::move(*early.outcome) : parts_.copy->run(*request);
  const Bookmark state = early.outcome ? early.state : parts_.replica_relay->visible();
  ++statistics_.executed;
  TIDEMARK_ASSERT(!parts_.copy->has_pending(), "a replica never executes a write");
  if (is_disk_error(outcome.error.code)) {
    parts_.replica_relay->give_up_copy();
    slot_.release();
    ResponseRef failed = fail(*request, kStorageReset);
    failed->retryable = true;
    co_return failed;
  }
  co_await sim::sleep(env_.process(), cost_of(outcome));
  slot_.release();
  // It became a write while it waited for the slot: a table of this name was published in between.
  if (outcome.error.code == kSqliteReadOnly) co_return co_await forward(request, true);

  ResponseRef response = respond(*request, outcome);
  if (response->success) response->bookmark = SessionToken::of(sampled_before.value_or(state));
  response->truth = {env_.process().id(), false, identity_.region, state, {}, env_.now()};
  co_return response;
}

sim::Task<DurableObject::ResponseRef> DurableObject::forward(RequestRef request, bool writes) {
  RpcClient* const primary = primary_client();
  if (primary == nullptr) co_return lost_connection(*request, false);
  ++statistics_.forwarded;
  const sim::Duration pause = env_.extra_delay("object/forward-later");
  if (pause.ns() > 0) co_await sim::sleep(env_.process(), pause);
  boost::intrusive_ptr<D1Request> onward(new D1Request);
  onward->id = primary->next_id();
  onward->database = request->database;
  onward->batch = request->batch;
  onward->forwarded = true;
  onward->statements = request->statements;
  onward->token = request->token;
  onward->session = request->session;
  onward->first_arrival = env_.now();
  const std::uint64_t id = onward->id;
  const RpcAnswer reply = co_await primary->call(id, std::move(onward));
  // Bug G14: it may have been executed, and is sent again.
  if (!reply.message && writes && !reply.never_sent && bugs_.has(Bug::kG14))
    co_return co_await forward(request, writes);
  if (!reply.message) co_return lost_connection(*request, writes && !reply.never_sent);
  const auto& theirs = static_cast<const D1Response&>(*reply.message);
  ResponseRef response(new D1Response);
  response->id = request->id;
  response->success = theirs.success;
  response->error = theirs.error;
  response->retryable = theirs.retryable;
  response->results = theirs.results;
  response->bookmark = theirs.bookmark;
  response->outcome_unknown = theirs.outcome_unknown;
  response->truth = theirs.truth;
  // Bug G16: what a batch reads is read here, whatever it writes there.
  if (bugs_.has(Bug::kG16) && writes && theirs.success) read_here(*request, *response);
  // Bug M2: the region of who answers, not of who has run it.
  if (bugs_.has(Bug::kM2)) {
    for (StatementResult& result : response->results) result.meta.served_by_region = identity_.region;
  }
  if (bugs_.has(Bug::kG13) && theirs.success) response->bookmark = SessionToken::of(parts_.replica_relay->visible());
  co_return response;
}

/// Bug G16: the reads among the statements, by this copy.
void DurableObject::read_here(const D1Request& request, D1Response& response) {
  for (std::size_t i = 0; i < request.statements.size() && i < response.results.size(); ++i) {
    boost::intrusive_ptr<D1Request> one(new D1Request);
    one->statements.push_back(request.statements[i]);
    if (parts_.copy->classify(*one) != StatementClass::kReads) continue;
    const sqlite::Outcome outcome = parts_.copy->run(*one);
    if (outcome.ok()) response.results[i].rows = outcome.statements.front().rows;
  }
}

/// To where the primary is now. A connection to its former place is kept for the calls that wait on it.
RpcClient* DurableObject::primary_client() {
  const std::uint32_t there = identity_.locator == nullptr
                                  ? identity_.primary
                                  : identity_.locator->primary_of(identity_.database, env_.process().id());
  if (there == 0) return nullptr;
  std::unique_ptr<RpcClient>& client = primaries_[there];
  if (client == nullptr) client = std::make_unique<RpcClient>(env_.process(), env_.network(), there);
  return client.get();
}

DurableObject::ResponseRef DurableObject::lost_connection(const D1Request& request, bool unknown) const {
  ResponseRef lost = fail(request, kConnectionLost);
  lost->retryable = true;
  lost->outcome_unknown = unknown;
  return lost;
}

DurableObject::ResponseRef DurableObject::cancelled(const D1Request& request, bool wrote,
                                                    const Bookmark& created) const {
  ResponseRef response = fail(request, kStorageReset);
  response->retryable = true;
  response->outcome_unknown = wrote;
  response->truth.created = created;
  return response;
}

DurableObject::ResponseRef DurableObject::refuse(const D1Request& request, SlotResult reason) {
  ++statistics_.overloaded;
  return fail(request, reason == SlotResult::kTooMany ? kTooMany : kTooLong);
}

}  // namespace tidemark::model
