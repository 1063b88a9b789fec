// Session order as edges of a search. Private to checkers/search.
#pragma once

#include "checkers/search/order_search.h"

namespace tidemark::checkers::search {

/// Every transaction that takes part, in the order of the history.
std::vector<std::uint32_t> all_transactions(const Program& program);

/// A transaction of unknown outcome stands after what its session did before; nothing stands after it.
void add_session_edges(const Program& program, SearchInput& input);

}  // namespace tidemark::checkers::search
