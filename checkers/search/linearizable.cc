#include "checkers/search/linearizable.h"

#include <fmt/core.h>

#include <algorithm>

#include "checkers/search/describe.h"
#include "checkers/search/order_search.h"

namespace tidemark::checkers::search {
namespace {

Judgement unknown(std::string reason) {
  Judgement judgement;
  judgement.validity = Validity::kUnknown;
  judgement.reason = std::move(reason);
  return judgement;
}

/// A transaction whose events are not all of one key, or kNone.
std::uint32_t touches_several_keys(const History& history) {
  for (std::uint32_t txn = 0; txn < history.transactions().size(); ++txn) {
    const std::span<const Event> events = history.events(history.transactions()[txn]);
    for (const Event& event : events) {
      if (event.key != events[0].key || event.kind == EventKind::kTransfer) return txn;
    }
  }
  return kNone;
}

/// Transactions that take part, by key, each in the order of calls.
std::vector<std::vector<std::uint32_t>> by_key(const History& history, const Program& program) {
  std::vector<std::vector<std::uint32_t>> result(history.keys());
  for (std::uint32_t txn = 0; txn < history.transactions().size(); ++txn) {
    const std::span<const Event> events = history.events(history.transactions()[txn]);
    if (!events.empty() && program.takes_part(txn)) result[events[0].key].push_back(txn);
  }
  for (std::vector<std::uint32_t>& of_key : result) {
    std::sort(of_key.begin(), of_key.end(), [&history](std::uint32_t a, std::uint32_t b) {
      const std::uint32_t call_a = history.transactions()[a].call;
      const std::uint32_t call_b = history.transactions()[b].call;
      return call_a != call_b ? call_a < call_b : a < b;
    });
  }
  return result;
}

// One order of all keys. In the order of its key a transaction takes effect as early as it can: at its own call, or at
// the instant of the one before it. These instants lie within the operations, so that sorting by them is right for all.
struct Instant {
  std::uint32_t at = 0;
  std::uint32_t key = 0;
  std::uint32_t place = 0;
  std::uint32_t txn = 0;
};

void note_instants(const History& history, const std::vector<std::uint32_t>& order, std::uint32_t key,
                   std::vector<Instant>& instants) {
  std::uint32_t at = 0;
  for (std::uint32_t place = 0; place < order.size(); ++place) {
    at = std::max(at, history.transactions()[order[place]].call);
    instants.push_back({at, key, place, order[place]});
  }
}

std::vector<std::uint32_t> merge(std::vector<Instant>& instants) {
  std::sort(instants.begin(), instants.end(), [](const Instant& a, const Instant& b) {
    if (a.at != b.at) return a.at < b.at;
    return a.key != b.key ? a.key < b.key : a.place < b.place;
  });
  std::vector<std::uint32_t> order;
  for (const Instant& instant : instants) order.push_back(instant.txn);
  return order;
}

}  // namespace

Judgement judge_linearizable(const History& history, const JudgeOptions& options) {
  if (!history.has_real_time()) return unknown("the history does not tell when operations were called and ended");
  const std::uint32_t several = touches_several_keys(history);
  if (several != kNone) {
    return unknown(fmt::format("T{} touches several keys: linearizability is judged key by key",
                               history.transactions()[several].index));
  }
  const Program program(history, {options.failed_cas_compared});
  if (!program.refusal().empty()) return unknown(program.refusal());

  Judgement judgement;
  Workspace workspace(program);
  std::vector<Instant> instants;
  std::vector<std::vector<std::uint32_t>> keys = by_key(history, program);
  JudgeOptions left = options;
  for (std::uint32_t key = 0; key < history.keys(); ++key) {
    judgement.observations += keys[key].size();
    SearchInput input;
    input.transactions = std::move(keys[key]);
    input.real_time = true;
    const SearchResult result = search_order(program, input, left, workspace);
    judgement.steps += result.steps;
    left.step_budget -= std::min(left.step_budget, result.steps);
    const std::string where = fmt::format("key {}: ", history.show_key(key));
    judgement.validity = std::max(judgement.validity, result.validity);
    if (result.validity == Validity::kUnknown && judgement.reason.empty()) judgement.reason = where + result.reason;
    if (result.validity == Validity::kInvalid && judgement.anomalies.size() < options.most_anomalies)
      judgement.anomalies.push_back(describe(history, result, "nonlinearizable", where));
    if (options.want_order) note_instants(history, result.order, key, instants);
  }
  if (judgement.validity == Validity::kInvalid) judgement.reason.clear();
  if (judgement.validity == Validity::kValid && options.want_order) judgement.order = merge(instants);
  return judgement;
}

}  // namespace tidemark::checkers::search
