#include "scenarios/run/merge_verdicts.h"

namespace tidemark::scenarios {
namespace {

using checkers::Validity;
using checkers::Verdict;

bool is_earlier(const Verdict& verdict, const Verdict& known) {
  return verdict.validity == Validity::kInvalid && verdict.at_ns && (!known.at_ns || *verdict.at_ns < *known.at_ns);
}

}  // namespace

void merge_verdict(std::vector<Verdict>& verdicts, const Verdict& verdict) {
  for (Verdict& known : verdicts) {
    if (known.name != verdict.name) continue;
    known.observations += verdict.observations;
    if (verdict.validity < known.validity) return;
    if (verdict.validity == known.validity && !is_earlier(verdict, known)) return;
    known.validity = verdict.validity;
    known.witness = verdict.witness;
    known.at_ns = verdict.at_ns;
    known.liveness = verdict.liveness;
    return;
  }
  verdicts.push_back(verdict);
}

}  // namespace tidemark::scenarios
