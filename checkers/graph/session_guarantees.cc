#include "checkers/graph/session_guarantees.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "checkers/graph/accesses.h"
#include "checkers/graph/classify.h"
#include "checkers/graph/order_edges.h"
#include "checkers/graph/transactional.h"

namespace tidemark::checkers::graph {
namespace {

constexpr Mask kData = bit(Relation::kWw) | bit(Relation::kWr) | bit(Relation::kRw);
constexpr std::uint32_t kNoKnot = UINT32_MAX;

/// A contradiction needs a circle of dependencies, so all its transactions, and those between them in a session or in
/// the order of a key, are in one knot of the graph. Everything below walks within a knot.
class GuaranteeJudge {
 public:
  GuaranteeJudge(const History& history, Guarantee guarantee, const JudgeOptions& options)
      : history_(history),
        guarantee_(guarantee),
        options_(options),
        inference_(history, options.most_anomalies),
        accesses_(inference_),
        edges_(static_cast<Node>(history.transactions().size())),
        before_(history.transactions().size(), kNoNode),
        seen_in_(history.transactions().size(), kNoNode),
        derived_in_(history.transactions().size(), kNoNode) {}

  Judgement run() {
    judgement_.observations = inference_.presence.count();
    inference_.add_data_edges(edges_);
    add_session_edges(history_, inference_.presence, edges_);
    find_knots();
    if (guarantee_ == Guarantee::kReadYourWrites) tell_internal();
    if (guarantee_ == Guarantee::kMonotonicWrites || guarantee_ == Guarantee::kWritesFollowReads) check_order();
    for (Node i = 0; i < knot_.size() && !enough(); ++i) {
      if (knot_[i] != kNoKnot && history_.transactions()[i].outcome == Outcome::kOk) check_reader(i);
    }
    if (!judgement_.anomalies.empty()) {
      judgement_.validity = Validity::kInvalid;
    } else {
      judgement_.validity = Validity::kUnknown;
      if (steps_ > options_.step_budget) {
        judgement_.reason = "the step budget ended";
      } else if (!inference_.findings.reason().empty()) {
        judgement_.reason = inference_.findings.reason();
      } else if (contradicts()) {
        judgement_.reason = "some reads contradict by themselves, so that their versions have no place";
      } else if (accesses_.incomplete()) {
        judgement_.reason = "the order of some versions is not known";
      } else {
        judgement_.validity = Validity::kValid;
      }
    }
    judgement_.steps = steps_;
    return std::move(judgement_);
  }

 private:
  bool enough() const {
    return judgement_.anomalies.size() >= options_.most_anomalies || steps_ > options_.step_budget;
  }

  /// Reads were found that are left out, because nobody can have written what they found.
  bool contradicts() const {
    for (const Direct direct : {Direct::kGarbage, Direct::kG1a, Direct::kDuplicate, Direct::kFutureRead}) {
      if (inference_.findings.count(direct) > 0) return true;
    }
    return false;
  }

  void find_knots() {
    const CsrGraph graph(edges_);
    knot_.assign(history_.transactions().size(), kNoKnot);
    std::uint32_t number = 0;
    for (const Component& members : components(graph, kData | bit(Relation::kSo))) {
      for (const Node node : members) {
        if (!graph.is_helper(node)) knot_[node] = number;
      }
      ++number;
    }
    std::vector<Node> last(history_.sessions(), kNoNode);
    for (Node i = 0; i < before_.size(); ++i) {
      if (!inference_.presence.present(i)) continue;
      Node& previous = last[history_.transactions()[i].session];
      before_[i] = previous;
      if (history_.transactions()[i].outcome == Outcome::kOk) previous = i;
    }
  }

  void add(std::vector<std::uint32_t> transactions, std::string fact, std::vector<Step> cycle = {}) {
    if (judgement_.anomalies.size() >= options_.most_anomalies) return;
    judgement_.anomalies.push_back({to_text(guarantee_), std::move(transactions), std::move(cycle), std::move(fact)});
  }

  /// A transaction that does not read its own writes.
  void tell_internal() {
    for (Anomaly& anomaly : inference_.findings.anomalies([](Direct kind) { return kind == Direct::kInternal; })) {
      add(std::move(anomaly.transactions), std::move(anomaly.fact));
    }
  }

  /// The order in which the writes must stand, by itself.
  void check_order() {
    const bool follow = guarantee_ == Guarantee::kWritesFollowReads;
    // Nodes are doubled: even ones write, odd ones have read. For monotonic writes only the even ones matter.
    EdgeList list(edges_.transactions() * 2);
    while (list.nodes() < edges_.nodes() * 2) list.add_helper();
    for (const EdgeList::Edge& edge : edges_.edges()) {
      const Relation relation = edge.arc.relation();
      if (relation == Relation::kWw) list.add(edge.from * 2, edge.arc.to() * 2, relation);
      if (!follow) continue;
      if (relation == Relation::kWr) list.add(edge.from * 2, edge.arc.to() * 2 + 1, relation);
      if (relation == Relation::kWr) list.add(edge.from * 2 + 1, edge.arc.to() * 2 + 1, relation);
      if (relation == Relation::kSo) list.add(edge.from * 2 + 1, edge.arc.to() * 2 + 1, relation);
    }
    std::vector<Node> last_write(history_.sessions(), kNoNode);
    for (Node i = 0; i < edges_.transactions(); ++i) {
      const Txn& txn = history_.transactions()[i];
      if (!inference_.presence.present(i) || !txn.has_write) continue;
      if (follow) {
        list.add(i * 2 + 1, i * 2, Relation::kSo);
        continue;
      }
      Node& before = last_write[txn.session];
      if (before != kNoNode) list.add(before * 2, i * 2, Relation::kSo);
      if (txn.outcome == Outcome::kOk) before = i;
    }
    ClassifyOptions classify_options;
    classify_options.mask = kData | bit(Relation::kSo);
    classify_options.most_cycles = options_.most_anomalies;
    classify_options.step_budget = options_.step_budget;
    const Classified classified = classify(CsrGraph(list), classify_options);
    steps_ += classified.steps;
    for (const FoundCycle& found : classified.cycles) tell_order(found);
  }

  void tell_order(const FoundCycle& found) {
    std::vector<Step> steps;
    for (const Hop& hop : found.cycle) {
      if (hop.from / 2 != hop.to / 2) steps.push_back({hop.from / 2, hop.to / 2, hop.relation, 0, Value{}, Value{}});
    }
    Anomaly anomaly = inference_.told(to_text(guarantee_), steps);
    add(std::move(anomaly.transactions), "the versions do not stand in the order that the sessions ask for",
        std::move(anomaly.cycle));
  }

  /// All that `reader` must see besides what it reads itself, against its reads.
  void check_reader(Node reader) {
    switch (guarantee_) {
      case Guarantee::kReadYourWrites:
        return check_own_writes(reader);
      case Guarantee::kMonotonicReads:
        return check_earlier_reads(reader);
      case Guarantee::kMonotonicWrites:
      case Guarantee::kWritesFollowReads:
        return check_what_seen_rests_on(reader);
    }
  }

  Node before_in_knot(Node node) const {
    const Node before = before_[node];
    return before != kNoNode && knot_[before] == knot_[node] ? before : kNoNode;
  }

  void check_own_writes(Node reader) {
    for (Node own = before_in_knot(reader); own != kNoNode && !enough(); own = before_in_knot(own)) {
      std::uint32_t key = 0;
      if (!misses(reader, own, key)) continue;
      return add({own, reader}, fmt::format("{} reads {} without what {} wrote before it in its session", name(reader),
                                            history_.show_key(key), name(own)));
    }
  }

  void check_earlier_reads(Node reader) {
    const std::span<const Access> own = accesses_.of(reader);
    for (std::size_t i = 1; i < own.size(); ++i) {
      const auto goes_back = [&](const Access& before) {
        return !before.write && before.key == own[i].key && before.place > own[i].place;
      };
      if (own[i].write || std::none_of(own.begin(), own.begin() + static_cast<std::ptrdiff_t>(i), goes_back)) continue;
      return add({reader}, fmt::format("{} reads {} and later an older version of it", name(reader),
                                       history_.show_key(own[i].key)));
    }
    for (Node earlier = before_in_knot(reader); earlier != kNoNode && !enough(); earlier = before_in_knot(earlier)) {
      std::vector<Node> seen;
      collect_seen(earlier, reader, derived_in_, seen);
      for (const Node writer : seen) {
        std::uint32_t key = 0;
        if (!misses(reader, writer, key)) continue;
        return add({writer, earlier, reader},
                   fmt::format("{} saw what {} wrote, and {} after it in its session reads {} without it",
                               name(earlier), name(writer), name(reader), history_.show_key(key)));
      }
    }
  }

  /// Sees W2, so it must see what W2 comes after, and what that comes after.
  void check_what_seen_rests_on(Node reader) {
    std::vector<Node> seen;
    collect_seen(reader, reader, seen_in_, seen);
    for (std::size_t i = 0; i < seen.size() && !enough(); ++i) {
      const Node later = seen[i];
      const bool follow = guarantee_ == Guarantee::kWritesFollowReads;
      for (Node at = follow ? later : before_in_knot(later); at != kNoNode && !enough(); at = before_in_knot(at)) {
        ++steps_;
        const std::size_t old = seen.size();
        if (follow) {
          collect_seen(at, reader, derived_in_, seen);
        } else if (history_.transactions()[at].has_write && mark(derived_in_, at, reader)) {
          seen.push_back(at);
        }
        for (std::size_t j = old; j < seen.size(); ++j) {
          if (tell_missed(reader, seen[j], at, later)) return;
        }
      }
    }
  }

  bool tell_missed(Node reader, Node missed, Node at, Node later) {
    std::uint32_t key = 0;
    if (!misses(reader, missed, key)) return false;
    const std::string end = fmt::format("{} sees {}, but reads {} without {}", name(reader), name(later),
                                        history_.show_key(key), name(missed));
    if (guarantee_ == Guarantee::kMonotonicWrites) {
      add({missed, later, reader},
          fmt::format("{} wrote before {} in its session; {}", name(missed), name(later), end));
      return true;
    }
    std::vector<std::uint32_t> all{missed, at, later, reader};
    all.erase(std::unique(all.begin(), all.end()), all.end());
    add(std::move(all), fmt::format("{} saw {} before {} wrote; {}", name(at), name(missed), name(later), end));
    return true;
  }

  /// Appends the writers that `by` saw and that `marks` has not for `for_reader`.
  void collect_seen(Node by, Node for_reader, std::vector<Node>& marks, std::vector<Node>& seen) {
    for (const Access& read : accesses_.of(by)) {
      if (read.write) continue;
      const std::span<const Accesses::Writer> all = accesses_.writers(read.key);
      auto end = std::upper_bound(all.begin(), all.end(), read.place,
                                  [](std::uint32_t place, const Accesses::Writer& w) { return place < w.place; });
      for (; end != all.begin(); --end) {
        ++steps_;
        const Node writer = (end - 1)->transaction;
        if (writer != by && knot_[writer] != knot_[by]) break;
        if (writer != for_reader && mark(marks, writer, for_reader)) seen.push_back(writer);
      }
    }
  }

  /// True the first time.
  static bool mark(std::vector<Node>& marks, Node node, Node reader) {
    return std::exchange(marks[node], reader) != reader;
  }

  /// Some read of `reader` lacks a write of `writer` to the same key.
  bool misses(Node reader, Node writer, std::uint32_t& key) {
    if (reader == writer) return false;
    for (const Access& write : accesses_.of(writer)) {
      if (!write.write) continue;
      for (const Access& read : accesses_.of(reader)) {
        ++steps_;
        if (read.write || read.key != write.key || read.place >= write.place) continue;
        key = read.key;
        return true;
      }
    }
    return false;
  }

  std::string name(Node node) const { return name_of(history_, node); }

  const History& history_;
  Guarantee guarantee_;
  const JudgeOptions& options_;
  Inference inference_;
  Accesses accesses_;
  EdgeList edges_;
  std::vector<std::uint32_t> knot_;  // by transaction
  std::vector<Node> before_;         // the one before in its session, that is ok
  std::vector<Node> seen_in_;        // for which reader a transaction was seen by its reads
  std::vector<Node> derived_in_;     // for which reader it had to be seen
  std::uint64_t steps_ = 0;
  Judgement judgement_;
};

}  // namespace

const char* to_text(Guarantee guarantee) {
  static constexpr std::array<const char*, 4> kNames{"read-your-writes", "monotonic-reads", "monotonic-writes",
                                                     "writes-follow-reads"};
  return kNames[static_cast<std::size_t>(guarantee)];
}

Judgement judge_guarantee(const History& history, Guarantee guarantee, const JudgeOptions& options) {
  Judgement sequential = judge_transactional(history, TransactionalModel{}, options);
  if (sequential.validity == Validity::kValid) return sequential;
  return GuaranteeJudge(history, guarantee, options).run();
}

}  // namespace tidemark::checkers::graph
