#include "checkers/totals/tell.h"

#include <fmt/core.h>

namespace tidemark::checkers::totals {

std::string called(const History& history, std::uint32_t txn) {
  const Txn& of = history.transactions()[txn];
  return fmt::format("T{} of session {}", of.index, history.show_session(of.session));
}

void Findings::add(std::string name, std::vector<std::uint32_t> transactions, std::string fact) {
  invalid_ = true;
  if (anomalies_.size() >= most_) return;
  Anomaly& anomaly = anomalies_.emplace_back();
  anomaly.name = std::move(name);
  anomaly.transactions = std::move(transactions);
  anomaly.fact = std::move(fact);
}

void Findings::doubt(std::string reason) {
  if (reason_.empty()) reason_ = std::move(reason);
}

Judgement Findings::judgement(std::uint64_t observations) {
  Judgement judgement;
  judgement.observations = observations;
  judgement.validity = invalid_ ? Validity::kInvalid : reason_.empty() ? Validity::kValid : Validity::kUnknown;
  judgement.anomalies = std::move(anomalies_);
  if (judgement.validity == Validity::kUnknown) judgement.reason = std::move(reason_);
  return judgement;
}

void doubt_other_kinds(const History& history, EventKinds known, Findings& findings) {
  if ((history.kinds() & ~known) == 0) return;
  for (const Event& event : history.events()) {
    if ((bit(event.kind) & known) != 0) continue;
    findings.doubt(fmt::format("\"{}\" is of a kind that this model does not know", history.show(event)));
    return;
  }
}

}  // namespace tidemark::checkers::totals
