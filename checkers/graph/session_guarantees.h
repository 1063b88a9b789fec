// The four guarantees of a session (Terry et al. 1994), each by itself.
//
// A read of version v of a key sees the transactions that wrote v and the versions before it. Let R, R1, R2 be
// transactions that read, W, W1, W2 transactions that wrote and are ok, "before" mean before in their session:
//   read your writes     R sees every W before it
//   monotonic reads      R2 sees everything that R1 before it saw
//   monotonic writes     W1 before W2: the versions stand in that order, and who sees W2 sees W1
//   writes follow reads  R sees W, and R is W1 or before it: W comes before W1, and who sees W1 sees W
// "R sees W" is contradicted where R reads a key that W wrote, in a version before that of W. Transactions are seen
// whole, so that two keys can contradict.
//
// Needs the order of versions: told by lists, by sets that only grow, by version columns, and for keys that one
// transaction wrote. For other registers the question is whether there is an order of the versions of each key that
// breaks nothing: a transaction's write stands behind what it read of the key; what the guarantee asks for where the
// order is open is added until nothing more follows (a contradiction is one in every order), then a few orders that
// agree with that are tried. Where they do not fit, the verdict is unknown; and where comparisons (compare-and-set) are
// among the operations on such keys.
//
// Cost: linear where the history is sequential (then all four hold); else up to the square of what depends on each other
// in a circle, and of the length of sessions where orders are open, within the step budget. Memory: see
// register_orders.h.
#pragma once

#include <cstdint>

#include "checkers/record/judgement.h"

namespace tidemark::checkers::graph {

enum class Guarantee : std::uint8_t { kReadYourWrites, kMonotonicReads, kMonotonicWrites, kWritesFollowReads };
const char* to_text(Guarantee guarantee);  // "read-your-writes", ...

/// Anomalies have the name of the guarantee; their transactions are those of the definition, in their order.
Judgement judge_guarantee(const History& history, Guarantee guarantee, const JudgeOptions& options);

}  // namespace tidemark::checkers::graph
