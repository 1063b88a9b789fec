// The causal past of an event, and the earliest of several violations.
#include "explain/story.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::explain {
namespace {

using testing::ElementsAre;

Narrator::Event event(std::uint64_t cause, std::uint64_t previous) {
  Narrator::Event made;
  made.cause = cause;
  made.previous = previous;
  return made;
}

// 1 and 2 begin; 3 follows 1 in its process; 4 was scheduled by 2; 5 follows 3 and was scheduled by 1; 6 is by itself.
const std::vector<Narrator::Event> kEvents = {event(0, 0), event(0, 0), event(0, 1),
                                              event(2, 0), event(1, 3), event(0, 0)};

TEST(CausalPast, IsWhatScheduledAnEventAndWhatCameBeforeItInItsProcess) {
  EXPECT_THAT(causal_past(kEvents, 5), ElementsAre(true, false, true, false, true, false));
  EXPECT_THAT(causal_past(kEvents, 4), ElementsAre(false, true, false, true, false, false));
  EXPECT_THAT(causal_past(kEvents, 6), ElementsAre(false, false, false, false, false, true));
}

checkers::Verdict broken(const std::string& name, std::optional<std::int64_t> at_ns, const std::string& witness = "w") {
  checkers::Verdict verdict;
  verdict.name = name;
  verdict.validity = checkers::Validity::kInvalid;
  verdict.witness = witness;
  verdict.at_ns = at_ns;
  return verdict;
}

TEST(Earliest, IsByVirtualTimeAndNotByTheOrderOfTheTable) {
  checkers::Verdict valid;
  valid.name = "Q";
  valid.at_ns = 1;
  const auto found = earliest({valid, broken("HIDE", 700), broken("LAG", 300), broken("LIVE", std::nullopt)}, {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "LAG");
  EXPECT_FALSE(earliest({valid}, {}));
}

TEST(Earliest, WhatWasExpectedComesAfterWhatWasNot) {
  const auto found = earliest({broken("HIDE", 700), broken("LAG", 300)}, {"LAG"});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "HIDE");
}

TEST(Guarantees, EveryCheckIsToldInPlainWords) {
  for (const std::string& name : scenarios::verdict_names()) EXPECT_NE(guarantee_of(name), "") << name;
  EXPECT_EQ(guarantee_of("no such check"), "");
}

}  // namespace
}  // namespace tidemark::explain
