#include "sim/disk/object_store_faults.h"

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
  ObjectStatus status = ObjectStatus::kOk;
  std::string text;
  std::vector<std::string> keys;
  bool truncated = false;
  Instant when;
  bool came = false;
};

/// Round trip 10 ms, GET 30 ms, PUT 70 ms, LIST 20 ms, DELETE 10 ms, 1 us a byte.
class StoreFaultsTest : public StorageFixture {
 protected:
  void done(Answer& answer, ObjectStatus status) {
    answer.status = status;
    answer.when = scheduler.now();
    answer.came = true;
  }
  static Task<void> run_put(StoreFaultsTest& test, ObjectStore& client, std::string key, ObjectBody body, bool absent,
                            Answer& answer) {
    ObjectStatus status = ObjectStatus::kOk;
    if (absent) {
      status = co_await client.put_if_absent(std::move(key), std::move(body));
    } else {
      status = co_await client.put(std::move(key), std::move(body));
    }
    test.done(answer, status);
  }
  static Task<void> run_get(StoreFaultsTest& test, ObjectStore& client, std::string key, Answer& answer) {
    const GetResult result = co_await client.get(std::move(key));
    answer.text = text_of(result.body);
    test.done(answer, result.status);
  }
  static Task<void> run_list(StoreFaultsTest& test, ObjectStore& client, std::string prefix, Answer& answer) {
    const ListResult result = co_await client.list(std::move(prefix));
    answer.keys = result.keys;
    test.done(answer, result.status);
  }
  static Task<void> run_page(StoreFaultsTest& test, ObjectStore& client, std::string prefix, std::string after,
                             std::size_t limit, Answer& answer) {
    const ListResult result = co_await client.list_page(std::move(prefix), std::move(after), limit);
    answer.keys = result.keys;
    answer.truncated = result.truncated;
    test.done(answer, result.status);
  }
  static Task<void> run_remove(StoreFaultsTest& test, ObjectStore& client, std::string key, Answer& answer) {
    const ObjectStatus status = co_await client.remove(std::move(key));
    test.done(answer, status);
  }

  void put(std::string key, std::string_view text, Answer& answer) {
    process.spawn(run_put(*this, client, std::move(key), body_of(text), false, answer));
  }
  void put_if_absent(std::string key, std::string_view text, Answer& answer) {
    process.spawn(run_put(*this, client, std::move(key), body_of(text), true, answer));
  }
  void get(std::string key, Answer& answer) { process.spawn(run_get(*this, client, std::move(key), answer)); }
  void list(std::string prefix, Answer& answer) { process.spawn(run_list(*this, client, std::move(prefix), answer)); }
  void remove(std::string key, Answer& answer) { process.spawn(run_remove(*this, client, std::move(key), answer)); }
  void wait(Duration duration) { run_to(scheduler.now().since_start() + duration); }
  Duration now() const { return scheduler.now().since_start(); }
  std::string stored(std::string_view key) const {
    const ObjectBody* body = store.peek(key);
    return body == nullptr ? "(none)" : text_of(*body);
  }
  void put_now(std::string key, std::string_view text) {
    Answer answer;
    put(std::move(key), text, answer);
    wait(1_s);
    ASSERT_TRUE(answer.came);
  }

  RandomStream& random = streams.stream("nemesis", "test");
  SimObjectStore store{scheduler, streams, fixed_store()};
  ObjectStore& client = store.client(process, 10_ms);
};

TEST_F(StoreFaultsTest, SlowStoreTakesLongerAndOnlyForItsOperations) {
  const StoreFaultId slow = store.inject(SlowStore{kStorePut, 2000, 5_ms}, random);
  Answer put_answer;
  Answer get_answer;
  put("k", "12345", put_answer);
  get("none", get_answer);
  run_to(10_s);
  EXPECT_EQ(put_answer.when, at(10_ms + 140_ms + 10_us + 5_ms));
  EXPECT_EQ(get_answer.when, at(40_ms));
  EXPECT_EQ(store.effects(slow), 1U);
}

TEST_F(StoreFaultsTest, ThrottledRequestIsRefusedAfterARoundTripAndHasNoEffect) {
  const StoreFaultId fault = store.inject(ThrottledStore{}, random);
  Answer put_answer;
  Answer list_answer;
  put("k", "x", put_answer);
  list("", list_answer);
  run_to(10_s);
  EXPECT_EQ(put_answer.status, ObjectStatus::kThrottled);
  EXPECT_EQ(list_answer.status, ObjectStatus::kThrottled);
  EXPECT_EQ(put_answer.when, at(10_ms));
  EXPECT_EQ(stored("k"), "(none)");
  EXPECT_EQ(store.effects(fault), 2U);
  EXPECT_EQ(store.pending(), 0U);
}

TEST_F(StoreFaultsTest, OutageOfOneProcessLeavesTheOthersAlone) {
  Process other(scheduler, 2, "leader-1");
  other.set_factory([](Process&) { return std::make_unique<Program>(); });
  other.start();
  ObjectStore& other_client = store.client(other, 10_ms);
  const StoreFaultId cut = store.inject(StoreOutage{3_s}, random, {process.id(), ""});
  Answer mine;
  Answer theirs;
  put("mine", "m", mine);
  other.spawn(run_put(*this, other_client, "theirs", body_of("t"), false, theirs));
  run_to(10_s);
  EXPECT_EQ(mine.status, ObjectStatus::kTimeout);
  EXPECT_EQ(mine.when, at(3_s));
  EXPECT_EQ(stored("mine"), "(none)");
  EXPECT_EQ(theirs.status, ObjectStatus::kOk);
  store.end(cut);
  EXPECT_FALSE(store.active(cut));
  put("mine", "m", mine);
  wait(1_s);
  EXPECT_EQ(mine.status, ObjectStatus::kOk);
}

TEST_F(StoreFaultsTest, OutageLosesTheAnswerOfARequestThatIsOnItsWay) {
  Answer answer;
  put("k", "x", answer);
  run_to(20_ms);
  const StoreFaultId cut = store.inject(StoreOutage{3_s}, random);
  run_to(10_s);
  EXPECT_EQ(stored("k"), "x");
  EXPECT_EQ(answer.status, ObjectStatus::kTimeout);
  EXPECT_EQ(answer.when, at(3_s));
  EXPECT_EQ(store.effects(cut), 1U);
}

TEST_F(StoreFaultsTest, AmbiguousPutIsStoredThoughItsCallerSeesAnErrorOrTimeout) {
  const StoreFaultId error = store.inject(AmbiguousPut{kAlways, ObjectStatus::kError}, random);
  Answer answer;
  put("k", "x", answer);
  run_to(1_s);
  EXPECT_EQ(answer.status, ObjectStatus::kError);
  EXPECT_EQ(answer.when, at(80_ms + 1_us));
  EXPECT_EQ(stored("k"), "x");
  EXPECT_EQ(store.effects(error), 1U);
  store.end(error);
  store.inject(AmbiguousPut{kAlways, ObjectStatus::kTimeout, 5_s}, random);
  put("l", "y", answer);
  run_to(2_s);
  EXPECT_EQ(stored("l"), "y");
  run_to(6_s);
  EXPECT_EQ(answer.status, ObjectStatus::kTimeout);
  EXPECT_EQ(answer.when, at(6_s));
}

TEST_F(StoreFaultsTest, LatePutOverwritesANewerOneAndUndoesADelete) {
  const StoreFaultId late = store.inject(AmbiguousPut{kAlways, ObjectStatus::kTimeout, 1_s, 20_s, 20_s}, random);
  Answer answer;
  Answer removed;
  put("k", "old", answer);
  put("d", "old", answer);
  run_to(2_s);
  EXPECT_EQ(answer.status, ObjectStatus::kTimeout);
  store.end(late);
  put("k", "new", answer);
  remove("d", removed);
  run_to(3_s);
  EXPECT_EQ(stored("k"), "new");
  process.crash();  // it is on its way all the same
  run_to(30_s);
  EXPECT_EQ(stored("k"), "old");
  EXPECT_EQ(stored("d"), "old");
  EXPECT_EQ(store.pending(), 0U);
}

TEST_F(StoreFaultsTest, StaleListOmitsNewObjectsAndShowsDeletedOnes) {
  put_now("a", "");
  const StoreFaultId stale = store.inject(StaleList{kAlways, 10_s}, random);
  put_now("b", "");
  Answer removed;
  remove("a", removed);
  wait(1_s);
  put_now("a", "again");
  remove("a", removed);
  wait(1_s);
  Answer answer;
  list("", answer);
  wait(1_s);
  EXPECT_EQ(answer.keys, std::vector<std::string>{"a"});
  EXPECT_EQ(store.effects(stale), 1U);
  wait(20_s);
  list("", answer);
  wait(1_s);
  EXPECT_EQ(answer.keys, std::vector<std::string>{"b"});
  EXPECT_EQ(store.effects(stale), 1U);
}

TEST_F(StoreFaultsTest, ListPagesContinueAfterTheLastKeyAndAreNotAtomic) {
  for (const char* key : {"db/1", "db/2", "db/3", "db/4", "db10/1"}) put_now(key, "");
  Answer answer;
  process.spawn(run_page(*this, client, "db/", "", 3, answer));
  wait(1_s);
  EXPECT_EQ(answer.keys, (std::vector<std::string>{"db/1", "db/2", "db/3"}));
  EXPECT_TRUE(answer.truncated);
  process.spawn(run_page(*this, client, "db/", "db/3", 3, answer));
  wait(1_s);
  EXPECT_EQ(answer.keys, std::vector<std::string>{"db/4"});
  EXPECT_FALSE(answer.truncated);

  const StoreFaultId pages = store.inject(SmallPages{2}, random);
  const Duration begin = now();
  list("db", answer);  // the pages are read after 25, 55 and 85 ms
  Answer added;
  put("db/5", "", added);  // after 75 ms
  run_to(begin + 20_ms);
  Answer removed;
  remove("db/1", removed);  // after 35 ms
  run_to(begin + 10_s);
  EXPECT_EQ(answer.keys, (std::vector<std::string>{"db/1", "db/2", "db/3", "db/4", "db/5", "db10/1"}));
  EXPECT_EQ(store.effects(pages), 3U);
}

TEST_F(StoreFaultsTest, ListOfMoreThanAPageTakesSeveralRequests) {
  ObjectStoreOptions options = fixed_store();
  options.list_page_keys = 2;
  SimObjectStore small(scheduler, streams, options);
  ObjectStore& view = small.client(process, 10_ms);
  Answer ignored;
  for (const char* key : {"1", "2", "3", "4", "5"}) {
    process.spawn(run_put(*this, view, key, body_of(""), false, ignored));
  }
  wait(1_s);
  Answer answer;
  process.spawn(run_list(*this, view, "", answer));
  wait(1_s);
  EXPECT_EQ(answer.keys.size(), 5U);
  EXPECT_EQ(small.statistics().lists, 3U);
  EXPECT_EQ(answer.when, at(1_s + 90_ms));
}

TEST_F(StoreFaultsTest, TruncatedAndCorruptBodiesComeWithoutAnErrorAndLeaveTheObjectGood) {
  const std::string content(1000, 'x');
  put_now("k", content);
  const StoreFaultId cut = store.inject(TruncatedBody{}, random);
  Answer answer;
  get("k", answer);
  wait(1_s);
  EXPECT_EQ(answer.status, ObjectStatus::kOk);
  EXPECT_LT(answer.text.size(), 1000U);
  EXPECT_EQ(answer.text, content.substr(0, answer.text.size()));
  EXPECT_EQ(store.effects(cut), 1U);
  store.end(cut);
  const StoreFaultId flip = store.inject(CorruptBody{}, random);
  get("k", answer);
  wait(1_s);
  EXPECT_EQ(answer.text.size(), 1000U);
  EXPECT_NE(answer.text, content);
  EXPECT_EQ(stored("k"), content);
  get("none", answer);
  wait(1_s);
  EXPECT_EQ(store.effects(flip), 1U);
}

TEST_F(StoreFaultsTest, StoredObjectsCanBeDamagedForGood) {
  const BufferRef page = Buffer::copy(bytes_of(std::string(100, 'x')));
  Answer answer;
  process.spawn(run_put(*this, client, "k", {{page, page}}, false, answer));
  wait(1_s);
  EXPECT_TRUE(store.corrupt_object("k", random));
  EXPECT_NE(stored("k"), std::string(200, 'x'));
  EXPECT_EQ(page->bytes()[0], std::byte{'x'});
  EXPECT_TRUE(store.truncate_object("k", random));
  EXPECT_LT(stored("k").size(), 200U);
  EXPECT_EQ(store.statistics().bytes, stored("k").size());
  EXPECT_FALSE(store.corrupt_object("none", random));
}

TEST_F(StoreFaultsTest, PartialUploadLeavesNoObject) {
  PartialUpload fault;
  fault.part_bytes = 10;
  fault.answer = ObjectStatus::kError;
  const StoreFaultId partial = store.inject(fault, random);
  Answer large;
  Answer small;
  put("large", "12345678901", large);
  put("small", "1234567890", small);
  run_to(1_s);
  EXPECT_EQ(large.status, ObjectStatus::kError);
  EXPECT_EQ(stored("large"), "(none)");
  EXPECT_EQ(stored("small"), "1234567890");
  EXPECT_EQ(store.effects(partial), 1U);
  store.end(partial);
  put("crash", "12345678901", large);
  store.inject(fault, random);
  process.crash();
  run_to(2_s);
  EXPECT_EQ(stored("crash"), "(none)");
  EXPECT_EQ(store.pending(), 0U);
}

TEST_F(StoreFaultsTest, LateRemoveDeletesWhatWasCreatedAgain) {
  put_now("k", "first");
  const StoreFaultId late = store.inject(LateRemove{kAlways, ObjectStatus::kOk, 10_s, 5_s, 5_s}, random);
  Answer removed;
  remove("k", removed);
  wait(1_s);
  EXPECT_EQ(removed.status, ObjectStatus::kOk);
  EXPECT_EQ(stored("k"), "first");
  put_now("k", "second");
  EXPECT_EQ(stored("k"), "second");
  wait(10_s);
  EXPECT_EQ(stored("k"), "(none)");
  EXPECT_EQ(store.effects(late), 1U);
}

TEST_F(StoreFaultsTest, ExactlyOneConditionalPutWins) {
  Answer first;
  Answer second;
  put_if_absent("k", "1", first);
  put_if_absent("k", "2", second);
  run_to(1_s);
  EXPECT_EQ(first.status, ObjectStatus::kOk);
  EXPECT_EQ(second.status, ObjectStatus::kExists);
  EXPECT_EQ(stored("k"), "1");
}

TEST_F(StoreFaultsTest, ConditionalTimeoutHidesTheOutcomeFromWinnerOrLoser) {
  ConditionalTimeout fault;
  fault.loser = false;
  const StoreFaultId hides = store.inject(fault, random);
  Answer first;
  Answer second;
  put_if_absent("k", "1", first);
  put_if_absent("k", "2", second);
  run_to(20_s);
  EXPECT_EQ(first.status, ObjectStatus::kTimeout);
  EXPECT_EQ(first.when, at(10_s));
  EXPECT_EQ(second.status, ObjectStatus::kExists);
  EXPECT_EQ(stored("k"), "1");
  EXPECT_EQ(store.effects(hides), 1U);
}

TEST_F(StoreFaultsTest, HarshestOutcomeWins) {
  store.inject(AmbiguousPut{}, random);
  store.inject(StoreOutage{2_s}, random);
  store.inject(ThrottledStore{}, random);
  Answer answer;
  put("k", "x", answer);
  run_to(20_s);
  EXPECT_EQ(answer.status, ObjectStatus::kTimeout);
  EXPECT_EQ(answer.when, at(2_s));
  EXPECT_EQ(stored("k"), "(none)");
}

TEST_F(StoreFaultsTest, CallerThatCrashesBeforeItsTimeoutIsForgotten) {
  store.inject(StoreOutage{5_s}, random);
  Answer answer;
  get("k", answer);
  run_to(1_s);
  process.crash();
  EXPECT_EQ(store.pending(), 0U);
  run_to(10_s);
  EXPECT_FALSE(answer.came);
}

TEST_F(StoreFaultsTest, EndedFaultsLeaveNoTrace) {
  store.inject(SlowStore{kStoreAll, 9000, 1_s}, random);
  store.inject(StoreOutage{}, random);
  store.end_all_faults();
  Answer answer;
  get("none", answer);
  run_to(1_s);
  EXPECT_EQ(answer.when, at(40_ms));
  EXPECT_EQ(random.draws(), 0U);
}

}  // namespace
}  // namespace tidemark::sim
