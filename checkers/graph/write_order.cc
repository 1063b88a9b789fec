#include "checkers/graph/write_order.h"

#include <vector>

namespace tidemark::checkers::graph {
namespace {

/// Between the chains of one session: from the last write up to the first to the next write from the second on.
void link_chains(const History& history, const Presence& presence, EdgeList& list) {
  const std::vector<Txn>& all = history.transactions();
  const auto writes = [&](Node i) { return presence.present(i) && all[i].has_write; };
  std::vector<Node> last(history.chains(), kNoNode);
  std::vector<Node> last_write(all.size(), kNoNode);  // that is ok, up to this one
  for (Node i = 0; i < all.size(); ++i) {
    Node& before = last[history.chain(i)];
    if (writes(i) && all[i].outcome == Outcome::kOk) before = i;
    last_write[i] = before;
  }
  std::vector<Node> next(history.chains(), kNoNode);
  std::vector<Node> next_write(all.size(), kNoNode);
  for (Node i = static_cast<Node>(all.size()); i-- > 0;) {
    const bool ends = writes(i) && all[i].outcome != Outcome::kOk;  // nothing comes after it
    next_write[i] = ends ? i : next[history.chain(i)];
    if (writes(i) && !ends) next_write[i] = next[history.chain(i)] = i;
  }
  for (const auto& [from, to] : history.also_before()) {
    if (last_write[from] != kNoNode && next_write[to] != kNoNode)
      list.add(last_write[from] * 2, next_write[to] * 2, Relation::kSo);
  }
}

}  // namespace

EdgeList edges_of_writes(const History& history, const Presence& presence, const EdgeList& edges,
                         const RegisterOrders& orders, bool follow) {
  EdgeList list(edges.transactions() * 2);
  while (list.nodes() < edges.nodes() * 2) list.add_helper();
  for (const EdgeList::Edge& edge : edges.edges()) {
    const Relation relation = edge.arc.relation();
    if (relation == Relation::kWw) list.add(edge.from * 2, edge.arc.to() * 2, relation);
    if (!follow) continue;
    if (relation == Relation::kWr) list.add(edge.from * 2, edge.arc.to() * 2 + 1, relation);
    if (relation == Relation::kWr) list.add(edge.from * 2 + 1, edge.arc.to() * 2 + 1, relation);
    if (relation == Relation::kSo) list.add(edge.from * 2 + 1, edge.arc.to() * 2 + 1, relation);
  }
  for (const RegisterOrders::Edge& edge : orders.edges()) list.add(edge.from * 2, edge.to * 2, Relation::kWw);
  std::vector<Node> last_write(history.chains(), kNoNode);
  for (Node i = 0; i < edges.transactions(); ++i) {
    const Txn& txn = history.transactions()[i];
    if (!presence.present(i) || !txn.has_write) continue;
    if (follow) {
      list.add(i * 2 + 1, i * 2, Relation::kSo);
      continue;
    }
    Node& before = last_write[history.chain(i)];
    if (before != kNoNode) list.add(before * 2, i * 2, Relation::kSo);
    if (txn.outcome == Outcome::kOk) before = i;
  }
  if (!follow && !history.also_before().empty()) link_chains(history, presence, list);
  return list;
}

}  // namespace tidemark::checkers::graph
