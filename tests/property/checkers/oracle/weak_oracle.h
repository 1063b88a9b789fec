// Weaker models by brute force, as their definitions have them. For lists and registers without compare-and-set;
// clears.
#pragma once

#include "oracle.h"

namespace tidemark::checkers::oracle {

/// Snapshot isolation: beginnings and commits stand in one order; a transaction reads what was committed when it began,
/// and its own writes; of two that write the same key, one commits before the other begins. With a constraint, a
/// transaction begins after the commits of those that it must follow (strong session, strong snapshot isolation).
bool allows_snapshot(const History& history, const Rules& rules);

/// Read committed (Adya's PL-2): transactions can stand in an order (the constraint kept) in which each finds versions
/// that transactions before it left when they committed, or its own, but each read may find another version.
bool allows_read_committed(const History& history, const Rules& rules);

}  // namespace tidemark::checkers::oracle
