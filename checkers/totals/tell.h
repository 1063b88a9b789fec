// What the checkers of totals share: names in sentences, and the verdict from what was found. Private.
#pragma once

#include <string>
#include <vector>

#include "checkers/record/judgement.h"

namespace tidemark::checkers::totals {

/// "T5 of session a".
std::string called(const History& history, std::uint32_t txn);

/// Collects anomalies up to the number asked for; the first reason that forbids "valid".
class Findings {
 public:
  explicit Findings(const JudgeOptions& options) : most_(options.most_anomalies) {}
  void add(std::string name, std::vector<std::uint32_t> transactions, std::string fact);
  void doubt(std::string reason);
  std::vector<Anomaly>& anomalies() { return anomalies_; }
  Judgement judgement(std::uint64_t observations);

 private:
  std::uint64_t most_;
  bool invalid_ = false;
  std::vector<Anomaly> anomalies_;
  std::string reason_;
};

/// Doubts every kind of event that is not among `known`.
void doubt_other_kinds(const History& history, EventKinds known, Findings& findings);

}  // namespace tidemark::checkers::totals
