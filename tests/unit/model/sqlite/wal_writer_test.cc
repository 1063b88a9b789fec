#include "model/sqlite/wal_writer.h"

#include <gtest/gtest.h>

#include "copies.h"

namespace tidemark::model::sqlite {
namespace {

/// A primary with `count` one-row transactions after the table, and a replica at the table.
struct Shipping {
  explicit Shipping(int count = 5) : primary(1024) {
    primary.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    replica = std::make_unique<Replica>(1024, copy_image(Image(*primary.vfs)));
    for (int i = 0; i < count; ++i) primary.run("INSERT INTO t(v) VALUES(" + std::to_string(i) + ")");
  }
  void append(int from, int to) {
    for (int i = from; i < to; ++i) {
      ASSERT_EQ(replica->writer->append(primary.log.commits[static_cast<std::size_t>(i) + 1].transaction),
                sim::IoStatus::kOk);
    }
  }
  std::int64_t rows() { return rows(*replica->database); }
  template <typename Queries>
  std::int64_t rows(Queries& queries) {
    const Outcome outcome = queries.execute("SELECT count(*) FROM t");
    EXPECT_EQ(outcome.error.text, "");
    return outcome.ok() ? outcome.statements[0].rows->row(0)[0].integer : -1;
  }
  Primary primary;
  std::unique_ptr<Replica> replica;
};

TEST(WalWriter, HidesTransactionsUntilTheyArePublished) {
  Shipping s;
  s.append(0, 3);
  EXPECT_EQ(s.rows(), 0);
  EXPECT_EQ(s.replica->writer->hidden_transactions(), 3U);
  s.replica->writer->publish();
  EXPECT_EQ(s.rows(), 1);
  s.replica->writer->publish(2);
  EXPECT_EQ(s.rows(), 3);
  EXPECT_EQ(compare_with_recovery(*s.replica->vfs, 1024), "");
}

TEST(WalWriter, AnOpenReaderKeepsItsSnapshotAcrossPublishes) {
  Shipping s;
  s.append(0, 5);
  s.replica->writer->publish(2);
  SqlError error;
  const std::unique_ptr<ReadTransaction> reader = s.replica->database->begin_read(error);
  s.replica->writer->publish(3);
  EXPECT_EQ(s.rows(*reader), 2);
  EXPECT_EQ(s.rows(), 5);
}

TEST(WalWriter, ASecondConnectionThatOpensLaterSeesNoHiddenFrames) {
  Shipping s;
  s.append(0, 5);
  s.replica->writer->publish(1);
  Connection late(*s.replica->vfs, {Guard::kNone, 100, 16, 0});
  EXPECT_EQ(late.open().text, "");
  StatementOutcome outcome;
  EXPECT_EQ(late.run("SELECT count(*) FROM t", {}, outcome).text, "");
  EXPECT_EQ(outcome.rows->row(0)[0].integer, 1);
}

TEST(WalWriter, StockRecoveryWouldExposeTheHiddenTail) {
  // The reason for open(): the same files under a stock connection without our wal-index show every commit mark.
  Shipping s;
  s.append(0, 5);
  s.replica->writer->publish(1);
  s.replica->stop();
  Connection stock(*s.replica->vfs, {Guard::kNone, 100, 16, 0});
  EXPECT_EQ(stock.open().text, "");
  StatementOutcome outcome;
  EXPECT_EQ(stock.run("SELECT count(*) FROM t", {}, outcome).text, "");
  EXPECT_EQ(outcome.rows->row(0)[0].integer, 5);
}

TEST(WalWriter, ReopeningCutsTheWalBackToTheConfirmedFrame) {
  Shipping s;
  s.append(0, 5);
  s.replica->writer->publish(2);
  const std::uint32_t visible = s.replica->writer->visible_frame();
  s.replica->stop();
  const WalWriter::Opened opened = s.replica->start(visible);
  EXPECT_TRUE(opened.complete);
  EXPECT_EQ(opened.transactions, 2U);
  EXPECT_EQ(s.rows(), 2);
  EXPECT_EQ(s.replica->vfs->wal_file().size(), frame_offset(visible + 1, 1024));
  s.append(2, 5);
  s.replica->writer->publish(3);
  EXPECT_EQ(s.rows(), 5);
}

TEST(WalWriter, ReopeningATornWalReportsWhatIsMissing) {
  Shipping s;
  s.append(0, 5);
  s.replica->writer->publish(5);
  const std::uint32_t visible = s.replica->writer->visible_frame();
  s.replica->stop();
  MemoryFile& wal = s.replica->files.at("db-wal");
  wal.bytes()[frame_offset(visible, 1024) + 100] ^= std::byte{1};
  const WalWriter::Opened opened = s.replica->start(visible);
  EXPECT_FALSE(opened.complete);
  EXPECT_EQ(opened.transactions, 4U);
  EXPECT_EQ(s.rows(), 4);
}

TEST(WalWriter, AnEmptyDatabaseFileIsReportedAndNotOpened) {
  Machine machine(1024);
  WalWriter writer(*machine.vfs);
  const WalWriter::Opened opened = writer.open(0);
  EXPECT_FALSE(opened.complete);
  EXPECT_EQ(opened.pages, 0U);
}

TEST(WalWriter, DroppingTheHiddenTailLeavesNoTraceInTheHashTables) {
  Shipping s;
  s.append(0, 5);
  s.replica->writer->publish(1);
  s.replica->writer->drop_hidden(1);
  EXPECT_EQ(s.replica->writer->hidden_transactions(), 1U);
  s.replica->writer->drop_hidden();
  // Another leader's history takes the place: the third insert comes as the second.
  s.append(4, 5);
  s.replica->writer->publish(1);
  EXPECT_EQ(compare_with_recovery(*s.replica->vfs, 1024), "");
  EXPECT_EQ(content_of(*s.replica->database), s.primary.log.commits[5].content);
}

TEST(WalWriter, RestartsWithNewSaltsAndCarriesTheHiddenTailOver) {
  Shipping s;
  s.append(0, 5);
  s.replica->writer->publish(2);
  const WalScan before = scan_wal(s.replica->vfs->wal_file());
  bool restarted = false;
  EXPECT_TRUE(Checkpointer(*s.replica->database, *s.replica->writer).run(&restarted).complete());
  EXPECT_TRUE(restarted);
  EXPECT_EQ(s.replica->writer->visible_frame(), 0U);
  EXPECT_EQ(s.replica->writer->hidden_transactions(), 3U);
  EXPECT_EQ(s.rows(), 2);
  const WalScan after = scan_wal(s.replica->vfs->wal_file());
  EXPECT_NE(after.salts, before.salts);
  EXPECT_EQ(after.commits.size(), 3U);
  s.replica->writer->publish(3);
  EXPECT_EQ(s.rows(), 5);
  EXPECT_EQ(compare_with_recovery(*s.replica->vfs, 1024), "");
}

TEST(WalWriter, DoesNotRestartUnderAReaderOfTheWal) {
  Shipping s;
  s.append(0, 5);
  s.replica->writer->publish(2);
  SqlError error;
  std::unique_ptr<ReadTransaction> reader = s.replica->database->begin_read(error);
  s.replica->writer->publish(1);
  bool restarted = true;
  const CheckpointReport report = Checkpointer(*s.replica->database, *s.replica->writer).run(&restarted);
  EXPECT_FALSE(report.complete()) << "the reader needs frames that a newer page would cover";
  EXPECT_FALSE(restarted);
  EXPECT_EQ(s.rows(*reader), 2);
  reader.reset();
  EXPECT_TRUE(Checkpointer(*s.replica->database, *s.replica->writer).run(&restarted).complete());
  EXPECT_TRUE(restarted);
  EXPECT_EQ(s.rows(), 3);
}

TEST(WalWriter, DoesNotRestartUnderAReaderOfTheNewestFrame) {
  Shipping s;
  s.append(0, 5);
  s.replica->writer->publish(2);
  SqlError error;
  std::unique_ptr<ReadTransaction> reader = s.replica->database->begin_read(error);
  bool restarted = true;
  EXPECT_TRUE(Checkpointer(*s.replica->database, *s.replica->writer).run(&restarted).complete());
  EXPECT_FALSE(restarted) << "everything is in the file, but it looks into the WAL";
  s.replica->writer->publish(3);
  EXPECT_EQ(s.rows(*reader), 2);
  EXPECT_EQ(s.rows(), 5);
}

TEST(WalWriter, AReaderOfTheDatabaseFileAloneSurvivesARestart) {
  Shipping s;
  s.append(0, 4);
  s.replica->writer->publish(2);
  Checkpointer checkpointer(*s.replica->database, *s.replica->writer);
  checkpointer.prepare();
  EXPECT_TRUE(checkpointer.backfill().complete());
  SqlError error;
  const std::unique_ptr<ReadTransaction> reader = s.replica->database->begin_read(error);
  EXPECT_TRUE(checkpointer.finish());
  s.replica->writer->publish(2);
  EXPECT_FALSE(Checkpointer(*s.replica->database, *s.replica->writer).run().complete()) << "it reads the file";
  EXPECT_EQ(s.rows(*reader), 2);
  EXPECT_EQ(s.rows(), 4);
}

TEST(WalWriter, ClosingTheLastConnectionDoesNotCheckpointNorDeleteTheWal) {
  Shipping s;
  s.append(0, 5);
  s.replica->writer->publish(2);
  const auto database = s.replica->files.at("db").bytes();
  const auto wal = s.replica->files.at("db-wal").bytes();
  s.replica->database.reset();
  EXPECT_EQ(s.replica->files.at("db").bytes(), database);
  EXPECT_EQ(s.replica->files.at("db-wal").bytes(), wal);
  EXPECT_EQ(s.replica->vfs->checkpoint_info()->backfilled, 0U);
}

TEST(WalWriter, KeepsEveryConnectionFromWritingAndFromRecovering) {
  Shipping s;
  s.append(0, 5);
  Connection hands(*s.replica->vfs, {Guard::kNone, 100, 16, 0});
  EXPECT_EQ(hands.open().text, "");
  EXPECT_EQ(hands.run("INSERT INTO t(v) VALUES(1)").text, "database is locked: SQLITE_BUSY");
  // A damaged wal-index must not be "recovered" from the WAL, hidden frames and all.
  s.replica->vfs->index_region(0, false)[20] ^= std::byte{1};
  EXPECT_EQ(s.replica->database->execute("SELECT count(*) FROM t").error.text, "locking protocol: SQLITE_PROTOCOL");
}

TEST(WalWriter, AFullDiskChangesNothing) {
  Shipping s;
  s.append(0, 2);
  s.replica->files.writes_left = 1;
  EXPECT_EQ(s.replica->writer->append(s.primary.log.commits[3].transaction), sim::IoStatus::kNoSpace);
  EXPECT_EQ(s.replica->writer->hidden_transactions(), 2U);
  s.replica->files.writes_left = -1;
  s.append(2, 5);
  s.replica->writer->publish(5);
  EXPECT_EQ(s.rows(), 5);
}

TEST(WalWriter, ABootFromFilesServesThePrimaryRoleToo) {
  // Takeover: the copy is applied as a replica, then stock SQLite writes on in the same WAL.
  Shipping s;
  s.append(0, 5);
  s.replica->writer->publish(5);
  s.replica->database.reset();
  s.replica->writer.reset();
  s.replica->database = open_database(*s.replica->vfs, Role::kPrimary);
  CommitLog log;
  const WalCapture capture(*s.replica->vfs, log);
  const std::uint32_t frame = capture.position().frame;
  EXPECT_TRUE(s.replica->database->execute("INSERT INTO t(v) VALUES(9)").ok());
  ASSERT_EQ(log.commits.size(), 1U);
  EXPECT_EQ(log.commits[0].end.frame, frame + log.commits[0].transaction.frames.size());
  EXPECT_EQ(s.rows(), 6);
}

/// Changes a byte of the file behind the back of who wrote it.
void rot(sim::File& file, std::uint64_t offset) {
  std::byte byte{};
  ASSERT_EQ(file.read(offset, {&byte, 1}), 1U);
  byte ^= std::byte{1};
  file.write(offset, {&byte, 1});
}

TEST(WalWriter, AScrubFindsHeadersThatRotted) {
  for (const std::uint64_t offset : {std::uint64_t{kWalSaltsAt}, frame_offset(2, 1024) + kFrameSaltsAt}) {
    Shipping s;
    s.append(0, 5);
    s.replica->writer->publish(5);
    ASSERT_TRUE(s.replica->vfs->scrub());
    rot(s.replica->vfs->wal_file(), offset);
    EXPECT_FALSE(s.replica->vfs->scrub()) << offset;
  }
}

TEST(WalWriter, MistakeC10LeavesAWalThatNoScrubTakesForRotten) {
  Shipping s;
  s.replica->database.reset();
  s.replica->writer.reset();
  BugSet bugs;
  bugs.add(Bug::kC10);
  s.replica->writer = std::make_unique<WalWriter>(*s.replica->vfs, bugs);
  s.replica->writer->open(0);
  s.replica->database = open_database(*s.replica->vfs, Role::kReplica);
  s.append(0, 2);
  s.replica->writer->publish(2);
  bool restarted = false;
  Checkpointer(*s.replica->database, *s.replica->writer).run(&restarted);
  ASSERT_TRUE(restarted);
  s.append(2, 5);
  s.replica->writer->publish(3);
  EXPECT_EQ(s.rows(), 5);
  EXPECT_TRUE(s.replica->vfs->scrub()) << "else the copy is built anew, and nobody sees the mistake";
  EXPECT_NE(compare_with_recovery(*s.replica->vfs, 1024), "");
}

TEST(WalWriter, MistakeF10StopsInTheMiddleOfATransaction) {
  Shipping s(0);
  s.primary.run("INSERT INTO t(v) VALUES(zeroblob(5000))");
  s.replica->database.reset();
  s.replica->writer.reset();
  BugSet bugs;
  bugs.add(Bug::kF10);
  s.replica->writer = std::make_unique<WalWriter>(*s.replica->vfs, bugs);
  s.replica->writer->open(0);
  s.append(0, 1);
  s.replica->writer->publish();
  const WalScan scan = scan_wal(s.replica->vfs->wal_file());
  EXPECT_NE(scan.commits.back().frame, s.replica->writer->visible_frame());
}

}  // namespace
}  // namespace tidemark::model::sqlite
