// States of an application's database: made again from the log, asked, and held against who was answered from them.
#include "scenarios/run/served_states.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <map>
#include <memory>

#include "scenarios/run/log_images.h"
#include "scenarios/run/memory_vfs.h"

namespace tidemark::scenarios {
namespace {

using model::Bookmark;
using model::Entry;
using model::EntryRef;

constexpr std::uint32_t kPageSize = 4096;

/// A database in memory, and what its transactions make of its pages.
class Writer {
 public:
  Writer() {
    EXPECT_EQ(sqlite3_open_v2(MemoryVfs::kFile, &handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs_.name()), 0);
  }
  ~Writer() { sqlite3_close(handle_); }

  /// Pages that differ from those before, and the size.
  model::CommittedTransaction run(const std::string& sql) {
    char* error = nullptr;
    EXPECT_EQ(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK) << error;
    const std::vector<std::byte>& file = vfs_.database();
    model::CommittedTransaction transaction;
    transaction.database_pages = static_cast<std::uint32_t>(file.size() / kPageSize);
    for (std::uint32_t page = 1; page <= transaction.database_pages; ++page) {
      const auto bytes = std::span(file).subspan((page - 1) * kPageSize, kPageSize);
      std::vector<std::byte>& known = known_[page];
      if (std::equal(bytes.begin(), bytes.end(), known.begin(), known.end())) continue;
      known.assign(bytes.begin(), bytes.end());
      transaction.frames.push_back({page, sim::Buffer::copy(bytes)});
    }
    return transaction;
  }

 private:
  MemoryVfs vfs_{{}, {}};
  sqlite3* handle_ = nullptr;
  std::map<std::uint32_t, std::vector<std::byte>> known_;
};

/// An entry that changes nothing: page 1 as it was, as a new leader begins.
model::CommittedTransaction nothing(const Entry& like, std::uint32_t pages) {
  return {{like.frames().front()}, pages};
}

EntryRef next(const Bookmark& previous, std::uint32_t epoch, model::CommittedTransaction transaction) {
  return Entry::make(previous, epoch, 20'000, std::move(transaction), sim::Instant::from_ns(1'000'000'000));
}

const std::vector<model::Assertion> kTotal = {
    {"total", "SELECT sum(n) AS total FROM t HAVING total <> 10", "the total is {total}, not 10"}};

const sim::Instant kMade = sim::Instant::from_ns(2'250'000'000);

model::ResponseTruth answer(const Bookmark& state) {
  model::ResponseTruth response;
  response.session = 9;
  response.state = state;
  response.sent = sim::Instant::from_ns(2'500'000'000);
  response.sql = "SELECT n FROM t";
  return response;
}

TEST(LogImages, GiveTheStateAfterEachEntry) {
  Writer writer;
  StateQueries queries(kTotal, kPageSize);
  LogImages images;
  const EntryRef schema =
      next({}, 1, writer.run("CREATE TABLE t (id INTEGER PRIMARY KEY, n); INSERT INTO t VALUES (1, 4), (2, 6)"));
  const PageList* state = images.add(*schema);
  ASSERT_NE(state, nullptr);
  EXPECT_TRUE(queries.judge(*state).empty());
  const EntryRef wrong = next(schema->bookmark(), 1, writer.run("UPDATE t SET n = 5 WHERE id = 1"));
  state = images.add(*wrong);
  ASSERT_NE(state, nullptr);
  ASSERT_EQ(queries.judge(*state).size(), 1U) << "the open connection sees the new pages";
  EXPECT_EQ(queries.judge(*state)[0].text, "the total is 11, not 10. Rows that break it: (total = 11)");
}

TEST(LogImages, ALeaderGoesOnFromAnOlderEntry) {
  Writer writer;
  StateQueries queries(kTotal, kPageSize);
  LogImages images;
  const EntryRef schema =
      next({}, 1, writer.run("CREATE TABLE t (id INTEGER PRIMARY KEY, n); INSERT INTO t VALUES (1, 4), (2, 6)"));
  images.add(*schema);
  // Never confirmed: a table more, and a wrong total.
  const EntryRef first = next(schema->bookmark(), 1, writer.run("CREATE TABLE u (x); UPDATE t SET n = 5 WHERE id = 1"));
  images.add(*first);
  const EntryRef second = next(first->bookmark(), 1, writer.run("UPDATE t SET n = 7 WHERE id = 1"));
  images.add(*second);
  const EntryRef begins = next(schema->bookmark(), 2, nothing(*schema, 2));
  const PageList* state = images.add(*begins);
  ASSERT_NE(state, nullptr);
  EXPECT_EQ(state->size(), 2U);
  EXPECT_TRUE(queries.judge(*state).empty()) << "the state of the schema";
  // The old leader does not know yet.
  const EntryRef zombie = next(second->bookmark(), 1, nothing(*first, 3));
  state = images.add(*zombie);
  ASSERT_NE(state, nullptr);
  EXPECT_EQ(queries.judge(*state).size(), 1U);
}

TEST(LogImages, DoNotGuessWhatTheyDoNotKnow) {
  LogImages images;
  Writer writer;
  const EntryRef orphan = next({3, 7, 20'000, {}}, 3, writer.run("CREATE TABLE t (n)"));
  EXPECT_EQ(images.add(*orphan), nullptr);
}

TEST(ServedStates, AStateIsHeldAgainstWhoWasAnsweredFromIt) {
  Writer writer;
  ServedStates states(kTotal, kPageSize);
  const EntryRef schema =
      next({}, 1, writer.run("CREATE TABLE t (id INTEGER PRIMARY KEY, n); INSERT INTO t VALUES (1, 4), (2, 6)"));
  const EntryRef wrong = next(schema->bookmark(), 1, writer.run("UPDATE t SET n = 5 WHERE id = 1"));
  const EntryRef mended = next(wrong->bookmark(), 1, writer.run("UPDATE t SET n = 5 WHERE id = 2"));
  for (const EntryRef& entry : {schema, wrong, mended}) states.on_commit(*entry, kMade);
  states.on_created(wrong->bookmark(), "session 4's move(1)");
  states.on_response(answer(schema->bookmark()), "session 9's look()", "main/replica-FRA");
  states.on_response(answer(mended->bookmark()), "session 9's look()", "main/replica-FRA");
  EXPECT_FALSE(states.violated()) << "nobody has seen it";
  EXPECT_EQ(states.verdicts()[0].observations, 2U);
  states.on_response(answer(wrong->bookmark()), "session 9's look()", "main/replica-FRA");
  EXPECT_TRUE(states.violated());
  const checkers::Verdict verdict = states.verdicts()[0];
  EXPECT_EQ(verdict.name, "total");
  EXPECT_EQ(verdict.at_ns, 2'500'000'000);
  // The leader's clock says otherwise.
  const std::vector<std::string> parts = {"made at 2.250000 s",     "the total is 11, not 10", "(total = 11)",
                                          wrong->bookmark().text(), "session 4's move(1)",     "session 9's look()",
                                          "main/replica-FRA",       "SELECT n FROM t"};
  for (const std::string& part : parts)
    EXPECT_NE(verdict.witness.find(part), std::string::npos) << part << " in " << verdict.witness;
}

TEST(ServedStates, WhatCannotBeAskedIsUnknown) {
  Writer writer;
  ServedStates states(
      {{"endless", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n", ""}},
      kPageSize);
  const EntryRef schema = next({}, 1, writer.run("CREATE TABLE t (id INTEGER PRIMARY KEY, n)"));
  const EntryRef orphan = next({3, 7, 20'000, {}}, 3, nothing(*schema, 2));
  states.on_commit(*schema, kMade);
  states.on_response(answer(schema->bookmark()), "session 9", "main/primary");
  EXPECT_FALSE(states.violated());
  EXPECT_EQ(states.verdicts()[0].validity, checkers::Validity::kUnknown);
  EXPECT_NE(states.verdicts()[0].witness.find("too long"), std::string::npos);

  ServedStates others(kTotal, kPageSize);
  others.on_commit(*orphan, kMade);
  others.on_response(answer(orphan->bookmark()), "session 9", "main/primary");
  EXPECT_EQ(others.verdicts()[0].validity, checkers::Validity::kUnknown) << "a state that nobody can make again";
}

}  // namespace
}  // namespace tidemark::scenarios
