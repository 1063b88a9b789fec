#include "checkers/explain/explain.h"

#include <gtest/gtest.h>

#include "checkers/graph/transactional.h"
#include "notation.h"

namespace tidemark::checkers {
namespace {

using graph::Isolation;
using graph::TransactionalModel;

constexpr TransactionalModel kSequential{Isolation::kSerializable, true, false};
constexpr TransactionalModel kStrict{Isolation::kSerializable, true, true};

Anomaly first_anomaly(const History& history, const TransactionalModel& model = kSequential) {
  const Judgement judgement = graph::judge_transactional(history, model, {});
  return judgement.anomalies.empty() ? Anomaly{} : judgement.anomalies[0];
}

std::string explained(std::string_view text, const TransactionalModel& model = kSequential) {
  const History history = testing::history_of(text);
  const Anomaly anomaly = first_anomaly(history, model);
  return anomaly.name.empty() ? "valid" : explain(history, "one order explains every read", anomaly);
}

TEST(Explain, TellsWhoTookPartAndWhyOneStandsBeforeTheOther) {
  EXPECT_EQ(explained("s1: a x 1\ns1: r x []"),
            "The guarantee: one order explains every read\n"
            "This history breaks it: G-single-process.\n"
            "Let:\n"
            "  T0 = session s1: append 1 to x\n"
            "  T1 = session s1: read x = []\n"
            "Then:\n"
            "  1. T0 < T1, because they are of the same session (s1), T0 first\n"
            "  2. T1 < T0, because T1 read x = [], and T0 appended 1, which was not there yet\n"
            "However, T0 < T1 < T0: a contradiction!\n"
            "It shows in session s1.\n");
}

TEST(Explain, NamesTheReaderThatShowsTheOrderOfTwoAppends) {
  const std::string text = explained("s1: a x 1, a y 1\ns2: a x 2, a y 2\ns3: r x [1 2]\ns4: r y [2 1]");
  EXPECT_NE(text.find("T0 < T1, because T2 read x = [1 2], where the 1 of T0 stands before the 2 of T1"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("  T3 = session s4: read y = [2 1]\n"), std::string::npos) << "the evidence is named, too";
}

TEST(Explain, LeavesOutWhatOnlyStandsBetween) {
  const std::string text = explained("s1: a x 1\ns2: a x 2\ns3: a x 3\ns3: r x []\ns4: r x [1 2 3]");
  EXPECT_NE(text.find("However, T2 < T3 < T2: a contradiction!"), std::string::npos) << text;
  EXPECT_EQ(text.find("T1"), std::string::npos) << text;
}

TEST(Explain, TellsTimesWhereTheyCount) {
  const std::string text = explained("s1: a x 1 @1-2\ns2: r x [] @3-4", kStrict);
  EXPECT_NE(text.find("T0 < T1, because T0 had ended when T1 began"), std::string::npos) << text;
}

TEST(Explain, SaysWhyAnUnknownOutcomeTookEffect) {
  const std::string text = explained("s1: a x 1, a y 1 ?\ns2: r x [1], r y []");
  EXPECT_NE(text.find("Note: T0 took effect although its outcome is unknown: T1 saw its 1 in x."), std::string::npos)
      << text;
}

TEST(Explain, TellsRegistersAndSets) {
  EXPECT_NE(explained("s1: w x 1\ns1: r x nil").find("T1 read x = nil, as it was in the beginning, and T0 wrote 1"),
            std::string::npos);
  EXPECT_NE(explained("s1: add x 1\ns2: add y 2\ns3: r x {1}, r y {}\ns4: r x {}, r y {2}").find("and T0 added 1"),
            std::string::npos);
}

TEST(Explain, ProvesWhatFollowsOnlyByWayOfOthers) {
  // o => r, and r read w: o before w. Session s3 sees x = 2 and then x = 1 again.
  const std::string text = explained("s1: w x 1, w y 1\ns2: w x 2\ns3: r x 1\ns3: r x 2\ns3: r x 1, w z 1");
  EXPECT_NE(text.find("contradiction!"), std::string::npos) << text;
  EXPECT_NE(text.find("which wrote x too, is before "), std::string::npos) << text;
}

TEST(Explain, TellsTheFactOfWhatNeedsNoCycle) {
  EXPECT_EQ(explained("s1: a x 1 !\ns2: r x [1]"),
            "The guarantee: one order explains every read\n"
            "This history breaks it: G1a.\n"
            "Let:\n"
            "  T0 = session s1, failed: append 1 to x\n"
            "  T1 = session s2: read x = [1]\n"
            "But: T1: read x = [1], but T0, which appended 1, failed.\n"
            "It shows in sessions s1 and s2.\n");
}

TEST(Explain, TellsLineTimeAndRegion) {
  HistoryBuilder builder;
  builder.begin(builder.session(builder.integer(3)));
  builder.read_elements(EventKind::kReadList, builder.key(builder.text("x")), {});
  HistoryBuilder::End end;
  end.line = 12;
  end.times = {1'203'600'000, 1'310'000'000};
  end.region = builder.text("WEUR").text_id();
  builder.finish(end);
  const History history = builder.build(false);
  Anomaly anomaly;
  anomaly.name = "read-your-writes";
  anomaly.transactions = {0};
  anomaly.fact = "T0 lacks what its session wrote";
  EXPECT_NE(
      explain(history, "", anomaly).find("T0 = line 12, session 3, 1.204 s to 1.310 s, served by WEUR: read x = []"),
      std::string::npos);
}

TEST(Explain, TellsEveryAnomalyOfATransactionThatContradictsItself) {
  for (const char* text : {"s1: r x [], a x 4\ns2: a x 5, r x [4], r x [4 5]",
                           "s1: a x 1, r y [2]\ns1: a y 2\ns2: r y [2]", "s1: a x 5\ns2: a x 7, r x [5]\ns2: r x []"}) {
    const History history = testing::history_of(text);
    const Judgement judgement = graph::judge_transactional(history, kSequential, {});
    EXPECT_FALSE(judgement.anomalies.empty());
    for (const Anomaly& anomaly : judgement.anomalies) EXPECT_NE(explain(history, "", anomaly), "") << text;
  }
}

// --- no step that does not follow -----------------------------------------------------------------------------------

std::optional<why::Derivation> derived(const History& history, Step step) {
  return why::derive(history, step, {}, {});
}

Step step_of(const History& history, std::uint32_t from, std::uint32_t to, Relation relation, std::string_view key,
             Value before, Value after) {
  Step step;
  step.from = from;
  step.to = to;
  step.relation = relation;
  step.before = before;
  step.after = after;
  while (history.show_key(step.key) != key) ++step.key;
  return step;
}

TEST(Derive, RefusesWhatDoesNotFollow) {
  const History history = testing::history_of("s1: a x 1\ns2: a x 2\ns3: r x [1 2]\ns3: r x [1]\ns1: a y 9 ?");
  const Value one = Value::integer(1);
  const Value two = Value::integer(2);
  EXPECT_TRUE(derived(history, step_of(history, 0, 1, Relation::kWw, "x", one, two)));
  EXPECT_FALSE(derived(history, step_of(history, 1, 0, Relation::kWw, "x", two, one)));
  EXPECT_FALSE(derived(history, step_of(history, 0, 1, Relation::kWw, "y", one, two)));
  EXPECT_TRUE(derived(history, step_of(history, 1, 2, Relation::kWr, "x", two, two)));
  EXPECT_FALSE(derived(history, step_of(history, 1, 3, Relation::kWr, "x", two, two)));
  EXPECT_FALSE(derived(history, step_of(history, 0, 2, Relation::kWr, "x", two, two)));
  EXPECT_TRUE(derived(history, step_of(history, 3, 1, Relation::kRw, "x", one, two)));
  EXPECT_FALSE(derived(history, step_of(history, 2, 1, Relation::kRw, "x", one, two)));
  EXPECT_TRUE(derived(history, step_of(history, 2, 3, Relation::kSo, "x", {}, {})));
  EXPECT_FALSE(derived(history, step_of(history, 3, 2, Relation::kSo, "x", {}, {})));
  EXPECT_FALSE(derived(history, step_of(history, 0, 2, Relation::kSo, "x", {}, {})));
  EXPECT_FALSE(derived(history, step_of(history, 0, 2, Relation::kRt, "x", {}, {}))) << "there is no real time here";
  EXPECT_FALSE(derived(history, step_of(history, 4, 0, Relation::kSo, "x", {}, {}))) << "nothing follows the unknown";
}

TEST(Derive, KnowsThatWhoeverBuildsOnAVersionEndsIt) {
  const History history = testing::history_of("s1: w x 1\ns2: r x 1, w x 2\ns3: r x 1, w x 3");
  const auto derivation =
      derived(history, step_of(history, 1, 2, Relation::kRw, "x", Value::integer(1), Value::integer(3)));
  ASSERT_TRUE(derivation);
  EXPECT_EQ(derivation->sentence.because, "T1 read x = 1, which T2 read too before it wrote 3");
}

TEST(Derive, RefusesAValueOfSeveralWriters) {
  const History history = testing::history_of("s1: w x 1\ns2: w x 1\ns3: r x 1");
  const Value one = Value::integer(1);
  EXPECT_FALSE(derived(history, step_of(history, 0, 2, Relation::kWr, "x", one, one)));
}

TEST(Derive, ProvesNothingOfRegistersThatIsNotSo) {
  const History history = testing::history_of("s1: w x 1\ns2: w x 2\ns3: r x 1\ns3: r x 2");
  const Value one = Value::integer(1);
  const Value two = Value::integer(2);
  EXPECT_TRUE(derived(history, step_of(history, 0, 1, Relation::kWw, "x", one, two))) << "s3 saw them in this order";
  EXPECT_FALSE(derived(history, step_of(history, 1, 0, Relation::kWw, "x", two, one)));
  EXPECT_FALSE(why::derive(history, step_of(history, 0, 1, Relation::kWw, "x", one, two), {}, {false, false}))
      << "without the order of sessions nothing orders them";
}

TEST(Explain, FailsOnAPlantedStep) {
  const History history = testing::history_of("s1: a x 1\ns1: r x []");
  Anomaly anomaly = first_anomaly(history);
  ASSERT_EQ(anomaly.cycle.size(), 2U);
  Anomaly turned = anomaly;
  turned.cycle[1].relation = Relation::kWr;
  EXPECT_EXIT(explain(history, "", turned), ::testing::ExitedWithCode(70), "every step of a cycle follows");
  Anomaly open = anomaly;
  open.cycle.pop_back();
  EXPECT_EXIT(explain(history, "", open), ::testing::ExitedWithCode(70), "begins where the one before it ends");
}

}  // namespace
}  // namespace tidemark::checkers
