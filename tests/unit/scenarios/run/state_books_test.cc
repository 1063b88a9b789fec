// Whole states of a database in words, files of SQL that make one, and the dumps and exports of Northwind by them.
#include "scenarios/run/state_books.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "model/apps/northwind/dump.h"
#include "model/apps/northwind/northwind_truths.h"
#include "model/apps/northwind/tables.h"
#include "scenarios/run/memory_vfs.h"

namespace tidemark::scenarios {
namespace {

using model::DatabaseContent;
namespace northwind = model::northwind;

constexpr std::uint32_t kPageSize = 4096;

class Books : public ::testing::Test {
 protected:
  LogImages images;
  StateBooks books{images, kPageSize};
  std::string problem;
};

/// The pages of what the statements make, as an entry.
model::CommittedTransaction pages_of(const std::vector<std::string>& statements,
                                     std::vector<std::string>* shown = nullptr,
                                     const std::vector<std::string>& queries = {}) {
  model::CommittedTransaction transaction;
  MemoryVfs vfs({}, {});
  sqlite3* handle = nullptr;
  EXPECT_EQ(sqlite3_open_v2(MemoryVfs::kFile, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs.name()), 0);
  const auto run = [&](const std::string& sql) {
    char* error = nullptr;
    const auto keep = [](void* into, int, char** values, char**) {
      static_cast<std::vector<std::string>*>(into)->emplace_back(values[0]);
      return 0;
    };
    std::vector<std::string> nowhere;
    EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), keep, shown != nullptr ? shown : &nowhere, &error), SQLITE_OK)
        << error << sql.substr(0, 100);
  };
  run("PRAGMA foreign_keys = on");
  run("BEGIN");
  for (const std::string& sql : statements) run(sql);
  run("COMMIT");
  for (const std::string& sql : queries) run(sql);
  sqlite3_close(handle);
  const std::vector<std::byte>& file = vfs.database();
  transaction.database_pages = static_cast<std::uint32_t>(file.size() / kPageSize);
  for (std::uint32_t page = 1; page <= transaction.database_pages; ++page) {
    const auto bytes = std::span(file).subspan((page - 1) * kPageSize, kPageSize);
    transaction.frames.push_back({page, sim::Buffer::copy(bytes)});
  }
  return transaction;
}

TEST_F(Books, AFileIsLoadedWholeOrNotAtAll) {
  const std::vector<std::string> file = {"CREATE TABLE t (a, b REAL)",
                                         "INSERT INTO t VALUES (1, 2), ('it''s', 0.05), (NULL, 1e300), (x'00ff', -3)"};
  const DatabaseContent content = books.load(file, problem);
  EXPECT_EQ(problem, "");
  EXPECT_EQ(content.at("t"),
            (std::vector<std::string>{"1, 2.0", "'it's', 0.05", "NULL, 1e+300", std::string("x'\0\xff', -3.0", 11)}));
  EXPECT_EQ(content.at("").size(), 1U);
  std::vector<std::string> bad = file;
  bad.emplace_back("INSERT INTO u VALUES (1)");
  EXPECT_TRUE(books.load(bad, problem).empty());
  EXPECT_EQ(problem, "no such table: u");
}

TEST_F(Books, AStateIsReadFromTheLogsPages) {
  EXPECT_FALSE(books.content_at(model::Bookmark()).has_value());
  const model::EntryRef entry =
      model::Entry::make({}, 1, 20'000, pages_of({"CREATE TABLE t (a)", "INSERT INTO t VALUES (7)"}), {});
  images.add(*entry);
  const std::optional<DatabaseContent> content = books.content_at(entry->bookmark());
  ASSERT_TRUE(content.has_value());
  EXPECT_EQ(content->at("t"), std::vector<std::string>{"7"});
  EXPECT_EQ(*content, books.load(std::vector<std::string>{"CREATE TABLE t (a)", "INSERT INTO t VALUES (7)"}, problem));
}

TEST_F(Books, ADumpOfNorthwindHasTheSizeOfTheSample) {
  for (const std::int64_t edition : {0, 7, -3}) {
    const std::vector<std::string> dump = northwind::dump_of(edition, northwind::Flaw::kNone, true);
    const DatabaseContent content = books.load(dump, problem);
    ASSERT_EQ(problem, "");
    ASSERT_EQ(content.size(), northwind::tables().size() + 1);
    for (const northwind::Table& table : northwind::tables())
      EXPECT_EQ(content.at(std::string(table.name)).size(), static_cast<std::size_t>(table.rows)) << table.name;
    const std::uint32_t pages = pages_of(dump).database_pages;
    EXPECT_GE(pages, 80U);
    EXPECT_LE(pages, 90U);
    std::vector<std::string> again = dump;
    again.insert(again.end(), dump.begin(), dump.end());
    EXPECT_EQ(books.load(again, problem), content) << "it makes everything anew: " << problem;
  }
}

TEST_F(Books, AFlawedDumpCannotBeImported) {
  const auto problem_of = [&](northwind::Flaw flaw) {
    EXPECT_TRUE(books.load(northwind::dump_of(1, flaw, true), problem).empty());
    return problem;
  };
  EXPECT_EQ(problem_of(northwind::Flaw::kBadStatement), "no such table: Ordre");
  EXPECT_EQ(problem_of(northwind::Flaw::kDangling), "FOREIGN KEY constraint failed");
  std::size_t longest = 0;
  for (const std::string& sql : northwind::dump_of(1, northwind::Flaw::kTooLong, true))
    longest = std::max(longest, sql.size());
  EXPECT_GT(longest, 100'000U);
}

TEST_F(Books, AnExportMakesTheSameDatabase) {
  const std::vector<std::string> dump = northwind::dump_of(5, northwind::Flaw::kNone, true);
  std::vector<std::string> queries, file;
  for (const model::Statement& query : northwind::export_queries()) queries.push_back(query.sql);
  pages_of(dump, &file, queries);
  EXPECT_EQ(file.front(), "PRAGMA defer_foreign_keys = on");
  EXPECT_EQ(file.size(), 1 + 13 + 3'308 + 1U);
  const DatabaseContent made = books.load(file, problem);
  EXPECT_EQ(problem, "");
  EXPECT_EQ(model::first_difference(made, books.load(dump, problem)), "");
}

}  // namespace
}  // namespace tidemark::scenarios
