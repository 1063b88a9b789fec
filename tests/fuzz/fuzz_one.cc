#include "fuzz_one.h"

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "checkers/formats/tidemark.h"
#include "checkers/formats/write/write.h"

namespace tidemark::checkers {
namespace {

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "fuzz_one: %s\n", what);
  std::abort();
}

std::optional<std::string> written(const History& history, Format format) {
  try {
    std::string text;
    write_history(history, format, "fuzz", [&](std::string_view piece) { text += piece; });
    return text;
  } catch (const ConversionRefused&) {
    return std::nullopt;
  }
}

/// Every accessor, so that a wrong index is met.
void visit(const History& history) {
  std::size_t length = history.bytes();
  for (const Txn& txn : history.transactions()) {
    require(txn.session < history.sessions(), "a session that there is not");
    for (const Event& event : history.events(txn)) require(event.key < history.keys(), "a key that there is not");
    length += history.show(txn).size() + history.show_session(txn.session).size();
  }
  require(length > 0 || history.transactions().empty(), "an impossible size");
}

void write_and_read_again(const History& history, Format format) {
  const std::optional<std::string> first = written(history, format);
  if (!first) return;
  const auto settle = [&](bool condition, const char* what) {
    if (!condition) std::fprintf(stderr, "written as %s:\n%s\n", to_text(format), first->c_str());
    require(condition, what);
  };
  const History again = read_history_text("first", *first, format);
  const std::size_t before = history.transactions().size();
  const std::size_t after = again.transactions().size();
  // Plume's text has no transactions without operations, and aborted neighbours become one.
  settle(format == Format::kPlume ? after <= before : after == before, "transactions were lost");
  const std::optional<std::string> second = written(again, format);
  settle(second.has_value(), "what was written once is refused");
  const History third = read_history_text("second", *second, format);
  settle(third.events().size() == again.events().size(), "operations were lost");
  settle(written(third, format) == second, "writing does not settle");
}

std::string all_of(const History& history) {
  std::string text;
  for (const Txn& txn : history.transactions()) {
    text += history.show_session(txn.session) + " " + std::to_string(txn.index) + " " + std::to_string(txn.call) + ".." +
            std::to_string(txn.ret) + " " + history.show(txn) + "\n";
  }
  return text;
}

/// Both paths of the reader of our lines say the same, about histories and about mistakes.
void compare_paths(std::string_view text) {
  const auto said = [&](bool fast) -> std::string {
    ReadSummary summary;
    try {
      const Source source("fuzz", text);
      return all_of(fast ? read_tidemark(source, summary) : read_tidemark_strict(source, summary));
    } catch (const HistoryError& error) {
      return error.what();
    }
  };
  const std::string fast = said(true);
  const std::string strict = said(false);
  if (fast != strict) std::fprintf(stderr, "fast:\n%s\nstrict:\n%s\n", fast.c_str(), strict.c_str());
  require(fast == strict, "the two paths differ");
}

}  // namespace

bool fuzz_one(Format format, std::string_view text) {
  guess_format("fuzz", text);
  if (format == Format::kTidemark) compare_paths(text);
  try {
    const History history = read_history_text("fuzz", text, format);
    visit(history);
    for (const Format to : {Format::kEdn, Format::kJson, Format::kTidemark, Format::kPlume, Format::kKv})
      write_and_read_again(history, to);
    return true;
  } catch (const HistoryError& error) {
    require(error.what()[0] != '\0', "an error without a word");
    return false;
  }
}

}  // namespace tidemark::checkers
