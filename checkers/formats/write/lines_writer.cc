#include <algorithm>

#include "checkers/formats/write/parts.h"

namespace tidemark::checkers {
namespace {

constexpr EventKinds kLists = bit(EventKind::kAppend) | bit(EventKind::kReadList);
constexpr EventKinds kRegisters = bit(EventKind::kWrite) | bit(EventKind::kRead);
constexpr std::int64_t kPlace = 1000;  // ns between neighbouring instants

bool is_lists(const History& history) {
  return (history.kinds() & kLists) != 0;
}

void check(const History& history, const Txn& txn) {
  if (txn.event_count > 10000) refuse(txn, "more than 10000 micro-operations");
  const bool ok = txn.outcome == Outcome::kOk;
  if (ok && reads_known(history, txn) != Known::kAll) refuse(txn, "it is ok, and what it read is unknown");
  for (const Event& event : history.events(txn)) {
    const EventKinds kind = bit(event.kind);
    if ((kind & (is_lists(history) ? kLists : kRegisters)) == 0)
      refuse(txn, "our lines hold either lists or registers: " + history.show(event));
    if (!history.key_value(event.key).is_integer())
      refuse(txn, "our lines name keys by integers: " + history.show_key(event.key));
    bool fine = event.value.is_integer() || (event.is_read() && event.value.is_nil());
    if (event.kind == EventKind::kReadList)
      for (const Value element : history.elements(event)) fine = fine && element.is_integer();
    if (!fine) refuse(txn, "our lines have integers for values: " + history.show(event));
    if ((kind & kRegisters) != 0 && event.value.is_integer() && event.value.number() == 0)
      refuse(txn, "0 stands for a register never written: " + history.show(event));
  }
}

/// Times that keep the order of instants, where the history has none of its own or they do not fit our format.
class Clock {
 public:
  explicit Clock(const History& history) : history_(history), free_(history.sessions(), 0), own_(own_times()) {}
  bool own() const { return own_; }
  History::Times times_of(const Txn& txn, std::size_t number);

 private:
  bool own_times() const;

  const History& history_;
  std::vector<std::int64_t> free_;  // by session
  std::int64_t last_ = 0;
  bool own_;
};

bool Clock::own_times() const {
  if (history_.times().empty()) return false;
  std::int64_t last = 0;
  for (const auto& [invoke, complete] : history_.times()) {
    if (invoke < 0 || complete < invoke || complete < last || complete > std::int64_t{1} << 62) return false;
    last = complete;
  }
  return true;
}

History::Times Clock::times_of(const Txn& txn, std::size_t number) {
  if (own_) return history_.times()[number];
  std::int64_t& mine = free_[txn.session];
  History::Times times;
  const bool real = history_.has_real_time();
  times.invoke_ns = std::max(mine, real ? std::int64_t{txn.call} * kPlace : 0);
  times.complete_ns = !real               ? static_cast<std::int64_t>(number + 1) * kPlace
                      : txn.ret == kNever ? last_
                                          : std::int64_t{txn.ret} * kPlace;
  times.complete_ns = std::max({times.complete_ns, times.invoke_ns, last_});
  mine = last_ = times.complete_ns;
  return times;
}

/// A process for each operation: that of its session, or another one while that is busy. Two tabs of a browser use one
/// session at a time.
class Processes {
 public:
  explicit Processes(const SessionNumbers& sessions) : lanes_(sessions.numbers.size()) {
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      lanes_[i].push_back({sessions.numbers[i], 0});
      next_ = std::max(next_, sessions.numbers[i] + 1);
    }
  }
  std::uint32_t take(std::uint32_t session, const History::Times& times);

 private:
  struct Lane {
    std::int64_t process = 0;
    std::int64_t free = 0;
  };
  std::vector<std::vector<Lane>> lanes_;  // by session
  std::int64_t next_ = 0;
};

std::uint32_t Processes::take(std::uint32_t session, const History::Times& times) {
  std::vector<Lane>& lanes = lanes_[session];
  auto lane = std::find_if(lanes.begin(), lanes.end(), [&](const Lane& one) { return one.free <= times.invoke_ns; });
  if (lane == lanes.end()) lane = lanes.insert(lane, {next_++, 0});
  lane->free = times.complete_ns;
  return static_cast<std::uint32_t>(lane->process);
}

ListOp list_op(const History& history, const Event& event) {
  ListOp op;
  op.is_append = event.kind == EventKind::kAppend;
  op.key = history.key_value(event.key).number();
  op.known = event.known;
  if (op.is_append) {
    op.element = event.value.number();
  } else {
    for (const Value element : history.elements(event)) op.elements.push_back(element.number());
  }
  return op;
}

RegisterOp register_op(const History& history, const Event& event) {
  RegisterOp op;
  op.is_write = event.kind == EventKind::kWrite;
  op.key = history.key_value(event.key).number();
  op.known = event.known;
  op.value = event.value.is_nil() ? 0 : event.value.number();
  op.version = event.version();
  return op;
}

}  // namespace

std::vector<std::string> lines_losses(const History& history) {
  for (const Txn& txn : history.transactions()) check(history, txn);
  std::vector<std::string> losses;
  if (!Clock(history).own()) {
    losses.emplace_back(history.has_real_time()
                            ? "times are made up from the order of the records"
                            : "times are made up: the history has no real time, do not judge any by the result");
  }
  if (SessionNumbers(history).renamed) losses.emplace_back("sessions are numbered: their names are no numbers");
  return losses;
}

void write_lines(const History& history, std::string_view name, Output& out) {
  const SessionNumbers sessions(history);
  Processes processes(sessions);
  Clock clock(history);
  HistoryFormatter formatter;
  const bool lists = is_lists(history);
  formatter.header({std::string(name), 0, lists ? ModelKind::kAppend : ModelKind::kRegister});
  Operation operation;
  operation.f = "txn";
  std::uint64_t next_index = 0;
  for (std::size_t i = 0; i < history.transactions().size(); ++i) {
    const Txn& txn = history.transactions()[i];
    operation.index = std::max<std::uint64_t>(next_index, txn.index);
    next_index = operation.index + 1;
    operation.session = static_cast<std::uint32_t>(sessions.numbers[txn.session]);
    operation.outcome = txn.outcome;
    const History::Times times = clock.times_of(txn, i);
    operation.process = processes.take(txn.session, times);
    operation.invoke_ns = times.invoke_ns;
    operation.complete_ns = times.complete_ns;
    const bool region = !history.regions().empty() && history.regions()[i] != kNever;
    operation.served_by_region = region ? history.text(history.regions()[i]) : "";
    operation.error = txn.outcome == Outcome::kOk ? "" : txn.outcome == Outcome::kFail ? "failed" : "unknown";
    std::vector<ListOp> list_ops;
    std::vector<RegisterOp> register_ops;
    for (const Event& event : history.events(txn)) {
      if (lists) {
        list_ops.push_back(list_op(history, event));
      } else {
        register_ops.push_back(register_op(history, event));
      }
    }
    if (lists) {
      operation.value = std::move(list_ops);
    } else {
      operation.value = std::move(register_ops);
    }
    formatter.operation(operation);
    out.text() += formatter.buffer();
    formatter.buffer().clear();
    out.line_is_done();
  }
  out.text() += formatter.buffer();
}

}  // namespace tidemark::checkers
