// The four session guarantees for registers by brute force: is there an order of the versions of each key that breaks
// nothing?
#pragma once

#include <optional>

#include "guarantee_oracle.h"

namespace tidemark::checkers::oracle {

/// None: the history is not one of plain registers whose reads can be told (a read of nothing that was written, of what
/// was overwritten in the same transaction, two that disagree, ...), or there are too many orders.
std::optional<bool> register_guarantee_holds(const History& history, Guarantee guarantee);

}  // namespace tidemark::checkers::oracle
