// What the tests of the graph say about a history.
#pragma once

#include <string>
#include <string_view>

#include "checkers/graph/transactional.h"
#include "notation.h"

namespace tidemark::checkers::graph {

inline constexpr TransactionalModel kSequential{Isolation::kSerializable, true, false};
inline constexpr TransactionalModel kSerializable{Isolation::kSerializable, false, false};
inline constexpr TransactionalModel kStrict{Isolation::kSerializable, true, true};
inline constexpr TransactionalModel kSessionSnapshot{Isolation::kSnapshot, true, false};
inline constexpr TransactionalModel kReadCommitted{Isolation::kReadCommitted, false, false};

/// "valid", "unknown: <reason>", or the first anomaly and its transactions: "G1c T0 T2".
inline std::string told(const Judgement& judgement, const History& history) {
  if (judgement.validity == Validity::kValid) return "valid";
  if (judgement.validity == Validity::kUnknown) return "unknown: " + judgement.reason;
  const Anomaly& first = judgement.anomalies.at(0);
  std::string text = first.name;
  for (const std::uint32_t transaction : first.transactions) {
    text += " T" + std::to_string(history.transactions()[transaction].index);
  }
  return text;
}

inline std::string judged(std::string_view text, const TransactionalModel& model = kSequential) {
  const History history = testing::history_of(text);
  return told(judge_transactional(history, model, {}), history);
}

/// "T0 wr x 1 T1; T1 rw x 1 2 T0": the steps of the first anomaly's cycle.
inline std::string steps(std::string_view text, const TransactionalModel& model = kSequential) {
  const History history = testing::history_of(text);
  const Judgement judgement = judge_transactional(history, model, {});
  std::string result;
  if (judgement.anomalies.empty()) return result;
  for (const Step& step : judgement.anomalies[0].cycle) {
    if (!result.empty()) result += "; ";
    result += "T" + std::to_string(step.from) + " " + to_text(step.relation);
    const bool data = step.relation != Relation::kSo && step.relation != Relation::kRt;
    if (data) result += " " + history.show_key(step.key) + " " + history.show(step.before);
    if (data && step.relation != Relation::kWr) result += " " + history.show(step.after);
    result += " T" + std::to_string(step.to);
  }
  return result;
}

}  // namespace tidemark::checkers::graph
