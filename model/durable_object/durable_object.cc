#include "model/durable_object/durable_object.h"

#include <utility>

#include "base/assert.h"
#include "sim/core/wait.h"

namespace tidemark::model {
namespace {

constexpr std::string_view kConnectionLost = "D1_ERROR: Network connection lost.";
constexpr std::string_view kGateBroken = "D1_ERROR: Internal error in D1 DB storage caused object to be reset.";
constexpr std::string_view kInvalidBookmark = "D1_ERROR: invalid bookmark";
constexpr std::string_view kTooMany = "D1_ERROR: D1 DB is overloaded. Too many requests queued.";
constexpr std::string_view kTooLong = "D1_ERROR: D1 DB is overloaded. Requests queued for too long.";

constexpr int kSqliteReadOnly = 8;  // SQLITE_READONLY

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
  if (!is_primary()) primary_.emplace(env.process(), env.network(), identity.primary);
}

void DurableObject::on_request(RpcPeer from, const sim::PayloadRef& message) {
  TIDEMARK_ASSERT(message->type() == static_cast<std::uint16_t>(MessageType::kD1Request));
  env_.process().spawn(serve(from, boost::static_pointer_cast<const D1Request>(message)));
}

sim::Task<void> DurableObject::serve(RpcPeer from, RequestRef request) {
  const sim::Instant arrived = env_.now();
  ++open_;
  ResponseRef response = co_await answer(request);
  --open_;
  if (response->success && !request->forwarded) report(*request, *response, arrived);
  server_.reply(from, std::move(response));
}

sim::Task<DurableObject::ResponseRef> DurableObject::answer(RequestRef request) {
  return is_primary() ? answer_at_primary(std::move(request)) : answer_at_replica(std::move(request));
}

sim::Task<DurableObject::ResponseRef> DurableObject::answer_at_primary(RequestRef request) {
  PrimaryRelay& relay = *parts_.primary_relay;
  const SlotResult granted = co_await slot_.acquire();
  if (granted != SlotResult::kGranted) co_return refuse(*request, granted);
  co_await parts_.copy->until_room();

  // Nobody else runs while the slot is held, and everything that ran before has been submitted: the newest entry is the
  // state that this transaction sees.
  const sqlite::Outcome outcome = parts_.copy->run(*request);
  ++statistics_.executed;
  Bookmark state = relay.committed();
  co_await sim::sleep(env_.process(), cost_of(outcome));
  Bookmark created;
  Bookmark told = state;  // what the caller gets; the same as `state` unless a planted mistake says otherwise
  if (parts_.copy->has_pending()) {
    told = parts_.copy->submit_pending();
    state = created = relay.committed();
  }
  slot_.release();

  ResponseRef response = respond(*request, outcome);
  const bool gated = !(bugs_.has(Bug::kH8) && !outcome.wrote);
  if (gated && relay.confirmed() < told) {
    const GateStatus gate = co_await relay.until_confirmed(told);
    if (gate == GateStatus::kBroken) {
      response = fail(*request, kGateBroken);
      response->outcome_unknown = outcome.wrote;
      response->retryable = true;
      co_return response;
    }
  }
  if (response->success) response->bookmark = SessionToken::of(told);
  response->truth = {env_.process().id(), true, identity_.region, state, created, env_.now()};
  co_return response;
}

sim::Task<DurableObject::ResponseRef> DurableObject::answer_at_replica(RequestRef request) {
  std::optional<Bookmark> sampled_before;
  if (bugs_.has(Bug::kG8)) sampled_before = parts_.replica_relay->visible();
  StatementClass statements = parts_.copy->classify(*request);
  const bool must_forward = wants_primary(request->token) && !bugs_.has(Bug::kG11);
  if (must_forward || statements == StatementClass::kWrites) {
    co_return co_await forward(request, statements != StatementClass::kReads);
  }
  if (request->token.kind() == SessionToken::Kind::kForeign) co_return fail(*request, kInvalidBookmark);
  if (request->token.kind() == SessionToken::Kind::kBookmark) {
    co_await wait_until_visible(request->token.bookmark());
    // A table that the write needs may have arrived meanwhile.
    if (statements == StatementClass::kInvalid) statements = parts_.copy->classify(*request);
    if (statements == StatementClass::kWrites) co_return co_await forward(request, true);
  }
  co_return co_await answer_locally(request, sampled_before);
}

sim::Task<void> DurableObject::wait_until_visible(Bookmark bookmark) {
  if (bugs_.has(Bug::kG4) && bookmark.sequence > 0) bookmark = {bookmark.epoch, bookmark.sequence - 1, 0, {}};
  if (parts_.replica_relay->visible() >= bookmark) co_return;
  ++statistics_.waited;
  co_await parts_.replica_relay->until_visible(bookmark);
}

sim::Task<DurableObject::ResponseRef> DurableObject::answer_locally(RequestRef request,
                                                                    std::optional<Bookmark> sampled_before) {
  const SlotResult granted = co_await slot_.acquire();
  if (granted != SlotResult::kGranted) co_return refuse(*request, granted);
  const sqlite::Outcome outcome = parts_.copy->run(*request);
  const Bookmark state = parts_.replica_relay->visible();
  ++statistics_.executed;
  TIDEMARK_ASSERT(!parts_.copy->has_pending(), "a replica never executes a write");
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
  TIDEMARK_ASSERT(primary_.has_value());
  ++statistics_.forwarded;
  boost::intrusive_ptr<D1Request> onward(new D1Request);
  onward->id = primary_->next_id();
  onward->database = request->database;
  onward->batch = request->batch;
  onward->forwarded = true;
  onward->statements = request->statements;
  onward->token = request->token;
  onward->session = request->session;
  onward->first_arrival = env_.now();
  const std::uint64_t id = onward->id;
  const RpcAnswer reply = co_await primary_->call(id, std::move(onward));
  if (!reply.message) {
    ResponseRef lost = fail(*request, kConnectionLost);
    lost->retryable = true;
    lost->outcome_unknown = writes && !reply.never_sent;
    co_return lost;
  }
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
  if (bugs_.has(Bug::kG13) && theirs.success) response->bookmark = SessionToken::of(parts_.replica_relay->visible());
  co_return response;
}

DurableObject::ResponseRef DurableObject::refuse(const D1Request& request, SlotResult reason) {
  ++statistics_.overloaded;
  return fail(request, reason == SlotResult::kTooMany ? kTooMany : kTooLong);
}

}  // namespace tidemark::model
