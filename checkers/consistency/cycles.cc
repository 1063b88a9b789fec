// Finding and naming cycles of the dependency graph (Tarjan without recursion, breadth-first search for short cycles).
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/assert.h"
#include "checkers/consistency/dependency_graph.h"

namespace tidemark::checkers {
namespace {

constexpr std::size_t kMaxStarts = 64;  // nodes from which short cycles are searched
constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

using Cycle = std::vector<std::pair<std::uint32_t, Edge>>;  // (source, edge), each edge leads to the next source

std::string name_of(const Cycle& cycle) {
  bool so = false, wr = false, adjacent = false;
  std::size_t rw = 0;
  for (std::size_t i = 0; i < cycle.size(); ++i) {
    const EdgeKind kind = cycle[i].second.kind;
    so = so || kind == kSo;
    wr = wr || kind == kWr;
    rw += kind == kRw ? 1 : 0;
    adjacent = adjacent || (kind == kRw && cycle[(i + 1) % cycle.size()].second.kind == kRw);
  }
  std::string name = rw == 0    ? (wr || so ? "G1c" : "G0")
                     : rw == 1  ? "G-single"
                     : adjacent ? "G2-item"
                                : "G-nonadjacent";
  if (rw == 0 && !wr) name = "G0";
  return so ? name + "-process" : name;
}

}  // namespace

std::vector<std::uint32_t> DependencyGraph::components(std::uint8_t mask) const {
  const auto count = static_cast<std::uint32_t>(edges_.size());
  std::vector<std::uint32_t> order(count, 0), low(count, 0), component(count, 0), stack;
  std::vector<bool> on_stack(count, false);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> work;  // node, next edge
  std::uint32_t clock = 0, components = 0;
  for (std::uint32_t root = 0; root < count; ++root) {
    if (order[root] != 0) continue;
    work.push_back({root, 0});
    while (!work.empty()) {
      const std::uint32_t node = work.back().first;
      if (work.back().second == 0 && order[node] == 0) {
        order[node] = low[node] = ++clock;
        stack.push_back(node);
        on_stack[node] = true;
      }
      bool descended = false;
      while (work.back().second < edges_[node].size()) {
        const Edge& edge = edges_[node][work.back().second++];
        if ((edge.kind & mask) == 0) continue;
        if (order[edge.to] == 0) {
          work.push_back({edge.to, 0});
          descended = true;
          break;
        }
        if (on_stack[edge.to]) low[node] = std::min(low[node], order[edge.to]);
      }
      if (descended) continue;
      work.pop_back();
      if (!work.empty()) low[work.back().first] = std::min(low[work.back().first], low[node]);
      if (low[node] != order[node]) continue;
      std::size_t size = 0;
      while (stack[stack.size() - 1 - size] != node) ++size;
      if (size > 0) ++components;
      for (std::size_t i = 0; i <= size; ++i) {
        on_stack[stack.back()] = false;
        component[stack.back()] = size > 0 ? components : 0;
        stack.pop_back();
      }
    }
  }
  return component;
}

Cycle DependencyGraph::path(std::uint32_t from, std::uint32_t to, std::uint8_t mask,
                            const std::vector<std::uint32_t>& component, std::size_t limit) const {
  std::vector<std::pair<std::uint32_t, const Edge*>> came(edges_.size(), {kNone, nullptr});
  std::vector<std::uint32_t> layer{from};
  for (std::size_t steps = 0; steps < limit && !layer.empty(); ++steps) {
    std::vector<std::uint32_t> next;
    for (const std::uint32_t node : layer) {
      for (const Edge& edge : edges_[node]) {
        if ((edge.kind & mask) == 0 || component[edge.to] != component[from] || came[edge.to].second != nullptr)
          continue;
        came[edge.to] = {node, &edge};
        if (edge.to != to) {
          next.push_back(edge.to);
          continue;
        }
        Cycle result;
        std::uint32_t at = to;
        do {
          const auto [source, by] = came[at];
          result.push_back({source, *by});
          at = source;
        } while (at != from);
        std::reverse(result.begin(), result.end());
        return result;
      }
    }
    layer.swap(next);
  }
  return {};
}

Cycle DependencyGraph::smallest_cycle(std::uint8_t mask, const std::vector<std::uint32_t>& component) const {
  Cycle best;
  const auto limit = [&] { return best.empty() ? edges_.size() : best.size() - 1; };
  std::size_t starts = 0;
  // First with a single rw edge: a sharper finding than a cycle of the same nodes with more of them.
  for (std::uint32_t node = 0; node < edges_.size() && starts < kMaxStarts && (mask & kRw) != 0; ++node) {
    if (component[node] == 0) continue;
    for (const Edge& edge : edges_[node]) {
      if (edge.kind != kRw || component[edge.to] != component[node] || starts >= kMaxStarts) continue;
      ++starts;
      Cycle rest = path(edge.to, node, static_cast<std::uint8_t>(mask & ~kRw), component, limit());
      if (rest.empty()) continue;
      rest.insert(rest.begin(), {node, edge});
      if (best.empty() || rest.size() < best.size()) best = std::move(rest);
    }
  }
  if (!best.empty()) return best;
  starts = 0;
  for (std::uint32_t node = 0; node < transactions_ && starts < kMaxStarts; ++node) {
    if (component[node] == 0) continue;
    ++starts;
    Cycle found = path(node, node, mask, component, limit());
    if (!found.empty()) best = std::move(found);
  }
  return best;
}

std::string DependencyGraph::cycle() const {
  for (const std::uint8_t mask : {kWw + 0, kWw | kSo, kWw | kWr, kWw | kWr | kSo, kWw | kWr | kRw, kAllEdges + 0}) {
    const auto component = components(mask);
    if (std::all_of(component.begin(), component.end(), [](std::uint32_t c) { return c == 0; })) continue;
    const Cycle cycle = smallest_cycle(mask, component);
    TIDEMARK_ASSERT(!cycle.empty());
    return explain(cycle);
  }
  return "";
}

std::string DependencyGraph::explain(const Cycle& found) const {
  Cycle cycle;  // without helpers: the two edges through a helper become one
  std::size_t start = 0;
  while (found[start].first >= transactions_) ++start;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto& step = found[(start + i) % found.size()];
    if (step.first < transactions_) {
      cycle.push_back(step);
    } else {
      cycle.back().second.to = step.second.to;
      cycle.back().second.after = step.second.after;
    }
  }
  std::string text = name_of(cycle) + ": let ";
  for (std::size_t i = 0; i < cycle.size(); ++i) {
    const Transaction& t = batch_.transactions()[cycle[i].first];
    text += fmt::format("{}T{} = operation {} of session {} ({} to {}: {})", i == 0 ? "" : ", ", i + 1, t.index,
                        t.session, show_time(t.invoke_ns), show_time(t.complete_ns), batch_.show(t));
  }
  text += ". Then ";
  for (std::size_t i = 0; i < cycle.size(); ++i) {
    const auto target = static_cast<std::uint32_t>((i + 1) % cycle.size());
    text += i == 0 ? "" : i + 1 == cycle.size() ? "; however, " : "; ";
    text += fmt::format("T{} comes before T{} because {}", i + 1, target + 1,
                        reason(static_cast<std::uint32_t>(i), cycle[i].second, target));
  }
  return text + ": a contradiction.";
}

std::string DependencyGraph::reason(std::uint32_t from, const Edge& edge, std::uint32_t to) const {
  const bool registers = batch_.model() == ModelOf::kRegisters;
  const bool orders = batch_.model() == ModelOf::kOrders;
  const auto version = [&](std::int64_t element) {
    return registers ? fmt::format("{} = {}", edge.key, element)
           : orders  ? std::string("a row")
                     : fmt::format("{} in list {}", element, edge.key);
  };
  switch (edge.kind) {
    case kSo:
      return fmt::format("T{} ended before T{} began in the same session", from + 1, to + 1);
    case kWw:
      return fmt::format("T{} wrote {} and T{} wrote {} after it", from + 1, version(edge.before), to + 1,
                         version(edge.after));
    case kWr:
      return fmt::format("T{} read {}, which T{} wrote", to + 1, version(edge.after), from + 1);
    case kRw:
      return fmt::format("T{} did not see {}, which T{} wrote", from + 1, version(edge.after), to + 1);
  }
  return "";
}

}  // namespace tidemark::checkers
