#include "checkers/graph/transactional.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "checkers/graph/classify.h"
#include "checkers/graph/inference.h"
#include "checkers/graph/order_edges.h"
#include "checkers/graph/saturation.h"
#include "checkers/graph/serial_order.h"
#include "checkers/graph/snapshot_order.h"

namespace tidemark::checkers::graph {
namespace {

constexpr std::uint64_t kStepsOfAClock = 200;  // are about as much work as one step of a search
constexpr std::uint64_t kEdgesOfAStep = 8;     // likewise
// Beyond the budget of a search: about two pass where it goes well.
constexpr std::uint64_t kStepsOfAnEdge = 3;
constexpr std::size_t kLarge = 1'000;           // transactions
constexpr std::uint64_t kPartOfFirst = 3;       // of the step budget, at most, for the first attempt of a large history
constexpr std::uint64_t kFirstSteps = 250'000;  // of it, without the order of sessions
constexpr std::size_t kMostPairsNamed = 6;

class TransactionalJudge {
 public:
  TransactionalJudge(const History& history, const TransactionalModel& model, const JudgeOptions& options)
      : inference_(history, options.most_anomalies),
        model_(model),
        options_(options),
        edges_(static_cast<Node>(history.transactions().size())) {}

  KnownEdges known_edges() const {
    KnownEdges known;
    for (const EdgeList::Edge& edge : edges_.edges()) {
      const bool helpers = edge.from >= edges_.transactions() || edge.arc.to() >= edges_.transactions();
      if (!helpers && edge.arc.relation() != Relation::kSo) known.emplace_back(edge.from, edge.arc.to());
    }
    return known;
  }

  Judgement run() {
    judgement_.observations = inference_.presence.count();
    if (model_.isolation != Isolation::kReadCommitted) inference_.registers.forget_repeats();
    inference_.add_data_edges(edges_);
    if (model_.sessions) add_session_edges(history(), inference_.presence, edges_);
    if (model_.real_time) add_real_time_edges(history(), inference_.presence, edges_);
    const bool open = inference_.registers.any() && !inference_.columns->complete();
    if (open && model_.isolation == Isolation::kSerializable) decide_registers();
    graph_ = CsrGraph(edges_);
    look_for_cycles();
    std::vector<Anomaly> direct = inference_.findings.anomalies([this](Direct kind) { return counts(kind); });
    judgement_.anomalies.insert(judgement_.anomalies.begin(), direct.begin(), direct.end());
    if (judgement_.anomalies.size() > options_.most_anomalies) judgement_.anomalies.resize(options_.most_anomalies);
    if (!judgement_.anomalies.empty()) {
      judgement_.validity = Validity::kInvalid;
    } else {
      prove();
    }
    return std::move(judgement_);
  }

 private:
  const History& history() const { return inference_.history; }

  Mask mask() const {
    Mask mask = bit(Relation::kWw) | bit(Relation::kWr) | bit(Relation::kRw);
    if (model_.sessions) mask |= bit(Relation::kSo);
    if (model_.real_time) mask |= bit(Relation::kRt);
    return mask;
  }

  bool counts(Direct direct) const {
    if (model_.isolation != Isolation::kReadCommitted) return true;
    return direct != Direct::kNotRepeatable && direct != Direct::kLostUpdate && direct != Direct::kLongFork;
  }

  /// Of large histories, the order is looked for first: mostly it is found before all that follows is.
  void decide_registers() {
    if (has_free_order() && history().transactions().size() > kLarge &&
        topological_order(CsrGraph(edges_), mask()).size() == edges_.nodes() && inference_.findings.reason().empty()) {
      allowance_ = kStepsOfAnEdge * edges_.size();
      const std::uint64_t most = options_.step_budget / kPartOfFirst;
      find_order((model_.sessions ? most : std::min(kFirstSteps, most)) + allowance_);
      if (found_.end == OrderFound::End::kFound) return;
    }
    saturate_registers();
  }

  void saturate_registers() {
    SaturationOptions saturation;
    saturation.sessions = model_.sessions;
    saturation.step_budget = options_.step_budget * kStepsOfAClock / 4;
    saturation.memory_budget = options_.memory_budget;
    judgement_.steps +=
        saturate(history(), inference_.presence, inference_.registers, edges_, saturation).steps / kStepsOfAClock;
  }

  /// Cycles without inferred ww edges tell more directly what happened, and mostly there are such.
  void look_for_cycles() {
    if (!inference_.registers.any_inferred() || inference_.columns->complete()) return add_cycles(graph_);
    EdgeList plain(edges_.transactions());
    while (plain.nodes() < edges_.nodes()) plain.add_helper();
    for (const EdgeList::Edge& edge : edges_.edges()) {
      const bool ww = edge.arc.relation() == Relation::kWw;
      if (!ww || inference_.registers.inferred(edge.from, edge.arc.to(), Relation::kWw) == nullptr) {
        plain.add(edge.from, edge.arc.to(), edge.arc.relation());
      }
    }
    add_cycles(CsrGraph(plain));
    if (judgement_.anomalies.empty()) add_cycles(graph_);
  }

  void add_cycles(const CsrGraph& graph) {
    ClassifyOptions classify_options;
    classify_options.mask = mask();
    classify_options.most_cycles = options_.most_anomalies;
    classify_options.step_budget = options_.step_budget;
    if (model_.isolation == Isolation::kSnapshot) classify_options.forbidden = Forbidden::kRwApart;
    if (model_.isolation == Isolation::kReadCommitted) classify_options.forbidden = Forbidden::kNoRw;
    const Classified classified = classify(graph, classify_options);
    judgement_.steps += classified.steps;
    for (const FoundCycle& found : classified.cycles) judgement_.anomalies.push_back(told(found));
  }

  Anomaly told(const FoundCycle& found) const {
    std::vector<Step> steps;
    for (const Hop& hop : found.cycle) steps.push_back({hop.from, hop.to, hop.relation, 0, Value{}, Value{}});
    return inference_.told(found.name(), steps);
  }

  /// There is no contradiction: is there an order?
  void prove() {
    if (model_.isolation == Isolation::kSerializable) {
      prove_serializable();
    } else if (model_.isolation == Isolation::kSnapshot) {
      prove_snapshot();
    }
    if (inference_.findings.reason().empty()) return;
    judgement_.validity = Validity::kUnknown;
    judgement_.reason = inference_.findings.reason();
    judgement_.order.clear();
  }

  bool has_free_order() const { return inference_.registers.has_free_order() && !inference_.columns->complete(); }

  void prove_serializable() {
    if (has_free_order()) {
      prove_registers();
    } else if (options_.want_order) {
      for (const Node node : topological_order(graph_, mask())) {
        if (!graph_.is_helper(node) && inference_.presence.present(node)) judgement_.order.push_back(node);
      }
    }
    if (!options_.want_order) judgement_.order.clear();
  }

  void find_order(std::uint64_t budget) {
    found_ = find_serial_order(history(), inference_.presence, inference_.registers, edges_, budget * kEdgesOfAStep);
    judgement_.steps += found_.steps / kEdgesOfAStep;
  }

  /// What follows from the reads leaves several orders open.
  void prove_registers() {
    if (!inference_.findings.reason().empty()) return;
    const std::uint64_t budget = options_.step_budget + allowance_;
    if (found_.end == OrderFound::End::kBudget && judgement_.steps < budget) find_order(budget - judgement_.steps);
    switch (found_.end) {
      case OrderFound::End::kFound:
        judgement_.order = std::move(found_.order);
        break;
      case OrderFound::End::kCycle:
        graph_ = CsrGraph(edges_);
        look_for_cycles();
        judgement_.validity = Validity::kInvalid;
        break;
      case OrderFound::End::kNone:
        judgement_.anomalies.push_back(told(found_));
        judgement_.validity = Validity::kInvalid;
        break;
      case OrderFound::End::kBudget:
        judgement_.steps = std::max(judgement_.steps, budget);
        inference_.findings.undecided(
            fmt::format("what follows from the reads leaves several orders open, and none that fits was found in {} "
                        "steps; the last "
                        "one contradicts reads of {} of {} versions",
                        budget, found_.contradicted, found_.read));
    }
  }

  Anomaly told(const OrderFound& found) const {
    Anomaly anomaly{"no-order",
                    found.transactions,
                    {},
                    "whichever of two writers of a key comes first, some read "
                    "contradicts: "};
    const std::size_t named = std::min(found.pairs.size(), kMostPairsNamed);
    for (std::size_t i = 0; i < named; ++i) {
      const OrderFound::Pair& pair = found.pairs[i];
      anomaly.fact += fmt::format("{}{} and {} ({})", i == 0 ? "" : ", ", name_of(history(), pair.one),
                                  name_of(history(), pair.other), history().show_key(pair.key));
    }
    if (found.pairs.size() > named) anomaly.fact += fmt::format(" and {} more pairs", found.pairs.size() - named);
    return anomaly;
  }

  void prove_snapshot() {
    if (!has_free_order()) {
      const std::vector<std::vector<Node>> free = inference_.lists.free_orders(inference_.presence);
      if (free.empty() || find_snapshot_order(graph_, mask(), free)) return;
    }
    TransactionalModel serial = model_;
    serial.isolation = Isolation::kSerializable;
    if (TransactionalJudge(history(), serial, options_).run().validity == Validity::kValid) return;
    inference_.findings.undecided("snapshot isolation depends on an order of versions that the reads leave open");
  }

  Inference inference_;
  const TransactionalModel model_;
  const JudgeOptions& options_;
  EdgeList edges_;
  CsrGraph graph_;
  OrderFound found_;
  std::uint64_t allowance_ = 0;  // steps beyond the budget; of large histories
  Judgement judgement_;
};

}  // namespace

Judgement judge_transactional(const History& history, const TransactionalModel& model, const JudgeOptions& options,
                              KnownEdges* known) {
  if (model.real_time && !history.has_real_time()) {
    Judgement judgement;
    judgement.validity = Validity::kUnknown;
    judgement.reason = "the history does not tell when transactions began and ended";
    return judgement;
  }
  TransactionalJudge judge(history, model, options);
  Judgement judgement = judge.run();
  if (known != nullptr && judgement.validity != Validity::kInvalid) *known = judge.known_edges();
  return judgement;
}

}  // namespace tidemark::checkers::graph
