#include "model/apps/common.h"

#include <algorithm>
#include <array>

namespace tidemark::model {

RequestSession::RequestSession(const AppContext& context, const HttpRequest& request, SessionToken start)
    : context_(context), observed_session_(request.session) {
  if (context.sessions == SessionMode::kUnconstrainedAlways) start = SessionToken::first_unconstrained();
  const bool absent = start.kind() == SessionToken::Kind::kNone;
  if (absent && context.sessions == SessionMode::kFirstPrimary) start = SessionToken::first_primary();
  session_.emplace(context.database.with_session(start, observed_session_));
}

D1Session& RequestSession::next() {
  if (context_.sessions == SessionMode::kUnconstrainedAlways) {
    session_.emplace(context_.database.with_session(SessionToken::first_unconstrained(), observed_session_));
  }
  return *session_;
}

HttpAnswer not_found() {
  HttpAnswer response(new HttpResponse);
  response->status = 404;
  return response;
}

HttpAnswer server_error(std::string_view error) {
  HttpAnswer response(new HttpResponse);
  response->status = 500;
  response->error = error;
  response->error_details = "Error: ";
  response->error_details += error;
  return response;
}

void set_served_by(HttpResponse& response, const ResultMeta& meta) {
  response.served_by_region = meta.served_by_region;
  response.served_by_primary = meta.served_by_primary;
}

void set_bookmark(HttpResponse& response, const SessionToken& bookmark) {
  response.has_bookmark = true;
  response.bookmark = bookmark;
}

bool worth_retrying(std::string_view error) {
  constexpr std::array<std::string_view, 3> kSigns = {"Network connection lost", "storage caused object to be reset",
                                                      "reset because its code was updated"};
  return std::any_of(kSigns.begin(), kSigns.end(),
                     [error](std::string_view sign) { return error.find(sign) != std::string_view::npos; });
}

sim::Duration retry_delay(sim::RandomStream& random, std::uint32_t attempt) {
  constexpr std::int64_t kBaseNs = 100'000'000;
  constexpr std::int64_t kCapNs = 3'000'000'000;
  const std::int64_t bound_ns = std::min(kCapNs, kBaseNs << std::min(attempt - 1, 10U));
  return sim::Duration::nanoseconds(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(bound_ns))));
}

}  // namespace tidemark::model
