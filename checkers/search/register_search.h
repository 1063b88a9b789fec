// The last resort of graphs: an order of transactions that agrees with what a graph knows already.
//
// For histories of registers with unique writes whose order of versions does not follow from the reads: the caller has
// saturated a partial order, and asks whether it has an extension that explains every read. Other kinds of data that
// state.h knows are welcome in the same history.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "checkers/record/judgement.h"

namespace tidemark::checkers::search {

struct RegisterSearchResult {
  Validity validity = Validity::kUnknown;
  std::vector<std::uint32_t> order;  // valid: all transactions that took effect
  std::vector<std::uint32_t> stuck;  // invalid: could not come next after the longest begin that was found, at most 6
  std::uint64_t steps = 0;
  std::string reason;  // unknown
};

/// `known_edges`: numbers of transactions, the first stands before the second, acyclic. An edge out of a transaction of
/// unknown outcome says that it took effect. Those that failed, or are unknown and cannot matter, are passed over with
/// their edges. `session_order` adds the order of each session (unless the edges hold it already).
/// Budgets: steps and memory of the options. Memory: 150 bytes per transaction and 8 per edge, and the memory budget.
RegisterSearchResult search_register_order(const History& history,
                                           std::span<const std::pair<std::uint32_t, std::uint32_t>> known_edges,
                                           bool session_order, const JudgeOptions& options);

}  // namespace tidemark::checkers::search
