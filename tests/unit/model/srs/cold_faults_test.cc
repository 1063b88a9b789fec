// Cold storage when the object store misbehaves and leaders change, case by case. Random stories:
// cold_property_test.cc.

#include <gtest/gtest.h>

#include "cold_world.h"

namespace tidemark::model::srs::test {
namespace {

ColdWorldOptions quick(BugSet bugs = {}) {
  ColdWorldOptions options;
  options.bugs = bugs;
  options.relay.segment_period = 1_s;
  options.relay.snapshot_log_percent = 1'000'000;
  return options;
}

/// Writes `entries` and waits until they are in cold storage: one segment.
void write_segment(ColdWorld& world, ColdWorld::Host& host, std::uint32_t epoch, int entries) {
  world.write(host, epoch, entries);
  world.run(3_s);
  ASSERT_EQ(host.writer->uploaded(), world.last());
}

/// Does a reader get the newest state, and the right one?
::testing::AssertionResult reads_newest(ColdWorld& world) {
  const ColdImage image = world.read();
  if (image.status != ColdStatus::kOk) return ::testing::AssertionFailure() << "not readable: " << image.problem;
  if (image.position() != world.last()) return ::testing::AssertionFailure() << "ends at " << image.position().text();
  if (!same_pages(image.at_end(), world.images.back())) return ::testing::AssertionFailure() << "wrong pages";
  return ::testing::AssertionSuccess();
}

ColdWorld::Host& take_over(ColdWorld& world, std::uint32_t epoch) {
  ColdWorld::Host& host = world.add("leader " + std::to_string(epoch));
  world.lead(host, world.read(host));
  return host;
}

/// Snapshots go up now: of what is uploaded, and of one entry more.
void write_snapshot(ColdWorld& world, ColdWorld::Host& host, std::uint32_t epoch) {
  world.options.relay.snapshot_log_percent = 0;
  write_segment(world, host, epoch, 1);
  world.options.relay.snapshot_log_percent = 1'000'000;
}

sim::RandomStream& chance(ColdWorld& world) {
  return world.streams.stream("test", "faults");
}

TEST(ColdWriter, RepeatsAnUnknownPutWithTheSameKeyAndBytes) {
  ColdWorld world(quick());
  ColdWorld::Host& leader = world.first_leader();
  world.run(1_s);
  for (const sim::ObjectStatus answer : {sim::ObjectStatus::kTimeout, sim::ObjectStatus::kError}) {
    sim::AmbiguousPut put;
    put.answer = answer;
    const sim::StoreFaultId fault = world.store.inject(put, chance(world));
    world.write(leader, 1, 3);
    world.run(2_s);
    world.write(leader, 1, 4);  // must not join what was cut before
    world.run(40_s);
    EXPECT_NE(leader.writer->uploaded(), world.last());
    world.store.end(fault);
    world.run(60_s);
    EXPECT_EQ(leader.writer->uploaded(), world.last());
  }
  const std::vector<std::string> keys = world.keys("segment");
  EXPECT_EQ(keys.size(), 4U);
  for (std::size_t i = 1; i < keys.size(); ++i) {
    ColdKey before, after;
    ASSERT_TRUE(parse_key("orders", keys[i - 1], before) && parse_key("orders", keys[i], after));
    EXPECT_LT(before.last, after.first);
  }
  EXPECT_GT(world.store.statistics().puts, 6U);
  EXPECT_TRUE(reads_newest(world));
}

TEST(ColdWriter, CatchesUpAfterAnOutageOfAnHour) {
  ColdWorld world(quick());
  ColdWorld::Host& leader = world.first_leader();
  world.run(1_s);
  const sim::StoreFaultId fault = world.store.inject(sim::StoreOutage{}, chance(world));
  for (int i = 0; i < 360; ++i) {
    world.write(leader, 1);
    world.run(10_s);
  }
  EXPECT_TRUE(leader.reports.empty());
  EXPECT_LT(world.store.effects(fault), 120U);  // the pauses grow to half a minute
  world.store.end(fault);
  world.run(60_s);
  EXPECT_EQ(leader.reports.back(), world.last());
  EXPECT_TRUE(reads_newest(world));
}

TEST(ColdWriter, AsksNothingMoreOnceItIsStopped) {
  ColdWorld world(quick());
  ColdWorld::Host& leader = world.first_leader();
  world.run(1_s);
  const sim::StoreFaultId fault = world.store.inject(sim::ThrottledStore{}, chance(world));
  world.write(leader, 1, 3);
  world.run(5_s);
  const std::uint64_t asked = world.store.effects(fault);
  EXPECT_GT(asked, 1U);
  leader.writer->stop();
  world.run(600_s);
  EXPECT_EQ(world.store.effects(fault), asked);
  EXPECT_TRUE(leader.reports.empty());
}

TEST(ColdWriter, StartsNothingNewWhenAPutEndsAfterTheStop) {
  ColdWorldOptions options = quick();
  options.relay.segment_bytes = 300;
  ColdWorld world(options);
  ColdWorld::Host& leader = world.first_leader();
  world.run(1_s);
  world.write(leader, 1, 10);  // several segments, due at once
  ASSERT_EQ(world.store.pending(), 1U);
  leader.writer->stop();
  world.run(60_s);
  EXPECT_EQ(world.keys("segment").size(), 1U);
  EXPECT_TRUE(leader.reports.empty());
}

TEST(ColdWriter, MayBeDestroyedWhileAPutIsUnderWay) {
  ColdWorld world(quick());
  ColdWorld::Host& leader = world.first_leader();
  world.run(1_s);
  world.write(leader, 1, 3);
  world.run(1'010_ms);
  ASSERT_EQ(world.store.pending(), 1U);
  leader.writer.reset();
  world.run(60_s);
  EXPECT_TRUE(leader.reports.empty());
  EXPECT_TRUE(reads_newest(world));
}

TEST(ColdWriter, ReportsNothingBeforeASnapshotIsStored) {
  ColdWorld world(quick());
  const sim::StoreFaultId fault = world.store.inject(sim::ThrottledStore{}, chance(world), {0, "orders/snapshot/"});
  ColdWorld::Host& leader = world.first_leader();
  world.write(leader, 1, 3);
  world.run(60_s);
  EXPECT_TRUE(leader.reports.empty());
  EXPECT_TRUE(world.keys("segment").empty());
  world.store.end(fault);
  world.run(60_s);
  EXPECT_EQ(leader.reports.size(), 1U);
  EXPECT_TRUE(reads_newest(world));
}

TEST(ColdWriter, GoesOnWithSegmentsWhileASnapshotCannotBeStored) {
  ColdWorld world(quick());
  ColdWorld::Host& leader = world.first_leader();
  write_segment(world, leader, 1, 3);
  sim::ThrottledStore fault;
  fault.operations = sim::kStorePut;
  world.store.inject(fault, chance(world), {0, "orders/snapshot/"});
  world.options.relay.snapshot_log_percent = 0;
  for (int i = 0; i < 5; ++i) write_segment(world, leader, 1, 2);
  EXPECT_EQ(world.keys("snapshot").size(), 1U);
  EXPECT_TRUE(reads_newest(world));
}

TEST(ColdStorage, LatePutsOfAnOldLeaderDoNoHarm) {
  ColdWorld world(quick());
  ColdWorld::Host& first = world.first_leader();
  write_segment(world, first, 1, 3);
  sim::AmbiguousPut late;
  late.late_min = late.late_max = 60_s;
  const sim::StoreFaultId fault = world.store.inject(late, chance(world), {first.process.id(), ""});
  world.write(first, 1, 3);
  world.run(2_s);
  first.writer->stop();
  ColdWorld::Host& second = take_over(world, 2);
  write_segment(world, second, 2, 4);  // the three once more, in another cut
  EXPECT_TRUE(reads_newest(world));
  const std::size_t before = world.keys("segment").size();
  world.run(120_s);
  EXPECT_EQ(world.store.effects(fault), 1U);
  EXPECT_EQ(world.keys("segment").size(), before + 1);
  EXPECT_TRUE(reads_newest(world));
  write_segment(world, second, 2, 2);
  EXPECT_TRUE(reads_newest(world));
}

TEST(ColdStorage, AnAnswerThatIsDamagedIsAskedForAgain) {
  for (const bool truncated : {false, true}) {
    ColdWorld world(quick());
    ColdWorld::Host& leader = world.first_leader();
    for (int i = 0; i < 6; ++i) write_segment(world, leader, 1, 2);
    const sim::Chance half = sim::Chance{1} << 62;
    const sim::StoreFaultId fault = truncated ? world.store.inject(sim::TruncatedBody{half}, chance(world))
                                              : world.store.inject(sim::CorruptBody{half}, chance(world));
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(reads_newest(world));
    EXPECT_GT(world.store.effects(fault), 0U);
  }
}

TEST(ColdStorage, ADamagedSnapshotIsPassedByAnOlderOneAndReplacedByTheNextLeader) {
  ColdWorldOptions options = quick();
  options.relay.cold_retention = 3600_s;
  ColdWorld world(options);
  ColdWorld::Host& first = world.first_leader();
  write_segment(world, first, 1, 3);
  write_snapshot(world, first, 1);
  write_segment(world, first, 1, 3);
  ASSERT_EQ(world.keys("snapshot").size(), 3U);
  ASSERT_TRUE(world.store.corrupt_object(world.keys("snapshot")[1], chance(world)));
  ASSERT_TRUE(world.store.corrupt_object(world.keys("snapshot").back(), chance(world)));
  const ColdImage image = world.read();
  EXPECT_NE(image.problem.find("orders/snapshot/"), std::string::npos);
  EXPECT_TRUE(image.snapshot.at().is_origin());
  EXPECT_TRUE(reads_newest(world));
  first.writer->stop();
  ColdWorld::Host& second = take_over(world, 2);
  world.run(5_s);
  EXPECT_EQ(second.writer->snapshot(), world.last());
  EXPECT_EQ(world.keys("snapshot").size(), 4U);
}

TEST(ColdStorage, WithoutAnotherWayRoundDamageIsSaid) {
  ColdWorld world(quick());  // nothing older is kept
  ColdWorld::Host& leader = world.first_leader();
  write_segment(world, leader, 1, 3);
  write_snapshot(world, leader, 1);
  ASSERT_TRUE(world.store.truncate_object(world.keys("snapshot").back(), chance(world)));
  const ColdImage image = world.read();
  EXPECT_EQ(image.status, ColdStatus::kDamaged);
  EXPECT_NE(image.problem.find(world.keys("snapshot").back()), std::string::npos);
}

TEST(ColdStorage, AnOldStateIsNotTakenForTheNewestOne) {
  ColdWorldOptions options = quick();
  options.relay.cold_retention = 3600_s;
  ColdWorld world(options);
  ColdWorld::Host& leader = world.first_leader();
  for (int i = 0; i < 3; ++i) write_segment(world, leader, 1, 3);
  write_snapshot(world, leader, 1);
  for (const std::size_t damaged : {std::size_t{1}, std::size_t{2}})
    ASSERT_TRUE(world.store.corrupt_object(world.keys("snapshot")[damaged], chance(world)));
  EXPECT_TRUE(reads_newest(world));
  world.remove(world.keys("segment")[1]);
  world.run(1_s);
  EXPECT_EQ(world.read().status, ColdStatus::kDamaged);
}

TEST(ColdStorage, ADamagedSegmentIsPassedByAnOverlappingOne) {
  ColdWorld world(quick());
  ColdWorld::Host& leader = world.first_leader();
  for (int i = 0; i < 3; ++i) write_segment(world, leader, 1, 3);
  ASSERT_TRUE(world.store.corrupt_object(world.keys("segment")[1], chance(world)));
  EXPECT_EQ(world.read().status, ColdStatus::kDamaged);
  world.upload(world.add("follower"), 2, 7);
  world.run(1_s);
  EXPECT_TRUE(reads_newest(world));
}

TEST(ColdStorage, TwoHistoriesAreDamage) {
  ColdWorld world(quick());
  ColdWorld::Host& leader = world.first_leader();
  write_segment(world, leader, 1, 3);
  // An entry that was never confirmed, after the second one and after the third one.
  for (const std::size_t after : {std::size_t{1}, std::size_t{2}}) {
    CommittedTransaction other;
    other.database_pages = 1;
    other.frames.push_back({1, tiny_page(4711)});
    const EntryRef wrong = Entry::make(world.log[after]->bookmark(), 1, 20000, other);
    const std::string key = segment_key("orders", wrong->bookmark(), wrong->bookmark());
    world.put(*world.reader, key, encode_segment({wrong}, kTinyPage));
    if (after == 2) world.write(leader, 1, 2);
    world.run(5_s);
    const ColdImage image = world.read();
    EXPECT_EQ(image.status, ColdStatus::kDamaged);
    EXPECT_NE(image.problem.find("another history"), std::string::npos);
    world.remove(key);
    world.run(5_s);
    EXPECT_TRUE(reads_newest(world));
  }
}

TEST(ColdStorage, AStaleListingOnlyCostsTheNewLeaderAnUpload) {
  ColdWorld world(quick());
  ColdWorld::Host& first = world.first_leader();
  for (int i = 0; i < 2; ++i) write_segment(world, first, 1, 3);
  const Bookmark known = world.last();
  const sim::StoreFaultId fault = world.store.inject(sim::StaleList{sim::kAlways, 3600_s}, chance(world));
  for (int i = 0; i < 2; ++i) write_segment(world, first, 1, 3);
  first.writer->stop();
  ColdWorld::Host& second = take_over(world, 2);
  EXPECT_EQ(second.writer->uploaded(), known);
  write_segment(world, second, 2, 1);
  world.store.end(fault);
  EXPECT_TRUE(reads_newest(world));
}

TEST(ColdStorage, AStaleListingLeadsNoTimeToAnOlderState) {
  // The leader keeps nothing in memory: all of the log is in cold storage, says the leader, and the list shows less.
  ColdWorldOptions options = quick();
  options.relay.cold_retention = 3600_s;
  ColdWorld world(options);
  ColdWorld::Host& leader = world.first_leader();
  const sim::StoreFaultId fault = world.store.inject(sim::StaleList{sim::kAlways, 3600_s}, chance(world));
  for (int i = 0; i < 2; ++i) write_segment(world, leader, 1, 3);
  world.run(1_s);
  ASSERT_EQ(leader.writer->uploaded(), world.last());
  EXPECT_EQ(world.find_with(world.scheduler.now(), {world.last(), {}}).status, TimeTravelStatus::kFailed);
  world.store.end(fault);
  EXPECT_EQ(world.find_with(world.scheduler.now(), {world.last(), {}}).bookmark, world.last());
}

TEST(ColdStorage, ANewLeaderCountsTheRetentionTimeByTheStoresClock) {
  ColdWorldOptions options = quick();
  options.relay.cold_retention = 60_s;
  ColdWorld world(options);
  ColdWorld::Host& first = world.first_leader();
  write_segment(world, first, 1, 3);
  write_snapshot(world, first, 1);
  first.env.clock_error = 1000_s;  // by what is recorded from now on, the snapshot is older than the retention time
  write_segment(world, first, 1, 1);
  first.writer->stop();
  ColdWorld::Host& second = take_over(world, 2);
  world.run(40_s);
  EXPECT_TRUE(world.seen.removed.empty()) << "its snapshot has stood there for less than a minute";
  world.run(40_s);
  EXPECT_FALSE(world.seen.removed.empty()) << "the time before the takeover counts";
  EXPECT_TRUE(reads_newest(world));
  second.writer->stop();
}

// --- The mistakes. Each is shown next to the right behaviour. ---

TEST(ColdBugs, E4RemovesASnapshotThatTheKeptEntriesNeed) {
  for (const bool on : {false, true}) {
    ColdWorldOptions options = quick(on ? cold_bug(Bug::kE4) : BugSet{});
    options.relay.cold_retention = 3600_s;
    ColdWorld world(options);
    ColdWorld::Host& leader = world.first_leader();
    write_segment(world, leader, 1, 3);
    write_snapshot(world, leader, 1);
    EXPECT_EQ(world.travel(world.images[2].at()).status, on ? TimeTravelStatus::kRefused : TimeTravelStatus::kOk);
    EXPECT_TRUE(reads_newest(world));
  }
}

TEST(ColdBugs, E5RemovesByIndex) {
  for (const bool on : {false, true}) {
    ColdWorld world(quick(on ? cold_bug(Bug::kE5) : BugSet{}));
    ColdWorld::Host& first = world.first_leader();
    write_segment(world, first, 1, 20);
    write_snapshot(world, first, 1);
    first.writer->stop();
    ColdWorld::Host& second = take_over(world, 2);
    write_segment(world, second, 2, 3);
    second.writer->stop();
    ColdWorld::Host& third = take_over(world, 3);
    world.run(5_s);
    write_segment(world, third, 3, 1);
    EXPECT_EQ(!reads_newest(world), on);
  }
}

TEST(ColdBugs, E7NeverHealsAHole) {
  for (const bool on : {false, true}) {
    ColdWorld world(quick(on ? cold_bug(Bug::kE7) : BugSet{}));
    ColdWorld::Host& leader = world.first_leader();
    write_segment(world, leader, 1, 3);
    const sim::StoreFaultId fault = world.store.inject(sim::ThrottledStore{}, chance(world));
    world.write(leader, 1, 3);
    world.run(3_s);
    world.store.end(fault);
    write_segment(world, leader, 1, 3);
    EXPECT_EQ(!reads_newest(world), on);
  }
}

TEST(ColdBugs, E8AppliesTheOlderOfTwoObjectsLast) {
  for (const bool on : {false, true}) {
    ColdWorld world(quick(on ? cold_bug(Bug::kE8) : BugSet{}));
    ColdWorld::Host& leader = world.first_leader();
    write_segment(world, leader, 1, 12);
    for (int i = 0; i < 12; ++i) world.commit(1, world.scheduler.now());
    world.upload(world.add("follower"), 2, 24);
    world.run(1_s);
    EXPECT_EQ(!reads_newest(world), on);
  }
}

TEST(ColdBugs, E10TakesObjectsOfAnotherDatabase) {
  for (const bool on : {false, true}) {
    ColdWorld world(quick(on ? cold_bug(Bug::kE10) : BugSet{}));
    ColdWorld::Host& leader = world.first_leader();
    write_segment(world, leader, 1, 3);
    const Bookmark label{1, 50, 20000, {1, 2}};
    const PageTable other(label, {tiny_page(4711)});
    world.put(*world.reader, snapshot_key("orders2", label, {}), encode_snapshot(other, label, kTinyPage));
    world.run(1_s);
    EXPECT_EQ(!reads_newest(world), on);
  }
}

TEST(ColdBugs, E11TakesTheFirstPageForAll) {
  for (const bool on : {false, true}) {
    ColdWorldOptions options = quick(on ? cold_bug(Bug::kE11) : BugSet{});
    options.relay.cold_list_page = 3;
    ColdWorld world(options);
    ColdWorld::Host& leader = world.first_leader();
    for (int i = 0; i < 5; ++i) write_segment(world, leader, 1, 2);
    EXPECT_EQ(!reads_newest(world), on);
  }
}

TEST(ColdBugs, E13RecordsTheTimeOfTheUpload) {
  for (const bool on : {false, true}) {
    ColdWorldOptions options = quick(on ? cold_bug(Bug::kE13) : BugSet{});
    options.relay.cold_retention = 3600_s;
    options.relay.segment_period = 10_s;
    ColdWorld world(options);
    ColdWorld::Host& leader = world.first_leader();
    world.run(1_s);
    world.write(leader, 1, 2);
    const sim::Instant then = world.scheduler.now();
    world.run(5_s);
    world.write(leader, 1, 2);
    world.run(20_s);
    const TimeTravelBookmark found = world.find(then + 1_s);
    ASSERT_EQ(found.status, TimeTravelStatus::kOk);
    EXPECT_EQ(found.bookmark != world.images[2].at(), on);
  }
}

TEST(ColdBugs, E17ChainsByNames) {
  for (const bool on : {false, true}) {
    ColdWorld world(quick(on ? cold_bug(Bug::kE17) : BugSet{}));
    ColdWorld::Host& leader = world.first_leader();
    write_segment(world, leader, 1, 3);
    for (int i = 0; i < 20; ++i) world.commit(1, world.scheduler.now());
    world.upload(world.add("follower"), 22, 23);
    world.run(1_s);
    const ColdImage image = world.read();
    ASSERT_EQ(image.status, ColdStatus::kOk);
    EXPECT_EQ(!same_pages(image.at_end(), *world.reference(image.position())), on);
  }
}

TEST(ColdBugs, E19AcceptsACorruptSnapshot) {
  for (const bool on : {false, true}) {
    ColdWorld world(quick(on ? cold_bug(Bug::kE19) : BugSet{}));
    ColdWorld::Host& leader = world.first_leader();
    write_segment(world, leader, 1, 3);
    write_snapshot(world, leader, 1);
    const std::string key = world.keys("snapshot").back();
    sim::ObjectBody body = *world.store.peek(key);
    body.parts.back() = tiny_page(4711);
    world.put(*world.reader, key, body);
    world.run(1_s);
    EXPECT_EQ(world.read().status, on ? ColdStatus::kOk : ColdStatus::kDamaged);
  }
}

TEST(ColdBugs, E20RemovesBeforeTheSnapshotIsStored) {
  for (const bool on : {false, true}) {
    ColdWorld world(quick(on ? cold_bug(Bug::kE20) : BugSet{}));
    ColdWorld::Host& leader = world.first_leader();
    write_segment(world, leader, 1, 3);
    sim::PartialUpload killed;
    killed.part_bytes = 1;
    world.store.inject(killed, chance(world), {0, "orders/snapshot/"});
    world.options.relay.snapshot_log_percent = 0;
    world.write(leader, 1);
    world.run(60_s);
    EXPECT_EQ(!reads_newest(world), on);
  }
}

}  // namespace
}  // namespace tidemark::model::srs::test
