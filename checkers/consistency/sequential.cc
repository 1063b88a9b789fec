#include "checkers/consistency/sequential.h"

#include "checkers/consistency/dependency_graph.h"
#include "checkers/consistency/known_order.h"

namespace tidemark::checkers {

std::vector<Verdict> check_sequential(const std::vector<Operation>& history) {
  KnownOrderChecker known(KnownOrderOptions{0, 512});
  Batch batch;
  bool one_model = true;
  bool restored = false;
  for (const Operation& operation : history) {
    known.on_operation(operation);
    one_model = one_model && batch.add(operation);
    restored = restored || !operation.restored_to.empty();
  }
  Verdict sequential = known.finish();
  const Verdict order = known.bookmark_order();
  const bool decided = sequential.validity == Validity::kValid && order.validity == Validity::kValid;
  // A restore has a place in the order of the bookmarks, and in no other: the graph cannot know what it brought back.
  if (decided || history.empty() || !one_model || restored) return {sequential, order};

  const DependencyGraph graph(batch);
  std::string witness = graph.direct();
  if (witness.empty() && graph.undecidable().empty()) witness = graph.cycle();
  if (!witness.empty()) {
    sequential.validity = Validity::kInvalid;
    sequential.witness = witness;
  } else if (graph.undecidable().empty()) {
    sequential.validity = Validity::kValid;  // legal in some order, even where it is not that of the bookmarks
    sequential.witness.clear();
  } else if (sequential.validity == Validity::kValid || sequential.witness.empty()) {
    // The replay fitted, so an order exists, whatever the graph could not see.
  } else if (sequential.validity == Validity::kUnknown) {
    sequential.witness += " (" + graph.undecidable() + ")";
  }
  return {sequential, order};
}

}  // namespace tidemark::checkers
