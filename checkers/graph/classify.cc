#include "checkers/graph/classify.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "base/assert.h"

namespace tidemark::checkers::graph {
namespace {

constexpr Mask kData = bit(Relation::kWw) | bit(Relation::kWr) | bit(Relation::kRw);
constexpr Mask kRwOnly = bit(Relation::kRw);
constexpr std::size_t kMoreTries = 64;  // for a smaller cycle, once there is one

/// An arc that a cycle may begin with. Of every cycle at least one arc leads back in any order of the nodes, so only
/// such arcs are tried; those that lead back the least come first, as their cycles tend to be short.
struct Start {
  std::uint32_t span;
  Node from;
  Arc arc;
};

/// Finds a small cycle in a graph that the caller knows to have one.
class SmallCycle {
 public:
  SmallCycle(const CsrGraph& graph, std::uint64_t step_budget) : graph_(graph), search_(graph), budget_(step_budget) {}

  /// Arcs in `first` begin the cycle, arcs in `rest` go on. `places`: an order of the nodes. `pruned`: arcs in `rest`
  /// lead forwards in it, and there may be no such cycle; otherwise one is found whatever the budget.
  Cycle find(Mask first, Mask rest, const std::vector<std::uint32_t>& places, bool pruned) {
    std::vector<Start> starts;
    for (Node from = 0; from < graph_.transactions(); ++from) {
      for (const Arc arc : graph_.arcs(from)) {
        if (!arc.in(first)) continue;
        const bool helper = graph_.is_helper(arc.to());
        if (!helper && places[arc.to()] > places[from]) continue;
        starts.push_back({helper ? 0 : places[from] - places[arc.to()], from, arc});
      }
    }
    std::stable_sort(starts.begin(), starts.end(), [](const Start& a, const Start& b) { return a.span < b.span; });
    Cycle best;
    std::size_t tries = 0;
    for (const Start& start : starts) {
      const bool enough = pruned || !best.empty();
      if ((enough && search_.steps() > budget_) || tries > kMoreTries || best.size() == 2) break;
      CycleScope scope;
      scope.mask = rest;
      if (pruned) scope.place = &places, scope.last_place = places[start.from];
      if (!best.empty()) scope.most = best.size() - 1, ++tries;
      Cycle cycle = search_.through(start.from, start.arc, scope);
      if (!cycle.empty()) best = std::move(cycle);
    }
    return best;
  }

  std::uint64_t steps() const { return search_.steps(); }

 private:
  const CsrGraph& graph_;
  CycleSearch search_;
  std::uint64_t budget_;
};

std::vector<std::uint32_t> own_numbers(const CsrGraph& graph) {
  std::vector<std::uint32_t> places(graph.nodes());
  for (Node node = 0; node < graph.nodes(); ++node) places[node] = node;
  return places;
}

std::vector<std::uint32_t> places_of(const CsrGraph& graph, Mask mask) {
  const std::vector<Node> order = topological_order(graph, mask);
  TIDEMARK_ASSERT(!order.empty(), "cycles without rw were looked for before");
  std::vector<std::uint32_t> places(graph.nodes());
  for (std::uint32_t i = 0; i < order.size(); ++i) places[order[i]] = i;
  return places;
}

/// Each node twice: reached by an rw edge (odd) or otherwise (even). No rw edge leaves an odd transaction, so the
/// cycles here are the cycles without two rw edges next to each other.
CsrGraph rw_apart(const CsrGraph& graph, Mask mask) {
  EdgeList list(graph.transactions() * 2);
  for (Node i = graph.transactions() * 2; i < graph.nodes() * 2; ++i) list.add_helper();
  for (Node from = 0; from < graph.nodes(); ++from) {
    for (const Arc arc : graph.arcs(from)) {
      if (!arc.in(mask)) continue;
      const Node rw = arc.relation() == Relation::kRw ? 1 : 0;
      list.add(from * 2, arc.to() * 2 + rw, arc.relation());
      if (graph.is_helper(from) || rw == 0) list.add(from * 2 + 1, arc.to() * 2 + rw, arc.relation());
    }
  }
  return CsrGraph(list);
}

/// A closed walk of rw_apart() visits a transaction at most twice. Cut at such a place it falls into two, one of which
/// has no rw edges next to each other either.
Cycle without_repeats(const Cycle& walk) {
  Cycle kept;
  std::map<Node, std::size_t> places;  // in `kept`, of the hops from each transaction
  for (const Hop& hop : walk) {
    if (const auto met = places.find(hop.from); met != places.end()) {
      const std::size_t first = met->second;
      Cycle inner(kept.begin() + static_cast<std::ptrdiff_t>(first), kept.end());
      const bool rw_meet = inner.front().relation == Relation::kRw && inner.back().relation == Relation::kRw;
      if (!rw_meet && inner.size() > 1) return inner;
      for (const Hop& left_out : inner) places.erase(left_out.from);
      kept.resize(first);
    }
    places[hop.from] = kept.size();
    kept.push_back(hop);
  }
  return kept;
}

/// One strongly connected component.
class Knot {
 public:
  Knot(const CsrGraph& graph, const ClassifyOptions& options, std::uint64_t budget)
      : graph_(graph), options_(options), budget_(budget), scratch_(graph.nodes(), 0) {}

  std::optional<FoundCycle> most_basic() {
    for (const Mask stage : {bit(Relation::kWw), static_cast<Mask>(bit(Relation::kWw) | bit(Relation::kWr))}) {
      for (const Relation order : orders()) {
        const std::vector<Component> found = components(graph_, with(stage, order));
        if (found.empty()) continue;
        const CycleClass cls = stage == bit(Relation::kWw) ? CycleClass::kG0 : CycleClass::kG1c;
        return told(cls, order, smallest_in(found[0], with(stage, order)));
      }
    }
    if (options_.forbidden == Forbidden::kNoRw) return std::nullopt;
    for (const Relation order : orders()) {
      if (auto found = with_rw(order)) return found;
    }
    return std::nullopt;
  }

  std::uint64_t steps() const { return steps_; }

 private:
  /// kWw stands for no order.
  std::vector<Relation> orders() const {
    std::vector<Relation> result{Relation::kWw};
    if (options_.mask & bit(Relation::kSo)) result.push_back(Relation::kSo);
    if (options_.mask & bit(Relation::kRt)) result.push_back(Relation::kRt);
    return result;
  }

  Mask with(Mask data, Relation order) const {
    Mask mask = data;
    if (order != Relation::kWw) mask |= bit(Relation::kSo);
    if (order == Relation::kRt) mask |= bit(Relation::kRt);
    return mask & options_.mask;
  }

  std::optional<FoundCycle> with_rw(Relation order) {
    const std::vector<Component> found = components(graph_, with(kData, order));
    std::optional<FoundCycle> best;
    for (const Component& members : found) {
      const Subgraph part = part_of(graph_, members, with(kData, order), scratch_);
      std::optional<FoundCycle> cycle = with_rw(part, order);
      if (cycle && (!best || cycle->cls < best->cls)) best = std::move(cycle);
      if (best && (best->cls == CycleClass::kGSingle || steps_ > budget_)) break;
    }
    return best;
  }

  std::optional<FoundCycle> with_rw(const Subgraph& part, Relation order) {
    const Mask mask = with(kData, order);
    const auto rest = static_cast<Mask>(mask & ~kRwOnly);
    const std::vector<std::uint32_t> places = places_of(part.graph, rest);
    SmallCycle small(part.graph, budget_);
    Cycle cycle = small.find(kRwOnly, rest, places, true);
    steps_ += small.steps();
    if (!cycle.empty()) return told(CycleClass::kGSingle, order, renamed(std::move(cycle), part));
    cycle = apart(part, mask);
    if (!cycle.empty()) {
      const CycleClass cls = class_of(cycle);
      return told(cls, order, renamed(std::move(cycle), part));
    }
    if (options_.forbidden == Forbidden::kRwApart) return std::nullopt;
    SmallCycle any(part.graph, budget_);
    cycle = any.find(kRwOnly, mask, places, false);
    steps_ += any.steps();
    return told(CycleClass::kG2Item, order, renamed(std::move(cycle), part));
  }

  Cycle apart(const Subgraph& part, Mask mask) {
    const CsrGraph doubled = rw_apart(part.graph, mask);
    const std::vector<Component> found = components(doubled, mask);
    if (found.empty()) return {};
    std::vector<Node> scratch(doubled.nodes(), 0);
    const Subgraph knot = part_of(doubled, found[0], mask, scratch);
    SmallCycle small(knot.graph, budget_);
    Cycle cycle = renamed(small.find(kRwOnly, mask, own_numbers(knot.graph), false), knot);
    if (cycle.empty()) cycle = renamed(small.find(mask, mask, own_numbers(knot.graph), false), knot);
    steps_ += small.steps();
    for (Hop& hop : cycle) hop = {hop.from / 2, hop.to / 2, hop.relation};
    return without_repeats(cycle);
  }

  Cycle smallest_in(const Component& members, Mask mask) {
    const Subgraph part = part_of(graph_, members, mask, scratch_);
    SmallCycle small(part.graph, budget_);
    Cycle cycle = small.find(mask, mask, own_numbers(part.graph), false);
    steps_ += small.steps();
    return renamed(std::move(cycle), part);
  }

  static Cycle renamed(Cycle cycle, const Subgraph& part) {
    for (Hop& hop : cycle) hop = {part.names[hop.from], part.names[hop.to], hop.relation};
    return cycle;
  }

  static CycleClass class_of(const Cycle& cycle) {
    const auto rw =
        std::count_if(cycle.begin(), cycle.end(), [](const Hop& hop) { return hop.relation == Relation::kRw; });
    return rw <= 1 ? CycleClass::kGSingle : CycleClass::kGNonadjacent;
  }

  static FoundCycle told(CycleClass cls, Relation order, Cycle cycle) {
    TIDEMARK_ASSERT(!cycle.empty(), "a strongly connected graph has a cycle through an arc that leads back");
    // It begins with its smallest transaction.
    const auto first =
        std::min_element(cycle.begin(), cycle.end(), [](const Hop& a, const Hop& b) { return a.from < b.from; });
    std::rotate(cycle.begin(), first, cycle.end());
    return {cls, order, std::move(cycle)};
  }

  const CsrGraph& graph_;
  const ClassifyOptions& options_;
  std::uint64_t budget_;
  std::uint64_t steps_ = 0;
  std::vector<Node> scratch_;
};

}  // namespace

std::string FoundCycle::name() const {
  static constexpr std::array<const char*, 5> kNames{"G0", "G1c", "G-single", "G-nonadjacent", "G2-item"};
  std::string result = kNames[static_cast<std::size_t>(cls)];
  if (order == Relation::kSo) result += "-process";
  if (order == Relation::kRt) result += "-realtime";
  return result;
}

Classified classify(const CsrGraph& graph, const ClassifyOptions& options) {
  Classified result;
  const Mask mask = options.forbidden == Forbidden::kNoRw ? static_cast<Mask>(options.mask & ~kRwOnly) : options.mask;
  const std::vector<Component> knots = components(graph, mask);
  if (knots.empty()) return result;
  std::vector<Node> scratch(graph.nodes(), 0);
  for (const Component& members : knots) {
    const Subgraph part = part_of(graph, members, mask, scratch);
    const std::uint64_t left = options.step_budget - std::min(options.step_budget, result.steps);
    Knot knot(part.graph, options, left);
    std::optional<FoundCycle> found = knot.most_basic();
    result.steps += knot.steps();
    if (!found) continue;
    for (Hop& hop : found->cycle) hop = {part.names[hop.from], part.names[hop.to], hop.relation};
    result.acyclic = false;
    result.cycles.push_back(std::move(*found));
    if (result.cycles.size() >= options.most_cycles && result.steps > options.step_budget) break;
  }
  std::stable_sort(result.cycles.begin(), result.cycles.end(), [](const FoundCycle& a, const FoundCycle& b) {
    return a.cls != b.cls ? a.cls < b.cls : a.cycle.size() < b.cycle.size();
  });
  if (result.cycles.size() > options.most_cycles) result.cycles.resize(options.most_cycles);
  return result;
}

}  // namespace tidemark::checkers::graph
