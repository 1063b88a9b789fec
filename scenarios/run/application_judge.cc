#include "scenarios/run/application_judge.h"

#include <utility>

#include "base/assert.h"
#include "model/apps/all/catalogue.h"
#include "scenarios/run/merge_verdicts.h"
#include "scenarios/run/state_books.h"

namespace tidemark::scenarios {
namespace {

using checkers::Verdict;

model::ActionOutcome outcome_of(model::OperationOutcome outcome) {
  switch (outcome) {
    case model::OperationOutcome::kOk:
      return model::ActionOutcome::kOk;
    case model::OperationOutcome::kFail:
      return model::ActionOutcome::kFail;
    case model::OperationOutcome::kInfo:
      break;
  }
  return model::ActionOutcome::kUnknown;
}

/// The application's own truths, as verdicts.
struct JudgedTruths {
  explicit JudgedTruths(std::unique_ptr<model::Truths> given) : truths(std::move(given)) {
    if (truths == nullptr) return;
    for (const std::string& name : truths->names()) verdicts.emplace_back().name = name;
  }
  void ended(const model::EndedAction& action) {
    if (truths == nullptr) return;
    for (Verdict& verdict : verdicts) ++verdict.observations;
    truths->ended(action, [&](std::string_view name, std::string witness) {
      for (Verdict& verdict : verdicts) {
        if (verdict.name != name || verdict.validity == checkers::Validity::kInvalid) continue;
        verdict.validity = checkers::Validity::kInvalid;
        verdict.witness = std::move(witness);
        verdict.at_ns = action.completed.ns();
        return;
      }
    });
  }
  bool violated() const { return checkers::worst(verdicts) == checkers::Validity::kInvalid; }

  std::unique_ptr<model::Truths> truths;
  std::vector<Verdict> verdicts;
};

}  // namespace

struct ApplicationJudge::Database {
  Database(const model::Application& application, std::uint32_t page_size)
      : states(application.assertions(), page_size),
        library(states.images(), page_size),
        truths(application.truths()) {}
  ServedStates states;
  StateBooks library;
  std::map<std::uint32_t, std::vector<model::Bookmark>> served;  // by session, of the action that is open there
  ActionSessions sessions;
  JudgedTruths truths;
  std::optional<ActionHistory> history;
};

ApplicationJudge::ApplicationJudge(const Scenario& scenario, std::uint64_t seed, const std::vector<std::string>& paths)
    : checks_(scenario.checks),
      application_(model::make_application(scenario.workload)),
      tally_(application_ == nullptr ? std::vector<model::ActionShape>() : application_->actions()) {
  TIDEMARK_ASSERT(application_ != nullptr, "this workload has an application");
  const bool is_sql = scenario.workload.kind == model::WorkloadKind::kSql;
  for (const std::string& path : paths) {
    databases_.push_back(std::make_unique<Database>(*application_, scenario.database_defaults.page_size));
    const std::string name = is_sql ? "sql" : scenario.workload.application;
    if (!path.empty()) databases_.back()->history.emplace(path, scenario.name, seed, name);
  }
}

ApplicationJudge::~ApplicationJudge() = default;

void ApplicationJudge::on_commit(std::uint32_t database, const model::EntryRef& entry) {
  databases_.at(database)->states.on_commit(*entry, cluster_->scheduler().now());
}

void ApplicationJudge::on_confirmed(std::uint32_t database, const model::Bookmark& bookmark) {
  databases_.at(database)->states.on_confirmed(bookmark);
}

void ApplicationJudge::on_created(std::uint32_t database, std::uint32_t session, std::string_view,
                                  std::span<const model::SqlValue>, const model::Bookmark& entry) {
  Database& own = *databases_.at(database);
  own.states.on_created(entry, own.sessions.open_action(session));
}

void ApplicationJudge::on_response(const model::ResponseTruth& response) {
  // The setup, the load of writes and whoever is hostile are no users of the application.
  if (response.session == 0 || response.session == model::kHostileSession) return;
  Database& own = *databases_.at(response.database);
  const std::string& copy = cluster_->nodes().at(response.node - 1).name;
  if (own.truths.truths != nullptr) own.served[response.session].push_back(response.state);
  own.states.on_response(response, own.sessions.open_action(response.session), copy);
  if (checks_.sessions) own.sessions.on_response(response);
}

void ApplicationJudge::on_invoke(const model::ClientInvocation& invocation) {
  Database& own = *databases_.at(invocation.database);
  own.sessions.on_invoke(invocation, action_text(*invocation.action));
  own.served.erase(invocation.session);
  if (own.truths.truths != nullptr)
    own.truths.truths->begun({invocation.session, *invocation.action, invocation.invoked});
}

void ApplicationJudge::on_complete(const model::ClientOperation& operation) {
  const model::ClientInvocation& invocation = operation.invocation;
  Database& own = *databases_.at(invocation.database);
  own.sessions.on_complete(operation);
  if (own.history) own.history->write(operation);
  const model::EndedAction ended{invocation.session,
                                 *invocation.action,
                                 outcome_of(operation.outcome),
                                 operation.results,
                                 invocation.invoked,
                                 operation.completed,
                                 invocation.page,
                                 invocation.client,
                                 invocation.made_up,
                                 invocation.bookmark_in == nullptr ? model::SessionToken() : *invocation.bookmark_in,
                                 operation.bookmark_out == nullptr ? model::SessionToken() : *operation.bookmark_out,
                                 operation.error,
                                 operation.notes,
                                 own.served[invocation.session],
                                 &own.library};
  tally_.ended(ended);
  own.truths.ended(ended);
  own.served.erase(invocation.session);
}

bool ApplicationJudge::violated() const {
  for (const std::unique_ptr<Database>& own : databases_)
    if (own->states.violated() || own->sessions.violated() || own->truths.violated()) return true;
  return false;
}

std::vector<Verdict> ApplicationJudge::verdicts() const {
  std::vector<Verdict> all;
  for (const std::unique_ptr<Database>& own : databases_) {
    for (const Verdict& verdict : own->states.verdicts()) merge_verdict(all, verdict);
    for (const Verdict& verdict : own->truths.verdicts) merge_verdict(all, verdict);
    if (!checks_.sessions) continue;
    for (const Verdict& verdict : own->sessions.verdicts()) merge_verdict(all, verdict);
  }
  return all;
}

void ApplicationJudge::finish(std::vector<Verdict>& into) {
  for (const std::unique_ptr<Database>& own : databases_)
    if (own->history) own->history->close();
  for (Verdict& verdict : verdicts()) into.push_back(std::move(verdict));
}

void ApplicationJudge::stop(std::vector<Verdict>& into) {
  for (const std::unique_ptr<Database>& own : databases_)
    if (own->history) own->history->close();
  for (Verdict& verdict : verdicts())
    if (verdict.validity == checkers::Validity::kInvalid) into.push_back(std::move(verdict));
}

}  // namespace tidemark::scenarios
