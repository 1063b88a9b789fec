#include "checkers/graph/session_guarantees.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "checkers/graph/accesses.h"
#include "checkers/graph/classify.h"
#include "checkers/graph/order_edges.h"
#include "checkers/graph/register_orders.h"
#include "checkers/graph/transactional.h"
#include "checkers/graph/write_order.h"

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
        orders_(inference_, options.memory_budget / 4),
        accesses_(inference_, orders_),
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
    if (orders_by_writes() && !orders_.any()) check_order();
    if (orders_by_writes() && orders_.any()) order_own_versions();
    for (bool more = true; more && !enough();) {
      check_readers();
      more = judgement_.anomalies.empty() && learn();
    }
    if (orders_by_writes() && orders_.any() && !enough()) check_order();
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
      } else if (accesses_.incomplete() || orders_.contradictory()) {
        judgement_.reason = "the order of some versions is not known";
      } else if (orders_.any() && (history_.kinds() & bit(EventKind::kCas)) != 0) {
        judgement_.reason = "what comparisons found is not looked at where several transactions wrote a key";
      } else if (orders_.any() && !some_order_fits()) {
        judgement_.reason = "the reads leave orders of versions open, and those that were tried do not fit";
      } else {
        judgement_.validity = Validity::kValid;
      }
    }
    judgement_.steps = steps_;
    return std::move(judgement_);
  }

 private:
  bool orders_by_writes() const {
    return guarantee_ == Guarantee::kMonotonicWrites || guarantee_ == Guarantee::kWritesFollowReads;
  }

  void check_readers() {
    std::fill(seen_in_.begin(), seen_in_.end(), kNoNode);
    std::fill(derived_in_.begin(), derived_in_.end(), kNoNode);
    for (Node i = 0; i < knot_.size() && !enough(); ++i) {
      if (knot_[i] != kNoKnot && history_.transactions()[i].outcome == Outcome::kOk) check_reader(i);
    }
  }

  /// Monotonic writes: the versions of a session stand in its order. Writes follow reads: behind those it had read.
  void order_own_versions() {
    const bool follow = guarantee_ == Guarantee::kWritesFollowReads;
    for (Node i = 0; i < before_.size() && !enough(); ++i) {
      for (const Access& write : accesses_.of(i)) {
        if (!write.write || !orders_.partial(write.key)) continue;
        for (const Node at : earlier(i)) {
          for (const Access& before : accesses_.of(at)) {
            ++steps_;
            if (before.key != write.key || before.write == follow || before.place == 0) continue;
            orders_.add(write.key, inference_.registers.writers(write.key)[before.place - 1], i);
          }
        }
      }
    }
  }

  /// What the readers asked for of orders that were open. True if something is new: then more may follow.
  bool learn() {
    bool more = false;
    for (const RegisterOrders::Edge& edge : asked_) more = orders_.add(edge.key, edge.from, edge.to) || more;
    asked_.clear();
    return more;
  }

  /// What had to follow is no contradiction: is there an order of all versions that breaks nothing?
  bool some_order_fits() {
    std::vector<std::vector<Node>> guesses;
    if (!orders_by_writes()) guesses.emplace_back();
    guesses.push_back(positions());
    for (const std::vector<Node>& position : guesses) {
      if (steps_ > options_.step_budget) return false;
      if (position.empty() && &position == &guesses.back()) break;
      orders_.guess(position);
      check_readers();
      orders_.forget_guess();
      const bool fits = judgement_.anomalies.empty() && steps_ <= options_.step_budget;
      judgement_.anomalies.clear();
      if (fits) return true;
    }
    return false;
  }

  /// By transaction: where it stands in one order that keeps all edges, or those between writes where these count.
  /// Empty: there is none.
  std::vector<Node> positions() const {
    const Node count = edges_.transactions();
    std::vector<Node> result(count, 0);
    std::vector<Node> order;
    if (orders_by_writes()) {
      order = topological_order(CsrGraph(edges_of_writes()), kData | bit(Relation::kSo));
    } else {
      EdgeList all(count);
      while (all.nodes() < edges_.nodes()) all.add_helper();
      for (const EdgeList::Edge& edge : edges_.edges()) all.add(edge.from, edge.arc.to(), edge.arc.relation());
      for (const RegisterOrders::Edge& edge : orders_.edges()) all.add(edge.from, edge.to, Relation::kWw);
      order = topological_order(CsrGraph(all), kData | bit(Relation::kSo));
    }
    if (order.empty()) return {};
    for (Node place = 0; place < order.size(); ++place) {
      const Node node = orders_by_writes() ? order[place] / 2 : order[place];
      const bool counts = !orders_by_writes() || order[place] % 2 == 0;
      if (counts && node < count) result[node] = place;
    }
    return result;
  }

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
    if (orders_.any()) {  // an order that is found out only below can close a circle anywhere
      for (Node i = 0; i < knot_.size(); ++i) {
        if (inference_.presence.present(i)) knot_[i] = 0;
      }
    }
    std::uint32_t number = 0;
    for (const Component& members : components(graph, kData | bit(Relation::kSo))) {
      if (orders_.any()) break;
      for (const Node node : members) {
        if (!graph.is_helper(node)) knot_[node] = number;
      }
      ++number;
    }
    for (const auto& [from, to] : history_.also_before()) {
      if (inference_.presence.present(to)) after_.emplace_back(to, from);
    }
    std::sort(after_.begin(), after_.end());
    if (!after_.empty()) walked_.assign(before_.size(), 0);
    std::vector<Node> last(history_.chains(), kNoNode);
    for (Node i = 0; i < before_.size(); ++i) {
      if (!inference_.presence.present(i)) continue;
      Node& previous = last[history_.chain(i)];
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
    const EdgeList list = edges_of_writes();
    for (const RegisterOrders::Edge& edge : orders_.edges()) {
      const Value after = inference_.registers.written(edge.to, edge.key);
      inference_.registers.add_inferred({edge.from, edge.to, Relation::kWw, edge.key, after, kNoNode});
    }
    inference_.registers.sort_inferred();
    ClassifyOptions classify_options;
    classify_options.mask = kData | bit(Relation::kSo);
    classify_options.most_cycles = options_.most_anomalies;
    classify_options.step_budget = options_.step_budget;
    const Classified classified = classify(CsrGraph(list), classify_options);
    steps_ += classified.steps;
    for (const FoundCycle& found : classified.cycles) tell_order(found);
  }

  EdgeList edges_of_writes() const {
    const bool follow = guarantee_ == Guarantee::kWritesFollowReads;
    return graph::edges_of_writes(history_, inference_.presence, edges_, orders_, follow);
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

  /// All before it in its session, within the knot. Those of its chain first, from the nearest on.
  std::vector<Node> earlier(Node node) {
    std::vector<Node> result;
    for (Node at = before_in_knot(node); at != kNoNode; at = before_in_knot(at)) result.push_back(at);
    if (after_.empty()) return result;
    ++walk_;
    for (const Node one : result) walked_[one] = walk_;
    const std::size_t own = result.size();
    for (std::size_t i = 0; i <= result.size(); ++i) {
      const Node of = i < own ? result[i] : i == own ? node : result[i - 1];
      const auto first = std::lower_bound(after_.begin(), after_.end(), std::make_pair(of, Node{0}));
      for (auto pair = first; pair != after_.end() && pair->first == of; ++pair) {
        for (Node at = pair->second; at != kNoNode && walked_[at] != walk_ && knot_[at] == knot_[node];
             at = before_[at]) {
          walked_[at] = walk_;
          result.push_back(at);
        }
      }
    }
    return result;
  }

  /// Does the version at `read` come before that at `write`? Where nobody knows, it is asked for that it does not.
  bool lacks(std::uint32_t key, std::uint32_t read, std::uint32_t write) {
    if (!orders_.partial(key)) return read < write;
    if (read == write || write == 0) return false;
    if (read == 0) return true;
    const std::span<const Node> all = inference_.registers.writers(key);
    const Node version = all[read - 1];
    const Node other = all[write - 1];
    if (orders_.before(key, version, other)) return true;
    if (!orders_.before(key, other, version)) asked_.push_back({key, other, version});
    return false;
  }

  void check_own_writes(Node reader) {
    for (const Node own : earlier(reader)) {
      if (enough()) return;
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
        return !before.write && before.key == own[i].key && lacks(own[i].key, own[i].place, before.place);
      };
      if (own[i].write || std::none_of(own.begin(), own.begin() + static_cast<std::ptrdiff_t>(i), goes_back)) continue;
      return add({reader}, fmt::format("{} reads {} and later an older version of it", name(reader),
                                       history_.show_key(own[i].key)));
    }
    for (const Node first : earlier(reader)) {
      if (enough()) return;
      std::vector<Node> seen;
      collect_seen(first, reader, derived_in_, seen);
      for (const Node writer : seen) {
        std::uint32_t key = 0;
        if (!misses(reader, writer, key)) continue;
        return add({writer, first, reader},
                   fmt::format("{} saw what {} wrote, and {} after it in its session reads {} without it", name(first),
                               name(writer), name(reader), history_.show_key(key)));
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
      std::vector<Node> rests_on = earlier(later);
      if (follow) rests_on.insert(rests_on.begin(), later);
      for (const Node at : rests_on) {
        if (enough()) return;
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
      if (orders_.partial(read.key)) {
        collect_versions(by, read, for_reader, marks, seen);
        continue;
      }
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

  /// The version that was read, and those known to be before it.
  void collect_versions(Node by, const Access& read, Node for_reader, std::vector<Node>& marks,
                        std::vector<Node>& seen) {
    if (read.place == 0) return;
    const std::span<const Node> all = inference_.registers.writers(read.key);
    for (const Node writer : all) {
      ++steps_;
      const bool seen_here = writer == all[read.place - 1] || orders_.before(read.key, writer, all[read.place - 1]);
      if (seen_here && writer != by && writer != for_reader && mark(marks, writer, for_reader)) seen.push_back(writer);
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
        if (read.write || read.key != write.key || !lacks(read.key, read.place, write.place)) continue;
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
  RegisterOrders orders_;
  Accesses accesses_;
  EdgeList edges_;
  std::vector<std::uint32_t> knot_;           // by transaction
  std::vector<Node> before_;                  // the one before in its session, that is ok
  std::vector<std::pair<Node, Node>> after_;  // History::also_before(), the second first
  std::vector<std::uint32_t> walked_;         // in which walk of earlier()
  std::uint32_t walk_ = 0;
  std::vector<Node> seen_in_;                // for which reader a transaction was seen by its reads
  std::vector<Node> derived_in_;             // for which reader it had to be seen
  std::vector<RegisterOrders::Edge> asked_;  // of orders that are open: the first must stand before the second
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
