// Written and read again, a history is the same.
#include "checkers/formats/write/write.h"

#include "format_samples.h"

namespace tidemark::checkers {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string written(const History& history, Format format) {
  std::string text;
  write_history(history, format, "test", [&](std::string_view piece) { text += piece; });
  return text;
}

/// Without places, which formats number differently.
std::vector<std::string> essence(const History& history) {
  std::vector<std::string> lines;
  for (const Txn& txn : history.transactions())
    lines.push_back(history.show_session(txn.session) + " " + outcome_text(txn.outcome) + ": " + history.show(txn));
  return lines;
}

/// Who ended before whom began.
std::vector<std::pair<std::size_t, std::size_t>> real_time(const History& history) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  const std::vector<Txn>& all = history.transactions();
  for (std::size_t a = 0; history.has_real_time() && a < all.size(); ++a) {
    for (std::size_t b = 0; b < all.size(); ++b)
      if (all[a].ret < all[b].call) pairs.emplace_back(a, b);
  }
  return pairs;
}

void expect_same(std::string_view text, Format from, Format to) {
  const History history = read_history_text("h", text, from);
  const std::string other = written(history, to);
  const History again = read_history_text("other", other, to);
  EXPECT_EQ(essence(history), essence(again)) << other;
  if (history.has_real_time() && to != Format::kPlume) {
    EXPECT_EQ(real_time(history), real_time(again)) << other;
  }
  EXPECT_EQ(written(again, to), other) << "once more";
}

std::vector<std::string> losses(std::string_view text, Format from, Format to) {
  return losses_of(read_history_text("h", text, from), to);
}

std::string refusal(std::string_view text, Format from, Format to) {
  const History history = read_history_text("h", text, from);
  try {
    std::string out;
    write_history(history, to, "test", [&](std::string_view piece) { out += piece; });
    return "nothing refused: " + out;
  } catch (const ConversionRefused& refused) {
    return std::to_string(refused.line()) + ": " + refused.what();
  }
}

constexpr std::string_view kLists =
    R"({:type :invoke :process 0 :time 1 :value [[:append 1 10] [:r 2 nil]]}
{:type :invoke :process 1 :time 2 :value [[:append 2 -5]]}
{:type :ok :process 0 :time 3 :value [[:append 1 10] [:r 2 []]]}
{:type :invoke :process 0 :time 4 :value [[:append 1 11]]}
{:type :info :process 1 :time 5 :value nil}
{:type :invoke :process 3 :time 6 :value [[:r 1 nil] [:r 2 nil]]}
{:type :fail :process 0 :time 7 :value nil}
{:type :ok :process 3 :time 8 :value [[:r 1 [10]] [:r 2 [-5]]]}
{:type :invoke :process 4 :time 9 :value [[:append 1 12]]})";

TEST(Writing, ListsSurviveInMapsAndLines) {
  for (const Format to : {Format::kEdn, Format::kJson, Format::kTidemark}) expect_same(kLists, Format::kEdn, to);
  EXPECT_THAT(losses(kLists, Format::kEdn, Format::kEdn), IsEmpty());
  EXPECT_THAT(losses(kLists, Format::kEdn, Format::kTidemark), IsEmpty());
}

TEST(Writing, MapsAreWrittenLikeThis) {
  const History history = read_history_text("h",
                                            "{:type :invoke :process 0 :value [[:append :x 1] [:r 7 nil]]}{:type :ok "
                                            ":process 0 :value [[:append :x 1] [:r 7 [2 \"a b\"]]]}",
                                            Format::kEdn);
  EXPECT_EQ(written(history, Format::kEdn),
            "{:index 0, :type :invoke, :process 0, :f :txn, :value [[:append :x 1] [:r 7 nil]]}\n"
            "{:index 1, :type :ok, :process 0, :f :txn, :value [[:append :x 1] [:r 7 [2 \"a b\"]]]}\n");
  EXPECT_EQ(written(history, Format::kJson),
            R"([{"index":0,"type":"invoke","process":0,"f":"txn","value":[["append","x",1],["r",7,null]]},)"
            "\n"
            R"({"index":1,"type":"ok","process":0,"f":"txn","value":[["append","x",1],["r",7,[2,"a b"]]]}])"
            "\n");
}

TEST(Writing, EveryKindSurvivesInMaps) {
  const std::string_view texts[] = {
      "{:type :invoke :process 0 :f :cas :value [1 2]}{:type :fail :process 0 :f :cas}"
      "{:type :invoke :process 0 :f :cas :key z :value [nil 2]}{:type :ok :process 0 :f :cas :key z :value [nil 2]}"
      "{:type :invoke :process 0 :f :read}{:type :ok :process 0 :f :read :value nil}{:type :invoke :process 1 :f "
      ":write :value 5}",
      "{:type :ok :process 0 :f :add :value 1}{:type :ok :process 0 :f :read :value #{1 5}}",
      "{:type :ok :process 0 :f :add :value 1}{:type :ok :process 0 :f :read :value 5}",
      "{:type :ok :process 0 :f :inc :value 2}{:type :ok :process 0 :f :dec :value 5}",
      "{:type :ok :process 0 :value [[:add 1 7] [:r 1 #{7}] [:inc 2 5] [:r 2 5] [:w 3 1] [:r 3 1]]}",
      "{:type :ok :process 0 :f :read :value {a 5 7 -1}}{:type :ok :process 0 :f :transfer :value {:from a :to 7 "
      ":amount 2}}"
      "{:type :invoke :process 0 :f :read}",
      "{:type :ok :process 0 :value [[:w x 123456789012345678901234567890] [:r x 1.5] [:w x \"12\"] [:w x \"nil\"] [:w "
      "x \"\"]"
      " [:w x \"a\\\"\\\\\\n\"]]}",
      "{:type :invoke :process 0 :value [[:r 1 nil] [:append 1 2]]}{:type :ok :process 0}",
  };
  for (const std::string_view text : texts) {
    expect_same(text, Format::kEdn, Format::kEdn);
    expect_same(text, Format::kEdn, Format::kJson);
  }
  expect_same(
      "{:type :ok :process 0 :f :append :key \"1\" :value \"x\"}{:type :ok :process 0 :f :put :key \"1\" :value \"\"}"
      "{:type :ok :process 0 :f :get :key \"1\" :value \"x\"}",
      Format::kKv, Format::kKv);
}

TEST(Writing, RegistersSurviveInPlumeAndLines) {
  const std::string_view text = "w(1,1,0,0)\nw(2,1,0,0)\nr(1,1,1,1)\nr(3,0,1,1)\nw(4,5,0,-1)\nr(2,1,0,3)\n";
  expect_same(text, Format::kPlume, Format::kPlume);
  expect_same(text, Format::kPlume, Format::kTidemark);
  expect_same(text, Format::kPlume, Format::kEdn);
  EXPECT_THAT(losses(text, Format::kPlume, Format::kPlume), IsEmpty());
  EXPECT_THAT(losses(text, Format::kPlume, Format::kEdn), ElementsAre(HasSubstr("made up")));
  EXPECT_THAT(losses(text, Format::kPlume, Format::kTidemark), ElementsAre(HasSubstr("made up")));
}

TEST(Writing, OurLinesKeepTimesAndRegions) {
  const std::string text =
      R"({"format":"tidemark-history","version":1,"scenario":"s","seed":1,"model":"append"})"
      "\n"
      R"({"index":4,"session":3,"process":3,"type":"ok","f":"txn","value":[["append",1,2]],"invoke_ns":5,"complete_ns":9,"bookmark_in":"","bookmark_out":"b","served_by_region":"WEUR","served_by_primary":true})"
      "\n"
      R"({"index":5,"session":3,"process":3,"type":"ok","f":"txn","value":[["r",1,[2]]],"invoke_ns":9,"complete_ns":12,"bookmark_in":"b","bookmark_out":"b","served_by_region":"","served_by_primary":false})"
      "\n";
  const History history = read_history_text("h", text, Format::kTidemark);
  const History again = read_history_text("h", written(history, Format::kTidemark), Format::kTidemark);
  EXPECT_EQ(lines_of(history), lines_of(again));
  ASSERT_EQ(again.times().size(), 2U);
  EXPECT_EQ(again.times()[0].invoke_ns, 5);
  EXPECT_EQ(again.times()[1].complete_ns, 12);
  EXPECT_EQ(again.text(again.regions()[0]), "WEUR");
  EXPECT_EQ(again.transactions()[0].index, 4U);
  EXPECT_THAT(
      losses_of(history, Format::kEdn),
      ElementsAre(HasSubstr("1 operations began before another of their session had ended"), HasSubstr("regions")));
}

TEST(Writing, OurLinesKeepASessionThatIsUsedTwiceAtATime) {
  std::string text = R"({"format":"tidemark-history","version":1,"scenario":"s","seed":1,"model":"append"})";
  for (const char* process : {"3", "9"}) {
    text += std::string("\n{\"index\":") + (*process == '3' ? "0" : "1") + R"(,"session":3,"process":)" + process +
            R"(,"type":"ok","f":"txn","value":[],"invoke_ns":5,"complete_ns":9,"bookmark_in":"","bookmark_out":"",)"
            R"("served_by_region":"","served_by_primary":false})";
  }
  const History history = read_history_text("h", text + "\n", Format::kTidemark);
  EXPECT_THAT(losses_of(history, Format::kTidemark), IsEmpty());
  const History again = read_history_text("h", written(history, Format::kTidemark), Format::kTidemark);
  EXPECT_EQ(lines_of(history), lines_of(again));
  EXPECT_EQ(again.sessions(), 1U);
}

TEST(Writing, RefusesWithThePlaceWhatTheFormatCannotSay) {
  const std::string_view cas = "{:type :ok :process 0 :f :read}\n{:type :ok :process 0 :f :cas :value [1 2]}";
  EXPECT_THAT(refusal(cas, Format::kEdn, Format::kPlume), HasSubstr("1: transaction 0: Plume's text names keys"));
  EXPECT_THAT(refusal(cas, Format::kEdn, Format::kTidemark), HasSubstr("1: transaction 0: our lines name keys"));
  EXPECT_THAT(refusal(kLists, Format::kEdn, Format::kPlume), HasSubstr("3: transaction 0: Plume's text knows"));
  EXPECT_THAT(refusal("{:type :invoke :process 0 :value [[:w 1 2]]}", Format::kEdn, Format::kPlume),
              HasSubstr("unknown"));
  EXPECT_THAT(refusal("{:type :ok :process 0 :value [[:w 1 x]]}", Format::kEdn, Format::kPlume), HasSubstr("integers"));
  EXPECT_THAT(refusal("{:type :ok :process 0 :value [[:r 1 0]]}", Format::kEdn, Format::kPlume),
              HasSubstr("initial state"));
  EXPECT_THAT(refusal("{:type :ok :process 0 :value [[:w 1 0]]}", Format::kEdn, Format::kTidemark),
              HasSubstr("never written"));
  EXPECT_THAT(refusal("{:type :ok :process 0 :value [[:w 1 1] [:append 2 1]]}", Format::kEdn, Format::kTidemark),
              HasSubstr("either lists or registers"));
  EXPECT_THAT(refusal("{:type :ok :process 0 :value [[:r 1 #{2}]]}", Format::kEdn, Format::kJson),
              HasSubstr("a set that"));
  EXPECT_THAT(refusal("w(1,1,0,0)", Format::kPlume, Format::kKv), HasSubstr("kv"));
  EXPECT_THAT(refusal("w(1,1,0,0)", Format::kPlume, Format::kAwdit), HasSubstr("only read"));
  EXPECT_THAT(refusal("{:type :ok :process 0 :f :cas :value [1 2]}\n{:type :ok :process 0 :value [[:w 1 2] [:w 3 4]]}",
                      Format::kEdn, Format::kEdn),
              HasSubstr("2: transaction 1: it has several operations"));
  EXPECT_THAT(
      refusal(
          R"({"format":"tidemark-history","version":1,"scenario":"s","seed":1,"model":"orders"})"
          "\n"
          R"({"index":4,"session":3,"process":3,"type":"ok","f":"reset","value":[["reset"]],"invoke_ns":5,"complete_ns":9,"bookmark_in":"","bookmark_out":"b","served_by_region":"WEUR","served_by_primary":true})"
          "\n",
          Format::kTidemark, Format::kEdn),
      HasSubstr("2: transaction 4: operation maps have no words"));
}

TEST(Writing, NumbersSessionsThatHaveNames) {
  HistoryBuilder builder;
  for (const char* name : {"anna", "bert"}) {
    builder.begin(builder.session(builder.text(name)));
    builder.event(EventKind::kWrite, builder.key(builder.integer(1)), builder.integer(*name));
    builder.finish({});
  }
  const History history = builder.build(false);
  EXPECT_EQ(written(history, Format::kPlume), "w(1,97,0,0)\nw(1,98,1,1)\n");
  EXPECT_THAT(losses_of(history, Format::kPlume), ElementsAre(HasSubstr("sessions are numbered")));
}

TEST(Writing, AnEmptyHistoryIsWritten) {
  const History history = read_history_text("h", "", Format::kEdn);
  EXPECT_EQ(written(history, Format::kEdn), "");
  EXPECT_EQ(written(history, Format::kJson), "[]\n");
  EXPECT_EQ(written(history, Format::kPlume), "");
  EXPECT_THAT(essence(read_history_text("h", written(history, Format::kTidemark), Format::kTidemark)), IsEmpty());
}

}  // namespace
}  // namespace tidemark::checkers
