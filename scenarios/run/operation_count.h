// OperationCount: stands between the clients and the recorder of histories and counts what passes, so that a recorder
// that loses operations cannot call a history valid.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "checkers/history/verdict.h"
#include "model/client/client_observer.h"

namespace tidemark::scenarios {

class OperationCount final : public model::ClientObserver {
 public:
  /// `lose_every`: the recorder does not hear of every n-th operation, as if it had lost it; 0 = it hears of all.
  OperationCount(model::ClientObserver& recorder, std::uint32_t lose_every)
      : recorder_(recorder), lose_every_(lose_every) {}
  void on_hostile(const model::HostileAnswer& answer) override { recorder_.on_hostile(answer); }
  void on_invoke(const model::ClientInvocation& invocation) override;
  void on_complete(const model::ClientOperation& operation) override;

  /// That clients ended, with any outcome.
  std::uint64_t completed() const { return completed_; }
  /// If the recorder has not had them all, what it judged as valid is unknown: "history incomplete".
  void judge(std::uint64_t recorded, std::vector<checkers::Verdict>& verdicts) const;

 private:
  model::ClientObserver& recorder_;
  const std::uint32_t lose_every_;
  std::uint64_t invoked_ = 0;
  std::uint64_t completed_ = 0;
  std::set<std::uint32_t> lost_;  // processes whose open operation is lost
};

}  // namespace tidemark::scenarios
