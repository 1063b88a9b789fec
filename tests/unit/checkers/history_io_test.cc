#include "checkers/history/history_io.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "checkers/history/bookmark.h"
#include "tiny_history.h"

namespace tidemark::checkers {
namespace {

using ::testing::HasSubstr;

const std::string kHead = R"({"format":"tidemark-history","version":1,"scenario":"s","seed":7,"model":"append"})"
                          "\n";

std::string line(const std::string& index = "0", const std::string& invoke = "1", const std::string& complete = "2",
                 const std::string& value = "[]", const std::string& more = "") {
  return R"({"index":)" + index + R"(,"session":1,"process":1,"type":"ok","f":"txn","value":)" + value +
         R"(,"invoke_ns":)" + invoke + R"(,"complete_ns":)" + complete +
         R"(,"bookmark_in":"","bookmark_out":"b","served_by_region":"WEUR","served_by_primary":true)" + more + "}\n";
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

struct Hostile {
  const char* name;
  std::string text;
  std::uint64_t line;
  const char* message;
};

std::vector<Hostile> hostile_table() {
  const std::string ok = line();
  std::vector<Hostile> table{
      {"empty file", "", 1, "empty"},
      {"only a newline", "\n", 1, "empty line"},
      {"not JSON", "hello\n", 1, "JSON object"},
      {"header without newline", kHead.substr(0, kHead.size() - 1), 1, "truncated"},
      {"other format", replaced(kHead, "tidemark-history", "other"), 1, "not a tidemark-history"},
      {"newer version", replaced(kHead, "\"version\":1", "\"version\":2"), 1, "unknown version"},
      {"unknown model", replaced(kHead, "append", "bank"), 1, "unknown model 'bank'"},
      {"header key missing", replaced(kHead, ",\"seed\":7", ""), 1, "lacks key 'seed'"},
      {"header key unknown", replaced(kHead, "\"seed\":7", "\"seed\":7,\"sead\":7"), 1, "unknown key 'sead'"},
      {"header key twice", replaced(kHead, "\"seed\":7", "\"seed\":7,\"seed\":7"), 1, "twice"},
      {"negative seed", replaced(kHead, ":7", ":-7"), 1, "'seed'"},
      {"truncated line", kHead + ok.substr(0, 40), 2, "truncated"},
      {"truncated with newline", kHead + ok.substr(0, 40) + "\n", 2, ""},
      {"bad UTF-8", kHead + replaced(ok, "WEUR", "\xff\xfe"), 2, "UTF-8"},
      {"raw NUL in a string", kHead + replaced(ok, "WEUR", std::string("W\0R", 3)), 2, ""},
      {"NUL between tokens", kHead + replaced(ok, "\"index\"", std::string("\0\"index\"", 8)), 2, ""},
      {"escaped NUL", kHead + replaced(ok, "WEUR", "\\u0000"), 2, "NUL"},
      {"raw control character", kHead + replaced(ok, "WEUR", "W\tR"), 2, ""},
      {"array instead of object", kHead + "[]\n", 2, "one JSON object"},
      {"empty line", kHead + ok + "\n", 3, "empty line"},
      {"something behind the object", kHead + replaced(ok, "}\n", "} x\n"), 2, ""},
      {"two objects on a line", kHead + replaced(ok, "}\n", "}{}\n"), 2, ""},
      {"wrong type of index", kHead + line("\"0\""), 2, "'index'"},
      {"fractional index", kHead + line("0.5"), 2, "'index'"},
      {"negative index", kHead + line("-1"), 2, "'index'"},
      {"huge index", kHead + line("99999999999999999999999999"), 2, "'index'"},
      {"negative time", kHead + line("0", "-1"), 2, "'invoke_ns'"},
      {"huge time", kHead + line("0", "1", "9223372036854775807"), 2, "'complete_ns'"},
      {"time as 1e3", kHead + line("0", "1e3", "2000"), 2, "'invoke_ns'"},
      {"ends before it begins", kHead + line("0", "5", "4"), 2, "ends before it begins"},
      {"index twice", kHead + line("3") + line("3", "3", "4"), 3, "must increase"},
      {"index goes down", kHead + line("3") + line("2", "3", "4"), 3, "must increase"},
      {"completion goes back", kHead + line("0", "1", "9") + line("1", "1", "8"), 3, "order of their completion"},
      {"two open operations", kHead + line("0", "1", "9") + line("1", "5", "12"), 3, "still open"},
      {"huge session", kHead + replaced(ok, "\"session\":1", "\"session\":4294967296"), 2, "'session'"},
      {"missing key", kHead + replaced(ok, "\"bookmark_in\":\"\",", ""), 2, "missing"},
      {"unknown key", kHead + line("0", "1", "2", "[]", ",\"extra\":1"), 2, "unknown key 'extra'"},
      {"key twice", kHead + line("0", "1", "2", "[]", ",\"index\":0"), 2, "twice"},
      {"unknown type", kHead + replaced(ok, "\"ok\"", "\"okay\""), 2, "ok, fail or info"},
      {"error on ok", kHead + line("0", "1", "2", "[]", ",\"error\":\"x\""), 2, "no 'error'"},
      {"fail without error", kHead + replaced(ok, "\"ok\"", "\"fail\""), 2, "needs 'error'"},
      {"primary as number", kHead + replaced(ok, "true", "1"), 2, "'served_by_primary'"},
      {"value is an object", kHead + line("0", "1", "2", "{}"), 2, "'value'"},
      {"unknown micro-operation", kHead + line("0", "1", "2", "[[\"pop\",1,2]]"), 2, "'pop'"},
      {"short micro-operation", kHead + line("0", "1", "2", "[[\"append\",1]]"), 2, "three parts"},
      {"long micro-operation", kHead + line("0", "1", "2", "[[\"append\",1,2,3]]"), 2, "three parts"},
      {"element as text", kHead + line("0", "1", "2", "[[\"append\",1,\"2\"]]"), 2, "element"},
      {"ok read of null", kHead + line("0", "1", "2", "[[\"r\",1,null]]"), 2, "knows the results"},
      {"list in a list", kHead + line("0", "1", "2", "[[\"r\",1,[[1]]]]"), 2, "element"},
      {"absurd nesting", kHead + line("0", "1", "2", std::string(100000, '[')), 2, ""},
      {"nested balanced", kHead + line("0", "1", "2", std::string(5000, '[') + std::string(5000, ']')), 2, ""},
      {"byte order mark", "\xef\xbb\xbf" + kHead, 1, ""},
      {"carriage returns are white space, but the version is not", replaced(kHead, ":1,", ":\r2,"), 1,
       "unknown version"},
  };
  std::string many = "[";
  for (int i = 0; i < 10001; ++i) many += i == 0 ? "[\"append\",1,2]" : ",[\"append\",1,2]";
  table.push_back({"too many micro-operations", kHead + line("0", "1", "2", many + "]"), 2, "more than 10000"});
  return table;
}

TEST(HistoryReader, RefusesHostileInputWithPlaceAndCause) {
  for (const Hostile& test : hostile_table()) {
    SCOPED_TRACE(test.name);
    try {
      HistoryReader reader("h.jsonl", test.text);
      Operation operation;
      while (reader.next(operation)) {
      }
      ADD_FAILURE() << "was accepted";
    } catch (const HistoryError& error) {
      EXPECT_EQ(error.line(), test.line) << error.what();
      EXPECT_GE(error.column(), 1U);
      EXPECT_THAT(error.message(), HasSubstr(test.message));
      EXPECT_THAT(error.what(),
                  HasSubstr("h.jsonl:" + std::to_string(error.line()) + ":" + std::to_string(error.column()) + ": "));
    }
  }
}

TEST(HistoryReader, EveryTruncationOfAGoodFileIsAnErrorOrAShorterHistory) {
  const std::string text = kHead + line("0", "1", "2", "[[\"append\",1,2],[\"r\",1,[2]]]") + line("1", "3", "4");
  for (std::size_t length = 0; length < text.size(); ++length) {
    try {
      HistoryReader reader("h", std::string_view(text).substr(0, length));
      Operation operation;
      while (reader.next(operation)) {
      }
      EXPECT_EQ(text[length - 1], '\n');
    } catch (const HistoryError& error) {
      EXPECT_LE(error.column(), text.size());
    }
  }
}

TEST(HistoryReader, EveryFlippedByteIsAnErrorOrAHistory) {
  const std::string text = kHead + line("0", "1", "2", "[[\"append\",1,2],[\"r\",1,[2,-3]]]") + line("1", "3", "4");
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char by : {'\0', '"', '{', ']', '9', '\n', '\xff', '\\', ','}) {
      std::string broken = text;
      broken[at] = by;
      try {
        HistoryReader reader("h", broken);
        Operation operation;
        while (reader.next(operation)) {
        }
      } catch (const HistoryError&) {
      }
    }
  }
}

TEST(HistoryReader, ColumnPointsNearTheMistake) {
  const std::string text = kHead + line("0", "1", "2", "[[\"append\",1,true]]");
  try {
    HistoryReader reader("h", text);
    Operation operation;
    reader.next(operation);
    FAIL();
  } catch (const HistoryError& error) {
    const auto expected = text.find("true") - kHead.size() + 1;
    EXPECT_NEAR(static_cast<double>(error.column()), static_cast<double>(expected), 6.0);
  }
}

TEST(HistoryReader, ALineOfAHundredMegabytesIsRefusedInBoundedMemory) {
  const std::string path = ::testing::TempDir() + "tidemark_long_line.jsonl";
  {
    std::ofstream file(path);
    file << kHead;
    const std::string chunk(1U << 20, ' ');
    for (int i = 0; i < 100; ++i) file << chunk;
    file << "\n";
  }
  HistoryReader reader(path);
  Operation operation;
  EXPECT_THROW(reader.next(operation), HistoryError);
  std::remove(path.c_str());
}

TEST(HistoryReader, AMissingFileAndADirectoryAreErrors) {
  EXPECT_THROW(HistoryReader("no/such/file.jsonl"), HistoryError);
  EXPECT_THROW(HistoryReader{::testing::TempDir()}, HistoryError);
}

std::string written(const std::vector<Operation>& history, ModelKind model) {
  HistoryFormatter formatter;
  formatter.header({"say \"hi\" \\ \n ä", ~0ULL, model});
  for (const Operation& operation : history) formatter.operation(operation);
  return formatter.buffer();
}

TEST(HistoryWriter, WhatIsWrittenIsReadBackTheSame) {
  const std::pair<const char*, ModelKind> cases[] = {
      {"s1: ax1 rx[1 -2] / s2?: ax3 rx[] / s3!: ay4", ModelKind::kAppend},
      {"s1: wx5.2 gy0 gx5.2 / s2?: wx6 gx0", ModelKind::kRegister},
      {"s1: +a l[a b] / s2: =a / s3: reset l[] / s4?: +c l[] / s5!: reset", ModelKind::kOrders}};
  for (const auto& [text, model] : cases) {
    const std::string file = written(tiny_history(text), model);
    HistoryReader reader("h", file);
    EXPECT_EQ(reader.header().scenario, "say \"hi\" \\ \n ä");
    EXPECT_EQ(reader.header().seed, ~0ULL);
    EXPECT_EQ(reader.header().model, model);
    std::vector<Operation> again;
    Operation operation;
    while (reader.next(operation)) again.push_back(operation);
    EXPECT_EQ(written(again, model), file);
    EXPECT_EQ(again.size(), tiny_history(text).size());
  }
}

TEST(HistoryWriter, WritesTheDocumentedLine) {
  const std::string text = written(tiny_history("s1: +a l[a]"), ModelKind::kOrders);
  EXPECT_THAT(
      text,
      HasSubstr(
          R"({"index":0,"session":1,"process":1,"type":"ok","f":"txn","value":[["insert",{"customerId":"c-a","orderId":"o-a","quantity":1},true],["list",[["c-a","o-a",1]]]],"invoke_ns":0,"complete_ns":5,"bookmark_in":"","bookmark_out":")"));
}

TEST(HistoryWriter, StreamsToAFile) {
  const std::string path = ::testing::TempDir() + "tidemark_history.jsonl";
  HistoryWriter writer(path, {"s", 3, ModelKind::kAppend});
  const auto history = tiny_history("s1: ax1 / s2: rx[1]");
  for (const Operation& operation : history) writer.write(operation);
  writer.close();
  HistoryHeader header;
  EXPECT_EQ(read_history(path, &header).size(), 2U);
  EXPECT_EQ(header.seed, 3U);
  std::remove(path.c_str());
  EXPECT_THROW(HistoryWriter("no/such/folder/h.jsonl", {"s", 3, ModelKind::kAppend}), HistoryError);
}

TEST(BookmarkKey, OnlyLowerCaseHexIsCanonical) {
  const std::string good = "0123456f-89abcdef-00004e20-0123456789abcdeffedcba9876543210";
  EXPECT_EQ(BookmarkKey(good).position(), 0x0123456f89abcdefULL);
  EXPECT_EQ(BookmarkKey(good).digest(), (Digest128{0x0123456789abcdefULL, 0xfedcba9876543210ULL}));
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string text = good;
      text[at] = static_cast<char>(c);
      const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      const bool dash = at == 8 || at == 17 || at == 26;
      EXPECT_EQ(BookmarkKey(text).canonical(), dash ? c == '-' : hex) << at << " " << c;
      EXPECT_EQ(BookmarkKey(text).text(), text);
    }
  }
}

TEST(BookmarkKey, OrdersLikeTheText) {
  const std::string texts[] = {"",
                               "00000000-00000000-00000000-00000000000000000000000000000000",
                               bookmark(1),
                               bookmark(2),
                               bookmark(0xffffffffU),
                               bookmark(0, 2),
                               "00000001-00000002-0000",
                               "first-primary",
                               "x",
                               "00000001-00000001-00004e20-0000000000000000000000000000000G"};
  for (const std::string& a : texts)
    for (const std::string& b : texts) {
      EXPECT_EQ(BookmarkKey(a) < BookmarkKey(b), a < b) << a << " " << b;
      EXPECT_EQ(BookmarkKey(a) == BookmarkKey(b), a == b);
      EXPECT_EQ(BookmarkKey(a).text(), a);
    }
}

}  // namespace
}  // namespace tidemark::checkers
