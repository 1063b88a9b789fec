#include "checkers/graph/order_edges.h"

#include <algorithm>

namespace tidemark::checkers::graph {

void add_session_edges(const History& history, const Presence& presence, EdgeList& edges) {
  std::vector<Node> last(history.chains(), kNoNode);
  const std::vector<Txn>& all = history.transactions();
  for (Node i = 0; i < all.size(); ++i) {
    if (!presence.present(i)) continue;
    Node& before = last[history.chain(i)];
    if (before != kNoNode) edges.add(before, i, Relation::kSo);
    if (all[i].outcome == Outcome::kOk) before = i;
  }
  for (const auto& [from, to] : history.also_before()) {
    if (presence.present(to)) edges.add(from, to, Relation::kSo);
  }
}

void add_real_time_edges(const History& history, const Presence& presence, EdgeList& edges) {
  struct Instant {
    std::uint32_t at;
    bool end;  // at one instant, beginnings come first: only a smaller instant is before
    Node transaction;
  };
  std::vector<Instant> instants;
  const std::vector<Txn>& all = history.transactions();
  for (Node i = 0; i < all.size(); ++i) {
    if (!presence.present(i)) continue;
    instants.push_back({all[i].call, false, i});
    if (all[i].ret != kNever) instants.push_back({all[i].ret, true, i});
  }
  std::sort(instants.begin(), instants.end(), [](const Instant& a, const Instant& b) {
    if (a.at != b.at) return a.at < b.at;
    return a.end != b.end ? b.end : a.transaction < b.transaction;
  });
  Node helper = kNoNode;
  bool fresh = false;  // nothing begins after the helper yet
  for (const Instant& instant : instants) {
    if (instant.end) {
      if (!fresh) {
        const Node next = edges.add_helper();
        if (helper != kNoNode) edges.add(helper, next, Relation::kRt);
        helper = next;
        fresh = true;
      }
      edges.add(instant.transaction, helper, Relation::kRt);
    } else if (helper != kNoNode) {
      edges.add(helper, instant.transaction, Relation::kRt);
      fresh = false;
    }
  }
}

bool session_precedes(const History& history, std::uint32_t from, std::uint32_t to) {
  return history.precedes(from, to);
}

bool ends_before(const History& history, std::uint32_t from, std::uint32_t to) {
  return history.transactions()[from].ret != kNever &&
         history.transactions()[from].ret < history.transactions()[to].call;
}

}  // namespace tidemark::checkers::graph
