#include "model/client/client.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "sim/core/wait.h"

namespace tidemark::model {
namespace {

sim::DurationDistribution time_between(const WorkloadOptions& options) {
  if (options.arrival == Arrival::kClosed) return sim::DurationDistribution::exponential(options.think_time);
  // Independent Poisson processes of all clients add up to one of the whole rate.
  TIDEMARK_ASSERT(options.rate_per_second > 0);
  const double mean_ns = 1e9 * std::max(options.clients, 1U) / options.rate_per_second;
  return sim::DurationDistribution::exponential(sim::Duration::nanoseconds(static_cast<std::int64_t>(mean_ns)));
}

}  // namespace

Client::Client(Env& env, const WorkloadOptions& options, ClientSettings settings)
    : env_(env),
      options_(options),
      settings_(std::move(settings)),
      arrivals_(env.random("arrivals")),
      between_(time_between(options)),
      ledger_(settings_.ledger != nullptr ? settings_.ledger : std::make_shared<ClientLedger>()),
      operations_(options, settings_.number, env.random("operations"), *ledger_),
      route_(options, settings_.pops, env.random("route"), env.now()),
      next_arrival_(env.now()),
      deadline_(*this, env.process()) {
  // The operation that a crash cut off never gets an outcome: its process number is not used again.
  if (std::exchange(ledger_->open, false)) ++ledger_->retired;
  env_.process().spawn(run());
}

sim::Task<void> Client::run() {
  while (true) {
    co_await sim::sleep(env_.process(), until_next());
    if (stopping_) co_return;
    busy_ = true;
    co_await operate();
    busy_ = false;
  }
}

/// Open loop: arrivals that came while the client was busy are due already and follow each other at once.
sim::Duration Client::until_next() {
  const sim::Duration sample = between_.sample(arrivals_);
  if (options_.arrival == Arrival::kClosed) return sample;
  next_arrival_ = next_arrival_ + sample;
  return std::max(next_arrival_ - env_.now(), sim::Duration());
}

void Client::open_session(const PlannedOperation& planned) {
  const bool first = !std::exchange(opened_, true);
  if (!first && !planned.new_session && !presented_) return;
  presenting_ = presented_.has_value();
  if (presented_) {
    bookmark_ = *presented_;
    presented_.reset();
  } else {
    bookmark_ = planned.first_primary ? SessionToken::first_primary() : SessionToken();
  }
  saved_ = bookmark_;
  ended_session_ = ledger_->sessions == 0 ? 0 : session();
  ++ledger_->sessions;
}

sim::Task<void> Client::operate() {
  const PlannedOperation planned = operations_.next(env_.now());
  open_session(planned);
  connect_to(route_.at(env_.now()));
  const HttpRequestRef request = make_request(planned);
  const sim::Instant invoked = env_.now();
  ledger_->open = true;
  if (settings_.observer != nullptr) invoke(planned, *request, invoked);
  if (settings_.access_latency.ns() > 0) co_await sim::sleep(env_.process(), settings_.access_latency);
  RpcAnswer answer = co_await ask(request);
  if (settings_.access_latency.ns() > 0) co_await sim::sleep(env_.process(), settings_.access_latency);
  complete(planned, *request, invoked, answer);
  ledger_->open = false;
  const bool ok = answer.message && static_cast<const HttpResponse&>(*answer.message).status == 200;
  if (presenting_ && !ok) presented_ = SessionToken();
}

sim::Task<RpcAnswer> Client::ask(HttpRequestRef request) {
  if (options_.request_timeout.ns() > 0) env_.process().scheduler().arm_after(deadline_, options_.request_timeout);
  RpcAnswer answer = co_await connection_->call(request->id, request);
  deadline_.cancel();
  co_return answer;
}

bool Client::abandon() {
  if (!connection_ || connection_->pending() == 0) return false;
  connection_->hang_up();
  return true;
}

/// A change of route takes effect with the next request: the old connection is closed, nothing is under way on it.
void Client::connect_to(std::uint32_t worker) {
  if (connection_ && connection_->peer() == worker) return;
  if (connection_) connection_->hang_up();
  connection_.emplace(env_.process(), env_.network(), worker);
}

HttpRequestRef Client::make_request(const PlannedOperation& planned) {
  boost::intrusive_ptr<HttpRequest> request(new HttpRequest);
  request->id = ++ledger_->last_request;
  request->database = settings_.database;
  request->method = planned.method;
  request->route = planned.route;
  request->bookmark = bookmark_;
  request->body = planned.body;
  request->session = session();
  return request;
}

std::uint32_t Client::session() const {
  return (ledger_->sessions - 1) * std::max(options_.clients, 1U) + settings_.number + 1;
}

void Client::keep_newest(const HttpResponse& response) {
  if (!response.has_bookmark || response.bookmark.kind() == SessionToken::Kind::kNone) return;
  // A constraint is not a place in the log: any bookmark replaces it.
  const bool first =
      bookmark_.kind() != SessionToken::Kind::kBookmark && bookmark_.kind() != SessionToken::Kind::kForeign;
  if (first) saved_ = response.bookmark;
  if (first || bookmark_.text_less(response.bookmark)) bookmark_ = response.bookmark;
}

}  // namespace tidemark::model
