#include "checkers/formats/maps.h"
#include "checkers/formats/operations.h"
#include "checkers/formats/syntax/json_reader.h"

namespace tidemark::checkers {

History read_operation_json(const Source& source, ReadSummary& summary) {
  OperationReader operations(source);
  NodeTree tree;
  JsonReader reader(source);
  reader.each(tree, [&] { operations.map(tree); });
  History history = operations.finish(false);
  summary = operations.summary();
  return history;
}

}  // namespace tidemark::checkers
