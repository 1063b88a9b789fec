#include "checkers/judge/models.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "checkers/graph/session_guarantees.h"
#include "checkers/graph/transactional.h"
#include "checkers/search/linearizable.h"
#include "checkers/search/register_search.h"
#include "checkers/search/sequential_search.h"
#include "checkers/totals/bank.h"
#include "checkers/totals/counter.h"
#include "checkers/totals/set.h"

namespace tidemark::checkers {
namespace {

constexpr EventKinds kLists = bit(EventKind::kAppend) | bit(EventKind::kReadList);
constexpr EventKinds kRegisters = bit(EventKind::kWrite) | bit(EventKind::kRead) | bit(EventKind::kCas);
constexpr EventKinds kTexts = bit(EventKind::kAppendText);
constexpr EventKinds kSets = bit(EventKind::kAdd) | bit(EventKind::kReadSet);
constexpr EventKinds kCounters = bit(EventKind::kIncrement) | bit(EventKind::kReadCounter);
constexpr EventKinds kBanks = bit(EventKind::kTransfer) | bit(EventKind::kReadBalance);
constexpr EventKinds kVersioned = kLists | kRegisters | kSets;
constexpr EventKinds kMachines = kVersioned | kTexts | kCounters | bit(EventKind::kClear);

constexpr const char* kGraphCost =
    "Linear for lists and for sets. Registers: a guessed order is repaired where a read contradicts it, mostly a few "
    "times edges and reads; exponential in the worst case, within the budgets.";
constexpr const char* kGraphAssumes =
    "Values of a key are written once, for the graph; where they recur, and for counters and texts, a search decides.";
constexpr const char* kGraphUnknown = "A budget ended, or a key is used as several kinds of data.";
constexpr const char* kWeakAssumes =
    "Values of a key are written once. Registers: only what reads tell of the order of versions is used.";
constexpr const char* kGuaranteeAssumes =
    "Transactions are seen whole. Lists, sets that only grow and version columns tell the order of versions; of other "
    "registers any order counts that agrees with what transactions read before they wrote.";
constexpr const char* kGuaranteeUnknown =
    "No contradiction was found, nor an order of the versions that fits, nor a serial order.";
constexpr const char* kGuaranteeCost = "Linear where the history is sequential; else within the step budget.";

constexpr std::array<ModelInfo, 13> kModels{{
    {Model::kSequential, "sequential",
     "There is one order of all transactions that keeps the order of each session and in which every read finds what "
     "the "
     "transactions before it left. Real time plays no part: a client may see an old state, but never goes back.",
     kGraphAssumes, kGraphUnknown, kGraphCost, kMachines},
    {Model::kSerializable, "serializable",
     "There is one order of all transactions in which every read finds what the transactions before it left. Sessions "
     "promise nothing: a client may miss its own writes.",
     kGraphAssumes, kGraphUnknown, kGraphCost, kMachines},
    {Model::kStrictSerializable, "strict-serializable",
     "As serializable, and a transaction that ended before another began stands before it: a client sees everything "
     "that "
     "was acknowledged before it asked.",
     "The history tells when transactions began and ended. Values of a key are written once, for the graph.",
     "A budget ended, no real time in the history, or a key is used as several kinds of data.", kGraphCost, kMachines},
    {Model::kSessionSnapshot, "session-snapshot-isolation",
     "Every transaction reads one state, which holds at least what its session did and saw before, and of two that "
     "overlap "
     "and write the same key one fails. Two may still miss each other's writes to different keys (write skew).",
     kWeakAssumes, "The reads leave an order of versions open, or a key is cleared, and no serial order was found.",
     "As serializable.", kVersioned},
    {Model::kReadCommitted, "read-committed",
     "Nothing is read that failed or that its transaction overwrote, and transactions do not depend on each other in a "
     "circle by what they wrote and read (Adya's PL-2). Reads of one transaction may disagree.",
     kWeakAssumes,
     "A value that was read can have come from several transactions, or a key is cleared, and no serial order was "
     "found.",
     "Linear; as serializable where that leaves it open.", kVersioned},
    {Model::kLinearizable, "linearizable",
     "Each key behaves as if every operation on it took effect at one instant between its call and its end.",
     "The history tells when operations began and ended; a transaction touches one key.",
     "A transaction touches several keys, no real time in the history, or a budget ended.",
     "Near linear where few operations overlap; exponential in the number that do, in the worst case.", kMachines},
    {Model::kReadYourWrites, "read-your-writes", "A client sees what it wrote before in its session.",
     kGuaranteeAssumes, kGuaranteeUnknown, kGuaranteeCost, kVersioned},
    {Model::kMonotonicReads, "monotonic-reads", "A client never sees less than it saw before in its session.",
     kGuaranteeAssumes, kGuaranteeUnknown, kGuaranteeCost, kVersioned},
    {Model::kMonotonicWrites, "monotonic-writes",
     "The writes of a session take effect in its order, and who sees one sees those before it.", kGuaranteeAssumes,
     kGuaranteeUnknown, kGuaranteeCost, kVersioned},
    {Model::kWritesFollowReads, "writes-follow-reads",
     "A write stands behind everything that its session saw before, and who sees it sees that as well.",
     kGuaranteeAssumes, kGuaranteeUnknown, kGuaranteeCost, kVersioned},
    {Model::kBank, "bank", "Every transaction that reads all accounts finds the same total, and none is overdrawn.",
     "Only transfers change accounts. Unless they are given: the total is the one that most such reads found, the "
     "accounts "
     "are those of the history, and none may be overdrawn.",
     "No transaction reads all accounts, or something else changes them.", "Linear.", kBanks},
    {Model::kCounter, "counter",
     "What is read lies between what the session must have counted and all that can have been counted.",
     "Counters begin at 0, or at the start given. A necessary condition for sequential, not a sufficient one; with "
     "real "
     "time, for strict-serializable.",
     "Events of other kinds, and no contradiction.", "n log n.", kCounters},
    {Model::kSet, "set", "A session finds what it added and what it has found before; nobody finds what nobody added.",
     "Sets begin empty and nothing is removed. With real time: what had been added or found before a read was called "
     "is found.",
     "Events of other kinds, and no contradiction.", "Linear.", kSets},
}};

graph::TransactionalModel transactional(Model model) {
  graph::TransactionalModel result;
  result.sessions = model != Model::kSerializable && model != Model::kReadCommitted;
  result.real_time = model == Model::kStrictSerializable;
  if (model == Model::kSessionSnapshot) result.isolation = graph::Isolation::kSnapshot;
  if (model == Model::kReadCommitted) result.isolation = graph::Isolation::kReadCommitted;
  return result;
}

bool has_failed_cas(const History& history) {
  if ((history.kinds() & bit(EventKind::kCas)) == 0) return false;
  return std::any_of(history.transactions().begin(), history.transactions().end(), [&](const Txn& txn) {
    const auto events = history.events(txn);
    return txn.outcome == Outcome::kFail &&
           std::any_of(events.begin(), events.end(), [](const Event& event) { return event.kind == EventKind::kCas; });
  });
}

/// Registers whose order of versions stays open: the search goes on from what the graph knows.
Judgement search_on(const History& history, Model model, const graph::KnownEdges& known, const JudgeOptions& options) {
  if (model == Model::kStrictSerializable) {
    return search::judge_by_search(history, search::Constraint::kRealTime, options);
  }
  const bool sessions = model == Model::kSequential;
  search::RegisterSearchResult found = search::search_register_order(history, known, sessions, options);
  Judgement judgement;
  judgement.validity = found.validity;
  judgement.reason = std::move(found.reason);
  judgement.order = std::move(found.order);
  judgement.steps = found.steps;
  if (found.validity == Validity::kInvalid) {
    judgement.anomalies.push_back(
        {"no-order", std::move(found.stuck), {}, "no order of the transactions explains every read"});
  }
  return judgement;
}

graph::Guarantee guarantee(Model model) {
  return static_cast<graph::Guarantee>(static_cast<int>(model) - static_cast<int>(Model::kReadYourWrites));
}

/// The graph decides lists, sets and most registers; the search everything else.
Judgement judge_serial(const History& history, Model model, const JudgeOptions& options) {
  graph::KnownEdges known;
  Judgement judgement = graph::judge_transactional(history, transactional(model), options, &known);
  const bool more = judgement.validity == Validity::kUnknown ||
                    (judgement.validity == Validity::kValid && options.failed_cas_compared && has_failed_cas(history));
  if (!more || (model == Model::kStrictSerializable && !history.has_real_time())) return judgement;
  JudgeOptions rest = options;  // one budget for both
  rest.step_budget -= std::min(judgement.steps, options.step_budget);
  if (rest.step_budget == 0) return judgement;
  Judgement searched = search_on(history, model, known, rest);
  searched.steps += judgement.steps;
  searched.observations = judgement.observations;
  if (searched.validity == Validity::kUnknown && !judgement.reason.empty()) {
    searched.reason = judgement.reason + "; the search: " + searched.reason;
  }
  return searched;
}

Judgement judge_by_graph(const History& history, Model model, const JudgeOptions& options) {
  if (model == Model::kSessionSnapshot || model == Model::kReadCommitted) {
    return graph::judge_transactional(history, transactional(model), options);
  }
  return graph::judge_guarantee(history, guarantee(model), options);
}

/// What asks for less than one order of all transactions holds where there is such an order. A search may find it where
/// the graph knows no order of versions: of keys that are cleared, of values that recur, of texts and counters.
Judgement judge_weak(const History& history, Model model, const JudgeOptions& options) {
  Judgement judgement = judge_by_graph(history, model, options);
  JudgeOptions rest = options;  // one budget for both
  rest.step_budget -= std::min(judgement.steps, options.step_budget);
  if (judgement.validity != Validity::kUnknown || rest.step_budget == 0) return judgement;
  const Model strong = model == Model::kReadCommitted ? Model::kSerializable : Model::kSequential;
  Judgement serial = judge_serial(history, strong, rest);
  serial.steps += judgement.steps;
  if (serial.validity == Validity::kValid) {
    serial.observations = judgement.observations;
    return serial;
  }
  judgement.steps = serial.steps;
  judgement.reason += std::string("; that it is ") + info(strong).name + ", which would be enough, is ";
  judgement.reason += serial.validity == Validity::kInvalid ? "not so" : "not known either";
  return judgement;
}

}  // namespace

std::span<const ModelInfo> models() {
  return kModels;
}

const ModelInfo& info(Model model) {
  return kModels[static_cast<std::size_t>(model)];
}

const ModelInfo* find_model(std::string_view name) {
  const auto found =
      std::find_if(kModels.begin(), kModels.end(), [&](const ModelInfo& one) { return name == one.name; });
  return found == kModels.end() ? nullptr : &*found;
}

Judgement judge(const History& history, Model model, const JudgeOptions& options) {
  switch (model) {
    case Model::kSequential:
    case Model::kSerializable:
    case Model::kStrictSerializable:
      return judge_serial(history, model, options);
    case Model::kLinearizable:
      return search::judge_linearizable(history, options);
    case Model::kSessionSnapshot:
    case Model::kReadCommitted:
    case Model::kReadYourWrites:
    case Model::kMonotonicReads:
    case Model::kMonotonicWrites:
    case Model::kWritesFollowReads:
      return judge_weak(history, model, options);
    case Model::kBank:
      return totals::judge_bank(history, options,
                                {options.totals.bank_total, options.totals.negative_balances, options.totals.accounts});
    case Model::kCounter:
      return totals::judge_counter(history, options, {options.totals.real_time, options.totals.counter_start});
    case Model::kSet:
      return totals::judge_set(history, options, {options.totals.real_time});
  }
  return {};
}

}  // namespace tidemark::checkers
