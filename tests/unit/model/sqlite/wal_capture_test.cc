#include "model/sqlite/wal_capture.h"

#include <gtest/gtest.h>

#include "copies.h"

namespace tidemark::model::sqlite {
namespace {

constexpr char kTable[] = "CREATE TABLE t(id INTEGER PRIMARY KEY, v)";
constexpr char kHundredRows[] =
    "INSERT INTO t(v) WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100) SELECT "
    "randomblob(300) FROM c";

/// Applies everything captured to a replica and compares.
void expect_replica_equal(Primary& primary, const std::vector<sim::BufferRef>& image, std::size_t from = 0) {
  Replica replica(primary.size, image);
  for (std::size_t i = from; i < primary.log.commits.size(); ++i) {
    ASSERT_EQ(replica.writer->append(primary.log.commits[i].transaction), sim::IoStatus::kOk);
    replica.writer->publish();
  }
  EXPECT_EQ(content_of(*replica.database), content_of(*primary.raw));
}

TEST(WalCapture, YieldsOneTransactionPerCommitWithTheSizeAfterIt) {
  Primary primary(1024);
  const auto image = copy_image(Image(*primary.vfs));
  EXPECT_TRUE(primary.database->execute(kTable).ok());
  EXPECT_EQ(primary.database->execute("INSERT INTO t(v) VALUES(1)").error.text, "");
  ASSERT_EQ(primary.log.commits.size(), 2U);
  EXPECT_EQ(primary.log.commits[0].transaction.database_pages, 2U);
  EXPECT_EQ(primary.log.commits[1].transaction.frames.size(), 1U);
  EXPECT_EQ(primary.log.commits[1].end.frame, primary.log.commits[0].end.frame + 1);
  expect_replica_equal(primary, image);
}

TEST(WalCapture, SharesPagesWithTheWalAndKnowsTheirChecksums) {
  Primary primary(1024);
  primary.run(kTable);
  const EntryFrame& frame = primary.log.commits[0].transaction.frames[0];
  EXPECT_EQ(frame.bytes, primary.vfs->wal_file().body(0));
  ASSERT_TRUE(frame.bytes->memo().set);
  EXPECT_EQ(page_contribution(*frame.bytes), walk_checksum(frame.bytes->bytes(), {}));
}

TEST(WalCapture, ReportsNothingForRollbackAndNothingOfIt) {
  Primary primary(512);
  const auto image = copy_image(Image(*primary.vfs));
  primary.run(kTable);
  primary.run(std::string("BEGIN; ") + kHundredRows + "; ROLLBACK");
  EXPECT_GT(primary.vfs->wal_file().size(), frame_offset(20, 512)) << "the cache of ten pages must have spilled";
  EXPECT_EQ(primary.log.commits.size(), 1U);
  primary.run("INSERT INTO t(v) VALUES(1)");
  expect_replica_equal(primary, image);
}

TEST(WalCapture, TakesTheLastVersionOfAFrameThatWasWrittenTwice) {
  Primary primary(512);
  const auto image = copy_image(Image(*primary.vfs));
  primary.run(kTable);
  primary.run(std::string("BEGIN; ") + kHundredRows +
              "; UPDATE t SET v = zeroblob(290); UPDATE t SET v = zeroblob(280); COMMIT");
  EXPECT_EQ(primary.log.commits.size(), 2U);
  EXPECT_EQ(primary.capture->repairs(), 0U);
  expect_replica_equal(primary, image);
}

TEST(WalCapture, RepairsTheFramesThatSqliteLeavesWithoutChecksumAfterRollbackTo) {
  Primary primary(512);
  const auto image = copy_image(Image(*primary.vfs));
  const auto rows = [](int count) {
    return "INSERT INTO t(k, v) WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < " +
           std::to_string(count) + ") SELECT i * 7919 % 100, x'' FROM c";
  };
  primary.run("CREATE TABLE t(id INTEGER PRIMARY KEY, k, v)");
  primary.run("CREATE INDEX t_k ON t(k)");
  primary.run(rows(30));
  primary.run("BEGIN; " + rows(100) + "; SAVEPOINT s; " + rows(150) + "; UPDATE t SET v = 'x'; ROLLBACK TO s; " +
              rows(1) + "; COMMIT");
  ASSERT_EQ(primary.log.commits.size(), 4U);
  EXPECT_EQ(primary.capture->repairs(), 1U) << "the library's defect did not show: find other numbers";
  primary.run("INSERT INTO t(v) VALUES(3)");
  const WalScan scan = scan_wal(primary.vfs->wal_file());
  EXPECT_EQ(scan.valid_frames, primary.capture->position().frame) << "recovery would lose a committed transaction";
  EXPECT_EQ(compare_with_recovery(*primary.vfs, 512), "");
  expect_replica_equal(primary, image);
}

TEST(WalCapture, SeesTheFirstFramesOfARestartedWal) {
  Primary primary(1024);
  primary.run(kTable);
  for (int i = 0; i < 20; ++i) primary.run("INSERT INTO t(v) VALUES(1)");
  const auto image = copy_image(Image(*primary.vfs));
  const std::uint64_t size = primary.vfs->wal_file().size();
  const std::size_t before = primary.log.commits.size();
  Checkpointer checkpointer(*primary.database, *primary.capture);
  EXPECT_TRUE(checkpointer.run(primary.capture->position()).complete());
  primary.run("INSERT INTO t(v) VALUES(2)");
  EXPECT_EQ(primary.vfs->wal_file().size(), size) << "the file does not tell";
  ASSERT_EQ(primary.log.commits.size(), before + 1);
  EXPECT_EQ(primary.log.commits.back().end.frame, 1U);
  EXPECT_EQ(primary.log.commits.back().end.generation, primary.log.commits[before - 1].end.generation + 1);
  expect_replica_equal(primary, image, before);
}

TEST(WalCapture, CarriesShrinkingByVacuum) {
  Primary primary(512);
  const auto image = copy_image(Image(*primary.vfs));
  primary.run(kTable);
  primary.run(kHundredRows);
  primary.run("DELETE FROM t WHERE id > 3");
  primary.run("VACUUM");
  EXPECT_LT(primary.log.commits.back().transaction.database_pages, 10U);
  expect_replica_equal(primary, image);
}

TEST(WalCapture, ReportsNothingWhenTheDiskIsFullAtCommit) {
  Primary primary(1024);
  primary.run(kTable);
  primary.files.writes_left = 1;
  EXPECT_EQ(primary.database->execute("INSERT INTO t(v) VALUES(randomblob(3000))").error.text,
            "database or disk is full: SQLITE_FULL");
  EXPECT_EQ(primary.log.commits.size(), 1U);
  primary.files.writes_left = -1;
  EXPECT_EQ(primary.database->execute("INSERT INTO t(v) VALUES(1)").error.text, "");
  EXPECT_EQ(primary.log.commits.size(), 2U);
}

TEST(WalCapture, MistakeC1MissesWritesOfARestartedWal) {
  BugSet bugs;
  bugs.add(Bug::kC1);
  Primary primary(1024, 10, bugs);
  primary.run(kTable);
  for (int i = 0; i < 20; ++i) primary.run("INSERT INTO t(v) VALUES(1)");
  const std::size_t before = primary.log.commits.size();
  Checkpointer(*primary.database, *primary.capture).run(primary.capture->position());
  primary.run("INSERT INTO t(v) VALUES(2)");
  EXPECT_EQ(primary.log.commits.size(), before);
}

TEST(WalCapture, MistakeC2CutsATransaction) {
  BugSet bugs;
  bugs.add(Bug::kC2);
  Primary primary(512, 10, bugs);
  primary.run(kTable);
  const std::size_t before = primary.log.commits.size();
  primary.run(kHundredRows);
  EXPECT_EQ(primary.log.commits.size(), before + 2);
}

}  // namespace
}  // namespace tidemark::model::sqlite
