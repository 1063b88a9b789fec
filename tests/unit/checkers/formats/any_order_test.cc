// Lines whose order of keys is not that of the line before: what the fast path finds without guessing must be what the
// strict path reads, and what that refuses.
#include <algorithm>
#include <utility>

#include "checkers/formats/tidemark.h"
#include "format_samples.h"

namespace tidemark::checkers {
namespace {

using Members = std::vector<std::pair<std::string, std::string>>;

Members members(int index) {
  const std::string number = std::to_string(index);
  return {{"index", number},
          {"session", std::to_string(index % 3)},
          {"process", std::to_string(index + 7)},
          {"type", R"("ok")"},
          {"f", R"("txn")"},
          {"value", R"([["append",1,)" + number + R"(],["r",2,[3,4]]])"},
          {"invoke_ns", std::to_string(index * 10)},
          {"complete_ns", std::to_string(index * 10 + 5)},
          {"bookmark_in", R"("first-primary")"},
          {"bookmark_out", R"("00000001-00000001-00004e20-0123456789abcdef0123456789abcdef")"},
          {"served_by_region", R"("WEUR")"},
          {"served_by_primary", "true"}};
}

std::string& value_of(Members& all, const std::string& key) {
  return std::find_if(all.begin(), all.end(), [&](const auto& member) { return member.first == key; })->second;
}

/// Beginning with the member at `first`.
std::string line(Members all, std::size_t first) {
  std::rotate(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(first % all.size()), all.end());
  std::string text = "{";
  for (const auto& [key, value] : all) text += (text.size() == 1 ? "" : ", ") + ("\"" + key + "\": ") + value;
  return text + "}\n";
}

/// Lines of ever another order: two are enough for the next one to be read without guessing.
std::string unsteady(int lines = 4) {
  std::string text = R"({"format":"tidemark-history","version":1,"scenario":"s","seed":1,"model":"append"})"
                     "\n";
  for (int i = 0; i < lines; ++i) text += line(members(i), static_cast<std::size_t>(i) * 5);
  return text;
}

struct Outcome {
  std::vector<std::string> read;  // or what was said
  std::uint64_t left = 0;         // lines not read by the fast path
};

Outcome outcome(const std::string& text, bool fast) {
  Outcome outcome;
  ReadSummary summary;
  try {
    const Source source("h", text);
    const History history =
        fast ? read_tidemark_counted(source, summary, outcome.left) : read_tidemark_strict(source, summary);
    outcome.read = lines_of(history);
    for (std::size_t i = 0; i < history.transactions().size(); ++i) {
      const History::Times times = history.times()[i];
      outcome.read[i] += " #" + std::to_string(history.transactions()[i].index) + " " +
                         std::to_string(times.invoke_ns) + ".." + std::to_string(times.complete_ns);
      if (!history.regions().empty() && history.regions()[i] != kNever)
        outcome.read[i] += " " + history.text(history.regions()[i]);
    }
  } catch (const HistoryError& error) {
    outcome.read = {error.what()};
  }
  return outcome;
}

/// What both paths make of it; `fast`: without a look at the strict one.
std::vector<std::string> both(const std::string& text, bool fast) {
  const Outcome quick = outcome(text, true);
  EXPECT_EQ(quick.read, outcome(text, false).read) << text;
  if (fast) {
    EXPECT_EQ(quick.left, 0U) << text;
  }
  return quick.read;
}

/// Streamed, all that an Operation holds.
std::string written_again(const std::string& text) {
  HistoryReader reader("h", text);
  HistoryFormatter formatter;
  Operation operation;
  while (reader.next(operation)) formatter.operation(operation);
  return formatter.buffer();
}

TEST(AnyOrder, OfKeysIsTheSameOperation) {
  const std::string before = unsteady();
  for (const std::string error : {"", R"("gone")", R"("a \"quoted\" one, \u00e9")", R"("caf\u00e9 café")"}) {
    Members all = members(4);
    if (!error.empty()) {
      value_of(all, "type") = R"("info")";
      value_of(all, "value") = R"([["append",1,4],["r",2,null]])";
      all.emplace_back("error", error);
    }
    const std::string first = written_again(before + line(all, 0));
    const std::vector<std::string> read = both(before + line(all, 0), true);
    EXPECT_EQ(read.size(), 5U);
    for (std::size_t i = 1; i < all.size(); ++i) {
      EXPECT_EQ(both(before + line(all, i), true), read);
      EXPECT_EQ(written_again(before + line(all, i)), first);
    }
    std::reverse(all.begin(), all.end());
    EXPECT_EQ(both(before + line(all, 0), true), read);
  }
}

TEST(AnyOrder, OfNumbersOfAnyLengthIsTheSameOperation) {
  const std::string before = unsteady();
  for (const std::string number :
       {"4", "400000000000000", "4000000000000000", "40000000000000000", "4611686018427387904"}) {
    Members all = members(4);
    value_of(all, "index") = value_of(all, "complete_ns") = number;
    value_of(all, "invoke_ns") = "35";
    const std::vector<std::string> read = both(before + line(all, 0), true);
    EXPECT_EQ(read.size(), number == "4" ? 1U : 5U) << "ends before it begins";
    for (std::size_t i = 1; i < all.size(); ++i) EXPECT_EQ(both(before + line(all, i), true), read);
  }
}

TEST(AnyOrder, OfTextsOfAnyKindIsTheSameOperation) {
  const std::string before = unsteady();
  for (const std::string key : {"f", "bookmark_in", "bookmark_out", "served_by_region"}) {
    for (const std::string& text : {std::string(), std::string(62, 'x'), std::string(63, 'x'), std::string(64, 'x'),
                                    std::string(200, 'x'), std::string(R"(\u0041\n)"), std::string("caf\u00e9"),
                                    std::string(70, 'x') + R"(\\)", std::string("session"), std::string(",}: ")}) {
      Members all = members(4);
      value_of(all, key) = '"' + text + '"';
      const std::string first = written_again(before + line(all, 0));
      for (std::size_t i = 0; i < all.size(); ++i) {
        both(before + line(all, i), text != "session");
        EXPECT_EQ(written_again(before + line(all, i)), first);
      }
    }
  }
}

/// Quotes are found ahead, many at a time: whatever is looked at together may end anywhere.
TEST(AnyOrder, OfPartsOfAnyLengthIsTheSameOperation) {
  const std::string before = unsteady();
  for (const std::size_t length : {1U, 20U, 45U, 46U, 47U, 48U, 49U, 50U, 200U, 1500U}) {
    std::string list;
    for (std::size_t i = 0; i < length; ++i) list += (i == 0 ? "" : ",") + std::to_string(1'000'000'000 + i);
    Members all = members(4);
    value_of(all, "value") = "[[\"r\",2,[" + list + "]]]";
    value_of(all, "bookmark_in") = '"' + std::string(length * 7, 'x') + '"';
    const std::vector<std::string> read = both(before + line(all, 0), true);
    EXPECT_EQ(read.size(), 5U);
    for (std::size_t i = 1; i < all.size(); ++i) EXPECT_EQ(both(before + line(all, i), true), read);
    all[length % all.size()].first = std::string(length * 9, 'x');
    EXPECT_EQ(both(before + line(all, length), false).size(), 1U) << "no such key";
  }
}

TEST(AnyOrder, WithWhiteSpaceOfAnyKindIsTheSameOperation) {
  const std::string before = unsteady();
  const Members all = members(4);
  const std::vector<std::string> read = both(before + line(all, 0), true);
  for (const std::string space : {" ", "\t", "\r", " \t\r ", "          "}) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      std::string text = "{" + space;
      for (std::size_t j = 0; j < all.size(); ++j) {
        const auto& [key, value] = all[(i + j) % all.size()];
        text += (j == 0 ? "" : "," + space) + ("\"" + key + "\"" + space + ":" + space) + value + space;
      }
      EXPECT_EQ(both(before + text + "}" + space + "\n", true), read);
    }
  }
}

TEST(AnyOrder, RefusesWhatTheStrictPathRefuses) {
  const std::string before = unsteady();
  unsigned refused = 0;
  const auto same = [&](const Members& all, std::size_t first) {
    refused += both(before + line(all, first), false).size() == 1 ? 1 : 0;
  };
  const std::string other[] = {"",           "7",
                               "\"7\"",      "-7",
                               "07",         "7x",
                               "7 8",        "7.5",
                               "true",       "true1",
                               "null",       "false",
                               "\"ok\"",     "ok",
                               "[]",         "[7]",
                               "[[]]",       "\"",
                               "\"ok\"x",    "{}",
                               "{\"a\":1}",  "\n",
                               ",",          "}",
                               "-0",         "9223372036854775807",
                               "4294967295", "4294967296"};
  for (std::size_t i = 0; i < members(4).size(); ++i) {
    for (const std::string& value : other) {
      Members all = members(4);
      all[i].second = value;
      for (const std::size_t first : {std::size_t{0}, i, i + 1}) same(all, first);
    }
    Members lacking = members(4);
    lacking.erase(lacking.begin() + static_cast<std::ptrdiff_t>(i));
    same(lacking, 3);
    EXPECT_EQ(both(unsteady(2) + line(lacking, 3), false).size(), 1U) << "no value of an earlier line takes its place";
    Members twice = members(4);
    twice.push_back(twice[i]);
    same(twice, 3);
    Members unknown = members(4);
    unknown[i].first += "s";
    same(unknown, 3);
    unknown[i].first = "restored_to";
    same(unknown, 3);
  }
  Members error = members(4);
  error.emplace_back("error", "\"x\"");
  same(error, 5);
  value_of(error, "type") = "\"fail\"";
  value_of(error, "value") = "[]";
  error.emplace_back("error", "\"y\"");
  same(error, 5);
  EXPECT_GT(refused, 800U);
}

TEST(AnyOrder, AChangedByteIsTheSameForBothPaths) {
  const std::string before = unsteady();
  const std::string good = line(members(4), 8);  // the value stands before the session
  ASSERT_LT(good.find("value"), good.size());
  unsigned read = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char c : std::string("0-9\"\\,:]}e \xff\0n", 14)) {
      std::string text = good;
      text[at] = c;
      read += both(before + text, false).size() == 5 ? 1 : 0;
    }
  }
  EXPECT_GT(read, 500U);
}

/// The word stands where a session is looked for that comes behind the value.
TEST(AnyOrder, KnowsASessionFromAnotherWord) {
  std::string text = unsteady();
  text.replace(text.find("append\"}"), 8, "orders\"}");
  for (std::size_t at = text.find("[["); at != std::string::npos; at = text.find("[[", at))
    text.replace(at, text.find("]]]", at) + 3 - at, "[]");
  for (const std::string row : {R"([["session","o",1]])", R"([["c","session",2],["session\":5","session",1]])"}) {
    Members all = members(4);
    value_of(all, "value") = R"([["list",)" + row + "]]";
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(both(text + line(all, i), false).size(), 5U);
  }
}

}  // namespace
}  // namespace tidemark::checkers
