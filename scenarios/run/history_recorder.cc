#include "scenarios/run/history_recorder.h"

#include <algorithm>

#include "base/assert.h"
#include "scenarios/run/client_values.h"
#include "scenarios/run/history_judge.h"

namespace tidemark::scenarios {
namespace {

// How far back the streaming checkers look. No copy of a run without faults is more than some seconds behind, so a few
// thousand writes are plenty; what would lie further back is reported as unknown, never as valid.
constexpr std::uint64_t kRememberedWrites = 1U << 13;
// Where writes are rare, so many would be hours: what is kept must not depend on how long the run is.
constexpr std::int64_t kRememberedNs = sim::Duration::seconds(300).ns();

constexpr std::uint32_t kUsualBatch = 512;

checkers::KnownOrderOptions order_options(const Scenario& scenario, bool online) {
  checkers::KnownOrderOptions options;
  if (online) options.batch = HistoryRecorder::kOnlineBatch;
  // Any state whose history is kept may come back.
  if (scenario.relay.cold_retention.ns() > 0) {
    options.retained_states = 0;
    return options;
  }
  options.retained_states = kRememberedWrites;
  options.retained_ns = kRememberedNs;
  return options;
}

checkers::SessionOptions session_options(bool online) {
  checkers::SessionOptions options;
  if (online) options.batch = HistoryRecorder::kOnlineBatch;
  options.remembered_writes = kRememberedWrites;
  return options;
}

using checkers::Operation;
using checkers::Outcome;
using model::ClientInvocation;
using model::ClientOperation;
using model::OperationKind;

checkers::ModelKind model_of(model::WorkloadKind kind) {
  switch (kind) {
    case model::WorkloadKind::kOrders:
      return checkers::ModelKind::kOrders;
    case model::WorkloadKind::kRegister:
      return checkers::ModelKind::kRegister;
    case model::WorkloadKind::kAppend:
      return checkers::ModelKind::kAppend;
    case model::WorkloadKind::kSql:
    case model::WorkloadKind::kApplication:
      break;
  }
  TIDEMARK_ASSERT(false, "no such workload");
}

}  // namespace

HistoryRecorder::HistoryRecorder(const Scenario& scenario, std::uint64_t seed, const std::vector<std::string>& paths,
                                 bool online)
    : checks_(scenario.checks), advance_every_(online ? kOnlineBatch : kUsualBatch) {
  TIDEMARK_ASSERT(paths.size() == scenario.databases.size(), "one path per database");
  for (const std::string& path : paths) {
    auto judge = std::make_unique<Judge>();
    if (model::does_actions(scenario.workload.kind)) {  // ApplicationJudge does the rest
      judges_.push_back(std::move(judge));
      continue;
    }
    const checkers::HistoryHeader header{scenario.name, seed, model_of(scenario.workload.kind)};
    if (!path.empty()) judge->writer = std::make_unique<checkers::HistoryWriter>(path, header);
    if (checks_.consistency) judge->order.emplace(order_options(scenario, online));
    if (checks_.sessions) judge->sessions.emplace(session_options(online));
    judges_.push_back(std::move(judge));
  }
}

HistoryRecorder::~HistoryRecorder() = default;

void HistoryRecorder::on_invoke(const ClientInvocation& invocation) {
  Judge& judge = *judges_.at(invocation.database);
  Open open{invocation.invoked, invocation.session, invocation.kind, {}, std::nullopt, {}};
  open.ops.assign(invocation.ops.begin(), invocation.ops.end());
  if (invocation.kind == OperationKind::kInsert) open.order = *invocation.order;
  if (invocation.bookmark_in != nullptr) open.bookmark_in = *invocation.bookmark_in;
  const bool fresh = judge.open.emplace(invocation.process, std::move(open)).second;
  TIDEMARK_ASSERT(fresh, "a process has one operation open at a time");
  judge.open_by_time.emplace(invocation.invoked.ns(), invocation.process);
  uncertain_sessions_.erase(invocation.ended_session);
  if (invocation.made_up) made_up_sessions_.insert(invocation.session);
  if (invocation.ended_session != 0) judge.ended.emplace_back(invocation.invoked.ns(), invocation.ended_session);
  open_of_session_[invocation.session].insert(invocation.process);
  if (invocation.kind == OperationKind::kInsert) insert_of_session_[invocation.session] = invocation.process;
}

void HistoryRecorder::on_response(const model::ResponseTruth& response) {
  const auto insert = insert_of_session_.find(response.session);
  if (insert == insert_of_session_.end() || response.returned == nullptr) return;
  auto& all = judges_.at(response.database)->open;
  const auto open = all.find(insert->second);
  if (open == all.end() || !open->second.order || !inserts(response.sql, response.params, *open->second.order)) return;
  if (response.sent < open->second.invoked) return;  // to a request that was given up before this one was sent
  const bool created = response.created != model::Bookmark();
  open->second.answers.push_back({response.returned->text(), response.sent, created});
}

/// Resets of this session that are open or got no answer: they all look the same.
std::size_t HistoryRecorder::resets_of(const Judge& judge, std::uint32_t session) const {
  std::size_t count = 0;
  if (const auto of_session = open_of_session_.find(session); of_session != open_of_session_.end()) {
    for (const std::uint32_t process : of_session->second) {
      const auto open = judge.open.find(process);
      if (open != judge.open.end() && open->second.kind == OperationKind::kReset) ++count;
    }
  }
  const auto left = judge.unanswered.find(session);
  if (left == judge.unanswered.end()) return count;
  for (const Judge::Unanswered& one : left->second)
    if (one.open.kind == OperationKind::kReset) ++count;
  return count;
}

/// Is it a write of `open`? That of one of several resets is nobody's.
bool HistoryRecorder::made(const Judge& judge, const Open& open, std::string_view sql,
                           std::span<const model::SqlValue> params) const {
  if (open.order) return inserts(sql, params, *open.order);
  if (open.kind == OperationKind::kReset) return sql.starts_with("DROP") && resets_of(judge, open.session) == 1;
  return writes_one_of(params, open.ops);
}

/// The newest entry that a write made whose record was handed on already.
void HistoryRecorder::learn(checkers::KnownOrderChecker& order, std::uint64_t index, const Open& open) {
  const std::string entry = open.created.back().text();
  if (open.created.size() == 1) return order.learn_entry(index, entry);
  if (open.repeats()) return order.learn_later_entry(index, entry);
  order.learn_entry(index, "");
}

void HistoryRecorder::on_created(std::uint32_t database, std::uint32_t session, std::string_view sql,
                                 std::span<const model::SqlValue> params, const model::Bookmark& entry) {
  Judge& judge = *judges_.at(database);
  const auto note = [&](Open& open) {
    const bool own = made(judge, open, sql, params) && (open.created.empty() || open.created.back() != entry);
    if (own) open.created.push_back(entry);
    return own;
  };
  if (const auto of_session = open_of_session_.find(session); of_session != open_of_session_.end()) {
    for (const std::uint32_t process : of_session->second)
      if (const auto open = judge.open.find(process); open != judge.open.end()) note(open->second);
  }
  const auto left = judge.unanswered.find(session);
  if (left == judge.unanswered.end()) return;
  for (Judge::Unanswered& one : left->second)
    if (note(one.open) && one.index && judge.order) learn(*judge.order, *one.index, one.open);
}

void HistoryRecorder::on_complete(const ClientOperation& operation) {
  Judge& judge = *judges_.at(operation.invocation.database);
  const auto open = judge.open.find(operation.invocation.process);
  TIDEMARK_ASSERT(open != judge.open.end(), "an operation ends that did not begin");
  ++operations_;
  note_outcome(operation);
  judge.now_ns = operation.completed.ns();
  judge.open_by_time.erase({open->second.invoked.ns(), operation.invocation.process});
  if (operation.invocation.kind == OperationKind::kInsert) {
    insert_of_session_.erase(operation.invocation.session);
    emit_insert(operation, open->second);
  } else {
    emit_plain(operation, open->second);
  }
  const auto of_session = open_of_session_.find(operation.invocation.session);
  if (of_session != open_of_session_.end()) of_session->second.erase(operation.invocation.process);
  if (of_session != open_of_session_.end() && of_session->second.empty()) open_of_session_.erase(of_session);
  const bool unknown = operation.outcome == model::OperationOutcome::kInfo;
  if (unknown)
    judge.unanswered[operation.invocation.session].push_back({open->first, std::move(open->second), std::nullopt});
  judge.open.erase(open);
  advance(judge);
}

void HistoryRecorder::on_entry(std::uint32_t database, const model::Entry& entry) {
  Judge& judge = *judges_.at(database);
  if (judge.order) judge.fates.on_commit(entry);
}

void HistoryRecorder::on_confirmed(std::uint32_t database, const model::Bookmark& bookmark) {
  Judge& judge = *judges_.at(database);
  if (!judge.order) return;
  for (const EntryFates::Settled& settled : judge.fates.on_confirmed(bookmark))
    judge.order->settle_entry(settled.entry.text(), settled.confirmed);
}

void HistoryRecorder::restore_began(std::uint32_t database, const model::Bookmark& restored,
                                    const model::Bookmark& target, sim::Instant now) {
  Judge& judge = *judges_.at(database);
  judge.restores.push_back({restored, target, now});
  judge.open_by_time.emplace(now.ns(), kAdministrator);
}

void HistoryRecorder::restore_ended(std::uint32_t database, const model::Bookmark& restored, bool took_effect,
                                    sim::Instant now) {
  Judge& judge = *judges_.at(database);
  const auto open = std::find_if(judge.restores.begin(), judge.restores.end(),
                                 [&](const Judge::Restore& restore) { return restore.restored == restored; });
  TIDEMARK_ASSERT(open != judge.restores.end(), "a restore ends that did not begin");
  judge.open_by_time.erase({open->began.ns(), kAdministrator});
  if (took_effect) {
    Operation operation;
    operation.process = kAdministrator;
    operation.outcome = Outcome::kOk;
    operation.f = "restore";
    operation.invoke_ns = open->began.ns();
    operation.complete_ns = now.ns();
    operation.bookmark_out = restored.text();
    operation.restored_to = open->target.text();
    operation.served_by_primary = true;
    emit(database, operation);
  }
  judge.restores.erase(open);
}

void HistoryRecorder::note_outcome(const ClientOperation& operation) {
  const ClientInvocation& invocation = operation.invocation;
  longest_wait_ = std::max(longest_wait_, operation.completed - invocation.invoked);
  if (operation.outcome == model::OperationOutcome::kInfo) {
    if (writes(invocation)) ++unknown_outcomes_;
    uncertain_sessions_.insert(invocation.session);
  }
  if (operation.outcome == model::OperationOutcome::kFail && failed_listener_ &&
      !uncertain_sessions_.contains(invocation.session))
    failed_listener_(invocation.database, invocation.session, invocation.invoked);
}

}  // namespace tidemark::scenarios
