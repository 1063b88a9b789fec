// JsonReader: the values of a JSON text as NodeTrees; the parsing is simdjson's.
#pragma once

#include <functional>
#include <memory>

#include "checkers/formats/syntax/node_tree.h"
#include "checkers/formats/syntax/source.h"

namespace tidemark::checkers {

class JsonReader {
 public:
  static constexpr unsigned kMostDeep = 64;

  explicit JsonReader(const Source& source);
  ~JsonReader();

  /// Each member of the array that the text is, or each of the texts that stand one per line when it begins with '{';
  /// at each the tree holds it. Throws HistoryError. Memory: 4 bytes per byte of the array or line (touched only as far
  /// as there are brackets and values), and one member.
  void each(NodeTree& tree, const std::function<void()>& member);
  /// Each member of the array that the text is, or that is the value of `name` in the object that the text is.
  void each_of(NodeTree& tree, std::string_view name, const std::function<void()>& member);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tidemark::checkers
