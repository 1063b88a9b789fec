#include "checkers/graph/serial_order.h"

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <tuple>

#include "checkers/graph/clauses.h"
#include "checkers/graph/greedy_order.h"
#include "checkers/graph/moving_order.h"
#include "checkers/graph/version_line.h"

namespace tidemark::checkers::graph {
namespace {

// How far the records stand from a serial order is not known; mostly it is not far. kNoNode: they say nothing.
constexpr std::array<Node, 3> kPatience{50, 250, kNoNode};
constexpr std::uint64_t kFirstSteps = 20'000'000;  // of an attempt
constexpr std::uint64_t kStepsOfALook = 100;       // edges that could be looked at while one pair is

class OrderFinder {
 public:
  OrderFinder(const History& history, const Presence& presence, RegisterVersions& registers, EdgeList& edges,
              const CsrGraph& graph, const std::vector<Node>& guess, std::uint64_t step_budget)
      : presence_(presence),
        registers_(registers),
        edges_(edges),
        step_budget_(step_budget),
        order_(graph, guess),
        line_(history.keys(), registers, order_) {}

  OrderFound run() {
    Version version = 0;
    Version next = 0;
    while (!ended_) {
      const ClauseId conflict = propagate();
      if (ended_) break;
      if (conflict != kNoClause) {
        resolve(conflict);
      } else if (steps() > step_budget_) {
        give_up();
      } else if (line_.find_overwritten(version, next)) {
        choose(version, next);
      } else {
        tell_order();
      }
    }
    result_.steps = steps();
    return std::move(result_);
  }

 private:
  /// A decision: the true literal says that `one` stands before `other`.
  struct Pair {
    Version one = kNoVersion;
    Version other = kNoVersion;
    bool follows = false;  // from edges alone: its own edges are known then
  };

  std::uint64_t steps() const {
    return order_.steps() + line_.steps() + clauses_.steps() + kStepsOfALook * (looks_ + result_.conflicts);
  }

  void end(OrderFound::End end) {
    ended_ = true;
    result_.end = end;
  }

  void give_up() {
    const VersionLine::Count count = line_.count();
    result_.contradicted = count.overwritten;
    result_.read = count.read;
    end(OrderFound::End::kBudget);
  }

  void tell_order() {
    for (const Node node : order_.nodes()) {
      if (node < edges_.transactions() && presence_.present(node)) result_.order.push_back(node);
    }
    end(OrderFound::End::kFound);
  }

  /// "`first` stands before `second`", two versions of a key.
  Literal literal(Version first, Version second) {
    const std::uint64_t name = std::uint64_t{std::min(first, second)} << 32 | std::max(first, second);
    const auto [found, fresh] = variables_.try_emplace(name, 0);
    if (fresh) {
      found->second = clauses_.new_variable();
      pairs_.resize(found->second / 2 + 1);
      pairs_[found->second / 2] = {std::min(first, second), std::max(first, second), false};
    }
    return first < second ? found->second : negation(found->second);
  }

  Version before(Literal literal) const {
    const Pair& pair = pairs_[literal >> 1];
    return (literal & 1) == 0 ? pair.one : pair.other;
  }

  void back_to(std::uint32_t level) {
    const std::size_t left = clauses_.back_to(level);
    if (edges_before_.size() <= left) return;
    order_.remove_down_to(edges_before_[left]);
    edges_before_.resize(left);
  }

  /// Clauses first, they are cheap; then the edges of what was assigned.
  ClauseId propagate() {
    for (;;) {
      const ClauseId conflict = clauses_.propagate();
      if (conflict != kNoClause) return conflict;
      if (edges_before_.size() == clauses_.trail().size()) return kNoClause;
      const Literal next = clauses_.trail()[edges_before_.size()];
      edges_before_.push_back(order_.edges_added());
      const bool fits = add_edges(next);
      line_.follow(order_.moved());
      if (!fits) return blame(next);
    }
  }

  /// Readers of the first version stand before the writer of the second. False: that closes a cycle.
  bool add_edges(Literal literal) {
    const Version first = before(literal);
    const Version second = before(negation(literal));
    const Literal why = pairs_[literal >> 1].follows ? kKnown : literal;
    const Node from = line_.writer(first);
    const Node to = line_.writer(second);
    bool direct = true;
    for (const Node reader : line_.readers(first)) {
      if (reader != to && !order_.add(reader, to, why)) return false;
      direct = direct && reader == to;
    }
    return !direct || order_.add(from, to, why);
  }

  /// The edges of `literal` close a cycle over path(): the clause that forbids it.
  ClauseId blame(Literal literal) {
    if (clauses_.level_of(literal) == 0 && pairs_[literal >> 1].follows && order_.path().empty()) {
      end(OrderFound::End::kCycle);
      return kNoClause;
    }
    std::vector<Literal> reasons;
    if (!pairs_[literal >> 1].follows) reasons.push_back(negation(literal));
    for (const Literal other : order_.path()) {
      if (other != literal) reasons.push_back(negation(other));
    }
    return add_cycle(std::move(reasons));
  }

  ClauseId add_cycle(std::vector<Literal> literals) {
    const ClauseId id = clauses_.add(std::move(literals), {});
    cycle_nodes_.resize(id + 1);
    cycle_nodes_[id] = order_.path_nodes();
    return id;
  }

  void resolve(ClauseId conflict) {
    ++result_.conflicts;
    const ClauseId learned = clauses_.learn(conflict);
    if (learned == kNoClause) return prove(conflict);
    back_to(clauses_.bearing_level(learned));
    clauses_.assign(clauses_.clause(learned)[0], learned);
  }

  /// `next` overwrites `version` too early: either its readers stand before `next`, or `next` stands before `version`.
  void choose(Version version, Version next) {
    ++looks_;
    const std::span<const Node> readers = line_.readers(version);
    targets_.assign(readers.begin(), readers.end());
    if (order_.reaches(line_.writer(next), targets_)) return force(next, version);
    targets_.assign(1, line_.writer(next));
    targets_.insert(targets_.end(), line_.readers(next).begin(), line_.readers(next).end());
    if (order_.reaches(line_.writer(version), targets_)) return force(version, next);
    clauses_.decide(cheaper(version, next));
  }

  /// The way in which less has to move.
  Literal cheaper(Version version, Version next) {
    std::uint32_t last_reader = 0;
    std::uint32_t last_of_next = order_.place(line_.writer(next));
    for (const Node reader : line_.readers(version)) last_reader = std::max(last_reader, order_.place(reader));
    for (const Node reader : line_.readers(next)) last_of_next = std::max(last_of_next, order_.place(reader));
    const std::uint32_t forwards = last_reader - order_.place(line_.writer(next));
    const std::uint32_t backwards = last_of_next - order_.place(line_.writer(version));
    return forwards <= backwards ? literal(version, next) : literal(next, version);
  }

  /// `first` stands before `second`: the other way would close a cycle over path().
  void force(Version first, Version second) {
    const Literal forced = literal(first, second);
    if (order_.path().empty()) {
      add_inferred(first, second);
      pairs_[forced >> 1].follows = true;
      clauses_.assign_for_good(forced);
      return;
    }
    std::vector<Literal> clause{forced};
    std::uint32_t level = 0;
    for (const Literal other : order_.path()) {
      clause.push_back(negation(other));
      level = std::max(level, clauses_.level_of(other));
    }
    back_to(level);
    const ClauseId reason = add_cycle(std::move(clause));
    clauses_.assign(forced, reason);
  }

  /// The first version reaches the second, or what read the second (the end of path()), by edges that follow.
  void add_inferred(Version first, Version second) {
    const Node from = line_.writer(first);
    const Node to = line_.writer(second);
    const std::uint32_t key = line_.key(first);
    if (order_.path_end() != to) {
      infer({from, to, Relation::kWw, key, registers_.written(to, key), order_.path_end()});
    }
    const std::span<const Node> readers = line_.readers(first);
    if (readers.empty()) return;
    const Value value = registers_.written(from, key);
    for (const Node reader : readers) {
      if (reader != to) infer({reader, to, Relation::kRw, key, value, from});
    }
  }

  void infer(const InferredEdge& edge) {
    edges_.add(edge.from, edge.to, edge.relation);
    registers_.add_inferred(edge);
  }

  void prove(ClauseId conflict) {
    end(OrderFound::End::kNone);
    for (const ClauseId root : clauses_.roots(conflict)) {
      for (const Literal literal : clauses_.clause(root)) {
        const Pair& pair = pairs_[literal >> 1];
        result_.pairs.push_back({line_.writer(pair.one), line_.writer(pair.other), line_.key(pair.one)});
      }
      result_.transactions.insert(result_.transactions.end(), cycle_nodes_[root].begin(), cycle_nodes_[root].end());
    }
    std::vector<Node>& all = result_.transactions;
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    std::erase_if(all, [this](Node node) { return node >= edges_.transactions(); });
    const auto name = [](const OrderFound::Pair& pair) { return std::tie(pair.one, pair.other, pair.key); };
    std::sort(result_.pairs.begin(), result_.pairs.end(),
              [&](const auto& a, const auto& b) { return name(a) < name(b); });
    const auto last = std::unique(result_.pairs.begin(), result_.pairs.end(),
                                  [&](const auto& a, const auto& b) { return name(a) == name(b); });
    result_.pairs.erase(last, result_.pairs.end());
  }

  const Presence& presence_;
  RegisterVersions& registers_;
  EdgeList& edges_;
  const std::uint64_t step_budget_;
  MovingOrder order_;
  VersionLine line_;
  Clauses clauses_;
  boost::unordered_flat_map<std::uint64_t, Literal> variables_;  // by two versions
  std::vector<Pair> pairs_{1};                                   // by variable
  std::vector<std::size_t> edges_before_;       // by place on the trail: edges that came before its own
  std::vector<std::vector<Node>> cycle_nodes_;  // by clause: of the cycle that it forbids
  std::vector<Node> targets_;
  std::uint64_t looks_ = 0;
  OrderFound result_;
  bool ended_ = false;
};

}  // namespace

OrderFound find_serial_order(const History& history, const Presence& presence, RegisterVersions& registers,
                             EdgeList& edges, std::uint64_t step_budget) {
  OrderFound found;
  const CsrGraph first_graph(edges);
  const RegisterAccesses accesses(history, registers);
  GreedyOrder patient = greedy_order(history, presence, accesses, first_graph, kNoNode);
  if (patient.forced == 0) {
    found.end = OrderFound::End::kFound;
    found.order = std::move(patient.nodes);
    std::erase_if(found.order, [&](Node node) { return first_graph.is_helper(node) || !presence.present(node); });
    return found;
  }
  std::uint64_t left = step_budget;
  for (std::uint64_t attempt = 0; found.end == OrderFound::End::kBudget && left > 0; ++attempt) {
    // What an attempt finds to follow stays known.
    const CsrGraph graph(edges);
    const Node patience = kPatience[attempt % kPatience.size()];
    const GreedyOrder guess = greedy_order(history, presence, accesses, graph, patience);
    const std::uint64_t most = std::min(left, (kFirstSteps + 20 * edges.size()) << (attempt / kPatience.size()));
    found = OrderFinder(history, presence, registers, edges, graph, guess.nodes, most).run();
    left -= std::min(left, std::max(found.steps, edges.size()));
  }
  registers.sort_inferred();
  found.steps = step_budget - left;
  return found;
}

}  // namespace tidemark::checkers::graph
