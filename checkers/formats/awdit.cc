#include <vector>

#include "checkers/formats/draft.h"
#include "checkers/formats/registers.h"
#include "checkers/formats/syntax/line_scanner.h"

namespace tidemark::checkers {
namespace {

/// One operation: "r key value" or "w key value".
Micro read_micro(LineScanner& scanner, HistoryBuilder& builder) {
  Micro micro;
  const bool write = scanner.take('w');
  if (!write && !scanner.take('r'))
    scanner.fail("'r key value', 'w key value', a line of '-' or a line of '=' expected");
  scanner.need(' ', "a blank");
  scanner.skip_blanks();
  micro.key = builder.key(builder.integer(scanner.integer("a key")));
  scanner.need(' ', "a blank");
  scanner.skip_blanks();
  micro.value = builder.integer(scanner.integer("a value"));
  if (!scanner.at_end()) scanner.fail("something follows the operation");
  micro.verb = write ? Verb::kWrite : Verb::kRead;
  micro.shown = write ? Shown::kUnknown : Shown::kPlain;
  return micro;
}

}  // namespace

History read_awdit(const Source& source, ReadSummary& summary) {
  LineScanner scanner(source);
  HistoryBuilder builder;
  Draft draft(builder);
  std::vector<Micro> micros;
  std::int64_t session = 0;
  std::uint32_t last_line = 0;
  const auto end_transaction = [&] {
    if (micros.empty()) return;
    HistoryBuilder::End end;
    end.line = last_line;
    draft.add(builder.session(Value::integer(session)), end, micros);
    micros.clear();
  };
  while (scanner.next()) {
    scanner.skip_blanks();
    if (scanner.at_end()) continue;
    const char first = scanner.peek();
    if (first == '-' || first == '=') {
      if (!scanner.rest_is(first)) scanner.fail(std::string("a line of '") + first + "' expected");
      end_transaction();
      if (first == '=') ++session;
      continue;
    }
    micros.push_back(read_micro(scanner, builder));
    last_line = scanner.number();
    ++summary.records;
  }
  end_transaction();
  Draft::Options options;
  options.zero_is_initial = true;
  return draft.resolve(source, options, summary);
}

}  // namespace tidemark::checkers
