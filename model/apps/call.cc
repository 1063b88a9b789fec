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

Call::Call(const AppContext& context, const HttpRequest& request, RequestSession& session)
    : context_(context), body_(body_of(request)), session_(session) {}

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

bool Call::worth_another_try() const {
  return !last_.ok() && !effects_.wrote && !effects_.unknown && worth_retrying(last_.error());
}

HttpAnswer Call::answer(sim::Instant started) const {
  TIDEMARK_ASSERT(last_.response != nullptr, "an action makes a query");
  HttpAnswer response;
  if (!last_.ok()) {
    response = server_error(last_.error());
  } else if (!refused_.empty()) {
    response = refusal(refused_);
  } else {
    response.reset(new HttpResponse);
    response->results = shown_;
    response->changes = changes_;
    response->query_bookmarks.push_back(last_.response->bookmark);
    set_served_by(*response, last_.meta());
    response->d1_latency = context_.env.now() - started;
  }
  // Without a success it is not known to the user what of several writes was done.
  response->effect_unknown = effects_.unknown || (response->status != 200 && effects_.wrote);
  if (response->status != 500) set_bookmark(*response, session_.bookmark());
  return response;
}

}  // namespace tidemark::model
