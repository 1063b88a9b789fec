#include "model/apps/application_host.h"

#include <algorithm>
#include <utility>

#include "sim/core/wait.h"

namespace tidemark::model {

ApplicationHost::ApplicationHost(const AppContext& context, std::shared_ptr<const Application> application)
    : context_(context),
      application_(std::move(application)),
      memory_(application_->memory(context_)),
      random_(context.env.random("retry")),
      object_(application_->object(context_)) {
  for (const ActionShape& action : application_->actions())
    if (action.repeatable) repeatable_.insert(action.name);
}

bool ApplicationHost::socket_opened(RpcPeer peer) {
  if (object_ != nullptr) object_->opened(peer);
  return object_ != nullptr;
}

sim::Task<HttpAnswer> ApplicationHost::handle(HttpRequestRef request) {
  if (std::holds_alternative<ActionBody>(request->body)) co_return co_await act(std::move(request));
  const bool is_reset = request->method == HttpMethod::kPost && request->route == HttpRoute::kReset;
  if (is_reset) co_return co_await reset(std::move(request));
  co_return not_found();
}

sim::Task<HttpAnswer> ApplicationHost::act(HttpRequestRef request) {
  const sim::Instant started = context_.env.now();
  const SessionToken start = application_->opens_with(std::get<ActionBody>(request->body), request->bookmark);
  RequestSession session(context_, *request, start);
  Call call(context_, *request, session, memory_.get());
  const bool repeatable = repeatable_.contains(call.action());
  for (std::uint32_t attempt = 1;; ++attempt) {
    co_await application_->handle(call);
    const bool again = call.worth_another_try(repeatable) && attempt < context_.options.app_attempts;
    if (!again) co_return call.answer(started);
    co_await sim::sleep(context_.env.process(), retry_delay(random_, attempt));
    call.begin_again();
  }
}

sim::Task<HttpAnswer> ApplicationHost::reset(HttpRequestRef request) {
  RequestSession session(context_, *request, request->bookmark);
  std::vector<Statement> load;
  for (std::string& sql : application_->load()) load.push_back({std::move(sql), {}});
  const bool several = !load.empty();
  if (!several) load.push_back({application_->schema(), {}});
  if (load.front().sql.empty()) co_return HttpAnswer(new HttpResponse);
  D1Session& first = session.next();
  PreparedStatement statement = first.prepare(load.front().sql);
  QueryResult result;
  if (several) {
    result = co_await first.batch(std::move(load));
  } else {
    result = co_await statement.run();
  }
  if (!result.ok()) {
    HttpAnswer failed = server_error(result.error());
    failed->effect_unknown = result.response->outcome_unknown;
    co_return failed;
  }
  HttpAnswer response(new HttpResponse);
  set_served_by(*response, result.meta());
  set_bookmark(*response, session.bookmark());
  co_return response;
}

bool makes_mistake(const WorkloadOptions& options, std::string_view mistake) {
  return std::find(options.mistakes.begin(), options.mistakes.end(), mistake) != options.mistakes.end();
}

std::string action_problem(const ActionBody& action, const std::vector<ActionShape>& shapes) {
  const auto shape = std::find_if(shapes.begin(), shapes.end(), [&](const auto& s) { return s.name == action.name; });
  if (shape == shapes.end()) return "there is no action " + action.name;
  if (action.values.size() != shape->values.size()) {
    return action.name + " has " + std::to_string(shape->values.size()) + " values, not " +
           std::to_string(action.values.size());
  }
  for (std::size_t i = 0; i < action.values.size(); ++i) {
    const bool is_number = std::holds_alternative<std::int64_t>(action.values[i]);
    const bool is_text = std::holds_alternative<std::string>(action.values[i]);
    const char wanted = shape->values[i];
    if ((wanted == 'i' && !is_number) || (wanted == 't' && !is_text))
      return "value " + std::to_string(i + 1) + " of " + action.name +
             (wanted == 'i' ? " is a whole number" : " is a text");
  }
  return "";
}

std::int64_t number_of(const ActionBody& action, std::size_t index) {
  const auto* number = index < action.values.size() ? std::get_if<std::int64_t>(&action.values[index]) : nullptr;
  return number == nullptr ? 0 : *number;
}

std::int64_t number_at(const ResultSetRef& rows, std::uint32_t row, std::uint32_t column) {
  if (!rows || row >= rows->rows() || column >= rows->columns()) return 0;
  const Cell& cell = rows->row(row)[column];
  return cell.type == CellType::kInteger ? cell.integer : 0;
}

}  // namespace tidemark::model
