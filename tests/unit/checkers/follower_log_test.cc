// What a follower writes, and what it cuts off; the pages that a leader begins with.
#include "replication_story.h"

namespace tidemark::checkers {
namespace {

using Names = std::set<std::string>;

Names after(const std::function<void(Story&)>& story) {
  Story told;
  told.good();
  story(told);
  return told.broken();
}

FollowerStored stored(Position last, Position previous, Position position) {
  FollowerStored record;
  record.follower = 1;
  record.last = last;
  record.previous = previous;
  record.position = position;
  return record;
}

FollowerRewound rewound(Position position, Position confirmed) {
  FollowerRewound record;
  record.follower = 1;
  record.position = position;
  record.confirmed = confirmed;
  return record;
}

TEST(FollowerLogRules, AnEntryIsStoredRightBehindTheOneThatItNames) {
  EXPECT_EQ(after([](Story& s) { s.checker.on(stored(at(3), at(3), at(4))); }), Names{});
  EXPECT_EQ(after([](Story& s) { s.checker.on(stored(at(2), at(3), at(4))); }), Names{"LOG"});
}

TEST(FollowerLogRules, WhatAFollowerKnowsToBeConfirmedItNeverCuts) {
  EXPECT_EQ(after([](Story& s) { s.checker.on(rewound(at(3), at(3))); }), Names{});
  EXPECT_EQ(after([](Story& s) { s.checker.on(rewound(at(2), at(3))); }), Names{"CMONO"});
}

}  // namespace
}  // namespace tidemark::checkers
