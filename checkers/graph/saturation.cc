#include "checkers/graph/saturation.h"

#include <algorithm>
#include <tuple>

namespace tidemark::checkers::graph {
namespace {

constexpr Mask kEverything = 0xff;
constexpr Node kWhole = 20'000;  // nodes of a graph that is one window
constexpr Node kWindow = 4'096;
constexpr std::uint32_t kNowhere = UINT32_MAX;
constexpr std::uint8_t kForwards = 1;   // the clock of what reaches a node
constexpr std::uint8_t kBackwards = 2;  // the clock of what it reaches

/// Ordered lists of transactions that every present one is on.
struct Chains {
  std::vector<std::uint32_t> of;     // by transaction
  std::vector<std::uint32_t> place;  // from 1
  std::uint32_t count = 0;
};

Chains chains_of_sessions(const History& history, const Presence& presence) {
  const std::vector<Txn>& all = history.transactions();
  Chains chains{std::vector<std::uint32_t>(all.size(), kNowhere), std::vector<std::uint32_t>(all.size(), 0), 0};
  std::vector<std::uint32_t> chain_of_session(history.chains(), kNowhere);
  std::vector<std::uint32_t> length;
  for (Node i = 0; i < all.size(); ++i) {
    if (!presence.present(i)) continue;
    std::uint32_t fresh = kNowhere;  // nothing follows one of unknown outcome: it is a chain of its own
    std::uint32_t& chain = all[i].outcome == Outcome::kOk ? chain_of_session[history.chain(i)] : fresh;
    if (chain == kNowhere) {
      chain = chains.count++;
      length.push_back(0);
    }
    chains.of[i] = chain;
    chains.place[i] = ++length[chain];
  }
  return chains;
}

/// The writers of a key, by chain and place.
struct Place {
  std::uint32_t chain;
  std::uint32_t place;
  Node transaction;
};
struct Group {  // of one chain
  std::uint32_t chain;
  std::size_t first;
  std::size_t end;
};
struct Writers {
  std::vector<Place> places;
  std::vector<Group> groups;
};

std::size_t first_behind(const Writers& writers, const Group& group, std::uint32_t place) {
  const auto first = writers.places.begin() + static_cast<std::ptrdiff_t>(group.first);
  const auto end = writers.places.begin() + static_cast<std::ptrdiff_t>(group.end);
  const auto found =
      std::upper_bound(first, end, place, [](std::uint32_t wanted, const Place& at) { return wanted < at.place; });
  return static_cast<std::size_t>(found - writers.places.begin());
}

class Saturator {
 public:
  Saturator(const History& history, const Presence& presence, RegisterVersions& registers, EdgeList& edges,
            const SaturationOptions& options)
      : history_(history), presence_(presence), registers_(registers), edges_(edges), options_(options) {}

  Saturated run() {
    for (bool more = true; more;) {
      const CsrGraph graph(edges_);
      const std::vector<Node> order = topological_order(graph, kEverything);
      result_.cyclic = order.empty() && graph.nodes() > 0;
      if (result_.cyclic) break;
      if (result_.rounds == 0 && !start(graph)) {
        result_.complete = false;
        break;
      }
      ++result_.rounds;
      move_clocks(graph, order);
      more = infer();
      if (more && result_.steps > options_.step_budget) {
        result_.complete = false;
        break;
      }
    }
    registers_.sort_inferred();
    return result_;
  }

 private:
  bool start(const CsrGraph& graph) {
    chains_ = chains_of_sessions(history_, presence_);
    const std::uint64_t cells = std::uint64_t{graph.nodes()} * chains_.count;
    if (cells * 8 > options_.memory_budget) return false;
    reached_by_.assign(cells, 0);
    reaches_.assign(cells, kNowhere);
    fresh_.assign(graph.nodes(), kForwards | kBackwards);
    for (Node node = 0; node < graph.transactions(); ++node) {
      if (!presence_.present(node)) continue;
      row(reached_by_, node)[chains_.of[node]] = chains_.place[node];
      row(reaches_, node)[chains_.of[node]] = chains_.place[node];
    }
    writers_.resize(history_.keys());
    for (std::uint32_t key = 0; key < history_.keys(); ++key) group_writers(key);
    return true;
  }

  void group_writers(std::uint32_t key) {
    Writers& writers = writers_[key];
    for (const Node writer : registers_.writers(key)) {
      writers.places.push_back({chains_.of[writer], chains_.place[writer], writer});
    }
    std::sort(writers.places.begin(), writers.places.end(),
              [](const Place& a, const Place& b) { return std::tie(a.chain, a.place) < std::tie(b.chain, b.place); });
    for (std::size_t i = 0; i < writers.places.size(); ++i) {
      if (i == 0 || writers.places[i].chain != writers.places[i - 1].chain) {
        writers.groups.push_back({writers.places[i].chain, i, i});
      }
      ++writers.groups.back().end;
    }
  }

  std::uint32_t* row(std::vector<std::uint32_t>& table, Node node) {
    return table.data() + std::size_t{node} * chains_.count;
  }

  /// From the nodes whose edges or clocks are new, in the order of the graph and against it.
  void move_clocks(const CsrGraph& graph, const std::vector<Node>& order) {
    const std::uint32_t width = chains_.count;
    moved_.assign(graph.nodes(), result_.rounds == 1 ? kForwards | kBackwards : 0);
    for (const InferredEdge& edge : found_) {
      moved_[edge.from] |= kForwards;
      moved_[edge.to] |= kBackwards;
    }
    for (const Node node : order) {
      if ((moved_[node] & kForwards) == 0) continue;
      const std::uint32_t* from = row(reached_by_, node);
      result_.steps += graph.arcs(node).size() * width;
      for (const Arc arc : graph.arcs(node)) {
        std::uint32_t* to = row(reached_by_, arc.to());
        bool changed = false;
        for (std::uint32_t i = 0; i < width; ++i) {
          changed |= from[i] > to[i];
          to[i] = std::max(to[i], from[i]);
        }
        if (changed) moved_[arc.to()] |= kForwards, fresh_[arc.to()] |= kForwards;
      }
    }
    move_back(graph, order);
  }

  /// A node is told what its successors reach, so it is looked at when one of them has moved.
  void move_back(const CsrGraph& graph, const std::vector<Node>& order) {
    const std::uint32_t width = chains_.count;
    for (std::size_t i = order.size(); i-- > 0;) {
      std::uint32_t* to = row(reaches_, order[i]);
      bool changed = false;
      for (const Arc arc : graph.arcs(order[i])) {
        if ((moved_[arc.to()] & kBackwards) == 0) continue;
        const std::uint32_t* from = row(reaches_, arc.to());
        result_.steps += width;
        for (std::uint32_t j = 0; j < width; ++j) {
          changed |= from[j] < to[j];
          to[j] = std::min(to[j], from[j]);
        }
      }
      if (changed) moved_[order[i]] |= kBackwards, fresh_[order[i]] |= kBackwards;
    }
  }

  /// True if something followed.
  bool infer() {
    found_.clear();
    for (const RegisterRead& read : registers_.reads()) {
      if (read.again) continue;
      if (read.writer == kNoNode) continue;  // what read the beginning stands before all writers already
      if ((fresh_[read.reader] & kForwards) != 0) infer_before(read);
      if ((fresh_[read.writer] & kBackwards) != 0) infer_after(read);
    }
    std::fill(fresh_.begin(), fresh_.end(), std::uint8_t{0});
    const auto name = [](const InferredEdge& edge) { return std::tie(edge.from, edge.to, edge.relation); };
    std::stable_sort(found_.begin(), found_.end(),
                     [&](const InferredEdge& a, const InferredEdge& b) { return name(a) < name(b); });
    const auto end = std::unique(found_.begin(), found_.end(),
                                 [&](const InferredEdge& a, const InferredEdge& b) { return name(a) == name(b); });
    found_.erase(end, found_.end());
    for (const InferredEdge& edge : found_) {
      edges_.add(edge.from, edge.to, edge.relation);
      registers_.add_inferred(edge);
    }
    return !found_.empty();
  }

  /// Writers that reach the reader stand before the one that it read from. The last of each chain is enough.
  void infer_before(const RegisterRead& read) {
    const std::uint32_t* clock = row(reached_by_, read.reader);
    const std::uint32_t* known = row(reached_by_, read.writer);
    const Writers& all = writers_[read.key];
    result_.steps += all.groups.size();
    for (const Group& group : all.groups) {
      const std::uint32_t reached = clock[group.chain];
      if (reached < all.places[group.first].place || known[group.chain] >= reached) continue;
      std::size_t after = first_behind(all, group, reached);
      if (after > group.first && all.places[after - 1].transaction == read.reader) --after;
      if (after == group.first) continue;
      const Place& last = all.places[after - 1];
      if (last.transaction == read.writer || known[group.chain] >= last.place) continue;
      found_.push_back({last.transaction, read.writer, Relation::kWw, read.key, read.value, read.reader});
    }
  }

  /// Writers that the version reaches stand after those that read it. The first of each chain is enough.
  void infer_after(const RegisterRead& read) {
    const std::uint32_t* clock = row(reaches_, read.writer);
    const std::uint32_t* known = row(reaches_, read.reader);
    const Writers& all = writers_[read.key];
    result_.steps += all.groups.size();
    for (const Group& group : all.groups) {
      const std::uint32_t reached = clock[group.chain];
      if (reached > all.places[group.end - 1].place || known[group.chain] <= reached) continue;
      std::size_t next = first_behind(all, group, reached - 1);
      while (next < group.end &&
             (all.places[next].transaction == read.reader || all.places[next].transaction == read.writer)) {
        ++next;
      }
      if (next == group.end || known[group.chain] <= all.places[next].place) continue;
      found_.push_back({read.reader, all.places[next].transaction, Relation::kRw, read.key, read.value, read.writer});
    }
  }

  const History& history_;
  const Presence& presence_;
  RegisterVersions& registers_;
  EdgeList& edges_;
  const SaturationOptions& options_;
  Saturated result_;
  Chains chains_;
  std::vector<std::uint32_t> reached_by_;  // of each node and chain: the last place that reaches it; 0: none
  std::vector<std::uint32_t> reaches_;     // the first place that it reaches
  std::vector<std::uint8_t> fresh_;        // what has changed since the last inference: kForwards, kBackwards
  std::vector<std::uint8_t> moved_;        // the same since this round began
  std::vector<Writers> writers_;           // by key
  std::vector<InferredEdge> found_;
};

}  // namespace

Saturated saturate(const History& history, const Presence& presence, RegisterVersions& registers, EdgeList& edges,
                   const SaturationOptions& options) {
  if (options.sessions) return Saturator(history, presence, registers, edges, options).run();
  const bool whole = edges.nodes() <= kWhole && closure_bytes(edges.nodes()) <= options.memory_budget;
  return saturate_by_closure(history, registers, edges, options, whole ? edges.nodes() : kWindow);
}

}  // namespace tidemark::checkers::graph
