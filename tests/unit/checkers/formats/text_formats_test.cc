// Jepsen's log, Plume, AWDIT and both formats of dbcop.
#include "format_samples.h"

namespace tidemark::checkers {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(JepsenLog, ReadsOperationsAndSkipsOtherLoggers) {
  ReadSummary summary;
  EXPECT_THAT(lines_of("INFO  jepsen.core - Test version x\r\n"
                       "INFO  jepsen.util - 4\t:invoke\t:read\tnil\r\n"
                       "INFO  jepsen.util - 1\t:invoke\t:cas\t[1 4]\n"
                       "INFO  jepsen.util - :nemesis\t:info\t:start\tnil\n"
                       "2026-01-01 INFO [worker 4] jepsen.util: 4\t:ok\t:read\t3\n"
                       "INFO  jepsen.util - 1\t:info\t:cas\t:timed-out\n"
                       "INFO  jepsen.util - 2\t:invoke\t:write\t5",
                       Format::kJepsenLog, &summary),
              ElementsAre("4 ok 1..3: read register = 3", "1 info 2..: compare-and-set register from 1 to 4",
                          "2 info 5..: write register = 5"));
  EXPECT_EQ(summary.foreign_lines, 1U);
  EXPECT_EQ(summary.others, 1U);
  EXPECT_THAT(lines_of("", Format::kJepsenLog), IsEmpty());
}

TEST(JepsenLog, NamesThePlaceOfMistakes) {
  expect_refused(Format::kJepsenLog, {{"\nINFO  jepsen.util - 4\t:invoke", 2, 21, "a process, a type and a function"},
                                      {"INFO  jepsen.util - 4 :invoke :read ]", 1, 37, "nothing opened"},
                                      {"INFO  jepsen.util - 4 :invoke :read [1\n]", 1, 37, "bracket is closed"},
                                      {"INFO  jepsen.util - 4 :begin :read 1", 1, 23, "invoke, ok"},
                                      {"INFO  jepsen.util - 4 :ok :cas 99999999999999999999", 1, 32, "two values"},
                                      {"INFO  jepsen.util - 4 :ok :read \"\xfe\"", 1, 34, "not UTF-8"}});
}

TEST(Plume, GroupsLinesByTransaction) {
  EXPECT_THAT(
      lines_of("w(1,1,0,0)\r\nw(2, 1, 0, 0)\nr(1,1,1,1)\nw(3,7,0,2)\nr(2,1,1,1)\nr(4,0,0,2)", Format::kPlume),
      ElementsAre("0 ok: write 1 = 1; write 2 = 1", "1 ok: read 1 = 1; read 2 = 1", "0 ok: write 3 = 7; read 4 = nil"));
  EXPECT_THAT(lines_of("", Format::kPlume), IsEmpty());
}

TEST(Plume, AbortedNeighboursAreOneFailedTransaction) {
  EXPECT_THAT(lines_of("w(1,1,0,-1)\nw(2,1,0,-1)\nr(1,1,0,1)\nw(1,5,0,-1)\nr(1,9,0,-1)\n", Format::kPlume),
              ElementsAre("0 fail: write 1 = 1; write 2 = 1", "0 ok: read 1 = 1", "0 fail: write 1 = 5; read 1 = ?"));
}

TEST(Plume, ZeroIsTheInitialStateUnlessItIsWritten) {
  EXPECT_THAT(lines_of("w(1,0,0,0)\nr(1,0,1,1)\nr(2,0,1,1)\n", Format::kPlume),
              ElementsAre("0 ok: write 1 = 0", "1 ok: read 1 = 0; read 2 = nil"));
}

TEST(Plume, NamesThePlaceOfMistakes) {
  expect_refused(Format::kPlume, {{"x(1,1,0,0)", 1, 1, "expected"},
                                  {"\nw 1", 2, 2, "'('"},
                                  {"w(,1,0,0)", 1, 3, "a key"},
                                  {"w(1,1,0)", 1, 8, "','"},
                                  {"w(1,1,0,0", 1, 10, "')'"},
                                  {"w(1,1,0,0) x", 1, 11, "follows"},
                                  {"w(1,1,0,-2)", 1, 12, "from 0, or -1"},
                                  {"w(1,99999999999999999999,0,1)", 1, 5, "64 bits"},
                                  {"w(1,\xff,0,1)", 1, 5, "a value"}});
}

TEST(Awdit, ReadsTransactionsAndSessions) {
  EXPECT_THAT(lines_of("w 0 0\nw 1 1\n=====\r\nw 0 2\n-----\n-\n r 5 0\nr 0 2", Format::kAwdit),
              ElementsAre("0 ok: write 0 = 0; write 1 = 1", "1 ok: write 0 = 2", "1 ok: read 5 = nil; read 0 = 2"));
  EXPECT_THAT(lines_of("===\n---\n", Format::kAwdit), IsEmpty());
  EXPECT_THAT(lines_of("", Format::kAwdit), IsEmpty());
}

TEST(Awdit, NamesThePlaceOfMistakes) {
  expect_refused(Format::kAwdit, {{"a", 1, 1, "expected"},
                                  {"w1 1", 1, 2, "a blank"},
                                  {"w 1", 1, 4, "a blank"},
                                  {"w 1 x", 1, 5, "a value"},
                                  {"w 1 1 1", 1, 6, "follows"},
                                  {"w 1 1\n--=", 2, 1, "a line of '-'"},
                                  {"w 1 123456789012345678901", 1, 5, "64 bits"},
                                  {"\xff", 1, 1, "expected"}});
}

TEST(DbcopText, ReadsSessionsAndUncommittedTransactions) {
  EXPECT_THAT(lines_of("// one\n[x:=1 y==2] [z==?]!\r\n---\n\n[ x==1 ]\n[]", Format::kDbcopText),
              ElementsAre("0 ok: write x = 1; read y = 2", "0 fail: read z = ?", "1 ok: read x = 1", "1 ok: "));
  EXPECT_THAT(lines_of("[x==?]", Format::kDbcopText), ElementsAre("0 ok: read x = nil"));
  EXPECT_THAT(lines_of("", Format::kDbcopText), IsEmpty());
}

TEST(DbcopText, NamesThePlaceOfMistakes) {
  expect_refused(Format::kDbcopText, {{"x:=1", 1, 1, "'['"},
                                      {"[x:=1", 1, 6, "a blank or ']'"},
                                      {"[x:=1 ", 1, 6, "a blank or ']'"},
                                      {"[x:=1y==1]", 1, 6, "a blank or ']'"},
                                      {"[1:=1]", 1, 2, "name of a variable"},
                                      {"[x=1]", 1, 3, "':=' or '=='"},
                                      {"[x:=?]", 1, 5, "a version"},
                                      {"[x:=-1]", 1, 5, "from 0"},
                                      {"[x:=99999999999999999999]", 1, 5, "64 bits"},
                                      {"\n--[", 2, 1, "a line of '-'"},
                                      {"// \xff", 1, 4, "not UTF-8"}});
}

TEST(DbcopJson, ReadsBareAndWrappedSessions) {
  const std::string sessions =
      R"([[{"events":[{"Write":{"variable":0,"version":1}},{"Read":{"variable":1,"version":null}}],"committed":true}],
          [{"events":[{"Read":{"version":1,"variable":0}}],"committed":false}, {"events":[],"committed":true}]])";
  const auto expected = ElementsAre("0 ok: write 0 = 1; read 1 = nil", "1 fail: read 0 = ?", "1 ok: ");
  EXPECT_THAT(lines_of(sessions, Format::kDbcopJson), expected);
  EXPECT_THAT(lines_of(R"({"params":{"id":0},"info":"x","data":)" + sessions + "}\n", Format::kDbcopJson), expected);
  EXPECT_THAT(lines_of("[]", Format::kDbcopJson), IsEmpty());
}

TEST(DbcopJson, NamesThePlaceOfMistakes) {
  expect_refused(
      Format::kDbcopJson,
      {{"", 1, 1, "not JSON"},
       {"[] x", 1, 4, "bracket"},
       {"{}", 1, 1, "'data' is missing"},
       {"{\"data\":[],\"data\":[]}", 1, 12, "twice"},
       {"[5]", 1, 2, "a session is an array"},
       {"[[5]]", 1, 3, "'events'"},
       {"[[{\"events\":[]}]]", 1, 3, "'committed'"},
       {"[[{\"events\":5,\"committed\":true}]]", 1, 13, "array of events"},
       {"[[{\"events\":[],\"committed\":1}]]", 1, 28, "true or false"},
       {"[[{\"events\":[],\"events\":[],\"committed\":true}]]", 1, 16, "twice"},
       {"[[{\"events\":[5],\"committed\":true}]]", 1, 14, "expected"},
       {"[[{\"events\":[{\"Add\":{}}],\"committed\":true}]]", 1, 15, "Read or Write"},
       {"[[{\"events\":[{\"Read\":{}}],\"committed\":true}]]", 1, 22, "'version' is missing"},
       {"[[{\"events\":[{\"Write\":{\"variable\":1,\"version\":null}}],\"committed\":true}]]", 1, 47, "a write has"}});
}

}  // namespace
}  // namespace tidemark::checkers
