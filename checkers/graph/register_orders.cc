#include "checkers/graph/register_orders.h"

#include <algorithm>

namespace tidemark::checkers::graph {

RegisterOrders::RegisterOrders(const Inference& inference, std::uint64_t memory_budget) {
  const auto keys = static_cast<std::uint32_t>(inference.families.size());
  std::uint64_t bytes = 0;
  for (std::uint32_t key = 0; key < keys; ++key) {
    if (inference.families[key] != Family::kRegister) continue;
    const std::span<const Node> writers = inference.registers.writers(key);
    if (writers.size() < 2 || !inference.columns->order(key).empty()) continue;
    const std::size_t words = (writers.size() + 63) / 64;
    bytes += std::uint64_t{writers.size()} * words * 8;
    if (bytes > memory_budget) {
      tables_.clear();
      return;
    }
    if (tables_.empty()) tables_.resize(keys);
    tables_[key] = {{writers.begin(), writers.end()}, std::vector<std::uint64_t>(writers.size() * words), words};
    any_ = true;
  }
  if (!any_) return;
  const auto learn = [&](std::uint32_t key, Node from, Node to) {
    if (!partial(key) || from == to) return;
    if (before(key, to, from)) contradictory_ = true;
    add(key, from, to);
  };
  for (const InferredEdge& edge : inference.columns->edges()) {
    if (edge.relation == Relation::kWw) learn(edge.key, edge.from, edge.to);
  }
  for (const RegisterRead& read : inference.registers.reads()) {
    const std::span<const Node> writers = inference.registers.writers(read.key);
    if (read.again || read.writer == kNoNode) continue;
    if (std::binary_search(writers.begin(), writers.end(), read.reader)) learn(read.key, read.writer, read.reader);
  }
}

std::size_t RegisterOrders::index(const Table& table, Node writer) {
  return static_cast<std::size_t>(std::lower_bound(table.writers.begin(), table.writers.end(), writer) -
                                  table.writers.begin());
}

bool RegisterOrders::before(std::uint32_t key, Node first, Node second) const {
  const Table& table = tables_[key];
  const std::size_t a = index(table, first);
  const std::size_t b = index(table, second);
  if (!ranks_.empty()) return ranks_[key][a] < ranks_[key][b];
  return has(table, a, b);
}

bool RegisterOrders::add(std::uint32_t key, Node first, Node second) {
  Table& table = tables_[key];
  const std::size_t a = index(table, first);
  const std::size_t b = index(table, second);
  if (a == b || has(table, a, b) || has(table, b, a)) return false;
  for (std::size_t i = 0; i < table.writers.size(); ++i) {
    if (i != a && !has(table, i, a)) continue;
    std::uint64_t* const row = table.after.data() + i * table.words;
    const std::uint64_t* const more = table.after.data() + b * table.words;
    for (std::size_t word = 0; word < table.words; ++word) row[word] |= more[word];
    row[b / 64] |= std::uint64_t{1} << (b % 64);
  }
  edges_.push_back({key, first, second});
  return true;
}

void RegisterOrders::guess(std::span<const Node> position) {
  std::vector<std::vector<std::uint32_t>> ranks(tables_.size());
  for (std::uint32_t key = 0; key < tables_.size(); ++key) {
    const Table& table = tables_[key];
    const std::size_t count = table.writers.size();
    std::vector<std::uint32_t> sort_by(count, 0);
    for (std::size_t i = 0; i < count; ++i) {
      if (!position.empty()) sort_by[i] = position[table.writers[i]];
      for (std::size_t j = 0; position.empty() && j < count; ++j) sort_by[i] += has(table, j, i) ? 1 : 0;
    }
    std::vector<std::uint32_t> order(count);
    for (std::uint32_t i = 0; i < count; ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return sort_by[a] < sort_by[b]; });
    ranks[key].resize(count);
    for (std::uint32_t rank = 0; rank < count; ++rank) ranks[key][order[rank]] = rank;
  }
  ranks_ = std::move(ranks);
}

}  // namespace tidemark::checkers::graph
