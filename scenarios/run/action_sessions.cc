#include "scenarios/run/action_sessions.h"

#include <fmt/core.h>

#include <utility>

#include "scenarios/literals.h"

namespace tidemark::scenarios {

std::string action_text(const model::ActionBody& action) {
  std::string values;
  for (const model::SqlValue& value : action.values) values += (values.empty() ? "" : ", ") + literal_of(value);
  return fmt::format("{}({})", action.name, values);
}

void ActionSessions::on_invoke(const model::ClientInvocation& invocation, std::string action) {
  sessions_.erase(invocation.ended_session);
  sessions_[invocation.session].open = Open{std::move(action), invocation.invoked, invocation.made_up, {}};
}

void ActionSessions::on_response(const model::ResponseTruth& response) {
  const auto found = sessions_.find(response.session);
  if (found == sessions_.end() || !found->second.open) return;
  Session& session = found->second;
  Open& open = *session.open;
  // Of a request that was given up before this action began; of a session that made its bookmark up.
  if (response.started < open.invoked || open.made_up) return;
  writes_.judge(response, session.written, open, "wrote");
  reads_.judge(response, session.read, open, "saw");
  open.created = std::max(open.created, response.created);
}

void ActionSessions::on_complete(const model::ClientOperation& operation) {
  const auto found = sessions_.find(operation.invocation.session);
  if (found == sessions_.end() || !found->second.open) return;
  Session& session = found->second;
  const Open open = std::move(*session.open);
  session.open.reset();
  const bool ok = operation.outcome == model::OperationOutcome::kOk;
  if (ok && open.created > session.written.at) session.written = {open.created, open.action};
  const model::SessionToken* const out = operation.bookmark_out;
  const bool has_bookmark = out != nullptr && out->kind() == model::SessionToken::Kind::kBookmark;
  if (has_bookmark && out->bookmark() > session.read.at) session.read = {out->bookmark(), open.action};
}

void ActionSessions::Rule::judge(const model::ResponseTruth& response, const Mark& mark, const Open& open,
                                 const char* what) {
  if (mark.at.is_origin()) return;
  ++judged;
  if (response.state >= mark.at || witness) return;
  at_ns = response.sent.ns();
  witness = fmt::format(
      "Session {0} {1} the state {2} with {3}. Its {4} at {5} was answered from an older state, {6}, by {7}: {8}",
      response.session, what, mark.at.text(), mark.by, open.action, to_text(response.sent), response.state.text(),
      response.region, response.sql);
}

checkers::Verdict ActionSessions::Rule::verdict(const char* name) const {
  checkers::Verdict verdict;
  verdict.name = name;
  verdict.observations = judged;
  if (!witness) return verdict;
  verdict.validity = checkers::Validity::kInvalid;
  verdict.witness = *witness;
  verdict.at_ns = at_ns;
  return verdict;
}

std::vector<checkers::Verdict> ActionSessions::verdicts() const {
  return {writes_.verdict("read-your-writes"), reads_.verdict("monotonic-reads")};
}

std::string ActionSessions::open_action(std::uint32_t session) const {
  const auto found = sessions_.find(session);
  const bool open = found != sessions_.end() && found->second.open;
  return open ? fmt::format("session {}'s {}", session, found->second.open->action)
              : fmt::format("session {}", session);
}

}  // namespace tidemark::scenarios
