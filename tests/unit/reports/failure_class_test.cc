#include "reports/failure_class.h"

#include <gtest/gtest.h>

#include "reports/witness_shape.h"

namespace tidemark::reports {
namespace {

using checkers::Validity;
using checkers::Verdict;

Verdict invalid(const std::string& name, const std::string& witness) {
  return {name, Validity::kInvalid, witness, 1, name == "LIVE"};
}
Verdict unknown(const std::string& name) {
  return {name, Validity::kUnknown, "budget", 1, false};
}
Verdict valid(const std::string& name) {
  return {name, Validity::kValid, "", 1, false};
}

constexpr char kAck1[] =
    "At 0.021725961 s, database shop: follower shop/follower-3 acknowledged 00000001-00000001 (digest ef7c954c...), "
    "but "
    "only the empty database is durable there.";
constexpr char kAck2[] =
    "At 12.5 s, database orders: follower orders/follower-12 acknowledged 00000002-000000af (digest 01234567...), but "
    "only 00000001-00000004 (digest 627fbd70...) is durable there.";

TEST(WitnessShape, IsTheSameForTheSameCauseAtAnotherTimeAndPlace) {
  EXPECT_EQ(witness_shape(kAck1), "follower acknowledged <entry>, but only <entry> is durable there");
  EXPECT_EQ(witness_shape(kAck1), witness_shape(kAck2));
}

TEST(WitnessShape, KeepsTheClaimOfTheFirstSentenceOnly) {
  EXPECT_EQ(
      witness_shape("At 2.9 s, database shop: replica shop/replica-EWR published 00000001-00000091 (digest "
                    "e057f7ba...), but only 00000001-00000090 (digest 9342e718...) is confirmed. 00000001-00000091 "
                    "(digest e057f7ba...) was confirmed later."),
      "replica published <entry>, but only <entry> is confirmed");
}

TEST(WitnessShape, CutsAListOfHoldersOff) {
  const std::string head =
      "At 0.3 s, database shop: the gate opened for 00000001-00000004 (digest 627fbd70...), but it and "
      "all before were durable on 2 of the current followers: shop/follower-1 up to ";
  EXPECT_EQ(witness_shape(head + "00000001-00000004 (digest 627fbd70...); shop/follower-2 up to 00000001-00000003"),
            witness_shape(head + "the empty database;"));
}

TEST(WitnessShape, KnowsNoUnitsPluralsCitiesOrRegions) {
  EXPECT_EQ(witness_shape("shop/replica-EWR shows 00000001-00000044 after 1081199 ns, in ENAM, with 4 followers"),
            witness_shape("db/replica-NRT shows 00000001-00000045 after 1.5 ms, in APAC, with 1 follower"));
  EXPECT_EQ(witness_shape("page 1 of replica shop/replica-LHR has digest 7f1248b968eb4d98b87c5e08963f07a9"),
            "page # of replica has digest <digest>");
}

TEST(WitnessShape, LeavesOutWhatTheOperationSaid) {
  EXPECT_EQ(
      witness_shape("Session 71 (client process 22): operation 1943 (6.304682 s to 6.322292 s, served in ENAM) says: "
                    "read 1 = 820 (version 389); read list 3: [1 2]. Yet its own operation 1934 (acknowledged at "
                    "6.290751 s in ENAM) had written 1222 with version 390; so read-your-writes is broken."),
      "Yet its own operation # had written # with version #");
  EXPECT_EQ(
      witness_shape("Operation 32 of session 1 says: read 2 = 39. However, it says 'write 2 = 42 (version 1)', but "
                    "at its place the version was already 3."),
      "However, it says '..', but at its place the version was already #");
}

TEST(WitnessShape, TellsDifferentClaimsApart) {
  EXPECT_NE(
      witness_shape(kAck1),
      witness_shape("At 1 s, database shop: follower shop/follower-3 holds 00000001-00000001, which no primary ever "
                    "committed."));
}

TEST(FailureClass, OfARunThatIsAsItShouldBeIsNone) {
  EXPECT_FALSE(failure_class({valid("Q"), valid("LIVE")}).has_value());
  EXPECT_FALSE(failure_class({invalid("HIDE", "x")}, {"HIDE"}).has_value());
}

TEST(FailureClass, PutsTheCauseBeforeWhatFollowsFromIt) {
  const std::vector<Verdict> verdicts = {invalid("LIVE", "stuck"),
                                         invalid("sequential", "s"),
                                         invalid("read-your-writes", "r"),
                                         invalid("ZZ", "new"),
                                         invalid("LAG", "l"),
                                         invalid("HIDE", "h"),
                                         unknown("Q")};
  EXPECT_EQ(failure_class(verdicts)->text(), "HIDE: h");
  EXPECT_EQ(failure_class({verdicts[0], verdicts[2], verdicts[1]})->check, "sequential");
  EXPECT_EQ(failure_class({verdicts[0], verdicts[2], verdicts[3]})->check, "read-your-writes");
  EXPECT_EQ(failure_class({verdicts[0], verdicts[3], verdicts[6]})->check, "ZZ");
  EXPECT_EQ(failure_class({verdicts[6], verdicts[0]})->check, "LIVE");
}

TEST(FailureClass, IsWhatWasBrokenFirstInVirtualTime) {
  const auto at = [](Verdict verdict, std::int64_t ns) {
    verdict.at_ns = ns;
    return verdict;
  };
  const Verdict q = at(invalid("Q", "q"), 700), lag = at(invalid("LAG", "l"), 300);
  const Verdict sequential = at(invalid("sequential", "s"), 300), copies = invalid("equal-copies", "c");
  EXPECT_EQ(failure_class({q, lag})->check, "LAG");
  EXPECT_EQ(failure_class({sequential, lag, q})->check, "LAG") << "at the same instant the table decides";
  EXPECT_EQ(failure_class({copies, q, invalid("LIVE", "stuck")})->check, "Q") << "what has no instant shows at the end";
  EXPECT_EQ(failure_class({copies, invalid("LIVE", "stuck")})->check, "equal-copies");
  EXPECT_EQ(failure_class({q, lag}, {"LAG"})->check, "Q") << "what was expected does not count";
  EXPECT_EQ(first_violation({valid("Q"), unknown("LAG")}), nullptr);
}

TEST(FailureClass, DoesNotDependOnTheOrderOfTheVerdicts) {
  EXPECT_EQ(*failure_class({invalid("Q", kAck1), invalid("DUR", "gone")}),
            *failure_class({invalid("DUR", "gone"), invalid("Q", kAck2)}));
  EXPECT_EQ(failure_class({unknown("b"), unknown("a")})->text(), "unknown: a");
}

TEST(FailureClass, NamesWhatWasExpectedAndDidNotCome) {
  EXPECT_EQ(failure_class({valid("HIDE")}, {"HIDE"})->text(), "expected: HIDE");
  EXPECT_EQ(failure_class({}, {"HIDE"})->text(), "expected: HIDE");
  EXPECT_FALSE(failure_class({}, {"HIDE"}, true).has_value());
  EXPECT_EQ(failure_class({valid("HIDE"), invalid("Q", "q")}, {"HIDE"})->check, "Q");
}

TEST(FailureClass, HasAnIdThatFollowsFromItsText) {
  EXPECT_EQ(failure_class({invalid("Q", kAck1)})->id(), failure_class({invalid("Q", kAck2)})->id());
  EXPECT_NE(hang_class().id(), memory_class().id());
  EXPECT_EQ(hang_class().id().size(), 16U);
  EXPECT_EQ(crash_class(11).text(), "crash: signal 11");
  EXPECT_EQ(hang_class().text(), "hang");
}

}  // namespace
}  // namespace tidemark::reports
