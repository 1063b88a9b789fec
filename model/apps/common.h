// What the applications share: building answers, the retry rule that D1's documentation recommends, sessions by mode.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "model/worker/app.h"

namespace tidemark::model {

using HttpAnswer = boost::intrusive_ptr<HttpResponse>;

/// The database session of one HTTP request, opened by the rule of the application's SessionMode:
/// kBookmark: the header's bookmark, absent = first-unconstrained (the template); kFirstPrimary: absent =
/// first-primary; kUnconstrainedAlways: a new first-unconstrained session for every query, whatever the header says.
class RequestSession {
 public:
  RequestSession(const AppContext& context, const HttpRequest& request)
      : RequestSession(context, request, request.bookmark) {}
  /// As if the header had said `start`.
  RequestSession(const AppContext& context, const HttpRequest& request, SessionToken start);

  /// The session for the next query. The reference is good until the next call; use it for one query at a time.
  D1Session& next();
  /// What the next query will carry.
  const SessionToken& token() const { return session_->token(); }
  /// Of the session that was used last.
  SessionToken bookmark() const { return session_->bookmark(); }

 private:
  const AppContext& context_;
  const std::uint32_t observed_session_;
  std::optional<D1Session> session_;
};

/// Status 404, body "Not found".
HttpAnswer not_found();
/// Status 500 with the error's text. Carries no bookmark, as the template: what a session had earned before is lost.
HttpAnswer server_error(std::string_view error);
/// region and primary of a result's meta.
void set_served_by(HttpResponse& response, const ResultMeta& meta);
/// Header and sessionBookmark.
void set_bookmark(HttpResponse& response, const SessionToken& bookmark);

/// The three substrings that mark an error as worth another try (docs: retry-queries; template).
bool worth_retrying(std::string_view error);
/// Full jitter: uniform in [0, min(cap, base x 2^(attempt - 1))), base 100 ms, cap 3 s (durable-utils retries).
sim::Duration retry_delay(sim::RandomStream& random, std::uint32_t attempt);

/// Runs one query after the other until one fails. Keeps what the answer to a client and its observers need.
struct Effects {
  bool unknown = false;  // a write was sent and nobody knows whether it took effect
  bool wrote = false;    // a write has taken effect
  void note_write(const QueryResult& result) {
    wrote = wrote || result.ok();
    unknown = unknown || result.response->outcome_unknown;
  }
};

}  // namespace tidemark::model
