#include "checkers/search/register_search.h"

#include <fmt/core.h>

#include "checkers/search/describe.h"
#include "checkers/search/session_edges.h"

namespace tidemark::checkers::search {

RegisterSearchResult search_register_order(const History& history,
                                           std::span<const std::pair<std::uint32_t, std::uint32_t>> known_edges,
                                           bool session_order, const JudgeOptions& options) {
  RegisterSearchResult result;
  const Program program(history, {options.failed_cas_compared});
  if (!program.refusal().empty()) {
    result.reason = program.refusal();
    return result;
  }
  SearchInput input;
  input.transactions = all_transactions(program);
  std::vector<std::uint32_t> place(history.transactions().size(), kNone);
  for (std::uint32_t i = 0; i < input.transactions.size(); ++i) place[input.transactions[i]] = i;
  for (const auto& [from, to] : known_edges) {
    if (place[from] != kNone && place[to] != kNone) input.edges.emplace_back(place[from], place[to]);
  }
  if (session_order) add_session_edges(program, input);
  const std::size_t transactions = input.transactions.size();
  Workspace workspace(program);
  SearchResult found = search_order(program, std::move(input), options, workspace);
  result.validity = found.validity;
  result.steps = found.steps;
  if (found.validity == Validity::kValid) result.order = std::move(found.order);
  if (found.validity == Validity::kInvalid) {
    result.stuck = std::move(found.stuck);
    if (result.stuck.size() > kMostNamed) result.stuck.resize(kMostNamed);
  }
  if (found.validity == Validity::kUnknown) {
    result.reason = fmt::format("{}; the longest begin that was found has {} of {} transactions", found.reason,
                                found.order.size(), transactions);
  }
  return result;
}

}  // namespace tidemark::checkers::search
