#include "checkers/consistency/sequential.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkers/consistency/known_order.h"
#include "tiny_history.h"

namespace tidemark::checkers {
namespace {

using ::testing::HasSubstr;

struct Case {
  const char* history;
  Validity sequential;
  Validity order;
  const char* witness;  // part of the text
};

constexpr auto kV = Validity::kValid;
constexpr auto kI = Validity::kInvalid;
constexpr auto kU = Validity::kUnknown;

const Case kCases[] = {
    // lists: valid
    {"s1: ax1", kV, kV, ""},
    {"s1: rx[]", kV, kV, ""},
    {"s1: ax1 / s1: rx[1]", kV, kV, ""},
    {"s1: ax1 / s2: rx[]", kV, kV, ""},
    {"s1: ax1 / s2: rx[] / s2: rx[1]", kV, kV, ""},
    {"s1: ax1 ay2 / s2: rx[1] ry[2]", kV, kV, ""},
    {"s1: ax1 / s2: ax2 / s3: rx[1 2] / s4: rx[1] / s4: rx[1 2]", kV, kV, ""},
    {"s1: rx[] ax1 rx[1] ax2 rx[1 2]", kV, kV, ""},
    {"s1: ax1 / s2: rx[1] ax2 / s1: rx[1 2]", kV, kV, ""},
    {"s1: rx[] ax1 / s2: ry[] ay1", kV, kV, ""},
    {"s2: ax2 @9 / s1: ax1 @3 <0 / s3: rx[1 2]", kV, kV, ""},
    // unknown outcomes and failures
    {"s1?: ax1", kV, kV, ""},
    {"s1?: ax1 / s2: rx[] / s2: rx[1]", kV, kV, ""},
    {"s1?: ax1 / s2: rx[1] / s3: rx[]", kV, kV, ""},
    {"s1?: ax1 / s2: rx[1] / s2: rx[]", kI, kI, "session"},
    {"s1: ax1 / s2?: ax2 / s1: ax3 / s3: rx[1 2 3]", kV, kV, ""},
    {"s1: ax1 / s2?: ax2 / s1: ax3 / s3: rx[1 2 3] / s4: rx[1 3]", kI, kI, "incompatible-order"},
    {"s1?: ax1 ay1 / s2: rx[1] ry[1]", kV, kV, ""},
    {"s1?: ax1 ay1 / s2: rx[1] ry[]", kI, kU, "let"},
    // a place is left before a write of unknown outcome that was seen already
    {"s1?: ax1 ay1 / s2?: ax2 / s3: ry[1] / s3: rx[2 1]", kV, kV, ""},
    // two of them, seen through other lists first: one guess, unless it is known which entries they made
    {"s1?: ax1 ay1 / s2?: ax2 az2 / s3: rz[2] / s3: ry[1] / s3: rx[2 1]", kV, kU, ""},
    {"s1?: ax1 ay1 $2 / s2?: ax2 az2 $1 / s3: rz[2] / s3: ry[1] / s3: rx[2 1]", kV, kV, ""},
    {"s1?: ax1 ay1 $1 / s2?: ax2 az2 $2 / s3: rz[2] / s3: ry[1] / s3: rx[2 1]", kV, kI, ""},
    // The state that s3 was shown proves the reset, so the empty table is not that after the later one.
    {"s1: +a @1 / s3: l[a] @1 / s2?: reset $2 / s3: l[] @2 / s4: +b @3 / s3: l[b] @3 / s5: reset @4", kV, kV, ""},
    {"s1?: ax1 / s2: rx[1] @1 / s2: rx[1 1] @2", kI, kI, ""},
    {"s1!: ax1 / s2: rx[]", kV, kV, ""},
    {"s1!: ax1 / s2: rx[1]", kI, kI, "G1a"},
    {"s1!: ax1", kV, kV, ""},
    // lists: invalid
    {"s1: ax1 / s1: rx[]", kI, kI, "same session"},
    {"s1: ax1 / s2: rx[1] / s2: rx[]", kI, kI, "same session"},
    {"s2: rx[7]", kI, kI, "nobody appended 7"},
    {"s1: ax1 / s2: ax2 / s3: rx[1 2] / s4: rx[2 1]", kI, kI, "incompatible-order"},
    {"s1: ax1 / s2: rx[1 1]", kI, kI, "duplicate-elements"},
    {"s1: ax1 ax2 / s2: rx[1]", kI, kI, "G1b"},
    {"s1: ax1 ay1 / s2: rx[1] ry[]", kI, kI, "G-single"},
    {"s1: ax1 rx[]", kI, kI, "internal"},
    {"s1: rx[] rx[1] / s2: ax1", kI, kI, "internal"},
    {"s1: ax1 / s2: ay1 / s3: rx[1] ry[] / s4: rx[] ry[1]", kI, kI, "before"},
    {"s1: ax1 ry[] / s2: ay1 rx[]", kI, kI, "G"},
    {"s1: rx[] ax1 / s2: rx[] ax2", kI, kI, "lost-update"},
    {"s1: ax1 / s2: ay1 / s1: ry[] / s2: rx[]", kI, kI, "before"},
    {"s1: ax1 / s1: ax2 / s2: rx[2 1]", kI, kI, "G0-process"},
    {"s1: rx[1] / s1: ax2 / s2: ax1 / s3: rx[2 1]", kI, kI, "incompatible-order"},
    {"s1: rx[1] ay2 / s2: ry[2] ax1", kI, kI, "G1c"},
    {"s1: ax1 / s2: ax2 / s3: rx[2]", kV, kI, ""},
    // legal, but not in the order of the bookmarks
    {"s1: ax1 @2 / s2: ax2 @1 / s3: rx[1 2]", kV, kI, ""},
    {"s1: ax1 @2 / s1: ax2 @1 / s3: rx[1 2]", kV, kI, ""},
    {"s1: ax1 @2 / s2: ax2 @2 / s3: rx[1 2]", kV, kI, ""},
    {"s1: ax1 @- / s3: rx[1]", kV, kU, ""},
    {"s1: ax1 @- / s3: rx[1] / s3: rx[]", kI, kU, "session"},
    // registers
    {"s1: wx1.1 / s2: gx1.1 / s2: gx1.1", kV, kV, ""},
    {"s1: wx1.1 / s2: gx0 / s2: gx1.1", kV, kV, ""},
    {"s1: wx1.1 / s1: gx0", kI, kI, "same session"},
    {"s1: wx1.1 / s2: wx2.2 / s3: gx2.2 / s3: gx1.1", kI, kI, "same session"},
    // the contents decide although the bookmarks are wrong: the version column orders the writes
    {"s1: wx1.1 @2 / s2: wx2.2 @1 / s3: gx1.1 / s3: gx2.2", kV, kI, ""},
    {"s1: wx1.1 @2 / s2: wx2.2 @1 / s3: gx2.2 / s3: gx1.1", kI, kI, "version 1"},
    {"s1: wx1 @2 / s2: wx2 @1 / s3: gx1 / s3: gx2", kV, kI, ""},
    {"s1: wx1 @2 / s2: wx2 @1 / s3: gx1 / s3: gx2 / s4: gx2 / s4: gx1", kI, kI, ""},
    {"s1: wx1.1 / s2: gx1.2", kI, kI, "version-mismatch"},
    {"s1: wx1.1 / s2: wx2.1 / s3: gx2.1", kI, kI, "version-twice"},
    {"s1: wx1.1 / s2: gx9.1", kI, kI, "nobody wrote that"},
    {"s1!: wx1 / s2: gx1.1", kI, kI, "which wrote that, failed"},
    {"s1?: wx1 / s2: gx1.1 / s3: wx2.2 / s2: gx2.2", kV, kV, ""},
    {"s1: wx1.1 @2 / s2: wx2.2 @1 / s3: gx2.2", kV, kI, ""},
    {"s1: wx1 / s2: gx1", kV, kV, ""},
    {"s1: wx1 / s2: gx1 / s2: gx0", kI, kI, ""},
    // orders
    {"s1: +a / s2: l[a]", kV, kV, ""},
    {"s1: +a / s2: l[] / s2: l[a]", kV, kV, ""},
    {"s1: +a / s1: l[]", kI, kI, "same session"},
    {"s1: +a / s1: =a / s1: l[a]", kV, kV, ""},
    {"s1: =a", kI, kI, "nobody wrote that"},
    {"s1: +a / s2: +a", kI, kI, "lost-update"},
    {"s1: +a / s1: reset / s1: l[] / s1: +a / s1: l[a]", kV, kV, ""},
    // and although the table was reset, or an insert found its row
    {"s1: +a @1 / s2: reset @2 / s2: l[] / s2: l[a]", kV, kI, ""},
    {"s1: +a @2 / s2: +b @1 / s3: =a / s3: l[a b] / s4: +a =a", kI, kI, ""},
    {"s1: +a @2 / s2: +b @1 / s3: =a / s3: l[a b]", kV, kI, ""},
    {"s1: +a @2 / s2: +b @1 / s3: =b / s3: l[a] / s4: l[a b]", kI, kI, ""},
    // a request of unknown outcome may be carried out again after a reset: that it shows twice is no contradiction
    {"s1?: +a / s2: l[a] @1 / s3: reset @2 / s2: l[] @2 / s2: l[a] @3", kU, kU, "carried out again"},
    {"s1: +a / s1: reset / s1: l[a]", kI, kI, "before that"},
    {"s1: +a / s2: reset / s1: =a", kV, kV, ""},
    {"s2: l[] / s1: +a / s1: reset / s2: l[a] / s2: l[]", kV, kV, ""},
    {"s1: +a / s1: reset / s1: +b / s2: l[a b]", kI, kI, "fits"},
    {"s1: +a +b l[a b] / s2: l[a]", kI, kI, ""},
    {"s1: +a / s1: reset l[] +b l[b] / s2: l[a] / s2: l[b]", kV, kV, ""},
    {"s1: +a reset l[a]", kI, kI, "emptied"},
    {"s1?: +a / s2: l[a] / s1: =a / s1: l[a]", kV, kV, ""},
    {"s1: +a / s1?: reset / s2: l[] / s2: +b / s2: l[b]", kV, kV, ""},
    {"s1!: +a / s2: l[a]", kI, kI, "failed"},
    {"s1: +a / s2: l[a b]", kI, kI, "nobody"},
    // handlers that were carried out again: after a reset, their rows are in the table once more, in another order
    {"s1?: +a $1 $6 / s2?: +b $2 $5 / s4: l[a b] @2 / s5: reset @3 / s4: l[b a] @6 / s4: +c @7 / s4: l[b a c] @7", kV,
     kV, ""},
    // the first entries were lost with their leader's epoch, and nobody saw them
    {"s1?: +a $1 $5 / s2?: +b $2 $4 / s3: l[] @1 / s4: l[b a] @5 / s4: +c @6", kV, kV, ""},
    // of two epochs without a row, the one that the bookmark names
    {"s1?: +a / s2: l[a] @1 / s2: +b @2 / s3: reset @3 / s2: +c @4 / s4: l[c] @4", kV, kV, ""},
    // a row that was seen in two epochs may have had another place in each; the contents have an order
    {"s1?: +a / s2: l[a] @- / s2: +b @2 / s3: reset @3 / s2: +c @4 / s4: l[c] @4", kV, kU, ""},
    // what a read saw without a write whose entry stands before it, told by an entry that is shown only later
    {"s1?: ax9 $1 / s2: ax1 @2 / s3: rx[1] @- / s4: rx[9 1] @2", kI, kI, "incompatible-order"},
    {"s1?: ax9 $1 / s2: ay1 @2 / s3: rx[] ry[1] @- / s4: rx[9] @2", kV, kI, ""},
    {"s1: +a @1 / s2?: reset $2 / s3: +b @3 / s4: l[a b] @- / s5: l[b] @3", kU, kI, "carried out again"},
    {"s1?: ax9 az9 $1 / s2: ay1 @2 / s3: rz[] ry[1] @- / s4: rx[9] @2", kV, kI, ""},
    {"s1?: ax9 az9 $1 / s2: az1 @2 / s3: rz[1] @- / s4: rx[9] @2", kV, kI, ""},
    {"s2: ax1 @2 / s1: rx[1] @- / s1?: ay9 $1 / s3: ry[9] @-", kV, kI, ""},
    // an entry that stands before what its session had seen when it sent the write, or behind what was shown
    {"s2: ax1 @2 / s1: rx[1] @2 / s1?: ay9 $1 / s3: ry[9] @2", kV, kI, ""},
    {"s2: ax1 @2 / s1: rx[1] @2 / s3: ry[9] @2 / s1?: ay9 $1 <21", kV, kI, ""},
    {"s1: ax1 @1 / s2?: ax2 $5 / s3: rx[1 2] @3", kV, kI, ""},
    {"s1: ax1 @1 / s2?: ax2 $5 / s3: ax3 @3 / s4: rx[1 2 3] @-", kV, kI, ""},
    // a client that gave up and asked again: the second request was told the entry that the first had made
    {"s1?: +a $2 / s1: +a @2 / s3: l[a] @2", kV, kV, ""},
    // the same element of another key
    {"s1?: ax7 / s2?: ay7 / s3: ry[7] / s3: rx[]", kV, kV, ""},
    // the version that is read tells the place of a write of unknown outcome
    {"s1: wx1.1 / s2?: wx2 / s3: wx3.3 / s4: gx1.1 / s4: gx2.2 / s4: gx3.3", kV, kV, ""},
    {"s1?: wx2 / s4: gx2.2 / s5: gx2.3", kI, kI, "version"},
    {"s1: wx1.1 wx2.2 / s2: gx1.1", kI, kI, "G1b"},
    // seen before the table was reset
    {"s1: +a @1 / s2?: +b / s4: l[a b] @- / s3: reset @3", kV, kV, ""},
    // what found its row, and where all parts hold at once
    {"s1: =a +b", kI, kI, ""},
    {"s1: +a / s1: reset / s2: =a l[]", kI, kI, ""},
    // two resets, each made twice
    {"s1?: reset $2 $5 / s2: +a @1 / s2: l[a] @1 / s3: l[] @2 / s3: +b @3 / s3: l[b] @4 / s3: l[] @5 / s3: +c @6", kV,
     kV, ""},
    // a request that was given up, and the same again: either made the entry, but it is one row
    {"s1?: +a $2 / s1?: +a $2 / s2: +b @1 / s2: l[b a] @2 / s2: +c @3", kV, kV, ""},
};

TEST(Sequential, DecidesHandWrittenHistories) {
  for (const Case& test : kCases) {
    SCOPED_TRACE(test.history);
    const auto verdicts = check_sequential(tiny_history(test.history));
    ASSERT_EQ(verdicts.size(), 2U);
    EXPECT_STREQ(to_text(verdicts[0].validity), to_text(test.sequential)) << verdicts[0].witness;
    EXPECT_STREQ(to_text(verdicts[1].validity), to_text(test.order)) << verdicts[1].witness;
    EXPECT_THAT(verdicts[0].witness, HasSubstr(test.witness));
    EXPECT_EQ(verdicts[0].witness.empty(), verdicts[0].validity == Validity::kValid);
  }
}

TEST(Sequential, AnEmptyHistoryProvesNothing) {
  const auto verdicts = check_sequential({});
  EXPECT_EQ(verdicts[0].validity, Validity::kUnknown);
  EXPECT_EQ(verdicts[0].witness, "0 operations");
  EXPECT_EQ(verdicts[1].validity, Validity::kUnknown);
}

TEST(Sequential, HistoriesOfTwoModelsAreNotJudged) {
  auto history = tiny_history("s1: ax1");
  history.push_back(tiny_history("s1: wx1.1")[0]);
  EXPECT_EQ(check_sequential(history)[0].validity, Validity::kUnknown);
}

TEST(Sequential, ALongChainNeedsNoDeepStack) {
  std::vector<Operation> history;
  std::string text;
  for (int i = 0; i < 200000; ++i) {
    Operation operation;
    operation.index = static_cast<std::uint64_t>(i);
    operation.session = 1;
    operation.outcome = Outcome::kOk;
    operation.value = std::vector<ListOp>{{true, i, 1, true, {}}};
    operation.invoke_ns = i * 10;
    operation.complete_ns = i * 10 + 5;
    operation.bookmark_out =
        bookmark(static_cast<std::uint32_t>(200000 - i));  // the wrong way round: the graph must decide
    history.push_back(operation);
  }
  const auto verdicts = check_sequential(history);
  EXPECT_EQ(verdicts[0].validity, Validity::kValid) << verdicts[0].witness;
  EXPECT_EQ(verdicts[1].validity, Validity::kInvalid);
}

Verdict stream(const std::string& text, KnownOrderOptions options, Verdict* order = nullptr) {
  KnownOrderChecker checker(options);
  const auto history = tiny_history(text);
  for (const Operation& operation : history) {
    checker.on_operation(operation);
    checker.advance(operation.complete_ns);
  }
  Verdict verdict = checker.finish();
  if (order != nullptr) *order = checker.bookmark_order();
  return verdict;
}

TEST(KnownOrder, StreamsWithTheSameVerdicts) {
  for (const Case& test : kCases) {
    if (test.order == kU) continue;
    SCOPED_TRACE(test.history);
    Verdict order;
    stream(test.history, KnownOrderOptions{0, 1}, &order);
    EXPECT_STREQ(to_text(order.validity), to_text(test.order)) << order.witness;
  }
}

TEST(KnownOrder, AReadThatFitsOnlyDroppedStatesIsExpiredNotValid) {
  std::string text = "s9: rx[] / ";
  for (int i = 1; i <= 600; ++i) text += fmt::format("s1: ax{} / ", i);
  EXPECT_EQ(stream(text + "s9: rx[1 2]", KnownOrderOptions{16, 1}).validity, Validity::kUnknown);
  EXPECT_EQ(stream(text + "s9: rx[1 2]", KnownOrderOptions{0, 1}).validity, Validity::kValid);
  EXPECT_EQ(stream(text + "s1: rx[1 2]", KnownOrderOptions{16, 1}).validity, Validity::kInvalid);
}

TEST(KnownOrder, StatesOlderThanTheWindowAreExpiredDownToTheLeastNumber) {
  std::string text = "s9: rx[] / ";
  for (int i = 1; i <= 600; ++i) text += fmt::format("s1: ax{} / ", i);
  KnownOrderOptions options{0, 1};
  options.retained_ns = 1;
  options.least_states = 16;
  EXPECT_EQ(stream(text + "s9: rx[1 2]", options).validity, Validity::kUnknown);
  options.least_states = 1000;
  EXPECT_EQ(stream(text + "s9: rx[1 2]", options).validity, Validity::kValid);
}

TEST(KnownOrder, AnEndedSessionIsForgottenOnlyAfterItsOperationsAreJudged) {
  const auto history = tiny_history("s1: +a / s2: l[a] / s1: +b / s2: l[a b] / s2: l[a]");
  KnownOrderChecker checker(KnownOrderOptions{0, 1});
  for (const Operation& operation : history) {
    checker.on_operation(operation);
    if (&operation != &history.back()) checker.advance(operation.complete_ns + 1);
  }
  checker.end_session(2);  // its last operation is still to be judged by where it stood
  checker.advance(history.back().complete_ns);
  EXPECT_EQ(checker.finish().validity, Validity::kInvalid);
}

TEST(KnownOrder, TellsWhenItWasBroken) {
  const auto at = [](const std::string& text, bool order) {
    KnownOrderChecker checker;
    for (const Operation& operation : tiny_history(text)) checker.on_operation(operation);
    const Verdict sequential = checker.finish();
    return (order ? checker.bookmark_order() : sequential).at_ns;
  };
  // Operation i runs from 10 i to 10 i + 5 ns.
  EXPECT_EQ(at("s1: ax1 / s2: rx[1] / s3: ax2 / s2: rx[] / s2: rx[3]", false), 35);
  EXPECT_EQ(at("s1: ax1 / s2: rx[1] / s3: ax2 / s2: rx[]", true), 35);
  EXPECT_EQ(at("s1: ax1 @1 / s2: ax2 @1 / s2: ay3 @3", true), 15);
  EXPECT_EQ(at("s1: ax1 / s2: rx[1]", false), std::nullopt);
  EXPECT_EQ(at("s1?: ax1 ay1 / s2: rx[1] ry[]", false), std::nullopt) << "not decided";
}

TEST(KnownOrder, TellsWhereTheSessionStoodAndWhy) {
  const Verdict verdict = stream("s1: +a / s2: l[a] / s1: +b / s2: l[a b] / s2: l[a]", {});
  EXPECT_EQ(verdict.validity, Validity::kInvalid);
  EXPECT_THAT(verdict.witness, HasSubstr("Operation 4 of session 2"));
  EXPECT_THAT(verdict.witness, HasSubstr("its session stood after operation 2"));
  EXPECT_THAT(verdict.witness, HasSubstr("its earlier operation 3"));
}

}  // namespace
}  // namespace tidemark::checkers
