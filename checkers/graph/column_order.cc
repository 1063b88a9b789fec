#include "checkers/graph/column_order.h"

#include <fmt/core.h>

#include <algorithm>
#include <tuple>

namespace tidemark::checkers::graph {

ColumnOrder::ColumnOrder(const History& history, const std::vector<Family>& families, const Presence& presence,
                         RegisterVersions& registers, Findings& findings)
    : history_(history) {
  if ((history.kinds() & (bit(EventKind::kWrite) | bit(EventKind::kRead))) == 0) return;
  const auto numbered = [](const Event& event) {
    return (event.kind == EventKind::kWrite || event.kind == EventKind::kRead) && event.version() >= 0;
  };
  if (std::none_of(history.events().begin(), history.events().end(), numbered)) return;
  gather(families, presence);
  learn_from_reads(findings);
  std::erase_if(writes_, [](const Write& write) { return write.version < 0; });
  std::sort(writes_.begin(), writes_.end(), [](const Write& a, const Write& b) {
    return std::tie(a.key, a.version, a.transaction) < std::tie(b.key, b.version, b.transaction);
  });
  link(registers, findings);
}

void ColumnOrder::gather(const std::vector<Family>& families, const Presence& presence) {
  is_register_.resize(families.size());
  for (std::size_t key = 0; key < families.size(); ++key) is_register_[key] = families[key] == Family::kRegister;
  const std::vector<Txn>& all = history_.transactions();
  for (Node i = 0; i < all.size(); ++i) {
    if (!presence.present(i)) continue;
    for (const Event& event : history_.events(all[i])) {
      if (is_register_[event.key] == 0 || !event.is_write()) continue;
      const std::int64_t version = event.kind == EventKind::kWrite ? event.version() : -1;
      writes_.push_back({event.key, event.value, version, i, static_cast<std::uint32_t>(writes_.size())});
    }
  }
  std::stable_sort(writes_.begin(), writes_.end(),
                   [](const Write& a, const Write& b) { return std::tie(a.key, a.value) < std::tie(b.key, b.value); });
}

/// nullptr: nobody, or several.
ColumnOrder::Write* ColumnOrder::write_of(std::uint32_t key, Value value) {
  const auto found =
      std::lower_bound(writes_.begin(), writes_.end(), std::tie(key, value),
                       [](const Write& a, const auto& wanted) { return std::tie(a.key, a.value) < wanted; });
  const auto is_it = [&](auto at) { return at != writes_.end() && at->key == key && at->value == value; };
  return is_it(found) && !is_it(found + 1) ? &*found : nullptr;
}

void ColumnOrder::learn_from_reads(Findings& findings) {
  const std::vector<Txn>& all = history_.transactions();
  for (Node i = 0; i < all.size(); ++i) {
    if (all[i].outcome != Outcome::kOk) continue;
    for (const Event& event : history_.events(all[i])) {
      if (event.kind != EventKind::kRead || !event.known || event.version() < 0 || event.value.is_nil()) continue;
      if (is_register_[event.key] == 0) continue;
      Write* const write = write_of(event.key, event.value);
      if (write == nullptr) continue;
      if (write->version < 0) write->version = event.version();
      if (write->version == event.version() || !findings.wants(Direct::kVersionMismatch)) continue;
      findings.add(
          Direct::kVersionMismatch, {write->transaction, i},
          fmt::format("{}: {} with version {}, but {} wrote it with version {}", name_of(history_, i),
                      history_.show(event), event.version(), name_of(history_, write->transaction), write->version));
    }
  }
}

/// Two writes of one transaction, of which the second has no smaller number.
void ColumnOrder::check_own(const Write& first, const Write& second, Findings& findings) const {
  if (first.version < second.version && first.place < second.place) return;
  if (!findings.wants(Direct::kInternal)) return;
  const Write& later = first.place < second.place ? second : first;
  const Write& earlier = first.place < second.place ? first : second;
  findings.add(Direct::kInternal, {first.transaction},
               fmt::format("{} wrote {} with version {} and then with version {}", name_of(history_, first.transaction),
                           history_.show_key(first.key), earlier.version, later.version));
}

void ColumnOrder::link(RegisterVersions& registers, Findings& findings) {
  starts_.assign(is_register_.size() + 1, 0);
  complete_ = true;
  std::size_t at = 0;
  for (std::uint32_t key = 0; key < is_register_.size(); ++key) {
    const std::size_t first = order_.size();
    for (; at < writes_.size() && writes_[at].key == key; ++at) {
      const Write& write = writes_[at];
      const bool again = order_.size() > first && order_.back() == write.transaction;
      if (order_.size() > first && !again) {
        const Write& before = writes_[at - 1];
        edges_.push_back({before.transaction, write.transaction, Relation::kWw, key, write.value, kNoNode});
        if (before.version == write.version && findings.wants(Direct::kVersionTwice)) {
          findings.add(Direct::kVersionTwice, {before.transaction, write.transaction},
                       fmt::format("{} and {} both wrote {} with version {}", name_of(history_, before.transaction),
                                   name_of(history_, write.transaction), history_.show_key(key), write.version));
        }
      }
      if (again) check_own(writes_[at - 1], write, findings);
      if (!again) order_.push_back(write.transaction);
    }
    const std::size_t all = registers.writers(key).size();
    const bool whole = order_.size() - first == all;
    complete_ = complete_ && (whole || all <= 1);
    if (!whole) order_.resize(first);
    for (std::size_t i = first; i < order_.size(); ++i) {
      places_.emplace_back(std::uint64_t{key} << 32 | order_[i], static_cast<std::uint32_t>(i - first));
    }
    starts_[key + std::size_t{1}] = static_cast<std::uint32_t>(order_.size());
  }
  std::sort(places_.begin(), places_.end());
  for (const RegisterRead& read : registers.reads()) {
    if (read.again || read.writer == kNoNode) continue;  // what read the beginning stands before all writers already
    const std::span<const Node> all = order(read.key);
    const std::uint32_t at_read = place(read.key, read.writer);
    if (at_read == kNoNode || at_read + std::size_t{1} == all.size() || all[at_read + 1] == read.reader) continue;
    edges_.push_back({read.reader, all[at_read + 1], Relation::kRw, read.key, read.value, read.writer});
  }
  for (const InferredEdge& edge : edges_) registers.add_inferred(edge);
  registers.sort_inferred();
}

void ColumnOrder::add_edges(EdgeList& edges) const {
  for (const InferredEdge& edge : edges_) edges.add(edge.from, edge.to, edge.relation);
}

std::uint32_t ColumnOrder::place(std::uint32_t key, Node writer) const {
  const std::uint64_t wanted = std::uint64_t{key} << 32 | writer;
  const auto found = std::lower_bound(places_.begin(), places_.end(), std::make_pair(wanted, std::uint32_t{0}));
  return found != places_.end() && found->first == wanted ? found->second : kNoNode;
}

std::span<const Node> ColumnOrder::order(std::uint32_t key) const {
  if (starts_.empty()) return {};
  return {order_.data() + starts_[key], order_.data() + starts_[key + std::size_t{1}]};
}

}  // namespace tidemark::checkers::graph
