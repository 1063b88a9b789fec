// Each invariant: the right sequence of records passes, one planted mistake is seen by the invariant it belongs to.
// What takeovers add is in takeover_test.cc.
#include "replication_story.h"

namespace tidemark::checkers {
namespace {

TEST(ReplicationChecker, TheRightSequencePassesAndEveryInvariantSawSomething) {
  Story story;
  story.good();
  EXPECT_FALSE(story.checker.violated());
  for (const Verdict& verdict : story.checker.finish()) {
    EXPECT_EQ(verdict.validity, Validity::kValid) << verdict.name << verdict.witness;
    const bool not_in_story = verdict.name == "WAIT" || verdict.name == "FRESH" || verdict.name == "PITR";
    EXPECT_EQ(verdict.observations == 0, not_in_story) << verdict.name;
  }
}

struct Planted {
  const char* name;
  const char* invariant;
  std::function<void(Story&)> story;
};

const Planted kPlanted[] = {
    {"gate opens at two of five", "Q",
     [](Story& s) {
       s.commit(4);
       s.durable(4, {1, 2});
       s.confirm(4);
     }},
    {"ack before the sync", "Q",
     [](Story& s) {
       s.commit(4);
       AckSent a{};
       a.at_ns = 1;
       a.follower = 2;
       a.position = at(4);
       s.checker.on(a);
     }},
    {"the same follower twice", "Q",
     [](Story& s) {
       s.commit(4);
       s.durable(4, {1, 2, 2});
       s.confirm(4);
     }},
    {"a follower that is not current counts", "Q",
     [](Story& s) {
       const NodeIndex set[] = {1, 2, 4, 5};
       FollowerSet f{};
       f.followers = set;
       s.checker.on(f);
       s.commit(4);
       s.durable(4, {1, 2, 3});
       s.confirm(4);
     }},
    {"replica skips an entry", "LOG",
     [](Story& s) {
       s.commit(4);
       s.commit(5);
       s.receive(5);
     }},
    {"replica takes other bytes", "LOG",
     [](Story& s) {
       EntryReceived r{};
       r.replica = kReplica;
       r.position = {1, 4, {7, 7}};
       s.checker.on(r);
     }},
    {"confirmed entries are dropped", "DUR",
     [](Story& s) { s.commit(9, [](EntryCommitted& r) { r.previous = at(2); }); }},
    {"published before confirmed", "HIDE",
     [](Story& s) {
       s.commit(4);
       s.receive(4);
       s.publish(4);
     }},
    {"replica answers from a hidden entry", "HIDE",
     [](Story& s) {
       s.commit(4);
       s.answer(4);
     }},
    {"published in the middle of a transaction", "TXN",
     [](Story& s) {
       s.commit(4, [](EntryCommitted& r) { r.is_transaction_end = false; });
       s.receive(4);
       s.durable(4, {1, 2, 3});
       s.confirm(4);
       s.publish(4);
     }},
    {"wrong database size", "TXN", [](Story& s) { s.publish(3, [](Published& r, auto&) { r.size_pages = 9; }); }},
    {"a page differs", "IMG",
     [](Story& s) { s.publish(3, [](Published&, auto& pages) { pages[2].digest.low ^= 1; }); }},
    {"a page is missing from a full image", "IMG",
     [](Story& s) { s.publish(3, [](Published&, auto& pages) { pages.pop_back(); }); }},
    {"a bookmark is issued again", "BM",
     [](Story& s) { s.commit(3, [](EntryCommitted& r) { r.position.digest.low = 99; }); }},
    {"replica goes back", "VMONO", [](Story& s) { s.publish(2); }},
    {"an answer's bookmark is older than the one asked with", "VMONO",
     [](Story& s) {
       s.answer(
           2, [](Response& r) { r.required_bookmark = "00000001-00000003-00000000-00000000000000000000000000000003"; });
     }},
    {"confirmed mark goes back", "CMONO", [](Story& s) { s.confirm(2); }},
    {"answer from a state that is too old", "WAIT",
     [](Story& s) {
       s.answer(
           3, [](Response& r) { r.required_bookmark = "00000001-00000004-00000000-00000000000000000000000000000004"; });
     }},
    {"answer from another history", "WAIT",
     [](Story& s) {
       s.answer(
           3, [](Response& r) { r.required_bookmark = "00000001-00000003-00000000-00000000000000000000000000000009"; });
     }},
    {"returned bookmark is newer than the state", "META",
     [](Story& s) {
       s.answer(
           2, [](Response& r) { r.returned_bookmark = "00000001-00000003-00004e20-00000000000000000000000000000003"; });
     }},
    {"replica claims to be the primary", "META",
     [](Story& s) { s.answer(3, [](Response& r) { r.claimed_primary = true; }); }},
    {"wrong region", "META", [](Story& s) { s.answer(3, [](Response& r) { r.claimed_region = "APAC"; }); }},
    {"first-primary misses an acknowledged write", "FRESH",
     [](Story& s) {
       s.answer(2, [](Response& r) {
         r.session = 5;
         r.required_bookmark = "first-primary";
       });
     }},
    {"primary answers before the confirm", "GATE",
     [](Story& s) {
       s.commit(4);
       s.durable(4, {1, 2, 3});
       s.write_answer(4);
     }},
    {"primary checkpoints unconfirmed frames", "CKPT",
     [](Story& s) {
       s.commit(4);
       s.checkpoint(kPrimary, 4);
     }},
    {"replica checkpoints hidden frames", "CKPT",
     [](Story& s) {
       s.commit(4);
       s.receive(4);
       s.durable(4, {1, 2, 3});
       s.confirm(4);
       s.checkpoint(kReplica, 4);
     }},
    {"snapshot with the label of after the copy", "SNAP", [](Story& s) { s.snapshot(3, 2); }},
    {"lag below the floor", "LAG",
     [](Story& s) {
       s.commit(4);
       s.lag(4, 100, 120, 50);
     }},
    {"two lag samples for one entry", "LAG", [](Story& s) { s.lag(3); }},
    {"a lag sample is missing", "LAG",
     [](Story& s) {
       s.commit(4);
       s.commit(5);
       s.lag(5);
     }},
    {"samples end early", "LAG",
     [](Story& s) {
       s.show(4);
       s.end(4);
     }},
    {"a replica never samples after its boot", "LAG",
     [](Story& s) {
       s.boot(3);
       s.show(4);
       s.show(5);
       s.end(5);
     }},
    {"a replica starts to sample late", "LAG",
     [](Story& s) {
       s.boot(3);
       s.show(4);
       s.show(5);
       s.lag(5);
       s.end(5);
     }},
    {"what was confirmed before the boot excuses nothing after it", "LAG",
     [](Story& s) {
       s.confirmed(4);
       s.boot(3);
       s.publish(4);
       s.show(5);
       s.end(5);
     }},
    {"a sample is repeated after the boot", "LAG",
     [](Story& s) {
       s.boot(3);
       s.show(4);
       s.lag(4);
       s.lag(4);
     }},
    {"followers drop what is not in cold storage", "GC",
     [](Story& s) {
       s.commit(4);
       s.commit(5);
       s.segment(4, 5);
       s.trim(5);
     }},
};

TEST(ReplicationChecker, EachPlantedMistakeIsSeenByItsInvariant) {
  for (const Planted& planted : kPlanted) {
    SCOPED_TRACE(planted.name);
    Story story;
    story.good();
    planted.story(story);
    EXPECT_TRUE(story.checker.violated());
    const auto broken = story.broken();
    EXPECT_TRUE(broken.contains(planted.invariant)) << ::testing::PrintToString(broken);
    EXPECT_LE(broken.size(), 2U) << ::testing::PrintToString(broken);  // no flood: one cause, at most one echo
  }
}

TEST(ReplicationChecker, EntriesConfirmedBeforeTheBootNeedNoLagSample) {
  for (const bool sampled : {false, true}) {
    Story story;
    story.good();
    story.confirmed(4);
    story.confirmed(5);
    story.boot(3);
    for (const std::uint32_t n : {4U, 5U}) {
      story.receive(n);
      story.publish(n);
    }
    if (sampled) story.lag(5);
    story.entry(6);
    story.end(6);
    EXPECT_FALSE(story.checker.violated()) << ::testing::PrintToString(story.broken());
  }
}

/// Negative control NC7: what an earlier life showed binds nobody who does not hold a bookmark of it.
TEST(ReplicationChecker, AReplicaMayBeOlderInItsNextLife) {
  const auto told = [](const std::function<void(Story&)>& next) {
    Story story;
    story.good();
    story.boot(1);
    story.answer(1);
    story.receive(2);
    story.publish(2);
    next(story);
    return story.broken();
  };
  using testing::Contains;
  using testing::IsEmpty;
  EXPECT_THAT(told([](Story& s) { s.answer(2); }), IsEmpty());
  EXPECT_THAT(told([](Story& s) { s.publish(1); }), Contains("VMONO"));
  const std::string three = text_of(3);
  const auto asked_with_three = [&](Response& r) { r.required_bookmark = three; };
  EXPECT_THAT(told([&](Story& s) { s.answer(2, asked_with_three); }), Contains("VMONO"));
}

TEST(ReplicationChecker, ADeadReplicaIsExcusedFromLagSamples) {
  Story story;
  story.good();
  story.confirmed(4);
  story.end(3, false);
  EXPECT_FALSE(story.checker.violated()) << ::testing::PrintToString(story.broken());
}

TEST(ReplicationChecker, ATakeoverMayDropUnconfirmedEntries) {
  Story story;
  story.good();
  story.commit(4);
  story.receive(4);
  auto next = [&](std::uint32_t sequence, Position previous) {
    const PageImage pages[] = {{1, page(1, 40)}};
    auto r = story.make<EntryCommitted>();
    r.position = at(sequence, 2);
    r.previous = previous;
    r.pages = pages;
    r.size_pages = 4;
    story.checker.on(r);
  };
  next(1, at(3));
  story.resume(at(3));
  auto r = story.make<EntryReceived>();
  r.replica = kReplica;
  r.position = at(1, 2);
  story.checker.on(r);
  EXPECT_EQ(story.broken(), std::set<std::string>{});
}

TEST(ReplicationChecker, OldEntriesAreDroppedButStillJudged) {
  Story story;
  ReplicationOptions options = Story::options();
  options.image_window = 16;
  story.checker = ReplicationChecker(options);
  story.start();
  for (std::uint32_t n = 1; n <= 400; ++n) story.entry(n);
  EXPECT_EQ(story.broken(), std::set<std::string>{});
}

TEST(ReplicationChecker, TheFirstViolationIsKeptWithItsInstant) {
  Story story;
  story.good();
  story.publish(2);
  const auto first = story.now;
  story.publish(1);
  for (const Verdict& verdict : story.checker.finish()) {
    if (verdict.name != "VMONO") continue;
    EXPECT_THAT(verdict.witness, ::testing::HasSubstr(fmt::format("At {:.9f} s, database db: replica replica went back",
                                                                  static_cast<double>(first) / 1e9)));
  }
}

}  // namespace
}  // namespace tidemark::checkers
