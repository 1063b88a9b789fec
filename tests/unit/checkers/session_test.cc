#include "checkers/session/session_checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tiny_history.h"

namespace tidemark::checkers {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct Case {
  const char* history;
  const char*
      broken;  // letters: y = read your writes, r = monotonic reads, w = monotonic writes, f = writes follow reads
};

const Case kCases[] = {
    {"s1: ax1 / s1: rx[1]", ""},
    {"s1: ax1 / s1: rx[]", "y"},
    {"s1: ax1 / s2: rx[]", ""},
    {"s1: ax1 / s2: rx[1] / s2: rx[]", "r"},
    {"s1: ax1 / s2: rx[1] / s3: rx[]", ""},
    {"s1: ax1 / s1: ax2 / s2: rx[2 1]", "w"},
    {"s1: ax1 / s1: ax2 / s2: rx[2]", "w"},
    {"s1: ax1 / s1: ay2 / s2: rx[] ry[2]", "w"},
    {"s1: ax1 / s1: ay2 / s2: ry[2] / s2: rx[]", ""},
    {"s1: ax1 / s2: rx[1] / s2: ax2 / s3: rx[2 1]", "f"},
    {"s1: ax1 / s2: rx[1] / s2: ay2 / s3: rx[] ry[2]", "f"},
    {"s1: ax1 / s2: ay1 / s3: rx[1] ry[] / s4: rx[] ry[1]", ""},
    {"s1?: ax1 / s1: rx[]", ""},
    {"s1!: ax1 / s1: rx[]", ""},
    {"s1: wx1.1 / s1: gx0.0", "y"},
    {"s1: wx1.1 / s2: gx1.1 / s2: gx0.0", "r"},
    {"s1: wx1.2 / s1: wx2.1", "w"},
    {"s1: wx1.1 / s2: gx1.1 / s2: wx2.1", "f"},
    {"s1: wx1.1 / s1: wy1.1 / s2: gx0.0 gy1.1", "w"},
    {"s1: wx1.1 / s2: gx1.1 / s2: wx2.2 / s1: gx2.2", ""},
    {"s1: ax1 / s2: rx[1] / s3: ax2 / s2: rx[2 1]", "r"},  // longer, and yet not what was seen
    {"s1: ax1 ax2 / s1: ax3 / s2: rx[2 3]", "w"},          // every write of the transaction before
    {"s1: ax1 ax2 / s1: ay3 / s2: ry[3] rx[2]", "w"},
    {"s1: ax1 / s2: rx[1] / s2: ax3 / s4: ax2 / s3: rx[2 3]", "f"},  // as many elements, but others
    {"s1: ax1 / s2: rx[1] / s2: ay3 / s4: ax2 / s3: ry[3] rx[2]", "f"},
    // the most that was seen counts, not what was seen last
    {"s1: ax1 / s1: ax2 / s2: rx[1 2] / s2: rx[1] / s2: ay3 / s3: ry[3] rx[1]", "rf"},
    {"s1: wx1.1 / s1: wx2.2 / s2: gx2.2 / s2: gx1.1 / s2: wy3.1 / s3: gy3.1 gx1.1", "rf"},
    {"s1: wx1.1 / s1: wx2.1", "w"},
    {"s1: wx1.1 / s1: wy1.1 / s2: gx1.1 gy1.1", ""},
    // what a transaction says that contradicts itself is no evidence, and what failed is not
    {"s1: ax1 / s2: ax2 rx[] / s2: rx[1]", ""},
    {"s1: ax1 / s1!: ax2 / s2: rx[2]", ""},
    {"s1: +a / s1: l[]", "y"},
    {"s1: +a reset / s1: l[]", ""},
    {"s1: +a / s2: l[a] / s2: l[] / s3: reset", "r"},  // the reset began later
    {"s1: +a / s2: l[a] / s2: l[]", "r"},
    {"s1: +a / s2: reset / s1: l[]", ""},
    {"s1: +a / s2: l[a] / s1?: reset / s2: l[]", ""},
    {"s1: reset / s1: +a / s1: l[]", "y"},
    {"s1: +a / s1: reset / s1: +b / s1: l[b]", ""},
    // a handler that was carried out again after a reset: what was shown before that is its first row
    {"s1: +a / s2: l[a] / s3: reset / s1: +a / s2: l[a]", ""},
    {"s1: +a / s1: l[a] / s2: l[a] / s3: reset / s1: +a / s2: l[a]", ""},
    {"s1: +b / s1: +a / s2: l[a] / s3: reset / s1: +a / s2: l[a]", "w"},
};

TEST(SessionChecker, DecidesHandWrittenHistories) {
  const std::string letters = "yrwf";
  for (const Case& test : kCases) {
    SCOPED_TRACE(test.history);
    const auto verdicts = check_sessions(tiny_history(test.history));
    ASSERT_EQ(verdicts.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) {
      const bool broken = std::string(test.broken).find(letters[i]) != std::string::npos;
      EXPECT_STREQ(to_text(verdicts[i].validity), broken ? "invalid" : "valid")
          << verdicts[i].name << verdicts[i].witness;
    }
  }
}

TEST(SessionChecker, TheWitnessNamesBothOperationsTheirTimesAndRegions) {
  const auto verdicts = check_sessions(tiny_history("s7: +a / s7: l[]"));
  EXPECT_THAT(verdicts[0].witness,
              AllOf(HasSubstr("Session 7 (client process 7): operation 1"), HasSubstr("read Orders: []"),
                    HasSubstr("served in WEUR"), HasSubstr("(c-a,o-a,1)"), HasSubstr("operation 0"),
                    HasSubstr("bookmark 00000001-00000001"), HasSubstr("read-your-writes is broken")));
}

TEST(SessionChecker, WithoutVersionColumnRegistersAreUnknown) {
  for (const Verdict& verdict : check_sessions(tiny_history("s1: wx1 / s1: gx0")))
    EXPECT_EQ(verdict.validity, Validity::kUnknown);
  for (const Verdict& verdict : check_sessions({})) EXPECT_EQ(verdict.witness, "0 operations");
}

TEST(SessionChecker, WithoutVersionsOfReadsRegistersAreUnknown) {
  for (const Verdict& verdict : check_sessions(tiny_history("s1: wx1.1 / s2: gx1")))
    EXPECT_EQ(verdict.validity, Validity::kUnknown);
}

TEST(SessionChecker, AResetThatIsUnderWayMayHaveEmptiedTheTable) {
  for (const Verdict& verdict : check_sessions(tiny_history("s1: +a / s2: l[a] / s2: l[] / s3: reset <21")))
    EXPECT_EQ(verdict.validity, Validity::kValid) << verdict.witness;
}

TEST(SessionChecker, StreamsWithTheSameVerdicts) {
  for (const Case& test : kCases) {
    SCOPED_TRACE(test.history);
    SessionChecker checker(SessionOptions{1000, 1});
    const auto history = tiny_history(test.history);
    for (const Operation& operation : history) {
      checker.on_operation(operation);
      checker.advance(operation.complete_ns);
    }
    const auto verdicts = checker.finish();
    for (std::size_t i = 0; i < 4; ++i)
      EXPECT_EQ(verdicts[i].validity == Validity::kInvalid,
                std::string(test.broken).find("yrwf"[i]) != std::string::npos);
  }
}

}  // namespace
}  // namespace tidemark::checkers
