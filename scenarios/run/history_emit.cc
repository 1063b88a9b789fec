// HistoryRecorder: what ended becomes records, in the order of completion, for the file and the checkers.
#include <algorithm>
#include <limits>

#include "base/assert.h"
#include "scenarios/run/client_values.h"
#include "scenarios/run/history_judge.h"
#include "scenarios/run/history_recorder.h"
#include "scenarios/run/merge_verdicts.h"

namespace tidemark::scenarios {

using checkers::Operation;
using checkers::Outcome;
using model::ClientOperation;
using model::OperationKind;

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
  write.complete_ns = write.invoke_ns;  // before the list of the same request begins, by the same process
  if (insert.inserted) {
    write.outcome = Outcome::kInfo;
    write.error = "the bookmark of the insert is not known";
  }
  emit(database, write);
}

void HistoryRecorder::emit_plain(const ClientOperation& from, const Open& open) {
  if (from.invocation.kind == OperationKind::kAction) return;  // nothing here judges or writes them
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
    case OperationKind::kAction:
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
  const std::int64_t watermark = judge.open_by_time.empty() ? judge.now_ns : judge.open_by_time.begin()->first;
  release(judge, watermark);
  end_sessions(judge, watermark);
  if (++judge.since_advance >= advance_every_) look(judge, watermark);
  if (progress_listener_) progress_listener_();
}

void HistoryRecorder::look(Judge& judge, std::int64_t watermark) {
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

bool HistoryRecorder::violated() const {
  return std::any_of(judges_.begin(), judges_.end(), [](const std::unique_ptr<Judge>& judge) {
    return (judge->order && judge->order->violated()) || (judge->sessions && judge->sessions->violated());
  });
}

void HistoryRecorder::stop(std::vector<checkers::Verdict>& verdicts) {
  const auto add = [&verdicts](const checkers::Verdict& verdict) {
    if (verdict.validity == checkers::Validity::kInvalid) merge_verdict(verdicts, verdict);
  };
  for (const std::unique_ptr<Judge>& judge : judges_) {
    if (judge->writer) judge->writer->close();
    if (judge->order) {
      add(judge->order->so_far());
      add(judge->order->bookmark_order());
    }
    if (!judge->sessions) continue;
    for (const checkers::Verdict& verdict : judge->sessions->so_far()) add(verdict);
  }
}

void HistoryRecorder::end(sim::Instant now) {
  for (std::uint32_t database = 0; database < judges_.size(); ++database) {
    for (const auto& [process, open] : judges_[database]->open) {
      ClientOperation operation;
      operation.invocation.database = database;
      operation.invocation.process = process;
      operation.invocation.session = open.session;
      operation.invocation.kind = open.kind;
      operation.invocation.invoked = open.invoked;
      if (open.order) operation.invocation.order = &*open.order;
      operation.invocation.ops = open.ops;
      operation.invocation.bookmark_in = &open.bookmark_in;
      operation.completed = now;
      operation.error = "no answer before the end of the run";
      open.order ? emit_insert(operation, open) : emit_plain(operation, open);
    }
  }
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
