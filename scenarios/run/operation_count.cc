#include "scenarios/run/operation_count.h"

#include <fmt/core.h>

namespace tidemark::scenarios {

void OperationCount::on_invoke(const model::ClientInvocation& invocation) {
  ++invoked_;
  if (lose_every_ != 0 && invoked_ % lose_every_ == 0) {
    lost_.insert(invocation.process);
    return;
  }
  recorder_.on_invoke(invocation);
}

void OperationCount::on_complete(const model::ClientOperation& operation) {
  ++completed_;
  if (!lost_.empty() && lost_.erase(operation.invocation.process) > 0) return;
  recorder_.on_complete(operation);
}

void OperationCount::judge(std::uint64_t recorded, std::vector<checkers::Verdict>& verdicts) const {
  if (recorded == completed_) return;
  const std::string why = fmt::format("history incomplete: {} of {} operations were recorded", recorded, completed_);
  for (checkers::Verdict& verdict : verdicts) {
    if (verdict.validity == checkers::Validity::kInvalid) continue;
    verdict.witness = verdict.witness.empty() ? why : why + "; " + verdict.witness;
    verdict.validity = checkers::Validity::kUnknown;
  }
}

}  // namespace tidemark::scenarios
