// Sorting of large tables whose first order is that of keys, which are small numbers.
//
// By counting, then key by key: a key's part mostly fits the cache and is mostly in order already, since records come
// in the order of time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace tidemark::checkers::graph {

/// Sorts by `key`, then by `less`, stable. `keys`: more than every key. Linear for keys that are in order already.
/// Memory: the table once more, 4 bytes for each key.
template <typename T, typename Less>
void sort_by_key(std::vector<T>& table, std::uint32_t keys, const Less& less) {
  std::vector<std::uint32_t> ends(keys, 0);  // of the part of each key; while it is filled, how far it is
  for (const T& entry : table) ++ends[entry.key];
  std::uint32_t total = 0;
  for (std::uint32_t& end : ends) total += std::exchange(end, total);
  std::vector<T> sorted(table.size());
  for (T& entry : table) sorted[ends[entry.key]++] = std::move(entry);
  auto first = sorted.begin();
  for (const std::uint32_t end : ends) {
    const auto last = sorted.begin() + static_cast<std::ptrdiff_t>(end);
    if (!std::is_sorted(first, last, less)) std::stable_sort(first, last, less);
    first = last;
  }
  table = std::move(sorted);
}

}  // namespace tidemark::checkers::graph
