#include "checkers/search/describe.h"

#include <fmt/core.h>

#include <algorithm>

namespace tidemark::checkers::search {
namespace {

std::string called(const History& history, std::uint32_t txn) {
  const Txn& of = history.transactions()[txn];
  return fmt::format("T{} ({}) of session {}", of.index, history.show(of), history.show_session(of.session));
}

// The sooner a transaction ended, the more it is to blame: nothing that ended later can stand before it for long.
std::vector<std::uint32_t> most_to_blame(const History& history, std::vector<std::uint32_t> stuck) {
  std::sort(stuck.begin(), stuck.end(), [&history](std::uint32_t a, std::uint32_t b) {
    const std::uint32_t end_a = history.transactions()[a].ret;
    const std::uint32_t end_b = history.transactions()[b].ret;
    return end_a != end_b ? end_a < end_b : a < b;
  });
  if (stuck.size() > kMostNamed - 1) stuck.resize(kMostNamed - 1);
  return stuck;
}

}  // namespace

Anomaly describe(const History& history, const SearchResult& result, const std::string& name,
                 const std::string& where) {
  Anomaly anomaly;
  anomaly.name = result.never_written ? "garbage-read" : name;
  if (result.never_written) {
    anomaly.transactions = result.stuck;
    anomaly.fact =
        fmt::format("{}{} read what no write of the history could have made", where, called(history, result.stuck[0]));
    return anomaly;
  }
  const std::vector<std::uint32_t> blamed = most_to_blame(history, result.stuck);
  std::uint32_t last_change = kNone;
  for (const std::uint32_t txn : result.order) {
    if (history.transactions()[txn].has_write) last_change = txn;
  }
  if (last_change != kNone) anomaly.transactions.push_back(last_change);
  anomaly.transactions.insert(anomaly.transactions.end(), blamed.begin(), blamed.end());
  anomaly.fact = fmt::format("{}every order was tried; the longest begin that fits has {} transactions", where,
                             result.order.size());
  if (last_change != kNone) anomaly.fact += fmt::format(", the last change is {}", called(history, last_change));
  anomaly.fact += "; then none of these can come next:";
  for (const std::uint32_t txn : blamed) anomaly.fact += " " + called(history, txn) + ",";
  anomaly.fact.pop_back();
  return anomaly;
}

}  // namespace tidemark::checkers::search
