#include "checkers/graph/findings.h"

#include <utility>

namespace tidemark::checkers::graph {

const char* to_text(Direct direct) {
  static constexpr std::array<const char*, kDirects> kNames{
      "garbage-read", "G1a",         "dirty-update",       "duplicate-elements", "future-read",
      "internal",     "internal",    "incompatible-order", "version-mismatch",   "version-twice",
      "G1b",          "lost-update", "long-fork"};
  return kNames[static_cast<std::size_t>(direct)];
}

void Findings::add(Direct direct, std::vector<std::uint32_t> transactions, std::string fact, std::vector<Step> cycle) {
  Anomaly anomaly;
  anomaly.name = to_text(direct);
  anomaly.transactions = std::move(transactions);
  anomaly.fact = std::move(fact);
  anomaly.cycle = std::move(cycle);
  kept_[static_cast<std::size_t>(direct)].push_back(std::move(anomaly));
}

void Findings::undecided(std::string reason) {
  if (reason_.empty()) reason_ = std::move(reason);
}

std::string name_of(const History& history, std::uint32_t transaction) {
  return "T" + std::to_string(history.transactions()[transaction].index);
}

}  // namespace tidemark::checkers::graph
