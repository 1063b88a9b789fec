// Proofs about registers that need more than two transactions. Private to this room.
#pragma once

#include "checkers/explain/derive.h"

namespace tidemark::checkers::why {

std::optional<Derivation> derive_directly(const History& history, const Step& step);

/// Derives a ww or rw step between registers among `members` (at most kMostProved of them). Only what took effect is
/// used. None: it does not follow from these.
std::optional<Derivation> prove(const History& history, const Step& step, const std::vector<std::uint32_t>& members,
                                const Orders& orders);

}  // namespace tidemark::checkers::why
