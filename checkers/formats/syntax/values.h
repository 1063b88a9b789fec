// ValueReader: the plain values of records as Values of a history.
#pragma once

#include <vector>

#include "checkers/formats/syntax/node_tree.h"
#include "checkers/record/history.h"

namespace tidemark::checkers {

/// A keyword, a string, a symbol, a number that is no integer of 64 bits, and a truth value are texts in a History, by
/// their name. That would make one value of :x and "x": a history that uses both is refused.
class ValueReader {
 public:
  ValueReader(const Source& source, HistoryBuilder& builder) : source_(source), builder_(builder) {}

  /// Throws HistoryError for collections: `what` says what was expected.
  Value value(const Node& node, const char* what);
  /// Of a key of a JSON object, which is a string even where an integer is meant.
  Value object_key(const Node& node, const char* what);

 private:
  const Source& source_;
  HistoryBuilder& builder_;
  std::vector<NodeKind> kinds_;  // by text id
};

}  // namespace tidemark::checkers
