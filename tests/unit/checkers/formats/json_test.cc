#include "format_samples.h"

namespace tidemark::checkers {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> json(std::string_view text, ReadSummary* summary = nullptr) {
  return lines_of(text, Format::kJson, summary);
}

TEST(OperationJson, ReadsTheMapsOfElleCli) {
  EXPECT_THAT(json(R"([{"index":0,"process":1,"type":"invoke","f":"txn","value":[["append",253,1],["r",255,null]]},
{"index":1,"process":1,"type":"ok","f":"txn","value":[["append",253,1],["r",255,[2,3]]],"time":7}])"),
              ElementsAre("1 ok 1..2: append 1 to 253; read 255 = [2 3]"));
}

TEST(OperationJson, ReadsOneObjectPerLine) {
  EXPECT_THAT(json("{\"process\":1,\"type\":\"ok\",\"f\":\"write\",\"value\":1}\r\n\r\n"
                   "{\"process\":1,\"type\":\"ok\",\"f\":\"read\",\"value\":1}"),
              ElementsAre("1 ok: write register = 1", "1 ok: read register = 1"));
}

TEST(OperationJson, TakesDigitsInKeysOfBalancesForNumbers) {
  EXPECT_THAT(json(R"([{"process":0,"type":"ok","f":"read","value":{"0":5,"x":6,"01":7}},
                       {"process":0,"type":"ok","f":"transfer","value":{"from":0,"to":"x","amount":1}}])"),
              ElementsAre("0 ok: read 0 = 5; read x = 6; read 01 = 7", "0 ok: transfer 1 from 0 to x"));
}

TEST(OperationJson, KeepsLineAndIndex) {
  const History history = read_history_text("h",
                                            "[\n{\"process\":1,\"type\":\"ok\",\"f\":\"read\"},\n\n{\"index\":9,"
                                            "\"process\":1,\"type\":\"ok\",\"f\":\"read\"}]",
                                            Format::kJson);
  ASSERT_EQ(history.transactions().size(), 2U);
  EXPECT_EQ(history.transactions()[0].line, 2U);
  EXPECT_EQ(history.transactions()[1].line, 4U);
  EXPECT_EQ(history.transactions()[1].index, 9U);
}

TEST(OperationJson, KeepsLargeNumbersAsTexts) {
  EXPECT_THAT(
      json(R"([{"process":0,"type":"ok","value":[["w",1,123456789012345678901234567890],["w",1,9223372036854775807],
                        ["w",1,-1.5e+3],["w",1,-7],["w","\u00e9\n",true]]}])"),
      ElementsAre("0 ok: write 1 = 123456789012345678901234567890; write 1 = 9223372036854775807; "
                  "write 1 = \"-1.5e+3\"; write 1 = -7; write \"\xc3\xa9\\x0a\" = true"));
}

TEST(OperationJson, AnEmptyArrayIsAnEmptyHistory) {
  EXPECT_THAT(json("[]"), IsEmpty());
  EXPECT_THAT(json(" [ ] \n"), IsEmpty());
}

TEST(OperationJson, NamesThePlaceOfSyntaxErrors) {
  expect_refused(Format::kJson,
                 {{"", 1, 1, "not JSON"},
                  {"x", 1, 1, "bracket"},
                  {"[{\"type\":\"ok\",\"process\":0,\"f\":\"read\"}] 5", 1, 40, "bracket that it begins with"},
                  {"{\"type\":\"ok\",\"process\":0,\"f\":\"read\"} 5", 1, 38, "something follows"},
                  {"[\n{\"process\":01}]", 2, 14, "not a number"},
                  {"[\n{\"process\":1.}]", 2, 14, "not a number"},
                  {"[\n{\"process\":-}]", 2, 13, "not a number"},
                  {"[\n{\"process\":1x}]", 2, 13, "not a number"},
                  {"[{\"a\":\"\xff\"}]", 1, 8, "not UTF-8"}});
  for (const char* text :
       {"[", "[{", "[{}", "[{\"a\"}]", "[{\"a\":}]", "[{\"a\":1,}]", "[{\"a\":nul}]", "[{\"a\":tru}]", "[{\"a\":\"x}]",
        "[{\"a\":\"\\q\"}]", "[{\"a\":1]", "[1,]", "{\"a\":1", "{\"a\":[1}"})
    EXPECT_THROW(json(text), HistoryError) << text;
}

TEST(OperationJson, NamesThePlaceOfWrongOperations) {
  const std::string nested = "[{\"a\":" + std::string(80, '[') + std::string(80, ']') + "}]";
  expect_refused(Format::kJson, {{"[5]", 1, 2, "an operation is a map"},
                                 {"[{\"process\":0}]", 1, 2, "has a type"},
                                 {"[{\"type\":\"ok\",\"type\":\"ok\"}]", 1, 15, "twice"},
                                 {"[{\"type\":\"ok\",\n\"process\":0,\"f\":\"fly\"}]", 2, 17, "unknown function"},
                                 {nested, 1, 70, "in each other"}});
}

}  // namespace
}  // namespace tidemark::checkers
