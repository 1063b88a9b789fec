#include "story.h"

namespace tidemark::model::testing {
namespace {

TEST(SessionStory, AWriteThroughOneReplicaIsSeenByTheSameSessionAtAFarOne) {
  Story story;
  const Story::Answer wrote = story.ask(kFrankfurt, kInsert, SessionToken::first_unconstrained());
  ASSERT_TRUE(wrote && wrote->success) << (wrote ? wrote->error : "no answer");
  EXPECT_TRUE(wrote->results[0].meta.served_by_primary);
  const Story::Answer read = story.ask(kSydney, kSelect, wrote->bookmark);
  ASSERT_TRUE(read && read->success);
  EXPECT_EQ(read->results[0].rows->rows(), 1U);
  EXPECT_EQ(read->results[0].meta.served_by_region, "OC");
  EXPECT_FALSE(read->results[0].meta.served_by_primary);
}

TEST(SessionStory, AForwardedWriteReturnsThePrimarysBookmark) {
  Story story;
  const Bookmark before = story.visible(kSydney);
  const Story::Answer wrote = story.ask(kSydney, kInsert, SessionToken::of(before));
  ASSERT_TRUE(wrote && wrote->success);
  EXPECT_EQ(wrote->bookmark.bookmark(), story.cluster.primary_relay(0)->committed());
  EXPECT_GT(wrote->bookmark.bookmark(), before);
}

TEST(SessionStory, AnUnconstrainedReadMayBeStaleAndAFirstPrimaryReadIsNot) {
  Story story;
  const Story::Answer wrote = story.ask(kPrimary, kInsert, {});
  ASSERT_TRUE(wrote && wrote->success);
  const Story::Answer stale = story.ask(kSydney, kSelect, SessionToken::first_unconstrained());
  ASSERT_TRUE(stale && stale->success);
  EXPECT_EQ(stale->results[0].rows->rows(), 0U) << "the confirm needs 100 ms to Sydney";
  EXPECT_LT(stale->bookmark.bookmark(), wrote->bookmark.bookmark());
  const Story::Answer newest = story.ask(kSydney, kSelect, SessionToken::first_primary());
  ASSERT_TRUE(newest && newest->success);
  EXPECT_EQ(newest->results[0].rows->rows(), 1U);
}

TEST(SessionStory, ATextThatIsNoBookmarkFailsAtAReplicaAndPassesAtThePrimary) {
  Story story;
  const SessionToken foreign = SessionToken::parse("undefined");
  const Story::Answer refused = story.ask(kSydney, kSelect, foreign);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->error, "D1_ERROR: invalid bookmark");
  const Story::Answer served = story.ask(kPrimary, kSelect, foreign);
  EXPECT_TRUE(served && served->success);
}

TEST(SessionStory, ABookmarkFromTheFutureWaits) {
  Story story;
  Bookmark future = story.cluster.primary_relay(0)->committed();
  future.sequence += 1;
  Story::Pending pending;
  story.start(pending, kSydney, kSelect, SessionToken::of(future));
  story.cluster.run(2_s);
  EXPECT_EQ(pending.answer, nullptr);
  ASSERT_TRUE(story.ask(kPrimary, kInsert, {}));
  ASSERT_TRUE(story.ask(kPrimary, "DELETE FROM Orders", {}));
  story.cluster.run(2_s);
  EXPECT_TRUE(pending.answer && pending.answer->success);
}

TEST(SessionStory, ResettingTheTableIsOneUnitForReplicas) {
  Story story;
  const Story::Answer reset = story.ask(kFrankfurt, "DROP TABLE Orders; CREATE TABLE Orders (a, b, c)", {});
  ASSERT_TRUE(reset && reset->success) << reset->error;
  for (int i = 0; i < 300; ++i) {
    const Story::Answer read = story.ask(kSydney, "SELECT * FROM Orders", SessionToken::first_unconstrained());
    ASSERT_TRUE(read && read->success) << read->error;
  }
}

TEST(SessionStory, ABatchGoesToThePrimaryIfAnyOfItsStatementsWrites) {
  Story story;
  const Story::Answer mixed = story.batch(kSydney, {kSelect, kInsert}, SessionToken::first_unconstrained());
  ASSERT_TRUE(mixed && mixed->success) << mixed->error;
  EXPECT_TRUE(mixed->results[0].meta.served_by_primary);
  EXPECT_EQ(mixed->results[1].meta.changes, 1);
  EXPECT_EQ(story.cluster.durable_object(story.cluster.find(kSydney)->process)->statistics().executed, 0U);
  const Story::Answer reads = story.batch(kSydney, {kSelect, kSelect}, SessionToken::first_unconstrained());
  ASSERT_TRUE(reads && reads->success);
  EXPECT_FALSE(reads->results[0].meta.served_by_primary);
}

TEST(SessionStory, OrdersOfOneCustomerAreToldApartByTheirIds) {
  Story story;
  ASSERT_TRUE(story.ask(kPrimary, kInsert, {}));
  const Story::Answer other = story.ask(kPrimary, "INSERT INTO Orders VALUES ('c1', 'o2', 1)", {});
  EXPECT_TRUE(other && other->success) << other->error;
  const Story::Answer same = story.ask(kPrimary, kInsert, {});
  EXPECT_FALSE(same->success);
}

TEST(SessionStory, SeveralStatementsInOneTextAreOneTransaction) {
  Story story;
  const Story::Answer wrote = story.ask(kPrimary, kInsert, {});
  ASSERT_TRUE(wrote && wrote->success);
  const Story::Answer twice =
      story.ask(kPrimary, "INSERT INTO Orders VALUES ('c2', 'o1', 1); INSERT INTO Orders VALUES ('c1', 'o1', 1)", {});
  ASSERT_TRUE(twice);
  EXPECT_NE(twice->error.find("UNIQUE constraint failed"), std::string::npos) << twice->error;
  const Story::Answer read = story.ask(kPrimary, kSelect, {});
  EXPECT_EQ(read->results[0].rows->rows(), 1U);
}

}  // namespace
}  // namespace tidemark::model::testing
