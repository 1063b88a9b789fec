#include "checkers/formats/maps.h"
#include "checkers/formats/operations.h"
#include "checkers/formats/syntax/edn_reader.h"

namespace tidemark::checkers {
namespace {

/// The maps inside a vector or list, up to its closing bracket.
void read_members(const Source& source, EdnReader& reader, NodeTree& tree, OperationReader& operations) {
  const char* opened = reader.at();
  const char closer = *opened == '[' ? ']' : ')';
  reader.skip(1);
  for (;;) {
    switch (reader.next(tree)) {
      case EdnReader::Found::kForm:
        operations.map(tree);
        break;
      case EdnReader::Found::kClose:
        if (*reader.at() != closer) source.fail(reader.at(), std::string("'") + closer + "' expected");
        reader.skip(1);
        return;
      case EdnReader::Found::kEnd:
        source.fail(opened, "the text ends before this bracket is closed");
    }
  }
}

}  // namespace

History read_edn(const Source& source, bool texts, ReadSummary& summary) {
  source.require_utf8();
  EdnReader reader(source, source.begin(), source.end());
  OperationReader operations(source);
  NodeTree tree;
  while (reader.skip_blanks()) {
    if (*reader.at() == '[' || *reader.at() == '(') {
      read_members(source, reader, tree, operations);
      continue;
    }
    const EdnReader::Found found = reader.next(tree);
    if (found == EdnReader::Found::kClose) source.fail(reader.at(), "a closing bracket that nothing opened");
    if (found == EdnReader::Found::kForm) operations.map(tree);
  }
  History history = operations.finish(texts);
  summary = operations.summary();
  return history;
}

}  // namespace tidemark::checkers
