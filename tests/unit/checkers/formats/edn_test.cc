#include "format_samples.h"

namespace tidemark::checkers {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> edn(std::string_view text, ReadSummary* summary = nullptr) {
  return lines_of(text, Format::kEdn, summary);
}

TEST(Edn, PairsInvocationsWithCompletions) {
  ReadSummary summary;
  EXPECT_THAT(edn(R"({:index 0, :type :invoke, :f :txn, :value [[:append :x 1] [:r :y nil]], :process 3}
{:index 1, :type :invoke, :f :txn, :value [[:r :x nil]], :process 4}
{:index 2, :type :ok, :f :txn, :value [[:append :x 1] [:r :y nil]], :process 3}
{:index 3, :type :info, :f :start, :process :nemesis}
{:index 4, :type :ok, :f :txn, :value [[:r :x [1]]], :process 4}
)",
                  &summary),
              ElementsAre("3 ok 1..3: append 1 to x; read y = []", "4 ok 2..4: read x = [1]"));
  EXPECT_EQ(summary.records, 5U);
  EXPECT_EQ(summary.others, 1U);
}

TEST(Edn, KeepsLineAndIndexOfTheEnd) {
  const History history = read_history_text("h",
                                            "\n{:index 7 :type :invoke :process 0 :time 5 :value [[:w x 1]]}\n"
                                            "; a remark\n{:index 9 :type :ok :process 0 :time 8 :value [[:w x 1]]}",
                                            Format::kEdn);
  ASSERT_EQ(history.transactions().size(), 1U);
  EXPECT_EQ(history.transactions()[0].line, 4U);
  EXPECT_EQ(history.transactions()[0].index, 9U);
  ASSERT_EQ(history.times().size(), 1U);
  EXPECT_EQ(history.times()[0].invoke_ns, 5);
  EXPECT_EQ(history.times()[0].complete_ns, 8);
}

TEST(Edn, AcceptsVectorListAndBareMaps) {
  const std::string map = "{:type :ok, :process 0, :f :write, :value 1}";
  const auto expected = ElementsAre("0 ok: write register = 1");
  EXPECT_THAT(edn(map), expected);
  EXPECT_THAT(edn("[" + map + "]"), expected);
  EXPECT_THAT(edn("(" + map + "\n)\n"), expected);
  EXPECT_THAT(edn("#jepsen.history.Op" + map), expected);
  EXPECT_THAT(edn("#_ {:a 1} #_ #_ 1 2 " + map + " #_ x"), expected);
}

TEST(Edn, AcceptsCrLfAMissingLastNewlineAndAMarkOfByteOrder) {
  EXPECT_THAT(edn("\xef\xbb\xbf{:type :ok, :process 0,\r\n :f :write, :value 1}\r\n"
                  "{:type :ok, :process 0, :f :read, :value 1}"),
              ElementsAre("0 ok: write register = 1", "0 ok: read register = 1"));
}

TEST(Edn, AnEmptyTextIsAnEmptyHistory) {
  for (const char* text : {"", "\n", "[]", "()", "; nothing", "#_ {}"}) EXPECT_THAT(edn(text), IsEmpty()) << text;
}

TEST(Edn, TellsKindsByWhatIsDoneToAKey) {
  EXPECT_THAT(edn("{:type :ok :process 0 :f :add :value 1}{:type :ok :process 0 :f :read :value #{1 5}}"),
              ElementsAre("0 ok: add 1 to set", "0 ok: read set = {1 5}"));
  EXPECT_THAT(edn("{:type :ok :process 0 :f :add :value 1}{:type :ok :process 0 :f :read :value 1}"),
              ElementsAre("0 ok: increment counter by 1", "0 ok: read counter = 1"));
  EXPECT_THAT(edn("{:type :ok :process 0 :f :inc}{:type :ok :process 0 :f :dec :value 3}"),
              ElementsAre("0 ok: increment counter by 1", "0 ok: increment counter by -3"));
  EXPECT_THAT(edn("{:type :ok :process 0 :f :append :value 1}{:type :ok :process 0 :f :read :value (1)}"),
              ElementsAre("0 ok: append 1 to list", "0 ok: read list = [1]"));
  EXPECT_THAT(edn("{:type :ok :process 0 :value [[:r 1 nil] [:r 2 3]]}"),
              ElementsAre("0 ok: read 1 = nil; read 2 = 3"));
  EXPECT_THAT(edn("{:type :ok :process 0 :value [[:r 1 nil] [:append 2 3]]}"),
              ElementsAre("0 ok: read 1 = []; append 3 to 2"));
  EXPECT_THAT(edn("{:type :ok :process 0 :f :read :value {a 5 b -1}}"
                  "{:type :ok :process 0 :f :transfer :value {:from a :to b :amount 2}}"
                  "{:type :invoke :process 0 :f :read}"),
              ElementsAre("0 ok 1..1: read a = 5; read b = -1", "0 ok 2..2: transfer 2 from a to b", "0 info 3..: "));
}

TEST(Edn, ReadsCompareAndSetWithAndWithoutAKey) {
  EXPECT_THAT(
      edn("{:type :invoke :process 0 :f :cas :value [1 2]}{:type :fail :process 0 :f :cas :value [1 2]}"
          "{:type :ok :process 0 :f :cas :key z :value [nil 2]}"),
      ElementsAre("0 fail 1..2: compare-and-set register from 1 to 2", "0 ok 3..3: compare-and-set z from nil to 2"));
}

TEST(Edn, ReadsTextsOfKv) {
  EXPECT_THAT(lines_of("{:process 0 :type :ok :f :append :key \"k\" :value \"x 0\"}"
                       "{:process 0 :type :ok :f :get :key \"k\" :value \"x 0\"}",
                       Format::kKv),
              ElementsAre("0 ok: append \"x 0\" to k", "0 ok: read k = \"x 0\""));
  const History history = read_history_text("h", "{:process 0 :type :ok :f :append :key 1 :value 2}", Format::kKv);
  EXPECT_EQ(history.kinds(), bit(EventKind::kAppendText)) << "also where nothing is read";
}

TEST(Edn, TakesWhatWasTriedFromTheInvocation) {
  EXPECT_THAT(
      edn("{:type :invoke :process 0 :f :write :value 4}{:type :info :process 0 :f :write :value :timed-out}"
          "{:type :invoke :process 0 :f :read}{:type :fail :process 0 :f :read :value :x}"
          "{:type :invoke :process 1 :f :write :value 5}{:type :ok :process 1 :f :write}"),
      ElementsAre("0 info 1..: write register = 4", "0 fail 3..4: read register = ?", "1 ok 5..6: write register = 5"));
}

TEST(Edn, AnOpenInvocationIsOfUnknownOutcome) {
  ReadSummary summary;
  EXPECT_THAT(
      edn("{:type :invoke :process 5 :f :write :value 4}{:type :invoke :process 2 :f :read}"
          "{:type :ok :process 2 :f :read :value 4}{:type :invoke :process 1 :f :write :value 6}",
          &summary),
      ElementsAre("2 ok 2..3: read register = 4", "5 info 1..: write register = 4", "1 info 4..: write register = 6"));
  EXPECT_EQ(summary.still_open, 2U);
}

TEST(Edn, WithoutProcessEachOperationIsASession) {
  ReadSummary summary;
  EXPECT_THAT(
      edn("{:type :invoke :value [[:r 1 nil]]}{:type :ok :value [[:r 1 [2]]]}{:type :ok :value [[:append 1 2]]}",
          &summary),
      ElementsAre("0 ok 1..2: read 1 = [2]", "1 ok 3..3: append 2 to 1"));
  EXPECT_TRUE(summary.without_process);
  EXPECT_EQ(summary.without_invocation, 1U);
}

TEST(Edn, KeepsLargeNumbersFractionsAndStringsAsTexts) {
  EXPECT_THAT(
      edn("{:type :ok :process 0 :value [[:w x 123456789012345678901234567890] [:w x 9223372036854775807N]"
          " [:w x -0.5e3] [:w x +7] [:w x \"a\\n\\u00e9\\\"\"] [:w x \\a] [:w x \\newline] [:w x true]]}"),
      ElementsAre("0 ok: write x = 123456789012345678901234567890; write x = 9223372036854775807; "
                  "write x = -0.5e3; write x = 7; write x = \"a\\x0a\xc3\xa9\\\"\"; write x = a; write x = \"\\x0a\"; "
                  "write x = true"));
}

TEST(Edn, CountsRepeatedElementsOfASet) {
  ReadSummary summary;
  EXPECT_THAT(edn("{:type :ok :process 0 :f :add :value 2}{:type :ok :process 0 :f :read :value [2 2 1]}", &summary),
              ElementsAre("0 ok: add 2 to set", "0 ok: read set = {1 2}"));
  EXPECT_EQ(summary.repeated_elements, 1U);
}

TEST(Edn, NamesThePlaceOfSyntaxErrors) {
  expect_refused(Format::kEdn, {{"{:type :ok", 1, 1, "before this bracket is closed"},
                                {"[\n{:type :ok]", 2, 11, "'}' expected"},
                                {"[{:type}]", 1, 8, "no value"},
                                {" ]", 1, 2, "nothing opened"},
                                {"({:type :ok :process 1 :f :read}]", 1, 33, "')' expected"},
                                {"[\n", 1, 1, "before this bracket is closed"},
                                {"{:type \"ok}", 1, 8, "inside this string"},
                                {"{:type \"\\q\"}", 1, 9, "unknown escape"},
                                {"{:a \"\\ud800\"}", 1, 6, "UTF-16"},
                                {"{:a \"\\u12\"}", 1, 6, "four hex digits"},
                                {"{:a \\uD900}", 1, 5, "UTF-16"},
                                {"{:a \\}", 1, 1, "before this bracket is closed"},
                                {"{:a \\wrong}", 1, 5, "unknown character"},
                                {"{:a 012}", 1, 5, "begins with 0"},
                                {"{:a 1x}", 1, 6, "not a number"},
                                {"{:a 1e}", 1, 7, "not a number"},
                                {"{:a 1/2}", 1, 6, "not a number"},
                                {"{: 1}", 1, 2, "keyword without a name"},
                                {"{:a ^b c}", 1, 5, "unexpected '^'"},
                                {"{:a \x01}", 1, 5, "control character"},
                                {"{:a ##Foo}", 1, 5, "##Inf"},
                                {"{:a #}", 1, 5, "a set, a tag or #_"},
                                {"{:a #_}", 1, 5, "nothing follows this #_"},
                                {"{:a #b}", 1, 5, "nothing follows this tag"},
                                {"#_", 1, 1, "nothing follows this #_"},
                                {"{:a \"\xff\"}", 1, 6, "not UTF-8"},
                                {"; \xed\xa0\x80", 1, 3, "not UTF-8"},
                                {"; \xc3", 1, 3, "not UTF-8"}});
}

TEST(Edn, NamesThePlaceOfWrongOperations) {
  expect_refused(
      Format::kEdn,
      {{"1", 1, 1, "an operation is a map"},
       {"[{:type :ok :process 0 :value []} []]", 1, 35, "an operation is a map"},
       {"{:process 0}", 1, 1, "has a type"},
       {"{:type :okay :process 0}", 1, 8, "invoke, ok, fail or info"},
       {"{:type :ok :type :ok}", 1, 12, "twice"},
       {"{:type :ok :process 0 :f :fly}", 1, 26, "unknown function 'fly'"},
       {"{:type :ok :process 0 :f [] :value 1}", 1, 26, "name of a function"},
       {"{:type :ok :process 0 :index -1 :f :read}", 1, 30, "an index is"},
       {"{:type :ok :process 0 :value 5}", 1, 30, "a transaction is a sequence"},
       {"{:type :ok :process 0 :value [5]}", 1, 31, "a micro-operation is a sequence"},
       {"{:type :ok :process 0 :value [[:zap 1 2]]}", 1, 32, "unknown micro-operation 'zap'"},
       {"{:type :ok :process 0 :value [[:w 1]]}", 1, 31, "three parts"},
       {"{:type :ok :process 0 :value [[:append 1 nil]]}", 1, 42, "not nil"},
       {"{:type :ok :process 0 :value [[:w [1] 2]]}", 1, 35, "a key expected"},
       {"{:type :ok :process 0 :value [[:r x [[]]]]}", 1, 38, "a plain element"},
       {"{:type :ok :process 0 :value [[:r x #{1 1}]]}", 1, 41, "twice in a set"},
       {"{:type :ok :process 0 :f :cas :value 5}", 1, 38, "two values"},
       {"{:type :ok :process 0 :f :inc :value x}", 1, 38, "an integer"},
       {"{:type :ok :process 0 :f :transfer :value {:from 1 :to 2}}", 1, 43, "lacks 'amount'"},
       {"{:type :ok :process 0 :f :transfer :value {:from 1 :from 2}}", 1, 52, "twice"},
       {"{:type :ok :process 0 :f :read :value {1 2 1 3}}", 1, 44, "the same account twice"},
       {"{:type :ok :process 0 :f :read :value {1 x}}", 1, 42, "a balance"},
       {"{:type :ok :process 0 :f :write}", 1, 1, "nothing says what"},
       {"{:type :info :process 0 :f :add}", 1, 1, "nothing says what"},
       {"{:type :invoke :process 0 :f :read}\n{:type :invoke :process 0 :f :read}", 2, 1, "line 1"},
       {"{:type :invoke :f :read}\n{:type :invoke :f :read}", 2, 1, "line 1"},
       {"{:type :invoke :process 0 :f :read}\n{:type :ok :process 0 :f :write :value 1}", 2, 1, "another one"},
       {"{:type :ok :process 0 :f :read}\n{:type :ok :f :read}", 2, 1, "some have none"},
       {"{:type :ok :process 0 :value [[:w :a 1]\n[:w \"a\" 1]]}", 2, 5, "another kind"}});
}

TEST(Edn, RefusesOperationsOnAKeyThatDoNotFitTogether) {
  const auto ok = [](std::string_view rest) { return "{:type :ok :process 0 " + std::string(rest) + "}\n"; };
  const std::string append = ok(":value [[:append 1 2]]");
  const std::string texts[] = {append + ok(":value [[:w 1 3]]"), ok(":f :add :value 1") + ok(":f :write :value 1"),
                               ok(":f :write :value 1") + ok(":f :read :value [1]"),
                               ok(":f :add :value 1") + ok(":f :read :value x"), append + ok(":value [[:r 1 #{2}]]")};
  for (const std::string& text : texts) {
    try {
      read_history_text("h", text, Format::kEdn);
      ADD_FAILURE() << text;
    } catch (const HistoryError& error) {
      EXPECT_GE(error.line(), 1U) << error.what();
    }
  }
}

TEST(Edn, LimitsNesting) {
  const auto nested = [](std::size_t depth) {
    return "{:type :ok :process 0 :f :read :error " + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_THAT(edn(nested(63)), ElementsAre("0 ok: read register = nil"));
  expect_refused(Format::kEdn, {{nested(64), 1, 39 + 63, "in each other"}});
  expect_refused(Format::kEdn, {{std::string(1'000'000, '['), 1, 66, "in each other"}});
  expect_refused(Format::kEdn, {{"{:a " + std::string(100, '#') + "}", 1, 5, "##Inf"}});
}

TEST(Edn, LimitsARecord) {
  EXPECT_THROW(edn("{:a \"" + std::string(17U << 20, 'x') + "\"}"), HistoryError);
  std::string values = "{:a [";
  for (unsigned i = 0; i < (1U << 22) + 10; ++i) values += "1 ";
  EXPECT_THROW(edn(values + "]}"), HistoryError);
  EXPECT_THROW(edn("{:a " + std::string(17U << 20, ' ') + "1}"), HistoryError);
}

}  // namespace
}  // namespace tidemark::checkers
