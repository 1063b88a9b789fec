// What the order checker forgets, and what it must not: of a key that was not written to for long, the newest state
// stays; older ones are known no more.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "checkers/consistency/key_log.h"
#include "checkers/consistency/known_order.h"
#include "tiny_history.h"

namespace tidemark::checkers {
namespace {

constexpr int kWindow = 20;

Verdict judged(const std::string& text) {
  KnownOrderOptions options;
  options.retained_states = kWindow;
  options.batch = 1;
  KnownOrderChecker checker(options);
  for (const Operation& operation : tiny_history(text)) {
    checker.on_operation(operation);
    checker.advance(operation.invoke_ns);
  }
  return checker.finish();
}

/// To other keys, enough for three windows.
std::string writes_to_others() {
  std::string text;
  for (int i = 0; i < 3 * kWindow; ++i) text += std::string(" / s2: a") + "uvwpq"[i % 5] + std::to_string(100 + i);
  return text;
}

const std::string kThree = "s1: ax1 / s1: ax2 / s1: ax3";

TEST(Forgetting, LeavesTheNewestStateOfAQuietKey) {
  EXPECT_EQ(judged(kThree + writes_to_others() + " / s2: rx[1 2 3]").validity, Validity::kValid);
  EXPECT_EQ(judged(kThree + writes_to_others() + " / s2: ax4 / s3: rx[1 2 3 4] / s2: rx[1 2 3 4]").validity,
            Validity::kValid);
}

TEST(Forgetting, FindsAnOldStateOfAQuietKeyThatASessionMayNotSeeAnyMore) {
  EXPECT_EQ(judged(kThree + writes_to_others() + " / s2: rx[1 2]").validity, Validity::kInvalid);
  EXPECT_EQ(judged(kThree + writes_to_others() + " / s2: ax4 / s2: rx[1 2 3]").validity, Validity::kInvalid);
}

TEST(Forgetting, LeavesOpenWhatASessionSawThatStandsBeforeAllThatIsKnown) {
  EXPECT_EQ(judged(kThree + writes_to_others() + " / s9: rx[1 2]").validity, Validity::kUnknown);
}

TEST(Forgetting, CutsALogDownToItsNewestStateOnceAllOthersEnded) {
  KeyLog log(false);
  EXPECT_TRUE(log.begins_to_grow());
  EXPECT_FALSE(log.begins_to_grow());
  for (LogPosition at = 1; at <= 5; ++at) log.append(at * kLogStep, static_cast<std::int64_t>(at), -1);
  std::size_t dropped = 0;
  const auto count = [&](const KeyState&) { ++dropped; };
  std::vector<KeyLog::Room> spare;
  EXPECT_FALSE(log.cut_down(4 * kLogStep, count, spare));
  EXPECT_EQ(log.states().size(), 6U);  // with the empty one
  EXPECT_TRUE(log.cut_down(5 * kLogStep, count, spare));
  ASSERT_EQ(log.states().size(), 1U);
  EXPECT_EQ(log.states().front().length, 5U);
  EXPECT_TRUE(log.truncated());
  EXPECT_EQ(dropped, 0U);  // its epoch goes on
  log.append(6 * kLogStep, 6, -1);
  EXPECT_EQ(log.states().back().length, 6U);
  EXPECT_EQ(log.index_at(6 * kLogStep), 1U);
  EXPECT_TRUE(log.begins_to_grow());
}

/// As a replay does it.
void append(KeyLog& log, int first, int last, std::vector<KeyLog::Room>& spare) {
  for (int i = first; i <= last; ++i) {
    log.make_room(spare);
    log.append(static_cast<LogPosition>(i) * kLogStep, i, -1);
  }
}

TEST(Forgetting, HandsTheMemoryOfALogThatIsCutDownToAnother) {
  KeyLog log(false);
  std::vector<KeyLog::Room> spare;
  append(log, 1, 5, spare);
  const KeyState* const memory = log.states().data();
  append(log, 6, 20, spare);
  EXPECT_EQ(log.states().data(), memory);
  ASSERT_EQ(log.states().size(), 21U);
  EXPECT_EQ(log.states()[3].element, 3);
  ASSERT_TRUE(log.cut_down(
      20 * kLogStep, [](const KeyState&) {}, spare));
  ASSERT_EQ(spare.size(), 1U);

  KeyLog other(false);
  append(other, 21, 22, spare);
  EXPECT_EQ(spare.size(), 1U);  // few states need no room
  append(other, 23, 26, spare);
  EXPECT_TRUE(spare.empty());
  EXPECT_EQ(other.states().data(), memory);
  ASSERT_EQ(other.states().size(), 7U);  // nothing of what was there before
  EXPECT_EQ(other.states()[0].length, 0U);
  EXPECT_EQ(other.states()[1].element, 21);
  EXPECT_EQ(other.states()[6].element, 26);
}

TEST(Forgetting, GivesBackWhatOneKeyNeededAndFewOthersWill) {
  KeyLog log(false);
  std::vector<KeyLog::Room> spare;
  for (LogPosition at = 1; at <= 1000; ++at) log.append(at * kLogStep, static_cast<std::int64_t>(at), -1);
  ASSERT_TRUE(log.cut_down(
      1000 * kLogStep, [](const KeyState&) {}, spare));
  EXPECT_TRUE(spare.empty());
}

TEST(Forgetting, TellsWhichStatesOfAClosedEpochItDropped) {
  KeyLog log(false);
  log.append(1 * kLogStep, 1, -1);
  log.append(2 * kLogStep, 2, -1);
  log.reset(3 * kLogStep);
  std::vector<std::int64_t> dropped;
  std::vector<KeyLog::Room> spare;
  EXPECT_TRUE(log.cut_down(
      3 * kLogStep, [&](const KeyState& state) { dropped.push_back(state.element); }, spare));
  EXPECT_EQ(dropped, (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(log.states().front().length, 0U);
  EXPECT_EQ(log.epochs(), (KeyLog::Epochs{0}));
}

}  // namespace
}  // namespace tidemark::checkers
