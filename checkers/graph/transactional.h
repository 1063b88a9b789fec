// Judges a history of transactions by the graph of their dependencies.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "checkers/record/judgement.h"

namespace tidemark::checkers::graph {

enum class Isolation : std::uint8_t {
  kSerializable,   // one serial order explains every read
  kSnapshot,       // snapshot isolation: every transaction reads one state, and no two that overlap write the same key
  kReadCommitted,  // Adya's PL-2: no transaction reads what failed, was in between, or depends on it in a circle
};

struct TransactionalModel {
  Isolation isolation = Isolation::kSerializable;
  bool sessions = true;    // the order of each session holds
  bool real_time = false;  // a transaction that ended comes before one that began later
};

/// Lists (exact), sets (exact when each value was added once), registers (exact where the order of their versions
/// follows, else unknown unless a contradiction is found), and any mixture of them. Linear for lists and sets, see the
/// headers of their versions. Unknown, with the reason, when a contradiction was not found and something keeps the
/// history from being proved valid. The search for an order of registers may take, in histories of more than a thousand
/// transactions, three steps for each edge beyond the step budget: some two for each pass where it goes well, however
/// long the history is.
///
/// `known`, where the verdict is unknown or valid: pairs of transactions of which the first stands before the second in
/// every serial order, for a search to go on with. The order of sessions is not among them.
using KnownEdges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
Judgement judge_transactional(const History& history, const TransactionalModel& model, const JudgeOptions& options,
                              KnownEdges* known = nullptr);

}  // namespace tidemark::checkers::graph
