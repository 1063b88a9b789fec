// Sync: what a page makes of what it is told, and what its users rely on: each promise kept, and each broken.
#include <gtest/gtest.h>

#include "model/apps/sync/replica.h"
#include "model/apps/sync/sync_truths.h"

namespace tidemark::model::testing {
namespace {

using sync::Replica;
using sync::Semantics;

struct Told {
  std::int64_t id = 0;
  std::string votes;
  std::string deleted_at;
  std::int64_t revision = 0;
};
ResultSetRef told(const std::vector<Told>& all) {
  ResultSet::Builder rows(column_names({"id", "votes", "created_at", "updated_at", "deleted_at", "revision"}));
  for (const Told& one : all) {
    rows.add_integer(one.id);
    rows.add_text(one.votes);
    rows.add_text("2023-01-01 00:00:01");
    rows.add_text("2023-01-01 00:00:0" + std::to_string(one.revision));
    one.deleted_at.empty() ? rows.add_null() : rows.add_text(one.deleted_at);
    rows.add_integer(one.revision);
  }
  return rows.finish();
}

TEST(SyncReplica, KnowsWhatItMisses) {
  const Semantics repaired;
  Replica page;
  EXPECT_EQ(page.since(repaired), SqlValue(std::int64_t{0}));
  EXPECT_FALSE(page.take(told({{2, "", "", 1}}), repaired));
  EXPECT_TRUE(page.take(told({{2, "7,9", "", 3}}), repaired)) << "revision 2 has not come";
  EXPECT_FALSE(page.gapless());
  EXPECT_EQ(page.since(repaired), SqlValue(std::int64_t{1}));
  page.reached(3);
  EXPECT_TRUE(page.gapless());
  EXPECT_EQ(page.revision(), 3);
}

TEST(SyncReplica, TheNewestRevisionOfARowWinsUnlessToldOtherwise) {
  Semantics semantics;
  Replica right, wrong;
  (void)right.take(told({{2, "7,9", "", 3}, {2, "7", "", 2}}), semantics);
  EXPECT_EQ(right.rows().at(2).votes, "7,9");
  semantics.newest_wins = false;
  (void)wrong.take(told({{2, "7,9", "", 3}, {2, "7", "", 2}}), semantics);
  EXPECT_EQ(wrong.rows().at(2).votes, "7");
}

TEST(SyncReplica, PublishedItAsksByTheNewestTimeStampTombstonesIncluded) {
  Semantics published;
  published.revisions = false;
  Replica page;
  EXPECT_EQ(page.since(published), SqlValue());
  EXPECT_FALSE(page.take(told({{2, "", "", 4}, {4, "", "2023-01-01 00:00:07", 2}}), published));
  EXPECT_EQ(page.since(published), SqlValue(std::string("2023-01-01 00:00:07")));
}

TEST(SyncReplica, AnEffectIsThereOnce) {
  sync::Rows live;
  sync::apply_action(live, "vote", 5, 2);
  EXPECT_TRUE(live.empty()) << "there is nothing to vote for";
  sync::apply_action(live, "add", 2, 2);
  for (int i = 0; i < 2; ++i) sync::apply_action(live, "vote", 15, 2);
  sync::apply_action(live, "vote", 5, 2);
  EXPECT_EQ(live.at(2).votes, "15,5");
  EXPECT_FALSE(sync::has_vote("15,25", 5));
  sync::apply_action(live, "remove", 6, 2);
  EXPECT_TRUE(live.empty());
}

/// Seconds of virtual time.
sim::Instant at(std::int64_t seconds) {
  return sim::Instant::from_ns(seconds * 1'000'000'000);
}

class PageUsers : public ::testing::Test {
 protected:
  /// Items that a page shows, with their votes, and the revision of channel 0 (0: it says none).
  using Items = std::vector<std::pair<std::int64_t, std::string>>;

  void begin(const ActionBody& action) { truths.begun({0, action, {}}); }
  void end(std::uint32_t session, const ActionBody& action, sim::Instant when,
           ActionOutcome outcome = ActionOutcome::kOk, std::vector<ResultSetRef> shown = {}) {
    truths.ended({session, action, outcome, shown, {}, when}, note());
  }
  void act(std::uint32_t session, const ActionBody& action, sim::Instant when,
           ActionOutcome outcome = ActionOutcome::kOk) {
    begin(action);
    end(session, action, when, outcome);
  }
  void look(std::uint32_t session, const Items& items, sim::Instant from, sim::Instant to, std::int64_t revision = 0) {
    ResultSet::Builder rows(column_names({"channel", "id", "votes"}));
    for (const auto& [id, votes] : items) {
      rows.add_integer(id % 2);
      rows.add_integer(id);
      rows.add_text(votes);
    }
    ResultSet::Builder revisions(column_names({"channel", "revision"}));
    if (revision != 0) {
      revisions.add_integer(0);
      revisions.add_integer(revision);
    }
    const std::vector<ResultSetRef> shown = {rows.finish(), revisions.finish()};
    truths.ended({session, {"look", {}}, ActionOutcome::kOk, shown, from, to}, note());
  }
  static ActionBody add(std::int64_t item) { return {"add", {item, item}}; }
  static ActionBody vote(std::int64_t action, std::int64_t item) { return {"vote", {action, item}}; }
  static ActionBody remove(std::int64_t action, std::int64_t item) { return {"remove", {action, item}}; }
  static ResultSetRef item(std::int64_t id, const std::string& votes) {
    ResultSet::Builder rows(column_names({"id", "votes"}));
    if (id != 0) rows.add_integer(id);
    if (id != 0) rows.add_text(votes);
    return rows.finish();
  }

  SyncTruths truths;
  std::map<std::string, std::string> broken;

 private:
  Truths::Broken note() {
    return [this](std::string_view name, std::string witness) { broken.emplace(name, std::move(witness)); };
  }
};

TEST_F(PageUsers, AreContentWhenPagesAreRight) {
  act(1, add(2), at(1));
  act(2, vote(5, 2), at(2));
  look(3, {{2, "5"}}, at(3), at(4), 2);
  begin(vote(6, 2));
  look(3, {{2, "5,6"}}, at(5), at(6), 3);  // done, and its answer is on the way
  end(1, vote(6, 2), at(7));
  look(3, {{2, "5,6"}}, at(6), at(8));  // began before
  look(3, {{2, "6,5"}}, at(8), at(9), 3);
  EXPECT_EQ(broken.size(), 1U) << "two orders of one revision";
  broken.clear();
  begin(remove(7, 2));
  look(3, {}, at(10), at(11), 4);
  look(4, {{2, "5,6"}}, at(10), at(11), 3);
  end(1, remove(7, 2), at(12), ActionOutcome::kUnknown);
  look(3, {{2, "5,6"}}, at(13), at(14));
  act(1, vote(8, 2), at(15), ActionOutcome::kFail);
  act(1, add(4), at(15), ActionOutcome::kUnknown);
  look(3, {{2, "5,6"}, {4, ""}}, at(16), at(17));
  look(4, {{2, "5,6"}}, at(16), at(17));
  EXPECT_TRUE(broken.empty()) << broken.begin()->second;
}

TEST_F(PageUsers, NoticeWhatDoesNotArrive) {
  act(1, add(2), at(1));
  look(3, {}, at(2), at(3));
  EXPECT_EQ(broken["changes-arrive"],
            "session 1's add of item 2 (acknowledged at 1.000000 s) is missing from session 3's page at 3.000000 s");
  broken.clear();
  act(2, vote(5, 2), at(4));
  look(3, {{2, ""}}, at(5), at(6));
  EXPECT_EQ(
      broken["changes-arrive"],
      "session 2's vote 5 for item 2 (acknowledged at 4.000000 s) is missing from session 3's page at 6.000000 s");
  act(2, remove(6, 2), at(7));
  look(3, {{2, "5"}}, at(8), at(9));
  EXPECT_EQ(
      broken["deletions-arrive"],
      "session 2's remove of item 2 (acknowledged at 7.000000 s) has not reached session 3's page at 9.000000 s: the "
      "item is still on it");
  EXPECT_EQ(broken.size(), 2U);
}

TEST_F(PageUsers, NoticeThatAFailureWasNone) {
  act(1, add(2), at(1), ActionOutcome::kFail);
  look(3, {{2, ""}}, at(2), at(3));
  EXPECT_EQ(broken["failed-do-nothing"],
            "session 1's add of item 2 (reported as failed at 1.000000 s) is on session 3's page at 3.000000 s");
  broken.clear();
  act(1, add(4), at(4));
  act(1, remove(5, 4), at(5), ActionOutcome::kFail);
  begin(vote(9, 4));
  look(3, {{4, "9"}}, at(8), at(9));
  end(1, vote(9, 4), at(10), ActionOutcome::kFail);
  EXPECT_EQ(broken["failed-do-nothing"],
            "session 1's vote 9 for item 4 (reported as failed at 10.000000 s), and pages have shown it");
  broken.clear();
  look(3, {}, at(11), at(12));
  EXPECT_EQ(
      broken["failed-do-nothing"],
      "session 1's remove of item 4 (reported as failed at 5.000000 s), and the item is not on session 3's page at "
      "12.000000 s");
}

TEST_F(PageUsers, AnAttemptOfUnknownOutcomeMakesALaterFailureSayNothing) {
  act(1, add(2), at(1));
  act(1, vote(5, 2), at(2), ActionOutcome::kUnknown);
  act(1, vote(5, 2), at(3), ActionOutcome::kFail);
  look(3, {{2, "5"}}, at(4), at(5));
  EXPECT_TRUE(broken.empty()) << broken.begin()->second;
}

TEST_F(PageUsers, NoticePagesThatDiffer) {
  act(1, add(2), at(1));
  look(3, {{2, ""}}, at(5), at(6), 8);
  look(3, {{2, ""}, {4, ""}}, at(5), at(6), 9);
  look(4, {{2, ""}, {4, ""}}, at(5), at(6), 8);
  EXPECT_EQ(broken["views-agree"], "the pages of sessions 3 and 4 show revision 8 of todos differently: 1 and 2 items");
  EXPECT_EQ(broken.size(), 1U);
}

TEST_F(PageUsers, AskNoMoreOfAnItemThanThatItGoes) {
  act(1, add(2), at(1));
  act(1, vote(5, 2), at(2));
  act(1, remove(6, 2), at(3));
  look(3, {{2, ""}}, at(4), at(5));
  EXPECT_TRUE(broken.contains("deletions-arrive"));
  EXPECT_FALSE(broken.contains("changes-arrive")) << "the vote went with the item";
}

TEST_F(PageUsers, NoticeWhatIsThereTwice) {
  act(1, add(2), at(1));
  act(1, vote(5, 2), at(2));
  look(3, {{2, "5,7,5"}}, at(3), at(4));
  EXPECT_EQ(
      broken["actions-once"],
      "session 1's vote 5 for item 2 (acknowledged at 2.000000 s) stands twice on session 3's page at 4.000000 s");
  EXPECT_EQ(broken.size(), 1U);
  broken.clear();
  act(4, vote(8, 2), at(5), ActionOutcome::kUnknown);
  look(3, {{2, "5,8,8"}}, at(6), at(7));
  EXPECT_EQ(broken["actions-once"],
            "session 4's vote 8 for item 2 (not acknowledged) stands twice on session 3's page at 7.000000 s");
}

TEST_F(PageUsers, BearWhatSomebodyWritesDown) {
  act(1, {"add", {std::int64_t{1}, std::int64_t{-2}}}, at(1));
  act(1, {"add", {std::int64_t{3}, std::int64_t{-2}}}, at(1), ActionOutcome::kFail);
  act(1, {"vote", {std::int64_t{-5}, std::int64_t{-2}}}, at(2));
  act(1, {"vote", {std::int64_t{1}, std::int64_t{8}}}, at(2));
  look(3, {{-2, "-5"}}, at(3), at(4));
  EXPECT_TRUE(broken.empty()) << broken.begin()->second;
  look(3, {}, at(5), at(6));
  EXPECT_EQ(broken["changes-arrive"],
            "session 1's add of item -2 (acknowledged at 1.000000 s) is missing from session 3's page at 6.000000 s");
  EXPECT_EQ(sync::channel_of(-3), 1);
}

TEST_F(PageUsers, SeeWhatTheyDoAtOnceAndStillWhenItIsAcknowledged) {
  act(1, add(2), at(1));
  begin(vote(5, 2));
  end(1, vote(5, 2), at(2), ActionOutcome::kOk, {item(2, "5"), item(2, "5")});
  EXPECT_TRUE(broken.empty());
  begin(vote(6, 2));
  end(1, vote(6, 2), at(3), ActionOutcome::kOk, {item(2, "5"), item(2, "5,6")});
  EXPECT_EQ(broken["effects-at-once"],
            "session 1's vote 6 of item 2 is not on its own page right after it was asked for");
  broken.clear();
  begin(remove(7, 2));
  end(1, remove(7, 2), at(4), ActionOutcome::kOk, {item(0, ""), item(2, "5,6")});
  EXPECT_EQ(broken["effects-at-once"], "session 1's remove 7 of item 2 is not on its own page when it is acknowledged");
}

}  // namespace
}  // namespace tidemark::model::testing
