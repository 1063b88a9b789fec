#include "checkers/search/session_edges.h"

namespace tidemark::checkers::search {

std::vector<std::uint32_t> all_transactions(const Program& program) {
  std::vector<std::uint32_t> result;
  for (std::uint32_t txn = 0; txn < program.history().transactions().size(); ++txn) {
    if (program.takes_part(txn)) result.push_back(txn);
  }
  return result;
}

void add_session_edges(const Program& program, SearchInput& input) {
  const History& history = program.history();
  std::vector<std::uint32_t> last(history.chains(), kNone);
  for (std::uint32_t place = 0; place < input.transactions.size(); ++place) {
    const std::uint32_t txn = input.transactions[place];
    // Chains are of what took effect; a comparison that failed has a place only where they are whole sessions.
    if (!history.also_before().empty() && history.transactions()[txn].outcome == Outcome::kFail) continue;
    std::uint32_t& before = last[history.chain(txn)];
    if (before != kNone) input.edges.emplace_back(before, place);
    if (!program.optional(txn)) before = place;
  }
  if (history.also_before().empty()) return;
  std::vector<std::uint32_t> place_of(history.transactions().size(), kNone);
  for (std::uint32_t place = 0; place < input.transactions.size(); ++place) place_of[input.transactions[place]] = place;
  for (const auto& [from, to] : history.also_before()) {
    if (place_of[from] != kNone && place_of[to] != kNone) input.edges.emplace_back(place_of[from], place_of[to]);
  }
}

}  // namespace tidemark::checkers::search
