// Time Travel in histories: a restore has its place in the order of the bookmarks, and brings back the state of
// another.
#include <gtest/gtest.h>

#include "checkers/consistency/known_order.h"
#include "checkers/consistency/sequential.h"
#include "checkers/history/history_io.h"
#include "checkers/session/session_checker.h"
#include "tiny_history.h"

namespace tidemark::checkers {
namespace {

struct Case {
  const char* history;
  Validity sequential;
};

constexpr auto kV = Validity::kValid;
constexpr auto kI = Validity::kInvalid;
constexpr auto kU = Validity::kUnknown;

const Case kCases[] = {
    // The state goes back, for everybody and in every model.
    {"s1: ax1 / s1: ax2 / s9: ^1 / s2: rx[1]", kV},
    {"s1: ax1 / s1: ax2 / s9: ^1 / s1: rx[1]", kV},
    {"s1: ax1 / s1: ax2 / s1: rx[1 2] / s9: ^1 / s1: rx[1] / s1: ax5 / s1: rx[1 5]", kV},
    {"s1: wx1.1 / s1: wx2.2 / s9: ^1 / s1: gx1.1 / s2: wx3.2 / s1: gx3.2", kV},
    {"s1: wx1.1 / s1: wx2.2 / s9: ^1 / s2: wx3.1", kI},
    {"s1: +a / s1: +b / s9: ^1 / s1: l[a] / s2: +b / s1: l[a b]", kV},
    {"s1: +a / s1: +b / s9: ^1 / s3: +c / s2: l[a c] / s2: =b", kI},
    {"s1: +a / s1: reset / s9: ^1 / s2: =a / s3: l[a]", kV},
    {"s1: +a / s1: reset / s9: ^1 / s2: +a", kI},
    {"s1: ax1 / s1: ay2 / s9: ^1 / s2: rx[1] ry[]", kV},
    // A key that is new after the restore, and one to which nothing had happened.
    {"s1: ax1 / s9: ^1 / s1: ay1 / s2: rx[1] ry[1] rz[]", kV},
    // Copies may be behind: the state before is still seen, but no session goes back to it.
    {"s1: ax1 / s1: ax2 / s9: ^1 / s3: ax3 / s2: rx[1 2] @2 / s2: rx[1 3]", kV},
    {"s1: ax1 / s1: ax2 / s9: ^1 / s3: ax3 / s2: rx[1 3] / s2: rx[1 2]", kI},
    // A copy that misses the restore.
    {"s1: ax1 / s1: ax2 / s9: ^1 / s3: ax3 / s2: rx[1 2 3]", kI},
    {"s1: +a / s1: +b / s9: ^1 / s3: +c / s2: l[a b c]", kI},
    {"s1: wx1.1 / s1: wy2.1 / s9: ^1 / s3: wx3.2 / s2: gx3.2 gy2.1", kI},
    // A restore to another state than it says.
    {"s1: ax1 / s1: ax2 / s1: ax3 / s9: ^2 / s3: ax4 / s2: rx[1 4]", kI},
    // Undone, and to the future that was left.
    {"s1: ax1 / s1: ax2 / s9: ^1 / s9: ^2 / s3: ax3 / s2: rx[1 2 3]", kV},
    {"s1: ax1 / s1: ax2 / s9: ^1 / s9: ^2 / s3: ax3 / s2: rx[1 3]", kI},
    {"s1: ax1 / s1: ax2 / s9: ^1 / s3: ax3 / s9: ^4 / s9: ^2 / s3: rx[1 3] @4 / s3: rx[1 2]", kV},
    // Writes of unknown outcome: in the state that came back if they were before it.
    {"s1: ax1 / s2?: ax2 $2 / s1: ax3 / s9: ^3 / s3: ax4 / s4: rx[1 2 3 4]", kV},
    // The entry 3 follows on the entry 2 in the log of one leader, so 2 took effect.
    {"s1: ax1 / s2?: ax2 $2 / s1: ax3 / s9: ^3 / s3: ax4 / s4: rx[1 3 4]", kI},
    {"s1: ax1 / s2?: ax2 / s1: ax3 / s9: ^3 / s3: ax4 / s4: rx[1 3 4]", kV},
    {"s1: ax1 / s2?: ax2 $2 / s1: ax3 / s9: ^3 / s3: ax4 / s4: rx[1 2 3 4] / s5: rx[1 3 4]", kI},
    {"s1: ax1 / s2?: ax2 $2 / s9: ^1 / s3: rx[1] / s4: rx[1 2] @2 / s3: ax5 / s4: rx[1 5]", kV},
    {"s1: ax1 / s2?: ax2 $2 / s9: ^1 / s3: ax5 / s4: rx[1 2 5]", kI},
    {"s1: wx1.1 / s2?: wx2 $2 / s9: ^2 / s3: gx2.2", kV},
    {"s1: +a / s2?: +b $2 / s9: ^2 / s3: =b / s3: l[a b]", kV},
    // What had looked like the old state was the new one: the bookmark says so.
    {"s1: ax1 / s2?: ax2 $2 / s5: ay9 / s9: ^1 / s5: rx[1] / s6: rx[1 2] @3", kV},
    // Where its entry is not known, a place is only a guess.
    {"s1: ax1 / s2?: ax2 / s9: ^1 / s3: ax5 / s4: rx[1 2 5] / s5: rx[1 5] / s6: rx[1 2]", kU},
    // A row that is there again.
    {"s1: +a / s2: reset / s2: +b / s9: ^1 / s2: =a / s2: l[a]", kV},
    {"s1: +a / s2: reset / s2: +b / s9: ^3 / s2: =a / s2: l[b]", kI},
    // To a state that nobody can name, and to one that is not yet there.
    {"s1: ax1 / s9: ^- / s3: rx[1]", kU},
    {"s1: ax1 / s9: ^7 / s3: rx[1]", kI},
    // Mistakes that have nothing to do with it are still seen.
    {"s1: ax1 / s9: ^1 / s1: ax2 / s1: rx[1]", kI},
    {"s1: ax1 / s9: ^1 / s3: rx[1 7]", kI},
};

TEST(RestoreInAHistory, IsJudgedByItsPlaceInTheOrderOfBookmarks) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.history);
    const std::vector<Operation> history = tiny_history(c.history);
    const Verdict verdict = check_sequential(history)[0];
    EXPECT_EQ(verdict.validity, c.sequential) << verdict.witness;
    // Streaming comes to the same end.
    KnownOrderOptions options;
    options.batch = 1;
    KnownOrderChecker streamed(options);
    for (const Operation& operation : history) {
      streamed.on_operation(operation);
      streamed.advance(operation.invoke_ns);
    }
    EXPECT_EQ(streamed.finish().validity, c.sequential);
  }
}

TEST(RestoreInAHistory, FreesSessionsOfWhatWasBefore) {
  for (const Case& c : kCases) {
    if (c.sequential != kV) continue;
    SCOPED_TRACE(c.history);
    for (const Verdict& verdict : check_sessions(tiny_history(c.history)))
      EXPECT_EQ(verdict.validity, kV) << verdict.name << ": " << verdict.witness;
  }
}

TEST(RestoreInAHistory, LeavesTheGuaranteesForWhatComesAfter) {
  const auto broken = [](const char* history) {
    std::string names;
    for (const Verdict& verdict : check_sessions(tiny_history(history))) {
      if (verdict.validity == kI) names += verdict.name + " ";
    }
    return names;
  };
  EXPECT_EQ(broken("s1: ax1 / s9: ^1 / s1: ax2 / s1: rx[1]"), "read-your-writes ");
  EXPECT_EQ(broken("s1: ax1 / s1: rx[1] / s9: ^1 / s1: ax2 / s1: rx[1]"), "read-your-writes ");
  EXPECT_EQ(broken("s1: ax1 / s9: ^1 / s3: ax2 / s1: rx[1 2] / s1: rx[1]"), "monotonic-reads ");
  EXPECT_EQ(broken("s1: wx1.1 / s9: ^1 / s1: wx2.2 / s1: gx1.1"), "read-your-writes ");
}

TEST(RestoreInAHistory, IsWrittenAndReadBack) {
  const std::vector<Operation> history = tiny_history("s1: ax1 / s1: ax2 / s9: ^1 / s2: rx[1]");
  HistoryFormatter out;
  out.header({"test", 1, ModelKind::kAppend});
  for (const Operation& operation : history) out.operation(operation);
  HistoryReader reader("restore", out.buffer());
  Operation operation;
  std::vector<std::string> targets;
  while (reader.next(operation)) targets.push_back(operation.restored_to);
  EXPECT_EQ(targets, (std::vector<std::string>{"", "", bookmark(1), ""}));
  const std::string line =
      R"({"index":0,"session":0,"process":0,"type":"ok","f":"restore","value":[["append",1,2]],"invoke_ns":0,)"
      R"("complete_ns":1,"bookmark_in":"","bookmark_out":"b","served_by_region":"","served_by_primary":true,)"
      R"("restored_to":"x"})";
  HistoryFormatter header;
  header.header({"test", 1, ModelKind::kAppend});
  const std::string text = header.buffer() + line + "\n";
  HistoryReader wrong("wrong", text);
  EXPECT_THROW(wrong.next(operation), HistoryError);
}

TEST(RestoreInAHistory, ToAStateThatIsForgottenLeavesTheVerdictOpen) {
  KnownOrderOptions options;
  options.retained_states = 100;
  options.batch = 1;
  KnownOrderChecker checker(options);
  std::string text;
  for (int i = 1; i <= 1000; ++i) text += "s1: ax" + std::to_string(i) + " / ";
  for (const Operation& operation : tiny_history(text + "s9: ^5 / s2: rx[1 2 3 4 5]")) {
    checker.on_operation(operation);
    checker.advance(operation.invoke_ns);
  }
  EXPECT_EQ(checker.finish().validity, kU);
  EXPECT_EQ(checker.bookmark_order().validity, kU);
}

}  // namespace
}  // namespace tidemark::checkers
