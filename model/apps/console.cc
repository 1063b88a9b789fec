#include "model/apps/console.h"

#include <utility>
#include <vector>

namespace tidemark::model {

sim::Task<HttpAnswer> ConsoleApp::handle(HttpRequestRef request) {
  const auto* body = std::get_if<SqlBody>(&request->body);
  if (request->method != HttpMethod::kPost || body == nullptr) co_return not_found();
  RequestSession session(context_, *request);
  // A batch of one takes the parameters as they are, whatever their number.
  std::vector<Statement> statements;
  statements.push_back({body->sql, body->params});
  const QueryResult result = co_await session.next().batch(std::move(statements));
  if (!result.ok()) {
    HttpAnswer failed = server_error(result.error());
    failed->effect_unknown = result.response->outcome_unknown;
    co_return failed;
  }
  HttpAnswer response(new HttpResponse);
  response->changes = result.meta().changes;
  response->query_bookmarks.push_back(result.response->bookmark);
  set_served_by(*response, result.meta());
  set_bookmark(*response, session.bookmark());
  co_return response;
}

}  // namespace tidemark::model
