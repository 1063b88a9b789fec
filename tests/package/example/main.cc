// Reads a history, judges it, and says why it is wrong. docs/checkers_library.md shows this program.
#include <checkers/explain/explain.h>
#include <checkers/formats/format.h>
#include <checkers/judge/models.h>

#include <iostream>

namespace checkers = tidemark::checkers;

int main() {
  const char* text =
      "{:type :ok, :process 1, :f :txn, :value [[:append x 1]]}\n"
      "{:type :ok, :process 2, :f :txn, :value [[:r x [1]]]}\n"
      "{:type :ok, :process 1, :f :txn, :value [[:r x []]]}\n";
  const checkers::History history = checkers::read_history_text("example", text, checkers::Format::kEdn);
  const checkers::ModelInfo& model = checkers::info(checkers::Model::kSequential);
  const checkers::Judgement judgement = checkers::judge(history, model.model);
  std::cout << model.name << ": " << to_text(judgement.validity) << "\n";
  for (const checkers::Anomaly& anomaly : judgement.anomalies) {
    std::cout << checkers::explain(history, model.guarantee, anomaly);
  }
  return judgement.validity == checkers::Validity::kValid ? 0 : 1;
}
