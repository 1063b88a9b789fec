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

TEST(FollowerLogRules, WhatAFollowerTakesForConfirmedItHolds) {
  const auto knows = [](Story& s, Position position) {
    auto record = s.make<Confirmed>();
    record.node = 1;
    record.opens_gate = false;
    record.position = position;
    s.checker.on(record);
  };
  const auto cut = [](Story& s, Position position) {
    auto record = s.make<FollowerCut>();
    record.follower = 1;
    record.position = position;
    s.checker.on(record);
  };
  const auto without_it = [](Story& s) {
    s.commit(4);
    s.durable(4, {2, 3, 4});
    s.confirm(4);
  };
  EXPECT_EQ(after([&](Story& s) {
              without_it(s);
              s.checker.on(stored(at(3), at(3), at(4)));
              knows(s, at(4));
            }),
            Names{})
      << "written is enough";
  EXPECT_EQ(after([&](Story& s) {
              without_it(s);
              knows(s, at(3));
            }),
            Names{});
  EXPECT_EQ(after([&](Story& s) {
              without_it(s);
              knows(s, at(4));
            }),
            Names{"CMONO"});
  EXPECT_EQ(after([&](Story& s) {
              without_it(s);
              s.checker.on(stored(at(3), at(3), at(4)));
              s.checker.on(rewound(at(3), at(3)));
              cut(s, at(2));  // so much of it is durable
              knows(s, at(3));
            }),
            Names{});
  EXPECT_EQ(after([&](Story& s) {
              without_it(s);
              s.checker.on(stored(at(3), at(3), at(4)));
              cut(s, at(3));  // lost
              knows(s, at(4));
            }),
            Names{"CMONO"});
}

}  // namespace
}  // namespace tidemark::checkers
