#include "model/apps/call.h"

#include <utility>

#include "base/assert.h"
#include "sim/core/wait.h"

namespace tidemark::model {
namespace {

const ActionBody& body_of(const HttpRequest& request) {
  const auto* body = std::get_if<ActionBody>(&request.body);
  TIDEMARK_ASSERT(body != nullptr, "an action has a body");
  return *body;
}

HttpAnswer refusal(const std::string& why) {
  HttpAnswer response = server_error("refused: " + why);
  response->status = 409;
  return response;
}

}  // namespace

Call::Call(const AppContext& context, const HttpRequest& request, RequestSession& session, WorkerMemory* memory)
    : context_(context), body_(body_of(request)), session_(session), memory_(memory) {}

const SqlValue& Call::value(std::size_t index) const {
  static const SqlValue kNull;
  return index < body_.values.size() ? body_.values[index] : kNull;
}

std::int64_t Call::integer(std::size_t index) const {
  const auto* number = std::get_if<std::int64_t>(&value(index));
  return number == nullptr ? 0 : *number;
}

sim::Task<bool> Call::batch(std::vector<Statement> statements) {
  D1Session& session = session_.next();
  last_ = co_await session.batch(std::move(statements));
  co_return note();
}

sim::Task<bool> Call::restore(SessionToken to) {
  boost::intrusive_ptr<RestoreRequest> request(new RestoreRequest);
  request->bookmark = to.bookmark();
  D1Session& session = session_.next();
  last_ = co_await session.restore(std::move(request));
  co_return note();
}

sim::Task<bool> Call::restore_to_time(sim::Instant time) {
  boost::intrusive_ptr<RestoreRequest> request(new RestoreRequest);
  request->by_time = true;
  request->time = time;
  D1Session& session = session_.next();
  last_ = co_await session.restore(std::move(request));
  co_return note();
}

bool Call::note() {
  effects_.unknown = effects_.unknown || last_.response->outcome_unknown;
  if (!last_.ok()) return false;
  // A write that changed nothing has made no entry of the log.
  effects_.wrote = effects_.wrote || !last_.response->truth.created.is_origin();
  for (const StatementResult& result : last_.response->results) changes_ += result.meta.changes;
  return true;
}

sim::Task<void> Call::pause(sim::Duration duration) {
  co_await sim::sleep(context_.env.process(), duration);
}

bool Call::worth_another_try(bool repeatable) const {
  const bool untouched = !effects_.wrote && !effects_.unknown;
  return failed() && worth_retrying(error()) && (repeatable || untouched);
}

void Call::begin_again() {
  earlier_.wrote = earlier_.wrote || effects_.wrote;
  earlier_.unknown = earlier_.unknown || effects_.unknown;
  effects_ = {};
  last_ = {};
  shown_.clear();
  refused_.clear();
  not_found_ = false;
  handed_on_.reset();
  as_of_ = {};
  changes_ = 0;
}

SessionToken Call::bookmark_out() const {
  const SessionToken held = session_.bookmark();
  if (as_of_.kind() == SessionToken::Kind::kNone) return held;
  return held.text_less(as_of_) ? as_of_ : held;
}

HttpAnswer Call::answer(sim::Instant started) const {
  const bool asked = last_.response != nullptr;  // else the answer is from the worker's own memory
  HttpAnswer response;
  if (failed()) {
    response = server_error(error());
  } else if (not_found_) {
    response = model::not_found();
  } else if (!refused_.empty()) {
    response = refusal(refused_);
  } else {
    response.reset(new HttpResponse);
    response->results = shown_;
    response->changes = changes_;
    response->query_bookmarks.push_back(asked ? last_.response->bookmark : as_of_);
    if (asked) set_served_by(*response, last_.meta());
    response->d1_latency = context_.env.now() - started;
  }
  // Without a success it is not known to the user what of several writes was done. With one, what attempts before it
  // did is no matter: they were repeated because it is the same.
  const bool before = effects_.wrote || earlier_.wrote || earlier_.unknown;
  response->effect_unknown = effects_.unknown || (response->status != 200 && before);
  response->notes = notes_;
  const bool silent = handed_on_ ? handed_on_->kind() == SessionToken::Kind::kNone : response->status == 500;
  if (!silent) set_bookmark(*response, handed_on_.value_or(bookmark_out()));
  return response;
}

}  // namespace tidemark::model
