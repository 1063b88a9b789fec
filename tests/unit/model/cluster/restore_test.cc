// Stories about Time Travel on a serving host: who is told what, and what a restore leaves behind.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "model/cluster/host_node.h"
#include "model/control/database_control.h"
#include "model/protocol/rpc.h"
#include "model/sqlite/database.h"
#include "sim/net/latency.h"
#include "sim/net/network.h"
#include "story.h"

namespace tidemark::model::testing {
namespace {

constexpr char kStandby[] = "db-a/standby-1";
constexpr char kReset[] = "D1_ERROR: Internal error in D1 DB storage caused object to be reset.";

ClusterOptions with_history() {
  ClusterOptions options = two_replicas();
  options.relay.cold_retention = 60_s;
  options.relay.segment_period = 1_s;
  return options;
}

class RestoreStory : public ::testing::Test {
 protected:
  explicit RestoreStory(ClusterOptions options = with_history()) : story(std::move(options)) {}

  Cluster& cluster() { return story.cluster; }
  std::uint32_t id(const std::string& name) { return cluster().find(name)->process; }
  HostNode& host() { return *cluster().host(cluster().primary_host(0)); }

  using Response = boost::intrusive_ptr<RestoreResponse>;
  static boost::intrusive_ptr<RestoreRequest> to(const Bookmark& target) {
    boost::intrusive_ptr<RestoreRequest> request(new RestoreRequest);
    request->bookmark = target;
    return request;
  }
  void start(Response& answer, boost::intrusive_ptr<const RestoreRequest> request) {
    cluster().process(cluster().primary_host(0)).spawn(ask(&host(), std::move(request), answer));
  }
  Response restore(boost::intrusive_ptr<const RestoreRequest> request) {
    Response answer;
    start(answer, std::move(request));
    for (int i = 0; i < 30'000 && answer == nullptr; ++i) cluster().run(1_ms);
    EXPECT_NE(answer, nullptr);
    return answer;
  }
  Response restore(const Bookmark& target) { return restore(to(target)); }

  /// A write that must go well; its bookmark.
  Bookmark write(const std::string& sql, const std::string& node = kPrimary) {
    const Story::Answer answer = story.ask(node, sql, {});
    EXPECT_TRUE(answer != nullptr && answer->success) << (answer == nullptr ? "no answer" : answer->error);
    return answer->bookmark.bookmark();
  }
  /// The quantities in the table, in order.
  std::vector<std::int64_t> quantities(const std::string& node, SessionToken token = {}) {
    const Story::Answer answer = story.ask(node, kSelect, std::move(token));
    std::vector<std::int64_t> result;
    EXPECT_TRUE(answer != nullptr && answer->success) << (answer == nullptr ? "no answer" : answer->error);
    if (answer == nullptr || !answer->success) return result;
    for (std::uint32_t row = 0; row < answer->results.at(0).rows->rows(); ++row)
      result.push_back(answer->results.at(0).rows->row(row)[0].integer);
    return result;
  }
  static std::string insert(int quantity) {
    return "INSERT INTO Orders VALUES ('c1', 'o" + std::to_string(quantity) + "', " + std::to_string(quantity) + ")";
  }

  Story story;

 private:
  static sim::Task<void> ask(HostNode* host, boost::intrusive_ptr<const RestoreRequest> request, Response& answer) {
    answer = co_await host->restore(std::move(request));
  }
};

using Rows = std::vector<std::int64_t>;

TEST_F(RestoreStory, BringsBackTheStateForEverybodyAndTheUndoBookmarkTheOneBefore) {
  const Bookmark one = write(insert(1));
  const Bookmark two = write(insert(2));
  const Response back = restore(one);
  ASSERT_TRUE(back->success) << back->error;
  EXPECT_EQ(back->target, one);
  EXPECT_EQ(back->undo, two);
  EXPECT_GT(back->restored, two);
  const SessionToken after = SessionToken::of(back->restored);
  EXPECT_EQ(quantities(kPrimary), Rows{1});
  EXPECT_EQ(quantities(kSydney, after), Rows{1});
  EXPECT_TRUE(host().serving());
  write(insert(3));
  const Response undone = restore(back->undo);
  ASSERT_TRUE(undone->success) << undone->error;
  EXPECT_EQ(quantities(kPrimary), (Rows{1, 2}));
  EXPECT_EQ(quantities(kFrankfurt, SessionToken::of(undone->restored)), (Rows{1, 2}));
}

TEST_F(RestoreStory, ASessionWithALaterBookmarkGoesOnAndSeesTheRestoredState) {
  const Bookmark one = write(insert(1));
  const Bookmark two = write(insert(2));
  const Response back = restore(one);
  ASSERT_TRUE(back->success) << back->error;
  cluster().run(2_s);
  // Its bookmark is on the log, before the restore: no copy waits, none refuses.
  EXPECT_EQ(quantities(kSydney, SessionToken::of(two)), Rows{1});
  const Story::Answer more = story.ask(kSydney, insert(4), SessionToken::of(two));
  ASSERT_TRUE(more != nullptr && more->success);
  EXPECT_GT(more->bookmark.bookmark(), back->restored);
  EXPECT_EQ(quantities(kSydney, more->bookmark), (Rows{1, 4}));
}

TEST_F(RestoreStory, FindsTheStateOfATime) {
  const Bookmark one = write(insert(1));
  cluster().run(5_s);
  const sim::Instant then = cluster().scheduler().now();
  cluster().run(5_s);
  write(insert(2));
  boost::intrusive_ptr<RestoreRequest> request(new RestoreRequest);
  request->by_time = true;
  request->time = then;
  request->only_ask = true;
  const Response asked = restore(request);
  ASSERT_TRUE(asked->success) << asked->error;
  EXPECT_EQ(asked->target, one);
  EXPECT_EQ(quantities(kPrimary), (Rows{1, 2})) << "only asked";
  boost::intrusive_ptr<RestoreRequest> again(new RestoreRequest);
  again->by_time = true;
  again->time = then;
  ASSERT_TRUE(restore(again)->success);
  EXPECT_EQ(quantities(kPrimary), Rows{1});
}

TEST_F(RestoreStory, RefusesWhatIsNotThereAndGoesOnServing) {
  write(insert(1));
  const Bookmark newest = write(insert(2));
  Bookmark foreign = newest;
  foreign.digest.low ^= 1;
  Bookmark future = newest;
  future.sequence += 100;
  cluster().run(3_s);
  const auto error_of = [&](boost::intrusive_ptr<RestoreRequest> request) {
    const Response refused = restore(std::move(request));
    EXPECT_FALSE(refused->success);
    EXPECT_FALSE(refused->outcome_unknown);
    EXPECT_TRUE(host().serving());
    return refused->error;
  };
  EXPECT_NE(error_of(to(foreign)).find("is not known yet"), std::string::npos);
  write(insert(3));
  EXPECT_NE(error_of(to(foreign)).find("is not on the log of this database"), std::string::npos);
  EXPECT_NE(error_of(to(future)).find("is not known yet"), std::string::npos);
  boost::intrusive_ptr<RestoreRequest> late(new RestoreRequest);
  late->by_time = true;
  late->time = cluster().scheduler().now() + 1_s;
  EXPECT_NE(error_of(late).find("in the future"), std::string::npos);
  boost::intrusive_ptr<RestoreRequest> old(new RestoreRequest);
  old->by_time = true;
  old->time = cluster().scheduler().now() - 61_s;
  EXPECT_NE(error_of(old).find("ago, for which history is kept"), std::string::npos);
  EXPECT_EQ(quantities(kPrimary), (Rows{1, 2, 3})) << "no restore, no entry, no interruption";
}

TEST_F(RestoreStory, WhatIsOlderThanTheRetentionIsGone) {
  const Bookmark one = write(insert(1));
  for (int i = 0; i < 200; ++i) {
    write("UPDATE Orders SET quantity = quantity + 1");
    cluster().run(1_s);
  }
  const Response refused = restore(one);
  EXPECT_FALSE(refused->success);
  EXPECT_NE(refused->error.find("before the oldest state that is kept"), std::string::npos) << refused->error;
}

TEST_F(RestoreStory, QueriesInFlightAreCancelledAndNewOnesWaitAtTheDoor) {
  const Bookmark one = write(insert(1));
  cluster().run(3_s);
  std::map<int, Story::Pending> pending;
  Response back;
  // Requests arrive all the time, through a replica, and so through the door of the host.
  int sent = 0;
  std::set<LeaderPhase> phases;
  while (back == nullptr && sent < 5000) {
    if (sent == 100) start(back, to(one));
    story.start(pending[100 + sent], kFrankfurt, insert(100 + sent), {});
    ++sent;
    for (int i = 0; i < 100; ++i) {
      phases.insert(host().phase());
      cluster().run(10_us);
    }
  }
  cluster().run(5_s);
  ASSERT_TRUE(back != nullptr && back->success);
  EXPECT_TRUE(phases.contains(LeaderPhase::kRestoring));
  int cancelled = 0, after = 0;
  Rows kept{1};
  for (const auto& [quantity, request] : pending) {
    ASSERT_NE(request.answer, nullptr) << quantity;
    if (!request.answer->success) {
      EXPECT_EQ(request.answer->error, kReset);
      EXPECT_TRUE(request.answer->retryable);
      ++cancelled;
      continue;
    }
    EXPECT_NE(request.answer->bookmark.bookmark(), back->restored);
    if (request.answer->bookmark.bookmark() < back->restored) continue;
    ++after;
    kept.push_back(quantity);
  }
  EXPECT_GT(cancelled, 0);
  EXPECT_GT(after, 0) << "those that waited at the door were served afterwards";
  Rows now = quantities(kPrimary);
  std::sort(now.begin(), now.end());
  EXPECT_EQ(now, kept);
}

TEST_F(RestoreStory, OneRestoreAtATime) {
  const Bookmark one = write(insert(1));
  write(insert(2));
  Response first, second;
  start(first, to(one));
  start(second, to(one));
  cluster().run(10_s);
  ASSERT_TRUE(first != nullptr && second != nullptr);
  EXPECT_TRUE(first->success) << first->error;
  EXPECT_FALSE(second->success);
  EXPECT_NE(second->error.find("another restore"), std::string::npos);
}

/// The number in page 1 by which SQLite knows a schema is the same on both branches.
TEST_F(RestoreStory, ReadersForgetTheSchemaOfTheAbandonedFuture) {
  const Bookmark before = write(insert(1));
  write("CREATE TABLE First (a); INSERT INTO First VALUES (7)");
  const Bookmark first = write("INSERT INTO First VALUES (8)");
  const Story::Answer seen = story.ask(kFrankfurt, "SELECT a FROM First", SessionToken::of(first));
  ASSERT_TRUE(seen != nullptr && seen->success);
  const Response back = restore(before);
  ASSERT_TRUE(back->success);
  write("CREATE TABLE Second (b); INSERT INTO Second VALUES (9)");
  const Bookmark second = write("INSERT INTO Second VALUES (10)");
  const Story::Answer gone = story.ask(kFrankfurt, "SELECT a FROM First", SessionToken::of(second));
  ASSERT_NE(gone, nullptr);
  EXPECT_FALSE(gone->success);
  EXPECT_NE(gone->error.find("no such table: First"), std::string::npos) << gone->error;
  const Story::Answer there = story.ask(kFrankfurt, "SELECT b FROM Second", SessionToken::of(second));
  ASSERT_TRUE(there != nullptr && there->success) << there->error;
  EXPECT_EQ(there->results.at(0).rows->rows(), 2U);
}

TEST_F(RestoreStory, ARestoredDatabaseMovesToAnotherHost) {
  const Bookmark one = write(insert(1));
  write(insert(2));
  ASSERT_TRUE(restore(one)->success);
  cluster().process(id(kPrimary)).crash();
  const auto serves = [&] { return cluster().host(id(kStandby))->serving(); };
  for (int i = 0; i < 6000 && !serves(); ++i) cluster().run(10_ms);
  ASSERT_TRUE(serves());
  cluster().run(1_s);
  EXPECT_EQ(quantities(cluster().process(id(kStandby)).name()), Rows{1});
  const Response undone = restore(one);
  EXPECT_TRUE(undone->success) << "bookmarks of the epoch before are still on the log: " << undone->error;
}

TEST_F(RestoreStory, WithoutAQuorumItEndsWithAnUnknownOutcome) {
  const Bookmark one = write(insert(1));
  write(insert(2));
  cluster().run(3_s);
  for (int follower = 1; follower <= 3; ++follower)
    cluster().process(id("db-a/follower-" + std::to_string(follower))).pause();
  Response back;
  start(back, to(one));
  const std::uint32_t epoch = host().epoch();
  for (int i = 0; i < 60'000 && back == nullptr; ++i) cluster().run(1_ms);
  ASSERT_NE(back, nullptr);
  EXPECT_FALSE(back->success);
  EXPECT_TRUE(back->outcome_unknown);
  for (int follower = 1; follower <= 3; ++follower)
    cluster().process(id("db-a/follower-" + std::to_string(follower))).resume();
  const auto serves = [&] {
    HostNode* const now = cluster().host(cluster().primary_host(0));
    return now != nullptr && now->serving() && now->epoch() > epoch;
  };
  for (int i = 0; i < 6000 && !serves(); ++i) cluster().run(10_ms);
  ASSERT_TRUE(serves());
  const Rows now = quantities(cluster().process(cluster().primary_host(0)).name());
  EXPECT_TRUE(now == Rows{1} || now == (Rows{1, 2}));
}

TEST_F(RestoreStory, IsAskedForOverTheNetwork) {
  const Bookmark one = write(insert(1));
  write(insert(2));
  class Idle final : public sim::Program {};
  sim::Process administrator(cluster().scheduler(), static_cast<std::uint32_t>(cluster().nodes().size() + 1), "admin");
  sim::Transport& transport = cluster().network().attach(administrator, cluster().sites().at("IAD"));
  administrator.set_factory([](sim::Process&) { return std::make_unique<Idle>(); });
  administrator.start();
  sim::PayloadRef answer;
  {
    RpcClient client(administrator, transport, cluster().primary_host(0));
    struct Caller {
      static sim::Task<void> call(RpcClient* client, Bookmark target, sim::PayloadRef* answer) {
        boost::intrusive_ptr<RestoreRequest> request(new RestoreRequest);
        request->id = client->next_id();
        request->bookmark = target;
        const std::uint64_t number = request->id;
        const RpcAnswer reply = co_await client->call(number, std::move(request));
        *answer = reply.message;
      }
    };
    administrator.spawn(Caller::call(&client, one, &answer));
    for (int i = 0; i < 10'000 && answer == nullptr; ++i) cluster().run(1_ms);
  }
  ASSERT_NE(answer, nullptr);
  const auto& restored = static_cast<const RestoreResponse&>(*answer);
  EXPECT_TRUE(restored.success) << restored.error;
  EXPECT_EQ(quantities(kPrimary), Rows{1});
  administrator.crash();
}

}  // namespace
}  // namespace tidemark::model::testing
