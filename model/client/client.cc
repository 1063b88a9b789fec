#include "model/client/client.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "model/client/hostile.h"
#include "model/client/script.h"
#include "sim/core/wait.h"

namespace tidemark::model {
namespace {

constexpr std::uint32_t kMostAttempts = 4;  // of a write whose answers get lost

std::unique_ptr<Page> page_of(Env& env, const ClientSettings& settings) {
  if (settings.user == nullptr) return nullptr;
  return settings.user->page({env.process(), env.network(), settings.object, settings.database});
}

sim::DurationDistribution time_between(const WorkloadOptions& options) {
  if (options.arrival == Arrival::kClosed) return sim::DurationDistribution::exponential(options.think_time);
  if (options.arrival == Arrival::kScript) return sim::DurationDistribution::constant({});
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
      records_(settings_, options, *ledger_),
      operations_(options, settings_.number, env.random("operations"), *ledger_),
      route_(options, settings_.pops, env.random("route"), env.now()),
      page_(page_of(env, settings_)),
      next_arrival_(env.now()),
      deadline_(*this, env.process()) {
  TIDEMARK_ASSERT(does_actions(options.kind) == (settings_.user != nullptr), "who does actions has a user");
  if (!ledger_->started) {
    ledger_->started = env.now();
  } else if (settings_.user != nullptr) {
    settings_.user->forget();
  }
  // What a crash cut off, if nobody has told yet.
  records_.lost(env_.now());
  env_.process().spawn(run());
}

sim::Task<void> Client::run() {
  while (true) {
    const std::optional<sim::Duration> wait = until_next();
    if (!wait) co_return;
    // The times of a script hold whatever a client would have liked to think.
    const bool thinks = options_.arrival != Arrival::kScript;
    co_await sim::sleep(env_.process(), *wait + (thinks ? env_.extra_delay("client/think-longer") : sim::Duration()));
    if (stopping_) co_return;
    busy_ = true;
    co_await operate();
    busy_ = false;
  }
}

/// Open loop: arrivals that came while the client was busy are due already and follow each other at once.
std::optional<sim::Duration> Client::until_next() {
  if (options_.arrival == Arrival::kScript) {
    if (ledger_->scripted == settings_.script.size()) return std::nullopt;
    const sim::Instant at = *ledger_->started + settings_.script[ledger_->scripted].operation->at;
    return std::max(at - env_.now(), sim::Duration());
  }
  const sim::Duration sample = between_.sample(arrivals_);
  if (options_.arrival == Arrival::kClosed) return sample;
  next_arrival_ = next_arrival_ + sample;
  return std::max(next_arrival_ - env_.now(), sim::Duration());
}

void Client::open_session(const PlannedOperation& planned) {
  const bool first = !std::exchange(opened_, true);
  bool strange = presented_.has_value() && ledger_->made_up;  // of the life before, which kept it
  if (!presented_) {
    if (const auto token = ledger_->mischief.token_to_present(bookmark_, saved_)) {
      presented_ = token->token;
      // What was saved in a session that began with a made-up bookmark may be that bookmark, or come after it.
      strange = token->strange || ledger_->made_up || saved_strange_;
    }
  }
  const bool forked = std::exchange(forked_, false);
  if (!first && !planned.new_session && !presented_) {
    if (forked) count_session();  // the bookmark is handed on
    return;
  }
  presenting_ = presented_.has_value();
  ledger_->made_up = strange;
  if (presented_) {
    bookmark_ = *presented_;
    presented_.reset();
  } else {
    bookmark_ = planned.first_primary ? SessionToken::first_primary() : SessionToken();
  }
  saved_ = bookmark_;
  saved_strange_ = strange;
  count_session();
  ledger_->page = session();
}

void Client::count_session() {
  ended_session_ = ledger_->sessions == 0 ? 0 : session();
  ++ledger_->sessions;
}

sim::Task<void> Client::operate() {
  if (const auto number = ledger_->mischief.hostile_request()) {
    co_await attack(*number);
    co_return;
  }
  PlannedOperation planned = plan_next();
  if (settings_.observer != nullptr)
    settings_.observer->on_plan({settings_.number, env_.now() - *ledger_->started, route_.at(env_.now()), planned});
  open_session(planned);
  bool unanswered = co_await attempt(planned, true);
  for (std::uint32_t attempts = 1; unanswered && planned.writes && attempts < kMostAttempts; ++attempts) {
    const auto pause = ledger_->mischief.pause_before_retry();
    if (!pause) co_return;
    co_await sim::sleep(env_.process(), *pause);
    planned = operations_.again(std::move(planned));
    open_session(planned);
    unanswered = co_await attempt(planned, false);
  }
}

PlannedOperation Client::plan_next() {
  const std::uint32_t together = ledger_->mischief.queries_together();
  PlannedOperation planned;
  if (options_.arrival == Arrival::kScript) {
    const ClientSettings::Scripted& next = settings_.script[ledger_->scripted++];
    planned = planned_of(*next.operation, options_);
    if (next.via != 0) route_.move_to(next.via);
  } else if (settings_.user != nullptr) {
    planned = operations_.next_action(*settings_.user, env_.now());
  } else {
    planned = operations_.next(env_.now(), together);
  }
  if (const auto* action = std::get_if<ActionBody>(&planned.body)) {
    const auto found = settings_.actions.find(action->name);
    const ActionRoute route = found == settings_.actions.end() ? ActionRoute() : found->second;
    planned.writes = route.writes;
    planned.method = route.method;
    planned.route = route.route;
  }
  if (together > 1 && planned.queries == together) ledger_->mischief.note_together();
  return planned;
}

/// True when no answer came.
sim::Task<bool> Client::attempt(PlannedOperation planned, bool may_lose) {
  reach(route_.at(env_.now()));
  const HttpRequestRef request = make_request(planned);
  records_.invoke(planned, request, env_.now(), std::exchange(ended_session_, 0));
  RpcAnswer answer = co_await exchange(request);
  if (may_lose && planned.writes && answer.message && ledger_->mischief.loses_answer()) {
    hang_up();
    answer = {};
  }
  const auto* response = static_cast<const HttpResponse*>(answer.message.get());
  if (response != nullptr) keep_newest(*response);
  const OperationOutcome outcome = records_.complete(answer, env_.now());
  if (settings_.user != nullptr) settings_.user->answered(std::get<ActionBody>(request->body), response);
  const bool acts = does_actions(options_.kind);
  forked_ = outcome == OperationOutcome::kInfo && (options_.kind == WorkloadKind::kOrders || acts);
  // A read that was given up may still be asked again by its worker: what it is answered is no answer to a later
  // action.
  if (acts && response == nullptr && !answer.never_sent) forked_ = true;
  const bool ok = response != nullptr && response->status == 200;
  if (presenting_ && !ok) presented_ = SessionToken();
  co_return response == nullptr;
}

/// Not an operation of the workload: no session, no record in the history.
sim::Task<void> Client::attack(std::uint64_t number) {
  const HostileRequest hostile = hostile_request(options_.kind, number);
  connect_to(route_.at(env_.now()));
  boost::intrusive_ptr<HttpRequest> request = new_request();
  request->method = HttpMethod::kPost;
  request->route = HttpRoute::kSql;
  request->body = hostile.body;
  request->session = kHostileSession;
  const sim::Instant invoked = env_.now();
  const RpcAnswer answer = co_await exchange(std::move(request));
  if (!answer.message || settings_.observer == nullptr) co_return;
  const std::string problem = judge_hostile(hostile, static_cast<const HttpResponse&>(*answer.message));
  settings_.observer->on_hostile({settings_.database, invoked, env_.now(), problem});
}

/// A page is a program beside the client's requests, with limits of its own on how long it waits.
sim::Task<RpcAnswer> Client::exchange(HttpRequestRef request) {
  const bool by_page = page_ != nullptr && request->route == HttpRoute::kAction;
  if (by_page) co_return co_await page_->act(std::move(request));
  if (settings_.access_latency.ns() > 0) co_await sim::sleep(env_.process(), settings_.access_latency);
  RpcAnswer answer = co_await ask(std::move(request));
  if (settings_.access_latency.ns() > 0) co_await sim::sleep(env_.process(), settings_.access_latency);
  co_return answer;
}

sim::Task<RpcAnswer> Client::ask(HttpRequestRef request) {
  if (env_.unlikely("client/not-reached", sim::BuggifyClass::kError)) co_return RpcAnswer{nullptr, true};
  patience_ = ledger_->mischief.patience();
  if (patience_) {
    env_.process().scheduler().arm_after(deadline_, patience_->limit);
  } else if (options_.request_timeout.ns() > 0) {
    env_.process().scheduler().arm_after(deadline_, options_.request_timeout);
  }
  RpcAnswer answer = co_await connection_->call(request->id, request);
  deadline_.cancel();
  co_return answer;
}

void Client::give_up_waiting() {
  if (abandon() && patience_) ledger_->mischief.note_effect(patience_->fault);
}

bool Client::abandon() {
  const bool asking = connection_ && connection_->pending() > 0;
  const bool acting = page_ != nullptr && busy_ && !asking;
  if (asking) connection_->hang_up();
  if (acting) page_->lose_connection();
  return asking || acting;
}

bool Client::move_to(std::uint32_t worker) {
  if (route_.at(env_.now()) == worker) return false;
  route_.move_to(worker);
  return true;
}

void Client::hang_up() {
  if (page_ != nullptr) return page_->lose_connection();
  connection_->hang_up();
}

/// For the next operation. A page notices another network at once; its first one is no change.
void Client::reach(std::uint32_t worker) {
  if (page_ == nullptr) return connect_to(worker);
  const std::uint32_t before = std::exchange(page_on_, worker);
  if (before != 0 && before != worker) page_->lose_connection();
}

/// A change of route takes effect with the next request: the old connection is closed, nothing is under way on it.
void Client::connect_to(std::uint32_t worker) {
  const bool anew = env_.unlikely("client/new-connection", sim::BuggifyClass::kEarly);
  if (connection_ && connection_->peer() == worker && !anew) return;
  if (connection_) connection_->hang_up();
  connection_.emplace(env_.process(), env_.network(), worker);
}

boost::intrusive_ptr<HttpRequest> Client::new_request() {
  boost::intrusive_ptr<HttpRequest> request(new HttpRequest);
  request->id = ++ledger_->last_request;
  request->database = settings_.database;
  return request;
}

HttpRequestRef Client::make_request(const PlannedOperation& planned) {
  boost::intrusive_ptr<HttpRequest> request = new_request();
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
