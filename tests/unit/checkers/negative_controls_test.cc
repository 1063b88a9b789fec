// Histories that look wrong and are not: no checker may object.
#include <gtest/gtest.h>

#include "checkers/consistency/sequential.h"
#include "checkers/session/session_checker.h"
#include "tiny_history.h"

namespace tidemark::checkers {
namespace {

void expect_valid(const std::string& text) {
  const std::vector<Operation> history = tiny_history(text);
  std::vector<Verdict> verdicts = check_sequential(history);
  for (const Verdict& verdict : check_sessions(history)) verdicts.push_back(verdict);
  for (const Verdict& verdict : verdicts)
    EXPECT_EQ(verdict.validity, Validity::kValid) << text << "\n" << verdict.name << ": " << verdict.witness;
}

// NC1
TEST(NegativeControl, ReadsOfDifferentSessionsMayGoBackInTime) {
  expect_valid("s1: ax1 / s1: ax2 / s2: rx[1 2] / s3: rx[1] / s4: rx[]");
}

// NC2
TEST(NegativeControl, AWriteThatTimedOutMayTakeEffectLaterOrNever) {
  expect_valid("s1: ax1 / s2?: ax2 / s3: rx[1] / s3: rx[1 2]");
  expect_valid("s1: ax1 / s2?: ax2 / s3: rx[1] / s3: rx[1]");
  expect_valid("s1: ax1 / s2?: ax2 / s2: rx[1] / s2: rx[1 2]");
}

// NC6: the second session saw the first write only after somebody else had seen both.
TEST(NegativeControl, SessionsMaySeeWritesAtDifferentRealTimes) {
  expect_valid("s1: ax1 / s1: ay1 / s2: rx[1] ry[1] / s3: rx[] ry[] / s3: rx[1] ry[] / s3: rx[1] ry[1]");
}

// NC9: one bookmark taken to two devices: what one of them sees is no promise to the other.
TEST(NegativeControl, AForkedSessionIsJudgedByBranch) {
  expect_valid("s1: ax1 / s2: rx[1] / s3: ax2 / s2: rx[1 2] / s4: rx[1] / s4: rx[1 2]");
}

}  // namespace
}  // namespace tidemark::checkers
