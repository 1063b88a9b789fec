#include "model/sqlite/database.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "copies.h"

namespace tidemark::model::sqlite {
namespace {

struct Orders : Primary {
  Orders() : Primary(4096) { must("CREATE TABLE Orders(id INTEGER PRIMARY KEY, customer TEXT, n INTEGER UNIQUE)"); }
  StatementOutcome must(std::string_view sql, const std::vector<SqlValue>& params = {}) {
    Outcome outcome = database->execute(sql, params);
    EXPECT_EQ(outcome.error.text, "") << sql;
    return outcome.ok() ? outcome.statements.back() : StatementOutcome{};
  }
  std::string error(std::string_view sql, const std::vector<SqlValue>& params = {}) {
    return database->execute(sql, params).error.text;
  }
  bool writes(std::string_view sql) {
    bool answer = false;
    EXPECT_EQ(database->is_write(sql, answer).text, "") << sql;
    return answer;
  }
};

TEST(Database, BindsAndReturnsEveryTypeOfValue) {
  Orders db;
  const std::vector<SqlValue> params = {std::monostate{}, std::int64_t{-5}, 1.5, std::string("a\0b", 3),
                                        Blob{std::string("\0\1", 2)}};
  const StatementOutcome outcome = db.must("SELECT ?, ? AS five, ?, ?, ?, x''", params);
  ASSERT_EQ(outcome.rows->rows(), 1U);
  const std::span<const Cell> row = outcome.rows->row(0);
  EXPECT_EQ(row[0].type, CellType::kNull);
  EXPECT_EQ(row[1].integer, -5);
  EXPECT_EQ(row[2].real, 1.5);
  EXPECT_EQ(row[3].text(), std::string_view("a\0b", 3));
  EXPECT_EQ(row[4].type, CellType::kBlob);
  EXPECT_EQ(row[4].text(), std::string_view("\0\1", 2));
  EXPECT_EQ(row[5].type, CellType::kBlob);
  EXPECT_EQ(outcome.rows->names()[1], "five");
}

TEST(Database, ErrorsCarryTheMessageAndTheNameOfTheCode) {
  Orders db;
  EXPECT_EQ(db.error("SELECT * FROM Missing"), "no such table: Missing: SQLITE_ERROR");
  db.must("INSERT INTO Orders VALUES(1, 'a', 1)");
  EXPECT_EQ(db.error("INSERT INTO Orders VALUES(1, 'a', 2)"), "UNIQUE constraint failed: Orders.id: SQLITE_CONSTRAINT");
  EXPECT_EQ(db.error("SELEC"), "near \"SELEC\": syntax error: SQLITE_ERROR");
  EXPECT_EQ(db.error("  -- nothing\n;"), "SQL code did not contain a statement.: SQLITE_ERROR");
  EXPECT_EQ(db.error(std::string("SELECT 1; SELECT 2\0; SELECT 3", 29)),
            "SQL code contained a NUL character.: SQLITE_ERROR");
  EXPECT_EQ(db.error("SELECT ?"), "Wrong number of parameter bindings for SQL query.: SQLITE_ERROR");
  EXPECT_EQ(db.error("SELECT 1", {std::int64_t{1}}), "Wrong number of parameter bindings for SQL query.: SQLITE_ERROR");
}

TEST(Database, RefusesWhatWorkerdRefuses) {
  Orders db;
  for (const char* sql : {"ATTACH 'x' AS y",
                          "DETACH main",
                          "BEGIN",
                          "COMMIT",
                          "ROLLBACK",
                          "SAVEPOINT s",
                          "RELEASE s",
                          "CREATE TEMP TABLE x(a)",
                          "CREATE TEMP VIEW x AS SELECT 1",
                          "PRAGMA journal_mode=DELETE",
                          "PRAGMA wal_checkpoint",
                          "PRAGMA foreign_keys=off",
                          "PRAGMA writable_schema=1",
                          "PRAGMA cache_size=1",
                          "CREATE TABLE _cf_KV(a)",
                          "CREATE TABLE _CF_x(a)",
                          "CREATE VIEW _cf_v AS SELECT 1",
                          "CREATE VIRTUAL TABLE f USING fts4(a)",
                          "CREATE VIRTUAL TABLE temp.f USING fts5(a)",
                          "SELECT load_extension('x')",
                          "SELECT * FROM sqlite_stmt",
                          "SELECT * FROM pragma_journal_mode"}) {
    const std::string text = db.error(sql);
    EXPECT_NE(text, "") << sql;
    EXPECT_TRUE(text.find("not authorized") != std::string::npos || text.find("prohibited") != std::string::npos ||
                text.find("SQLITE_AUTH") != std::string::npos)
        << sql << ": " << text;
  }
  EXPECT_NE(db.error("VACUUM"), "");
}

TEST(Database, AllowsWhatWorkerdAllows) {
  Orders db;
  for (const char* sql : {"CREATE VIRTUAL TABLE f USING fts5(a)",
                          "INSERT INTO f VALUES('hello world')",
                          "SELECT * FROM f WHERE f MATCH 'hello'",
                          "CREATE VIRTUAL TABLE r USING rtree(id, a, b)",
                          "INSERT INTO r VALUES(1, 2, 3)",
                          "PRAGMA table_info(Orders)",
                          "SELECT * FROM pragma_table_info('Orders')",
                          "PRAGMA quick_check",
                          "PRAGMA optimize",
                          "PRAGMA defer_foreign_keys=on",
                          "CREATE VIEW v AS SELECT 1",
                          "ALTER TABLE Orders ADD COLUMN x",
                          "ALTER TABLE Orders RENAME COLUMN x TO y",
                          "ALTER TABLE Orders RENAME TO Orders2",
                          "CREATE TRIGGER tr AFTER INSERT ON Orders2 BEGIN SELECT 1; END",
                          "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 5) SELECT * FROM c",
                          "DROP TRIGGER tr",
                          "DROP VIEW v",
                          "DROP TABLE Orders2",
                          "DROP TABLE f"}) {
    EXPECT_EQ(db.error(sql), "") << sql;
  }
}

TEST(Database, VacuumIsTheOwnersAloneAndKeepsSnapshots) {
  Orders db;
  for (int i = 0; i < 300; ++i)
    db.must("INSERT INTO Orders VALUES(?, printf('%.400c', 'x'), ?)", {std::int64_t{i}, std::int64_t{i}});
  db.must("DELETE FROM Orders WHERE id >= 10");
  EXPECT_NE(db.error("VACUUM"), "");
  const std::int64_t before = db.database->size_bytes();
  SqlError problem;
  const std::unique_ptr<ReadTransaction> snapshot = db.database->begin_read(problem);
  ASSERT_NE(snapshot, nullptr) << problem.text;
  const Outcome outcome = db.database->vacuum();
  EXPECT_EQ(outcome.error.text, "");
  EXPECT_TRUE(outcome.wrote);
  EXPECT_LT(db.database->size_bytes(), before / 2);
  EXPECT_EQ(outcome.cost.pages_written, static_cast<std::uint64_t>(db.database->size_bytes() / 4096));
  EXPECT_EQ(snapshot->execute("SELECT count(*) FROM Orders").statements.at(0).rows->row(0)[0].integer, 10);
  EXPECT_EQ(db.must("SELECT count(*) FROM Orders").rows->row(0)[0].integer, 10);
}

TEST(Database, HasTheEngineLimitsOfWorkerd) {
  Orders db;
  EXPECT_NE(db.error("SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6"), "");
  EXPECT_NE(db.error("SELECT 1 WHERE 'a' LIKE '" + std::string(51, 'x') + "'"), "");
  EXPECT_EQ(db.error("SELECT zeroblob(5000000)"), "string or blob too big: SQLITE_TOOBIG");
  EXPECT_NE(db.error("SELECT ?101"), "");
  EXPECT_NE(db.error("SELECT '" + std::string(100001, 'x') + "'"), "");
  std::string columns = "CREATE TABLE wide(c0";
  for (int i = 1; i <= 100; ++i) columns += ", c" + std::to_string(i);
  EXPECT_NE(db.error(columns + ")"), "");
}

TEST(Database, ClassifiesBySqlitesOwnFlag) {
  Orders db;
  for (const char* sql : {"SELECT 1", "VALUES(1)", "WITH x AS (SELECT 1) SELECT * FROM x", "PRAGMA table_info(Orders)",
                          "SELECT 1; SELECT 2"}) {
    EXPECT_FALSE(db.writes(sql)) << sql;
  }
  for (const char* sql :
       {"DELETE FROM Orders WHERE 0", "WITH x AS (SELECT 1) DELETE FROM Orders", "EXPLAIN DELETE FROM Orders",
        "CREATE TABLE IF NOT EXISTS Orders(a)", "SELECT 1; DELETE FROM Orders", "CREATE TABLE n(a); SELECT * FROM n",
        "INSERT INTO Orders VALUES(1, 2, 3) RETURNING id"}) {
    EXPECT_TRUE(db.writes(sql)) << sql;
  }
  bool answer = true;
  EXPECT_EQ(db.database->is_write("SELECT * FROM Missing", answer).text, "no such table: Missing: SQLITE_ERROR");
  EXPECT_FALSE(answer);
  EXPECT_EQ(db.must("SELECT count(*) FROM Orders").rows->row(0)[0].integer, 0) << "asking runs nothing";
}

TEST(Database, AReplicaClassifiesButNeverWrites) {
  Orders db;
  Replica replica(4096, copy_image(Image(*db.vfs)));
  bool writes = false;
  EXPECT_EQ(replica.database->is_write("DELETE FROM Orders", writes).text, "");
  EXPECT_TRUE(writes);
  EXPECT_EQ(replica.database->execute("DELETE FROM Orders").error.text,
            "attempt to write a readonly database: SQLITE_READONLY");
  EXPECT_EQ(replica.database->execute("SELECT 1; DELETE FROM Orders").error.text,
            "attempt to write a readonly database: SQLITE_READONLY");
  // PRAGMA optimize says that it only reads and writes all the same; here it cannot.
  EXPECT_TRUE(replica.database->execute("SELECT count(*) FROM Orders").ok());
  const auto wal = replica.files.at("db-wal").bytes();
  replica.database->execute("PRAGMA optimize(0x10002)");
  EXPECT_EQ(replica.files.at("db-wal").bytes(), wal);
  EXPECT_TRUE(replica.database->execute("SELECT count(*) FROM Orders").ok());
}

TEST(Database, RunsAllStatementsOfATextAndReturnsTheLast) {
  Orders db;
  const StatementOutcome outcome = db.must(
      "CREATE TABLE a(x); INSERT INTO a VALUES(1), (2); -- done\n SELECT sum(x) + ? FROM a;", {std::int64_t{10}});
  EXPECT_EQ(outcome.rows->row(0)[0].integer, 13);
  EXPECT_EQ(outcome.changes, 2);
  EXPECT_EQ(db.log.commits.size(), 2U) << "one transaction";
  EXPECT_NE(db.error("SELECT ?; SELECT 1", {std::int64_t{1}}), "");
  EXPECT_NE(db.error("INSERT INTO a VALUES(7); SELECT * FROM missing"), "");
  EXPECT_EQ(db.must("SELECT count(*) FROM a WHERE x = 7").rows->row(0)[0].integer, 0) << "an error rolls all back";
}

TEST(Database, ABatchIsOneTransaction) {
  Orders db;
  const std::vector<SqlValue> one = {std::int64_t{1}}, two = {std::int64_t{2}};
  const std::vector<StatementView> good = {{"INSERT INTO Orders(n) VALUES(?)", one},
                                           {"INSERT INTO Orders(n) VALUES(?)", two},
                                           {"SELECT n FROM Orders ORDER BY n", {}}};
  const Outcome outcome = db.database->batch(good);
  ASSERT_EQ(outcome.error.text, "");
  ASSERT_EQ(outcome.statements.size(), 3U);
  EXPECT_EQ(outcome.statements[2].rows->rows(), 2U);
  EXPECT_EQ(outcome.statements[1].last_row_id, 2);
  EXPECT_TRUE(outcome.wrote);
  EXPECT_EQ(db.log.commits.size(), 2U);
  const std::vector<StatementView> bad = {{"DELETE FROM Orders", {}},
                                          {"INSERT INTO Orders(id, n) VALUES(5, 5), (5, 6)", {}}};
  const Outcome failed = db.database->batch(bad);
  EXPECT_EQ(failed.error.text, "UNIQUE constraint failed: Orders.id: SQLITE_CONSTRAINT");
  EXPECT_TRUE(failed.statements.empty());
  EXPECT_EQ(db.log.commits.size(), 2U);
  EXPECT_EQ(db.must("SELECT count(*) FROM Orders").rows->row(0)[0].integer, 2);
}

TEST(Database, AConstraintThatFailsAtCommitRollsBack) {
  Orders db;
  db.must("CREATE TABLE child(o INTEGER REFERENCES Orders(id) DEFERRABLE INITIALLY DEFERRED)");
  const std::vector<StatementView> statements = {{"INSERT INTO child VALUES(99)", {}}, {"SELECT 1", {}}};
  EXPECT_EQ(db.database->batch(statements).error.text, "FOREIGN KEY constraint failed: SQLITE_CONSTRAINT");
  EXPECT_EQ(db.must("SELECT count(*) FROM child").rows->row(0)[0].integer, 0);
  EXPECT_NE(db.error("INSERT INTO child VALUES(99)"), "");
}

TEST(Database, MetaTellsWhatHappened) {
  Orders db;
  StatementOutcome outcome = db.must("INSERT INTO Orders(n) VALUES(1), (2), (3)");
  EXPECT_EQ(outcome.changes, 3);
  EXPECT_EQ(outcome.rows_written, 3);
  EXPECT_EQ(outcome.last_row_id, 3);
  EXPECT_TRUE(outcome.changed_db);
  EXPECT_EQ(outcome.size_after, 3 * 4096);
  outcome = db.must("SELECT * FROM Orders WHERE customer IS NULL");
  EXPECT_EQ(outcome.changes, 0);
  EXPECT_EQ(outcome.last_row_id, 3) << "stale, as in production";
  EXPECT_FALSE(outcome.changed_db);
  EXPECT_EQ(outcome.rows_read, 3);
  EXPECT_GT(outcome.vm_steps, 0U);
  EXPECT_FALSE(db.must("UPDATE Orders SET n = 1 WHERE id = 77").changed_db);
  EXPECT_TRUE(db.must("CREATE TABLE other(a)").changed_db) << "the size moved";
  const Outcome read = db.database->execute("SELECT count(*) FROM Orders");
  EXPECT_FALSE(read.wrote);
  EXPECT_EQ(read.cost.pages_written, 0U);
}

TEST(Database, KnowsNewColumnsAfterTheSchemaChanged) {
  Orders db;
  EXPECT_EQ(db.must("SELECT * FROM Orders").rows->columns(), 3U);
  db.must("ALTER TABLE Orders ADD COLUMN extra DEFAULT 4");
  db.must("INSERT INTO Orders(n) VALUES(1)");
  EXPECT_EQ(db.must("SELECT * FROM Orders").rows->names().back(), "extra");
}

TEST(Database, KeepsABoundedNumberOfStatements) {
  Primary primary(4096);
  SqlError error;
  DatabaseSettings settings;
  settings.statement_limit = 2;
  const std::unique_ptr<Database> database = Database::open(*primary.vfs, Role::kPrimary, settings, error);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(database->execute("SELECT " + std::to_string(i)).ok());
    EXPECT_TRUE(database->execute("SELECT 1; SELECT 2; SELECT 3").ok());
  }
}

TEST(Database, InterruptsAStatementThatRunsForTooManySteps) {
  Primary primary(4096);
  SqlError error;
  DatabaseSettings settings;
  settings.step_limit = 100000;
  const std::unique_ptr<Database> database = Database::open(*primary.vfs, Role::kPrimary, settings, error);
  EXPECT_EQ(database->execute("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT count(*) FROM c")
                .error.text,
            "interrupted: SQLITE_INTERRUPT");
  EXPECT_TRUE(database->execute("SELECT 1").ok());
}

TEST(Database, AnInterruptedBatchLeavesNothing) {
  Primary primary(4096);
  SqlError error;
  DatabaseSettings settings;
  settings.step_limit = 100000;
  const std::unique_ptr<Database> database = Database::open(*primary.vfs, Role::kPrimary, settings, error);
  ASSERT_TRUE(database->execute("CREATE TABLE t (n)").ok());
  const std::vector<StatementView> batch = {
      {"INSERT INTO t VALUES (1)", {}},
      {"INSERT INTO t WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT i FROM c", {}}};
  const Outcome outcome = database->batch(batch);
  EXPECT_EQ(outcome.error.code, SQLITE_INTERRUPT);
  EXPECT_GE(outcome.cost.vm_steps, 99000U) << "the time was spent";
  EXPECT_EQ(database->execute("SELECT count(*) FROM t").statements[0].rows->row(0)[0].integer, 0);
}

TEST(Database, RefusesAResultThatFitsNoWorker) {
  Primary primary(4096);
  SqlError error;
  const std::unique_ptr<Database> database = Database::open(*primary.vfs, Role::kPrimary, {}, error);
  const std::string rows =
      "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT {}) SELECT zeroblob(1000000) FROM c";
  const auto of = [&rows](const char* count) { return std::string(rows).replace(rows.find("{}"), 2, count); };
  EXPECT_TRUE(database->execute(of("120")).ok());
  EXPECT_EQ(database->execute(of("140")).error.text, "out of memory: SQLITE_NOMEM");
  EXPECT_TRUE(database->execute("SELECT 1").ok());
}

TEST(Database, SixReadersHoldTheirSnapshotsAndGiveTheirConnectionsBack) {
  Orders db;
  std::vector<std::unique_ptr<ReadTransaction>> readers;
  SqlError error;
  for (int i = 0; i < 6; ++i) {
    readers.push_back(db.database->begin_read(error));
    EXPECT_EQ(error.text, "");
    db.must("INSERT INTO Orders(n) VALUES(" + std::to_string(i) + ")");
  }
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(readers[static_cast<std::size_t>(i)]
                  ->execute("SELECT count(*) FROM Orders")
                  .statements[0]
                  .rows->row(0)[0]
                  .integer,
              i);
  }
  EXPECT_NE(readers[0]->execute("DELETE FROM Orders").error.text, "");
  readers.clear();
  const std::uint32_t connections = db.vfs->open_connections();
  readers.push_back(db.database->begin_read(error));
  EXPECT_EQ(db.vfs->open_connections(), connections);
}

TEST(Database, ExplainOfAVirtualTableShowsNoAddress) {
  Orders db;
  db.must("CREATE VIRTUAL TABLE f USING fts5(a)");
  const ResultSetRef rows = db.must("EXPLAIN SELECT * FROM f").rows;
  bool seen = false;
  for (std::uint32_t i = 0; i < rows->rows(); ++i) {
    if (rows->row(i)[5].type != CellType::kText || rows->row(i)[5].text().substr(0, 5) != "vtab:") continue;
    seen = true;
    EXPECT_EQ(rows->row(i)[5].text(), "vtab:");
  }
  EXPECT_TRUE(seen);
}

TEST(Database, ExplainIsCompiledAgainBecauseItDoesNotNoticeANewSchema) {
  Orders db;
  const std::string explain = "EXPLAIN INSERT INTO Orders SELECT NULL, NULL, NULL";
  const std::uint32_t before = db.must(explain).rows->rows();
  for (int i = 0; i < 20; ++i) {
    db.must("DROP TABLE Orders; CREATE TABLE Orders(id INTEGER PRIMARY KEY, customer TEXT, n INTEGER UNIQUE)");
    db.must("CREATE TABLE t" + std::to_string(i) + "(a, b, c, d)");
    EXPECT_TRUE(db.writes(explain));
    EXPECT_EQ(db.must(explain).rows->rows(), before);
  }
  db.must("DROP TABLE Orders; CREATE TABLE Orders(id INTEGER PRIMARY KEY, customer TEXT, n INTEGER)");
  EXPECT_LT(db.must(explain).rows->rows(), before) << "there is one index less";
}

TEST(Library, RandomNumbersDependOnTheSeedAndTheRequestAlone) {
  const auto draw = [] {
    reset_for_run(5);
    Orders db;
    const std::int64_t first = db.must("SELECT random()").rows->row(0)[0].integer;
    return std::pair(first, db.must("SELECT random()").rows->row(0)[0].integer);
  };
  const auto once = draw();
  Orders other;
  other.must("SELECT random()");
  EXPECT_EQ(draw(), once);
  EXPECT_NE(once.first, once.second);
}

TEST(Library, TheClockIsVirtualAndLocalTimeIsUtc) {
  Orders db;
  EXPECT_EQ(db.must("SELECT strftime('%s', 'now')").rows->row(0)[0].text(), "1750000000");
  EXPECT_EQ(db.must("SELECT datetime('now', 'localtime') = datetime('now')").rows->row(0)[0].integer, 1);
  EXPECT_EQ(library_version().substr(0, 2), "3.");
}

TEST(Image, ExportedFilesOpenWithTheStockLibraryAndShowOnlyWhatIsVisible) {
  Orders db;
  Replica replica(4096, copy_image(Image(*db.vfs)));
  db.must("INSERT INTO Orders(n) VALUES(1)");
  db.must("INSERT INTO Orders(n) VALUES(2)");
  for (std::size_t i = 1; i < db.log.commits.size(); ++i) replica.writer->append(db.log.commits[i].transaction);
  replica.writer->publish(1);
  const ExportedFiles files = export_files(*replica.vfs);
  const std::string path = ::testing::TempDir() + "tidemark_exported.db";
  const auto save = [](const std::string& name, const std::vector<std::byte>& bytes) {
    std::ofstream(name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  };
  std::remove((path + "-shm").c_str());
  save(path, files.database);
  save(path + "-wal", files.wal);
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE, "unix"), SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  ASSERT_EQ(sqlite3_prepare_v2(handle, "SELECT count(*), (SELECT * FROM pragma_integrity_check) FROM Orders", -1,
                               &statement, nullptr),
            SQLITE_OK);
  ASSERT_EQ(sqlite3_step(statement), SQLITE_ROW);
  EXPECT_EQ(sqlite3_column_int(statement, 0), 1);
  EXPECT_STREQ(reinterpret_cast<const char*>(sqlite3_column_text(statement, 1)), "ok");
  sqlite3_finalize(statement);
  sqlite3_close(handle);
  for (const char* suffix : {"", "-wal", "-shm"}) std::remove((path + suffix).c_str());
}

TEST(Image, ReadsPagesAsAConnectionWould) {
  Orders db;
  db.must("INSERT INTO Orders(n, customer) VALUES(1, hex(zeroblob(20000)))");
  const Image image(*db.vfs);
  EXPECT_EQ(image.pages(), db.vfs->database_pages());
  EXPECT_EQ(image.page(0), nullptr);
  EXPECT_EQ(image.page(image.pages() + 1), nullptr);
  Machine copy(4096);
  ASSERT_EQ(install_image(*copy.vfs, copy_image(image)), sim::IoStatus::kOk);
  WalWriter writer(*copy.vfs);
  EXPECT_TRUE(writer.open(0).complete);
  EXPECT_EQ(content_of(*open_database(*copy.vfs, Role::kReplica)), content_of(*db.raw));
}

}  // namespace
}  // namespace tidemark::model::sqlite
