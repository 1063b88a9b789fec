#include <vector>

#include "checkers/formats/draft.h"
#include "checkers/formats/registers.h"
#include "checkers/formats/syntax/line_scanner.h"

namespace tidemark::checkers {
namespace {

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// "x:=1", "x==1", "x==?"
Micro read_event(LineScanner& scanner, HistoryBuilder& builder) {
  const char* from = scanner.at();
  if (!begins_name(scanner.peek())) scanner.fail("the name of a variable expected");
  while (begins_name(scanner.peek()) || (scanner.peek() >= '0' && scanner.peek() <= '9')) scanner.take(scanner.peek());
  Micro micro;
  micro.key = builder.key(builder.text({from, static_cast<std::size_t>(scanner.at() - from)}));
  const bool write = scanner.take(":=");
  if (!write && !scanner.take("==")) scanner.fail("':=' or '==' expected");
  micro.verb = write ? Verb::kWrite : Verb::kRead;
  if (!write && scanner.take('?')) {
    micro.shown = Shown::kNil;
    return micro;
  }
  if (scanner.peek() == '-') scanner.fail("a version is a number from 0");
  micro.value = builder.integer(scanner.integer("a version"));
  micro.shown = write ? Shown::kUnknown : Shown::kPlain;
  return micro;
}

/// One transaction, from its '[' on; false when it is not committed.
bool read_transaction(LineScanner& scanner, HistoryBuilder& builder, std::vector<Micro>& micros) {
  micros.clear();
  scanner.need('[', "'['");
  scanner.skip_blanks();
  while (!scanner.take(']')) {
    if (scanner.at_end()) scanner.fail("']' expected");
    micros.push_back(read_event(scanner, builder));
    const char after = scanner.peek();
    if (after != ']' && after != ' ' && after != '\t') scanner.fail("a blank or ']' expected");
    scanner.skip_blanks();
  }
  return !scanner.take('!');
}

}  // namespace

History read_dbcop_text(const Source& source, ReadSummary& summary) {
  source.require_utf8();
  LineScanner scanner(source);
  HistoryBuilder builder;
  Draft draft(builder);
  std::vector<Micro> micros;
  std::int64_t session = 0;
  while (scanner.next()) {
    scanner.skip_blanks();
    if (scanner.take("//")) continue;
    if (scanner.peek() == '-') {
      if (!scanner.rest_is('-')) scanner.fail("a line of '-' expected");
      ++session;
      continue;
    }
    while (!scanner.at_end()) {
      const bool committed = read_transaction(scanner, builder, micros);
      if (!committed)
        for (Micro& micro : micros)
          if (micro.verb == Verb::kRead) micro.shown = Shown::kUnknown;
      HistoryBuilder::End end;
      end.outcome = committed ? Outcome::kOk : Outcome::kFail;
      end.line = scanner.number();
      draft.add(builder.session(Value::integer(session)), end, micros);
      summary.records += micros.size();
      scanner.skip_blanks();
    }
  }
  return draft.resolve(source, {}, summary);
}

}  // namespace tidemark::checkers
