// Whatever the layout of a line, it is the same operation: for the reader of a History, for the one of Operations, and
// for their strict path alone.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdint>
#include <string>
#include <vector>

#include "checkers/formats/tidemark.h"
#include "line_layout.h"

namespace tidemark::checkers {
namespace {

struct Story {
  ModelKind model = ModelKind::kAppend;
  Layout layout;
  std::string written;  // as our writer makes it
  std::string other;    // in the layout
};

Story story() {
  Story story;
  story.model = static_cast<ModelKind>(*rc::gen::inRange(0, 3));
  story.layout.spaces = *rc::gen::element(0U, 0U, 10U, 50U);
  story.layout.escapes = *rc::gen::element(0U, 0U, 5U, 50U);
  story.layout.shuffled = *rc::gen::arbitrary<bool>();
  story.layout.rare = *rc::gen::element(false, false, false, true);
  Draws draws{*rc::gen::arbitrary<std::uint64_t>()};
  story.written = random_lines(story.model, *rc::gen::inRange(1U, 12U), story.layout.rare, draws);
  for (std::size_t at = 0; at < story.written.size();) {
    const std::size_t end = story.written.find('\n', at) + 1;
    const std::string_view line = std::string_view(story.written).substr(at, end - at);
    story.other += at == 0 ? std::string(line) : laid_out(line, story.layout, draws);
    at = end;
  }
  RC_LOG() << "written:\n" << story.written << "other:\n" << story.other;
  return story;
}

std::string written_again(const std::string& text, ModelKind model) {
  HistoryReader reader("h", text);
  HistoryFormatter formatter;
  formatter.header({"layout", 1, model});
  Operation operation;
  while (reader.next(operation)) formatter.operation(operation);
  return formatter.buffer();
}

std::vector<std::string> all_of(const History& history) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < history.transactions().size(); ++i) {
    const Txn& txn = history.transactions()[i];
    std::string line = history.show_session(txn.session) + " " + std::to_string(static_cast<int>(txn.outcome)) + " " +
                       std::to_string(txn.index) + " " + std::to_string(txn.line) + " " + std::to_string(txn.call) +
                       ".." + std::to_string(txn.ret) + ": " + history.show(txn);
    for (const Event& event : history.events(txn)) line += " " + std::to_string(event.other);
    line += " " + std::to_string(history.times()[i].invoke_ns) + " " + std::to_string(history.times()[i].complete_ns);
    if (!history.regions().empty() && history.regions()[i] != kNever) line += " " + history.text(history.regions()[i]);
    all.push_back(line);
  }
  return all;
}

TEST(LineLayout, OperationsAreTheSameInEveryLayout) {
  EXPECT_TRUE(rc::check([] {
    const Story told = story();
    RC_ASSERT(written_again(told.other, told.model) == told.written);
  }));
}

TEST(LineLayout, HistoriesAreTheSameInEveryLayout) {
  EXPECT_TRUE(rc::check([] {
    const Story told = story();
    ReadSummary summary;
    ReadSummary strict_summary;
    std::uint64_t left = 0;
    const auto fast = all_of(read_tidemark_counted(Source("h", told.other), summary, left));
    const auto strict = all_of(read_tidemark_strict(Source("h", told.written), strict_summary));
    RC_ASSERT(fast == strict);
    RC_ASSERT(summary.records == strict_summary.records);
    RC_ASSERT(summary.conflicting_inserts == strict_summary.conflicting_inserts);
    RC_ASSERT(told.layout.rare || told.layout.escapes > 0 || left == 0U);  // words of the format may be escaped
  }));
}

TEST(LineLayout, AChangedByteIsTheSameMistakeForBothPaths) {
  EXPECT_TRUE(rc::check([] {
    Story told = story();
    Draws draws{*rc::gen::arbitrary<std::uint64_t>()};
    const std::size_t body = told.other.find('\n') + 1;
    const auto at = body + draws.below(static_cast<std::uint32_t>(told.other.size() - body));
    told.other[at] = draws.percent(50) ? "0-9\"\\,]}e \xff\n:"[draws.below(13)] : static_cast<char>(draws.below(256));
    RC_LOG() << "changed at " << at << ":\n" << told.other;
    const auto said = [&](bool fast) -> std::vector<std::string> {
      ReadSummary summary;
      const Source source("h", told.other);
      try {
        return all_of(fast ? read_tidemark(source, summary) : read_tidemark_strict(source, summary));
      } catch (const HistoryError& error) {
        return {error.what()};
      }
    };
    RC_ASSERT(said(true) == said(false));
  }));
}

}  // namespace
}  // namespace tidemark::checkers
