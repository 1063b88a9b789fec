#include "checkers/formats/tidemark.h"

#include "format_samples.h"

namespace tidemark::checkers {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string header(std::string_view model) {
  return R"({"format":"tidemark-history","version":1,"scenario":"s","seed":18446744073709551615,"model":")" +
         std::string(model) + "\"}\n";
}

/// One line, as the writer makes it.
std::string line(int index, int session, std::string_view type, std::string_view value, int invoke, int complete,
                 std::string_view region = "WEUR", std::string_view error = "") {
  const std::string number = std::to_string(index);
  const std::string who = std::to_string(session);
  std::string text = "{\"index\":" + number + ",\"session\":" + who + ",\"process\":" + who + ",\"type\":\"" +
                     std::string(type) + "\",\"f\":\"txn\",\"value\":[" + std::string(value) +
                     "],\"invoke_ns\":" + std::to_string(invoke) + ",\"complete_ns\":" + std::to_string(complete) +
                     ",\"bookmark_in\":\"first-primary\",\"bookmark_out\":\"\",\"served_by_region\":\"" +
                     std::string(region) + "\",\"served_by_primary\":true";
  if (type != "ok") text += ",\"error\":\"" + std::string(error) + "\"";
  return text + "}\n";
}

/// Both paths give the same history.
std::vector<std::string> both(const std::string& text) {
  const Source source("h", text);
  ReadSummary fast_summary;
  ReadSummary strict_summary;
  std::uint64_t left = 0;
  const History fast = read_tidemark_counted(source, fast_summary, left);
  const History strict = read_tidemark_strict(source, strict_summary);
  EXPECT_EQ(left, 0U) << "not read by the fast path";
  EXPECT_EQ(lines_of(fast), lines_of(strict));
  EXPECT_EQ(fast_summary.conflicting_inserts, strict_summary.conflicting_inserts);
  EXPECT_EQ(fast.regions().size(), strict.regions().size());
  for (std::size_t i = 0; i < strict.transactions().size(); ++i) {
    EXPECT_EQ(fast.transactions()[i].line, strict.transactions()[i].line);
    EXPECT_EQ(fast.transactions()[i].index, strict.transactions()[i].index);
    EXPECT_EQ(fast.times()[i].invoke_ns, strict.times()[i].invoke_ns);
    EXPECT_EQ(fast.times()[i].complete_ns, strict.times()[i].complete_ns);
    if (!strict.regions().empty() && strict.regions()[i] != kNever) {
      EXPECT_EQ(fast.text(fast.regions()[i]), strict.text(strict.regions()[i]));
    }
  }
  return lines_of(strict);
}

TEST(TidemarkLines, ReadsLists) {
  EXPECT_THAT(both(header("append") + line(0, 1, "ok", R"(["append",1,5],["r",2,[]])", 10, 20) +
                   line(3, 2, "info", R"(["append",1,-6],["r",1,null])", 12, 20, "", "timed \\\"out\\\" \\u001f") +
                   line(4, 1, "ok", R"(["r",1,[5,-6,7]])", 20, 30) + line(5, 7, "fail", "", 21, 31, "", "no")),
              ElementsAre("1 ok 1..1: append 5 to 1; read 2 = []", "2 info 1..: append -6 to 1; read 1 = ?",
                          "1 ok 1..2: read 1 = [5 -6 7]", "7 fail 2..3: "));
}

TEST(TidemarkLines, ReadsRegisters) {
  EXPECT_THAT(both(header("register") + line(0, 1, "ok", R"(["w",1,5,null],["r",2,0,null])", 10, 20) +
                   line(1, 1, "ok", R"(["r",1,5,3],["w",1,6,4])", 21, 22) +
                   line(2, 1, "fail", R"(["w",1,7,null],["r",1,null,null])", 23, 24, "", "x")),
              ElementsAre("1 ok 1..1: write 1 = 5; read 2 = nil", "1 ok 2..2: read 1 = 5; write 1 = 6",
                          "1 fail 3..3: write 1 = 7; read 1 = ?"));
}

TEST(TidemarkLines, ReadsTheShopAsAList) {
  const std::string row = R"({"customerId":"c","orderId":"o/1","quantity":3})";
  ReadSummary summary;
  const std::string text = header("orders") + line(0, 1, "ok", R"(["insert",)" + row + ",true]", 1, 2) +
                           line(1, 1, "ok", R"(["list",[["c","o/1",3]]])", 3, 4) +
                           line(2, 1, "ok", R"(["insert",)" + row + ",false]", 5, 6) +
                           line(3, 1, "info", R"(["insert",)" + row + R"(,null],["list",null])", 7, 8, "", "x") +
                           line(4, 1, "ok", R"(["list",[["c","o/1",3],["d","o/1",3]]])", 9, 10) +
                           line(5, 1, "ok", R"(["list",[["c","o/1",3],["d","o/1",34],["e","",-1]]])", 11, 12) +
                           line(6, 1, "ok", R"(["list",[["c","o/1",3],["d","o/1",3]]])", 13, 14) +
                           line(7, 1, "ok", R"(["reset"],["list",[]])", 15, 16);
  EXPECT_THAT(both(text),
              ElementsAre("1 ok 1..1: append \"c/o\\\\/1/3\" to orders", "1 ok 2..2: read orders = [\"c/o\\\\/1/3\"]",
                          "1 ok 3..3: ", "1 info 4..: append \"c/o\\\\/1/3\" to orders; read orders = ?",
                          "1 ok 5..5: read orders = [\"c/o\\\\/1/3\" \"d/o\\\\/1/3\"]",
                          "1 ok 6..6: read orders = [\"c/o\\\\/1/3\" \"d/o\\\\/1/34\" e//-1]",
                          "1 ok 7..7: read orders = [\"c/o\\\\/1/3\" \"d/o\\\\/1/3\"]",
                          "1 ok 8..8: clear orders; read orders = []"));
  read_history_text("h", text, Format::kTidemark, &summary);
  EXPECT_EQ(summary.conflicting_inserts, 1U);
}

TEST(TidemarkLines, RealTimeFollowsFromTheTimes) {
  // 0: 10..20; 1: 20..25 (not after 0: equal); 2: 21..25 (after 0); 3: 26..26 (after all)
  const History history =
      read_history_text("h",
                        header("append") + line(0, 0, "ok", "", 10, 20) + line(1, 1, "ok", "", 20, 25) +
                            line(2, 2, "ok", "", 21, 25) + line(3, 3, "ok", "", 26, 26),
                        Format::kTidemark);
  const auto before = [&](std::size_t a, std::size_t b) {
    return history.transactions()[a].ret < history.transactions()[b].call;
  };
  for (std::size_t a = 0; a < 4; ++a) {
    for (std::size_t b = 0; b < 4; ++b)
      EXPECT_EQ(before(a, b), history.times()[a].complete_ns < history.times()[b].invoke_ns) << a << " " << b;
  }
}

TEST(TidemarkLines, TheStrictPathReadsWhatTheFastOneDoesNotKnow) {
  const std::string text =
      header("append") +
      R"({ "process":1,"session":1,"ind\u0065x":0,"type":"ok","f":"\ud83d\ude00","value":[["append", 1, 5]],"invoke_ns":1,)"
      R"("complete_ns":2,"bookmark_in":"","bookmark_out":"","served_by_region":"","served_by_primary":false})"
      "\n" +
      line(1, 1, "ok", "[\"append\",1,9223372036854775807]", 3, 4, "W\\u0045UR");
  ReadSummary summary;
  std::uint64_t left = 0;
  const History history = read_tidemark_counted(Source("h", text), summary, left);
  EXPECT_EQ(left, 1U) << "only the line that needs it";
  EXPECT_THAT(lines_of(history), ElementsAre("1 ok 1..1: append 5 to 1", "1 ok 2..2: append 9223372036854775807 to 1"));
  EXPECT_EQ(history.text(history.regions()[1]), "WEUR");
}

TEST(TidemarkLines, LinesMayEndWithCrLf) {
  std::string text;
  for (const char c : header("append") + line(0, 1, "ok", "[\"append\",1,5]", 1, 2))
    text += c == '\n' ? "\r\n" : std::string(1, c);
  EXPECT_THAT(lines_of(text, Format::kTidemark), ElementsAre("1 ok 1..1: append 5 to 1"));
}

TEST(TidemarkLines, RefusesWhatIsNotUtf8InAPartThatIsNotKept) {
  std::string text = header("append") + line(0, 1, "ok", "", 1, 2);
  text.replace(text.find("first-primary"), 2, "\xc3\x28");
  expect_refused(Format::kTidemark, {{text, 2, 1, "not JSON"}});
}

TEST(TidemarkLines, AHeaderAloneIsAnEmptyHistory) {
  EXPECT_THAT(both(header("orders")), IsEmpty());
}

TEST(TidemarkLines, NamesThePlaceOfMistakes) {
  const std::string good = header("append") + line(0, 1, "ok", "", 10, 20);
  const std::string restore = [] {
    std::string text = line(0, 1, "ok", "", 10, 20);
    return text.insert(text.size() - 2, ",\"restored_to\":\"x\"");
  }();
  expect_refused(Format::kTidemark,
                 {{"", 1, 1, "the file is empty"},
                  {"{}\n", 1, 1, "lacks"},
                  {good.substr(0, good.size() - 1), 2, 200, "middle of a line"},
                  {good + "\n", 3, 1, "empty line"},
                  {good + "x\n", 3, 1, "one JSON object"},
                  {good + line(0, 2, "ok", "", 30, 40), 3, 1, "indexes must increase"},
                  {good + line(1, 1, "ok", "", 15, 40), 3, 1, "still open"},
                  {good + line(1, 2, "ok", "", 1, 2), 3, 1, "order of their completion"},
                  {good + line(1, 2, "ok", "[\"append\",1]", 30, 40), 3, 79, "three parts"},
                  {good + line(1, 2, "ok", "[\"r\",1,null]", 30, 40), 3, 1, "knows the results"},
                  {header("append") + restore, 2, 1, "Time Travel"},
                  {header("register") + line(0, 1, "ok", "[\"w\",1,0,null]", 10, 20), 2, 1, "0 is written"},
                  {good + "{\"index\":\xff}\n", 3, 1, "not JSON"}});
}

TEST(TidemarkLines, BothPathsAgreeOnMutatedLines) {
  const std::string text = header("append") + line(0, 1, "ok", R"(["append",1,5],["r",2,[3,4]])", 10, 20) +
                           line(1, 2, "info", R"(["append",1,6],["r",1,null])", 12, 20, "", "x\\u0001");
  const std::size_t from = header("append").size();
  unsigned read = 0;
  for (std::size_t at = from; at < text.size(); ++at) {
    for (const char c : std::string("0-9\"\\,]}e \xff\0n", 13)) {
      std::string other = text;
      other[at] = c;
      const Source source("h", other);
      ReadSummary summary;
      const auto outcome = [&](bool fast) -> std::vector<std::string> {
        try {
          return lines_of(fast ? read_tidemark(source, summary) : read_tidemark_strict(source, summary));
        } catch (const HistoryError& error) {
          return {error.what()};
        }
      };
      const std::vector<std::string> strict = outcome(false);
      EXPECT_EQ(outcome(true), strict) << other;
      read += strict.size() == 2 ? 1 : 0;
    }
  }
  EXPECT_GT(read, 500U);
}

}  // namespace
}  // namespace tidemark::checkers
