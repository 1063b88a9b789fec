#include <cstring>

#include "checkers/formats/maps.h"
#include "checkers/formats/operations.h"
#include "checkers/formats/syntax/edn_reader.h"

namespace tidemark::checkers {
namespace {

constexpr std::string_view kLogger = "jepsen.util";

/// What the line says behind its logger's name; empty when another logger wrote it.
std::string_view said(std::string_view line) {
  const std::size_t found = line.substr(0, 200).find(kLogger);
  if (found == std::string_view::npos) return {};
  std::string_view rest = line.substr(found + kLogger.size());
  for (const std::string_view mark : {" - ", ": "})
    if (rest.substr(0, mark.size()) == mark) return rest.substr(mark.size());
  return {};
}

/// All forms of a line, one after the other, in one tree.
struct LineForms {
  NodeTree trees[4];
  unsigned count = 0;
};

void read_forms(const Source& source, std::string_view text, LineForms& forms) {
  EdnReader reader(source, text.data(), text.data() + text.size());
  forms.count = 0;
  while (forms.count < 4) {
    const EdnReader::Found found = reader.next(forms.trees[forms.count]);
    if (found == EdnReader::Found::kEnd) return;
    if (found == EdnReader::Found::kClose) source.fail(reader.at(), "a closing bracket that nothing opened");
    ++forms.count;
  }
}

}  // namespace

History read_jepsen_log(const Source& source, ReadSummary& summary) {
  source.require_utf8();
  OperationReader operations(source);
  LineForms forms;
  const char* at = source.begin();
  while (at < source.end()) {
    const void* newline = std::memchr(at, '\n', static_cast<std::size_t>(source.end() - at));
    const char* stop = newline == nullptr ? source.end() : static_cast<const char*>(newline);
    const std::string_view line(at, static_cast<std::size_t>(stop - at));
    if (line.size() > kMostRecordBytes) source.fail(at, "a line that is too long");
    const std::string_view text = said(line);
    if (text.empty()) {
      operations.summary().foreign_lines += line.empty() ? 0 : 1;
    } else {
      read_forms(source, text, forms);
      if (forms.count < 3) source.fail(text.data(), "a process, a type and a function expected");
      const Node* value = forms.count > 3 ? &forms.trees[3].root() : nullptr;
      const NodeTree& tree = forms.trees[forms.count - 1];
      operations.parts(tree, forms.trees[0].root(), forms.trees[1].root(), forms.trees[2].root(), value);
    }
    at = stop + (newline == nullptr ? 0 : 1);
  }
  History history = operations.finish(false);
  summary = operations.summary();
  return history;
}

}  // namespace tidemark::checkers
