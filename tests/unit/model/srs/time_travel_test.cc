#include "model/srs/time_travel.h"

#include <gtest/gtest.h>

#include "cold_world.h"

namespace tidemark::model::srs::test {
namespace {

ColdWorldOptions with_history() {
  ColdWorldOptions options;
  options.relay.segment_period = 2_s;
  options.relay.snapshot_log_percent = 200;
  options.relay.cold_retention = 100'000_s;
  return options;
}

/// Writes `count` entries, one a second.
void write_for(ColdWorld& world, ColdWorld::Host& leader, int count) {
  for (int i = 0; i < count; ++i) {
    world.write(leader, 1);
    world.run(1_s);
  }
}

bool mentions(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

TEST(TimeTravel, GivesTheStateOfEveryBookmark) {
  ColdWorld world(with_history());
  ColdWorld::Host& leader = world.first_leader();
  write_for(world, leader, 60);
  world.run(10_s);
  ASSERT_GT(world.keys("snapshot").size(), 3U);
  for (const PageTable& reference : world.images) {
    const TimeTravelImage found = world.travel(reference.at());
    ASSERT_EQ(found.status, TimeTravelStatus::kOk) << found.error;
    EXPECT_EQ(found.image.at(), reference.at());
    EXPECT_TRUE(same_pages(found.image, reference));
  }
}

TEST(TimeTravel, ReadsOneSnapshotAndWhatFollowsIt) {
  ColdWorld world(with_history());
  ColdWorld::Host& leader = world.first_leader();
  write_for(world, leader, 120);
  world.run(10_s);
  const std::uint64_t gets = world.store.statistics().gets;
  EXPECT_EQ(world.travel(world.images[100].at()).status, TimeTravelStatus::kOk);
  EXPECT_LT(world.store.statistics().gets - gets, 12U);
}

TEST(TimeTravel, TakesTheNewestEntriesFromTheLeadersTail) {
  ColdWorld world(with_history());
  ColdWorld::Host& leader = world.first_leader();
  write_for(world, leader, 10);
  world.run(10_s);
  for (int i = 0; i < 5; ++i) world.commit(1, world.scheduler.now());
  EXPECT_EQ(world.travel(world.last()).status, TimeTravelStatus::kRefused);
  for (const std::size_t overlap : {std::size_t{0}, std::size_t{4}}) {
    const std::vector<EntryRef> tail(world.log.begin() + static_cast<std::ptrdiff_t>(10 - overlap), world.log.end());
    const TimeTravelImage found = world.travel(world.last(), tail);
    ASSERT_EQ(found.status, TimeTravelStatus::kOk) << found.error;
    EXPECT_TRUE(same_pages(found.image, world.images.back()));
    const TimeTravelBookmark newest = world.find(world.scheduler.now(), tail);
    EXPECT_EQ(newest.bookmark, world.last());
  }
}

TEST(TimeTravel, FindsTheNewestStateAtOrBeforeATime) {
  ColdWorld world(with_history());
  ColdWorld::Host& leader = world.first_leader();
  world.run(5_s);
  write_for(world, leader, 30);
  world.run(10_s);
  EXPECT_TRUE(world.find({}).bookmark.is_origin());
  for (std::size_t i = 0; i < world.log.size(); ++i) {
    const sim::Instant at = world.log[i]->committed();
    EXPECT_EQ(world.find(at).bookmark, world.log[i]->bookmark());
    EXPECT_EQ(world.find(at - 1_ns).bookmark, world.images[i].at());
  }
}

TEST(TimeTravel, AClockThatStepsBackDoesNotChangeTheOrder) {
  ColdWorld world(with_history());
  ColdWorld::Host& leader = world.first_leader();
  world.run(100_s);
  write_for(world, leader, 10);
  leader.env.clock_error = sim::Duration{} - 60_s;
  write_for(world, leader, 10);
  leader.env.clock_error = {};
  world.run(5_s);
  // The entries of the slow clock count as recorded with the last one before it.
  EXPECT_EQ(world.find(world.log[9]->committed()).bookmark, world.log[19]->bookmark());
  EXPECT_EQ(world.find(world.log[8]->committed()).bookmark, world.log[8]->bookmark());
  EXPECT_EQ(world.find(world.log[15]->committed()).bookmark, Bookmark{});
}

TEST(TimeTravel, SaysWhyItRefuses) {
  ColdWorldOptions options = with_history();
  options.relay.cold_retention = 60_s;
  ColdWorld world(options);
  ColdWorld::Host& leader = world.first_leader();
  write_for(world, leader, 150);
  world.run(5_s);
  EXPECT_TRUE(mentions(world.travel(world.images[1].at()).error, "before the oldest state that is kept"));
  EXPECT_TRUE(mentions(world.find(world.scheduler.now() + 3600_s).error, "future"));
  EXPECT_TRUE(mentions(world.find(world.scheduler.now() - 70_s).error, "more than 60 s ago"));
  EXPECT_EQ(world.find(world.scheduler.now() - 50_s).status, TimeTravelStatus::kOk);
  Bookmark foreign = world.images[140].at();
  foreign.digest.low ^= 1;
  EXPECT_TRUE(mentions(world.travel(foreign).error, "not on the log"));
  foreign = world.last();
  foreign.epoch += 1;
  EXPECT_TRUE(mentions(world.travel(foreign).error, "not known yet"));
  sim::RandomStream& random = world.streams.stream("test", "faults");
  world.store.inject(sim::ThrottledStore{}, random);
  const TimeTravelImage failed = world.travel(world.last());
  EXPECT_EQ(failed.status, TimeTravelStatus::kFailed);
  EXPECT_TRUE(mentions(failed.error, "throttled"));
}

TEST(TimeTravel, DoesNotTakeAStaleListForTheWholeHistory) {
  ColdWorld world(with_history());
  ColdWorld::Host& leader = world.first_leader();
  write_for(world, leader, 10);
  world.store.inject(sim::StaleList{sim::kAlways, 30_s}, world.streams.stream("test", "stale"));
  write_for(world, leader, 10);
  world.run(5_s);
  world.write(leader, 1);
  const std::vector<EntryRef> tail = world.after(leader.writer->uploaded());
  ASSERT_FALSE(tail.empty());
  const PageTable& reference = world.images[18];
  int found = 0;
  for (int i = 0; i < 20; ++i) {
    const TimeTravelImage then = world.travel(reference.at(), tail);
    EXPECT_NE(then.status, TimeTravelStatus::kRefused) << "a refusal is final: " << then.error;
    const TimeTravelBookmark newest = world.find(world.scheduler.now(), tail);
    if (newest.status == TimeTravelStatus::kOk) {
      EXPECT_EQ(newest.bookmark, world.last());
    }
    if (then.status != TimeTravelStatus::kOk) continue;
    EXPECT_TRUE(same_pages(then.image, reference));
    ++found;
  }
  EXPECT_GT(found, 0);
}

TEST(TimeTravel, EndOfAnEpochMeansItsNewestEntry) {
  ColdWorld world(with_history());
  ColdWorld::Host& leader = world.first_leader();
  write_for(world, leader, 10);
  world.write(leader, 2, 3);
  world.run(10_s);
  const Bookmark end{1, Bookmark::kEndOfEpoch, 0, {}};
  EXPECT_EQ(world.travel(end).image.at(), world.images[10].at());
}

TEST(TimeTravel, TheDifferenceLeadsFromOneImageToTheOther) {
  ColdWorld world(with_history());
  for (int i = 0; i < 60; ++i) world.commit(1, {});
  for (const std::size_t from : {60, 37, 5}) {
    for (const PageTable& then : world.images) {
      PageTable now = world.images[from];
      const CommittedTransaction change = difference(now, then);
      EXPECT_LE(change.frames.size(), then.pages());
      now.apply(*Entry::make(now.at(), 1, 20000, change, {}, EntryKind::kRestore));
      EXPECT_TRUE(same_pages(now, then));
      EXPECT_GT(now.at(), world.images[from].at());
    }
  }
  EXPECT_EQ(difference(world.images[60], world.images[60]).frames.size(), 1U);
}

TEST(TimeTravel, ARestoreIsUndoneByTheBookmarkBeforeIt) {
  ColdWorld world(with_history());
  ColdWorld::Host& leader = world.first_leader();
  write_for(world, leader, 40);
  const Bookmark undo = world.last();
  const auto restore = [&](const Bookmark& target) {
    const TimeTravelImage then = world.travel(target, world.after(leader.writer->uploaded()));
    ASSERT_EQ(then.status, TimeTravelStatus::kOk) << then.error;
    const EntryRef entry = Entry::make(world.last(), 1, 20000, difference(world.images.back(), then.image),
                                       world.scheduler.now(), EntryKind::kRestore);
    PageTable image = world.images.back();
    image.apply(*entry);
    world.log.push_back(entry);
    world.images.push_back(image);
    leader.writer->add(entry);
    world.run(10_s);
    EXPECT_TRUE(same_pages(world.images.back(), *world.reference(target)));
    EXPECT_EQ(world.read().entries.back()->kind(), EntryKind::kRestore);
  };
  restore(world.images[12].at());
  restore(undo);
  EXPECT_TRUE(same_pages(world.images.back(), *world.reference(undo)));
}

}  // namespace
}  // namespace tidemark::model::srs::test
