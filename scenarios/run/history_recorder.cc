#include "scenarios/run/history_recorder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <limits>
#include <map>

#include "base/assert.h"
#include "scenarios/run/entry_fates.h"
#include "scenarios/run/merge_verdicts.h"

namespace tidemark::scenarios {
namespace {

// How far back the streaming checkers look. No copy of a run without faults is more than some seconds behind, so a few
// thousand writes are plenty; what would lie further back is reported as unknown, never as valid.
constexpr std::uint64_t kRememberedWrites = 1U << 13;
// Where writes are rare, so many would be hours: what is kept must not depend on how long the run is.
constexpr std::int64_t kRememberedNs = sim::Duration::seconds(300).ns();

checkers::KnownOrderOptions order_options(const Scenario& scenario) {
  checkers::KnownOrderOptions options;
  // Any state whose history is kept may come back.
  if (scenario.relay.cold_retention.ns() > 0) {
    options.retained_states = 0;
    return options;
  }
  options.retained_states = kRememberedWrites;
  options.retained_ns = kRememberedNs;
  return options;
}

checkers::SessionOptions session_options() {
  checkers::SessionOptions options;
  options.remembered_writes = kRememberedWrites;
  return options;
}

using checkers::Operation;
using checkers::Outcome;
using model::ClientInvocation;
using model::ClientOperation;
using model::OperationKind;

constexpr std::uint64_t kAdvanceEvery = 512;  // operations between two looks of the checkers

checkers::ModelKind model_of(model::WorkloadKind kind) {
  switch (kind) {
    case model::WorkloadKind::kOrders:
      return checkers::ModelKind::kOrders;
    case model::WorkloadKind::kRegister:
      return checkers::ModelKind::kRegister;
    case model::WorkloadKind::kAppend:
      return checkers::ModelKind::kAppend;
  }
  TIDEMARK_ASSERT(false, "no such workload");
}

Outcome outcome_of(model::OperationOutcome outcome) {
  switch (outcome) {
    case model::OperationOutcome::kOk:
      return Outcome::kOk;
    case model::OperationOutcome::kFail:
      return Outcome::kFail;
    case model::OperationOutcome::kInfo:
      return Outcome::kInfo;
  }
  TIDEMARK_ASSERT(false, "no such outcome");
}

/// Everything but the value, f and the bookmark that came back.
Operation head_of(const ClientOperation& from) {
  Operation operation;
  operation.session = from.invocation.session;
  operation.process = from.invocation.process;
  operation.outcome = outcome_of(from.outcome);
  operation.invoke_ns = from.invocation.invoked.ns();
  operation.complete_ns = from.completed.ns();
  if (from.invocation.bookmark_in != nullptr) operation.bookmark_in = from.invocation.bookmark_in->text();
  if (from.bookmark_out != nullptr) operation.bookmark_out = from.bookmark_out->text();
  operation.served_by_region = from.served_by_region;
  operation.served_by_primary = from.served_by_primary;
  operation.error = from.error;
  return operation;
}

std::int64_t integer_at(const model::ResultSetRef& rows, std::uint32_t column, std::int64_t otherwise) {
  if (!rows || rows->rows() == 0 || column >= rows->columns()) return otherwise;
  const model::Cell& cell = rows->row(0)[column];
  return cell.type == model::CellType::kInteger ? cell.integer : otherwise;
}

/// "1,2,3" -> elements. A text that is no such list gives what could be read of it: the checkers will object.
std::vector<std::int64_t> elements_of(const model::ResultSetRef& rows) {
  std::vector<std::int64_t> elements;
  if (!rows || rows->rows() == 0 || rows->columns() == 0) return elements;
  const model::Cell& cell = rows->row(0)[0];
  if (cell.type == model::CellType::kInteger) return {cell.integer};
  if (cell.type != model::CellType::kText) return elements;
  std::string_view text = cell.text();
  while (!text.empty()) {
    std::int64_t element = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), element);
    if (parsed.ec != std::errc{}) break;
    elements.push_back(element);
    text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
    if (!text.empty()) text.remove_prefix(1);
  }
  return elements;
}

checkers::MicroOps registers_of(const ClientOperation& from) {
  std::vector<checkers::RegisterOp> ops;
  const bool ok = from.outcome == model::OperationOutcome::kOk;
  for (std::size_t i = 0; i < from.invocation.ops.size(); ++i) {
    const model::MicroOp& micro = from.invocation.ops[i];
    checkers::RegisterOp op;
    op.is_write = micro.writes();
    op.key = micro.key;
    op.value = micro.value;
    op.known = op.is_write || ok;
    const model::ResultSetRef result = ok && i < from.results.size() ? from.results[i] : nullptr;
    if (op.is_write) {
      op.version = integer_at(result, 0, -1);
    } else if (ok) {
      op.value = integer_at(result, 0, 0);
      op.version = integer_at(result, 1, -1);
      const bool never_written = !result || result->rows() == 0;
      if (never_written) op.version = 0;
    }
    ops.push_back(op);
  }
  return ops;
}

checkers::MicroOps lists_of(const ClientOperation& from) {
  std::vector<checkers::ListOp> ops;
  const bool ok = from.outcome == model::OperationOutcome::kOk;
  for (std::size_t i = 0; i < from.invocation.ops.size(); ++i) {
    const model::MicroOp& micro = from.invocation.ops[i];
    checkers::ListOp op;
    op.is_append = micro.writes();
    op.key = micro.key;
    op.element = op.is_append ? micro.value : 0;
    op.known = op.is_append || ok;
    if (!op.is_append && ok && i < from.results.size()) op.elements = elements_of(from.results[i]);
    ops.push_back(std::move(op));
  }
  return ops;
}

/// Is this the insert of `order`? A handler that a client has given up goes on in the worker, in the same
/// session, so the session alone does not tell.
bool inserts(std::string_view sql, std::span<const model::SqlValue> params, const model::OrderBody& order) {
  if (!sql.starts_with("INSERT") || params.size() != 3) return false;
  const auto* const customer = std::get_if<std::string>(&params[0]);
  const auto* const number = std::get_if<std::string>(&params[1]);
  const auto* const quantity = std::get_if<std::int64_t>(&params[2]);
  return customer != nullptr && *customer == order.customer && number != nullptr && *number == order.order &&
         quantity != nullptr && *quantity == order.quantity;
}

/// Is this one of the writes of `ops`? Their values are written once in a run.
bool writes_one_of(std::span<const model::SqlValue> params, const std::vector<model::MicroOp>& ops) {
  if (params.size() != 3) return false;
  return std::any_of(ops.begin(), ops.end(), [&](const model::MicroOp& op) {
    const auto* const number = std::get_if<std::int64_t>(&params[1]);
    const auto* const text = std::get_if<std::string>(&params[1]);
    return op.writes() &&
           ((number != nullptr && *number == op.value) || (text != nullptr && *text == std::to_string(op.value)));
  });
}

bool writes(const ClientInvocation& invocation) {
  if (invocation.kind == OperationKind::kInsert || invocation.kind == OperationKind::kReset) return true;
  return std::any_of(invocation.ops.begin(), invocation.ops.end(), [](const auto& op) { return op.writes(); });
}

checkers::OrderRow row_of(const model::OrderBody& body) {
  return {body.customer, body.order, body.quantity};
}

}  // namespace

/// What belongs to one database: its file, its checkers, its open operations.
struct HistoryRecorder::Judge {
  std::unique_ptr<checkers::HistoryWriter> writer;
  std::optional<checkers::KnownOrderChecker> order;
  std::optional<checkers::SessionChecker> sessions;
  std::map<std::uint32_t, Open> open;                             // by process
  std::set<std::pair<std::int64_t, std::uint32_t>> open_by_time;  // (invoked, process)
  /// Records by completion. A request of several queries ends later than its first query did, so a record is kept until
  /// nothing that is still open can bring an earlier one: a history is in the order of completion.
  std::multimap<std::int64_t, Operation> held;
  /// Operations of unknown outcome, by session: their requests may still make an entry.
  struct Unanswered {
    std::uint32_t process = 0;
    Open open;
    std::optional<std::uint64_t> index;  // once its record was handed on
  };
  std::map<std::uint32_t, std::vector<Unanswered>> unanswered;
  std::deque<std::pair<std::int64_t, std::uint32_t>> ended;  // (when, session): their records may still be held
  std::uint64_t next_index = 0;
  std::uint64_t since_advance = 0;
  std::int64_t now_ns = 0;
  struct Restore {
    model::Bookmark restored, target;
    sim::Instant began;
  };
  std::vector<Restore> restores;  // open
  EntryFates fates;
  /// The newest different tables that were read: every copy shows one of a few states, so most reads find theirs here.
  struct Table {
    Digest128 digest;
    checkers::OrderRows rows;
  };
  std::array<Table, 16> tables;
  std::size_t next_table = 0;
};

HistoryRecorder::HistoryRecorder(const Scenario& scenario, std::uint64_t seed, const std::vector<std::string>& paths)
    : checks_(scenario.checks) {
  TIDEMARK_ASSERT(paths.size() == scenario.databases.size(), "one path per database");
  for (const std::string& path : paths) {
    auto judge = std::make_unique<Judge>();
    const checkers::HistoryHeader header{scenario.name, seed, model_of(scenario.workload.kind)};
    if (!path.empty()) judge->writer = std::make_unique<checkers::HistoryWriter>(path, header);
    if (checks_.consistency) judge->order.emplace(order_options(scenario));
    if (checks_.sessions) judge->sessions.emplace(session_options());
    judges_.push_back(std::move(judge));
  }
}

HistoryRecorder::~HistoryRecorder() = default;

void HistoryRecorder::on_invoke(const ClientInvocation& invocation) {
  Judge& judge = *judges_.at(invocation.database);
  Open open{invocation.invoked, invocation.session, invocation.kind, {}, std::nullopt, {}};
  open.ops.assign(invocation.ops.begin(), invocation.ops.end());
  if (invocation.kind == OperationKind::kInsert) open.order = *invocation.order;
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

checkers::OrderRows HistoryRecorder::rows_of(Judge& judge, const model::ResultSetRef& rows) const {
  if (!rows) return std::make_shared<const std::vector<checkers::OrderRow>>();
  for (const Judge::Table& known : judge.tables) {
    if (known.rows && known.digest == rows->digest()) return known.rows;
  }
  auto table = std::make_shared<std::vector<checkers::OrderRow>>();
  table->reserve(rows->rows());
  for (std::uint32_t r = 0; r < rows->rows(); ++r) {
    const std::span<const model::Cell> cells = rows->row(r);
    TIDEMARK_ASSERT(cells.size() == 3, "customerId, orderId, quantity");
    table->push_back({std::string(cells[0].text()), std::string(cells[1].text()), cells[2].integer});
  }
  Judge::Table& kept = judge.tables[judge.next_table++ % judge.tables.size()];
  kept = {rows->digest(), std::move(table)};
  return kept.rows;
}

void HistoryRecorder::emit_insert(const ClientOperation& from, const Open& open) {
  const std::vector<Answer>& answers = open.answers;
  Judge& judge = *judges_.at(from.invocation.database);
  const bool ok = from.outcome == model::OperationOutcome::kOk;
  checkers::OrdersOp insert;
  insert.kind = checkers::OrdersOp::Kind::kInsert;
  insert.row = row_of(*from.invocation.order);
  insert.inserted = from.inserted;
  Operation write = head_of(from);
  write.f = "insert";
  open.entries_to(write);
  write.value = std::vector<checkers::OrdersOp>{insert};
  if (!ok) return emit(from.invocation.database, write);
  // It ended well, so every attempt of the handler was answered, and the inserts of a handler follow each other: what
  // is here are they, in order. One that was repeated because the list after it failed is an acknowledged write as
  // well; so is one of an earlier request for the same row that the client had given up. What the client was told of
  // its insert can be held against the only one.
  const bool only = answers.size() == 1;
  Operation read = head_of(from);
  for (const Answer& answer : answers) {
    insert.inserted = only ? from.inserted : answer.created;
    write.value = std::vector<checkers::OrdersOp>{insert};
    write.bookmark_out = answer.bookmark;
    write.complete_ns = answer.sent.ns();
    write.served_by_primary = true;
    write.served_by_region.clear();
    read.bookmark_in = answer.bookmark;
    read.invoke_ns = answer.sent.ns();
    Operation copy = write;
    emit(from.invocation.database, copy);
    write.bookmark_in = answer.bookmark;
    write.invoke_ns = answer.sent.ns();
  }
  if (answers.empty()) emit_unplaced(from.invocation.database, write);
  checkers::OrdersOp list;
  list.rows = rows_of(judge, from.rows);
  read.f = "list";
  read.value = std::vector<checkers::OrdersOp>{list};
  emit(from.invocation.database, read);
}

/// A write whose own bookmark nobody knows: an insert that took effect did so at an unknown place; one that did not
/// only says that the row was there.
void HistoryRecorder::emit_unplaced(std::uint32_t database, Operation& write) {
  const auto& insert = std::get<std::vector<checkers::OrdersOp>>(write.value).front();
  write.bookmark_out.clear();
  if (insert.inserted) {
    write.outcome = Outcome::kInfo;
    write.error = "the bookmark of the insert is not known";
  }
  emit(database, write);
}

void HistoryRecorder::emit_plain(const ClientOperation& from, const Open& open) {
  Operation operation = head_of(from);
  open.entries_to(operation);
  switch (from.invocation.kind) {
    case OperationKind::kList:
    case OperationKind::kReset: {
      checkers::OrdersOp op;
      const bool list = from.invocation.kind == OperationKind::kList;
      op.kind = list ? checkers::OrdersOp::Kind::kList : checkers::OrdersOp::Kind::kReset;
      if (list && from.outcome == model::OperationOutcome::kOk)
        op.rows = rows_of(*judges_.at(from.invocation.database), from.rows);
      operation.f = list ? "list" : "reset";
      operation.value = std::vector<checkers::OrdersOp>{op};
      break;
    }
    case OperationKind::kRegister:
      operation.f = "txn";
      operation.value = registers_of(from);
      break;
    case OperationKind::kAppend:
      operation.f = "txn";
      operation.value = lists_of(from);
      break;
    case OperationKind::kInsert:
      TIDEMARK_ASSERT(false, "see emit_insert");
  }
  emit(from.invocation.database, operation);
}

void HistoryRecorder::emit(std::uint32_t database, Operation& operation) {
  judges_.at(database)->held.emplace(operation.complete_ns, std::move(operation));
}

void HistoryRecorder::note_index(Judge& judge, Operation& operation) {
  const auto left = judge.unanswered.find(operation.session);
  if (left == judge.unanswered.end()) return;
  for (Judge::Unanswered& one : left->second) {
    if (one.process != operation.process || one.open.invoked.ns() != operation.invoke_ns) continue;
    one.index = operation.index;
    one.open.entries_to(operation);
  }
}

/// Hands on what completed at or before `until_ns`.
void HistoryRecorder::release(Judge& judge, std::int64_t until_ns) {
  while (!judge.held.empty() && judge.held.begin()->first <= until_ns) {
    Operation& operation = judge.held.begin()->second;
    operation.index = judge.next_index++;
    if (operation.outcome == Outcome::kInfo) note_index(judge, operation);
    if (judge.writer) judge.writer->write(operation);
    if (judge.order) judge.order->on_operation(operation);
    if (judge.sessions) judge.sessions->on_operation(operation);
    judge.held.erase(judge.held.begin());
  }
}

/// Sessions that ended at or before `until_ns`, up to which everything was handed on. What the rules of the session
/// guarantees need of a writer outlives its session; SessionChecker forgets by itself.
void HistoryRecorder::end_sessions(Judge& judge, std::int64_t until_ns) {
  for (; !judge.ended.empty() && judge.ended.front().first <= until_ns; judge.ended.pop_front()) {
    if (judge.order) judge.order->end_session(judge.ended.front().second);
  }
}

void HistoryRecorder::advance(Judge& judge) {
  std::int64_t watermark = judge.open_by_time.empty() ? judge.now_ns : judge.open_by_time.begin()->first;
  release(judge, watermark);
  end_sessions(judge, watermark);
  if (++judge.since_advance < kAdvanceEvery) return;
  judge.since_advance = 0;
  // To the checkers a record that is held is one that is still to come.
  for (const auto& [completed, operation] : judge.held) watermark = std::min(watermark, operation.invoke_ns);
  if (judge.order) judge.order->advance(watermark);
  if (judge.sessions) judge.sessions->advance(watermark);
}

HistoryRecorder::Pending HistoryRecorder::pending(std::uint32_t database) const {
  const Judge& judge = *judges_.at(database);
  if (judge.open.empty()) return {};
  return {judge.open.size(), sim::Instant::from_ns(judge.open_by_time.begin()->first)};
}

void HistoryRecorder::finish(std::vector<checkers::Verdict>& verdicts) {
  for (const std::unique_ptr<Judge>& judge : judges_) {
    release(*judge, std::numeric_limits<std::int64_t>::max());
    if (judge->writer) judge->writer->close();
    // A database without clients has no history; nothing can be said about it here, and nothing needs to be.
    if (judge->next_index == 0 && judges_.size() > 1) continue;
    if (judge->order) {
      merge_verdict(verdicts, judge->order->finish());
      merge_verdict(verdicts, judge->order->bookmark_order());
    }
    if (!judge->sessions) continue;
    for (const checkers::Verdict& verdict : judge->sessions->finish()) merge_verdict(verdicts, verdict);
  }
}

}  // namespace tidemark::scenarios
