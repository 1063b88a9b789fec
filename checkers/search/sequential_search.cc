#include "checkers/search/sequential_search.h"

#include <algorithm>

#include "checkers/search/describe.h"
#include "checkers/search/order_search.h"
#include "checkers/search/session_edges.h"

namespace tidemark::checkers::search {
namespace {

SearchInput make_input(const History& history, const Program& program, Constraint constraint) {
  SearchInput input;
  input.transactions = all_transactions(program);
  if (constraint == Constraint::kSession) add_session_edges(program, input);
  if (constraint != Constraint::kRealTime) return input;
  input.real_time = true;
  const std::vector<Txn>& transactions = history.transactions();
  std::sort(input.transactions.begin(), input.transactions.end(), [&](std::uint32_t a, std::uint32_t b) {
    return transactions[a].call != transactions[b].call ? transactions[a].call < transactions[b].call : a < b;
  });
  return input;
}

}  // namespace

Judgement judge_by_search(const History& history, Constraint constraint, const JudgeOptions& options) {
  Judgement judgement;
  judgement.validity = Validity::kUnknown;
  if (constraint == Constraint::kRealTime && !history.has_real_time()) {
    judgement.reason = "the history does not tell when transactions were called and ended";
    return judgement;
  }
  const Program program(history, {options.failed_cas_compared});
  if (!program.refusal().empty()) {
    judgement.reason = program.refusal();
    return judgement;
  }
  Workspace workspace(program);
  const SearchInput input = make_input(history, program, constraint);
  SearchResult result = search_order(program, input, options, workspace);
  judgement.validity = result.validity;
  judgement.reason = result.reason;
  judgement.steps = result.steps;
  judgement.observations = input.transactions.size();
  if (result.validity == Validity::kInvalid) judgement.anomalies.push_back(describe(history, result, "no-order", ""));
  if (result.validity == Validity::kValid && options.want_order) judgement.order = std::move(result.order);
  return judgement;
}

}  // namespace tidemark::checkers::search
