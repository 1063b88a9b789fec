#include "scenarios/run/merge_verdicts.h"

namespace tidemark::scenarios {

void merge_verdict(std::vector<checkers::Verdict>& verdicts, const checkers::Verdict& verdict) {
  for (checkers::Verdict& known : verdicts) {
    if (known.name != verdict.name) continue;
    known.observations += verdict.observations;
    if (verdict.validity <= known.validity) return;
    known.validity = verdict.validity;
    known.witness = verdict.witness;
    known.at_ns = verdict.at_ns;
    known.liveness = verdict.liveness;
    return;
  }
  verdicts.push_back(verdict);
}

}  // namespace tidemark::scenarios
