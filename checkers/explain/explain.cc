#include "checkers/explain/explain.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/assert.h"
#include "checkers/explain/facts_of.h"

namespace tidemark::checkers {
namespace {

using why::name_of;

constexpr std::size_t kMostShortened = 64;  // steps of a cycle that may be shortened: each try costs a pass

std::string where(const History& history, std::uint32_t transaction) {
  const Txn& txn = history.transactions()[transaction];
  std::string text = txn.line > 0 ? fmt::format("line {}, ", txn.line) : "";
  text += fmt::format("session {}", history.show_session(txn.session));
  if (!history.times().empty() && history.times()[transaction].invoke_ns >= 0) {
    const History::Times& times = history.times()[transaction];
    text += fmt::format(", {} to {}", show_seconds(times.invoke_ns),
                        times.complete_ns < 0 ? "?" : show_seconds(times.complete_ns));
  }
  if (!history.regions().empty() && history.regions()[transaction] != kNever) {
    text += fmt::format(", served by {}", history.text(history.regions()[transaction]));
  }
  if (txn.outcome == Outcome::kInfo) text += ", outcome unknown";
  if (txn.outcome == Outcome::kFail) text += ", failed";
  return text;
}

Explanation::Part part_of(const History& history, std::uint32_t transaction) {
  return {transaction, name_of(history, transaction), where(history, transaction),
          history.show(history.transactions()[transaction])};
}

class Explainer {
 public:
  Explainer(const History& history, const Anomaly& anomaly, const why::Orders& orders)
      : history_(history), anomaly_(anomaly), orders_(orders) {
    result_.anomaly = anomaly.name;
    orders_.real_time = orders_.real_time || anomaly.name.find("-realtime") != std::string::npos;
  }

  Explanation explain() {
    for (const Step& step : anomaly_.cycle) {
      TIDEMARK_ASSERT(step.from < history_.transactions().size() && step.to < history_.transactions().size(),
                      "a step is between transactions of the history");
      orders_.real_time = orders_.real_time || step.relation == Relation::kRt;
    }
    for (std::size_t i = 0; i < anomaly_.cycle.size(); ++i) {
      TIDEMARK_ASSERT(anomaly_.cycle[i].to == anomaly_.cycle[(i + 1) % anomaly_.cycle.size()].from,
                      "each step of a cycle begins where the one before it ends");
      TIDEMARK_ASSERT(follows(anomaly_.cycle[i]) || may_be_implied(anomaly_.cycle[i]),
                      "every step of a cycle follows from the history");
    }
    if (anomaly_.cycle.empty()) named_ = anomaly_.transactions;
    result_.shortcut = shortened(anomaly_.cycle);
    for (const Step& step : result_.shortcut) add_step(step);
    if (!result_.shortcut.empty()) close_cycle();
    result_.fact = anomaly_.fact;
    if (!result_.fact.empty() && result_.fact.back() == '.') result_.fact.pop_back();
    note_unknown();
    std::sort(named_.begin(), named_.end());
    named_.erase(std::unique(named_.begin(), named_.end()), named_.end());
    for (const std::uint32_t transaction : named_) result_.parts.push_back(part_of(history_, transaction));
    name_sessions();
    return std::move(result_);
  }

 private:
  void add_step(const Step& step) {
    named_.push_back(step.from);
    named_.push_back(step.to);
    const auto derivation = why::derive(history_, step, anomaly_.transactions, orders_);
    if (!derivation) {
      result_.notes.push_back(fmt::format(
          "{} < {} follows from more than {} transactions together and is not retold; the minimal sub-history is small "
          "enough.",
          name_of(history_, step.from), name_of(history_, step.to), why::kMostProved));
      return;
    }
    for (const why::Sentence& lemma : derivation->lemmas) add_sentence(lemma);
    add_sentence(derivation->sentence);
    named_.insert(named_.end(), derivation->evidence.begin(), derivation->evidence.end());
  }

  void add_sentence(const why::Sentence& sentence) {
    for (const why::Sentence& told : result_.steps) {
      if (told.from == sentence.from && told.to == sentence.to && told.because == sentence.because) return;
    }
    result_.steps.push_back(sentence);
  }

  bool follows(const Step& step) const {
    return why::derive(history_, step, anomaly_.transactions, orders_).has_value();
  }

  /// A version that was missed was missed with all before it, and whoever saw one saw all before it.
  static std::optional<Step> joined(const Step& first, const Step& second) {
    const bool missed = first.relation == Relation::kRw || first.relation == Relation::kWw;
    const bool behind = second.relation == Relation::kWw && missed;
    const bool seen = second.relation == Relation::kWr && first.relation == Relation::kWw;
    if (first.key != second.key || first.from == second.to || (!behind && !seen)) return std::nullopt;
    Step step = first;
    step.to = second.to;
    step.relation = seen ? Relation::kWr : first.relation;
    step.after = seen ? first.before : second.after;
    return step;
  }

  std::vector<Step> shortened(std::vector<Step> cycle) const {
    if (cycle.size() > kMostShortened) return cycle;
    for (std::size_t i = 0; i < cycle.size() && cycle.size() > 2;) {
      const std::size_t next = (i + 1) % cycle.size();
      const std::optional<Step> step = joined(cycle[i], cycle[next]);
      if (!step || !why::derive(history_, *step, {}, orders_)) {
        ++i;
        continue;
      }
      cycle[i] = *step;
      cycle.erase(cycle.begin() + static_cast<std::ptrdiff_t>(next));
      if (next < i) --i;
    }
    return cycle;
  }

  /// Only what many others together imply may be too long to retell.
  bool may_be_implied(const Step& step) const {
    if (history_.transactions().size() <= why::kMostProved) return false;
    if (step.relation != Relation::kWw && step.relation != Relation::kRw) return false;
    if (step.key >= history_.keys()) return false;
    const Event* write = why::write_of(history_, step.to, step.key, step.after);
    return write != nullptr && (write->kind == EventKind::kWrite || write->kind == EventKind::kCas);
  }

  void close_cycle() {
    for (const Step& step : result_.shortcut) result_.cycle += name_of(history_, step.from) + " < ";
    result_.cycle += name_of(history_, result_.shortcut.front().from);
  }

  /// A cycle proves something only if all of it took effect.
  void note_unknown() {
    std::vector<std::uint32_t> told;
    for (const Step& step : result_.shortcut) {
      if (history_.transactions()[step.from].outcome == Outcome::kOk) continue;
      if (std::find(told.begin(), told.end(), step.from) != told.end()) continue;
      told.push_back(step.from);
      const why::Effect effect = why::effect_of(history_, step.from);
      TIDEMARK_ASSERT(effect.sure, "every transaction of a cycle took effect");
      named_.push_back(*effect.reader);
      result_.notes.push_back(effect.because + ".");
    }
  }

  void name_sessions() {
    for (const std::uint32_t transaction : named_) {
      const std::string session = history_.show_session(history_.transactions()[transaction].session);
      const auto& known = result_.sessions;
      if (std::find(known.begin(), known.end(), session) == known.end()) result_.sessions.push_back(session);
    }
  }

  const History& history_;
  const Anomaly& anomaly_;
  why::Orders orders_;
  std::vector<std::uint32_t> named_;
  Explanation result_;
};

/// "a", "a and b", "a, b and c".
std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

}  // namespace

std::string show_seconds(std::int64_t ns) {
  const bool negative = ns < 0;
  const std::uint64_t size = negative ? 0 - static_cast<std::uint64_t>(ns) : static_cast<std::uint64_t>(ns);
  const std::uint64_t ms = (size + 500'000) / 1'000'000;
  return fmt::format("{}{}.{:03} s", negative ? "-" : "", ms / 1000, ms % 1000);
}

Explanation explain_parts(const History& history, std::string_view guarantee, const Anomaly& anomaly,
                          const why::Orders& orders) {
  Explanation explanation = Explainer(history, anomaly, orders).explain();
  explanation.guarantee = guarantee;
  return explanation;
}

std::string to_text(const Explanation& explanation) {
  std::map<std::uint32_t, std::string> names;
  for (const Explanation::Part& part : explanation.parts) names[part.transaction] = part.name;
  std::string text;
  if (explanation.guarantee.empty()) {
    text += fmt::format("This history shows {}.\nLet:\n", explanation.anomaly);
  } else {
    text += fmt::format("The guarantee: {}\nThis history breaks it: {}.\nLet:\n", explanation.guarantee,
                        explanation.anomaly);
  }
  for (const Explanation::Part& part : explanation.parts) {
    text += fmt::format("  {} = {}: {}\n", part.name, part.where, part.events);
  }
  if (!explanation.fact.empty()) {
    text += fmt::format("{}: {}.\n", explanation.steps.empty() ? "But" : "In short", explanation.fact);
  }
  if (!explanation.steps.empty()) text += "Then:\n";
  for (std::size_t i = 0; i < explanation.steps.size(); ++i) {
    const why::Sentence& step = explanation.steps[i];
    text += fmt::format("  {}. {} < {}, because {}\n", i + 1, names[step.from], names[step.to], step.because);
  }
  for (const std::string& note : explanation.notes) text += fmt::format("  Note: {}\n", note);
  if (!explanation.cycle.empty()) text += fmt::format("However, {}: a contradiction!\n", explanation.cycle);
  if (!explanation.sessions.empty()) {
    text += fmt::format("It shows in session{} {}.\n", explanation.sessions.size() > 1 ? "s" : "",
                        joined(explanation.sessions));
  }
  return text;
}

std::string explain(const History& history, std::string_view guarantee, const Anomaly& anomaly,
                    const why::Orders& orders) {
  return to_text(explain_parts(history, guarantee, anomaly, orders));
}

}  // namespace tidemark::checkers
