#include "sim/disk/object_store_sim.h"

#include <gtest/gtest.h>

#include "storage_fixture.h"

namespace tidemark::sim {
namespace {

ObjectBody body_of(std::string_view text) {
  return {{Buffer::copy(bytes_of(text))}};
}

std::string text_of(const ObjectBody& body) {
  std::string text;
  for (const BufferRef& part : body.parts) text.append(reinterpret_cast<const char*>(part->data()), part->size());
  return text;
}

struct Answer {
  ObjectStatus status = ObjectStatus::kError;
  ObjectBody body;
  std::vector<std::string> keys;
  std::vector<Duration> ages;
  Instant when;
  bool came = false;
};

class ObjectStoreTest : public StorageFixture {
 protected:
  static Task<void> put(ObjectStoreTest& test, ObjectStore& client, std::string key, ObjectBody body, Answer& answer) {
    answer.status = co_await client.put(std::move(key), std::move(body));
    answer.when = test.scheduler.now();
    answer.came = true;
  }
  static Task<void> get(ObjectStoreTest& test, ObjectStore& client, std::string key, Answer& answer) {
    GetResult result = co_await client.get(std::move(key));
    answer.status = result.status;
    answer.body = std::move(result.body);
    answer.when = test.scheduler.now();
    answer.came = true;
  }
  static Task<void> list(ObjectStoreTest& test, ObjectStore& client, std::string prefix, Answer& answer) {
    ListResult result = co_await client.list(std::move(prefix));
    answer.status = result.status;
    answer.keys = std::move(result.keys);
    answer.ages = std::move(result.ages);
    answer.when = test.scheduler.now();
    answer.came = true;
  }
  static Task<void> remove(ObjectStoreTest& test, ObjectStore& client, std::string key, Answer& answer) {
    answer.status = co_await client.remove(std::move(key));
    answer.when = test.scheduler.now();
    answer.came = true;
  }
  /// Puts and waits long enough.
  void store_now(std::string key, std::string_view text) {
    Answer answer;
    process.spawn(put(*this, client, std::move(key), body_of(text), answer));
    run_to(scheduler.now().since_start() + 1_s);
    ASSERT_EQ(answer.status, ObjectStatus::kOk);
  }

  SimObjectStore store{scheduler, streams, fixed_store()};
  ObjectStore& client = store.client(process, 10_ms);
};

TEST_F(ObjectStoreTest, PutTakesEffectHalfARoundTripBeforeItsAnswer) {
  Answer answer;
  process.spawn(put(*this, client, "k", body_of("12345"), answer));
  const Duration effect = 5_ms + 70_ms + 5_us;
  run_to(effect - 1_ns);
  EXPECT_EQ(store.peek("k"), nullptr);
  run_to(effect);
  ASSERT_NE(store.peek("k"), nullptr);
  EXPECT_FALSE(answer.came);
  run_to(1_s);
  EXPECT_EQ(answer.status, ObjectStatus::kOk);
  EXPECT_EQ(answer.when, at(effect + 5_ms));
  EXPECT_EQ(text_of(*store.peek("k")), "12345");
  EXPECT_EQ(store.pending(), 0U);
}

TEST_F(ObjectStoreTest, GetCostsRoundTripSampleAndTransferAndSharesTheBuffers) {
  const BufferRef page = Buffer::copy(bytes_of(std::string(4096, 'p')));
  Answer stored;
  process.spawn(put(*this, client, "k", {{page, page}}, stored));
  run_to(1_s);
  Answer answer;
  process.spawn(get(*this, client, "k", answer));
  run_to(2_s);
  EXPECT_EQ(answer.status, ObjectStatus::kOk);
  EXPECT_EQ(answer.when, at(1_s + 10_ms + 30_ms + 8192_us));
  ASSERT_EQ(answer.body.parts.size(), 2U);
  EXPECT_EQ(answer.body.parts[0], page);
}

TEST_F(ObjectStoreTest, GetSeesTheStoreAsItIsAtTheServer) {
  store_now("k", "old");
  Answer answer;
  Answer put_answer;
  process.spawn(put(*this, client, "k", body_of("new"), put_answer));  // takes effect after 75 ms
  run_to(1_s + 39_ms);
  process.spawn(get(*this, client, "k", answer));  // reads at 74 ms
  run_to(2_s);
  EXPECT_EQ(text_of(answer.body), "old");
  process.spawn(get(*this, client, "k", answer));
  run_to(3_s);
  EXPECT_EQ(text_of(answer.body), "new");
}

TEST_F(ObjectStoreTest, MissingObjectIsNotFoundAndRemovingItIsFine) {
  Answer got;
  Answer removed;
  process.spawn(get(*this, client, "none", got));
  process.spawn(remove(*this, client, "none", removed));
  run_to(1_s);
  EXPECT_EQ(got.status, ObjectStatus::kNotFound);
  EXPECT_EQ(got.when, at(40_ms));
  EXPECT_EQ(removed.status, ObjectStatus::kOk);
  EXPECT_EQ(removed.when, at(20_ms));
}

TEST_F(ObjectStoreTest, ListIsSortedAndHasOnlyThePrefix) {
  store_now("db/2", "b");
  store_now("db/10", "a");
  store_now("db", "x");
  store_now("dc/1", "x");
  Answer answer;
  const Duration before = scheduler.now().since_start();
  process.spawn(list(*this, client, "db/", answer));
  run_to(before + 1_s);
  EXPECT_EQ(answer.keys, (std::vector<std::string>{"db/10", "db/2"}));
  EXPECT_EQ(answer.when, at(before + 30_ms));
}

TEST_F(ObjectStoreTest, ListTellsHowLongAgoEachObjectWasStored) {
  store_now("k1", "a");  // takes effect at 75.001 ms
  store_now("k2", "b");
  store_now("k1", "c");
  Answer answer;
  process.spawn(list(*this, client, "k", answer));  // reads at 3.025 s
  run_to(4_s);
  EXPECT_EQ(answer.ages, (std::vector<Duration>{3025_ms - 2075_ms - 1_us, 3025_ms - 1075_ms - 1_us}));
}

TEST_F(ObjectStoreTest, PutOfACallerThatCrashesTakesEffectAndItsAnswerIsDropped) {
  Answer answer;
  process.spawn(put(*this, client, "k", body_of("late"), answer));
  run_to(20_ms);
  process.crash();
  EXPECT_EQ(store.peek("k"), nullptr);
  run_to(1_s);
  ASSERT_NE(store.peek("k"), nullptr);
  EXPECT_EQ(text_of(*store.peek("k")), "late");
  EXPECT_FALSE(answer.came);
  EXPECT_EQ(store.pending(), 0U);
}

TEST_F(ObjectStoreTest, CrashBetweenEffectAndAnswerKeepsTheEffect) {
  Answer answer;
  process.spawn(put(*this, client, "k", body_of(""), answer));
  run_to(77_ms);
  EXPECT_EQ(store.pending(), 1U);
  process.crash();
  EXPECT_EQ(store.pending(), 0U);
  run_to(1_s);
  EXPECT_NE(store.peek("k"), nullptr);
  EXPECT_FALSE(answer.came);
}

TEST_F(ObjectStoreTest, PausedCallerGetsItsAnswerWhenItResumes) {
  Answer answer;
  process.spawn(put(*this, client, "k", body_of(""), answer));
  run_to(20_ms);
  process.pause();
  run_to(500_ms);
  EXPECT_NE(store.peek("k"), nullptr);
  EXPECT_FALSE(answer.came);
  process.resume();
  run_to(1_s);
  EXPECT_EQ(answer.when, at(500_ms));
}

TEST_F(ObjectStoreTest, RequestLeavesWhenTheTaskIsAwaitedNotWhenItIsMade) {
  Task<ObjectStatus> task = client.put("k", body_of("x"));
  EXPECT_EQ(store.pending(), 0U);
  task = {};
  run_to(1_s);
  EXPECT_EQ(store.peek("k"), nullptr);
}

TEST_F(ObjectStoreTest, StatisticsCountObjectsAndBytes) {
  store_now("a", "12345");
  store_now("b", "123");
  store_now("a", "1");
  EXPECT_EQ(store.statistics().objects, 2U);
  EXPECT_EQ(store.statistics().bytes, 4U);
  EXPECT_EQ(store.statistics().puts, 3U);
  Answer answer;
  process.spawn(remove(*this, client, "b", answer));
  run_to(10_s);
  EXPECT_EQ(store.statistics().objects, 1U);
  EXPECT_EQ(store.statistics().bytes, 1U);
  EXPECT_EQ(store.keys(), std::vector<std::string>{"a"});
}

TEST_F(ObjectStoreTest, EachProcessHasItsOwnViewAndItsOwnStreams) {
  Process other(scheduler, 2, "leader-1");
  other.set_factory([](Process&) { return std::make_unique<Program>(); });
  other.start();
  ObjectStore& near = store.client(other, 2_ms);
  EXPECT_NE(&near, &client);
  EXPECT_EQ(&store.client(process, 10_ms), &client);
  Answer mine;
  Answer theirs;
  process.spawn(put(*this, client, "same", body_of("far"), mine));
  other.spawn(put(*this, near, "same", body_of("near"), theirs));
  run_to(1_s);
  EXPECT_LT(theirs.when, mine.when);
  EXPECT_EQ(text_of(*store.peek("same")), "far");  // the later effect wins
}

TEST_F(ObjectStoreTest, StoreThatGoesFirstDropsItsOperations) {
  Answer answer;
  {
    SimObjectStore short_lived(scheduler, streams, fixed_store());
    process.spawn(put(*this, short_lived.client(process, 1_ms), "k", body_of("x"), answer));
    EXPECT_EQ(short_lived.pending(), 1U);
  }
  process.crash();
  run_to(1_s);
  EXPECT_FALSE(answer.came);
}

TEST_F(ObjectStoreTest, DefaultsHaveThePublishedQuantiles) {
  const ObjectStoreOptions options;
  const DurationDistribution put_time = lognormal_or_constant(options.put_median, options.put_sigma);
  EXPECT_NEAR(put_time.quantile(0.99).ms(), 199, 3);
  EXPECT_NEAR(put_time.quantile(0.999).ms(), 281, 5);
  EXPECT_NEAR(lognormal_or_constant(options.get_median, options.get_sigma).quantile(0.99).ms(), 112, 2);
  EXPECT_NEAR(lognormal_or_constant(options.list_median, options.list_sigma).quantile(0.99).ms(), 46, 1);
}

}  // namespace
}  // namespace tidemark::sim
