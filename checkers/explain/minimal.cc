#include "checkers/explain/minimal.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "checkers/explain/cut.h"
#include "checkers/explain/explain.h"

namespace tidemark::checkers {
namespace {

using why::Kept;

struct Candidate {
  Kept kept;
  std::vector<std::uint32_t> transactions;
};

class Minimizer {
 public:
  Minimizer(const History& history, const Anomaly& target, const Judge& judge, const MinimalOptions& options)
      : history_(history), target_(target), judge_(judge), options_(options), cutter_(history, options.orders) {}

  Minimal run() {
    begin();
    if (found_) return inside();
    result_.history = history_;
    result_.original = everything().transactions;
    result_.anomaly = target_;
    return std::move(result_);
  }

 private:
  /// What is left of a large history is searched as a history of its own: its tables are small.
  Minimal inside() {
    const Minimal outer = std::move(result_);
    Minimizer inner(outer.history, outer.anomaly, judge_, options_);
    inner.first_ = first_;
    inner.result_ = outer;
    inner.events_judged_ = events_judged_;
    inner.best_ = inner.everything();
    inner.result_.original = inner.best_.transactions;
    inner.drop_transactions();
    inner.drop_events();
    Minimal result = std::move(inner.result_);
    for (std::uint32_t& transaction : result.original) transaction = outer.original[transaction];
    result.complete = !inner.spent();
    return result;
  }

  /// The smallest begin that fails.
  void begin() {
    const Judgement whole = judge_(history_);
    result_.judgements = 1;
    first_ = !whole.anomalies.empty() && whole.anomalies[0].name == target_.name;
    if (!fails(whole)) return;
    if (try_it(of(target_.transactions)) || try_it(of(with_evidence())) || try_it(of_keys())) return;
    found_ = true;
    take(everything(), whole);
  }

  bool spent() const {
    return result_.judgements >= options_.most_judgements || events_judged_ >= options_.event_budget;
  }

  bool fails(const Judgement& judgement) const { return anomaly_in(judgement) != nullptr; }

  const Anomaly* anomaly_in(const Judgement& judgement) const {
    if (judgement.validity != Validity::kInvalid) return nullptr;
    for (const Anomaly& anomaly : judgement.anomalies) {
      if (anomaly.name == target_.name) return &anomaly;
      if (first_) return nullptr;
    }
    return nullptr;
  }

  Candidate everything() const {
    Candidate candidate;
    candidate.kept.assign(history_.events().size(), 1);
    for (std::uint32_t i = 0; i < history_.transactions().size(); ++i) candidate.transactions.push_back(i);
    return candidate;
  }

  Candidate of(std::vector<std::uint32_t> transactions) const {
    std::sort(transactions.begin(), transactions.end());
    transactions.erase(std::unique(transactions.begin(), transactions.end()), transactions.end());
    Candidate candidate;
    candidate.kept.assign(history_.events().size(), 0);
    for (const std::uint32_t transaction : transactions) keep(candidate, transaction);
    candidate.transactions = std::move(transactions);
    return candidate;
  }

  void keep(Candidate& candidate, std::uint32_t transaction) const {
    const Txn& txn = history_.transactions()[transaction];
    std::fill_n(candidate.kept.begin() + txn.first_event, txn.event_count, std::uint8_t{1});
  }

  /// The witness and everybody whom the explanation names.
  std::vector<std::uint32_t> with_evidence() const {
    std::vector<std::uint32_t> transactions = target_.transactions;
    for (const Explanation::Part& part : explain_parts(history_, "", target_, options_.orders).parts) {
      transactions.push_back(part.transaction);
    }
    return transactions;
  }

  /// All events of the keys that the witness touches.
  Candidate of_keys() const {
    std::vector<std::uint8_t> wanted(history_.keys(), 0);
    for (const std::uint32_t transaction : target_.transactions) {
      for (const Event& event : history_.events(history_.transactions()[transaction])) wanted[event.key] = 1;
    }
    Candidate candidate = everything();
    for (std::size_t event = 0; event < candidate.kept.size(); ++event) {
      candidate.kept[event] = wanted[history_.events()[event].key];
    }
    return candidate;
  }

  /// Judges what is kept, and takes it if it fails in the same way.
  bool try_it(Candidate candidate) {
    if (spent()) return false;
    cutter_.close(candidate.kept, candidate.transactions);
    if (candidate.transactions.empty()) return false;
    const History small = cutter_.cut(candidate.kept, candidate.transactions);
    events_judged_ += small.events().size();
    ++result_.judgements;
    const Judgement judgement = judge_(small);
    if (!fails(judgement)) return false;
    found_ = true;
    take(std::move(candidate), judgement);
    return true;
  }

  void take(Candidate candidate, const Judgement& judgement) {
    result_.history = cutter_.cut(candidate.kept, candidate.transactions);
    result_.original = candidate.transactions;
    if (const Anomaly* anomaly = anomaly_in(judgement)) result_.anomaly = *anomaly;
    best_ = std::move(candidate);
  }

  /// Leaves out [first, end) of `parts` of the best so far.
  template <typename Leave>
  bool drop_parts(std::size_t first, std::size_t end, const Leave& leave) {
    Candidate candidate = best_;
    for (std::size_t i = first; i < end; ++i) leave(candidate, i);
    return try_it(std::move(candidate));
  }

  /// Pieces of falling size, from the end on: what was read last is needed least often by others.
  template <typename Count, typename Leave>
  void drop(const Count& count, const Leave& leave) {
    std::size_t size = std::max<std::size_t>(count() / 2, 1);
    while (!spent()) {
      bool dropped = false;
      for (std::size_t end = count(); end > 0 && !spent();) {
        const std::size_t first = end > size ? end - size : 0;
        dropped = drop_parts(first, end, leave) || dropped;
        end = std::min(first, count());
      }
      if (size == 1 && !dropped) return;
      if (!dropped) size = std::max<std::size_t>(size / 2, 1);
      size = std::min(size, std::max<std::size_t>(count(), 1));
    }
  }

  void drop_transactions() {
    drop([this] { return best_.transactions.size(); },
         [this](Candidate& candidate, std::size_t place) {
           const Txn& txn = history_.transactions()[best_.transactions[place]];
           std::fill_n(candidate.kept.begin() + txn.first_event, txn.event_count, std::uint8_t{0});
         });
  }

  void drop_events() {
    std::vector<std::uint32_t> events;
    const auto count = [this, &events] {
      events.clear();
      for (const std::uint32_t transaction : best_.transactions) {
        const Txn& txn = history_.transactions()[transaction];
        for (std::uint32_t i = txn.first_event; i < txn.first_event + txn.event_count; ++i) {
          if (best_.kept[i] != 0) events.push_back(i);
        }
      }
      return events.size();
    };
    drop(count, [&events](Candidate& candidate, std::size_t place) { candidate.kept[events[place]] = 0; });
  }

  const History& history_;
  const Anomaly& target_;
  const Judge& judge_;
  const MinimalOptions& options_;
  const why::Cutter cutter_;
  bool first_ = false;  // the target is the first anomaly, and must be
  bool found_ = false;
  Candidate best_;
  std::uint64_t events_judged_ = 0;
  Minimal result_;
};

}  // namespace

Minimal minimal_history(const History& history, const Anomaly& anomaly, const Judge& judge,
                        const MinimalOptions& options) {
  return Minimizer(history, anomaly, judge, options).run();
}

}  // namespace tidemark::checkers
