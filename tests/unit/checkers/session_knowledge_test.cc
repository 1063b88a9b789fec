// What is forgotten of sessions and keys, and what must not be.
#include "checkers/session/session_knowledge.h"

#include <gtest/gtest.h>

#include "checkers/session/session_checker.h"
#include "tiny_history.h"

namespace tidemark::checkers {
namespace {

constexpr std::uint64_t kWindow = 10;

SessionMark mark(std::uint64_t number, std::uint64_t length) {
  SessionMark mark;
  mark.number = number;
  mark.length = length;
  return mark;
}

TEST(SessionKnown, KeepsTheLastReadApartFromThoseThatSawMore) {
  SessionKnown known;
  EXPECT_EQ(known.last_read(), nullptr);
  known.read(mark(1, 5), true);
  known.read(mark(2, 5), false);
  known.read(mark(3, 4), false);
  ASSERT_EQ(known.seen().size(), 1U);
  EXPECT_EQ(known.last_read()->number, 3U);
  known.read(mark(4, 6), true);
  known.read(mark(5, 7), true);
  ASSERT_EQ(known.seen().size(), 3U);
  EXPECT_EQ(known.seen()[1].number, 4U);
  known.forget_seen(2);
  ASSERT_EQ(known.seen().size(), 1U);
  EXPECT_EQ(known.last_read()->number, 5U);
}

TEST(SessionKnowledge, ForgetsWhatNobodyTouchedForAWindow) {
  SessionKnowledge knowledge(kWindow);
  knowledge.touch(1, 7, 0).own.push_back(mark(0, 0));
  knowledge.touch(2, 7, 1).own.push_back(mark(1, 0));
  knowledge.advance(kWindow);
  EXPECT_NE(knowledge.find(1, 7), nullptr);
  knowledge.advance(kWindow + 1);
  EXPECT_EQ(knowledge.find(1, 7), nullptr);
  EXPECT_NE(knowledge.find(2, 7), nullptr);
  EXPECT_EQ(knowledge.find(1, 8), nullptr);
}

TEST(SessionKnowledge, KeepsWhatWasTouchedAgain) {
  SessionKnowledge knowledge(kWindow);
  for (std::uint64_t number = 0; number < 100; ++number) {
    knowledge.touch(1, 7, number).own.push_back(mark(number, 0));
    knowledge.touch(1, 7, number);  // once more by the same operation
    knowledge.touch(1, static_cast<std::int64_t>(1000 + number), number);
    knowledge.advance(number);
  }
  ASSERT_NE(knowledge.find(1, 7), nullptr);
  EXPECT_EQ(knowledge.find(1, 7)->own.size(), 100U);
  EXPECT_EQ(knowledge.find(1, 1088), nullptr);
  EXPECT_NE(knowledge.find(1, 1089), nullptr);
}

TEST(SessionKnowledge, UsesPlacesAgainAndLeavesNothingInThem) {
  SessionKnowledge knowledge(kWindow);
  for (std::uint64_t number = 0; number < 1000; ++number) {
    SessionKnown& known = knowledge.touch(static_cast<std::uint32_t>(number), 7, number);
    EXPECT_TRUE(known.own.empty());
    EXPECT_EQ(known.last_read(), nullptr);
    known.own.push_back(mark(number, 0));
    known.read(mark(number, 1), true);
    knowledge.advance(number);
  }
  EXPECT_LE(knowledge.places(), kWindow + 2);
}

TEST(SessionKnowledge, WithoutAWindowForgetsNothing) {
  SessionKnowledge knowledge(0);
  knowledge.touch(1, 7, 0);
  knowledge.advance(1'000'000);
  EXPECT_NE(knowledge.find(1, 7), nullptr);
}

/// One verdict a letter: 'y' where the guarantee is broken.
std::string streamed(const std::string& text, std::uint64_t window) {
  SessionChecker checker(SessionOptions{window, 1});
  for (const Operation& operation : tiny_history(text)) {
    checker.on_operation(operation);
    checker.advance(operation.invoke_ns);
  }
  std::string result;
  for (const Verdict& verdict : checker.finish()) result += verdict.validity == Validity::kInvalid ? 'y' : '-';
  return result;
}

std::string others(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += " / s9: ay" + std::to_string(100 + i);
  return text;
}

TEST(SessionChecker, ForgetsWhatASessionHasNotTouchedForAWindowAndNoSooner) {
  EXPECT_EQ(streamed("s1: ax1" + others(5) + " / s1: rx[]", kWindow), "y---");
  EXPECT_EQ(streamed("s1: ax1" + others(30) + " / s1: rx[]", kWindow), "----");
  EXPECT_EQ(streamed("s1: ax1 / s1: rx[1]" + others(8) + " / s1: rx[1]" + others(8) + " / s1: rx[]", kWindow), "yy--")
      << "touched in between";
}

TEST(SessionChecker, KnowsWritersForLongerThanWhatSessionsDoNotTouch) {
  std::string text = "s1: ax1 / s1: ax2";
  for (int i = 0; i < 25; ++i) text += i % 5 == 0 ? " / s1: rx[1 2]" : " / s8: ry[]";
  EXPECT_EQ(streamed(text + " / s3: rx[2 1]", kWindow), "--y-");
}

}  // namespace
}  // namespace tidemark::checkers
