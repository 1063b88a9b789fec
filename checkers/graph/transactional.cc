#include "checkers/graph/transactional.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "checkers/graph/classify.h"
#include "checkers/graph/findings.h"
#include "checkers/graph/list_versions.h"
#include "checkers/graph/order_edges.h"
#include "checkers/graph/register_versions.h"
#include "checkers/graph/saturation.h"
#include "checkers/graph/set_versions.h"

namespace tidemark::checkers::graph {
namespace {

class TransactionalJudge {
 public:
  TransactionalJudge(const History& history, const TransactionalModel& model, const JudgeOptions& options)
      : history_(history),
        model_(model),
        options_(options),
        families_(families(history)),
        presence_(history),
        findings_(options.most_anomalies),
        lists_(history, families_, presence_, findings_),
        sets_(history, families_, presence_, findings_),
        registers_(history, families_, presence_, findings_),
        edges_(static_cast<Node>(history.transactions().size())) {
    registers_.settle(presence_);
  }

  Judgement run() {
    judgement_.observations = history_.transactions().size();
    check_families();
    collect_edges();
    if (registers_.any() && model_.isolation == Isolation::kSerializable) saturate_registers();
    graph_ = CsrGraph(edges_);
    look_for_cycles();
    std::vector<Anomaly> direct = findings_.anomalies([this](Direct kind) { return counts(kind); });
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

  void check_families() {
    for (std::uint32_t key = 0; key < families_.size(); ++key) {
      if (families_[key] != Family::kOther) continue;
      findings_.undecided(
          fmt::format("{} is used in a way from which no order of versions follows", history_.show_key(key)));
      return;
    }
  }

  void collect_edges() {
    lists_.add_edges(presence_, edges_);
    sets_.add_edges(presence_, edges_);
    registers_.add_edges(presence_, edges_);
    if (model_.sessions) add_session_edges(history_, presence_, edges_);
    if (model_.real_time) add_real_time_edges(history_, presence_, edges_);
  }

  void saturate_registers() {
    SaturationOptions saturation;
    saturation.sessions = model_.sessions;
    saturation.step_budget = options_.step_budget * 100;  // steps of a clock are so much cheaper
    saturation.memory_budget = options_.memory_budget;
    const Saturated saturated = saturate(history_, presence_, registers_, edges_, saturation);
    judgement_.steps += saturated.steps / 100;
    if (!saturated.complete) findings_.undecided("the budget ended before all that follows from the reads was found");
  }

  /// Cycles without inferred ww edges tell more directly what happened, and mostly there are such.
  void look_for_cycles() {
    if (!registers_.any_inferred()) return add_cycles(graph_);
    EdgeList plain(edges_.transactions());
    while (plain.nodes() < edges_.nodes()) plain.add_helper();
    for (const EdgeList::Edge& edge : edges_.edges()) {
      const bool ww = edge.arc.relation() == Relation::kWw;
      if (!ww || registers_.inferred(edge.from, edge.arc.to(), Relation::kWw) == nullptr) {
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
    Anomaly anomaly;
    anomaly.name = found.name();
    for (const Hop& hop : found.cycle) {
      anomaly.transactions.push_back(hop.from);
      Step step;
      step.from = hop.from;
      step.to = hop.to;
      step.relation = hop.relation;
      TIDEMARK_ASSERT(explain(step), "an edge of the graph follows from the history");
      anomaly.cycle.push_back(step);
    }
    add_reasons(anomaly);
    return anomaly;
  }

  /// Inferred edges rest on a third transaction each.
  void add_reasons(Anomaly& anomaly) const {
    for (const Step& step : anomaly.cycle) {
      const InferredEdge* edge = registers_.inferred(step.from, step.to, step.relation);
      if (edge == nullptr || edge->third == kNoNode) continue;
      if (std::find(anomaly.transactions.begin(), anomaly.transactions.end(), edge->third) ==
          anomaly.transactions.end()) {
        anomaly.transactions.push_back(edge->third);
      }
    }
  }

  bool explain(Step& step) const {
    if (step.relation == Relation::kSo) return session_precedes(history_, step.from, step.to);
    if (step.relation == Relation::kRt) return ends_before(history_, step.from, step.to);
    return lists_.explain(presence_, step) || sets_.explain(presence_, step) || registers_.explain(presence_, step);
  }

  /// There is no contradiction: is there an order?
  void prove() {
    if (model_.isolation == Isolation::kSerializable) {
      prove_serializable();
    } else if (model_.isolation == Isolation::kSnapshot) {
      prove_snapshot();
    }
    if (findings_.reason().empty()) return;
    judgement_.validity = Validity::kUnknown;
    judgement_.reason = findings_.reason();
    judgement_.order.clear();
  }

  void prove_serializable() {
    if (registers_.has_free_order()) {
      judgement_.order = greedy_order(history_, presence_, registers_, graph_);
      if (judgement_.order.empty()) {
        findings_.undecided("what follows from the reads leaves several orders open, and a walk found none that fits");
      }
    } else if (options_.want_order) {
      for (const Node node : topological_order(graph_, mask())) {
        if (!graph_.is_helper(node) && presence_.present(node)) judgement_.order.push_back(node);
      }
    }
    if (!options_.want_order) judgement_.order.clear();
  }

  /// A serial order is a proof. Without one, the graph is exact only where it knows the order of all versions.
  void prove_snapshot() {
    if (!registers_.has_free_order() && (!lists_.has_free_order() || components(graph_, mask()).empty())) return;
    TransactionalModel serial = model_;
    serial.isolation = Isolation::kSerializable;
    if (TransactionalJudge(history_, serial, options_).run().validity == Validity::kValid) return;
    findings_.undecided("snapshot isolation depends on an order of versions that the reads leave open");
  }

  const History& history_;
  const TransactionalModel model_;
  const JudgeOptions& options_;
  std::vector<Family> families_;
  Presence presence_;
  Findings findings_;
  ListVersions lists_;
  SetVersions sets_;
  RegisterVersions registers_;
  EdgeList edges_;
  CsrGraph graph_;
  Judgement judgement_;
};

}  // namespace

Judgement judge_transactional(const History& history, const TransactionalModel& model, const JudgeOptions& options) {
  if (model.real_time && !history.has_real_time()) {
    Judgement judgement;
    judgement.validity = Validity::kUnknown;
    judgement.reason = "the history does not tell when transactions began and ended";
    return judgement;
  }
  return TransactionalJudge(history, model, options).run();
}

}  // namespace tidemark::checkers::graph
