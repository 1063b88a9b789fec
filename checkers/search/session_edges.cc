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
  std::vector<std::uint32_t> last(history.sessions(), kNone);
  for (std::uint32_t place = 0; place < input.transactions.size(); ++place) {
    const std::uint32_t txn = input.transactions[place];
    std::uint32_t& before = last[history.transactions()[txn].session];
    if (before != kNone) input.edges.emplace_back(before, place);
    if (!program.optional(txn)) before = place;
  }
}

}  // namespace tidemark::checkers::search
