// Anomalies of searches that ended without an order, as sentences. Private to checkers/search.
#pragma once

#include <string>

#include "checkers/search/order_search.h"

namespace tidemark::checkers::search {

inline constexpr std::size_t kMostNamed = 6;  // transactions in one anomaly

/// `name`: of the anomaly when the search was exhausted; `where`: "" or "key x: ".
Anomaly describe(const History& history, const SearchResult& result, const std::string& name, const std::string& where);

}  // namespace tidemark::checkers::search
