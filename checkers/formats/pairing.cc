#include "checkers/formats/pairing.h"

#include <algorithm>

namespace tidemark::checkers {
namespace {

Outcome outcome_of(RecordType type) {
  return type == RecordType::kOk ? Outcome::kOk : type == RecordType::kFail ? Outcome::kFail : Outcome::kInfo;
}

}  // namespace

Pairing::Open& Pairing::slot_of(const Record& record) {
  if (!any_) {
    any_ = true;
    processes_ = record.has_process;
    summary_.without_process = !processes_;
  }
  if (processes_ != record.has_process)
    source_.fail(record.at, "some operations have a process and some have none: nothing tells the sessions");
  if (!record.has_process) return alone_;
  const std::uint32_t session = draft_.builder().session(record.process);
  if (session >= by_session_.size()) by_session_.resize(std::size_t{session} + 1);
  by_session_[session].session = session;
  return by_session_[session];
}

bool Pairing::is_begun(const Record& record) {
  if (record.type == RecordType::kInvoke) return false;
  const Open& open = slot_of(record);
  return open.open && open.told;
}

void Pairing::add(const Record& record, bool told, const std::vector<Micro>& micros) {
  if (place_ == kNever - 1) source_.fail(record.at, "more than 4294967294 records");
  ++place_;
  if (record.type == RecordType::kInvoke) return invoke(record, told, micros);
  complete(record, told, micros);
}

void Pairing::invoke(const Record& record, bool told, const std::vector<Micro>& micros) {
  Open& open = slot_of(record);
  if (open.open) {
    const std::string who = record.has_process ? "this process has begun on" : "without a process, too, begun on";
    source_.fail(record.at,
                 "an operation begins while another is open, " + who + " line " + std::to_string(open.record.line));
  }
  ++invocations_;
  open.open = true;
  open.told = told;
  open.place = place_;
  open.record = record;
  open.micros.assign(micros.begin(), micros.end());
}

void Pairing::complete(const Record& record, bool told, const std::vector<Micro>& micros) {
  Open& open = slot_of(record);
  if (!open.open) {
    if (!told) source_.fail(record.at, "nothing says what this operation does: it has no invocation and no value");
    ++summary_.without_invocation;
    open.record = record;
    open.place = place_;
  } else {
    const std::uint32_t begun = open.record.function;
    if (begun != 0 && record.function != 0 && begun != record.function)
      source_.fail(record.at, "the operation that this process began on line " + std::to_string(open.record.line) +
                                  " is another one");
    if (!told && !open.told)
      source_.fail(record.at, "nothing says what this operation does: neither it nor its invocation has a value");
  }
  const bool own = told && (record.type == RecordType::kOk || !open.open || !open.told);
  settle(open, record, place_, own ? micros : open.micros);
}

void Pairing::settle(Open& open, const Record& end, std::uint32_t place, const std::vector<Micro>& micros) {
  HistoryBuilder::End told;
  told.outcome = outcome_of(end.type);
  told.line = end.line;
  told.index = end.index;
  told.call = open.place;
  told.ret = place;
  if (open.record.time >= 0 && end.time >= 0) told.times = {open.record.time, end.time};
  std::uint32_t session = open.session;
  if (!end.has_process) session = draft_.builder().session(Value::integer(lonely_++));
  draft_.add(session, told, micros);
  open.open = false;
}

void Pairing::finish() {
  std::vector<Open*> left;
  for (Open& open : by_session_)
    if (open.open) left.push_back(&open);
  if (alone_.open) left.push_back(&alone_);
  std::sort(left.begin(), left.end(), [](const Open* a, const Open* b) { return a->place < b->place; });
  for (Open* open : left) {
    ++summary_.still_open;
    Record end = open->record;
    end.type = RecordType::kInfo;
    if (!open->told) continue;  // an invocation that says nothing of what it does
    settle(*open, end, place_, open->micros);
  }
}

}  // namespace tidemark::checkers
