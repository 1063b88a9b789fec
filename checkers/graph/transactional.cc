#include "checkers/graph/transactional.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "checkers/graph/classify.h"
#include "checkers/graph/findings.h"
#include "checkers/graph/list_versions.h"
#include "checkers/graph/order_edges.h"

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
        lists_(history, families_, presence_, findings_) {}

  Judgement run() {
    Judgement judgement;
    judgement.observations = history_.transactions().size();
    check_families();
    const CsrGraph graph = build();
    judgement.anomalies = findings_.anomalies([this](Direct direct) { return counts(direct); });
    add_cycles(graph, judgement);
    if (judgement.anomalies.size() > options_.most_anomalies) judgement.anomalies.resize(options_.most_anomalies);
    if (!judgement.anomalies.empty()) {
      judgement.validity = Validity::kInvalid;
    } else if (!findings_.reason().empty()) {
      judgement.validity = Validity::kUnknown;
      judgement.reason = findings_.reason();
    } else if (options_.want_order && model_.isolation == Isolation::kSerializable) {
      for (const Node node : topological_order(graph, mask())) {
        if (!graph.is_helper(node) && presence_.present(node)) judgement.order.push_back(node);
      }
    }
    return judgement;
  }

 private:
  Mask mask() const {
    Mask mask = bit(Relation::kWw) | bit(Relation::kWr) | bit(Relation::kRw);
    if (model_.sessions) mask |= bit(Relation::kSo);
    if (model_.real_time) mask |= bit(Relation::kRt);
    return mask;
  }

  bool counts(Direct direct) const {
    return model_.isolation != Isolation::kReadCommitted ||
           (direct != Direct::kNotRepeatable && direct != Direct::kLostUpdate && direct != Direct::kLongFork);
  }

  void check_families() {
    for (std::uint32_t key = 0; key < families_.size(); ++key) {
      if (families_[key] != Family::kOther && families_[key] != Family::kRegister && families_[key] != Family::kSet)
        continue;
      findings_.undecided(
          fmt::format("{} is used in a way of which no order of versions follows", history_.show_key(key)));
      return;
    }
  }

  CsrGraph build() {
    EdgeList edges(static_cast<Node>(history_.transactions().size()));
    lists_.add_edges(presence_, edges);
    if (model_.sessions) add_session_edges(history_, presence_, edges);
    if (model_.real_time) add_real_time_edges(history_, presence_, edges);
    return CsrGraph(edges);
  }

  void add_cycles(const CsrGraph& graph, Judgement& judgement) {
    ClassifyOptions classify_options;
    classify_options.mask = mask();
    classify_options.most_cycles = options_.most_anomalies;
    classify_options.step_budget = options_.step_budget;
    if (model_.isolation == Isolation::kSnapshot) classify_options.forbidden = Forbidden::kRwApart;
    if (model_.isolation == Isolation::kReadCommitted) classify_options.forbidden = Forbidden::kNoRw;
    const Classified classified = classify(graph, classify_options);
    judgement.steps += classified.steps;
    for (const FoundCycle& found : classified.cycles) judgement.anomalies.push_back(told(found));
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
    return anomaly;
  }

  bool explain(Step& step) const {
    if (step.relation == Relation::kSo) return session_precedes(history_, step.from, step.to);
    if (step.relation == Relation::kRt) return ends_before(history_, step.from, step.to);
    return lists_.explain(presence_, step);
  }

  const History& history_;
  const TransactionalModel& model_;
  const JudgeOptions& options_;
  std::vector<Family> families_;
  Presence presence_;
  Findings findings_;
  ListVersions lists_;
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
