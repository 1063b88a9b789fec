// The invariants under takeover, loss and Time Travel: what is legal passes, each planted mistake is seen.
#include "replication_story.h"

namespace tidemark::checkers {
namespace {

using ::testing::HasSubstr;

void expect_legal(const std::function<void(Story&)>& story) {
  Story told;
  told.good();
  story(told);
  EXPECT_EQ(told.broken(), std::set<std::string>{});
}

TEST(TakeoverRules, EntriesThatWereNeverConfirmedMayVanish) {
  expect_legal([](Story& s) {
    s.commit(4);
    s.commit(5);
    s.durable(5, {1});
    s.take_over(2, at(4), 5);
    s.cut(1, at(4));
    s.durable_at(at(1, 2), {1});
    const ReplicationTally tally = s.checker.tally();
    EXPECT_EQ(tally.unconfirmed_dropped, 1U);
    EXPECT_EQ(tally.confirmed_lost, 0U);
    EXPECT_EQ(tally.confirmed, 5U);
  });
}

TEST(TakeoverRules, AnEpochThatNobodyFollowedMayLoseToTheBranchBeforeIt) {
  expect_legal([](Story& s) {
    s.commit(4);
    s.durable(4, {4});
    s.commit_after(at(1, 2), at(3), 4);  // reached nobody
    s.commit(5);                         // the zombie goes on
    s.durable(5, {4});
    s.commit_after(at(1, 3), at(5), 6);  // chose the log of follower 4
    s.durable_at(at(1, 3), {1, 2, 4});
    s.confirm_at(at(1, 3));
    s.serve(3, at(1, 3));
  });
}

TEST(TakeoverRules, AConfirmationBesideTheNewestBranchMovesTheLogThere) {
  expect_legal([](Story& s) {
    s.commit(4);
    s.durable(4, {1, 2, 3});
    s.commit_after(at(1, 2), at(3), 4);  // a candidate that will not get its quorum
    s.confirm(4);
    s.write_answer(4);
  });
}

TEST(TakeoverRules, AnOldLeaderMayHearLateOfAcksFromBeforeThePromises) {
  expect_legal([](Story& s) {
    s.commit(4);
    s.durable(4, {1, 2, 3});
    s.promise(2, {1, 2, 3});
    s.commit_after(at(1, 2), at(4), 5);
    s.confirm(4);
  });
}

TEST(TakeoverRules, AnAckThatWasTrueCountsAfterThePowerLossOfItsFollower) {
  expect_legal([](Story& s) {
    s.commit(4);
    s.durable(4, {1, 2, 3});
    s.cut(3, at(3));
    s.confirm(4);
  });
}

TEST(TakeoverRules, AReplicaDropsHiddenEntriesAndFollowsTheNewLeader) {
  expect_legal([](Story& s) {
    s.commit(4);
    s.receive(4);
    s.take_over(2, at(3), 4);
    s.resume(at(3));
    s.take(at(1, 2));
    s.show_at(at(1, 2), 4);
    s.sample(at(1, 2));  // may be given although it was confirmed before
    s.end(3);
  });
}

TEST(TakeoverRules, TwoSetsAgreeWhileAFollowerIsReplaced) {
  expect_legal([](Story& s) {
    const NodeIndex old_set[] = {1, 2, 3, 4, 5};
    const NodeIndex new_set[] = {1, 2, 3, 4, 8};
    auto both = s.make<FollowerSet>();
    both.followers = old_set;
    both.joint = new_set;
    s.checker.on(both);
    s.commit(4);
    s.durable(4, {1, 4, 5, 8});
    s.confirm(4);
    auto after = s.make<FollowerSet>();
    after.followers = new_set;
    s.checker.on(after);
  });
}

TEST(TakeoverRules, AFollowerThatRestartsMayHaveForgottenItsConfirmedMark) {
  const auto told = [](Story& s, std::uint32_t n) {
    auto r = s.make<Confirmed>();
    r.node = 2;
    r.opens_gate = false;
    r.position = at(n);
    s.checker.on(r);
  };
  expect_legal([&](Story& s) {
    told(s, 3);
    auto restarted = s.make<NodeRestarted>();
    restarted.node = 2;
    s.checker.on(restarted);
    told(s, 1);
  });
  Story story;
  story.good();
  told(story, 3);
  told(story, 1);
  EXPECT_EQ(story.broken(), std::set<std::string>{"CMONO"});
}

TEST(TakeoverRules, ARestoreEqualsItsTarget) {
  expect_legal([](Story& s) {
    s.confirmed(4);
    const PageImage pages[] = {{1, page(1, 2)}, {4, page(4, 3)}};
    auto entry = s.make<EntryCommitted>();
    entry.position = at(5);
    entry.previous = at(4);
    entry.pages = pages;
    entry.size_pages = 3;
    s.checker.on(entry);
    auto restored = s.make<Restored>();
    restored.restored = at(5);
    restored.target = at(2);
    restored.undo = at(4);
    s.checker.on(restored);
  });
}

TEST(TakeoverRules, ATimeLeadsToTheLastEntryBeforeALaterOneAlsoWhenClocksGoBack) {
  expect_legal([](Story& s) {
    s.commit(4, [](EntryCommitted& r) { r.committed_ns = 400; });
    s.commit(5, [](EntryCommitted& r) { r.committed_ns = 500; });
    s.commit(6, [](EntryCommitted& r) { r.committed_ns = 300; });
    auto found = s.make<TimeFound>();
    found.asked_ns = 450;
    found.newest = at(6);
    found.found = at(4);
    s.checker.on(found);
  });
}

TEST(TakeoverRules, BeforeTheFirstEntryADatabaseHasOneEmptyPage) {
  expect_legal([](Story& s) {
    s.confirmed(4);
    const PageImage pages[] = {{1, page(1, 7)}};
    auto entry = s.make<EntryCommitted>();
    entry.position = at(5);
    entry.previous = at(4);
    entry.pages = pages;
    entry.size_pages = 1;
    s.checker.on(entry);
    auto restored = s.make<Restored>();
    restored.restored = at(5);
    restored.undo = at(4);
    s.checker.on(restored);
  });
}

TEST(TakeoverRules, WhatASnapshotSupersededLongAgoMayBeRemoved) {
  Story story;
  ReplicationOptions options = Story::options();
  options.cold_retention_ns = 1000;
  story.checker = ReplicationChecker(options);
  story.good();
  story.snapshot(3, 3);
  story.now += 2000;
  story.remove(1);
  story.remove(2);
  story.remove(3);
  EXPECT_EQ(story.broken(), std::set<std::string>{});
}

struct Planted {
  const char* name;
  const char* invariant;
  std::function<void(Story&)> story;
};

const Planted kPlanted[] = {
    {"a new leader starts without confirmed entries (B2, B4, B5)", "DUR",
     [](Story& s) {
       s.promise(2, {1, 2, 3});
       s.commit_after(at(1, 2), at(2), 3);
     }},
    {"a leader serves without confirmed entries", "DUR",
     [](Story& s) {
       s.confirmed(4);
       s.serve(2, at(3));
     }},
    {"the start serves before it is confirmed", "CMONO",
     [](Story& s) {
       s.promise(2, {1, 2, 3});
       s.commit_after(at(1, 2), at(3), 4);
       s.serve(2, at(1, 2));
     }},
    {"numbers of the lost leader are issued again (B1)", "BM",
     [](Story& s) {
       s.commit(4);
       s.commit_after({1, 4, {9, 9}}, at(3), 4);
     }},
    {"a restore goes on with the numbers of the abandoned future (E14)", "BM",
     [](Story& s) {
       s.commit_after({1, 3, {9, 9}}, at(2), 3);
     }},
    {"an inherited entry is confirmed by counting holders (A7)", "FENCE",
     [](Story& s) {
       s.commit(4);
       s.durable(4, {1});
       s.promise(2, {1, 2, 3});
       s.commit_after(at(1, 2), at(4), 5);
       s.durable(4, {2, 3});
       s.confirm(4);
     }},
    {"a zombie confirms with followers that promised another epoch (A8)", "FENCE",
     [](Story& s) {
       s.promise(2, {1, 2, 3});
       s.commit(4);
       s.durable(4, {1, 2, 3});
       s.confirm(4);
     }},
    {"an entry that lost is confirmed later", "ONE",
     [](Story& s) {
       s.commit(4);
       s.durable(4, {3, 4, 5});
       s.promise(2, {1, 2});
       s.commit_after(at(1, 2), at(3), 4);
       s.durable_at(at(1, 2), {1, 2, 3});
       s.confirm_at(at(1, 2));
       s.confirm(4);
     }},
    {"a replica keeps its tail and shows it (B8, F22)", "ONE",
     [](Story& s) {
       s.commit(4);
       s.receive(4);
       s.take_over(2, at(3), 4);
       s.publish(4);
     }},
    {"a replica goes on after a tail that lost", "LOG",
     [](Story& s) {
       s.commit(4);
       s.receive(4);
       s.take_over(2, at(3), 4);
       s.resume(at(4));
       s.take(at(1, 2));
     }},
    {"the former leader answers a read that came later (B7)", "FENCE",
     [](Story& s) {
       s.take_over(2, at(3), 4);
       s.now += 100;
       s.answer(3, [](Response& r) {
         r.node = kPrimary;
         r.is_primary = r.claimed_primary = true;
         r.required_bookmark = "first-primary";
       });
     }},
    {"a promise is taken back", "FENCE",
     [](Story& s) {
       s.promise(3, {1});
       s.promise(2, {1});
     }},
    {"a follower acknowledges what a cut took away (A10)", "Q",
     [](Story& s) {
       s.commit(4);
       s.durable(4, {1, 2});
       s.cut(2, at(3));
       AckSent a{};
       a.follower = 2;
       a.position = at(4);
       s.checker.on(a);
     }},
    {"a newcomer counts before it holds anything (A25)", "Q",
     [](Story& s) {
       const NodeIndex set[] = {1, 2, 3, 4, 8};
       auto r = s.make<FollowerSet>();
       r.followers = set;
       s.checker.on(r);
       s.commit(4);
       s.durable(4, {1, 2});
       s.durable(4, {5});
       s.confirm(4);
     }},
    {"the new set alone agrees while a follower is replaced", "Q",
     [](Story& s) {
       const NodeIndex old_set[] = {1, 2, 3, 4, 5};
       const NodeIndex new_set[] = {1, 2, 3, 4, 8};
       auto both = s.make<FollowerSet>();
       both.followers = old_set;
       both.joint = new_set;
       s.checker.on(both);
       s.commit(4);
       s.durable(4, {1, 2, 8});
       s.confirm(4);
     }},
    {"all followers are replaced before the upload (A25)", "GC",
     [](Story& s) {
       s.confirmed(4);
       const NodeIndex set[] = {8, 9, 10, 11, 12};
       auto r = s.make<FollowerSet>();
       r.followers = set;
       s.checker.on(r);
     }},
    {"a follower knows of a confirmation that never was", "CMONO",
     [](Story& s) {
       s.commit(4);
       auto r = s.make<Confirmed>();
       r.node = 2;
       r.opens_gate = false;
       r.position = at(4);
       s.checker.on(r);
     }},
    {"a leader publishes an older confirmed mark (B11)", "CMONO",
     [](Story& s) {
       s.promise(2, {1, 2, 3});
       s.confirm(2);
     }},
    {"a write that surely failed is confirmed later (H10)", "ERR",
     [](Story& s) {
       s.commit(4);
       s.fail(false, at(4));
       s.durable(4, {1, 2, 3});
       s.confirm(4);
     }},
    {"a write that was confirmed is called failed (G25)", "ERR", [](Story& s) { s.fail(false, at(3)); }},
    {"a restored page differs", "PITR",
     [](Story& s) {
       s.confirmed(4);
       s.commit_after(at(5), at(4), 3);
       auto restored = s.make<Restored>();
       restored.restored = at(5);
       restored.target = at(2);
       restored.undo = at(4);
       s.checker.on(restored);
     }},
    {"a time leads to an earlier state (E13)", "PITR",
     [](Story& s) {
       s.commit(4, [](EntryCommitted& r) { r.committed_ns = 400; });
       s.commit(5, [](EntryCommitted& r) { r.committed_ns = 500; });
       auto found = s.make<TimeFound>();
       found.asked_ns = 450;
       found.newest = at(5);
       found.found = at(3);
       s.checker.on(found);
     }},
    {"the undo point is another entry", "PITR",
     [](Story& s) {
       s.commit(4, [](EntryCommitted& r) { r.size_pages = 4; });
       auto restored = s.make<Restored>();
       restored.restored = at(4);
       restored.target = at(3);
       restored.undo = at(2);
       s.checker.on(restored);
     }},
    {"the snapshot that the chain needs is removed", "GC",
     [](Story& s) {
       s.remove(2);
       s.remove(3);
     }},
    {"a follower acknowledges with a timer (A28)", "LAG",
     [](Story& s) {
       for (std::uint32_t n = 4; n < 30; ++n) {
         s.commit(n);
         s.durable(n, {1}, false);
         s.now += 1'000'000'000;
         AckSent a{};
         a.at_ns = s.now;
         a.follower = 1;
         a.position = at(n);
         s.checker.on(a);
       }
     }},
    {"a follower repeats its ack in a storm (B13)", "RES",
     [](Story& s) {
       for (int i = 0; i < 300; ++i) {
         AckSent a{};
         a.at_ns = s.now;
         a.follower = 1;
         a.position = at(3);
         s.checker.on(a);
       }
     }},
    {"a replica boots for ever (F26)", "RES",
     [](Story& s) {
       for (int i = 0; i < 70; ++i) s.boot(3);
     }},
    {"epochs follow each other and nobody serves (B17)", "RES",
     [](Story& s) {
       for (std::uint32_t epoch = 2; epoch < 80; ++epoch) s.commit_after(at(1, epoch), at(3), 4);
     }},
};

TEST(TakeoverRules, EachPlantedMistakeIsSeenByItsInvariant) {
  for (const Planted& planted : kPlanted) {
    SCOPED_TRACE(planted.name);
    Story story;
    story.good();
    planted.story(story);
    EXPECT_TRUE(story.checker.violated());
    const auto broken = story.broken();
    EXPECT_TRUE(broken.contains(planted.invariant)) << ::testing::PrintToString(broken);
    EXPECT_LE(broken.size(), 2U) << ::testing::PrintToString(broken);
  }
}

TEST(TakeoverRules, AnEntryThatWasRemovedTooYoungBreaksTheRetention) {
  Story story;
  ReplicationOptions options = Story::options();
  options.cold_retention_ns = 1'000'000;
  story.checker = ReplicationChecker(options);
  story.good();
  story.snapshot(3, 3);
  story.remove(2);
  EXPECT_EQ(story.broken(), std::set<std::string>{"GC"});
}

TEST(TakeoverRules, AnUnknownOutcomeMayBeConfirmedLaterAndADefiniteOneMayVanish) {
  expect_legal([](Story& s) {
    s.commit(4);
    s.fail(true, at(4));
    s.durable(4, {1, 2, 3});
    s.confirm(4);
    s.commit(5);
    s.fail(false, at(5));
    s.take_over(2, at(4), 5);
  });
}

TEST(TakeoverRules, TheWitnessNamesAnEntryThatWasShownAndVanished) {
  Story story;
  story.good();
  story.commit(4);
  story.receive(4);
  story.publish(4);
  story.take_over(2, at(3), 4);
  const Verdict hide = story.verdict("HIDE");
  EXPECT_EQ(hide.validity, Validity::kInvalid);
  EXPECT_THAT(hide.witness, HasSubstr("00000001-00000004"));
  EXPECT_THAT(hide.witness, HasSubstr("vanished: it lost to 00000002-00000001"));
}

TEST(TakeoverRules, ReferenceImagesFollowTheBranchThatWins) {
  Story story;
  story.good();
  story.commit(4);
  story.commit_after(at(1, 2), at(3), 4);
  story.durable(4, {1, 2, 3});
  story.confirm(4);  // back to the branch of epoch 1
  story.receive(4);
  story.publish(4);  // every page, as of entry 4
  EXPECT_EQ(story.broken(), std::set<std::string>{});
}

TEST(TakeoverRules, LongRunsWithManyTakeoversKeepLittleAndJudgeRight) {
  Story story;
  ReplicationOptions options = Story::options();
  options.image_window = 16;
  story.checker = ReplicationChecker(options);
  story.start();
  Position last;
  std::uint32_t confirmed = 0;
  for (std::uint32_t epoch = 1; epoch <= 50; ++epoch) {
    story.promise(epoch, {1, 2, 3});
    story.resume(last);
    for (std::uint32_t n = 1; n <= 20; ++n) {
      story.commit_after(at(n, epoch), last, 1);
      last = at(n, epoch);
      story.take(last);
      story.durable_at(last, {1, 2, 3});
      story.confirm_at(last);
      if (n == 1) story.serve(epoch, last);
      story.show_at(last, 1);
      ++confirmed;
    }
    story.commit_after(at(21, epoch), last, 1);  // reaches nobody
    story.take(at(21, epoch));
  }
  const ReplicationTally tally = story.checker.tally();
  EXPECT_EQ(story.broken(), std::set<std::string>{});
  EXPECT_EQ(tally.confirmed, confirmed);
  EXPECT_EQ(tally.takeovers, 49U);
  EXPECT_EQ(tally.unconfirmed_dropped, 49U);  // the newest may still win
}

}  // namespace
}  // namespace tidemark::checkers
